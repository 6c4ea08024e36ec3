//! The error table as data: every error that azfob explains, with its cause, its fix and the commands that mend it.
//!
//! The rows stand by area, each area in its file with its commands below. The first four rows are the documented ones and
//! keep their words. A row's code is stable: scripts and tickets name it.

/// Writes the rows of an area: a constant for each, and `ROWS`, which is all of them.
macro_rules! rows {
    ($($name:ident {
        code: $code:literal, error: $error:literal, cause: $cause:literal, fix: $fix:literal, source: $source:literal,
        signs: $signs:expr, weight: $weight:expr, commands: $commands:expr,
    })*) => {
        $(#[doc = concat!("`", $code, "`: ", $cause, ".")]
        pub const $name: &$crate::diagnosis::table::Row = &$crate::diagnosis::table::Row {
            code: $code, error: $error, cause: $cause, fix: $fix, source: $source,
            signs: $signs, weight: $weight, commands: $commands,
        };)*
        /// All of them, in the order in which they are documented.
        pub(in crate::diagnosis) const ROWS: &[&$crate::diagnosis::table::Row] = &[$($name),*];
    };
}

pub mod aadsts;
pub mod federation;
pub mod identity;
pub mod network;
pub mod practice;
pub mod programs;
pub mod sign_in;
pub mod vault;

use std::fmt;

use super::case::Case;
use super::command::Command;

/// One row.
pub struct Row {
    /// What scripts know it by; it never changes.
    pub code: &'static str,
    /// The error, as people search for it.
    pub error: &'static str,
    /// Its cause.
    pub cause: &'static str,
    /// Its fix.
    pub fix: &'static str,
    /// Where this is documented.
    pub source: &'static str,
    /// The texts by which other programs' output is recognised as this row, in lower case. Only `log/sign.rs` matches them.
    pub signs: &'static [&'static str],
    /// How much it explains where several rows are seen at once.
    pub weight: Weight,
    /// The commands that mend it, filled in with what is known of the case.
    pub commands: fn(&Case) -> Vec<Command>,
}

/// How much a row explains where several are seen at once: what comes first here is told first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// Somebody was asked and refused, or a step on the way failed.
    Refusal,
    /// The host, the pod or the job lacks what would give it an identity.
    HostSetup,
    /// Something was begun and left half done.
    HalfDone,
    /// Something looks like a setup and is none.
    Misleading,
    /// A developer's tool is here, and nobody is signed in to it.
    NobodySignedIn,
    /// A developer's tool is not here.
    ToolMissing,
    /// It says only that something failed.
    Vague,
    /// Good practice, or something to know: never why a secret cannot be had.
    Aside,
}

/// Rows are told apart by their code.
impl PartialEq for Row {
    fn eq(&self, other: &Self) -> bool {
        self.code == other.code
    }
}

impl Eq for Row {}

impl fmt::Debug for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code)
    }
}

/// The documented rows.
pub const DOCUMENTED: [&Row; 4] = [
    identity::MANAGED_IDENTITY_UNAVAILABLE,
    vault::FORBIDDEN,
    vault::SECRET_NOT_FOUND,
    sign_in::CREDENTIAL_UNAVAILABLE,
];

/// Every row: the documented ones, then area by area, and last Entra ID's codes.
pub fn rows() -> impl Iterator<Item = &'static Row> {
    let areas =
        [vault::ROWS, network::ROWS, identity::ROWS, federation::ROWS, sign_in::ROWS, practice::ROWS, programs::ROWS];
    let others = areas.into_iter().flatten().copied().filter(|row| !DOCUMENTED.contains(row));
    DOCUMENTED.into_iter().chain(others).chain(aadsts::rows())
}

/// Of a row that is something to know, and has nothing to paste.
fn nothing(_: &Case) -> Vec<Command> {
    Vec::new()
}

#[cfg(test)]
mod tests;
