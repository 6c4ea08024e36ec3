//! A row of the error table, filled in for one failure.

use super::context::Context;
use super::example;
use super::fix_command::FixCommand;
use super::shell::Shell;
use super::table::Row;
use crate::vault::url::Suffixes;

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
    /// The shell that the commands are for.
    pub shell: Shell,
}

impl Finding {
    pub(super) fn new(row: &'static Row, message: impl Into<String>, context: &Context) -> Self {
        let mut commands = (row.commands)(context);
        if let Some(subscription) = &context.subscription {
            commands.iter_mut().for_each(|command| command.name_subscription(subscription));
        }
        commands.sort_by_key(|command| command.effect);
        let (message, details) = (message.into(), Vec::new());
        Finding { row, reported_as: None, message, qualifier: None, details, commands, shell: context.shell }
    }

    /// Explains a row without facts. Commands have example names in place of unknown ones, and a detail says so.
    pub fn of_row(row: &'static Row, context: &Context, suffixes: &Suffixes) -> Self {
        let real = Finding::new(row, "", context);
        let example = Finding::new(row, "", &example::context(row, context, suffixes));
        if example.commands == real.commands {
            return real;
        }
        let has_vault = example.commands.iter().any(|command| command.text.contains(example::VAULT));
        let hint = if context.vault.is_none() && has_vault { "; --vault fills in yours" } else { "" };
        Finding { details: vec![format!("the names and IDs in the commands are examples{hint}")], ..example }
    }

    /// Returns the cause, with the qualifier in parentheses.
    pub fn cause(&self) -> String {
        let qualifier = self.qualifier.as_ref().map(|qualifier| format!(" ({qualifier})")).unwrap_or_default();
        format!("{}{qualifier}", self.row.cause)
    }
}
