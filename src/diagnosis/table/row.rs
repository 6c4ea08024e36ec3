//! A row of the error table.

use std::fmt;

use super::super::fix_command::FixCommand;
use crate::diagnosis::context::Context;

/// A row of the error table: one error with its cause and fix.
pub struct Row {
    /// A stable identifier that scripts and tickets use.
    pub code: &'static str,
    /// The error in the words that users search for.
    pub error: &'static str,
    /// The cause, as a statement.
    pub cause: &'static str,
    /// The fix, as an imperative.
    pub fix: &'static str,
    /// The documentation page.
    pub source: &'static str,
    /// The row's rank among several.
    pub weight: Weight,
    /// Returns the commands that fix it, filled in from the context.
    pub commands: fn(&Context) -> Vec<FixCommand>,
}

impl Row {
    /// The values of the fields that a row of `rows!` leaves out: a refusal without commands.
    pub(super) const DEFAULT: Row =
        Row { code: "", error: "", cause: "", fix: "", source: "", weight: Weight::Refusal, commands: |_| Vec::new() };

    /// Returns the URL of the row's section in `docs/errors.md`.
    pub fn page(&self) -> String {
        let pages = concat!(env!("CARGO_PKG_REPOSITORY"), "/blob/main/docs/errors.md");
        format!("{pages}#{}", self.code.to_ascii_lowercase())
    }
}

/// How well a row explains a failure. Of several rows, the first in this order is reported first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// A request was refused, or a network step failed.
    Refusal,
    /// The host, pod or job has no identity configured.
    HostSetup,
    /// A setup is incomplete.
    Incomplete,
    /// Something looks like a credential setup, but is not.
    Misleading,
    /// A developer tool is installed, but not signed in.
    NotSignedIn,
    /// A developer tool is not installed.
    ToolMissing,
    /// The error does not say why something failed.
    Vague,
    /// A possible reason for a failure, here or on another machine; usually no error by itself.
    Warning,
    /// A best practice or additional information, never the reason for a failure.
    Note,
}

/// Compares rows by their codes.
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
