//! `--verbose`: each step on stderr. Only azfob's own records pass; what a library logs about a request can hold a secret.

use std::io::Write;

use log::{LevelFilter, Log, Metadata, Record};

use crate::redact;
use crate::settings::Verbosity;

use crate::redact::sanitize_line;

struct Stderr;

impl Log for Stderr {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "azfob"
    }

    fn log(&self, record: &Record<'_>) {
        if self.enabled(record.metadata()) {
            let _ = writeln!(
                std::io::stderr().lock(),
                "azfob: {}",
                sanitize_line(&redact::sanitize_field(&record.args().to_string()))
            );
        }
    }

    fn flush(&self) {}
}

/// Begins to tell, as far as was asked for.
pub fn start(verbosity: Verbosity) {
    let level = match verbosity {
        Verbosity::Quiet => return,
        Verbosity::Normal => LevelFilter::Warn,
        Verbosity::Verbose => LevelFilter::Info,
    };
    // A second start, as in a test of the library, leaves the first one in place.
    if log::set_logger(&Stderr).is_ok() {
        log::set_max_level(level);
    }
}
