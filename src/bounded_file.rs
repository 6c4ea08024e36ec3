//! Opens and reads every file of azfob, up to a size limit and without blocking.
//!
//! A pipe without a writer, a terminal or a device could block past every time limit. So a file from the settings must be a
//! regular file. A file from the command line can also be a pipe, such as a shell's `<(…)`, or stdin: a thread reads it,
//! and is abandoned if it takes too long.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;
use std::time::Duration;

use zeroize::Zeroizing;

use crate::background;
use crate::background::progress;

/// The reason why a file could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    #[error(transparent)]
    Io(#[from] io::Error),
    #[error("it is not a regular file")]
    NotAFile,
    #[error("it is larger than {0} bytes")]
    TooLarge(u64),
    #[error("the pipe did not end within {} s", .0.as_secs())]
    Silent(Duration),
}

/// Opens a regular file.
///
/// # Errors
/// Returns an error if it is not a regular file or cannot be opened.
pub fn open(path: &Path) -> Result<File, ReadError> {
    open_with(path, OpenOptions::new().read(true))
}

/// Opens an existing regular file for appending.
///
/// # Errors
/// Returns an error if it is not a regular file, does not exist or cannot be opened.
pub fn open_to_append(path: &Path) -> Result<File, ReadError> {
    open_with(path, OpenOptions::new().append(true))
}

fn open_with(path: &Path, options: &mut OpenOptions) -> Result<File, ReadError> {
    #[cfg(unix)]
    {
        let flags = rustix::fs::OFlags::NONBLOCK | rustix::fs::OFlags::NOCTTY;
        std::os::unix::fs::OpenOptionsExt::custom_flags(options, flags.bits().cast_signed());
    }
    let opened = options.open(path);
    // A pipe without a reader and a socket cannot be opened.
    let file = opened.map_err(|error| if is_special(path) { ReadError::NotAFile } else { ReadError::Io(error) })?;
    // Checked after opening, so that the file cannot be replaced in between.
    if file.metadata()?.is_file() { Ok(file) } else { Err(ReadError::NotAFile) }
}

fn is_special(path: &Path) -> bool {
    path.metadata().is_ok_and(|found| !found.is_file())
}

/// Reads a regular file.
///
/// # Errors
/// Returns an error if it is not a regular file, is larger than `limit` or cannot be read.
pub fn read(path: &Path, limit: u64) -> Result<Zeroizing<Vec<u8>>, ReadError> {
    let file = open(path)?;
    let length = file.metadata()?.len();
    of_length(file, length, limit)
}

/// Reads an open file of a length. The buffer is no larger, because it is wiped.
///
/// # Errors
/// Returns an error if it is larger than `limit` or cannot be read.
pub fn of_length(file: File, length: u64, limit: u64) -> Result<Zeroizing<Vec<u8>>, ReadError> {
    fill(usize::try_from(length.min(limit)).unwrap_or(0) + 1, file, limit)
}

/// Reads a file about the system, such as `/etc/os-release`. Returns `None` if it is missing.
pub fn of_system(path: &str) -> Option<String> {
    const LIMIT: u64 = 64 << 10;
    let bytes = read(Path::new(path), LIMIT).ok()?;
    std::str::from_utf8(&bytes).ok().map(str::to_owned)
}

/// Reads an open file to its end.
///
/// # Errors
/// Returns an error if it is larger than `limit` or cannot be read.
pub fn to_end(file: impl Read, limit: u64) -> Result<Zeroizing<Vec<u8>>, ReadError> {
    // Large enough that a small secret is not copied when the buffer grows.
    fill(32 << 10, file, limit)
}

fn fill(capacity: usize, file: impl Read, limit: u64) -> Result<Zeroizing<Vec<u8>>, ReadError> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(capacity));
    file.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit { Err(ReadError::TooLarge(limit)) } else { Ok(bytes) }
}

/// Decodes text by its byte order mark. In Windows PowerShell `>` and `Set-Content` write UTF-16 with a mark
/// (<https://learn.microsoft.com/powershell/module/microsoft.powershell.core/about/about_character_encoding>). Without
/// a mark it must be UTF-8.
///
/// # Errors
/// Returns an error if it cannot be decoded.
pub fn text(bytes: &[u8]) -> Result<Zeroizing<String>, ReadError> {
    decoded(bytes, |_| None).ok_or_else(|| ReadError::Io(io::Error::new(io::ErrorKind::InvalidData, "it is not UTF-8")))
}

