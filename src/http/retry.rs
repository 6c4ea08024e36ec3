//! Decides whether to retry, and how long to wait: a pure function of the attempt and its outcome.
//!
//! The wait is never shorter than azfob's own: `Retry-After: 0` from a service that refuses thousands of clients would
//! bring all of them back at once. A 429 costs the service nothing and ends by itself, so azfob retries it until the
//! deadline.

use std::time::Duration;

use super::status::{
    BAD_GATEWAY, GATEWAY_TIMEOUT, GONE, INTERNAL_SERVER_ERROR, NOT_FOUND, REQUEST_TIMEOUT, SERVICE_UNAVAILABLE,
    TOO_MANY_REQUESTS,
};

/// The outcome of an attempt, as far as retries are concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// An answer: its status, and the wait it requested.
    Answered(u16, Option<Duration>),
    /// No complete answer: the connection failed or broke, or time ran out.
    Broken,
    /// No connection: the port is closed, or the name is unknown.
    Refused,
    /// The server is not trusted, or its answer is too large. A retry cannot help.
    Permanent,
}

/// When to retry: one constant for each kind of service.
#[derive(Clone, Copy, Debug)]
pub struct Schedule {
    /// The maximum number of attempts. Throttled attempts (429) do not count.
    pub tries: u32,
    /// The wait before the second attempt; it doubles from there.
    pub first: Duration,
    /// The same after a 410, which means that the service is being updated.
    pub updating: Duration,
    /// The maximum of the doubled wait.
    pub cap: Duration,
    /// Returns true for the statuses to retry.
    pub passing: fn(u16) -> bool,
    /// The maximum number of attempts if the connection is refused, and the wait between them.
    pub refused_tries: u32,
    pub refused_pause: Duration,
    /// The time within which refused connections are retried. On Windows, each refusal takes two seconds.
    pub refused_time: Duration,
}

fn is_transient(status: u16) -> bool {
    matches!(
        status,
        REQUEST_TIMEOUT
            | TOO_MANY_REQUESTS
            | INTERNAL_SERVER_ERROR
            | BAD_GATEWAY
            | SERVICE_UNAVAILABLE
            | GATEWAY_TIMEOUT
    )
}

/// The vault and Entra ID: 1, 2, 4, 8, 16 s.
pub const CLOUD: Schedule = Schedule {
    tries: 6,
    first: Duration::from_secs(1),
    updating: Duration::from_secs(1),
    cap: Duration::from_secs(16),
    passing: is_transient,
    refused_tries: 2,
    refused_pause: REFUSED_PAUSE,
    refused_time: Duration::MAX,
};

/// The metadata service: 404 and 410 mean that it is being updated, the latter for up to 70 s
/// (<https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/how-to-use-vm-token#retry-guidance>).
pub const IMDS: Schedule = Schedule {
    tries: 6,
    first: Duration::from_millis(800),
    updating: Duration::from_secs(3),
    cap: Duration::from_secs(25),
    passing: |status| {
        matches!(status, NOT_FOUND | REQUEST_TIMEOUT | GONE | TOO_MANY_REQUESTS | INTERNAL_SERVER_ERROR..=599)
    },
    refused_tries: 3,
    refused_pause: REFUSED_PAUSE,
    refused_time: Duration::MAX,
};

/// Other identity endpoints of a host: three retries about a second apart, as in MSAL. The variables of the host say that
/// the endpoint exists, but a sidecar or an agent may start after the process: refused connections are retried for 10 s
/// (<https://github.com/microsoft/azure-container-apps/issues/568>).
pub const IDENTITY_ENDPOINT: Schedule = Schedule {
    tries: 4,
    first: Duration::from_secs(1),
    updating: Duration::from_secs(1),
    cap: Duration::from_secs(1),
    passing: is_transient,
    refused_tries: 24,
    refused_pause: Duration::from_millis(500),
    refused_time: Duration::from_secs(10),
};

pub const ONCE: Schedule = Schedule {
    tries: 1,
    first: Duration::ZERO,
    updating: Duration::ZERO,
    cap: Duration::ZERO,
    passing: |_| false,
    refused_tries: 1,
    refused_pause: Duration::ZERO,
    refused_time: Duration::ZERO,
};

/// A closed port seldom opens: a short wait covers a restart.
const REFUSED_PAUSE: Duration = Duration::from_millis(250);

/// The range of the wait after the first 429: long enough not to add load, short enough for a single client.
const FIRST_THROTTLED: [Duration; 2] = [Duration::from_millis(750), Duration::from_secs(1)];
/// The range of the wait after each further one. Key Vault counts in windows of 10 s
/// (<https://learn.microsoft.com/azure/key-vault/general/service-limits#secrets-managed-storage-account-keys-and-vault-transactions>)
/// and does not count requests that it answers with 429. Waits spread over a little more than a window let the
/// remaining clients use each window fully, while doubled waits leave later windows idle (see tests/many_processes.rs).
const THROTTLED_AGAIN: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(11)];
/// The time for one more answer: a wait that ends later than this before the deadline is shortened.
const LAST_CHANCE: Duration = Duration::from_millis(500);

