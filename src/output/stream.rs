//! Writes to stdout, and to stderr for another program's output.

use std::io::{self, BufWriter, Write};

use crate::error::Error;
use crate::process::stdio::StdStream;

/// Unbuffered stdout. Unlike the standard library's, it fails if stdout was closed.
pub(super) struct Stdout(Option<RawStdout>);

#[cfg(unix)]
type RawStdout = std::fs::File;
/// The standard library converts the text for a Windows console.
#[cfg(not(unix))]
type RawStdout = io::Stdout;

impl Stdout {
    pub(super) fn new() -> Self {
        Stdout(if StdStream::Stdout.was_closed() { None } else { raw_stdout() })
    }
}

#[cfg(unix)]
fn raw_stdout() -> Option<RawStdout> {
    use std::os::fd::AsFd;
    io::stdout().as_fd().try_clone_to_owned().ok().map(RawStdout::from)
}

#[cfg(not(unix))]
fn raw_stdout() -> Option<RawStdout> {
    Some(io::stdout())
}

impl Write for Stdout {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.0 {
            Some(stdout) => stdout.write(bytes),
            None => Err(io::Error::other("it is closed")),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.as_mut().map_or(Ok(()), Write::flush)
    }
}

/// Stdout for lines that are written as soon as they are known.
pub struct StdoutStream(BufWriter<Stdout>);

/// The reader at the other end of stdout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reader {
    /// It can still read.
    Open,
    /// It closed the pipe, because it has all that it wanted.
    Closed,
}

impl StdoutStream {
    /// Opens stdout.
    pub fn new() -> Self {
        StdoutStream(BufWriter::with_capacity(64 << 10, Stdout::new()))
    }

    /// Writes and flushes a text.
    ///
    /// # Errors
    /// Returns an error if the text could not be written completely. A closed pipe is not an error.
    pub fn write(&mut self, text: &str) -> Result<Reader, Error> {
        self.write_by(|stdout| stdout.write_all(text.as_bytes()))
    }

    /// Writes and flushes what `write` produces, so that it is never in memory as a whole.
    ///
    /// # Errors
    /// Returns an error if it could not be written completely. A closed pipe is not an error.
    pub fn write_by(&mut self, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<Reader, Error> {
        match write(&mut self.0).and_then(|()| self.0.flush()) {
            Ok(()) => Ok(Reader::Open),
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(Reader::Closed),
            Err(error) => Err(not_written("stdout", &error)),
        }
    }
}

/// Returns stdout and stderr for the output of another program, which can be any bytes.
pub fn streams() -> (Box<dyn Write>, Box<dyn Write>) {
    let out = console(&io::stdout()).map_or_else(|| Box::new(Stdout::new()) as Box<dyn Write>, |to| Box::new(to));
    let err = console(&io::stderr()).map_or_else(|| Box::new(io::stderr()) as Box<dyn Write>, |to| Box::new(to));
    (out, err)
}

/// Opens the Windows console behind a stream. It takes bytes in its own code page; the standard library writes only UTF-8.
#[cfg(windows)]
fn console(stream: &impl io::IsTerminal) -> Option<std::fs::File> {
    let open = || std::fs::File::options().read(true).write(true).open("CONOUT$").ok();
    stream.is_terminal().then(open).flatten()
}

/// A Unix terminal takes any bytes.
#[cfg(not(windows))]
fn console(_: &impl io::IsTerminal) -> Option<std::fs::File> {
    None
}

/// Converts the result of writing another program's output.
///
/// # Errors
/// Returns an error if it could not be written completely. A closed pipe is not an error.
pub fn passed_on(written: io::Result<()>) -> Result<(), Error> {
    match written {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(not_written("stdout", &error)),
        _ => Ok(()),
    }
}

/// Lends stdout to work that prints first and then runs for long, such as a sandbox without a command.
///
/// # Errors
/// Returns an error if stdout could not be written.
#[cfg(feature = "sandbox")]
pub fn while_waiting(work: impl FnOnce(&mut dyn Write) -> io::Result<i32>) -> Result<i32, Error> {
    work(&mut Stdout::new()).map_err(|error| not_written("stdout", &error))
}

pub(super) fn not_written(to: &str, error: &io::Error) -> Error {
    Error::Write { to: to.to_owned(), reason: error.to_string() }
}
