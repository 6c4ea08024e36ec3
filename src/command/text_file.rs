//! Reads a text file that the command line names, or stdin.

use std::io::{self, IsTerminal};
use std::path::Path;
use std::time::Duration;

use zeroize::Zeroizing;

use crate::bounded_file::{self, PIPE_LIMIT};
use crate::output::error::note;
use crate::settings::{Settings, Verbosity};

use super::get::BUDGET;

const NO_TEXT: &str = "not UTF-8 text";
/// No configuration file is larger.
const SIZE_LIMIT: u64 = 16 << 20;
/// How a user ends the input on a terminal.
const END_KEYS: &str = if cfg!(windows) { "Ctrl-Z and Enter" } else { "Ctrl-D" };

/// Reads a text in the encoding of its byte order mark, or else in UTF-8; `-` is stdin. A pipe is read until the time limit.
/// The text can contain secrets.
///
/// # Errors
/// It cannot be read, is too large, or is not text.
pub fn read(path: &Path, settings: &Settings) -> Result<Zeroizing<String>, String> {
    bounded_file::text(&bytes(path, settings)?).map_err(|_| NO_TEXT.to_owned())
}

/// Reads UTF-8 text unchanged, with its byte order mark.
///
/// # Errors
/// It cannot be read, is too large, or is not UTF-8.
pub fn read_verbatim(path: &Path, settings: &Settings) -> Result<Zeroizing<String>, String> {
    let bytes = bytes(path, settings)?;
    std::str::from_utf8(&bytes).map(|text| Zeroizing::new(text.to_owned())).map_err(|_| NO_TEXT.to_owned())
}

fn bytes(path: &Path, settings: &Settings) -> Result<Zeroizing<Vec<u8>>, String> {
    let read = if path == Path::new("-") {
        bounded_file::read_stdin(SIZE_LIMIT, stdin_limit(settings, BUDGET))
    } else {
        bounded_file::read_named(path, SIZE_LIMIT, settings.timeout.unwrap_or(PIPE_LIMIT))
    };
    read.map_err(|unread| unread.to_string())
}

/// Returns the time limit for stdin: the command's own, without `--timeout`. A user who types has no limit, and sees how the
/// input ends.
pub fn stdin_limit(settings: &Settings, budget: Duration) -> Option<Duration> {
    let types = io::stdin().is_terminal();
    if types && settings.verbosity != Verbosity::Quiet {
        note(&format!("reading from the terminal; {END_KEYS} ends the input"), settings.color);
    }
    settings.timeout.or_else(|| (!types).then_some(budget))
}
