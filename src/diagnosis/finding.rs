//! A row of the table, filled in for one case.

use super::context::Context;
use super::fix_command::FixCommand;
use super::table::Row;

/// A row of the table, filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The row.
    pub row: &'static Row,
    /// The error that it is told under, where that is another than the row's own: the chain's, for a tool in it that
    /// failed.
    pub reported_as: Option<&'static str>,
    /// What happened, in one line behind the error.
    pub message: String,
    /// Whom or what it concerns, in a few words behind the row's cause.
    pub qualifier: Option<String>,
    /// What else is known, a line each.
    pub details: Vec<String>,
    /// What to paste: what only looks comes first, and last what changes something that others share.
    pub commands: Vec<FixCommand>,
}

impl Finding {
    /// Fills a row in for a case; `message` happened.
    pub(super) fn new(row: &'static Row, message: impl Into<String>, context: &Context) -> Self {
        let mut commands = (row.commands)(context);
        commands.sort_by_key(|command| command.effect);
        Finding { row, reported_as: None, message: message.into(), qualifier: None, details: Vec::new(), commands }
    }

    /// The cause, with whom or what it concerns.
    pub fn cause(&self) -> String {
        let qualifier = self.qualifier.as_ref().map(|qualifier| format!(" ({qualifier})")).unwrap_or_default();
        format!("{}{qualifier}", self.row.cause)
    }
}
