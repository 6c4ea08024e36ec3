//! The emulated Azure's clock, and Azure's formats for a time.
//!
//! Nothing else in the sandbox reads the clock.

use std::time::Instant;

use jiff::Timestamp;

/// How far Azure's clock is ahead of this machine's under the fault `clock-skew`, in seconds.
pub const CLOCK_SKEW_SECS: u64 = 2 * 60 * 60;

/// Returns the seconds since 1970 by this machine's clock.
#[allow(clippy::disallowed_methods, reason = "the only reader of the clock in the sandbox")]
pub(super) fn now() -> u64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

/// Returns the time of the monotonic clock.
#[allow(clippy::disallowed_methods, reason = "the only reader of the clock in the sandbox")]
pub(super) fn instant() -> Instant {
    Instant::now()
}

/// Formats a `Date` header (RFC 9110, 5.6.7): `Tue, 02 Jan 2024 03:04:05 GMT`.
pub(super) fn http_date(seconds: u64) -> String {
    formatted(seconds, "%a, %d %b %Y %H:%M:%S GMT")
}

/// Formats the `timestamp` of an Entra ID error: `2024-01-02 03:04:05Z`.
pub(super) fn entra_timestamp(seconds: u64) -> String {
    formatted(seconds, "%Y-%m-%d %H:%M:%SZ")
}

/// Formats a time inside AADSTS700024: `2024-01-02T03:04:05.0000000Z`.
pub(super) fn entra_instant(seconds: u64) -> String {
    formatted(seconds, "%Y-%m-%dT%H:%M:%S.0000000Z")
}

/// Formats the `expiresOn` of `az account get-access-token`: `2024-01-02 03:04:05.000000`.
///
/// The real one is local time without a time zone. The sandbox's is UTC, which is a local time too.
pub(super) fn az_expires_on(seconds: u64) -> String {
    formatted(seconds, "%Y-%m-%d %H:%M:%S.000000")
}

/// Formats a time as RFC 3339, without a fraction: `2024-01-02T03:04:05Z`.
pub(super) fn rfc3339(seconds: u64) -> String {
    formatted(seconds, "%Y-%m-%dT%H:%M:%SZ")
}

fn formatted(seconds: u64, format: &str) -> String {
    let seconds = i64::try_from(seconds).unwrap_or(i64::MAX);
    let time = Timestamp::from_second(seconds).unwrap_or(Timestamp::MAX);
    time.strftime(format).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_the_formats_of_azure() {
        assert_eq!(http_date(1_704_164_645), "Tue, 02 Jan 2024 03:04:05 GMT");
        assert_eq!(entra_timestamp(1_704_164_645), "2024-01-02 03:04:05Z");
        assert_eq!(az_expires_on(1_704_164_645), "2024-01-02 03:04:05.000000");
    }
}
