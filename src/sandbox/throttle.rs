//! Limits the reads that a vault answers (`--fault throttled --limit`).
//!
//! Key Vault's own limits:
//! <https://learn.microsoft.com/azure/key-vault/general/service-limits#secrets-managed-storage-account-keys-and-vault-transactions>.

use std::{
    collections::VecDeque,
    str::FromStr,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// A number of reads in a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// The number of reads.
    pub reads: usize,
    /// The time.
    pub window: Duration,
}

/// The `Retry-After` header of a throttled reply.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RetryAfter {
    /// No header, like Key Vault's replies: <https://github.com/vcsjones/AzureSignTool/issues/219>.
    #[default]
    None,
    /// This many seconds, enough or not.
    Seconds(u32),
    /// The time when the vault answers again.
    Date,
}

impl FromStr for RetryAfter {
    type Err = String;

    /// Parses `none`, a number of seconds, or `date`.
    fn from_str(text: &str) -> Result<RetryAfter, String> {
        match text {
            "none" => Ok(RetryAfter::None),
            "date" => Ok(RetryAfter::Date),
            _ => text.parse().map(RetryAfter::Seconds).map_err(|_| "it must be none, date or seconds".to_owned()),
        }
    }
}

/// Counts reads and refuses those beyond the limit.
pub(super) struct ReadLimiter {
    /// `None` refuses all reads.
    limit: Option<Limit>,
    answered: Mutex<VecDeque<Instant>>,
}

impl ReadLimiter {
    pub(super) fn new(limit: Option<Limit>) -> ReadLimiter {
        ReadLimiter { limit, answered: Mutex::default() }
    }

    /// Counts a read.
    ///
    /// # Errors
    /// The limit is reached: the time until a read is answered again. A refused read does not count.
    pub(super) fn count_read(&self, now: Instant) -> Result<(), Duration> {
        let Some(limit) = self.limit else {
            return Err(Duration::from_secs(10));
        };
        let mut answered = self.answered.lock().unwrap_or_else(PoisonError::into_inner);
        while answered.front().is_some_and(|first| now.saturating_duration_since(*first) >= limit.window) {
            answered.pop_front();
        }
        match answered.front() {
            Some(first) if answered.len() >= limit.reads => Err(limit.window - now.saturating_duration_since(*first)),
            _ => {
                answered.push_back(now);
                Ok(())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::clock;

    #[test]
    fn retry_after_is_read() {
        assert_eq!("10".parse(), Ok(RetryAfter::Seconds(10)));
        assert!("soon".parse::<RetryAfter>().is_err());
    }

    #[test]
    fn refused_reads_do_not_count() {
        let start = clock::instant();
        let at = |millis: u64| start + Duration::from_millis(millis);
        let throttle = ReadLimiter::new(Some(Limit { reads: 2, window: Duration::from_secs(1) }));
        assert_eq!([throttle.count_read(at(0)), throttle.count_read(at(100))], [Ok(()), Ok(())]);
        for millis in [200, 300, 400] {
            assert_eq!(throttle.count_read(at(millis)), Err(Duration::from_millis(1000 - millis)));
        }
        assert_eq!(throttle.count_read(at(1000)), Ok(()), "the first of the two is a second ago");
        assert_eq!(throttle.count_read(at(1050)), Err(Duration::from_millis(50)));
        assert!(ReadLimiter::new(None).count_read(at(0)).is_err());
    }
}
