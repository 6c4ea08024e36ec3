//! The JSON that the vault answers with
//! (<https://learn.microsoft.com/rest/api/keyvault/secrets/get-secret/get-secret#secretbundle>).

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::redact::secret::Secret;
use crate::time::timestamp::Timestamp;

use super::reference::{SecretRef, Version};

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
    /// Returns the name, from the identifier.
    pub fn name(&self) -> &str {
        // A list needs each name several times: memchr's search is prepared at once, the standard library's is not.
        let collection = "/secrets/";
        let start = memchr::memmem::find(self.id.as_bytes(), collection.as_bytes()).map(|at| at + collection.len());
        start.and_then(|start| self.id[start..].split('/').next()).unwrap_or_default()
    }

    /// Returns the version, from the identifier. Items of a list of secrets have none.
    pub fn version(&self) -> Option<&str> {
        self.id.split("/secrets/").nth(1)?.split('/').nth(1).filter(|v| !v.is_empty())
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

#[cfg(test)]
mod tests {
    use super::*;

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
