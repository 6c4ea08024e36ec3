//! The command that runs inside a sandbox, and the waiting where there is none. The only starter of programs here.
//!
//! While the command runs, SIGINT and SIGQUIT are left to it: the terminal sends them to both. SIGTERM and SIGHUP, which
//! reach the sandbox alone, are passed on. In either case the sandbox outlives its command and cleans up after it.

use std::{
    env,
    ffi::{OsStr, OsString},
    io::{self, Write},
    path::PathBuf,
    process::{Child, Command, ExitStatus},
};

use super::exports;
use super::signals::Signals;
use crate::process::user_command::{self, NotStarted};
use crate::process::{EXECUTABLE_EXTENSIONS, search, stdio};
use crate::sandbox::Sandbox;

/// The exit code of a command that is not there, as shells have it.
pub const NOT_FOUND: u8 = 127;
/// The exit code of a command that is there and cannot be run, as shells have it.
pub const NOT_EXECUTABLE: u8 = 126;

/// Runs a command in the sandbox's environment and waits for it. Returns its exit code, 128 and the signal's number
/// where a signal ended it.
///
/// # Errors
/// Why it never ran.
pub fn run(sandbox: &Sandbox, command: &[OsString], signals: Signals) -> Result<i32, NotStarted> {
    let Some((program, arguments)) = command.split_first() else {
        return Err(NotStarted {
            code: NOT_FOUND,
            program: "azfob sandbox".into(),
            reason: "no command was given".into(),
        });
    };
    let path = search_path(sandbox);
    let program_file = find(program, &path)?;
    let not_started = |code, error: &io::Error| NotStarted {
        code,
        program: program_file.display().to_string(),
        reason: error.to_string(),
    };
    let mut command = prepared(sandbox, program_file.as_os_str(), &path);
    let child = stdio::hand_on(command.args(arguments)).and_then(|()| command.spawn()).map_err(|error| {
        let code = if error.kind() == io::ErrorKind::NotFound { NOT_FOUND } else { NOT_EXECUTABLE };
        not_started(code, &error)
    })?;
    let status = wait_for(child, signals).map_err(|error| not_started(1, &error))?;
    Ok(user_command::code_of(status))
}

/// Writes the lines that put another terminal into the sandbox, and waits for SIGINT, SIGTERM or their like. Returns
/// 128 and the signal's number, as a shell would.
///
/// # Errors
/// What writing the lines ended with.
pub fn wait(sandbox: &Sandbox, out: &mut dyn Write, signals: Signals) -> io::Result<i32> {
    exports::write(sandbox, out)?;
    out.flush()?;
    Ok(wait_for_signal(signals))
}

#[cfg(unix)]
fn wait_for_signal(mut signals: Signals) -> i32 {
    signals.next().map_or(0, |signal| 128 + signal)
}

#[cfg(not(unix))]
fn wait_for_signal(signals: Signals) -> i32 {
    signals.wait()
}

/// The folder of azfob itself, then the host's programs, then what is inherited.
fn search_path(sandbox: &Sandbox) -> OsString {
    let own = env::current_exe().ok().and_then(|file| file.parent().map(PathBuf::from));
    let inherited = inherited("PATH").unwrap_or_default();
    let folders = own.into_iter().chain(sandbox.path_entries().iter().cloned());
    let all: Vec<PathBuf> = folders.chain(env::split_paths(&inherited)).collect();
    // A folder whose name holds the separator cannot be on any PATH.
    env::join_paths(&all).unwrap_or(inherited)
}

#[allow(clippy::disallowed_methods, reason = "the command inherits azfob's own environment, settings or not")]
fn inherited(name: &str) -> Option<OsString> {
    env::var_os(name)
}

#[allow(clippy::disallowed_methods, reason = "the command inherits azfob's own environment, settings or not")]
fn inherited_names() -> Vec<OsString> {
    env::vars_os().map(|(name, _)| name).collect()
}

/// The file of a command: searched on the sandbox's PATH, never in the current folder.
fn find(program: &OsStr, path: &OsStr) -> Result<PathBuf, NotStarted> {
    let not_started = |code, reason: &str| NotStarted {
        code,
        program: program.to_string_lossy().into_owned(),
        reason: reason.to_owned(),
    };
    let folder = env::current_dir().unwrap_or_else(|_| PathBuf::from("."));
    search(program, path, &folder, EXECUTABLE_EXTENSIONS).ok_or_else(|| {
        let named_file = PathBuf::from(program);
        if named_file.components().count() > 1 && folder.join(named_file).exists() {
            not_started(NOT_EXECUTABLE, "not a program that can be run")
        } else {
            not_started(NOT_FOUND, "command not found")
        }
    })
}

/// A program with the sandbox's environment.
#[allow(clippy::disallowed_methods, reason = "the sandbox's one starter of programs; the file was found on PATH")]
fn prepared(sandbox: &Sandbox, program: &OsStr, path: &OsStr) -> Command {
    let mut command = Command::new(program);
    for name in inherited_names() {
        if name.to_str().is_some_and(|name| sandbox.cleared(name)) {
            command.env_remove(name);
        }
    }
    command.envs(sandbox.variables().iter().map(|(name, value)| (name, value)));
    command.env("PATH", path);
    command
}

/// Waits for a child, passing on the signals that reach the sandbox alone.
#[cfg(unix)]
fn wait_for(mut child: Child, mut signals: Signals) -> io::Result<ExitStatus> {
    use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process, waitid};
    use signal_hook::consts::{SIGHUP, SIGTERM};
    use std::sync::{Mutex, PoisonError};

    let pid = Pid::from_child(&child);
    let alive = Mutex::new(true);
    let stopper = signals.stopper();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while let Some(signal) = signals.next() {
                let signal = match signal {
                    SIGTERM => Signal::TERM,
                    SIGHUP => Signal::HUP,
                    _ => continue,
                };
                let alive = alive.lock().unwrap_or_else(PoisonError::into_inner);
                if *alive {
                    // It may just have ended; then there is nobody to tell.
                    let _ = kill_process(pid, signal);
                }
            }
        });
        // Waits without reaping, so that the id stays the child's while a signal may still be sent to it.
        while let Err(rustix::io::Errno::INTR) = waitid(WaitId::Pid(pid), WaitIdOptions::EXITED | WaitIdOptions::NOWAIT)
        {
        }
        *alive.lock().unwrap_or_else(PoisonError::into_inner) = false;
        stopper.stop();
    });
    child.wait()
}

#[cfg(not(unix))]
fn wait_for(mut child: Child, _signals: Signals) -> io::Result<ExitStatus> {
    child.wait()
}
