//! A secret as a plan gives it: its versions and their attributes. Prints names, never values.

use std::{collections::BTreeMap, fmt};

use super::random;

/// When the first version of every secret was made: 2025-01-01T00:00:00Z. Fixed, so that outputs can be snapshots.
pub const FIRST_CREATED: u64 = 1_735_689_600;

/// A secret to be put into the vault.
#[derive(Clone)]
pub struct SecretSpec {
    /// Its name, which the vault compares without case.
    pub name: String,
    /// Its versions, oldest first; the last one is the current one.
    pub versions: Vec<VersionSpec>,
    /// Whether it lies among the deleted secrets.
    pub deleted: bool,
    /// Whether it belongs to a certificate of the same name.
    pub managed: bool,
}

/// One version of a secret.
#[derive(Clone)]
pub struct VersionSpec {
    /// 32 hexadecimal digits.
    pub id: String,
    /// Its value.
    pub value: String,
    /// Its content type.
    pub content_type: Option<String>,
    /// Whether it may be read.
    pub enabled: bool,
    /// When it was made, in seconds since 1970.
    pub created: u64,
    /// When it was last changed, in seconds since 1970.
    pub updated: u64,
    /// When it becomes valid, in seconds since 1970.
    pub not_before: Option<u64>,
    /// When it expires, in seconds since 1970.
    pub expires: Option<u64>,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
}

impl SecretSpec {
    /// An enabled secret with one version.
    pub fn new(name: impl Into<String>, value: impl Into<String>) -> SecretSpec {
        let spec = SecretSpec { name: name.into(), versions: Vec::new(), deleted: false, managed: false };
        spec.then(value)
    }

    /// This secret with one version more, the current one from now on. It is a day younger than the one before and
    /// has none of its attributes.
    pub fn then(mut self, value: impl Into<String>) -> SecretSpec {
        let number = self.versions.len();
        let created = FIRST_CREATED + number as u64 * 24 * 60 * 60;
        self.versions.push(VersionSpec {
            id: random::version_of(&format!("{}/{number}", self.name.to_lowercase())),
            value: value.into(),
            content_type: None,
            enabled: true,
            created,
            updated: created,
            not_before: None,
            expires: None,
            tags: BTreeMap::new(),
        });
        self
    }

    /// This secret, its current version changed.
    pub fn current(mut self, change: impl FnOnce(&mut VersionSpec)) -> SecretSpec {
        if let Some(version) = self.versions.last_mut() {
            change(version);
        }
        self
    }

    /// This secret with a content type.
    pub fn content_type(self, content_type: impl Into<String>) -> SecretSpec {
        self.current(|version| version.content_type = Some(content_type.into()))
    }

    /// This secret, disabled.
    pub fn disabled(self) -> SecretSpec {
        self.current(|version| version.enabled = false)
    }

    /// This secret, expiring at so many seconds since 1970.
    pub fn expires(self, at: u64) -> SecretSpec {
        self.current(|version| version.expires = Some(at))
    }

    /// This secret, valid from so many seconds since 1970 on.
    pub fn not_before(self, at: u64) -> SecretSpec {
        self.current(|version| version.not_before = Some(at))
    }

    /// This secret with a tag more.
    pub fn tag(self, name: impl Into<String>, value: impl Into<String>) -> SecretSpec {
        self.current(|version| {
            version.tags.insert(name.into(), value.into());
        })
    }

    /// This secret, deleted but recoverable.
    pub fn deleted(self) -> SecretSpec {
        SecretSpec { deleted: true, ..self }
    }

    /// This secret, as the one that a certificate of the same name brings.
    pub fn managed(self) -> SecretSpec {
        SecretSpec { managed: true, ..self }
    }
}

impl fmt::Debug for SecretSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecretSpec({}, {} versions)", self.name, self.versions.len())
    }
}

impl fmt::Debug for VersionSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VersionSpec({})", self.id)
    }
}

/// The secrets of a vault that nobody filled: one as most are, one with versions and an expiry, one of many lines.
pub fn default_secrets() -> Vec<SecretSpec> {
    let certificate = "-----BEGIN CERTIFICATE-----\n\
                       c2FuZGJveCBjZXJ0aWZpY2F0ZSwgb25seSBhbiBleGFtcGxlLCBsaW5lIG9uZSA=\n\
                       c2FuZGJveCBjZXJ0aWZpY2F0ZSwgb25seSBhbiBleGFtcGxlLCBsaW5lIHR3byA=\n\
                       -----END CERTIFICATE-----\n";
    vec![
        SecretSpec::new(
            "DatabaseConnectionString",
            "Server=tcp:my-sql.database.windows.net;Database=orders;User ID=app;Password=sandbox-Pa55w0rd;",
        )
        .content_type("text/plain"),
        SecretSpec::new("ApiKey", "sandbox-api-key-of-january")
            .then("sandbox-api-key-of-february")
            .expires(4_102_444_800) // 2100-01-01
            .tag("owner", "payments"),
        SecretSpec::new("TlsCertificate", certificate).content_type("application/x-pem-file"),
    ]
}

/// So many secrets, `secret-00001` and on, each with a value of its own.
pub fn numbered_secrets(count: usize) -> Vec<SecretSpec> {
    (1..=count)
        .map(|number| SecretSpec::new(format!("secret-{number:05}"), format!("sandbox-value-{number:05}")))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_differ_and_never_print_a_value() {
        let secret = SecretSpec::new("A", "old-value").then("new-value").tag("k", "v");
        assert_eq!(secret.versions.len(), 2);
        assert_ne!(secret.versions[0].id, secret.versions[1].id);
        assert!(secret.versions[0].tags.is_empty());
        assert!(secret.versions[0].created < secret.versions[1].created);
        assert!(!format!("{secret:?} {:?}", secret.versions).contains("value"));
    }

    #[test]
    fn numbered_secrets_sort_as_they_count() {
        let names: Vec<_> = numbered_secrets(12).into_iter().map(|secret| secret.name).collect();
        assert_eq!((names[0].as_str(), names[11].as_str()), ("secret-00001", "secret-00012"));
        assert!(names.is_sorted());
    }
}
