//! What a person sees on a terminal of so many columns.

use crate::support::{Scenario, Terminal};

/// The columns of the smallest terminal.
pub(super) const COLUMNS: usize = 80;
/// The rows of it, of which the prompt takes one.
pub(super) const ROWS: usize = 24 - 1;

/// What a command shows, colours included.
pub(super) fn shown(columns: usize, scenario: Scenario, arguments: &[&str]) -> String {
    let (terminal, theirs) = Terminal::of_width(u16::try_from(columns).expect("a width"));
    scenario.var("TERM", "xterm-256color").azfob_to(arguments, theirs);
    terminal.shown().replace("\r\n", "\n")
}

/// Text without its escape codes.
pub(super) fn plain(text: &str) -> String {
    let mut pieces = text.split('\u{1b}');
    let first = pieces.next().unwrap_or_default().to_owned();
    pieces.fold(first, |out, piece| out + piece.split_once('m').map_or("", |(_, rest)| rest))
}

/// How many rows of the smallest terminal a text takes.
pub(super) fn rows(text: &str) -> usize {
    text.lines().map(|line| line.chars().count().div_ceil(COLUMNS).max(1)).sum()
}
