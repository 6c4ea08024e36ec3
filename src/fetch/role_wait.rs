//! `--wait-for-access`: a role that was just assigned takes minutes to work, so a refusal by RBAC is asked about again.
//!
//! Nothing else is waited for: a firewall, an access policy or a missing secret does not mend itself.

use std::time::Duration;

use crate::background::progress;
use crate::error::Error;
use crate::output::notices::Notices;
use crate::time::deadline::{Deadline, Stopwatch, parts};
use crate::vault::error::{ForbiddenCause, VaultErrorKind};

/// The wait before the second attempt; it doubles from there.
const FIRST: Duration = Duration::from_secs(1);
/// The longest wait between two attempts.
const CAP: Duration = Duration::from_secs(15);

/// What is left of the wait.
pub struct AccessWait {
    notices: Notices,
    limit: Option<(Duration, Deadline)>,
    pause: Duration,
    since: Stopwatch,
}

/// The time for a whole command that may wait for access: at least as long as the wait.
pub fn timeout(asked: Option<Duration>, wait: Option<Duration>, budget: Duration) -> Option<Duration> {
    match (asked, wait) {
        (asked, None) => asked,
        (Some(asked), Some(wait)) => Some(asked.max(wait)),
        (None, Some(wait)) => Some(wait + budget),
    }
}

/// Whether a failure is one that a role mends.
pub fn is_missing_role(error: &Error) -> bool {
    let Error::Vault(denied) = error else { return false };
    matches!(&denied.error.kind, VaultErrorKind::Forbidden(forbidden) if forbidden.cause == ForbiddenCause::Rbac)
}

impl AccessWait {
    /// A wait of this length, from now; none where it was not asked for.
    pub fn new(limit: Option<Duration>, notices: Notices) -> Self {
        AccessWait {
            notices,
            limit: limit.map(|limit| (limit, Deadline::after(limit))),
            pause: FIRST,
            since: Stopwatch::start(),
        }
    }

    /// Whether to ask again after this failure. Waits before it says yes, and tells for what.
    pub fn again(&mut self, error: &Error) -> bool {
        let Some((limit, deadline)) = self.limit.filter(|_| is_missing_role(error)) else { return false };
        if deadline.remaining() < self.pause {
            return false;
        }
        if self.pause == FIRST {
            let text =
                format!("{error} for want of a role; waiting up to {} for one that was just assigned", parts(limit));
            self.notices.note([text]);
        }
        log::info!(target: "azfob", "no role yet; asking again in {}", parts(self.pause));
        let _waiting = progress::go_on(self.since, "a role", limit);
        let waited = deadline.pause(self.pause);
        self.pause = (self.pause * 2).min(CAP);
        waited
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_whole_time_is_never_shorter_than_the_wait() {
        let (s, budget) = (Duration::from_secs, Duration::from_secs(60));
        assert_eq!(timeout(None, None, budget), None);
        assert_eq!(timeout(Some(s(20)), None, budget), Some(s(20)));
        assert_eq!(timeout(Some(s(20)), Some(s(300)), budget), Some(s(300)));
        assert_eq!(timeout(Some(s(600)), Some(s(300)), budget), Some(s(600)));
        assert_eq!(timeout(None, Some(s(300)), budget), Some(s(360)));
    }
}