/// Decodes text as [`text`] does, with a replacement character for each byte that cannot be decoded.
pub fn text_lossy(bytes: &[u8]) -> Zeroizing<String> {
    decoded(bytes, Some).unwrap_or_default()
}

/// `instead` returns the replacement for an invalid character, or `None` to fail.
fn decoded(bytes: &[u8], instead: fn(char) -> Option<char>) -> Option<Zeroizing<String>> {
    // Two bytes of UTF-16 become at most three. A growing buffer would copy a secret.
    let mut text = Zeroizing::new(String::with_capacity(bytes.len() / 2 * 3 + 3));
    let (units, unit): (_, fn([u8; 2]) -> u16) = match bytes {
        [0xff, 0xfe, units @ ..] => (units, u16::from_le_bytes),
        [0xfe, 0xff, units @ ..] => (units, u16::from_be_bytes),
        [0xef, 0xbb, 0xbf, rest @ ..] | rest => {
            for chunk in rest.utf8_chunks() {
                text.push_str(chunk.valid());
                if !chunk.invalid().is_empty() {
                    text.push(instead(char::REPLACEMENT_CHARACTER)?);
                }
            }
            return Some(text);
        }
    };
    let (units, half) = units.as_chunks();
    for c in char::decode_utf16(units.iter().map(|pair| unit(*pair))) {
        text.push(c.ok().or_else(|| instead(char::REPLACEMENT_CHARACTER))?);
    }
    if !half.is_empty() {
        text.push(instead(char::REPLACEMENT_CHARACTER)?);
    }
    Some(text)
}

/// The time limit for a pipe that the command line names, such as a shell's `<(…)`, without `--timeout`.
pub const PIPE_LIMIT: Duration = Duration::from_secs(10);

/// Reads a regular file, or a pipe that ends within `time`.
///
/// # Errors
/// Returns an error if it is neither, is larger than `limit`, takes too long or cannot be read.
pub fn read_named(path: &Path, limit: u64, time: Duration) -> Result<Zeroizing<Vec<u8>>, ReadError> {
    named(path, time, move |file| to_end(file, limit))
}

/// Reads the last `length` bytes of a regular file, or of a pipe that ends within `time`. One byte more shows that there
/// are others before them.
///
/// # Errors
/// Returns an error if it is neither, takes too long or cannot be read.
pub fn read_end(path: &Path, length: usize, time: Duration) -> Result<Zeroizing<Vec<u8>>, ReadError> {
    named(path, time, move |mut file| {
        let found = file.metadata()?;
        let before = found.len().saturating_sub(length as u64 + 1);
        if !found.is_file() || before == 0 {
            return end_of(file, length);
        }
        let mut mark = [0; 2];
        file.read_exact(&mut mark)?;
        // UTF-16 keeps its mark and its pairs of bytes.
        let is_utf16 = [[0xff, 0xfe], [0xfe, 0xff]].contains(&mark);
        file.seek(SeekFrom::Start(if is_utf16 { before & !1 } else { before }))?;
        let mark: &[u8] = if is_utf16 { &mark } else { &[] };
        end_of(mark.chain(file), length + mark.len() + 1)
    })
}

/// The multiple of the kept length after which a stream is not read any further.
const LONGEST_STREAM: u64 = 64;

/// Reads a stream, and returns its last `length` bytes and one more.
///
/// # Errors
/// Returns an error if it cannot be read.
pub fn end_of(stream: impl Read, length: usize) -> Result<Zeroizing<Vec<u8>>, ReadError> {
    let mut stream = stream.take(length as u64 * LONGEST_STREAM);
    let mut kept = Zeroizing::new(Vec::new());
    loop {
        let read = stream.by_ref().take(length as u64 + 1).read_to_end(&mut kept)?;
        let older = kept.len().saturating_sub(length + 1);
        kept.drain(..older);
        if read <= length {
            return Ok(kept);
        }
    }
}

/// Reads stdin to its end, which must come within `time`. `None` waits for as long as it takes.
///
/// # Errors
/// Returns an error if it is larger than `limit`, takes too long or cannot be read.
pub fn read_stdin(limit: u64, time: Option<Duration>) -> Result<Zeroizing<Vec<u8>>, ReadError> {
    within(STDIN, time, move || to_end(io::stdin().lock(), limit))
}

/// Reads the last `length` bytes of stdin and one more, within `time`. `None` waits for as long as it takes.
///
/// # Errors
/// Returns an error if it takes too long or cannot be read.
pub fn read_stdin_end(length: usize, time: Option<Duration>) -> Result<Zeroizing<Vec<u8>>, ReadError> {
    within(STDIN, time, move || end_of(io::stdin().lock(), length))
}

