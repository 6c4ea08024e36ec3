//! Rows for Entra ID's error codes (AADSTS), by number.
//!
//! The wording of the service's messages changes; the number does not
//! (<https://learn.microsoft.com/entra/identity-platform/reference-error-codes>). A number without a row of its own has the
//! row of its range.

/// Defines the rows of an area: numbers, error, cause, fix, and the commands that fix it.
macro_rules! codes {
    ($($($number:literal)|+, $error:literal, $cause:literal, $fix:literal, $commands:expr;)*) => {
        pub(super) const ROWS: &[&$crate::diagnosis::table::Row] = &[$($(&$crate::diagnosis::table::Row {
            code: concat!("AADSTS", $number),
            error: concat!("AADSTS", $number, ": ", $error),
            cause: $cause,
            fix: $fix,
            source: concat!("https://login.microsoftonline.com/error?code=", $number),
            commands: $commands,
            ..$crate::diagnosis::table::row::Row::DEFAULT
        }),+),*];
    };
}

mod account;
mod application;
mod certificate;
mod conditional_access;
mod consent;
mod federation;
mod grant;
pub mod ranges;
mod request;
mod tenant;

use super::Row;

const AREAS: [&[&Row]; 9] = [
    application::ROWS,
    certificate::ROWS,
    federation::ROWS,
    tenant::ROWS,
    consent::ROWS,
    account::ROWS,
    grant::ROWS,
    conditional_access::ROWS,
    request::ROWS,
];

/// Returns the rows of single codes.
pub fn codes() -> impl Iterator<Item = &'static Row> {
    AREAS.into_iter().flatten().copied()
}

pub(super) fn rows() -> impl Iterator<Item = &'static Row> {
    codes().chain(ranges::ROWS.iter().copied())
}

/// Returns the row of a code, or else that of its range.
pub fn row(code: u32) -> Option<&'static Row> {
    let name = format!("AADSTS{code}");
    codes().find(|row| row.code == name).or_else(|| ranges::row(code))
}

/// True if the row is about federated credentials.
pub(in crate::diagnosis) fn is_federation(row: &'static Row) -> bool {
    federation::ROWS.contains(&row) || row == ranges::FEDERATION
}

/// Returns the URL of Entra ID's own page on a code.
pub fn link(code: u32) -> String {
    format!("https://login.microsoftonline.com/error?code={code}")
}

/// Returns the URL of the page on a code if its row is that of a range, which does not name the code.
pub fn link_for_range(row: &Row, code: Option<u32>) -> Option<String> {
    code.filter(|_| ranges::ROWS.contains(&row)).map(link)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn row_matches_the_whole_number() {
        assert!(row(700_213).unwrap().cause.contains("subject"));
        assert_eq!(row(7_002_138).unwrap().code, "AADSTS7002138");
        assert_eq!(row(7002), None);
    }

    #[test]
    fn only_rows_of_ranges_have_a_link() {
        assert_eq!(link_for_range(row(700_213).unwrap(), Some(700_213)), None);
        assert_eq!(link_for_range(row(700_299).unwrap(), Some(700_299)), Some(link(700_299)));
    }
}
