//! A row of the table, filled in for one case.

use super::context::Context;
use super::fix_command::Command;
use super::table::Row;

/// A row of the table, filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The row.
    pub row: &'static Row,
    /// The error that it is told under, where that is another than the row's own: the chain's, for a tool in it that
    /// failed.
    pub under: Option<&'static str>,
    /// What happened, in one line behind the error.
    pub what: String,
    /// Whom or what it concerns, in a few words behind the row's cause.
    pub aside: Option<String>,
    /// What else is known, a line each.
    pub details: Vec<String>,
    /// What to paste: what only looks comes first, and last what changes something that others share.
    pub commands: Vec<Command>,
}

impl Finding {
    /// Fills a row in for a case; `what` happened.
    pub(super) fn new(row: &'static Row, what: impl Into<String>, context: &Context) -> Self {
        let mut commands = (row.commands)(context);
        commands.sort_by_key(|command| command.effect);
        Finding { row, under: None, what: what.into(), aside: None, details: Vec::new(), commands }
    }

    /// The cause, with whom or what it concerns.
    pub fn cause(&self) -> String {
        let aside = self.aside.as_ref().map(|aside| format!(" ({aside})")).unwrap_or_default();
        format!("{}{aside}", self.row.cause)
    }
}
