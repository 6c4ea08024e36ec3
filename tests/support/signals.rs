//! Resets signals to their defaults in child processes, however the tests were started.

use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Once};

use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT};
use signal_hook::flag::register_conditional_default;

/// A shell without job control ignores SIGINT and SIGQUIT in background processes, and `nohup` ignores SIGHUP. Child
/// processes inherit that. A caught signal is reset in a child process, so these are caught here; they still end the
/// tests.
pub fn reset_signals() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        for signal in [SIGHUP, SIGINT, SIGQUIT] {
            register_conditional_default(signal, Arc::new(AtomicBool::new(true))).expect("a signal that can be caught");
        }
    });
}
