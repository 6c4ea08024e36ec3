//! The one time budget that every wait draws from, and the stopwatch that times each step.
//!
//! Nothing else in azfob reads the monotonic clock.

use std::time::{Duration, Instant};

/// The moment by which the whole command has to be done (`--timeout`).
#[derive(Clone, Copy, Debug)]
pub struct Deadline {
    at: Instant,
}

/// Longer than anybody waits, and short enough for the clock's arithmetic: a service can ask for any wait.
const FOREVER: Duration = Duration::from_secs(100 * 365 * 86_400);

impl Deadline {
    /// A deadline `budget` from now.
    pub fn after(budget: Duration) -> Self {
        Deadline { at: now() + budget.min(FOREVER) }
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
        Deadline { at: self.at.min(now() + limit.min(FOREVER)) }
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

/// Reads a length of time as people write it: `15s`, `5m`, `48h`, `30d`; a number alone is seconds.
pub fn parse_duration(text: &str) -> Option<Duration> {
    let unit = text.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(text.len());
    let (number, unit) = text.split_at(unit);
    let seconds = match unit {
        "ms" => 0.001,
        "" | "s" => 1.0,
        "m" => 60.0,
        "h" => 3_600.0,
        "d" => 86_400.0,
        _ => return None,
    };
    Duration::try_from_secs_f64(number.parse::<f64>().ok()? * seconds).ok().filter(|d| d.as_secs() < 400 * 86_400 * 10)
}

/// A length of time in the units that [`parse_duration`] reads: `1h 30m`, `250ms`.
pub fn format_duration(length: Duration) -> String {
    let (seconds, ms) = (length.as_secs(), length.subsec_millis());
    let parts = [(seconds / 86_400, "d"), (seconds / 3_600 % 24, "h"), (seconds / 60 % 60, "m"), (seconds % 60, "s")];
    let parts = parts.into_iter().chain([(u64::from(ms), "ms")]).filter(|(amount, _)| *amount > 0);
    let text = parts.map(|(amount, unit)| format!("{amount}{unit}")).collect::<Vec<_>>().join(" ");
    if text.is_empty() { "0s".to_owned() } else { text }
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
    fn durations_as_people_write_them() {
        for (text, seconds) in
            [("15", 15.0), ("1.5s", 1.5), ("250ms", 0.25), ("5m", 300.0), ("48h", 172_800.0), ("30d", 2_592_000.0)]
        {
            assert_eq!(parse_duration(text), Some(Duration::from_secs_f64(seconds)), "{text}");
        }
        for text in ["", "s", "-1", "5 m", "1e3", "1.2.3", "5w", "99999999999d", "."] {
            assert_eq!(parse_duration(text), None, "{text}");
        }
    }

    #[test]
    fn lengths_as_people_read_them() {
        for (ms, text) in [(0, "0s"), (250, "250ms"), (90_000, "1m 30s"), (300_000, "5m"), (90_000_000, "1d 1h")] {
            assert_eq!(format_duration(Duration::from_millis(ms)), text);
        }
    }

    #[test]
    fn a_wait_without_end_is_one() {
        assert!(Deadline::after(Duration::MAX).sooner(Duration::MAX).remaining() > Duration::from_secs(86_400));
    }

    #[test]
    fn a_sooner_deadline_never_lies_later() {
        let day = Deadline::after(Duration::from_secs(86_400));
        assert!(day.sooner(Duration::from_secs(1)).remaining() <= Duration::from_secs(1));
        let past = Deadline::after(Duration::ZERO);
        assert_eq!(past.sooner(Duration::from_secs(9)).remaining(), Duration::ZERO);
    }
}
