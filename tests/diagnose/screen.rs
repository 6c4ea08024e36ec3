//! Renders output on a terminal with a given width.

use std::path::Path;
use std::process::Stdio;

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

/// Returns what a command prints to stderr on the smallest terminal, without colors.
pub(super) fn errors(scenario: Scenario, arguments: &[&str]) -> String {
    let (terminal, stderr) = Terminal::with_columns(u16::try_from(COLUMNS).expect("a width"));
    let (scenario, azfob) = (scenario.var("NO_COLOR", "1"), Path::new(env!("CARGO_BIN_EXE_azfob")));
    let sandbox = scenario.sandbox();
    let mut command = scenario.command(&sandbox, azfob);
    let _ =
        command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(stderr).status().expect("azfob runs");
    // The terminal is read until nobody can write to it.
    drop(command);
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
