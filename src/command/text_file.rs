//! A text that the command line names: a file, or stdin.

use std::io;
use std::path::Path;
use std::time::Duration;

use zeroize::Zeroizing;

use crate::bounded_file;

const NO_TEXT: &str = "it is not UTF-8 text";
/// What is larger is no configuration.
const SIZE_LIMIT: u64 = 16 << 20;
/// How long a pipe may take, as a shell's `<(…)` makes one, where nobody said.
const PIPE_LIMIT: Duration = Duration::from_secs(10);

/// The text, in whatever encoding it is marked to have; `-` is stdin, and a pipe is waited for until `timeout`. It can hold
/// secrets of its own.
///
/// # Errors
/// It cannot be read, is too large, or is no text; the words say which.
pub fn read(path: &Path, timeout: Option<Duration>) -> Result<Zeroizing<String>, String> {
    bounded_file::text(&bytes(path, timeout)?).map_err(|_| NO_TEXT.to_owned())
}

/// The same to the byte, a mark of UTF-8 included.
///
/// # Errors
/// It cannot be read, is too large, or is not UTF-8; the words say which.
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
