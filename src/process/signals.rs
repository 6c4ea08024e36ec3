//! Holds back the signals that end azfob while it has something to clean up.
//!
//! A signal that comes while a [`SignalGuard`] exists is kept. azfob ends by it once the last guard is dropped. Without
//! a guard, signals act at once. A signal that azfob was started to ignore (`nohup`, a background job of a shell) stays
//! ignored.

use std::sync::{Mutex, MutexGuard, Once, PoisonError};

#[cfg(unix)]
use unix as system;
#[cfg(windows)]
use windows as system;

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
    use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
    use std::sync::{Arc, LazyLock};

    use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM};
    use signal_hook::flag;

    static AT_ONCE: LazyLock<Arc<AtomicBool>> = LazyLock::new(Arc::default);
    static CAME: LazyLock<Arc<AtomicUsize>> = LazyLock::new(Arc::default);

    pub(super) fn catch() {
        let ignored = ignored();
        for signal in [SIGINT, SIGTERM, SIGHUP, SIGQUIT].into_iter().filter(|s| ignored >> (s - 1) & 1 == 0) {
            let number = usize::try_from(signal).unwrap_or_default();
            let _ = flag::register_conditional_default(signal, Arc::clone(&AT_ONCE));
            let _ = flag::register_usize(signal, Arc::clone(&CAME), number);
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

    pub(super) fn came() -> Option<i32> {
        i32::try_from(CAME.load(Ordering::SeqCst)).ok().filter(|signal| *signal != 0)
    }

    pub(super) fn forget() {
        CAME.store(0, Ordering::SeqCst);
    }

    pub(super) fn end_by(signal: i32) {
        let _ = signal_hook::low_level::emulate_default_handler(signal);
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
