//! The configuration file: its path, its keys and its profiles.
//!
//! It is read only for commands that send requests to Azure. A file that other users can write is refused: they could change
//! the vault and the identity. The current folder is not searched, so that a checked-out repository cannot change settings.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::bounded_file;
use crate::env::{self, Env, Source};
use crate::error::UsageError;
use crate::redact;

/// A configuration file has a few lines.
const SIZE_LIMIT: u64 = 64 << 10;

/// The keys of the configuration file, with those of the selected profile.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Config {
    /// The file that was read, if there is one.
    pub path: Option<PathBuf>,
    pub profile: Option<String>,
    pub keys: Keys,
}

/// The keys of the file or of a profile.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Keys {
    /// The vault for references without one, in the form of `--vault`.
    pub vault: Option<String>,
    /// The credentials to try, in the form of `AZURE_TOKEN_CREDENTIALS`.
    pub credential: Option<String>,
    /// The tenant, in the form of `--tenant`.
    pub tenant: Option<String>,
    /// True if tokens are cached between runs.
    pub token_cache: Option<bool>,
    /// True if `run` masks values in the command's output.
    pub mask: Option<bool>,
}

/// The whole file. Serde cannot flatten `Keys` and deny unknown fields.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct ConfigFile {
    vault: Option<String>,
    credential: Option<String>,
    tenant: Option<String>,
    token_cache: Option<bool>,
    mask: Option<bool>,
    #[serde(default)]
    profiles: BTreeMap<String, Keys>,
}

impl ConfigFile {
    /// Takes the keys above the profiles.
    fn top_level(&mut self) -> Keys {
        let (vault, credential, tenant) = (self.vault.take(), self.credential.take(), self.tenant.take());
        Keys { vault, credential, tenant, token_cache: self.token_cache.take(), mask: self.mask.take() }
    }
}

impl Config {
    /// Reads the file of `AZFOB_CONFIG`, or else the one in the platform's configuration folder if it exists. Selects the
    /// profile of `--profile` or `AZFOB_PROFILE`.
    ///
    /// # Errors
    /// The file cannot be read, is malformed, lacks the profile, or other users can write it.
    pub fn load(profile: Option<&str>, env: &Env) -> Result<Self, UsageError> {
        let (path, file) = text(env)?;
        let profile = match profile {
            Some(name) => Some((Source::Option("--profile"), name)),
            None => env.get(env::AZFOB_PROFILE).map(|name| (Source::Variable(env::AZFOB_PROFILE), name)),
        };
        Self::parse(path, &file, profile)
    }

    /// Returns the keys above the profiles, and those of each profile with its name. Empty if the file cannot be read.
    pub fn every_profile(env: &Env) -> Vec<(Option<String>, Keys)> {
        let mut file =
            text(env).ok().and_then(|(_, text)| toml::from_str::<ConfigFile>(&text).ok()).unwrap_or_default();
        let top = file.top_level();
        let profiles = file.profiles.into_iter().map(|(name, keys)| (Some(name), keys));
        std::iter::once((None, top)).chain(profiles).collect()
    }

    /// Parses the text of the file.
    ///
    /// # Errors
    /// It is malformed, or lacks the profile.
    pub fn parse(path: Option<PathBuf>, text: &str, profile: Option<(Source, &str)>) -> Result<Self, UsageError> {
        let mut file: ConfigFile = toml::from_str(text).map_err(|error| {
            let line = error.span().map(|span| 1 + text[..span.start.min(text.len())].matches('\n').count());
            let line = line.map(|line| format!(", line {line}")).unwrap_or_default();
            let path = path.as_deref().unwrap_or(Path::new("config.toml")).display();
            UsageError(format!(
                "{path}{line}: {}",
                redact::sanitize(&error.message().lines().collect::<Vec<_>>().join(" "))
            ))
        })?;
        let mut keys = file.top_level();
        if let Some((source, name)) = profile {
            let Some(chosen) = file.profiles.remove(name) else {
                let names: Vec<_> = file.profiles.keys().map(String::as_str).collect();
                let reason = match (&path, names.as_slice()) {
                    (None, _) => "profile not found: there is no configuration file".to_owned(),
                    (Some(path), []) => format!("profile not found: {} has no profiles", path.display()),
                    (Some(path), names) => format!("profile not found: {} has {}", path.display(), names.join(", ")),
                };
                return Err(UsageError::new(source, name, reason));
            };
            keys = Keys {
                vault: chosen.vault.or(keys.vault),
                credential: chosen.credential.or(keys.credential),
                tenant: chosen.tenant.or(keys.tenant),
                token_cache: chosen.token_cache.or(keys.token_cache),
                mask: chosen.mask.or(keys.mask),
            };
        }
        Ok(Config { path, profile: profile.map(|(_, name)| name.to_owned()), keys })
    }
}

