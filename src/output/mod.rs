//! Where an answer goes: stdout or a file of its own, whole or not at all; and the formats it can have.
//!
//! This is the only module that writes to stdout and stderr.

mod decode;
pub mod diagnose;
pub mod error;
pub mod finished;
mod fold;
mod interrupt;
pub mod json;
pub mod log;
pub mod notices;
pub mod progress;
pub mod report;
mod stdout;
pub mod stream;
pub mod table;
pub mod terminal;
pub mod tsv;
pub mod usage;
pub mod value;
pub mod variables;

use std::fs;
use std::io::{self, BufWriter, Read, Seek, Write};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use crate::args::OutFile;
use crate::bounded_file::{self, ReadError};
use crate::error::Error;

use stdout::Stdout;

/// What a command has to say.
pub struct Answer {
    /// What it says; it can be a secret's.
    pub body: Body,
    /// Whether a newline follows them.
    pub newline: Newline,
    /// Where they go.
    pub destination: Destination,
    /// What is added to the end of a file once the bytes are written.
    pub append: Option<Append>,
    /// What to tell the person beside it, on stderr.
    pub warnings: Vec<String>,
    /// What is good to know beside it, on stderr.
    pub notes: Vec<String>,
}

/// The bytes of an answer.
pub enum Body {
    /// All of them.
    Whole(Zeroizing<Vec<u8>>),
    /// Made when they are written, so that many values never lie beside what is printed of them.
    Pieces(Box<Pieces>),
}

type Pieces = dyn Fn(&mut dyn Write) -> io::Result<()>;

impl Body {
    /// Bytes that are made when they are written. Nothing can be against it any more but the writer.
    pub fn pieces(write: impl Fn(&mut dyn Write) -> io::Result<()> + 'static) -> Self {
        Body::Pieces(Box::new(write))
    }

    fn write(&self, to: &mut dyn Write) -> io::Result<()> {
        match self {
            Body::Whole(bytes) => to.write_all(bytes),
            Body::Pieces(write) => {
                let mut to = BufWriter::with_capacity(64 << 10, to);
                write(&mut to)?;
                to.flush()
            }
        }
    }
}

/// Text for the end of a file that somebody else reads, as a CI runner does.
pub struct Append {
    /// The file, which is there.
    pub path: PathBuf,
    /// The text; it can be a secret's.
    pub bytes: Zeroizing<Vec<u8>>,
}

/// When a newline follows the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Newline {
    /// Never: the bytes are all there is.
    Never,
    /// Where a person would otherwise find the prompt behind the value.
    OnTerminal,
}

/// Where an answer goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Destination {
    /// Stdout.
    Stdout,
    /// A file that only its owner can read.
    File(PathBuf, IfExists),
}

impl Destination {
    /// What was asked for, checked before anything is fetched for it.
    ///
    /// # Errors
    /// A file may not be put there.
    pub fn from_args(out: &OutFile) -> Result<Self, Error> {
        let Some(path) = &out.path else { return Ok(Destination::Stdout) };
        let if_exists = if out.force { IfExists::Replace } else { IfExists::Fail };
        check_file(path, if_exists)?;
        Ok(Destination::File(path.clone(), if_exists))
    }
}

/// What to do about a file that is there already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IfExists {
    /// Leave it alone and fail.
    Fail,
    /// Put the new one in its place.
    Replace,
}

impl Answer {
    /// Text for stdout, with a newline as it stands.
    pub fn text(text: impl Into<Vec<u8>>) -> Self {
        Answer {
            body: Body::Whole(Zeroizing::new(text.into())),
            newline: Newline::Never,
            destination: Destination::Stdout,
            append: None,
            warnings: Vec::new(),
            notes: Vec::new(),
        }
    }

    /// Writes it, whole or not at all.
    ///
    /// # Errors
    /// A value that could not be written whole. A reader that went away is none: it had what it wanted.
    pub fn write(&self) -> Result<(), Error> {
        match &self.destination {
            Destination::Stdout => {
                let newline: &[u8] = match self.newline {
                    Newline::OnTerminal if terminal::stdout_is_terminal() => b"\n",
                    _ => b"",
                };
                let mut stdout = Stdout::new();
                let written =
                    self.body.write(&mut stdout).and_then(|()| stdout.write_all(newline)).and_then(|()| stdout.flush());
                match written {
                    // Where more is to come, nobody has had all that they wanted.
                    Err(error) if error.kind() == io::ErrorKind::BrokenPipe && self.append.is_none() => {}
                    written => written.map_err(|error| not_written("stdout", &error))?,
                }
            }
            Destination::File(path, if_exists) => {
                interrupt::held(|interrupted| write_file(path, *if_exists, &self.body, interrupted))?;
            }
        }
        self.append.as_ref().map_or(Ok(()), Append::write)
    }
}

impl Append {
    /// Begins a line of its own: an entry behind a last line without an end would become a part of it.
    fn write(&self) -> Result<(), Error> {
        let failed = |error: io::Error| not_written(&self.path.display().to_string(), &error);
        let mut file = bounded_file::open_to_append(&self.path).map_err(|unread| match unread {
            ReadError::Io(error) => failed(error),
            unread => failed(io::Error::other(unread.to_string())),
        })?;
        let mut bytes = Zeroizing::new(Vec::with_capacity(self.bytes.len() + 2));
        if file.metadata().is_ok_and(|found| found.is_file() && found.len() > 0) && !ends_a_line(&self.path) {
            bytes.extend_from_slice(variables::END_OF_LINE.as_bytes());
        }
        bytes.extend_from_slice(&self.bytes);
        let before = file.metadata().map_err(failed)?.len();
        file.write_all(&bytes).map_err(|error| {
            // Half of a value is none; where it cannot be taken back the error has been told.
            let _ = file.set_len(before);
            failed(error)
        })
    }
}

