//! The error table as data: every error that azfob explains, with its cause, its fix and the commands that mend it.
//!
//! The rows stand by area, each area in its file with its commands below. The first four rows are the documented ones and
//! keep their words. A row's code is stable: scripts and tickets name it.

/// Writes the rows of an area: a constant for each, and `ROWS`, which is all of them.
macro_rules! rows {
    ($($name:ident {
        code: $code:literal, error: $error:literal, cause: $cause:literal, fix: $fix:literal, source: $source:literal,
        patterns: $patterns:expr, weight: $weight:expr, commands: $commands:expr,
    })*) => {
        $(#[doc = concat!("`", $code, "`: ", $cause, ".")]
        pub const $name: &$crate::diagnosis::table::row::Row = &$crate::diagnosis::table::row::Row {
            code: $code, error: $error, cause: $cause, fix: $fix, source: $source,
            patterns: $patterns, weight: $weight, commands: $commands,
        };)*
        /// All of them, in the order in which they are documented.
        pub(in crate::diagnosis) const ROWS: &[&$crate::diagnosis::table::row::Row] = &[$($name),*];
    };
}

pub mod aadsts;
pub mod advice;
pub mod federation;
pub mod identity;
pub mod network;
pub mod other_programs;
mod row;
pub mod service;
pub mod sign_in;
pub mod unauthorized;
pub mod vault;

pub use row::{Row, Weight};

/// The documented rows.
pub const DOCUMENTED: [&Row; 4] = [
    identity::MANAGED_IDENTITY_UNAVAILABLE,
    vault::FORBIDDEN,
    vault::SECRET_NOT_FOUND,
    sign_in::CREDENTIAL_UNAVAILABLE,
];

/// Every row: the documented ones, then area by area, and last Entra ID's codes.
pub fn rows() -> impl Iterator<Item = &'static Row> {
    let areas = [
        vault::ROWS,
        unauthorized::ROWS,
        service::ROWS,
        network::ROWS,
        identity::ROWS,
        federation::ROWS,
        sign_in::ROWS,
        advice::ROWS,
        other_programs::ROWS,
    ];
    let others = areas.into_iter().flatten().copied().filter(|row| !DOCUMENTED.contains(row));
    DOCUMENTED.into_iter().chain(others).chain(aadsts::rows())
}

/// Whether a row is of what a vault itself answers.
pub(in crate::diagnosis) fn is_vault_answer(row: &Row) -> bool {
    [vault::ROWS, unauthorized::ROWS, service::ROWS].into_iter().flatten().any(|known| *known == row)
}

#[cfg(test)]
mod tests;
