//! The signals that end a sandbox, caught so that it can clean up: SIGINT, SIGQUIT, SIGTERM, SIGHUP.
//! Caught, not ignored: a child starts with its own defaults. On Windows it is Ctrl-C, which reaches the child too.

use std::io;

#[cfg(not(unix))]
use crate::process::signals::CONTROL_C_EXIT;
use crate::process::signals::SignalGuard;

/// How often it is looked whether Ctrl-C has come.
#[cfg(not(unix))]
const MOMENT: std::time::Duration = std::time::Duration::from_millis(50);

/// The signals, caught from its making until it is dropped. Make it before the sandbox: one that comes between is
/// kept.
#[derive(Debug)]
pub struct Signals {
    #[cfg(unix)]
    caught: signal_hook::iterator::Signals,
    /// What catches signals elsewhere lets them through to here; on Windows this is what catches Ctrl-C.
    held: Option<SignalGuard>,
}

impl Drop for Signals {
    fn drop(&mut self) {
        if let Some(held) = self.held.take() {
            held.forget();
        }
    }
}

#[cfg(unix)]
impl Signals {
    /// Starts to catch them.
    ///
    /// # Errors
    /// What the operating system refused it with.
    pub fn catch() -> io::Result<Signals> {
        use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM};
        let held = Some(SignalGuard::new());
        Ok(Signals { caught: signal_hook::iterator::Signals::new([SIGINT, SIGQUIT, SIGTERM, SIGHUP])?, held })
    }

    /// The next signal, waited for; `None` once [`Stopper::stop`] was called.
    pub(super) fn next(&mut self) -> Option<i32> {
        self.caught.forever().next()
    }

    /// What ends the waiting from another thread.
    pub(super) fn stopper(&self) -> Stopper {
        Stopper(self.caught.handle())
    }
}

/// Ends the waiting for signals.
#[cfg(unix)]
pub(super) struct Stopper(signal_hook::iterator::Handle);

#[cfg(unix)]
impl Stopper {
    pub(super) fn stop(&self) {
        self.0.close();
    }
}

#[cfg(not(unix))]
impl Signals {
    /// Starts to catch it.
    ///
    /// # Errors
    /// None.
    pub fn catch() -> io::Result<Signals> {
        Ok(Signals { held: Some(SignalGuard::new()) })
    }

    /// Waits for Ctrl-C, and answers with the exit code of what it ends.
    pub(super) fn wait(&self) -> i32 {
        while self.held.as_ref().is_some_and(|held| held.came().is_none()) {
            std::thread::sleep(MOMENT);
        }
        CONTROL_C_EXIT
    }
}
