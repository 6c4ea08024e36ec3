//! Writes files that hold secrets: a new file completely or not at all, or lines at the end of a CI runner's file.

use std::fs;
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use crate::bounded_file::{self, ReadError};
use crate::error::Error;

use super::body::Body;
use super::stream::not_written;
use super::variables::END_OF_LINE;

/// What to do if the file exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IfExists {
    Fail,
    Replace,
}

impl IfExists {
    /// Reads `--force`.
    pub fn from_args(force: bool) -> Self {
        if force { IfExists::Replace } else { IfExists::Fail }
    }
}

/// Checks that a file may be written: it is new or may be replaced, and its folder exists.
pub(super) fn check_file(path: &Path, if_exists: IfExists) -> Result<(), Error> {
    let to = path.display().to_string();
    let problem = |reason: &str| Error::Write { to: to.clone(), reason: reason.to_owned() };
    if is_stream(path) {
        return Err(problem("it is a stream or a device, not a file; without --out-file the result goes to stdout"));
    }
    match fs::symlink_metadata(path) {
        Ok(found) if found.is_dir() => Err(problem("it is a folder")),
        Ok(_) if if_exists == IfExists::Fail => Err(problem("the file exists (use --force to replace it)")),
        // Replacing a device, a pipe or a link to one would lose it.
        Ok(_) if path.metadata().is_ok_and(|found| !found.is_file()) => Err(problem("it is not a regular file")),
        _ if !folder_of(path).is_dir() => Err(problem("its folder does not exist")),
        _ => Ok(()),
    }
}

/// Returns true if two paths name the same entry of a folder.
pub fn is_same_file(one: &Path, other: &Path) -> bool {
    let entry = |path: &Path| Some((folder_of(path).canonicalize().ok()?, path.file_name()?.to_owned()));
    one == other || entry(one).is_some_and(|found| entry(other) == Some(found))
}

/// Returns true for a path in `/dev` or `/proc`, such as `/dev/stdout`, and for a link to one. A file in its place would
/// take the stream from every program. `/dev/shm` has ordinary files.
fn is_stream(path: &Path) -> bool {
    /// The most links that Linux follows (path_resolution(7)).
    const MOST_LINKS: usize = 40;
    let mut at = path.to_owned();
    for _ in 0..MOST_LINKS {
        let folder = folder_of(&at).canonicalize().unwrap_or_default();
        if folder == Path::new("/dev") || folder.starts_with("/dev/fd") || folder.starts_with("/proc") {
            return true;
        }
        match fs::read_link(&at) {
            Ok(target) => at = folder.join(target),
            Err(_) => return false,
        }
    }
    false
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Writes a temporary file in the folder of each file, and renames all of them when they are complete, so that no reader
/// sees a part of one. Only its owner can read it from the start. Gives up before the renames if `interrupted` returns true.
pub(super) fn write_files(
    files: &[(&Path, &Body)],
    if_exists: IfExists,
    interrupted: impl FnOnce() -> bool,
) -> Result<(), Error> {
    let failed = |path: &Path| {
        let to = path.display().to_string();
        move |error: io::Error| not_written(&to, &error)
    };
    let mut written = Vec::with_capacity(files.len());
    for (path, body) in files {
        let mut file = tempfile::Builder::new().prefix(".azfob-").tempfile_in(folder_of(path)).map_err(failed(path))?;
        body.write(&mut file).and_then(|()| file.as_file().sync_all()).map_err(failed(path))?;
        written.push((*path, file));
    }
    if interrupted() {
        return Err(failed(files[0].0)(io::ErrorKind::Interrupted.into()));
    }
    written.iter().try_for_each(|(path, _)| check_file(path, if_exists))?;
    for (path, file) in written {
        let moved = match if_exists {
            IfExists::Fail => file.persist_noclobber(path),
            IfExists::Replace => file.persist(path),
        };
        match moved {
            Ok(_) => {}
            Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => check_file(path, IfExists::Fail)?,
            Err(error) => return Err(failed(path)(error.error)),
        }
    }
    Ok(())
}

/// Text for the end of a file that a CI runner reads after the step.
pub struct Append {
    pub path: PathBuf,
    /// The text, which can hold secrets.
    pub bytes: Zeroizing<Vec<u8>>,
}

impl Append {
    /// Starts a new line if the file does not end with one: the entry would become part of the last line.
    pub(super) fn write(&self) -> Result<(), Error> {
        let failed = |error: io::Error| not_written(&self.path.display().to_string(), &error);
        let mut file = bounded_file::open_to_append(&self.path).map_err(|unread| match unread {
            ReadError::Io(error) => failed(error),
            unread => failed(io::Error::other(unread.to_string())),
        })?;
        let mut bytes = Zeroizing::new(Vec::with_capacity(self.bytes.len() + 2));
        if file.metadata().is_ok_and(|found| found.is_file() && found.len() > 0) && !ends_a_line(&self.path) {
            bytes.extend_from_slice(END_OF_LINE.as_bytes());
        }
        bytes.extend_from_slice(&self.bytes);
        let before = file.metadata().map_err(failed)?.len();
        file.write_all(&bytes).map_err(|error| {
            // Part of a value is useless. If it cannot be removed, the error is reported anyway.
            let _ = file.set_len(before);
            failed(error)
        })
    }
}

fn ends_a_line(path: &Path) -> bool {
    let last = bounded_file::open(path).map_err(|unread| io::Error::other(unread.to_string())).and_then(|mut file| {
        let mut last = [0];
        file.seek(io::SeekFrom::End(-1))?;
        file.read_exact(&mut last)?;
        Ok(last[0])
    });
    // A file that cannot be read is assumed to end with a line break.
    last.map_or(true, |byte| byte == b'\n')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole(bytes: &[u8]) -> Body {
        Body::Whole(Zeroizing::new(bytes.to_vec()))
    }

    #[test]
    fn a_file_is_private_and_replaced_only_on_request() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        let write = |bytes: &[u8], if_exists| write_files(&[(&path, &whole(bytes))], if_exists, || false);
        write(b"one", IfExists::Fail).unwrap();
        assert!(write(b"two", IfExists::Fail).is_err());
        assert_eq!(fs::read(&path).unwrap(), b"one");
        write(b"three", IfExists::Replace).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"three");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
        let other = folder.path().join("other");
        assert!(write_files(&[(&other, &whole(b"four"))], IfExists::Fail, || true).is_err());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn no_file_is_replaced_if_another_cannot_be_written() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        fs::write(&path, "old").unwrap();
        let full = Body::streamed(|_| Err(io::ErrorKind::StorageFull.into()));
        let missing = folder.path().join("folder/certificate");
        let good = folder.path().join("certificate");
        for (other, body) in [(&good, &full), (&missing, &whole(b"new"))] {
            assert!(write_files(&[(&path, &whole(b"new")), (other, body)], IfExists::Replace, || false).is_err());
        }
        assert_eq!(fs::read(&path).unwrap(), b"old");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
