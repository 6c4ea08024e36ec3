//! The JSON that the vault answers with
//! (<https://learn.microsoft.com/rest/api/keyvault/secrets/get-secret/get-secret#secretbundle>).

use std::collections::BTreeMap;

use base64::Engine;
use base64::alphabet::URL_SAFE;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde::Deserialize;

use crate::redact::secret::Secret;
use crate::time::timestamp::Timestamp;

use super::reference::{SecretRef, Version};

/// The collections in identifiers.
/// The collections of identifiers: `https://HOST/secrets/NAME/VERSION`.
const SECRETS: &str = "secrets";
const CERTIFICATES: &str = "certificates";

/// A secret with its value.
#[derive(Clone, Debug, Deserialize)]
pub struct SecretBundle {
    /// The secret's value.
    pub value: Secret,
    /// Everything else about the secret.
    #[serde(flatten)]
    pub properties: Properties,
}

/// Everything about a secret except its value.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Properties {
    /// Its identifier: `https://my-vault.vault.azure.net/secrets/NAME/VERSION`.
    pub id: String,
    /// The type of the value, as its author described it.
    #[serde(default)]
    pub content_type: Option<String>,
    /// State and dates.
    #[serde(default)]
    pub attributes: Attributes,
    /// Its tags.
    #[serde(default)]
    pub tags: Option<BTreeMap<String, String>>,
    /// The key of a certificate's secret.
    #[serde(default)]
    pub kid: Option<String>,
    /// True if a certificate manages the secret.
    #[serde(default)]
    pub managed: Option<bool>,
    /// The identifier for its recovery. Deleted secrets only.
    #[serde(default)]
    pub recovery_id: Option<String>,
    /// When it was deleted, in seconds since 1970. Deleted secrets only.
    #[serde(default)]
    pub deleted_date: Option<i64>,
    /// When it will be purged, in seconds since 1970. Deleted secrets only.
    #[serde(default)]
    pub scheduled_purge_date: Option<i64>,
    /// The SHA-1 digest in base64 for URLs. Certificates only.
    #[serde(default)]
    pub x5t: Option<String>,
    /// The policy, if the certificate was requested by its name.
    #[serde(default)]
    pub policy: Option<Box<CertificatePolicy>>,
}

