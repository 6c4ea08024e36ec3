//! Values as they are typed.

use std::time::Duration;

use crate::time::deadline::parse_duration;
use crate::vault::glob::Glob;

/// Reads a time that is not zero.
pub(super) fn timeout(text: &str) -> Result<Duration, String> {
    parse_duration(text).filter(|d| !d.is_zero()).ok_or_else(|| "expected a time like 20, 90s or 5m".to_owned())
}

/// Reads a time.
pub(super) fn duration(text: &str) -> Result<Duration, String> {
    parse_duration(text).ok_or_else(|| "expected a time like 12h or 30d".to_owned())
}

/// Reads a pattern.
pub(super) fn glob(text: &str) -> Result<Glob, String> {
    Glob::parse(text).ok_or_else(|| "expected a pattern like db-* or *-key-[0-9]".to_owned())
}
