//! Reads a text file that the command line names, or stdin.

use std::io;
use std::path::Path;
use std::time::Duration;

use zeroize::Zeroizing;

use crate::bounded_file;

const NO_TEXT: &str = "not UTF-8 text";
/// No configuration file is larger.
const SIZE_LIMIT: u64 = 16 << 20;
/// The time limit for reading a pipe, as of a shell's `<(…)`, without `--timeout`.
const PIPE_LIMIT: Duration = Duration::from_secs(10);

/// Reads a text in the encoding of its byte order mark, or else in UTF-8; `-` is stdin. A pipe is read until `timeout`. The
/// text can contain secrets.
///
/// # Errors
/// It cannot be read, is too large, or is not text.
pub fn read(path: &Path, timeout: Option<Duration>) -> Result<Zeroizing<String>, String> {
    bounded_file::text(&bytes(path, timeout)?).map_err(|_| NO_TEXT.to_owned())
}

/// Reads UTF-8 text unchanged, with its byte order mark.
///
/// # Errors
/// It cannot be read, is too large, or is not UTF-8.
pub fn read_verbatim(path: &Path, timeout: Option<Duration>) -> Result<Zeroizing<String>, String> {
    let bytes = bytes(path, timeout)?;
    std::str::from_utf8(&bytes).map(|text| Zeroizing::new(text.to_owned())).map_err(|_| NO_TEXT.to_owned())
}

fn bytes(path: &Path, timeout: Option<Duration>) -> Result<Zeroizing<Vec<u8>>, String> {
    let read = if path == Path::new("-") {
        bounded_file::to_end(io::stdin().lock(), SIZE_LIMIT)
    } else {
        bounded_file::read_named(path, SIZE_LIMIT, timeout.unwrap_or(PIPE_LIMIT))
    };
    read.map_err(|unread| unread.to_string())
}
