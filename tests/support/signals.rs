//! Signals as a program finds them at a prompt, however the tests themselves were started.

use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Once};

use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT};
use signal_hook::flag::register_conditional_default;

/// A shell without job control has SIGINT and SIGQUIT ignored in what it starts in the background, `nohup` has SIGHUP, and
/// every program that is started from there inherits that. A signal that is caught is at its default in a child, so they
/// are caught here, and still end the tests.
pub fn as_at_a_prompt() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        for signal in [SIGHUP, SIGINT, SIGQUIT] {
            register_conditional_default(signal, Arc::new(AtomicBool::new(true))).expect("a signal that can be caught");
        }
    });
}
