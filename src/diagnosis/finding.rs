//! A row of the error table, filled in for one failure.

use super::context::Context;
use super::fix_command::FixCommand;
use super::table::Row;

/// A row of the error table, filled in for one failure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The row of the error table.
    pub row: &'static Row,
    /// The error to show instead of the row's own: the chain's, if a developer tool in it failed.
    pub reported_as: Option<&'static str>,
    /// What happened, shown after the error.
    pub message: String,
    /// The identity or address concerned, shown after the cause.
    pub qualifier: Option<String>,
    /// Further facts, one line each.
    pub details: Vec<String>,
    /// The commands that fix it: read-only ones first, changes to shared resources last.
    pub commands: Vec<FixCommand>,
}

impl Finding {
    pub(super) fn new(row: &'static Row, message: impl Into<String>, context: &Context) -> Self {
        let mut commands = (row.commands)(context);
        commands.sort_by_key(|command| command.effect);
        Finding { row, reported_as: None, message: message.into(), qualifier: None, details: Vec::new(), commands }
    }

    /// Returns the cause, with the qualifier in parentheses.
    pub fn cause(&self) -> String {
        let qualifier = self.qualifier.as_ref().map(|qualifier| format!(" ({qualifier})")).unwrap_or_default();
        format!("{}{qualifier}", self.row.cause)
    }
}
