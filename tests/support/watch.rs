//! Time limits that a busy machine cannot break.

use std::time::{Duration, Instant};

/// Measures how long a run takes, and how long the machine had too few processors meanwhile.
pub struct Watch {
    started: Instant,
    stalled: Duration,
}

/// How long something took.
#[derive(Clone, Copy, Debug)]
pub struct Took {
    pub whole: Duration,
    /// The part in which a process of this machine, perhaps azfob, waited for a processor.
    pub stalled: Duration,
}

impl Watch {
    /// Starts a watch.
    pub fn start() -> Self {
        Watch { started: Instant::now(), stalled: total_stall() }
    }

    /// Returns how long it took since the start.
    pub fn took(&self) -> Took {
        Took { whole: self.started.elapsed(), stalled: total_stall().saturating_sub(self.stalled) }
    }
}

impl Took {
    /// Returns the time that a machine with enough processors would have needed at least.
    pub fn undisturbed(self) -> Duration {
        self.whole.saturating_sub(self.stalled)
    }
}

/// How long processes waited for a processor since the machine started (<https://docs.kernel.org/accounting/psi.html>).
/// Zero on systems that do not count it.
fn total_stall() -> Duration {
    let pressure = std::fs::read_to_string("/proc/pressure/cpu").unwrap_or_default();
    let total = pressure.lines().next().and_then(|some| some.split("total=").nth(1)).and_then(|us| us.parse().ok());
    Duration::from_micros(total.unwrap_or_default())
}

/// Repeats a test of a program that hangs with longer limits, until the program has written its ID before it was ended:
/// a busy machine needs longer to start it.
#[cfg(unix)]
pub fn with_longer_limits<T>(test: impl Fn(&str) -> Option<T>) -> T {
    ["1", "10", "60"].into_iter().find_map(test).expect("the program started within a minute")
}

/// Repeats a test of a short limit of azfob's own until it passes: a busy machine does not keep to the limit every time.
#[cfg(unix)]
pub fn in_some_try(test: impl Fn() -> bool) {
    assert!((0..20).any(|_| test()), "not in 20 tries");
}
