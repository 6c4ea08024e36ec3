//! What the service answers, field by field
//! (<https://learn.microsoft.com/rest/api/keyvault/secrets/get-secret/get-secret#secretbundle>).

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::redact::secret::Secret;
use crate::time::timestamp::Timestamp;

use super::reference::{SecretRef, Version};

/// A secret with its value.
#[derive(Clone, Debug, Deserialize)]
pub struct SecretBundle {
    /// The value.
    pub value: Secret,
    /// What is known about it.
    #[serde(flatten)]
    pub properties: Properties,
}

/// All that is known about a secret but its value.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Properties {
    /// Its identifier: `https://my-vault.vault.azure.net/secrets/NAME/VERSION`.
    pub id: String,
    /// What kind of text the value is, as far as whoever stored it said.
    #[serde(default)]
    pub content_type: Option<String>,
    /// Its switches and dates.
    #[serde(default)]
    pub attributes: Attributes,
    /// Its tags.
    #[serde(default)]
    pub tags: Option<BTreeMap<String, String>>,
    /// The key behind a certificate's secret.
    #[serde(default)]
    pub kid: Option<String>,
    /// Whether a certificate owns it.
    #[serde(default)]
    pub managed: Option<bool>,
    /// By what it can be recovered; deleted secrets only.
    #[serde(default)]
    pub recovery_id: Option<String>,
    /// When it was deleted, in seconds since 1970; deleted secrets only.
    #[serde(default)]
    pub deleted_date: Option<i64>,
    /// When it will be gone for good, in seconds since 1970; deleted secrets only.
    #[serde(default)]
    pub scheduled_purge_date: Option<i64>,
}

/// The switches and dates of a secret; dates in seconds since 1970.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Attributes {
    /// Whether it can be read.
    pub enabled: Option<bool>,
    /// From when it is meant to be used; the vault does not enforce it on reads.
    pub nbf: Option<i64>,
    /// Until when it is meant to be used; the vault does not enforce it on reads.
    pub exp: Option<i64>,
    /// When it was made.
    pub created: Option<i64>,
    /// When it was changed last.
    pub updated: Option<i64>,
    /// What becomes of it when it is deleted.
    pub recovery_level: Option<String>,
    /// For how many days it can be recovered then.
    pub recoverable_days: Option<i64>,
}

impl Properties {
    /// The secret's name, from its identifier.
    pub fn name(&self) -> &str {
        self.id.split("/secrets/").nth(1).and_then(|rest| rest.split('/').next()).unwrap_or_default()
    }

    /// The version, from the identifier; an item of a list of secrets has none.
    pub fn version(&self) -> Option<&str> {
        self.id.split("/secrets/").nth(1)?.split('/').nth(1).filter(|v| !v.is_empty())
    }

    /// Whether it is the secret that was asked for, in the version that was, where one was.
    pub fn answers(&self, asked: &SecretRef) -> bool {
        let version = |asked: &Version| self.version().is_some_and(|v| v.eq_ignore_ascii_case(asked.as_str()));
        self.name().eq_ignore_ascii_case(asked.name.as_str()) && asked.version.as_ref().is_none_or(version)
    }

    /// Whether it can be read; what does not say so can.
    pub fn is_enabled(&self) -> bool {
        self.attributes.enabled.unwrap_or(true)
    }

    /// Whether it came with a certificate of the same name, which owns it.
    pub fn is_managed(&self) -> bool {
        self.managed.unwrap_or(false)
    }

    /// When it expired, where it has.
    pub fn expired(&self, now: Timestamp) -> Option<Timestamp> {
        self.attributes.exp.map(Timestamp).filter(|exp| *exp <= now)
    }

    /// From when it is meant to be used, where that lies ahead.
    pub fn not_yet_valid(&self, now: Timestamp) -> Option<Timestamp> {
        self.attributes.nbf.map(Timestamp).filter(|nbf| *nbf > now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bundle_is_read_with_whatever_else_is_in_it() {
        let text = r#"{"value":"v","id":"https://v.vault.azure.net/secrets/n/0a","attributes":{"enabled":true,"exp":5,
            "recoverableDays":90,"new":1},"tags":{"a":"b"},"managed":true,"unknown":{}}"#;
        let bundle: SecretBundle = serde_json::from_str(text).unwrap();
        assert_eq!((bundle.properties.name(), bundle.properties.version()), ("n", Some("0a")));
        assert_eq!(bundle.properties.expired(Timestamp(6)), Some(Timestamp(5)));
        assert_eq!(bundle.properties.expired(Timestamp(4)), None);
        assert!(!format!("{bundle:?}").contains("\"v\""));
    }
}