/// The policy of a certificate, with the names in its JSON
/// (<https://learn.microsoft.com/rest/api/keyvault/certificates/get-certificate/get-certificate#certificatepolicy>).
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct CertificatePolicy {
    x509_props: Named,
    issuer: Named,
    lifetime_actions: Option<Vec<LifetimeAction>>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Named {
    subject: Option<String>,
    name: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct LifetimeAction {
    trigger: Trigger,
    action: LifetimeActionKind,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Trigger {
    lifetime_percentage: Option<u64>,
    days_before_expiry: Option<u64>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct LifetimeActionKind {
    action_type: Option<String>,
}

/// When Key Vault renews a certificate by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Renewal {
    /// Never: its owner has to renew it.
    Manual,
    /// At this percentage of its lifetime.
    AtPercentage(u64),
    /// This number of days before it expires.
    DaysBeforeExpiry(u64),
}

impl CertificatePolicy {
    pub fn subject(&self) -> Option<&str> {
        self.x509_props.subject.as_deref()
    }

    /// Returns the name of the issuer: `Self`, `Unknown`, or that of a configured CA.
    pub fn issuer(&self) -> Option<&str> {
        self.issuer.name.as_deref()
    }

    /// Returns when Key Vault renews the certificate. It cannot request one from an unknown issuer
    /// (<https://learn.microsoft.com/azure/key-vault/certificates/overview-renew-certificate>).
    pub fn renewal(&self) -> Renewal {
        let renews = |one: &&LifetimeAction| {
            one.action.action_type.as_deref().is_some_and(|kind| kind.eq_ignore_ascii_case("AutoRenew"))
        };
        let is_known = self.issuer().is_some_and(|issuer| !issuer.eq_ignore_ascii_case("Unknown"));
        let trigger = self.lifetime_actions.iter().flatten().find(renews).filter(|_| is_known).map(|one| &one.trigger);
        match trigger {
            Some(Trigger { lifetime_percentage: Some(percentage), .. }) => Renewal::AtPercentage(*percentage),
            Some(Trigger { days_before_expiry: Some(days), .. }) => Renewal::DaysBeforeExpiry(*days),
            _ => Renewal::Manual,
        }
    }
}

/// The state and dates of a secret. Dates are seconds since 1970.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Attributes {
    pub enabled: Option<bool>,
    /// Not valid before this date. The vault does not enforce it on reads.
    pub nbf: Option<i64>,
    /// Not valid after this date. The vault does not enforce it on reads.
    pub exp: Option<i64>,
    pub created: Option<i64>,
    pub updated: Option<i64>,
    /// What happens when it is deleted.
    pub recovery_level: Option<String>,
    /// How many days it can be recovered for.
    pub recoverable_days: Option<i64>,
}

impl Properties {
    /// Returns the collection from the identifier, and what follows it: the name, or name and version.
    fn path(&self) -> (&str, &str) {
        let host_and_path = self.id.get("https://".len()..).unwrap_or_default();
        cut(cut(host_and_path).1)
    }

    /// Returns the name, from the identifier.
    pub fn name(&self) -> &str {
        match self.path() {
            (SECRETS | CERTIFICATES, rest) => cut(rest).0,
            _ => "",
        }
    }

    /// Returns true for a certificate, as opposed to a secret.
    pub fn is_certificate(&self) -> bool {
        self.path().0 == CERTIFICATES
    }

    /// Returns the bytes of the thumbprint.
    pub fn thumbprint(&self) -> Option<Vec<u8>> {
        let config = GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
        GeneralPurpose::new(&URL_SAFE, config).decode(self.x5t.as_deref()?).ok()
    }

    /// Returns the thumbprint in hexadecimal digits, as the portal shows it.
    pub fn thumbprint_hex(&self) -> Option<String> {
        self.thumbprint().map(|bytes| bytes.iter().map(|byte| format!("{byte:02X}")).collect())
    }

    /// Returns the version, from the identifier. Items of a list of secrets have none.
    pub fn version(&self) -> Option<&str> {
        let (collection, rest) = self.path();
        let version = cut(cut(rest).1).0;
        (collection == SECRETS && !version.is_empty()).then_some(version)
    }

    /// Returns true if it is the requested secret, in the requested version if there is one.
    pub fn answers(&self, requested: &SecretRef) -> bool {
        let version = |requested: &Version| self.version().is_some_and(|v| v.eq_ignore_ascii_case(requested.as_str()));
        self.name().eq_ignore_ascii_case(requested.name.as_str()) && requested.version.as_ref().is_none_or(version)
    }

    /// Returns false if the secret is disabled.
    pub fn is_enabled(&self) -> bool {
        self.attributes.enabled.unwrap_or(true)
    }

    /// Returns true if it belongs to a certificate.
    pub fn is_managed(&self) -> bool {
        self.managed.unwrap_or(false)
    }

    /// Returns its expiry, if that has passed.
    pub fn expired(&self, now: Timestamp) -> Option<Timestamp> {
        self.attributes.exp.map(Timestamp).filter(|exp| *exp <= now)
    }

    /// Returns the beginning of its validity, if that is in the future.
    pub fn not_yet_valid(&self, now: Timestamp) -> Option<Timestamp> {
        self.attributes.nbf.map(Timestamp).filter(|nbf| *nbf > now)
    }
}

/// Splits a path at its first slash. A list does it very often, and memchr is faster than the standard library.
fn cut(path: &str) -> (&str, &str) {
    match memchr::memchr(b'/', path.as_bytes()) {
        Some(at) => (&path[..at], &path[at + 1..]),
        None => (path, ""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn renewal_needs_an_action_and_a_known_issuer() {
        let renewal = |issuer: &str, trigger: &str, action: &str| {
            let text = format!(
                r#"{{"issuer":{{"name":"{issuer}"}},"lifetime_actions":[{{"trigger":{{}},"action":{{}}}},
                    {{"trigger":{{{trigger}}},"action":{{"action_type":"{action}"}}}}]}}"#
            );
            serde_json::from_str::<CertificatePolicy>(&text).unwrap().renewal()
        };
        assert_eq!(renewal("Self", r#""lifetime_percentage":80"#, "AutoRenew"), Renewal::AtPercentage(80));
        assert_eq!(renewal("DigiCert", r#""days_before_expiry":30"#, "autorenew"), Renewal::DaysBeforeExpiry(30));
        assert_eq!(renewal("Unknown", r#""days_before_expiry":30"#, "AutoRenew"), Renewal::Manual);
        assert_eq!(renewal("Self", r#""lifetime_percentage":80"#, "EmailContacts"), Renewal::Manual);
        assert_eq!(renewal("Self", "", "AutoRenew"), Renewal::Manual);
        assert_eq!(serde_json::from_str::<CertificatePolicy>("{}").unwrap().renewal(), Renewal::Manual);
    }

    #[test]
    fn certificate_has_name_and_thumbprint() {
        let item =
            |id: &str| -> Properties { serde_json::from_str(&format!(r#"{{"id":"{id}","x5t":"_-8A"}}"#)).unwrap() };
        let certificate = item("https://v.vault.azure.net/certificates/n/0a");
        assert_eq!((certificate.name(), certificate.is_certificate()), ("n", true));
        assert_eq!(certificate.thumbprint_hex().as_deref(), Some("FFEF00"));
        assert!(!item("https://v.vault.azure.net/secrets/certificates").is_certificate());
        assert_eq!(item("https://v.vault.azure.net/secrets/certificates").name(), "certificates");
    }

    #[test]
    fn unknown_fields_are_ignored() {
        let text = r#"{"value":"v","id":"https://v.vault.azure.net/secrets/n/0a","attributes":{"enabled":true,"exp":5,
            "recoverableDays":90,"new":1},"tags":{"a":"b"},"managed":true,"unknown":{}}"#;
        let bundle: SecretBundle = serde_json::from_str(text).unwrap();
        assert_eq!((bundle.properties.name(), bundle.properties.version()), ("n", Some("0a")));
        assert_eq!(bundle.properties.expired(Timestamp(6)), Some(Timestamp(5)));
        assert_eq!(bundle.properties.expired(Timestamp(4)), None);
        assert!(!format!("{bundle:?}").contains("\"v\""));
    }
}
