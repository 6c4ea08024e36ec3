//! How fast a vault may be asked: what it takes in a window at once, and from then on as much as it takes in any window.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::time::deadline::Deadline;

/// Key Vault takes 4,000 reads of secrets in 10 s, of each vault in a region
/// (<https://learn.microsoft.com/azure/key-vault/general/service-limits>). What is left of that is for others, and for
/// requests that arrive closer together than they were sent.
const IN_A_WINDOW: usize = 3_600;
const WINDOW: Duration = Duration::from_secs(10);

/// When the requests of the last window are past it, the oldest first.
#[derive(Debug, Default)]
pub(super) struct Pace(Mutex<VecDeque<Deadline>>);

impl Pace {
    /// Takes a place in the line for another request, and answers with how long it has to wait there.
    pub(super) fn turn(&self) -> Duration {
        let mut window = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let full = window.len() >= IN_A_WINDOW;
        let wait =
            if full { window.pop_front().map_or(Duration::ZERO, |oldest| oldest.remaining()) } else { Duration::ZERO };
        window.push_back(Deadline::after(wait + WINDOW));
        wait
    }
}

/// How long so many more requests take beside those that are under way.
pub(super) fn time_for(more: usize) -> Duration {
    WINDOW * u32::try_from(more.div_ceil(IN_A_WINDOW)).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_passes_at_once_and_the_next_a_window_later() {
        let pace = Pace::default();
        assert!((0..IN_A_WINDOW).all(|_| pace.turn().is_zero()), "no cliff below the limit");
        let (second, third) = (pace.turn(), (0..IN_A_WINDOW).map(|_| pace.turn()).last().unwrap());
        let near = |wait: Duration, whole: Duration| wait <= whole && wait + Duration::from_secs(2) > whole;
        assert!(near(second, WINDOW), "{second:?}");
        assert!(near(third, 2 * WINDOW), "{third:?}");
        assert_eq!(time_for(1), WINDOW);
        assert_eq!(time_for(IN_A_WINDOW + 1), 2 * WINDOW);
    }
}
