//! Holds back the signals that end azfob while it has something to clean up.
//!
//! A signal that comes while a [`SignalGuard`] exists is kept. azfob ends by it once the last guard is dropped. Without
//! a guard, signals act at once. A signal that azfob was started to ignore (`nohup`, a background job of a shell) stays
//! ignored. `SIGKILL` and the signals of faults (`SIGSEGV`, `SIGBUS`, `SIGILL`, `SIGFPE`) are not held back.

use std::sync::{Mutex, MutexGuard, Once, PoisonError};

#[cfg(unix)]
use unix as system;
#[cfg(windows)]
use windows as system;

#[cfg(unix)]
pub(super) use unix::terminating;
#[cfg(all(windows, feature = "sandbox"))]
pub use windows::CONTROL_C_EXIT;

/// Turns a write beyond the file size limit (`ulimit -f`) into an error. By default it ends azfob at once, with half of
/// a value in the file.
pub fn ignore_sigxfsz() {
    #[cfg(unix)]
    {
        // Caught and not ignored, because a command would inherit an ignored signal. If this fails, the signal acts as
        // usual.
        let _ = signal_hook::flag::register(signal_hook::consts::SIGXFSZ, std::sync::Arc::default());
    }
}

/// Lets signals end azfob as the first process of a container (process ID 1). Linux ignores a signal to that process
/// unless it is caught (pid_namespaces(7)).
pub fn end_as_init() {
    #[cfg(unix)]
    if unix::is_init() {
        drop(SignalGuard::new());
    }
}

/// Lets azfob wait for its programs if it was started to ignore `SIGCHLD`: Linux would forget how they ended (wait(2)).
pub fn keep_exit_statuses() {
    #[cfg(unix)]
    {
        static CAUGHT: Once = Once::new();
        CAUGHT.call_once(unix::catch_ignored_sigchld);
    }
}

/// Returns the exit code of a program that a signal ended, as in shells.
pub fn code_of_signal(signal: i32) -> i32 {
    128 + signal
}

/// Signals wait while it exists.
#[derive(Debug)]
pub struct SignalGuard(());

/// Number of guards.
static GUARDS: Mutex<usize> = Mutex::new(0);

fn count() -> MutexGuard<'static, usize> {
    GUARDS.lock().unwrap_or_else(PoisonError::into_inner)
}

impl SignalGuard {
    /// Makes signals wait from now on.
    #[allow(clippy::new_without_default, reason = "creating it has an effect")]
    pub fn new() -> Self {
        static CAUGHT: Once = Once::new();
        let mut count = count();
        *count += 1;
        system::act_at_once(false);
        // If signals cannot be caught, they act at once.
        CAUGHT.call_once(system::catch);
        SignalGuard(())
    }

    /// Returns the signal that came, if there is one.
    pub fn came(&self) -> Option<i32> {
        system::came()
    }

    /// Drops the guard and the signal that came: something else has handled it.
    pub fn forget(self) {
        system::forget();
    }

    /// Drops the guard and ends azfob by the signal that came, once no other guard is left.
    pub fn end(self) -> ! {
        drop(self);
        loop {
            std::thread::park();
        }
    }
}

impl Drop for SignalGuard {
    fn drop(&mut self) {
        let mut count = count();
        *count -= 1;
        if *count == 0 {
            system::act_at_once(true);
            if let Some(signal) = system::came() {
                system::end_by(signal);
            }
        }
    }
}

#[cfg(unix)]
mod unix {
    use std::ffi::c_int;
    use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
    use std::sync::{Arc, LazyLock};

    use signal_hook::consts::*;
    use signal_hook::{flag, low_level};

    use super::code_of_signal;

    static AT_ONCE: LazyLock<Arc<AtomicBool>> = LazyLock::new(Arc::default);
    static CAME: LazyLock<Arc<AtomicUsize>> = LazyLock::new(Arc::default);

    /// Signals that end a process by default (signal(7)) and that a process can catch, except `SIGPIPE` and `SIGXFSZ`,
    /// which azfob handles as errors.
    const TERMINATING: [c_int; 13] = [
        SIGHUP, SIGINT, SIGQUIT, SIGTRAP, SIGABRT, SIGUSR1, SIGUSR2, SIGALRM, SIGTERM, SIGXCPU, SIGVTALRM, SIGPROF,
        SIGSYS,
    ];

