//! A secret of a plan, with its versions and attributes. `Debug` prints names, never values.

use std::{collections::BTreeMap, fmt};

use super::{certificate, random};

/// Creation time of the first version of each secret: 2025-01-01T00:00:00Z. Fixed, so that outputs can be snapshots.
pub const FIRST_CREATED: u64 = 1_735_689_600;

/// A secret of the vault.
#[derive(Clone)]
pub struct SecretSpec {
    /// Its name. The vault ignores case.
    pub name: String,
    /// Its versions, oldest first. The last one is the current one.
    pub versions: Vec<VersionSpec>,
    /// True if it is soft-deleted.
    pub deleted: bool,
    /// True if it belongs to a certificate of the same name.
    pub managed: bool,
    /// The policy of that certificate.
    pub policy: CertificatePolicySpec,
}

/// The policy of a certificate.
#[derive(Clone, Debug)]
pub struct CertificatePolicySpec {
    /// Its subject.
    pub subject: String,
    /// The name of its issuer: `Self`, `Unknown`, or that of a configured CA.
    pub issuer: String,
    /// True if the vault renews it.
    pub auto_renew: bool,
    /// The days before its expiry on which it is renewed. `None` means 80 % of its lifetime.
    pub days_before_expiry: Option<u32>,
}

impl CertificatePolicySpec {
    /// Creates the policy of a self-signed certificate, which the vault renews.
    pub fn new(subject: impl Into<String>) -> CertificatePolicySpec {
        CertificatePolicySpec {
            subject: subject.into(),
            issuer: "Self".into(),
            auto_renew: true,
            days_before_expiry: None,
        }
    }
}

/// One version of a secret.
#[derive(Clone)]
pub struct VersionSpec {
    /// The version ID: 32 hexadecimal digits.
    pub id: String,
    /// Its value.
    pub value: String,
    /// Its content type.
    pub content_type: Option<String>,
    /// False if it is disabled.
    pub enabled: bool,
    /// Creation time, in seconds since 1970.
    pub created: u64,
    /// Time of the last change, in seconds since 1970.
    pub updated: u64,
    /// Start of its validity, in seconds since 1970.
    pub not_before: Option<u64>,
    /// Its expiry, in seconds since 1970.
    pub expires: Option<u64>,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
}

impl SecretSpec {
    /// Creates an enabled secret with one version.
    pub fn new(name: impl Into<String>, value: impl Into<String>) -> SecretSpec {
        Self::empty(name).then(value)
    }

    /// Creates a secret without versions.
    pub(super) fn empty(name: impl Into<String>) -> SecretSpec {
        let name = name.into();
        let policy = CertificatePolicySpec::new(format!("CN={name}"));
        SecretSpec { name, versions: Vec::new(), deleted: false, managed: false, policy }
    }

    /// Adds a version, which becomes the current one. It is a day younger than the one before and has none of its
    /// attributes.
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

    /// Changes the current version.
    pub fn current(mut self, change: impl FnOnce(&mut VersionSpec)) -> SecretSpec {
        if let Some(version) = self.versions.last_mut() {
            change(version);
        }
        self
    }

    /// Sets the content type.
    pub fn content_type(self, content_type: impl Into<String>) -> SecretSpec {
        self.current(|version| version.content_type = Some(content_type.into()))
    }

    /// Disables the current version.
    pub fn disabled(self) -> SecretSpec {
        self.current(|version| version.enabled = false)
    }

    /// Sets the expiry, in seconds since 1970.
    pub fn expires(self, at: u64) -> SecretSpec {
        self.current(|version| version.expires = Some(at))
    }

    /// Sets the start of validity, in seconds since 1970.
    pub fn not_before(self, at: u64) -> SecretSpec {
        self.current(|version| version.not_before = Some(at))
    }

    /// Adds a tag.
    pub fn tag(self, name: impl Into<String>, value: impl Into<String>) -> SecretSpec {
        self.current(|version| {
            version.tags.insert(name.into(), value.into());
        })
    }

    /// Soft-deletes the secret.
    pub fn deleted(self) -> SecretSpec {
        SecretSpec { deleted: true, ..self }
    }

    /// Marks it as the secret of a certificate.
    pub fn managed(self) -> SecretSpec {
        SecretSpec { managed: true, ..self }
    }

    /// Makes it the secret of a certificate with this policy.
    pub fn certificate(self, policy: CertificatePolicySpec) -> SecretSpec {
        SecretSpec { managed: true, policy, ..self }
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

/// Returns the default secrets: a connection string, a key with two versions and an expiry, and a certificate with its
/// key and its issuer.
pub fn default_secrets() -> Vec<SecretSpec> {
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
        SecretSpec::new("TlsCertificate", certificate::example_pem())
            .content_type("application/x-pem-file")
            .expires(4_102_444_800)
            .certificate(CertificatePolicySpec::new("CN=app.contoso.example")),
    ]
}

/// Returns `count` secrets with different values: `secret-00001` and so on.
pub fn numbered_secrets(count: usize) -> Vec<SecretSpec> {
    (1..=count)
        .map(|number| SecretSpec::new(format!("secret-{number:05}"), format!("sandbox-value-{number:05}")))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_differ_and_debug_prints_no_value() {
        let secret = SecretSpec::new("A", "old-value").then("new-value").tag("k", "v");
        assert_eq!(secret.versions.len(), 2);
        assert_ne!(secret.versions[0].id, secret.versions[1].id);
        assert!(secret.versions[0].tags.is_empty());
        assert!(secret.versions[0].created < secret.versions[1].created);
        assert!(!format!("{secret:?} {:?}", secret.versions).contains("value"));
    }

    #[test]
    fn numbered_secrets_sort_by_number() {
        let names: Vec<_> = numbered_secrets(12).into_iter().map(|secret| secret.name).collect();
        assert_eq!((names[0].as_str(), names[11].as_str()), ("secret-00001", "secret-00012"));
        assert!(names.is_sorted());
    }
}
