//! The error table: every error that azfob explains, with its cause, its fix and the commands that fix it.
//!
//! Each area has a file with its rows and, below them, their commands. The first four rows are documented elsewhere and
//! keep their exact words. Codes are stable, because scripts and tickets use them.

/// Defines the rows of an area: a constant for each row, and `ROWS` with all of them.
macro_rules! rows {
    ($($name:ident {
        code: $code:literal, error: $error:literal, cause: $cause:literal, fix: $fix:literal, source: $source:literal,
        $(weight: $weight:ident,)? $(commands: $commands:expr,)?
    })*) => {
        $(#[doc = concat!("`", $code, "`: ", $cause, ".")]
        #[allow(clippy::needless_update, reason = "a row can have every field")]
        pub const $name: &$crate::diagnosis::table::row::Row = &$crate::diagnosis::table::row::Row {
            code: $code, error: $error, cause: $cause, fix: $fix, source: $source,
            $(weight: $crate::diagnosis::table::row::Weight::$weight,)?
            $(commands: $commands,)?
            ..$crate::diagnosis::table::row::Row::DEFAULT
        };)*
        /// The rows in the order in which they are documented.
        pub(in crate::diagnosis) const ROWS: &[&$crate::diagnosis::table::row::Row] = &[$($name),*];
    };
}

pub mod aadsts;
pub mod advice;
pub mod app_service;
pub mod ci;
pub mod configuration;
pub mod federation;
pub mod identity;
pub mod identity_binding;
pub mod network;
pub mod other_programs;
mod row;
pub mod service;
pub mod sign_in;
pub mod unauthorized;
pub mod vault;

pub use row::{Row, Weight};

/// The rows with exact wording, listed first.
pub const DOCUMENTED: [&Row; 4] = [
    identity::MANAGED_IDENTITY_UNAVAILABLE,
    vault::FORBIDDEN,
    vault::SECRET_NOT_FOUND,
    sign_in::CREDENTIAL_UNAVAILABLE,
];

/// Returns every row: the documented ones, the other areas, and Entra ID's codes.
pub fn rows() -> impl Iterator<Item = &'static Row> {
    let areas = [
        vault::ROWS,
        unauthorized::ROWS,
        service::ROWS,
        network::ROWS,
        identity::ROWS,
        federation::ROWS,
        identity_binding::ROWS,
        ci::ROWS,
        sign_in::ROWS,
        configuration::ROWS,
        app_service::ROWS,
        advice::ROWS,
        other_programs::ROWS,
    ];
    let others = areas.into_iter().flatten().copied().filter(|row| !DOCUMENTED.contains(row));
    DOCUMENTED.into_iter().chain(others).chain(aadsts::rows())
}

/// True if only a vault's answer has this row.
pub(in crate::diagnosis) fn is_vault_answer(row: &Row) -> bool {
    [vault::ROWS, unauthorized::ROWS, service::ROWS].into_iter().flatten().any(|known| *known == row)
}

#[cfg(test)]
mod tests;
