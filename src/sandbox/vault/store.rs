//! The content of the vault, and its JSON: bundles, list items and deleted items.
//!
//! It is ordered by name, so that a page of 10,000 secrets takes no longer than a page of ten.

use std::{
    collections::BTreeMap,
    ops::Bound::{Excluded, Unbounded},
};

use serde_json::{Map, Value, json};

use super::refusal;
use crate::sandbox::{
    message::HttpReply,
    plan::SandboxPlan,
    secret_spec::{SecretSpec, VersionSpec},
};

/// Retention of a deleted secret in days. 90 is the default.
const RECOVERABLE_DAYS: u64 = 90;
/// Deletion time of the deleted secrets: 2025-06-01T00:00:00Z.
const DELETED: u64 = 1_748_736_000;
const DAY_SECS: u64 = 24 * 60 * 60;

/// The list that a secret is in.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::sandbox) enum SecretLifecycle {
    Live,
    Deleted,
}

/// The content of the vault. Keys are names in lower case, because the vault ignores case.
pub(in crate::sandbox) struct Store {
    pub(super) base: String,
    pub(super) live: BTreeMap<String, SecretSpec>,
    deleted: BTreeMap<String, SecretSpec>,
}

impl Store {
    pub(in crate::sandbox) fn new(plan: &SandboxPlan) -> Store {
        let (mut live, mut deleted) = (BTreeMap::new(), BTreeMap::new());
        for secret in plan.secrets.iter().filter(|secret| !secret.versions.is_empty()) {
            let list = if secret.deleted { &mut deleted } else { &mut live };
            list.insert(secret.name.to_lowercase(), secret.clone());
        }
        Store { base: format!("https://{}", plan.vault_host()), live, deleted }
    }

    fn list(&self, list: SecretLifecycle) -> &BTreeMap<String, SecretSpec> {
        match list {
            SecretLifecycle::Live => &self.live,
            SecretLifecycle::Deleted => &self.deleted,
        }
    }

    /// Returns all values in the vault.
    pub(in crate::sandbox) fn values(&self) -> impl Iterator<Item = &str> {
        let secrets = self.live.values().chain(self.deleted.values());
        secrets.flat_map(|secret| secret.versions.iter().map(|version| version.value.as_str()))
    }

    /// Returns the secret bundle of the current version, or of the given one.
    pub(super) fn get(&self, name: &str, version: Option<&str>) -> Result<Value, HttpReply> {
        let secret = self.live.get(&name.to_lowercase());
        let found = secret.and_then(|secret| match version {
            None => secret.versions.last().map(|version| (secret, version)),
            Some(id) => secret.versions.iter().find(|one| one.id.eq_ignore_ascii_case(id)).map(|one| (secret, one)),
        });
        let Some((secret, version)) = found else {
            let asked = version.map_or_else(|| name.to_owned(), |version| format!("{name}/{version}"));
            return Err(refusal::not_found(&asked));
        };
        if !version.enabled {
            return Err(refusal::disabled());
        }
        let mut bundle = self.described(secret, version, IdForm::WithVersion);
        bundle.insert("value".into(), version.value.as_str().into());
        Ok(bundle.into())
    }

    /// Returns the state and the dates of the current version of a secret, without its value.
    pub(in crate::sandbox) fn attributes(&self, name: &str) -> Option<Value> {
        let secret = self.live.get(&name.to_lowercase())?;
        let version = secret.versions.last()?;
        self.described(secret, version, IdForm::WithVersion).remove("attributes")
    }

    /// Returns a deleted secret, without its value.
    pub(super) fn get_deleted(&self, name: &str) -> Result<Value, HttpReply> {
        let secret = self.deleted.get(&name.to_lowercase()).ok_or_else(|| refusal::deleted_not_found(name))?;
        let version = secret.versions.last().expect("a secret without versions is not kept");
        Ok(self.deleted_item(secret, version, IdForm::WithVersion))
    }

    /// Returns at most `count` items after a name. Returns the last name too if there are more items.
    pub(super) fn secrets(
        &self,
        list: SecretLifecycle,
        after: Option<&str>,
        count: usize,
    ) -> (Vec<Value>, Option<String>) {
        let start = after.map_or(Unbounded, Excluded);
        let mut rest = self.list(list).range::<str, _>((start, Unbounded));
        let mut last = None;
        let mut items = Vec::with_capacity(count);
        for (key, secret) in rest.by_ref().take(count) {
            let version = secret.versions.last().expect("a secret without versions is not kept");
            items.push(match list {
                SecretLifecycle::Live => self.described(secret, version, IdForm::WithoutVersion).into(),
                SecretLifecycle::Deleted => self.deleted_item(secret, version, IdForm::WithoutVersion),
            });
            last = Some(key.clone());
        }
        (items, if rest.next().is_some() { last } else { None })
    }

