//! Records how long each step of a run takes (`--timings`).

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::time::deadline::Stopwatch;

/// The steps of one run. They are recorded only after [`Timings::keep`].
#[derive(Debug)]
pub struct Timings {
    wanted: AtomicBool,
    since: Stopwatch,
    rows: Mutex<Vec<(TimedStep, String, Duration)>>,
}

/// The kind of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimedStep {
    Chain,
    /// Trying the whole chain.
    Token,
    /// A DNS lookup.
    Name,
    /// Opening a connection: TCP, proxy and TLS.
    Connection,
    Request,
}

impl fmt::Display for TimedStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            TimedStep::Chain => "chain",
            TimedStep::Token => "token",
            TimedStep::Name => "name",
            TimedStep::Connection => "connection",
            TimedStep::Request => "request",
        })
    }
}

impl Default for Timings {
    fn default() -> Self {
        Timings { wanted: AtomicBool::new(false), since: Stopwatch::start(), rows: Mutex::default() }
    }
}

impl Timings {
    /// Starts to record.
    pub fn keep(&self) {
        self.wanted.store(true, Ordering::Relaxed);
    }

    fn are_kept(&self) -> bool {
        self.wanted.load(Ordering::Relaxed)
    }

    /// Records a step. `what` must not contain a secret.
    pub fn add(&self, step: TimedStep, took: Duration, what: impl FnOnce() -> String) {
        if self.are_kept() {
            self.rows().push((step, what(), took));
        }
    }

    /// Formats the steps as lines: the chain first, the total last.
    pub fn lines(&self) -> Vec<String> {
        let line = |name: &dyn fmt::Display, took: Duration, what: &str| {
            format!("{name:<10} {:>9.1} ms  {what}", took.as_secs_f64() * 1000.0).trim_end().to_owned()
        };
        let rows = self.rows();
        let of = |steps: &'static [TimedStep]| rows.iter().filter(|(step, ..)| steps.contains(step));
        let order =
            of(&[TimedStep::Chain]).chain(of(&[TimedStep::Token])).chain(of(&[TimedStep::Name, TimedStep::Connection]));
        let order = order.chain(of(&[TimedStep::Request]));
        let mut lines: Vec<_> = order.map(|(step, what, took)| line(step, *took, what)).collect();
        lines.push(line(&"total", self.since.elapsed(), ""));
        lines
    }

    fn rows(&self) -> MutexGuard<'_, Vec<(TimedStep, String, Duration)>> {
        self.rows.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_recorded_on_request_and_sorted() {
        let timings = Timings::default();
        timings.add(TimedStep::Request, Duration::ZERO, || unreachable!("not recorded"));
        timings.keep();
        timings.add(TimedStep::Request, Duration::from_micros(12_340), || "GET host/path 200".to_owned());
        timings.add(TimedStep::Chain, Duration::from_millis(3), || "EnvironmentCredential".to_owned());
        let lines = timings.lines();
        assert_eq!(lines[0], "chain            3.0 ms  EnvironmentCredential");
        assert_eq!(lines[1], "request         12.3 ms  GET host/path 200");
        assert!(lines[2].starts_with("total") && lines.len() == 3);
    }
}
