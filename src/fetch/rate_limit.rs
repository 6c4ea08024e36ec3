//! Keeps the requests to one vault below its rate limit.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::time::deadline::Deadline;

/// Key Vault allows 4,000 secret reads in 10 s, per vault and region
/// (<https://learn.microsoft.com/azure/key-vault/general/service-limits>). The rest is left for other clients, and for
/// requests that arrive closer together than they were sent.
const MAX_IN_WINDOW: usize = 3_600;
const WINDOW: Duration = Duration::from_secs(10);

/// The ends of the windows of the last requests, oldest first.
#[derive(Debug, Default)]
pub struct RateLimit(Mutex<VecDeque<Deadline>>);

impl RateLimit {
    /// Counts one more request, and returns how long to wait before it is sent.
    pub(super) fn reserve(&self) -> Duration {
        let mut window = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let oldest = if window.len() >= MAX_IN_WINDOW { window.pop_front() } else { None };
        let wait = oldest.map_or(Duration::ZERO, |oldest| oldest.remaining());
        window.push_back(Deadline::after(wait + WINDOW));
        wait
    }
}

/// Returns how long this many more requests take.
pub(super) fn time_for(more: usize) -> Duration {
    WINDOW * u32::try_from(more.div_ceil(MAX_IN_WINDOW)).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_window_does_not_wait_and_the_next_waits_for_one_window() {
        let limit = RateLimit::default();
        assert!((0..MAX_IN_WINDOW).all(|_| limit.reserve().is_zero()));
        let (second, third) = (limit.reserve(), (0..MAX_IN_WINDOW).map(|_| limit.reserve()).last().unwrap());
        let near = |wait: Duration, whole: Duration| wait <= whole && wait + Duration::from_secs(2) > whole;
        assert!(near(second, WINDOW), "{second:?}");
        assert!(near(third, 2 * WINDOW), "{third:?}");
        assert_eq!(time_for(1), WINDOW);
        assert_eq!(time_for(MAX_IN_WINDOW + 1), 2 * WINDOW);
    }
}
