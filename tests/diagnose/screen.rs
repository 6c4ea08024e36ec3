//! Renders output on a terminal with a given width.

use std::process::Stdio;

use crate::support::{Outcome, Scenario, Terminal};

/// The width of the smallest terminal.
pub(super) const COLUMNS: usize = 80;
/// Its height without the row of the prompt.
pub(super) const ROWS: usize = 24 - 1;

/// Returns what a command prints on a terminal, with colors.
pub(super) fn shown(columns: usize, scenario: Scenario, arguments: &[&str]) -> String {
    let scenario = scenario.var("TERM", "xterm-256color");
    on_terminal(columns, &scenario, |terminal| scenario.azfob_to(arguments, terminal))
}

/// Returns what a command prints to stderr on the smallest terminal, without colors.
pub(super) fn errors(scenario: Scenario, arguments: &[&str]) -> String {
    let scenario = scenario.var("NO_COLOR", "1");
    on_terminal(COLUMNS, &scenario, |terminal| {
        scenario.azfob_with(&scenario.sandbox(), arguments, Stdio::null(), terminal)
    })
}

fn on_terminal(columns: usize, scenario: &Scenario, run: impl Fn(Stdio) -> Outcome) -> String {
    let columns = u16::try_from(columns).expect("a width");
    let (text, _) = scenario.in_time(|| {
        let (terminal, theirs) = Terminal::with_columns(columns);
        let outcome = run(theirs);
        (terminal.shown(), outcome)
    });
    text.replace("\r\n", "\n")
}

/// Returns a text without escape codes.
pub(super) fn plain(text: &str) -> String {
    let mut pieces = text.split('\u{1b}');
    let first = pieces.next().unwrap_or_default().to_owned();
    pieces.fold(first, |out, piece| out + piece.split_once('m').map_or("", |(_, rest)| rest))
}

/// Returns how many rows a text needs on the smallest terminal.
pub(super) fn rows(text: &str) -> usize {
    text.lines().map(|line| line.chars().count().div_ceil(COLUMNS).max(1)).sum()
}
