//! How much a vault answers: so many reads in a stretch of time, as `--fault throttled` can be limited to.
//! Key Vault's own limits: <https://learn.microsoft.com/azure/key-vault/general/service-limits#secrets-managed-storage-account-keys-and-vault-transactions>.

use std::{
    collections::VecDeque,
    str::FromStr,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// So many reads in a stretch of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// How many reads are answered.
    pub reads: usize,
    /// In how long.
    pub window: Duration,
}

/// What a refused answer says of when to ask again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RetryAfter {
    /// Nothing, as Key Vault's own: <https://github.com/vcsjones/AzureSignTool/issues/219>.
    #[default]
    None,
    /// So many seconds, whether they suffice or not.
    Seconds(u32),
    /// The date at which a read is answered again.
    Date,
}

impl FromStr for RetryAfter {
    type Err = String;

    /// Reads `none`, a number of seconds, or `date`.
    fn from_str(text: &str) -> Result<RetryAfter, String> {
        match text {
            "none" => Ok(RetryAfter::None),
            "date" => Ok(RetryAfter::Date),
            _ => text.parse().map(RetryAfter::Seconds).map_err(|_| "it must be none, date or seconds".to_owned()),
        }
    }
}

/// A vault that refuses what is too much.
pub(super) struct ReadLimiter {
    /// `None` refuses everything.
    limit: Option<Limit>,
    answered: Mutex<VecDeque<Instant>>,
}

impl ReadLimiter {
    /// One that has answered nothing yet.
    pub(super) fn new(limit: Option<Limit>) -> ReadLimiter {
        ReadLimiter { limit, answered: Mutex::default() }
    }

    /// Counts a read at this moment.
    ///
    /// # Errors
    /// How long it is until a read is answered again, where this one is too much. Such a read does not count.
    pub(super) fn admit(&self, now: Instant) -> Result<(), Duration> {
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
    fn what_is_refused_does_not_count() {
        let start = clock::instant();
        let at = |millis: u64| start + Duration::from_millis(millis);
        let throttle = ReadLimiter::new(Some(Limit { reads: 2, window: Duration::from_secs(1) }));
        assert_eq!([throttle.admit(at(0)), throttle.admit(at(100))], [Ok(()), Ok(())]);
        for millis in [200, 300, 400] {
            assert_eq!(throttle.admit(at(millis)), Err(Duration::from_millis(1000 - millis)));
        }
        assert_eq!(throttle.admit(at(1000)), Ok(()), "the first of the two is a second ago");
        assert_eq!(throttle.admit(at(1050)), Err(Duration::from_millis(50)));
        assert!(ReadLimiter::new(None).admit(at(0)).is_err());
    }
}
