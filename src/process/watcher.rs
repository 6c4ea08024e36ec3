//! Waits for a command of the user and passes on to it the signals that only azfob receives.

use std::io;
use std::process::{Child, ExitStatus};
use std::sync::mpsc::{self, Sender};

use crate::background;

/// The signals to pass on, caught from now on.
#[cfg(unix)]
pub use signal_hook::iterator::Signals;
/// Nothing: on Windows Ctrl-C reaches the command too.
#[cfg(not(unix))]
pub struct Signals;

/// Catches the signals that end azfob, and `others`. It catches and does not ignore them: a command starts with the
/// defaults.
///
/// # Errors
/// The operating system refused.
#[cfg(unix)]
pub fn catch_signals(others: &[std::ffi::c_int]) -> io::Result<Signals> {
    super::signals::keep_exit_statuses();
    let signals = Signals::new(others)?;
    // The C library refuses the signals that it keeps for itself.
    super::signals::terminating().for_each(|signal| drop(signals.add_signal(signal)));
    Ok(signals)
}

/// Does nothing: a [`SignalGuard`](super::signals::SignalGuard) catches Ctrl-C.
///
/// # Errors
/// None.
#[cfg(not(unix))]
pub fn catch_signals(_: &[std::ffi::c_int]) -> io::Result<Signals> {
    Ok(Signals)
}

/// Decides whether the command gets the signal of this number.
pub type Passes = Box<dyn Fn(i32) -> bool + Send>;

/// Passes every signal on, except those of keys: a terminal sends them to the whole process group, and passed on they would
/// come twice.
pub fn passes_all_but_keys() -> Passes {
    #[cfg(unix)]
    {
        use std::io::IsTerminal;
        let has_keys = io::stdin().is_terminal() || io::stdout().is_terminal() || io::stderr().is_terminal();
        Box::new(move |signal| {
            !(has_keys && [signal_hook::consts::SIGINT, signal_hook::consts::SIGQUIT].contains(&signal))
        })
    }
    #[cfg(not(unix))]
    Box::new(|_| true)
}

/// Receives the status of the command.
pub(super) type Ended = Box<dyn FnOnce(io::Result<ExitStatus>) + Send>;

/// Threads that wait for a command. They start before the command, so that no signal is lost.
pub(super) struct Watcher(Sender<Child>);

impl Watcher {
    /// Starts the threads.
    ///
    /// # Errors
    /// The system has no room for another thread.
    #[cfg(unix)]
    pub(super) fn start(mut signals: Signals, passes: Passes, ended: Ended) -> io::Result<Self> {
        use std::sync::{Arc, Mutex, PoisonError};

        use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process, waitid};

        let stopper = signals.handle();
        let (command, commands) = mpsc::channel::<Child>();
        let (target, targets) = mpsc::channel::<Arc<Mutex<Option<Pid>>>>();
        background::thread(move || {
            let Ok(target) = targets.recv() else { return };
            for number in signals.forever().filter(|number| passes(*number)) {
                let pid = target.lock().unwrap_or_else(PoisonError::into_inner);
                // A real-time signal has no name here, and means the same end.
                let signal = Signal::from_named_raw(number).unwrap_or(Signal::TERM);
                // The command may just have ended.
                if let Some(pid) = *pid {
                    let _ = kill_process(pid, signal);
                }
            }
        })?;
        background::thread(move || {
            if let Ok(mut child) = commands.recv() {
                let pid = Pid::from_child(&child);
                let running = Arc::new(Mutex::new(Some(pid)));
                let _ = target.send(Arc::clone(&running));
                // Waits without reaping: the ID stays the command's while a signal may be sent to it.
                let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
                while let Err(rustix::io::Errno::INTR) = waitid(WaitId::Pid(pid), options) {}
                *running.lock().unwrap_or_else(PoisonError::into_inner) = None;
                ended(child.wait());
            }
            stopper.close();
        })?;
        Ok(Watcher(command))
    }

    /// Starts the thread.
    ///
    /// # Errors
    /// The system has no room for another thread.
    #[cfg(not(unix))]
    pub(super) fn start(_: Signals, _: Passes, ended: Ended) -> io::Result<Self> {
        let (command, commands) = mpsc::channel::<Child>();
        background::thread(move || {
            if let Ok(mut child) = commands.recv() {
                ended(child.wait());
            }
        })?;
        Ok(Watcher(command))
    }

    /// Hands the started command to the threads.
    pub(super) fn watch(self, child: Child) {
        let _ = self.0.send(child);
    }
}
