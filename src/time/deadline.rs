//! The time limit of a run, the stopwatch of a step, and durations as text. Only this file reads the monotonic clock.

use std::time::{Duration, Instant};

/// The time at which the whole run must end (`--timeout`).
#[derive(Clone, Copy, Debug)]
pub struct Deadline {
    at: Instant,
}

/// A hundred years. A service can request any wait, and the clock cannot add more.
const FOREVER: Duration = Duration::from_secs(100 * 365 * 86_400);

impl Deadline {
    /// Returns a deadline `budget` from now.
    pub fn after(budget: Duration) -> Self {
        Deadline { at: now() + budget.min(FOREVER) }
    }

    /// Returns a deadline `budget` after the start of a stopwatch.
    pub fn since(start: Stopwatch, budget: Duration) -> Self {
        Deadline { at: start.0 + budget.min(FOREVER) }
    }

    /// Returns the time left, or zero after the deadline.
    pub fn remaining(&self) -> Duration {
        self.at.saturating_duration_since(now())
    }

    /// Returns the time left, at most `limit`.
    pub fn within(&self, limit: Duration) -> Duration {
        self.remaining().min(limit)
    }

    /// Returns the earlier of this deadline and `limit` from now.
    pub fn sooner(&self, limit: Duration) -> Self {
        Deadline { at: self.at.min(now() + limit.min(FOREVER)) }
    }

    /// Sleeps for `pause` and returns true. Returns false at once if the deadline would pass.
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
    /// Starts a stopwatch.
    pub fn start() -> Self {
        Stopwatch(now())
    }

    /// Returns the time since the start.
    pub fn elapsed(&self) -> Duration {
        now().saturating_duration_since(self.0)
    }
}

/// Parses a duration such as `15s`, `5m`, `48h` or `30d`. A number without a unit is in seconds.
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

/// Formats a duration in the units of [`parse_duration`]: `1h 30m`, `250ms`.
pub fn format_duration(length: Duration) -> String {
    let (seconds, ms) = (length.as_secs(), length.subsec_millis());
    let parts = [(seconds / 86_400, "d"), (seconds / 3_600 % 24, "h"), (seconds / 60 % 60, "m"), (seconds % 60, "s")];
    let parts = parts.into_iter().chain([(u64::from(ms), "ms")]).filter(|(amount, _)| *amount > 0);
    let text = parts.map(|(amount, unit)| format!("{amount}{unit}")).collect::<Vec<_>>().join(" ");
    if text.is_empty() { "0s".to_owned() } else { text }
}

#[allow(clippy::disallowed_methods)] // the only reader of the monotonic clock
fn now() -> Instant {
    Instant::now()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pause_beyond_the_deadline_returns_false_at_once() {
        let watch = Stopwatch::start();
        assert!(!Deadline::after(Duration::from_millis(50)).pause(Duration::from_secs(60)));
        assert!(watch.elapsed() < Duration::from_secs(5));
    }

    #[test]
    fn durations_are_parsed() {
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
    fn durations_are_formatted() {
        for (ms, text) in [(0, "0s"), (250, "250ms"), (90_000, "1m 30s"), (300_000, "5m"), (90_000_000, "1d 1h")] {
            assert_eq!(format_duration(Duration::from_millis(ms)), text);
        }
    }

    #[test]
    fn the_longest_duration_does_not_overflow() {
        assert!(Deadline::after(Duration::MAX).sooner(Duration::MAX).remaining() > Duration::from_secs(86_400));
    }

    #[test]
    fn sooner_never_extends_a_deadline() {
        let day = Deadline::after(Duration::from_secs(86_400));
        assert!(day.sooner(Duration::from_secs(1)).remaining() <= Duration::from_secs(1));
        let past = Deadline::after(Duration::ZERO);
        assert_eq!(past.sooner(Duration::from_secs(9)).remaining(), Duration::ZERO);
    }
}
