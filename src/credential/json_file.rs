//! Reads the small JSON files in which products record a sign-in. None of them holds a token.

use std::io;
use std::path::Path;

use serde::de::DeserializeOwned;

use crate::bounded_file::{self, ReadError};

use super::error::FileProblem;

/// Reads a file. Returns `None` if it does not exist. `expected` describes its content for an error.
pub(super) fn read<T: DeserializeOwned>(
    path: &Path,
    limit: u64,
    expected: &'static str,
) -> Result<Option<T>, FileProblem> {
    let bytes = match bounded_file::read(path, limit) {
        Err(ReadError::Io(error)) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            return Ok(None);
        }
        read => read?,
    };
    if bytes.is_empty() {
        return Err(FileProblem::Empty);
    }
    let json = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes); // programs on Windows write a byte order mark
    serde_json::from_slice(json).map(Some).map_err(|_| FileProblem::Malformed(expected))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use serde_json::Value;

    fn read_bytes(bytes: &[u8]) -> Result<Option<Value>, FileProblem> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file.json");
        fs::write(&path, bytes).unwrap();
        read(&path, 16, "JSON")
    }

    #[test]
    fn file_is_read_up_to_limit() {
        assert_eq!(read_bytes(b"\xef\xbb\xbf[1]").unwrap().unwrap()[0], 1);
        assert!(matches!(read_bytes(b""), Err(FileProblem::Empty)));
        assert!(matches!(read_bytes(b"[1,2,3,4,5,6,7,8]"), Err(FileProblem::TooLarge(16))));
        assert!(matches!(read_bytes(b"\0"), Err(FileProblem::Malformed("JSON"))));
    }

    #[test]
    fn missing_file_is_none_and_folder_is_error() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        fs::write(&file, "x").unwrap();
        for missing in [folder.path().join("none/file.json"), file.join("file.json")] {
            assert!(read::<Value>(&missing, 16, "JSON").unwrap().is_none());
        }
        assert!(matches!(read::<Value>(folder.path(), 16, "JSON"), Err(FileProblem::NotAFile)));
    }
}
