//! The signals that end azfob, held back while there is something to put in order first.
//!
//! A signal that comes while a [`SignalGuard`] lives is kept, and azfob ends by it once the last of them is gone. Without one it
//! acts at once, as ever. One that azfob was started to ignore (`nohup`, a shell's background job) stays ignored.

use std::sync::{Mutex, MutexGuard, Once, PoisonError};

#[cfg(unix)]
use unix as system;
#[cfg(windows)]
use windows as system;

#[cfg(windows)]
pub use windows::CONTROL_C_EXIT;

/// Makes an error of what would end azfob at once: a write beyond the limit for files (`ulimit -f`), half of a value in one.
pub fn ignore_sigxfsz() {
    #[cfg(unix)]
    {
        // Caught and not ignored, since what is ignored stays so for a command that is run. Where it cannot be, it acts as ever.
        let _ = signal_hook::flag::register(signal_hook::consts::SIGXFSZ, std::sync::Arc::default());
    }
}

/// While it lives, a signal waits.
#[derive(Debug)]
pub struct SignalGuard(());

/// How many [`SignalGuard`] there are.
static GUARDS: Mutex<usize> = Mutex::new(0);

fn count() -> MutexGuard<'static, usize> {
    GUARDS.lock().unwrap_or_else(PoisonError::into_inner)
}

impl SignalGuard {
    /// From now on signals wait.
    #[allow(clippy::new_without_default, reason = "it is made for what it does")]
    pub fn new() -> Self {
        static CAUGHT: Once = Once::new();
        let mut count = count();
        *count += 1;
        system::act_at_once(false);
        // Where they cannot be caught they act at once, as they always do.
        CAUGHT.call_once(system::catch);
        SignalGuard(())
    }

    /// The signal that came, where one did.
    pub fn came(&self) -> Option<i32> {
        system::came()
    }

    /// Lets go, and forgets what came: somebody else has had it.
    pub fn forget(self) {
        system::forget();
    }

    /// Lets go, and ends by the signal that came: at once, or once whoever else holds it back lets go.
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

    /// The signals that azfob was started to ignore, a bit for each, the first lowest. Only Linux tells.
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
    /// The exit code of what Ctrl-C ended: STATUS_CONTROL_C_EXIT.
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

    #[allow(clippy::exit, reason = "what Ctrl-C ends has this code")]
    pub(super) fn end_by(_: i32) {
        std::process::exit(CONTROL_C_EXIT);
    }
}