fn ends_a_line(path: &Path) -> bool {
    let last = bounded_file::open(path).map_err(|unread| io::Error::other(unread.to_string())).and_then(|mut file| {
        let mut last = [0];
        file.seek(io::SeekFrom::End(-1))?;
        file.read_exact(&mut last)?;
        Ok(last[0])
    });
    // What cannot be read back is taken for whole.
    last.map_or(true, |byte| byte == b'\n')
}

/// Stdout and stderr, for passing on what another program prints, whatever bytes those are.
pub fn streams() -> (Box<dyn Write>, Box<dyn Write>) {
    let out = console(&io::stdout()).map_or_else(|| Box::new(Stdout::new()) as Box<dyn Write>, |to| Box::new(to));
    let err = console(&io::stderr()).map_or_else(|| Box::new(io::stderr()) as Box<dyn Write>, |to| Box::new(to));
    (out, err)
}

/// The console behind a stream of Windows, which takes bytes in a code page of its own. The standard library would write
/// UTF-8 to it and nothing else.
#[cfg(windows)]
fn console(stream: &impl io::IsTerminal) -> Option<fs::File> {
    let open = || fs::File::options().read(true).write(true).open("CONOUT$").ok();
    stream.is_terminal().then(open).flatten()
}

/// A terminal of Unix takes any bytes.
#[cfg(not(windows))]
fn console(_: &impl io::IsTerminal) -> Option<fs::File> {
    None
}

/// What became of passing on what another program printed.
///
/// # Errors
/// It could not be written whole. A reader that went away is none.
pub fn passed_on(written: io::Result<()>) -> Result<(), Error> {
    match written {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(not_written("stdout", &error)),
        _ => Ok(()),
    }
}

/// Hands stdout to somebody who writes to it and then goes on for long, as a sandbox without a command does.
///
/// # Errors
/// What was told could not be written.
#[cfg(feature = "sandbox")]
pub fn while_waiting(work: impl FnOnce(&mut dyn Write) -> io::Result<i32>) -> Result<i32, Error> {
    work(&mut Stdout::new()).map_err(|error| not_written("stdout", &error))
}

/// Whether a file may be put there: it is new or may be replaced, and its folder is there.
fn check_file(path: &Path, if_exists: IfExists) -> Result<(), Error> {
    let to = path.display().to_string();
    let problem = |reason: &str| Error::Write { to: to.clone(), reason: reason.to_owned() };
    match fs::symlink_metadata(path) {
        Ok(found) if found.is_dir() => Err(problem("it is a folder")),
        Ok(_) if if_exists == IfExists::Fail => Err(problem("it exists; --force replaces it")),
        // What it stands for would be lost: a device, a pipe, or whatever a link leads to that is there and no file.
        Ok(_) if path.metadata().is_ok_and(|found| !found.is_file()) => {
            Err(problem("it is neither a regular file nor a link to one"))
        }
        _ if !folder_of(path).is_dir() => Err(problem("its folder does not exist")),
        _ => Ok(()),
    }
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Writes beside the target and moves it there, so that nobody ever sees half of it. The file is its owner's alone from
/// the beginning.
fn write_file(path: &Path, if_exists: IfExists, body: &Body, interrupted: &dyn Fn() -> bool) -> Result<(), Error> {
    let to = path.display().to_string();
    let failed = |error: io::Error| not_written(&to, &error);
    let mut file = tempfile::Builder::new().prefix(".azfob-").tempfile_in(folder_of(path)).map_err(failed)?;
    body.write(&mut file).and_then(|()| file.as_file().sync_all()).map_err(failed)?;
    if interrupted() {
        return Err(failed(io::ErrorKind::Interrupted.into()));
    }
    check_file(path, if_exists)?;
    let moved = match if_exists {
        IfExists::Fail => file.persist_noclobber(path),
        IfExists::Replace => file.persist(path),
    };
    match moved {
        Ok(_) => Ok(()),
        Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => check_file(path, IfExists::Fail),
        Err(error) => Err(failed(error.error)),
    }
}

fn not_written(to: &str, error: &io::Error) -> Error {
    Error::Write { to: to.to_owned(), reason: error.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_its_owners_alone_and_never_replaced_unasked() {
        let whole = |bytes: &[u8]| Body::Whole(Zeroizing::new(bytes.to_vec()));
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        write_file(&path, IfExists::Fail, &whole(b"one"), &|| false).unwrap();
        assert!(write_file(&path, IfExists::Fail, &whole(b"two"), &|| false).is_err());
        assert_eq!(fs::read(&path).unwrap(), b"one");
        write_file(&path, IfExists::Replace, &whole(b"three"), &|| false).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"three");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
        assert!(write_file(&folder.path().join("other"), IfExists::Fail, &whole(b"four"), &|| true).is_err());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left behind");
    }
}
