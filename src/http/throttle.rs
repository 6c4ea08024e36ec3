//! Throttling shared by all: one 429 stops every request to that host until the wait it asked for is over.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::time::deadline::Deadline;

/// The hosts that asked for a pause, each with its end.
#[derive(Debug, Default)]
pub(super) struct Throttle(Mutex<HashMap<String, Deadline>>);

impl Throttle {
    /// Stops all requests to `host` for this long, or for as long as it was stopped already where that is longer.
    pub(super) fn close(&self, host: &str, pause: Duration) {
        let mut closed = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let left = closed.get(host).map_or(Duration::ZERO, Deadline::remaining);
        closed.insert(host.to_owned(), Deadline::after(pause.max(left)));
    }

    /// Waits until `host` may be asked. Where the deadline comes before that, it answers at once: better to hear the
    /// host's own refusal than to fall silent.
    pub(super) fn pass(&self, host: &str, deadline: &Deadline) {
        loop {
            let left = {
                let closed = self.0.lock().unwrap_or_else(PoisonError::into_inner);
                closed.get(host).map_or(Duration::ZERO, Deadline::remaining)
            };
            // Asked again afterwards: another request may have been throttled meanwhile.
            if left.is_zero() || !deadline.pause(left) {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::deadline::Stopwatch;

    #[test]
    fn a_throttled_host_waits_alone_and_a_shorter_pause_does_not_free_it() {
        let (throttle, deadline) = (Throttle::default(), Deadline::after(Duration::from_secs(20)));
        throttle.close("a", Duration::from_millis(150));
        throttle.close("a", Duration::from_millis(1));
        let watch = Stopwatch::start();
        throttle.pass("b", &deadline);
        assert!(watch.elapsed() < Duration::from_millis(100));
        throttle.pass("a", &deadline);
        assert!(watch.elapsed() >= Duration::from_millis(149), "{:?}", watch.elapsed());
    }

    #[test]
    fn nobody_waits_beyond_the_deadline() {
        let throttle = Throttle::default();
        throttle.close("a", Duration::from_secs(60));
        let watch = Stopwatch::start();
        throttle.pass("a", &Deadline::after(Duration::from_secs(1)));
        assert!(watch.elapsed() < Duration::from_millis(500));
    }
}
