//! Ctrl-C while a file is half made: it ends azfob as ever, but only once the file is gone.

/// Does the work while the signals that end azfob wait. The work is told whether one has come, and azfob ends by it as soon
/// as the work is done.
#[cfg(unix)]
pub(super) fn held<T>(work: impl FnOnce(&dyn Fn() -> bool) -> T) -> T {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    use signal_hook::flag;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

    let (came, over) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(false)));
    for signal in [SIGINT, SIGTERM, SIGHUP] {
        // Where they cannot be caught they act at once, as they always do.
        let number = usize::try_from(signal).unwrap_or_default();
        let _ = flag::register_conditional_default(signal, Arc::clone(&over));
        let _ = flag::register_usize(signal, Arc::clone(&came), number);
    }
    let result = work(&|| came.load(Ordering::SeqCst) != 0);
    over.store(true, Ordering::SeqCst);
    if let Ok(signal @ 1..) = i32::try_from(came.load(Ordering::SeqCst)) {
        let _ = signal_hook::low_level::emulate_default_handler(signal);
    }
    result
}

/// Nothing is caught here: Ctrl-C ends azfob at once.
#[cfg(not(unix))]
pub(super) fn held<T>(work: impl FnOnce(&dyn Fn() -> bool) -> T) -> T {
    work(&|| false)
}
