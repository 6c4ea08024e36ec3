//! Renders output on a terminal with a given width.

use crate::support::{Scenario, Terminal};

/// The width of the smallest terminal.
pub(super) const COLUMNS: usize = 80;
/// Its height without the row of the prompt.
pub(super) const ROWS: usize = 24 - 1;

/// Returns what a command prints on a terminal, with colors.
pub(super) fn shown(columns: usize, scenario: Scenario, arguments: &[&str]) -> String {
    let (terminal, theirs) = Terminal::with_columns(u16::try_from(columns).expect("a width"));
    scenario.var("TERM", "xterm-256color").azfob_to(arguments, theirs);
    terminal.shown().replace("\r\n", "\n")
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
