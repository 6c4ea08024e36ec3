//! Ctrl-C while a file is half made: it ends azfob as ever, but only once the file is gone.

use crate::process::signals::SignalGuard;

/// Does the work while the signals that end azfob wait. The work is told whether one has come, and azfob ends by it as soon
/// as the work is done.
pub(super) fn held<T>(work: impl FnOnce(&dyn Fn() -> bool) -> T) -> T {
    let held = SignalGuard::new();
    work(&|| held.came().is_some())
}
