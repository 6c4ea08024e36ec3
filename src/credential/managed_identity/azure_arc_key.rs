//! Reads the key file of the Azure Arc agent.
//!
//! Any program can listen on the agent's port and name a path, so azfob reads only files in the agent's own folder.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::bounded_file::{self, ReadError};
use crate::env::{self, Env};
use crate::http::Reply;
use crate::http::status;
use crate::redact::secret::Secret;

/// What is wrong with the key file of a challenge by Azure Arc's agent; the text follows the file's name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyFileProblem {
    #[error("is not in the agent's token folder")]
    OtherFolder,
    #[error("does not end in .key")]
    Name,
    #[error("is not a regular file")]
    NotAFile,
    #[error("is larger than {0} bytes")]
    TooLarge(u64),
    #[error("is writable by other users")]
    Writable,
    #[error("is readable only by the agent's group")]
    Denied,
    #[error("cannot be read: {0}")]
    Unreadable(io::ErrorKind),
    /// Its content cannot be sent in a header.
    #[error("contains no key")]
    Malformed,
}

/// The largest key that is read, as in every SDK.
const KEY_LIMIT: u64 = 4096;

/// Returns the path of the key file in a challenge, if it has the agent's form.
pub(super) fn key_path(challenge: &Reply) -> Option<&str> {
    if challenge.status != status::UNAUTHORIZED {
        return None;
    }
    let path = challenge.header("www-authenticate")?.trim().strip_prefix("Basic realm=")?;
    (!path.is_empty() && !path.contains(['=', '"'])).then_some(path)
}

/// Returns the folder of the agent's keys, or `None` on systems without the agent.
pub(super) fn tokens_folder(env: &Env) -> Option<PathBuf> {
    if cfg!(windows) {
        env.get_os(env::PROGRAM_DATA).map(|folder| Path::new(folder).join(r"AzureConnectedMachineAgent\Tokens"))
    } else if cfg!(target_os = "linux") {
        Some(PathBuf::from("/var/opt/azcmagent/tokens"))
    } else {
        None
    }
}

/// Reads the key, if the file is directly in `folder` and only the agent could have written it.
pub(super) fn read_key(path: &Path, folder: &Path) -> Result<Secret, KeyFileProblem> {
    if !path.parent().is_some_and(|parent| is_same(parent, folder)) {
        return Err(KeyFileProblem::OtherFolder);
    }
    if path.extension().is_none_or(|ending| ending != "key") {
        return Err(KeyFileProblem::Name);
    }
    let unreadable = |error: io::Error| match error.kind() {
        io::ErrorKind::PermissionDenied => KeyFileProblem::Denied,
        kind => KeyFileProblem::Unreadable(kind),
    };
    // The metadata of the file itself, not of a link's target.
    let entry = fs::symlink_metadata(path).map_err(unreadable)?;
    if !entry.is_file() {
        return Err(KeyFileProblem::NotAFile);
    }
    if entry.len() > KEY_LIMIT {
        return Err(KeyFileProblem::TooLarge(KEY_LIMIT));
    }
    if others_may_write(&entry) || others_may_write(&fs::metadata(folder).map_err(unreadable)?) {
        return Err(KeyFileProblem::Writable);
    }
    let unread = |unread| match unread {
        ReadError::Io(error) => unreadable(error),
        ReadError::NotAFile | ReadError::Silent(_) => KeyFileProblem::NotAFile,
        ReadError::TooLarge(limit) => KeyFileProblem::TooLarge(limit),
    };
    let bytes = bounded_file::read(path, KEY_LIMIT).map_err(unread)?;
    let text = bounded_file::text(&bytes).map_err(unread)?;
    let key = text.strip_suffix('\n').map_or(text.as_str(), |line| line.strip_suffix('\r').unwrap_or(line));
    if key.is_empty() || !key.bytes().all(|b| b.is_ascii_graphic()) {
        return Err(KeyFileProblem::Malformed);
    }
    Ok(Secret::new(key))
}

/// Compares two paths, on Windows without case.
fn is_same(one: &Path, other: &Path) -> bool {
    if cfg!(windows) { one.as_os_str().eq_ignore_ascii_case(other) } else { one.as_os_str() == other.as_os_str() }
}

