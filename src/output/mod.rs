//! Where an answer goes: stdout or a file of its own, whole or not at all; and the formats it can have.
//!
//! This is the only module that writes to stdout and stderr.

pub mod diagnose;
pub mod error;
pub mod json;
pub mod log;
mod redact;
pub mod report;
pub mod table;
pub mod terminal;

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use crate::error::Error;

/// What a command has to say.
pub struct Answer {
    /// The bytes; they can be a secret's.
    pub bytes: Zeroizing<Vec<u8>>,
    /// Whether a newline follows them.
    pub newline: Newline,
    /// Where they go.
    pub destination: Destination,
    /// What to tell the person beside it, on stderr.
    pub warnings: Vec<String>,
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
            bytes: Zeroizing::new(text.into()),
            newline: Newline::Never,
            destination: Destination::Stdout,
            warnings: Vec::new(),
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
                let mut stdout = io::stdout().lock();
                let written = stdout
                    .write_all(&self.bytes)
                    .and_then(|()| stdout.write_all(newline))
                    .and_then(|()| stdout.flush());
                match written {
                    Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
                    Err(error) => Err(not_written("stdout", &error)),
                    Ok(()) => Ok(()),
                }
            }
            Destination::File(path, if_exists) => write_file(path, *if_exists, &self.bytes),
        }
    }
}

/// Hands stdout to somebody who writes to it and then goes on for long, as a sandbox without a command does.
///
/// # Errors
/// What was told could not be written.
#[cfg(feature = "sandbox")]
pub fn while_waiting(work: impl FnOnce(&mut dyn Write) -> io::Result<u8>) -> Result<u8, Error> {
    work(&mut io::stdout()).map_err(|error| not_written("stdout", &error))
}

/// Whether a file may be put there, asked before anything is fetched for it.
///
/// # Errors
/// It exists and may not be replaced, or its folder does not.
pub fn check_file(path: &Path, if_exists: IfExists) -> Result<(), Error> {
    let to = path.display().to_string();
    let problem = |reason: &str| Error::Write { to: to.clone(), kind: io::ErrorKind::Other, reason: reason.to_owned() };
    match fs::symlink_metadata(path) {
        Ok(found) if found.is_dir() => Err(problem("it is a folder")),
        Ok(_) if if_exists == IfExists::Fail => Err(problem("it exists; --force replaces it")),
        _ if !folder_of(path).is_dir() => Err(problem("its folder does not exist")),
        _ => Ok(()),
    }
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Writes beside the target and moves it there, so that nobody ever sees half of it. The file is its owner's alone from
/// the beginning.
fn write_file(path: &Path, if_exists: IfExists, bytes: &[u8]) -> Result<(), Error> {
    let to = path.display().to_string();
    let failed = |error: io::Error| not_written(&to, &error);
    let mut file = tempfile::Builder::new().prefix(".azfob-").tempfile_in(folder_of(path)).map_err(failed)?;
    file.write_all(bytes).and_then(|()| file.as_file().sync_all()).map_err(failed)?;
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
    Error::Write { to: to.to_owned(), kind: error.kind(), reason: error.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_its_owners_alone_and_never_replaced_unasked() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        write_file(&path, IfExists::Fail, b"one").unwrap();
        assert!(write_file(&path, IfExists::Fail, b"two").is_err());
        assert_eq!(fs::read(&path).unwrap(), b"one");
        write_file(&path, IfExists::Replace, b"three").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"three");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left behind");
    }
}
