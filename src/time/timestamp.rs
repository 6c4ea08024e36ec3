//! Parses and formats timestamps in every form that Azure uses. Only this file reads the wall clock.

use std::time::SystemTime;

use jiff::{Timestamp as Instant, civil, fmt::strtime, tz::Offset, tz::TimeZone};
use serde_json::Value;

/// A point in time, in whole seconds since 1970-01-01 UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// Returns the current time.
    #[allow(clippy::disallowed_methods)] // the only reader of the wall clock
    pub fn now() -> Self {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        Timestamp(since.map_or(0, |d| i64::try_from(d.as_secs()).unwrap_or(i64::MAX)))
    }

    /// Formats a timestamp like `az`: `2026-01-31T12:00:00+00:00`. A time outside the calendar is formatted as a number.
    pub fn rfc3339(self) -> String {
        self.with_rfc3339(str::to_owned)
    }

    /// Formats a timestamp as [`Timestamp::rfc3339`] does, without an allocation.
    pub fn with_rfc3339<T>(self, read: impl FnOnce(&str) -> T) -> T {
        let Ok(instant) = Instant::from_second(self.0) else { return read(&self.0.to_string()) };
        let at = Offset::UTC.to_datetime(instant);
        // A list formats very many, so the digits are written in place.
        let mut text = *b"-0000-00-00T00:00:00+00:00";
        let mut write = |place: usize, digits: usize, number: i16| {
            let mut rest = number.unsigned_abs();
            for digit in text[place..place + digits].iter_mut().rev() {
                *digit = b'0' + (rest % 10) as u8;
                rest /= 10;
            }
        };
        write(1, 4, at.year());
        let fields = [at.month(), at.day(), at.hour(), at.minute(), at.second()];
        fields.into_iter().zip([6, 9, 12, 15, 18]).for_each(|(number, place)| write(place, 2, number.into()));
        let start = usize::from(at.year() >= 0);
        read(std::str::from_utf8(&text[start..]).expect("digits"))
    }

    /// Returns the date: `2026-01-31`.
    pub fn date(self) -> String {
        self.rfc3339().chars().take_while(|c| *c != 'T').collect()
    }

    /// Formats the distance from `now`: `in 12 d`, `3 h ago`.
    pub fn relative_to(self, now: Timestamp) -> String {
        const UNITS: [(u64, u64, &str); 5] =
            [(1, 60, "s"), (60, 3_600, "min"), (3_600, 172_800, "h"), (86_400, 63_072_000, "d"), (31_557_600, 0, "y")];
        let seconds = self.seconds_since(now);
        let away = seconds.unsigned_abs();
        let unit = UNITS.iter().find(|(_, below, _)| away < *below).unwrap_or(&UNITS[4]);
        let amount = away / unit.0;
        match seconds {
            0 => "now".to_owned(),
            1.. => format!("in {amount} {}", unit.2),
            _ => format!("{amount} {} ago", unit.2),
        }
    }

    /// Returns the seconds since `earlier`, negative if this is before it.
    pub fn seconds_since(self, earlier: Timestamp) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// Reads the expiry in a token service's reply: seconds since 1970, as a number or as text, an ISO 8601 time, or one of
    /// the two US forms of the 2017-09-01 protocol. A smaller number is a lifetime from `now`; the limit, 2001-01-01, is
    /// MSAL's.
    pub fn from_expiry(value: &Value, now: Timestamp) -> Option<Self> {
        const FIRST_ABSOLUTE: i64 = 978_307_200;
        let from_number = |n: i64| Timestamp(if n < FIRST_ABSOLUTE { now.0.saturating_add(n) } else { n });
        match value {
            Value::Number(n) => n.as_i64().or_else(|| n.as_f64().map(|f| f as i64)).map(from_number),
            Value::String(text) => {
                let text = text.trim();
                text.parse().ok().map(from_number).or_else(|| Self::from_text(text))
            }
            _ => None,
        }
    }

    /// Parses an ISO 8601 time or a US date, each with an offset (`1/31/2026 12:00:00 PM +00:00`).
    pub fn from_text(text: &str) -> Option<Self> {
        if let Ok(instant) = text.parse::<Instant>() {
            return Some(Timestamp(instant.as_second()));
        }
        ["%m/%d/%Y %H:%M:%S %:z", "%m/%d/%Y %I:%M:%S %p %:z"].iter().find_map(|form| {
            let parsed = strtime::parse(form, text).ok()?.to_timestamp().ok()?;
            Some(Timestamp(parsed.as_second()))
        })
    }

    /// Parses the local time of old versions of `az`, which has no offset: `2026-01-31 12:00:00.000000`.
    pub fn from_local_text(text: &str, local: &TimeZone) -> Option<Self> {
        let time: civil::DateTime = text.trim().replacen(' ', "T", 1).parse().ok()?;
        local.to_timestamp(time).ok().map(|t| Timestamp(t.as_second()))
    }

    /// Parses the date of an HTTP header (RFC 9110, IMF-fixdate): `Sun, 06 Nov 1994 08:49:37 GMT`.
    pub fn from_http_date(text: &str) -> Option<Self> {
        jiff::fmt::rfc2822::parse(text.trim()).ok().map(|zoned| Timestamp(zoned.timestamp().as_second()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const NOON: i64 = 1_767_268_800; // 2026-01-01T12:00:00Z
    const NOW: Timestamp = Timestamp(NOON - 3600);

    #[test]
    fn every_expiry_form_of_azure_is_read() {
        for form in [
            json!(NOON),
            json!(NOON.to_string()),
            json!("2026-01-01T12:00:00Z"),
            json!("2026-01-01T13:00:00+01:00"),
            json!("2026-01-01T12:00:00.0000000+00:00"),
            json!("01/01/2026 12:00:00 +00:00"),
            json!("1/1/2026 12:00:00 PM +00:00"),
            json!(3600),
            json!("3600"),
        ] {
            assert_eq!(Timestamp::from_expiry(&form, NOW), Some(Timestamp(NOON)), "{form}");
        }
    }

    #[test]
    fn relative_times_are_formatted() {
        for (seconds, text) in [
            (0, "now"),
            (59, "in 59 s"),
            (-61, "1 min ago"),
            (3_600, "in 1 h"),
            (-47 * 3_600, "47 h ago"),
            (12 * 86_400 + 5, "in 12 d"),
            (400 * 86_400, "in 400 d"),
            (-1_000 * 86_400, "2 y ago"),
        ] {
            assert_eq!(Timestamp(NOON + seconds).relative_to(Timestamp(NOON)), text);
        }
    }

    #[test]
    fn an_invalid_expiry_is_none() {
        for form in [json!("soon"), json!(""), json!(null), json!([1]), json!("13/13/2026 12:00:00 +00:00")] {
            assert_eq!(Timestamp::from_expiry(&form, NOW), None, "{form}");
        }
    }

    #[test]
    fn local_time_is_converted() {
        assert_eq!(
            Timestamp::from_local_text("2026-01-01 13:00:00.000000", &TimeZone::fixed(jiff::tz::offset(1))),
            Some(Timestamp(NOON))
        );
    }

    #[test]
    fn http_dates_are_parsed_and_az_forms_written() {
        assert_eq!(Timestamp::from_http_date("Thu, 01 Jan 2026 12:00:00 GMT"), Some(Timestamp(NOON)));
        assert_eq!(Timestamp(NOON).rfc3339(), "2026-01-01T12:00:00+00:00");
        assert_eq!(Timestamp(NOON).date(), "2026-01-01");
        assert_eq!(Timestamp(253_402_207_199).rfc3339(), "9999-12-30T21:59:59+00:00");
        assert_eq!(Timestamp(-62_135_596_801).rfc3339(), "0000-12-31T23:59:59+00:00");
        assert_eq!(Timestamp(-62_198_755_200).rfc3339(), "-0001-01-01T00:00:00+00:00");
        assert_eq!(Timestamp(i64::MAX).rfc3339(), i64::MAX.to_string());
    }
}
