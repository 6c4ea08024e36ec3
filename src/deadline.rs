//! The one time budget that every wait draws from, and the stopwatch that times each step.
//!
//! Nothing else in azfob reads the monotonic clock.

use std::time::{Duration, Instant};

/// The moment by which the whole command has to be done (`--timeout`).
#[derive(Clone, Copy, Debug)]
pub struct Deadline {
    at: Instant,
}

impl Deadline {
    /// A deadline `budget` from now.
    pub fn after(budget: Duration) -> Self {
        Deadline { at: now() + budget }
    }

    /// The time left; zero once the deadline has passed.
    pub fn remaining(&self) -> Duration {
        self.at.saturating_duration_since(now())
    }

    /// The time left, but no more than `limit`.
    pub fn within(&self, limit: Duration) -> Duration {
        self.remaining().min(limit)
    }

    /// An earlier deadline: `limit` from now, or this one where it comes first.
    pub fn sooner(&self, limit: Duration) -> Self {
        Deadline { at: self.at.min(now() + limit) }
    }

    /// Waits for `pause` and answers true, or answers false at once where the time left is no longer than that.
    pub fn pause(&self, pause: Duration) -> bool {
        if pause >= self.remaining() {
            return false;
        }
        std::thread::sleep(pause);
        true
    }
}

/// Measures how long a step takes.
#[derive(Clone, Copy, Debug)]
pub struct Stopwatch(Instant);

impl Stopwatch {
    /// Starts now.
    pub fn start() -> Self {
        Stopwatch(now())
    }

    /// The time since the start.
    pub fn elapsed(&self) -> Duration {
        now().saturating_duration_since(self.0)
    }
}

#[allow(clippy::disallowed_methods)] // the one home of the monotonic clock
fn now() -> Instant {
    Instant::now()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pause_longer_than_the_time_left_is_not_begun() {
        let watch = Stopwatch::start();
        assert!(!Deadline::after(Duration::from_millis(50)).pause(Duration::from_secs(60)));
        assert!(watch.elapsed() < Duration::from_secs(5));
    }

    #[test]
    fn a_sooner_deadline_never_lies_later() {
        let day = Deadline::after(Duration::from_secs(86_400));
        assert!(day.sooner(Duration::from_secs(1)).remaining() <= Duration::from_secs(1));
        let past = Deadline::after(Duration::ZERO);
        assert_eq!(past.sooner(Duration::from_secs(9)).remaining(), Duration::ZERO);
    }
}
