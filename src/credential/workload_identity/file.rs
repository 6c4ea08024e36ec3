//! Reads the token file that Kubernetes projects into a pod.
//!
//! It is read at each use, because Kubernetes replaces it
//! (<https://azure.github.io/azure-workload-identity/docs/topics/service-account-labels-and-annotations.html>).

use std::path::{Path, PathBuf};

use crate::bounded_file;
use crate::env::{self, Env};
use crate::redact::secret::Secret;

use super::super::error::FileProblem;
use super::super::{Failure, NoToken};

/// The largest assertion that is read. Kubernetes' tokens have about 1 KB.
const ASSERTION_LIMIT: u64 = 64 << 10;

pub(super) fn assertion(env: &Env) -> Result<Secret, NoToken> {
    let path = PathBuf::from(env.get_os(env::AZURE_FEDERATED_TOKEN_FILE).unwrap_or_default());
    read(&path)
        .map_err(|problem| NoToken::Failed(Failure::File { variable: env::AZURE_FEDERATED_TOKEN_FILE, path, problem }))
}

fn read(path: &Path) -> Result<Secret, FileProblem> {
    let bytes = bounded_file::read(path, ASSERTION_LIMIT)?;
    let text = bounded_file::text(&bytes)?;
    match one_token(&text) {
        Some(assertion) => Ok(assertion),
        None if text.trim().is_empty() => Err(FileProblem::Empty),
        None => Err(FileProblem::Malformed("a single token without spaces")),
    }
}

/// Returns the token in a text that has nothing else but blanks around it.
pub(super) fn one_token(text: &str) -> Option<Secret> {
    let token = text.trim();
    (!token.is_empty() && token.bytes().all(|b| b.is_ascii_graphic())).then(|| Secret::new(token))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn token_is_trimmed_and_must_not_be_empty() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        assert!(matches!(read(&path), Err(FileProblem::Unreadable(std::io::ErrorKind::NotFound))));
        fs::write(&path, " \n").unwrap();
        assert!(matches!(read(&path), Err(FileProblem::Empty)));
        fs::write(&path, "token\r\n").unwrap();
        assert_eq!(read(&path).unwrap().expose(), "token");
        fs::write(&path, "two tokens").unwrap();
        assert!(matches!(read(&path), Err(FileProblem::Malformed(_))));
        fs::write(&path, vec![b'a'; ASSERTION_LIMIT as usize + 1]).unwrap();
        assert!(matches!(read(&path), Err(FileProblem::TooLarge(ASSERTION_LIMIT))));
    }
}
