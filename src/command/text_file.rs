//! A text that the command line names: a file, or stdin.

use std::io;
use std::path::Path;
use std::time::Duration;

use zeroize::Zeroizing;

use crate::file;

/// What is larger is no configuration.
const SIZE_LIMIT: u64 = 16 << 20;
/// How long a pipe may take, as a shell's `<(…)` makes one.
const PIPE_LIMIT: Duration = Duration::from_secs(10);

/// The whole text; `-` is stdin. It can hold secrets of its own.
///
/// # Errors
/// It cannot be read, is too large, or is no text; the words say which.
pub fn read(path: &Path) -> Result<Zeroizing<String>, String> {
    let read = if path == Path::new("-") {
        file::to_end(io::stdin().lock(), SIZE_LIMIT)
    } else {
        file::read_named(path, SIZE_LIMIT, PIPE_LIMIT)
    };
    let bytes = read.map_err(|unread| unread.to_string())?;
    let text = std::str::from_utf8(&bytes).map_err(|_| "it is not UTF-8 text".to_owned())?;
    Ok(Zeroizing::new(text.to_owned()))
}
