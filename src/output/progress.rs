//! A line on stderr that says how far a long list has come, or what is waited for: on a terminal only, and only when it
//! takes long.

use std::io::{self, IsTerminal, Write};
use std::time::Duration;

use crate::background::progress;
use crate::settings::Verbosity;
use crate::time::deadline::Stopwatch;

use crate::redact::sanitize_line;

/// What takes less needs no progress line.
const PATIENCE: Duration = Duration::from_secs(1);

/// The line. It is wiped when dropped.
pub struct Progress {
    wanted: bool,
    since: Stopwatch,
    shown: bool,
}

impl Progress {
    /// A line for somebody who waits: stderr is a terminal, nothing else writes there, and stdout does not show the
    /// lines as they come.
    pub fn new(verbosity: Verbosity, shows_lines: bool) -> Self {
        let watched = io::stderr().is_terminal() && !(shows_lines && io::stdout().is_terminal());
        Progress { wanted: watched && verbosity == Verbosity::Normal, since: Stopwatch::start(), shown: false }
    }

    /// Tells how many there are so far.
    pub fn tell(&mut self, count: usize) {
        if self.wanted && self.since.elapsed() >= PATIENCE {
            self.shown = true;
            show(Some(&format!("{count} secrets so far")));
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

/// Tells whoever looks what is waited for. In a verbose run the log does.
pub fn watch_waits(verbosity: Verbosity) {
    if verbosity == Verbosity::Normal && io::stderr().is_terminal() {
        progress::watch(show);
    }
}

/// The line, in the place of the one before it; or none.
fn show(line: Option<&str>) {
    let _ = write!(io::stderr().lock(), "\r{}\u{1b}[K", sanitize_line(line.unwrap_or_default()));
}
