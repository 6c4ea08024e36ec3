//! Shares throttling between requests: a 429 stops all requests to that host until its wait is over.
//!
//! Requests that were throttled together share one wait, drawn by the first. If each drew its own, the longest would
//! delay all.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::time::deadline::Deadline;

use super::retry::throttled_pause;

/// The throttled hosts.
#[derive(Debug, Default)]
pub(super) struct Throttle(Mutex<HashMap<String, Closed>>);

/// A host that was throttled; `until` may have passed.
#[derive(Debug)]
struct Closed {
    /// The number of times so far.
    round: u32,
    until: Deadline,
}

/// The number of times a host had been throttled when a request was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Round(u32);

impl Throttle {
    /// Stops all requests to `host` after a 429 in this round, and returns for how long. `requested` is the wait that the
    /// host requested; `jitter` and `left` are as in [`throttled_pause`].
    pub(super) fn close(
        &self,
        host: &str,
        Round(round): Round,
        requested: Option<Duration>,
        jitter: f64,
        left: Duration,
    ) -> Duration {
        let mut hosts = self.hosts();
        let closed = hosts.get(host);
        let pause = match closed {
            // Another request of this round was first. A requested wait still counts.
            Some(closed) if closed.round > round => closed.until.remaining().max(requested.unwrap_or_default()),
            _ => throttled_pause(round + 1, requested, jitter, left),
        };
        let round = closed.map_or(0, |closed| closed.round).max(round + 1);
        hosts.insert(host.to_owned(), Closed { round, until: Deadline::after(pause) });
        pause
    }

    /// Waits until requests to `host` are allowed. Returns at once if the deadline comes first: the host's own 429 is
    /// better than no answer.
    pub(super) fn pass(&self, host: &str, deadline: &Deadline) -> Round {
        loop {
            let (round, left) =
                self.hosts().get(host).map_or((0, Duration::ZERO), |closed| (closed.round, closed.until.remaining()));
            // Check again: another request may have been throttled meanwhile.
            if left.is_zero() || !deadline.pause(left) {
                return Round(round);
            }
        }
    }

    fn hosts(&self) -> MutexGuard<'_, HashMap<String, Closed>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::deadline::Stopwatch;

    const MINUTE: Duration = Duration::from_secs(60);

    #[test]
    fn throttle_delays_only_its_host() {
        let (throttle, deadline) = (Throttle::default(), Deadline::after(2 * MINUTE));
        let round = throttle.pass("a", &deadline);
        // Started before the pause, so that a slow machine cannot fail the test.
        let watch = Stopwatch::start();
        throttle.close("b", round, Some(MINUTE), 0.0, MINUTE);
        let pause = throttle.close("a", round, None, 0.0, MINUTE);
        assert_eq!(pause, Duration::from_millis(750));
        throttle.pass("c", &deadline);
        throttle.pass("a", &deadline);
        assert!((Duration::from_millis(749)..MINUTE).contains(&watch.elapsed()), "{:?}", watch.elapsed());
    }

    #[test]
    fn requests_throttled_together_share_wait() {
        let throttle = Throttle::default();
        let round = throttle.pass("a", &Deadline::after(MINUTE));
        throttle.close("a", round, None, 0.0, MINUTE);
        let joined = throttle.close("a", round, None, 1.0, MINUTE);
        assert!(joined <= Duration::from_millis(750), "{joined:?}");
        let requested = Duration::from_secs(9);
        assert_eq!(throttle.close("a", round, Some(requested), 0.0, MINUTE), requested);
        assert!(throttle.close("a", round, None, 0.0, MINUTE) > Duration::from_secs(8), "earlier request still counts");
        let next = Round(1);
        assert_eq!(throttle.close("a", next, None, 1.0, MINUTE), Duration::from_secs(11));
    }

    #[test]
    fn wait_beyond_deadline_is_skipped() {
        let throttle = Throttle::default();
        throttle.close("a", Round(0), Some(MINUTE), 0.0, MINUTE);
        let watch = Stopwatch::start();
        throttle.pass("a", &Deadline::after(MINUTE / 2));
        assert!(watch.elapsed() < MINUTE / 3);
    }
}