/// If only the owner can write to the file and its folder, the agent's user and group wrote it.
#[cfg(unix)]
fn others_may_write(entry: &fs::Metadata) -> bool {
    std::os::unix::fs::PermissionsExt::mode(&entry.permissions()) & 0o002 != 0
}

/// Windows inherits the folder's permissions, which the agent's installer sets.
#[cfg(not(unix))]
fn others_may_write(_: &fs::Metadata) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Folder(tempfile::TempDir);

    impl Folder {
        fn new() -> Self {
            Folder(tempfile::tempdir().unwrap())
        }

        fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
            let path = self.0.path().join(name);
            fs::write(&path, content).unwrap();
            path
        }

        fn read(&self, path: &Path) -> Result<String, KeyFileProblem> {
            read_key(path, self.0.path()).map(|key| key.expose().to_owned())
        }
    }

    #[test]
    fn key_is_read_without_final_newline() {
        let folder = Folder::new();
        for (content, key) in [("abc=", "abc="), ("abc\n", "abc"), ("abc\r\n", "abc")] {
            assert_eq!(folder.read(&folder.write("x.key", content)), Ok(key.to_owned()));
        }
        for content in ["", "\n", "a b", "abc\n\n", "a\nb", "é", " abc"] {
            assert_eq!(folder.read(&folder.write("x.key", content)), Err(KeyFileProblem::Malformed), "{content:?}");
        }
    }

    #[test]
    fn files_outside_folder_are_refused() {
        let folder = Folder::new();
        let (tokens, inside) = (folder.0.path(), folder.write("x.key", "abc"));
        fs::create_dir(tokens.join("sub")).unwrap();
        let below = folder.write("sub/x.key", "abc");
        let elsewhere = Folder::new().write("x.key", "abc");
        let name = tokens.file_name().unwrap();
        for path in [
            below,
            elsewhere,
            tokens.join("sub").join("..").join("x.key"),
            tokens.join("..").join(name).join("x.key"),
            tokens.join(".").join("sub").join("x.key"),
            PathBuf::from("x.key"),
            PathBuf::from("/etc/shadow"),
            PathBuf::from("/"),
            PathBuf::new(),
        ] {
            assert_eq!(folder.read(&path), Err(KeyFileProblem::OtherFolder), "{}", path.display());
        }
        assert!(folder.read(&inside).is_ok());
    }

    #[test]
    fn key_must_be_small_regular_file_with_right_name() {
        let folder = Folder::new();
        for name in ["x.pem", "x", ".key", "x.key.txt", "x.KEY"] {
            assert_eq!(folder.read(&folder.write(name, "abc")), Err(KeyFileProblem::Name), "{name}");
        }
        assert!(folder.read(&folder.write("x.key", "a".repeat(4096))).is_ok());
        let large = folder.write("x.key", "a".repeat(4097));
        assert_eq!(folder.read(&large), Err(KeyFileProblem::TooLarge(4096)));
        fs::create_dir(folder.0.path().join("folder.key")).unwrap();
        assert_eq!(folder.read(&folder.0.path().join("folder.key")), Err(KeyFileProblem::NotAFile));
        let missing = folder.0.path().join("missing.key");
        assert_eq!(folder.read(&missing), Err(KeyFileProblem::Unreadable(io::ErrorKind::NotFound)));
    }

    #[cfg(unix)]
    #[test]
    fn links_and_writable_files_are_refused() {
        use std::os::unix::fs::{PermissionsExt, symlink};

        let folder = Folder::new();
        let link = folder.0.path().join("link.key");
        symlink(Folder::new().write("x.key", "abc"), &link).unwrap();
        assert_eq!(folder.read(&link), Err(KeyFileProblem::NotAFile));
        let key = folder.write("x.key", "abc");
        let allow = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
        allow(&key, 0o602);
        assert_eq!(folder.read(&key), Err(KeyFileProblem::Writable));
        allow(&key, 0o640);
        assert!(folder.read(&key).is_ok());
        allow(folder.0.path(), 0o777);
        assert_eq!(folder.read(&key), Err(KeyFileProblem::Writable));
    }
}
