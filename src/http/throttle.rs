//! Throttling shared by all: one 429 stops every request to that host until the wait for it is over.
//!
//! Requests that were under way together are refused together, and that is one refusal: the first draws the wait, and the
//! others join it. Were each to draw its own, the longest of them all would hold everybody.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::time::deadline::Deadline;

use super::retry::throttled_pause;

/// The hosts that asked for a pause.
#[derive(Debug, Default)]
pub(super) struct Throttle(Mutex<HashMap<String, Closed>>);

/// A host that was closed, perhaps open again by now.
#[derive(Debug)]
struct Closed {
    /// How often it was.
    round: u32,
    until: Deadline,
}

/// How often a host had been closed when a request passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Round(u32);

impl Throttle {
    /// Stops all requests to `host` after a 429 to a request of this round; answers with how long that is. `asked` is
    /// what the host asked for; `jitter` and `left` as in [`throttled_pause`].
    pub(super) fn close(
        &self,
        host: &str,
        Round(round): Round,
        asked: Option<Duration>,
        jitter: f64,
        left: Duration,
    ) -> Duration {
        let mut hosts = self.hosts();
        let closed = hosts.get(host);
        let pause = match closed {
            // Another request of the same round was first; what was asked for is kept all the same.
            Some(closed) if closed.round > round => closed.until.remaining().max(asked.unwrap_or_default()),
            _ => throttled_pause(round + 1, asked, jitter, left),
        };
        let round = closed.map_or(0, |closed| closed.round).max(round + 1);
        hosts.insert(host.to_owned(), Closed { round, until: Deadline::after(pause) });
        pause
    }

    /// Waits until `host` may be asked. Where the deadline comes before that, it answers at once: better to hear the
    /// host's own refusal than to fall silent.
    pub(super) fn pass(&self, host: &str, deadline: &Deadline) -> Round {
        loop {
            let (round, left) =
                self.hosts().get(host).map_or((0, Duration::ZERO), |closed| (closed.round, closed.until.remaining()));
            // Asked again afterwards: another request may have been throttled meanwhile.
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
    fn a_throttle_holds_its_host_alone() {
        let (throttle, deadline) = (Throttle::default(), Deadline::after(Duration::from_secs(20)));
        let round = throttle.pass("a", &deadline);
        // Before the pause begins, however long the machine takes to go on from there.
        let watch = Stopwatch::start();
        let pause = throttle.close("a", round, None, 0.0, MINUTE);
        assert_eq!(pause, Duration::from_millis(750));
        throttle.pass("b", &deadline);
        assert!(watch.elapsed() < Duration::from_millis(700));
        throttle.pass("a", &deadline);
        assert!(watch.elapsed() >= Duration::from_millis(749), "{:?}", watch.elapsed());
    }

    #[test]
    fn those_who_were_refused_together_wait_together() {
        let throttle = Throttle::default();
        let round = throttle.pass("a", &Deadline::after(MINUTE));
        throttle.close("a", round, None, 0.0, MINUTE);
        let joined = throttle.close("a", round, None, 1.0, MINUTE);
        assert!(joined <= Duration::from_millis(750), "{joined:?}");
        let asked = Duration::from_secs(9);
        assert_eq!(throttle.close("a", round, Some(asked), 0.0, MINUTE), asked);
        assert!(throttle.close("a", round, None, 0.0, MINUTE) > Duration::from_secs(8), "it was asked for before");
        let next = Round(1);
        assert_eq!(throttle.close("a", next, None, 1.0, MINUTE), Duration::from_secs(11));
    }

    #[test]
    fn nobody_waits_beyond_the_deadline() {
        let throttle = Throttle::default();
        throttle.close("a", Round(0), Some(MINUTE), 0.0, MINUTE);
        let watch = Stopwatch::start();
        throttle.pass("a", &Deadline::after(Duration::from_secs(1)));
        assert!(watch.elapsed() < Duration::from_millis(500));
    }
}
