//! Entra ID's codes that people meet on their way to a vault: rows of the same table, by number.
//!
//! The service's wording changes; the number does not
//! (<https://learn.microsoft.com/entra/identity-platform/reference-error-codes>). A number without a row of its own is told
//! by its range.

/// Writes the rows of an area as they are read: number, error, cause, fix, and the commands that mend it.
macro_rules! codes {
    ($($number:literal, $error:literal, $cause:literal, $fix:literal, $commands:expr;)*) => {
        /// The rows, by code.
        pub(super) const ROWS: &[&$crate::diagnosis::table::Row] = &[$(&$crate::diagnosis::table::Row {
            code: concat!("AADSTS", $number),
            error: concat!("AADSTS", $number, ": ", $error),
            cause: $cause,
            fix: $fix,
            source: concat!("https://login.microsoftonline.com/error?code=", $number),
            commands: $commands,
            ..$crate::diagnosis::table::row::Row::DEFAULT
        }),*];
    };
}

mod account;
mod application;
mod certificate;
mod client_id;
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

/// The rows of single codes, area by area.
pub fn codes() -> impl Iterator<Item = &'static Row> {
    AREAS.into_iter().flatten().copied()
}

/// All rows: those of single codes, and those of the ranges.
pub(super) fn rows() -> impl Iterator<Item = &'static Row> {
    codes().chain(ranges::ROWS.iter().copied())
}

/// The row of a code: its own, or else that of its range.
pub fn row(code: u32) -> Option<&'static Row> {
    let name = format!("AADSTS{code}");
    codes().find(|row| row.code == name).or_else(|| ranges::row(code))
}

/// Where Entra ID itself explains a code.
pub fn link(code: u32) -> String {
    format!("https://login.microsoftonline.com/error?code={code}")
}

/// Where a code is explained that has the row of its range, which names no number.
pub fn link_for_range(row: &Row, code: Option<u32>) -> Option<String> {
    code.filter(|_| ranges::ROWS.contains(&row)).map(link)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_found_by_the_whole_number() {
        assert!(row(700_213).unwrap().cause.contains("subject"));
        assert_eq!(row(7_002_138).unwrap().code, "AADSTS7002138");
        assert_eq!(row(7002), None);
    }

    #[test]
    fn only_a_row_without_a_number_needs_a_link_beside_it() {
        assert_eq!(link_for_range(row(700_213).unwrap(), Some(700_213)), None);
        assert_eq!(link_for_range(row(700_299).unwrap(), Some(700_299)), Some(link(700_299)));
    }
}
