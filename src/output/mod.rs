//! Formats results and errors, and is the only module that writes to stdout and stderr.
//!
//! A result goes to stdout or to a private file, completely or not at all.

mod body;
pub mod certificate;
mod decode;
pub mod diagnose;
pub mod error;
mod file;
mod fold;
pub mod json;
pub mod notices;
pub mod progress;
pub mod report;
pub mod stream;
pub mod table;
pub mod terminal;
pub mod tsv;
pub mod value;
pub mod variables;
pub mod workload;

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use crate::args::OutFile;
use crate::error::{Error, UsageError};
use crate::process::signals::SignalGuard;

use file::{check_file, write_files};
use notices::Notices;
use stream::{Stdout, not_written};

pub use body::Body;
pub use file::{Append, IfExists, is_same_file};

/// The result of a command.
pub struct CommandResult {
    /// The bytes, which can hold secrets.
    pub body: Body,
    pub newline: Newline,
    pub destination: Destination,
    /// Other files, which are written together with that of the destination.
    pub other_files: Vec<(PathBuf, Body)>,
    /// Text for the end of a CI runner's file, written after the body.
    pub append: Option<Append>,
    pub warnings: Vec<String>,
    pub notes: Vec<String>,
}

/// Whether a newline follows the result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Newline {
    Never,
    /// On a terminal, where the prompt would otherwise follow the value.
    OnTerminal,
}

/// Where a result goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Destination {
    Stdout,
    /// A file that only its owner can read.
    File(PathBuf, IfExists),
}

impl Destination {
    /// Reads the destination from the options, and checks it before anything is fetched.
    ///
    /// # Errors
    /// Returns an error if the file may not be written.
    pub fn from_args(out: &OutFile) -> Result<Self, Error> {
        Self::of_path(out.path.as_deref(), IfExists::from_args(out.force))
    }

    /// Returns a file, or stdout without one. Checks the file.
    ///
    /// # Errors
    /// Returns an error if the file may not be written.
    pub fn of_path(path: Option<&Path>, if_exists: IfExists) -> Result<Self, Error> {
        let Some(path) = path else { return Ok(Destination::Stdout) };
        check_file(path, if_exists)?;
        Ok(Destination::File(path.to_owned(), if_exists))
    }
}

impl CommandResult {
    /// Creates a result of text for stdout.
    pub fn text(text: impl Into<Vec<u8>>) -> Self {
        CommandResult {
            body: Body::Whole(Zeroizing::new(text.into())),
            newline: Newline::Never,
            destination: Destination::Stdout,
            other_files: Vec::new(),
            append: None,
            warnings: Vec::new(),
            notes: Vec::new(),
        }
    }

    /// Writes the result, completely or not at all.
    ///
    /// # Errors
    /// Returns an error if it could not be written completely. A closed pipe is not an error.
    pub fn write(&self) -> Result<(), Error> {
        match &self.destination {
            Destination::Stdout => {
                if self.body.is_binary() && terminal::stdout_is_terminal() {
                    let reason = "the value is binary, and stdout is a terminal; use --out-file, or redirect stdout";
                    return Err(UsageError(reason.to_owned()).into());
                }
                let newline: &[u8] = match self.newline {
                    Newline::OnTerminal if terminal::stdout_is_terminal() => b"\n",
                    _ => b"",
                };
                let mut stdout = Stdout::new();
                let written =
                    self.body.write(&mut stdout).and_then(|()| stdout.write_all(newline)).and_then(|()| stdout.flush());
                match written {
                    // If a file is to follow, the reader did not get all of the result.
                    Err(error) if error.kind() == io::ErrorKind::BrokenPipe && self.append.is_none() => {}
                    written => written.map_err(|error| not_written("stdout", &error))?,
                }
            }
            Destination::File(path, if_exists) => {
                // A signal ends azfob only after the temporary file is removed.
                let signals = SignalGuard::new();
                let others = self.other_files.iter().map(|(path, body)| (path.as_path(), body));
                let files: Vec<_> = std::iter::once((path.as_path(), &self.body)).chain(others).collect();
                write_files(&files, *if_exists, || signals.came().is_some())?;
            }
        }
        self.append.as_ref().map_or(Ok(()), Append::write)
    }
}

/// A command that succeeded: its result and exit code.
pub struct Finished {
    /// The result, unless it was written already.
    pub answer: Option<CommandResult>,
    pub code: i32,
    /// How to print the warnings and notes.
    pub notices: Notices,
}

impl Finished {
    /// Returns a result with exit code 0.
    pub fn with(answer: CommandResult, notices: Notices) -> Self {
        Finished { answer: Some(answer), code: 0, notices }
    }

    /// Returns a result of a command without options for notices.
    pub fn alone(answer: CommandResult) -> Self {
        Self::with(answer, Notices::default())
    }

    /// Returns an exit code without a result.
    pub fn code(code: i32) -> Self {
        Finished { answer: None, code, notices: Notices::default() }
    }

    /// Writes the result, then warnings and notes. Returns the exit code.
    ///
    /// # Errors
    /// Returns an error if the result could not be written completely.
    pub fn write(self) -> Result<i32, Error> {
        if let Some(answer) = self.answer {
            answer.write()?;
            self.notices.warn(answer.warnings);
            self.notices.note(answer.notes);
        }
        Ok(self.code)
    }
}