    /// Returns the signals that end azfob: not those that it was started to ignore.
    pub(in crate::process) fn terminating() -> impl Iterator<Item = c_int> {
        let ignored = ignored();
        let others = TERMINATING.into_iter().chain(of_linux());
        others.filter(move |signal| ignored >> (signal - 1) & 1 == 0)
    }

    /// Returns `SIGSTKFLT`, `SIGIO`, `SIGPWR` and the real-time signals.
    #[cfg(target_os = "linux")]
    fn of_linux() -> impl Iterator<Item = c_int> {
        use rustix::process::Signal;
        /// The C library keeps the first ones for itself, and refuses them.
        const REAL_TIME: std::ops::RangeInclusive<c_int> = 32..=64;
        [Signal::STKFLT, Signal::IO, Signal::POWER].map(Signal::as_raw).into_iter().chain(REAL_TIME)
    }

    #[cfg(not(target_os = "linux"))]
    fn of_linux() -> impl Iterator<Item = c_int> {
        std::iter::empty()
    }

    pub(super) fn is_init() -> bool {
        rustix::process::getpid().is_init()
    }

    /// True if the signal can end azfob as it ends other programs. If not, azfob exits with the code that shells show.
    fn ends_by_default(signal: c_int) -> bool {
        !is_init() && signal != SIGIO && low_level::signal_name(signal).is_some()
    }

    pub(super) fn catch() {
        for signal in terminating() {
            let at_once = Arc::clone(&AT_ONCE);
            let _ = match ends_by_default(signal) {
                true => flag::register_conditional_default(signal, at_once),
                false => flag::register_conditional_shutdown(signal, code_of_signal(signal), at_once),
            };
            let number = usize::try_from(signal).unwrap_or_default();
            let _ = flag::register_usize(signal, Arc::clone(&CAME), number);
        }
    }

    pub(super) fn catch_ignored_sigchld() {
        if ignored() >> (SIGCHLD - 1) & 1 == 1 {
            // Caught and not reset: the signal library cannot reset it. Programs start with the default.
            let _ = flag::register(SIGCHLD, Arc::default());
        }
    }

    /// Returns the signals that azfob was started to ignore, one bit each, the first one lowest. Works only on Linux.
    fn ignored() -> u64 {
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
        mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0)
    }

    pub(super) fn act_at_once(at_once: bool) {
        AT_ONCE.store(at_once, Ordering::SeqCst);
    }

    pub(super) fn came() -> Option<c_int> {
        c_int::try_from(CAME.load(Ordering::SeqCst)).ok().filter(|signal| *signal != 0)
    }

    pub(super) fn forget() {
        CAME.store(0, Ordering::SeqCst);
    }

    pub(super) fn end_by(signal: c_int) {
        if ends_by_default(signal) {
            let _ = low_level::emulate_default_handler(signal);
        }
        low_level::exit(code_of_signal(signal));
    }
}

/// Ctrl-C, which reaches every program of the console.
#[cfg(windows)]
mod windows {
    use std::sync::atomic::{AtomicBool, Ordering};

    static AT_ONCE: AtomicBool = AtomicBool::new(false);
    static CAME: AtomicBool = AtomicBool::new(false);
    /// Exit code after Ctrl-C: STATUS_CONTROL_C_EXIT.
    pub const CONTROL_C_EXIT: i32 = 0xC000_013A_u32.cast_signed();

    pub(super) fn catch() {
        let _ = ctrlc::set_handler(|| {
            CAME.store(true, Ordering::SeqCst);
            if AT_ONCE.load(Ordering::SeqCst) {
                end_by(1);
            }
        });
    }

    pub(super) fn act_at_once(at_once: bool) {
        AT_ONCE.store(at_once, Ordering::SeqCst);
    }

    pub(super) fn came() -> Option<i32> {
        CAME.load(Ordering::SeqCst).then_some(1)
    }

    pub(super) fn forget() {
        CAME.store(false, Ordering::SeqCst);
    }

    #[allow(clippy::exit, reason = "programs that Ctrl-C ends have this code")]
    pub(super) fn end_by(_: i32) {
        std::process::exit(CONTROL_C_EXIT);
    }
}
