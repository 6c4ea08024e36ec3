//! Finds and runs the command of the user: in azfob's place, next to azfob, or with its output passing through azfob.
//!
//! Unlike a credential's tool, it has the terminal, the current folder and no time limit. Secret values reach it only
//! through its environment, never through its arguments.

use std::ffi::{OsStr, OsString};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};
use std::sync::mpsc;

use zeroize::Zeroizing;

use super::signals::code_of_signal;
use super::watcher::{Passes, Signals, Watcher};
use super::{Programs, command, stdio};

/// Exit code for a command that is not found, as in shells.
pub const NOT_FOUND: u8 = 127;
/// Exit code for a command that cannot be executed, as in shells.
pub const NOT_EXECUTABLE: u8 = 126;
/// Exit code for a command that azfob has no streams or threads for.
const NO_RESOURCES: u8 = 1;

/// A command, and how its environment differs from azfob's.
pub struct UserCommand {
    /// The program, by name or path.
    pub program: OsString,
    pub arguments: Vec<OsString>,
    pub set: Vec<(OsString, Zeroizing<String>)>,
    pub removed: Vec<OsString>,
}

/// The reason why a command could not be started.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{program}: {reason}")]
pub struct NotStarted {
    /// The exit code for azfob.
    pub code: u8,
    /// The command, as the user typed it.
    pub program: String,
    pub reason: String,
}

impl UserCommand {
    /// Finds the program and prepares it.
    ///
    /// # Errors
    /// It is not found, or it cannot be executed.
    pub fn prepare(&self, programs: &Programs) -> Result<Prepared, NotStarted> {
        let shown = self.program.to_string_lossy().into_owned();
        let mut prepared = Prepared::new(&self.find(programs)?, &self.arguments, shown)?;
        #[cfg(unix)]
        std::os::unix::process::CommandExt::arg0(&mut prepared.command, &self.program);
        for name in &self.removed {
            prepared.command.env_remove(name);
        }
        for (name, value) in &self.set {
            prepared.command.env(name, value.as_str());
        }
        Ok(prepared)
    }

    /// Searches a name only on PATH. Takes a path as it is.
    fn find(&self, programs: &Programs) -> Result<PathBuf, NotStarted> {
        let failed = |code, reason: &str| {
            Err(NotStarted { code, program: self.program.to_string_lossy().into_owned(), reason: reason.to_owned() })
        };
        let is_path = self.program.as_encoded_bytes().iter().any(|b| std::path::is_separator(char::from(*b)));
        if is_path {
            return match PathBuf::from(&self.program) {
                path if path.is_dir() => failed(NOT_EXECUTABLE, "it is a folder"),
                path if path.exists() => Ok(path),
                _ => match self.with_extension() {
                    Some(path) => Ok(path),
                    None => failed(NOT_FOUND, "no such file"),
                },
            };
        }
        let name = self.program.to_str().unwrap_or_default();
        match programs.find(name) {
            Some(program) => Ok(program.path().to_owned()),
            None if programs.find_unfit(name).is_some() => {
                failed(NOT_EXECUTABLE, "found on PATH, but permission denied")
            }
            None => failed(NOT_FOUND, "command not found"),
        }
    }

    /// Finds a path without its extension, which Windows users may omit.
    fn with_extension(&self) -> Option<PathBuf> {
        let here = std::env::current_dir().ok()?;
        super::search(&self.program, OsStr::new(""), &here, super::EXECUTABLE_EXTENSIONS)
    }
}

/// A command that was found.
pub struct Prepared {
    /// The command, with azfob's environment unless that is changed.
    pub command: Command,
    /// Its name in messages.
    pub(super) shown: String,
}

impl Prepared {
    /// Prepares a program file, with the streams that azfob was started with.
    ///
    /// # Errors
    /// A stream that was closed cannot be replaced.
    pub fn new(file: &Path, arguments: &[OsString], shown: String) -> Result<Self, NotStarted> {
        let mut prepared = Prepared { command: command(file), shown };
        match stdio::inherit(prepared.command.args(arguments)) {
            Ok(()) => Ok(prepared),
            Err(error) => {
                Err(NotStarted { code: NO_RESOURCES, program: file.display().to_string(), reason: error.to_string() })
            }
        }
    }

    pub(super) fn failed(&self, error: &io::Error) -> NotStarted {
        // The error for a script with a missing interpreter is NotFound too.
        let code = if error.kind() == io::ErrorKind::NotFound { NOT_FOUND } else { NOT_EXECUTABLE };
        NotStarted { code, program: self.shown.clone(), reason: error.to_string() }
    }

    pub(super) fn no_thread(&self, error: &io::Error) -> NotStarted {
        let reason = format!("azfob cannot start threads to monitor it: {error}");
        NotStarted { code: NO_RESOURCES, program: self.shown.clone(), reason }
    }

    /// Runs it and returns its exit code. Passes on those of the signals that `passes` accepts.
    ///
    /// # Errors
    /// It could not be started.
    #[cfg_attr(not(feature = "sandbox"), allow(dead_code, reason = "only the sandbox waits for its command"))]
    pub fn run(mut self, signals: Signals, passes: Passes) -> Result<i32, NotStarted> {
        let (ended, end) = mpsc::channel();
        let watcher = Watcher::start(signals, passes, Box::new(move |status| drop(ended.send(status))));
        let watcher = watcher.map_err(|error| self.no_thread(&error))?;
        watcher.watch(self.command.spawn().map_err(|error| self.failed(&error))?);
        Ok(end.recv().ok().and_then(Result::ok).map_or(1, code_of))
    }

    /// Replaces azfob with it. Returns only if it could not be started.
    #[cfg(unix)]
    pub fn replace(mut self) -> NotStarted {
        super::end_all();
        let error = std::os::unix::process::CommandExt::exec(&mut self.command);
        self.failed(&error)
    }

    /// Runs it and exits with its exit code. Returns only if it could not be started.
    #[cfg(not(unix))]
    #[allow(clippy::exit, reason = "azfob has nothing left to clean up")]
    pub fn replace(mut self) -> NotStarted {
        super::end_all();
        // Ctrl-C reaches azfob too, but only the command decides what it means.
        let _guard = super::signals::SignalGuard::new();
        match self.command.status() {
            Ok(status) => std::process::exit(code_of(status)),
            Err(error) => self.failed(&error),
        }
    }
}

/// Returns the exit code of a command: 128 plus the signal's number if a signal ended it, as in shells. An exit code of
/// Windows has 32 bits.
pub fn code_of(status: ExitStatus) -> i32 {
    #[cfg(unix)]
    let signal = std::os::unix::process::ExitStatusExt::signal(&status);
    #[cfg(not(unix))]
    let signal = None::<i32>;
    status.code().or_else(|| signal.map(code_of_signal)).unwrap_or(1)
}