/// Returns the text and the path of the file of `AZFOB_CONFIG`, or else of the one in the platform's configuration folder.
/// Returns an empty text if that does not exist.
fn text(env: &Env) -> Result<(Option<PathBuf>, String), UsageError> {
    if let Some(named) = env.get_os(env::AZFOB_CONFIG) {
        let path = PathBuf::from(named);
        let text = read(&path).map_err(|reason| refused(&path, &reason))?;
        return Ok((Some(path), text));
    }
    match default_path().map(|path| (read(&path), path)) {
        Some((Ok(text), path)) => Ok((Some(path), text)),
        Some((Err(ConfigReadError::Missing), _)) | None => Ok((None, String::new())),
        Some((Err(reason), path)) => Err(refused(&path, &reason)),
    }
}

/// Returns `azfob/config.toml` in the platform's configuration folder.
fn default_path() -> Option<PathBuf> {
    dirs::config_dir().filter(|folder| folder.is_absolute()).map(|folder| folder.join("azfob").join("config.toml"))
}

#[derive(Debug, thiserror::Error)]
enum ConfigReadError {
    #[error("the file does not exist; AZFOB_CONFIG names it")]
    Missing,
    #[cfg_attr(not(unix), allow(dead_code, reason = "file owners are checked on Unix only"))]
    #[error("other users can write this file: {0}")]
    OthersWrite(String),
    #[error("{0}")]
    Other(String),
}

fn refused(path: &Path, reason: &ConfigReadError) -> UsageError {
    UsageError(format!("{}: {reason}", path.display()))
}

fn read(path: &Path) -> Result<String, ConfigReadError> {
    let other = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => ConfigReadError::Missing,
        _ => ConfigReadError::Other(error.to_string()),
    };
    let unread = |unread| match unread {
        bounded_file::ReadError::Io(error) => other(error),
        unread => ConfigReadError::Other(unread.to_string()),
    };
    let file = bounded_file::open(path).map_err(unread)?;
    // Checks the open file: the path could lead to another one later.
    let found = file.metadata().map_err(other)?;
    check_writers(&found)?;
    let bytes = bounded_file::of_length(file, found.len(), SIZE_LIMIT).map_err(unread)?;
    bounded_file::text(&bytes).map(|text| text.to_string()).map_err(unread)
}

#[cfg(unix)]
fn check_writers(file: &fs::Metadata) -> Result<(), ConfigReadError> {
    use std::os::unix::fs::MetadataExt;
    let mode = file.mode() & 0o777;
    if mode & 0o022 != 0 {
        return Err(ConfigReadError::OthersWrite(format!("its mode is {mode:o}; run chmod go-w on it")));
    }
    let (owner, own) = (file.uid(), rustix::process::geteuid().as_raw());
    if owner != own && owner != 0 {
        return Err(ConfigReadError::OthersWrite(format!("its owner is user {owner}; make yourself the owner")));
    }
    Ok(())
}

/// Only the user and administrators can write to a user's folder on Windows.
#[cfg(not(unix))]
fn check_writers(_file: &fs::Metadata) -> Result<(), ConfigReadError> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "vault = 'one'\ntenant = 't'\n\n[profiles.prod]\nvault = 'two'\ncredential = 'prod'\n";

    fn parse(text: &str, profile: Option<&str>) -> Result<Config, String> {
        let profile = profile.map(|name| (Source::Option("--profile"), name));
        Config::parse(Some("/c.toml".into()), text, profile).map_err(|error| error.to_string())
    }

    #[test]
    fn profile_precedes_top_level() {
        let keys = parse(TEXT, Some("prod")).unwrap().keys;
        assert_eq!((keys.vault.as_deref(), keys.credential.as_deref()), (Some("two"), Some("prod")));
        assert_eq!(keys.tenant.as_deref(), Some("t"));
        assert_eq!(parse(TEXT, None).unwrap().keys.vault.as_deref(), Some("one"));
        assert_eq!(parse("", None).unwrap().keys, Keys::default());
    }

    #[test]
    fn malformed_file_is_reported_with_its_line() {
        for (text, start) in [
            ("vault = 'a'\nvalut = 'b'\n", "/c.toml, line 2: unknown field `valut`"),
            ("\n\n[profiles.x]\nvault = 'a'\nsecret = 'b'\n", "/c.toml, line 5: unknown field `secret`"),
            ("[profile.x]\n", "/c.toml, line 1: unknown field `profile`"),
            ("\nvault = 5\n", "/c.toml, line 2: invalid type"),
            ("vault = 'a'\nvault = 'b'\n", "/c.toml, line 2: duplicate key"),
            ("vault = \n", "/c.toml, line 1: "),
        ] {
            let error = parse(text, None).unwrap_err();
            assert!(error.starts_with(start) && !error.contains('\n'), "{text:?}: {error}");
        }
        assert_eq!(parse(TEXT, Some("dev")).unwrap_err(), "--profile 'dev': profile not found: /c.toml has prod");
    }

    #[cfg(unix)]
    #[test]
    fn file_that_others_can_write_is_refused() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.toml");
        fs::write(&path, TEXT).unwrap();
        for (mode, good) in [(0o600, true), (0o644, true), (0o664, false), (0o646, false)] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            assert_eq!(read(&path).is_ok(), good, "{mode:o}");
        }
        assert!(matches!(read(folder.path()), Err(ConfigReadError::Other(_))));
        assert!(matches!(read(&folder.path().join("none")), Err(ConfigReadError::Missing)));
    }
}
