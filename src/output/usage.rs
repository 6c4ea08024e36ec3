//! What the reader of the command line has to say: help and the version on stdout, what is wrong with it on stderr.

use std::io::Write;
use std::process::ExitCode;

use crate::args::ColorWhen;
use crate::error::exit_code;

use super::{Answer, error, terminal};

/// Writes it, and answers with the exit code.
pub fn write(said: &clap::Error) -> ExitCode {
    let text = said.render();
    if said.use_stderr() {
        let _ = write!(terminal::stderr(ColorWhen::Auto), "{}", text.ansi());
        return ExitCode::from(u8::try_from(said.exit_code()).unwrap_or(exit_code::USAGE));
    }
    let text = if terminal::stdout_has_color(ColorWhen::Auto) { text.ansi().to_string() } else { text.to_string() };
    match Answer::text(text).write() {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            error::write_error(&failure.to_string(), ColorWhen::Auto);
            ExitCode::from(failure.exit_code())
        }
    }
}
