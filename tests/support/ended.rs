//! Processes that should have ended.

use std::time::{Duration, Instant};

use rustix::process::{Pid, test_kill_process};

/// Waits until the process with this ID has ended.
///
/// # Panics
/// It still runs after half a minute.
pub fn wait_until_ended(id: &str, name: &str) {
    let started = Instant::now();
    while is_running(id) {
        assert!(started.elapsed() < Duration::from_secs(30), "{name} still runs");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Returns true if the process exists and is not a zombie: not every container has an init that reaps those.
fn is_running(id: &str) -> bool {
    let id = id.trim().parse().ok().and_then(Pid::from_raw).expect("a process ID");
    let state = std::fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
    test_kill_process(id).is_ok() && !state.contains(") Z ")
}
