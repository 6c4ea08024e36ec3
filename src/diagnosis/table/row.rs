//! A row of the error table.

use std::fmt;

use super::super::fix_command::FixCommand;
use crate::diagnosis::context::Context;

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
    /// Texts in other programs' output that identify this row, in lower case. Only `log/pattern.rs` matches them.
    pub patterns: &'static [&'static str],
    /// How much it explains where several rows are seen at once.
    pub weight: Weight,
    /// The commands that mend it, filled in with what is known of the case.
    pub commands: fn(&Context) -> Vec<FixCommand>,
}

impl Row {
    /// Where it is told in full, with a heading for each row.
    pub fn page(&self) -> String {
        let pages = concat!(env!("CARGO_PKG_REPOSITORY"), "/blob/main/docs/errors.md");
        format!("{pages}#{}", self.code.to_ascii_lowercase())
    }
}

/// How much a row explains where several are seen at once: what comes first here is told first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// Somebody was asked and refused, or a step on the way failed.
    Refusal,
    /// The host, the pod or the job lacks what would give it an identity.
    HostSetup,
    /// Something was begun and left half done.
    Incomplete,
    /// Something looks like a setup and is none.
    Misleading,
    /// A developer's tool is here, and nobody is signed in to it.
    NotSignedIn,
    /// A developer's tool is not here.
    ToolMissing,
    /// It says only that something failed.
    Vague,
    /// It can be why something fails, here or elsewhere; as a rule it is no error by itself.
    Warning,
    /// Good practice, or something to know: never why a secret cannot be had.
    Note,
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

/// Of a row that is something to know, and has nothing to paste.
pub(super) fn no_commands(_: &Context) -> Vec<FixCommand> {
    Vec::new()
}
