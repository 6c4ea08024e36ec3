//! Writes to stderr beside a result: warnings, notes, the log and usage errors.

use std::io::{self, Write};
use std::process::ExitCode;

use clap::error::ErrorKind;
use log::{LevelFilter, Log, Metadata, Record};

use crate::args::ColorWhen;
use crate::error::exit_code;
use crate::redact::{sanitize_field, sanitize_line};
use crate::settings::{Settings, Verbosity};

use super::fold::{fold, fold_lines};
use super::stream::StdoutStream;
use super::table::Width;
use super::{error, terminal};

/// Which notices to print, and in which colors.
#[derive(Clone, Copy, Debug)]
pub struct Notices {
    verbosity: Verbosity,
    color: ColorWhen,
}

impl Default for Notices {
    fn default() -> Self {
        Notices { verbosity: Verbosity::Normal, color: ColorWhen::Auto }
    }
}

impl Notices {
    /// Reads verbosity and color from the settings.
    pub fn new(settings: &Settings) -> Self {
        Notices { verbosity: settings.verbosity, color: settings.color }
    }

    /// Writes warnings, unless `--quiet` is set.
    pub fn warn(self, texts: impl IntoIterator<Item = impl AsRef<str>>) {
        self.unless_quiet(texts).for_each(|text| error::warn(text.as_ref(), self.color));
    }

    /// Writes notes, unless `--quiet` is set.
    pub fn note(self, texts: impl IntoIterator<Item = impl AsRef<str>>) {
        self.unless_quiet(texts).for_each(|text| error::note(text.as_ref(), self.color));
    }

    fn unless_quiet<T>(self, texts: impl IntoIterator<Item = T>) -> impl Iterator<Item = T> {
        texts.into_iter().take_while(move |_| self.verbosity != Verbosity::Quiet)
    }
}

/// Logs azfob's own records only: a library can log a request with a secret in it.
struct StderrLog;

impl Log for StderrLog {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "azfob"
    }

    fn log(&self, record: &Record<'_>) {
        if self.enabled(record.metadata()) {
            let line = sanitize_line(&sanitize_field(&record.args().to_string()));
            let line = fold(&line, "azfob: ".len(), Width::of_stderr());
            let _ = writeln!(io::stderr().lock(), "azfob: {line}");
        }
    }

    fn flush(&self) {}
}

/// Starts the log on stderr (`--verbose`).
pub fn start_log(verbosity: Verbosity) {
    let level = match verbosity {
        Verbosity::Quiet => return,
        Verbosity::Normal => LevelFilter::Warn,
        Verbosity::Verbose => LevelFilter::Info,
    };
    // A second call, as in a library test, keeps the first logger.
    if log::set_logger(&StderrLog).is_ok() {
        log::set_max_level(level);
    }
}

/// Writes help and version to stdout and usage errors to stderr. Returns the exit code.
pub fn write_usage(message: &clap::Error) -> ExitCode {
    let text = message.render();
    // azfob without arguments prints its help.
    if message.use_stderr() && message.kind() != ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        let text = fold_lines(&text.ansi().to_string(), Width::of_stderr());
        let _ = terminal::stderr(ColorWhen::Auto).write_all(text.as_bytes());
        return ExitCode::from(u8::try_from(message.exit_code()).unwrap_or(exit_code::USAGE));
    }
    let text = if terminal::stdout_has_color(ColorWhen::Auto) { text.ansi().to_string() } else { text.to_string() };
    match StdoutStream::new().write(&text) {
        Ok(_) => ExitCode::SUCCESS,
        Err(failure) => {
            error::write_error(&failure.to_string(), ColorWhen::Auto);
            ExitCode::from(failure.exit_code())
        }
    }
}
