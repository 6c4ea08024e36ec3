//! The command that a user runs with secrets in its environment: in azfob's place, or under its eyes.
//!
//! Unlike the programs that azfob asks for tokens, it has the terminal, the folder and all the time that it wants. Values
//! reach it through its environment alone, never through its arguments.

use std::ffi::{OsStr, OsString};
use std::io;
use std::path::PathBuf;
use std::process::{Command, ExitStatus};

use zeroize::Zeroizing;

use super::{Programs, command, stdio};

/// A command and what its environment has beside what is inherited.
pub struct UserCommand {
    /// The program, by name or path.
    pub program: OsString,
    /// Its arguments.
    pub arguments: Vec<OsString>,
    /// Variables to set.
    pub set: Vec<(OsString, Zeroizing<String>)>,
    /// Variables to keep from it.
    pub removed: Vec<&'static str>,
}

/// The reason why a command could not be started.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{program}: {reason}")]
pub struct NotStarted {
    /// The exit code that shells have for it: 127 where it is not there, 126 where it cannot be run.
    pub code: u8,
    /// The command, as it was named.
    pub program: String,
    /// What is against it.
    pub reason: String,
}

impl UserCommand {
    /// Finds it and makes it ready.
    ///
    /// # Errors
    /// It is not on PATH, or nothing that can be run.
    pub fn prepare(&self, programs: &Programs) -> Result<Prepared, NotStarted> {
        let path = self.find(programs)?;
        let mut ready = command(&path);
        ready.args(&self.arguments);
        if let Err(error) = stdio::hand_on(&mut ready) {
            return Err(NotStarted { code: 1, program: path.display().to_string(), reason: error.to_string() });
        }
        #[cfg(unix)]
        std::os::unix::process::CommandExt::arg0(&mut ready, &self.program);
        for name in &self.removed {
            ready.env_remove(name);
        }
        for (name, value) in &self.set {
            ready.env(name, value.as_str());
        }
        Ok(Prepared { command: ready, shown: self.program.to_string_lossy().into_owned() })
    }

    /// A name is searched on PATH and nowhere else; a path is taken as it is.
    fn find(&self, programs: &Programs) -> Result<PathBuf, NotStarted> {
        let failed = |code, reason: &str| {
            Err(NotStarted { code, program: self.program.to_string_lossy().into_owned(), reason: reason.to_owned() })
        };
        let is_path = self.program.as_encoded_bytes().iter().any(|b| std::path::is_separator(char::from(*b)));
        if is_path {
            return match PathBuf::from(&self.program) {
                path if path.is_dir() => failed(126, "it is a folder"),
                path if path.exists() => Ok(path),
                _ => match self.with_an_ending() {
                    Some(path) => Ok(path),
                    None => failed(127, "there is no such file"),
                },
            };
        }
        let name = self.program.to_str().unwrap_or_default();
        match programs.find(name) {
            Some(program) => Ok(program.path().to_owned()),
            None if programs.find_unfit(name).is_some() => failed(126, "it is on PATH and may not be run"),
            None => failed(127, "command not found"),
        }
    }
}

impl UserCommand {
    /// The path of a program without the ending that Windows lets people leave out.
    fn with_an_ending(&self) -> Option<PathBuf> {
        let here = std::env::current_dir().ok()?;
        super::search(&self.program, OsStr::new(""), &here, super::EXECUTABLE_EXTENSIONS)
    }
}

/// A command that was found.
pub struct Prepared {
    pub(super) command: Command,
    pub(super) shown: String,
}

/// The exit code that a command ended with: 128 and the signal's number where one ended it, as shells have it. One of
/// Windows has 32 bits.
pub fn code_of(status: ExitStatus) -> i32 {
    #[cfg(unix)]
    let signal = std::os::unix::process::ExitStatusExt::signal(&status);
    #[cfg(not(unix))]
    let signal = None::<i32>;
    status.code().or_else(|| signal.map(|signal| 128 + signal)).unwrap_or(1)
}

impl Prepared {
    pub(super) fn failed(&self, error: &io::Error) -> NotStarted {
        // A script whose interpreter is missing is not found either.
        let code = if error.kind() == io::ErrorKind::NotFound { 127 } else { 126 };
        NotStarted { code, program: self.shown.clone(), reason: error.to_string() }
    }

    /// Runs it in azfob's place. Answers only where it could not be started.
    #[cfg(unix)]
    pub fn replace(mut self) -> NotStarted {
        super::end_all();
        let error = std::os::unix::process::CommandExt::exec(&mut self.command);
        self.failed(&error)
    }

    /// Runs it and ends with its exit code. Answers only where it could not be started.
    #[cfg(not(unix))]
    #[allow(clippy::exit, reason = "nothing of azfob's is left to be put in order")]
    pub fn replace(mut self) -> NotStarted {
        super::end_all();
        // Ctrl-C reaches both; what it means is the command's to say.
        let _held = super::signals::SignalGuard::new();
        match self.command.status() {
            Ok(status) => std::process::exit(code_of(status)),
            Err(error) => self.failed(&error),
        }
    }
}