    /// Returns the versions of a secret after one of them, ordered by ID as the real service does
    /// (<https://github.com/nagyesta/lowkey-vault/issues/467>). An unknown secret has none.
    pub(super) fn versions(&self, name: &str, after: Option<&str>, count: usize) -> (Vec<Value>, Option<String>) {
        let Some(secret) = self.live.get(&name.to_lowercase()) else {
            return (Vec::new(), None);
        };
        let mut versions: Vec<_> =
            secret.versions.iter().filter(|one| after.is_none_or(|after| one.id.as_str() > after)).collect();
        versions.sort_by(|a, b| a.id.cmp(&b.id));
        let more = versions.len() > count;
        versions.truncate(count);
        let last = versions.last().filter(|_| more).map(|version| version.id.clone());
        let items = versions.iter().map(|one| self.described(secret, one, IdForm::WithVersion).into()).collect();
        (items, last)
    }

    fn deleted_item(&self, secret: &SecretSpec, version: &VersionSpec, form: IdForm) -> Value {
        let mut item = self.described(secret, version, form);
        item.insert("recoveryId".into(), format!("{}/deletedsecrets/{}", self.base, secret.name).into());
        item.insert("deletedDate".into(), DELETED.into());
        item.insert("scheduledPurgeDate".into(), (DELETED + RECOVERABLE_DAYS * DAY_SECS).into());
        item.into()
    }

    /// Returns all fields of a version except its value.
    pub(super) fn described(&self, secret: &SecretSpec, version: &VersionSpec, form: IdForm) -> Map<String, Value> {
        let mut attributes = json!({
            "enabled": version.enabled,
            "created": version.created,
            "updated": version.updated,
            "recoveryLevel": "Recoverable+Purgeable",
            "recoverableDays": RECOVERABLE_DAYS,
        });
        if let Some(at) = version.not_before {
            attributes["nbf"] = at.into();
        }
        if let Some(at) = version.expires {
            attributes["exp"] = at.into();
        }
        let mut item = Map::new();
        if let Some(kind) = &version.content_type {
            item.insert("contentType".into(), kind.as_str().into());
        }
        let id = match form {
            IdForm::WithVersion => format!("{}/secrets/{}/{}", self.base, secret.name, version.id),
            IdForm::WithoutVersion => format!("{}/secrets/{}", self.base, secret.name),
        };
        item.insert("id".into(), id.into());
        item.insert("attributes".into(), attributes);
        if !version.tags.is_empty() {
            item.insert("tags".into(), json!(version.tags));
        }
        if secret.managed {
            item.insert("managed".into(), true.into());
            item.insert("kid".into(), format!("{}/keys/{}/{}", self.base, secret.name, version.id).into());
        }
        item
    }
}

/// Whether an ID includes the version. The IDs of list items do not.
#[derive(Clone, Copy)]
pub(super) enum IdForm {
    WithVersion,
    WithoutVersion,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::{host::kind::EmulatedHost, secret_spec::numbered_secrets};

    fn store(secrets: Vec<SecretSpec>) -> Store {
        Store::new(&SandboxPlan { secrets, ..SandboxPlan::new(EmulatedHost::Nothing) })
    }

    #[test]
    fn pages_contain_each_secret_once() {
        let store = store(numbered_secrets(60));
        let (mut seen, mut after) = (Vec::new(), None);
        loop {
            let (items, next) = store.secrets(SecretLifecycle::Live, after.as_deref(), 25);
            seen.extend(items.iter().map(|item| item["id"].as_str().unwrap().to_owned()));
            after = next;
            if after.is_none() {
                break;
            }
        }
        assert_eq!(seen.len(), 60);
        assert_eq!(seen[59], "https://my-vault.vault.azure.net/secrets/secret-00060");
    }

    #[test]
    fn names_ignore_case_and_versions_are_found_by_id() {
        let spec = SecretSpec::new("ApiKey", "old").then("new");
        let old = spec.versions[0].id.clone();
        let store = store(vec![spec]);
        assert_eq!(store.get("apikey", None).unwrap()["value"], "new");
        assert_eq!(store.get("APIKEY", Some(&old)).unwrap()["value"], "old");
        assert_eq!(store.get("ApiKey", Some("0")).unwrap_err().status, 404);
        assert_eq!(store.versions("apikey", None, 25).0.len(), 2);
        let (first, next) = store.versions("apikey", None, 1);
        let (second, end) = store.versions("apikey", next.as_deref(), 1);
        assert_ne!(first, second);
        assert!(end.is_none());
    }

    #[test]
    fn deleted_and_disabled_secrets_show_no_value() {
        let store = store(vec![SecretSpec::new("Gone", "v").deleted(), SecretSpec::new("Off", "v").disabled()]);
        assert_eq!(store.get("Gone", None).unwrap_err().status, 404);
        assert_eq!(store.get("Off", None).unwrap_err().status, 403);
        let gone = store.get_deleted("gone").unwrap();
        assert!(gone["deletedDate"].is_u64() && gone.get("value").is_none());
        assert_eq!(store.secrets(SecretLifecycle::Deleted, None, 25).0.len(), 1);
    }
}
