//! Runs a command inside a sandbox, or waits for a signal if there is no command.
//!
//! A terminal sends SIGINT and SIGQUIT to the command too. Other signals reach only azfob, which passes them on.
//! In both cases the sandbox outlives its command and cleans up after it.

use std::ffi::{OsStr, OsString};
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};

use super::exports;
use crate::args::ColorWhen;
use crate::env::{self, Env};
use crate::output::error::note;
use crate::process::signals::SignalGuard;
use crate::process::user_command::{NOT_EXECUTABLE, NOT_FOUND, NotStarted, Prepared};
use crate::process::watcher::{Signals, passes_all_but_keys};
use crate::process::{EXECUTABLE_EXTENSIONS, search};
use crate::sandbox::Sandbox;

/// Runs a command in the sandbox's environment and returns its exit code.
///
/// # Errors
/// The command did not start.
pub(super) fn run(sandbox: &Sandbox, command: &[OsString], env: &Env, signals: Signals) -> Result<i32, NotStarted> {
    let Some((program, arguments)) = command.split_first() else {
        let (program, reason) = ("azfob sandbox".into(), "no command was given".into());
        return Err(NotStarted { code: NOT_FOUND, program, reason });
    };
    let path = search_path(sandbox, env);
    let file = find(program, &path)?;
    let mut prepared = Prepared::new(&file, arguments, file.display().to_string())?;
    for (name, _) in env.iter().filter(|(name, _)| name.to_str().is_some_and(|name| sandbox.cleared(name))) {
        prepared.command.env_remove(name);
    }
    prepared.command.envs(sandbox.variables().iter().map(|(name, value)| (name, value))).env(env::PATH, path);
    prepared.run(signals, passes_all_but_keys())
}

/// Writes the lines that put another terminal into the sandbox, and waits for a signal. Returns the exit code of a command
/// that such a signal ended.
///
/// # Errors
/// The lines could not be written.
pub(super) fn wait(sandbox: &Sandbox, out: &mut dyn Write, guard: &SignalGuard, signals: Signals) -> io::Result<i32> {
    exports::write(sandbox, out)?;
    out.flush()?;
    if io::stdout().is_terminal() {
        note("paste these lines into another terminal; Ctrl-C ends the sandbox", ColorWhen::Auto);
    }
    Ok(wait_for_signal(guard, signals))
}

#[cfg(unix)]
fn wait_for_signal(_: &SignalGuard, mut signals: Signals) -> i32 {
    signals.forever().next().map_or(0, crate::process::signals::code_of_signal)
}

#[cfg(not(unix))]
fn wait_for_signal(guard: &SignalGuard, _: Signals) -> i32 {
    /// Interval of the checks for Ctrl-C.
    const POLL_INTERVAL: std::time::Duration = std::time::Duration::from_millis(50);
    while guard.came().is_none() {
        std::thread::sleep(POLL_INTERVAL);
    }
    crate::process::signals::CONTROL_C_EXIT
}

/// Returns the command's PATH: azfob's own folder, the folders of the host's programs, then the inherited folders.
fn search_path(sandbox: &Sandbox, env: &Env) -> OsString {
    let own = std::env::current_exe().ok().and_then(|file| file.parent().map(PathBuf::from));
    let inherited = env.get_os(env::PATH).unwrap_or_default();
    let folders = own.into_iter().chain(sandbox.path_entries().iter().cloned());
    let all: Vec<PathBuf> = folders.chain(std::env::split_paths(inherited)).collect();
    // Fails if the name of a folder contains the separator, which no PATH can express.
    std::env::join_paths(&all).unwrap_or_else(|_| inherited.to_owned())
}

/// Finds the file of a command on the sandbox's PATH, never in the current folder.
fn find(program: &OsStr, path: &OsStr) -> Result<PathBuf, NotStarted> {
    let folder = std::env::current_dir().unwrap_or_else(|_| PathBuf::from("."));
    search(program, path, &folder, EXECUTABLE_EXTENSIONS).ok_or_else(|| {
        let file = Path::new(program);
        let (code, reason) = if file.components().count() > 1 && folder.join(file).exists() {
            (NOT_EXECUTABLE, "not a program that can be run")
        } else {
            (NOT_FOUND, "command not found")
        };
        NotStarted { code, program: program.to_string_lossy().into_owned(), reason: reason.to_owned() }
    })
}
