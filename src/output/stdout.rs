//! Stdout itself, without the standard library's kindness: there a stream that cannot be written to takes everything.

use std::io::{self, Write};

use crate::process::stdio::StdStream;

/// Stdout, unbuffered: what cannot be written is an error.
pub(super) struct Stdout(Option<Open>);

#[cfg(unix)]
type Open = std::fs::File;
/// Its console takes text alone, which the standard library sees to.
#[cfg(not(unix))]
type Open = io::Stdout;

impl Stdout {
    /// The stdout that the process was given, unless that was closed.
    pub(super) fn new() -> Self {
        Stdout(if StdStream::Stdout.was_closed() { None } else { open() })
    }
}

#[cfg(unix)]
fn open() -> Option<Open> {
    use std::os::fd::AsFd;
    io::stdout().as_fd().try_clone_to_owned().ok().map(Open::from)
}

#[cfg(not(unix))]
fn open() -> Option<Open> {
    Some(io::stdout())
}

impl Write for Stdout {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.0 {
            Some(open) => open.write(bytes),
            None => Err(io::Error::other("it is closed")),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.as_mut().map_or(Ok(()), Write::flush)
    }
}
