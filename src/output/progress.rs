//! Shows the progress of a long list, or of a wait, on one line of stderr. Only on a terminal, and only if it takes long.

use std::io::{self, IsTerminal, Write};
use std::time::Duration;

use crate::background::progress;
use crate::settings::Verbosity;
use crate::time::deadline::Stopwatch;

use super::table::{Width, clip};
use crate::redact::sanitize_line;

/// Time before the progress of a list is shown.
const PATIENCE: Duration = Duration::from_secs(1);

/// The progress line of a list. It is erased when dropped.
pub struct Progress {
    wanted: bool,
    since: Stopwatch,
    shown: bool,
    /// What is listed.
    items: &'static str,
}

impl Progress {
    /// Creates a line. It is shown only if stderr is a terminal, nothing else writes there, and stdout does not show the
    /// list itself.
    pub fn new(items: &'static str, verbosity: Verbosity, shows_lines: bool) -> Self {
        let watched = io::stderr().is_terminal() && !(shows_lines && io::stdout().is_terminal());
        Progress { wanted: watched && verbosity == Verbosity::Normal, since: Stopwatch::start(), shown: false, items }
    }

    /// Shows the number of items so far.
    pub fn update(&mut self, count: usize) {
        if self.wanted && self.since.elapsed() >= PATIENCE {
            self.shown = true;
            show(Some(&format!("{count} {} so far", self.items)));
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.shown {
            show(None);
        }
    }
}

/// Shows what azfob waits for. With `--verbose` the log does.
pub fn watch_waits(verbosity: Verbosity) {
    if verbosity == Verbosity::Normal && io::stderr().is_terminal() {
        progress::watch(show);
    }
}

/// Replaces the line, or erases it. A line that wraps could not be erased, so it is clipped.
fn show(line: Option<&str>) {
    let line = sanitize_line(line.unwrap_or_default());
    let line = match Width::of_stderr() {
        // Some terminals wrap after the last column.
        Width::Terminal(columns) => clip(line, usize::from(columns).saturating_sub(1)),
        Width::Unlimited => line,
    };
    let _ = write!(io::stderr().lock(), "\r{line}\u{1b}[K");
}