const STDIN: &str = "stdin";

type ReadBytes = Result<Zeroizing<Vec<u8>>, ReadError>;

fn named(path: &Path, time: Duration, read: impl FnOnce(File) -> ReadBytes + Send + 'static) -> ReadBytes {
    // A pipe must be opened only once: its writer writes to the first reader and ends.
    if !is_special(path) || path.is_dir() {
        return read(open(path)?);
    }
    let name = path.display().to_string();
    let path = path.to_owned();
    within(&name, Some(time), move || File::open(&path).map_err(ReadError::Io).and_then(read))
}

/// Reads in a thread, which is abandoned if it takes too long.
fn within(name: &str, time: Option<Duration>, read: impl FnOnce() -> ReadBytes + Send + 'static) -> ReadBytes {
    let Some(time) = time else { return read() };
    let _waiting = progress::wait_for(name, time);
    background::on_thread(time, read)?.unwrap_or(Err(ReadError::Silent(time)))
}

#[cfg(test)]
mod text_tests {
    use super::*;

    #[test]
    fn text_is_decoded_by_its_byte_order_mark() {
        let word = "vault = 'ü𝄞'\r\n";
        let units = |unit: fn(u16) -> [u8; 2]| word.encode_utf16().flat_map(unit).collect::<Vec<u8>>();
        for (mark, bytes) in [
            (&[][..], word.as_bytes().to_vec()),
            (&[0xef, 0xbb, 0xbf], word.as_bytes().to_vec()),
            (&[0xff, 0xfe], units(u16::to_le_bytes)),
            (&[0xfe, 0xff], units(u16::to_be_bytes)),
        ] {
            let bytes = [mark, &bytes].concat();
            assert_eq!(text(&bytes).unwrap().as_str(), word, "{mark:x?}");
            assert_eq!(text_lossy(&bytes).as_str(), word, "{mark:x?}");
        }
        assert_eq!(text(b"\xff\xfe").unwrap().as_str(), "");
    }

    #[test]
    fn invalid_text_is_an_error_or_replaced() {
        for (bytes, marked) in
            [(&b"a\xe4b"[..], "a\u{fffd}b"), (b"\xff\xfea\0\0\xd8", "a\u{fffd}"), (b"\xff\xfea\0b", "a\u{fffd}")]
        {
            assert!(text(bytes).is_err(), "{bytes:x?}");
            assert_eq!(text_lossy(bytes).as_str(), marked);
        }
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::process::Command;

    use super::*;

    #[test]
    fn only_regular_files_up_to_the_limit_are_read() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        std::fs::write(&file, "12345").unwrap();
        assert_eq!(read(&file, 5).unwrap().as_slice(), b"12345");
        assert!(matches!(read(&file, 4), Err(ReadError::TooLarge(4))));
        assert!(matches!(read(&folder.path().join("none"), 4), Err(ReadError::Io(_))));
        for other in [folder.path(), Path::new("/dev/zero"), Path::new("/dev/tty"), Path::new("/dev/null")] {
            assert!(matches!(read(other, 4), Err(ReadError::NotAFile | ReadError::Io(_))), "{}", other.display());
        }
    }

    #[test]
    #[allow(clippy::disallowed_methods, reason = "the test creates a pipe")]
    fn a_named_pipe_is_read_within_its_time() {
        let folder = tempfile::tempdir().unwrap();
        let [pipe, written] = ["pipe", "written"].map(|name| folder.path().join(name));
        assert!(Command::new("mkfifo").args([&pipe, &written]).status().unwrap().success());
        assert!(matches!(read(&pipe, 9), Err(ReadError::NotAFile)));
        assert!(matches!(open_to_append(&pipe), Err(ReadError::NotAFile)));
        let time = Duration::from_millis(50);
        assert!(matches!(read_named(&pipe, 9, time), Err(ReadError::Silent(_))));
        let writer = written.clone();
        std::thread::spawn(move || std::fs::write(writer, "text"));
        assert_eq!(read_named(&written, 9, Duration::from_secs(20)).unwrap().as_slice(), b"text");
        assert!(matches!(read_named(Path::new("/dev/zero"), 9, Duration::from_secs(20)), Err(ReadError::TooLarge(9))));
        assert!(matches!(read_named(folder.path(), 9, time), Err(ReadError::NotAFile)));
    }
}