/// Returns the wait after the `round`-th 429 in a row (from 1). `requested` is the wait that the service requested, `left`
/// the time until the deadline. `jitter`, from 0 to 1, spreads clients that were throttled together.
pub fn throttled_pause(round: u32, requested: Option<Duration>, jitter: f64, left: Duration) -> Duration {
    let [least, most] = if round <= 1 { FIRST_THROTTLED } else { THROTTLED_AGAIN };
    let drawn = least + (most - least).mul_f64(jitter.clamp(0.0, 1.0));
    let room = left.saturating_sub(LAST_CHANCE);
    let own = if room >= least { drawn.min(room) } else { drawn };
    own.max(requested.unwrap_or_default())
}

impl Schedule {
    /// Returns true if a 429 is retried.
    pub fn waits_for_throttling(&self) -> bool {
        (self.passing)(TOO_MANY_REQUESTS)
    }

    /// Returns the wait after attempt number `attempt` (from 1), or `None` if there is no further attempt. `jitter`,
    /// from 0 to 1, shortens azfob's own wait by up to a quarter, to spread clients that failed together. A longer wait
    /// that the service requested is not shortened.
    pub fn pause(&self, attempt: u32, outcome: Outcome, jitter: f64) -> Option<Duration> {
        let (tries, requested) = match outcome {
            Outcome::Answered(status, requested) if (self.passing)(status) => (self.tries, requested),
            Outcome::Answered(..) => return None,
            Outcome::Broken => (self.tries, None),
            Outcome::Refused => (self.refused_tries, None),
            Outcome::Permanent => return None,
        };
        if attempt >= tries {
            return None;
        }
        let first = if matches!(outcome, Outcome::Answered(GONE, _)) { self.updating } else { self.first };
        let doubled = first.saturating_mul(1 << (attempt - 1).min(16)).min(self.cap);
        let own = if outcome == Outcome::Refused { self.refused_pause } else { doubled };
        Some(own.mul_f64(1.0 - 0.25 * jitter.clamp(0.0, 1.0)).max(requested.unwrap_or_default()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(schedule: Schedule, outcome: Outcome) -> Vec<f64> {
        (1..20).map_while(|n| schedule.pause(n, outcome, 0.0)).map(|d| d.as_secs_f64()).collect()
    }

    #[test]
    fn waits_after_failures_double_and_end() {
        assert_eq!(seconds(CLOUD, Outcome::Answered(503, None)), [1.0, 2.0, 4.0, 8.0, 16.0]);
    }

    #[test]
    fn requested_wait_only_lengthens_wait() {
        let requested = |seconds| Outcome::Answered(503, Some(Duration::from_secs(seconds)));
        assert_eq!(CLOUD.pause(1, requested(7), 1.0), Some(Duration::from_secs(7)));
        assert_eq!(CLOUD.pause(1, requested(0), 0.0), Some(Duration::from_secs(1)));
        let minute = Duration::from_secs(60);
        for (round, jitter, ms) in [(1, 0.0, 750), (1, 1.0, 1000), (2, 0.0, 1000), (9, 1.0, 11_000)] {
            for requested in [None, Some(Duration::ZERO)] {
                assert_eq!(throttled_pause(round, requested, jitter, minute), Duration::from_millis(ms), "{round}");
            }
        }
        let ten = Duration::from_secs(10);
        assert_eq!(throttled_pause(1, Some(ten), 0.5, minute), ten);
    }

    #[test]
    fn wait_leaves_time_for_last_attempt() {
        let left = Duration::from_secs(5);
        assert_eq!(throttled_pause(2, None, 1.0, left), left - LAST_CHANCE);
        assert_eq!(throttled_pause(2, Some(left), 1.0, left), left, "requested wait is not shortened");
        assert!(throttled_pause(2, None, 0.5, LAST_CHANCE) > LAST_CHANCE, "too little for an answer");
    }

    #[test]
    fn client_errors_are_not_retried() {
        for status in [200, 301, 400, 401, 403, 404, 409] {
            assert_eq!(CLOUD.pause(1, Outcome::Answered(status, None), 0.0), None, "{status}");
        }
    }

    #[test]
    fn updating_metadata_service_is_retried() {
        assert_eq!(seconds(IMDS, Outcome::Answered(410, None)), [3.0, 6.0, 12.0, 24.0, 25.0]); // 70 s
        assert_eq!(seconds(IMDS, Outcome::Answered(404, None)), [0.8, 1.6, 3.2, 6.4, 12.8]);
        assert!(IMDS.pause(1, Outcome::Answered(400, None), 0.0).is_none());
    }

    #[test]
    fn refused_connections_are_retried_briefly() {
        assert!(seconds(IMDS, Outcome::Refused).iter().sum::<f64>() <= 1.0);
        assert!(seconds(CLOUD, Outcome::Refused).iter().sum::<f64>() <= 1.0);
    }

    #[test]
    fn identity_endpoint_has_ten_seconds_to_start() {
        let waits = |jitter| -> f64 {
            let pauses = (1..100).map_while(|n| IDENTITY_ENDPOINT.pause(n, Outcome::Refused, jitter));
            pauses.map(|pause| pause.as_secs_f64()).sum()
        };
        assert!((10.0..=12.0).contains(&waits(0.0)) && waits(1.0) >= 8.0);
    }

    #[test]
    fn jitter_shortens_wait_by_a_quarter_at_most() {
        let pause = CLOUD.pause(3, Outcome::Broken, 1.0).unwrap();
        assert_eq!(pause, Duration::from_secs(3));
    }
}
