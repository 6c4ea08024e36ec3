//! `--wait-for-access`: sends a request again while a new role assignment takes effect, which can take minutes.
//!
//! Only a refusal by Azure RBAC is waited for. A firewall, an access policy or a missing secret does not change by itself.

use std::time::Duration;

use crate::background::progress;
use crate::error::Error;
use crate::output::notices::Notices;
use crate::time::deadline::{Deadline, Stopwatch, format_duration};
use crate::vault::error::{ForbiddenCause, VaultErrorKind};

/// The wait before the second attempt. Each further wait is twice as long.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
/// The longest wait between two attempts.
const MAX_PAUSE: Duration = Duration::from_secs(15);

/// The time that is left to wait for a role assignment.
pub(super) struct RoleWait {
    notices: Notices,
    limit: Option<(Duration, Deadline)>,
    pause: Duration,
    since: Stopwatch,
}

/// Returns the time limit of a command that may wait for access: never less than the wait.
pub(super) fn timeout(timeout: Option<Duration>, wait: Option<Duration>, budget: Duration) -> Option<Duration> {
    match (timeout, wait) {
        (timeout, None) => timeout,
        (Some(timeout), Some(wait)) => Some(timeout.max(wait)),
        (None, Some(wait)) => Some(wait + budget),
    }
}

/// Returns true if a role assignment would fix the failure.
pub(super) fn is_missing_role(error: &Error) -> bool {
    let Error::Vault(denied) = error else { return false };
    matches!(&denied.error.kind, VaultErrorKind::Forbidden(forbidden) if forbidden.cause == ForbiddenCause::Rbac)
}

impl RoleWait {
    /// Starts a wait of this length; `None` never waits.
    pub(super) fn new(limit: Option<Duration>, notices: Notices) -> Self {
        RoleWait {
            notices,
            limit: limit.map(|limit| (limit, Deadline::after(limit))),
            pause: FIRST_PAUSE,
            since: Stopwatch::start(),
        }
    }

    /// Waits for a missing role. Returns true if the request should be sent again.
    pub(super) fn wait(&mut self, error: &Error) -> bool {
        let Some((limit, deadline)) = self.limit else { return false };
        if deadline.remaining() < self.pause {
            return false;
        }
        if self.pause == FIRST_PAUSE {
            let text =
                format!("{error} (missing role); waiting up to {} for a new role assignment", format_duration(limit));
            self.notices.note([text]);
        }
        log::info!(target: "azfob", "no role yet; retrying in {}", format_duration(self.pause));
        let _progress = progress::resume(self.since, "the role assignment", limit);
        let waited = deadline.pause(self.pause);
        self.pause = (self.pause * 2).min(MAX_PAUSE);
        waited
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_limit_is_never_shorter_than_the_wait() {
        let (s, budget) = (Duration::from_secs, Duration::from_secs(60));
        assert_eq!(timeout(None, None, budget), None);
        assert_eq!(timeout(Some(s(20)), None, budget), Some(s(20)));
        assert_eq!(timeout(Some(s(20)), Some(s(300)), budget), Some(s(300)));
        assert_eq!(timeout(Some(s(600)), Some(s(300)), budget), Some(s(600)));
        assert_eq!(timeout(None, Some(s(300)), budget), Some(s(360)));
    }
}
