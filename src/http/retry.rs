//! Whether to try again and how long to wait before it: pure, given an attempt and its answer.

use std::time::Duration;

/// What an attempt came to, as far as trying again is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// An answer with this status, and the wait it asked for.
    Answered(u16, Option<Duration>),
    /// No whole answer: the connection failed or broke, or the answer did not come in time.
    Broken,
    /// Nobody listens there, or the name is unknown, or its certificate is not trusted: an answer in itself.
    Refused,
}

/// When to try again: data, one constant for each kind of service.
#[derive(Clone, Copy, Debug)]
pub struct Schedule {
    /// How often at the most, the first attempt included.
    pub tries: u32,
    /// The wait before the second attempt; it doubles from there.
    pub first: Duration,
    /// The same after a 410, by which a service says that it is being updated.
    pub updating: Duration,
    /// The longest wait that is ours to choose.
    pub cap: Duration,
    /// The statuses that pass.
    pub passing: fn(u16) -> bool,
    /// How often at the most where nobody listens; `tries` is for what may pass.
    pub refused_tries: u32,
}

/// The vault and Entra ID: Key Vault asks for 1, 2, 4, 8, 16 s after a 429
/// (<https://learn.microsoft.com/azure/key-vault/general/overview-throttling>).
pub const CLOUD: Schedule = Schedule {
    tries: 6,
    first: Duration::from_secs(1),
    updating: Duration::from_secs(1),
    cap: Duration::from_secs(16),
    passing: |status| matches!(status, 408 | 429 | 500 | 502 | 503 | 504),
    refused_tries: 2,
};

/// The metadata service, asked patiently: 404 and 410 mean that it is being updated, the latter for up to 70 s
/// (<https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/how-to-use-vm-token#retry-guidance>).
pub const IMDS: Schedule = Schedule {
    tries: 6,
    first: Duration::from_millis(800),
    updating: Duration::from_secs(3),
    cap: Duration::from_secs(25),
    passing: |status| matches!(status, 404 | 408 | 410 | 429 | 500..=599),
    refused_tries: 3,
};

/// The other identity endpoints of a host: three more tries about a second apart, as MSAL does.
pub const IDENTITY_ENDPOINT: Schedule = Schedule {
    tries: 4,
    first: Duration::from_secs(1),
    updating: Duration::from_secs(1),
    cap: Duration::from_secs(1),
    passing: |status| matches!(status, 408 | 429 | 500 | 502 | 503 | 504),
    refused_tries: 2,
};

/// One attempt and no more.
pub const ONCE: Schedule = Schedule {
    tries: 1,
    first: Duration::ZERO,
    updating: Duration::ZERO,
    cap: Duration::ZERO,
    passing: |_| false,
    refused_tries: 1,
};

impl Schedule {
    /// How long to wait after attempt number `attempt` (from 1) before the next; none where there shall be no next.
    /// `jitter`, from 0 to 1, spreads clients that failed together: it shortens our own waits by up to a quarter, and
    /// never one that the service asked for.
    pub fn pause(&self, attempt: u32, outcome: Outcome, jitter: f64) -> Option<Duration> {
        let (tries, asked) = match outcome {
            Outcome::Answered(status, asked) if (self.passing)(status) => (self.tries, asked),
            Outcome::Answered(..) => return None,
            Outcome::Broken => (self.tries, None),
            Outcome::Refused => (self.refused_tries, None),
        };
        if attempt >= tries {
            return None;
        }
        Some(asked.unwrap_or_else(|| {
            let first = if matches!(outcome, Outcome::Answered(410, _)) { self.updating } else { self.first };
            let doubled = first.saturating_mul(1 << (attempt - 1).min(16)).min(self.cap);
            let first = if outcome == Outcome::Refused { doubled.min(Duration::from_millis(250)) } else { doubled };
            first.mul_f64(1.0 - 0.25 * jitter.clamp(0.0, 1.0))
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(schedule: Schedule, outcome: Outcome) -> Vec<f64> {
        (1..20).map_while(|n| schedule.pause(n, outcome, 0.0)).map(|d| d.as_secs_f64()).collect()
    }

    #[test]
    fn throttling_waits_double_and_end() {
        assert_eq!(seconds(CLOUD, Outcome::Answered(429, None)), [1.0, 2.0, 4.0, 8.0, 16.0]);
    }

    #[test]
    fn a_wait_that_was_asked_for_is_kept_to_the_letter() {
        let asked = Outcome::Answered(503, Some(Duration::from_secs(7)));
        assert_eq!(CLOUD.pause(1, asked, 1.0), Some(Duration::from_secs(7)));
    }

    #[test]
    fn refusals_of_the_service_are_never_repeated() {
        for status in [200, 301, 400, 401, 403, 404, 409] {
            assert_eq!(CLOUD.pause(1, Outcome::Answered(status, None), 0.0), None, "{status}");
        }
    }

    #[test]
    fn the_metadata_service_may_be_being_updated() {
        assert_eq!(seconds(IMDS, Outcome::Answered(410, None)), [3.0, 6.0, 12.0, 24.0, 25.0]); // 70 s
        assert_eq!(seconds(IMDS, Outcome::Answered(404, None)), [0.8, 1.6, 3.2, 6.4, 12.8]);
        assert!(IMDS.pause(1, Outcome::Answered(400, None), 0.0).is_none());
    }

    #[test]
    fn where_nobody_listens_little_time_is_lost() {
        assert!(seconds(IMDS, Outcome::Refused).iter().sum::<f64>() <= 1.0);
        assert!(seconds(CLOUD, Outcome::Refused).iter().sum::<f64>() <= 1.0);
    }

    #[test]
    fn jitter_shortens_by_a_quarter_at_most() {
        let pause = CLOUD.pause(3, Outcome::Broken, 1.0).unwrap();
        assert_eq!(pause, Duration::from_secs(3));
    }
}
