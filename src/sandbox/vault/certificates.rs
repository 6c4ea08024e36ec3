//! The certificates of the vault: those of its managed secrets, without their keys.
//!
//! Fields: <https://learn.microsoft.com/rest/api/keyvault/certificates/get-certificate/get-certificate>.

use std::ops::Bound::{Excluded, Unbounded};

use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use rustls::pki_types::pem::{PemObject, SectionKind};
use serde_json::{Map, Value, json};

use super::{
    refusal,
    store::{IdForm, Store},
};
use crate::sandbox::{
    message::HttpReply,
    secret_spec::{CertificatePolicySpec, SecretSpec, VersionSpec},
};

impl Store {
    /// Returns at most `count` certificates after a name. Returns the last name too if there are more.
    pub(super) fn certificates(&self, after: Option<&str>, count: usize) -> (Vec<Value>, Option<String>) {
        let start = after.map_or(Unbounded, Excluded);
        let mut rest = self.live.range::<str, _>((start, Unbounded)).filter(|(_, secret)| secret.managed);
        let mut last = None;
        let mut items = Vec::with_capacity(count);
        for (key, secret) in rest.by_ref().take(count) {
            let version = secret.versions.last().expect("a secret without versions is not kept");
            items.push(self.item(secret, version, IdForm::WithoutVersion).into());
            last = Some(key.clone());
        }
        (items, if rest.next().is_some() { last } else { None })
    }

    /// Returns the bundle of the current version, or of the given one.
    pub(super) fn certificate(&self, name: &str, version: Option<&str>) -> Result<Value, HttpReply> {
        let secret = self.live.get(&name.to_lowercase()).filter(|secret| secret.managed);
        let found = secret.and_then(|secret| match version {
            None => secret.versions.last().map(|version| (secret, version)),
            Some(id) => secret.versions.iter().find(|one| one.id.eq_ignore_ascii_case(id)).map(|one| (secret, one)),
        });
        let Some((secret, version)) = found else {
            let asked = version.map_or_else(|| name.to_owned(), |version| format!("{name}/versions/{version}"));
            return Err(refusal::certificate_not_found(&asked));
        };
        let mut bundle = self.item(secret, version, IdForm::WithVersion);
        let id = |collection: &str| json!(format!("{}/{collection}/{}/{}", self.base, secret.name, version.id));
        bundle.insert("kid".into(), id("keys"));
        bundle.insert("sid".into(), id("secrets"));
        if let Some(der) = leaf(version) {
            bundle.insert("cer".into(), STANDARD.encode(der).into());
        }
        if let Some(kind) = &version.content_type {
            bundle.insert("contentType".into(), kind.as_str().into());
        }
        bundle.insert("policy".into(), policy(&secret.policy, version));
        Ok(bundle.into())
    }

    fn item(&self, secret: &SecretSpec, version: &VersionSpec, form: IdForm) -> Map<String, Value> {
        let mut item = self.described(secret, version, form);
        for of_secrets in ["contentType", "managed", "kid"] {
            item.remove(of_secrets);
        }
        let id = item["id"].as_str().unwrap_or_default().replacen("/secrets/", "/certificates/", 1);
        item.insert("id".into(), id.into());
        if let Some(der) = leaf(version) {
            let thumbprint = digest(&SHA1_FOR_LEGACY_USE_ONLY, &der);
            item.insert("x5t".into(), URL_SAFE_NO_PAD.encode(thumbprint).into());
        }
        item
    }
}

/// Returns the policy of a certificate. Without automatic renewal, its owner gets an email.
fn policy(policy: &CertificatePolicySpec, version: &VersionSpec) -> Value {
    let trigger = match policy.days_before_expiry {
        Some(days) => json!({ "days_before_expiry": days }),
        None => json!({ "lifetime_percentage": 80 }),
    };
    let action = if policy.auto_renew { "AutoRenew" } else { "EmailContacts" };
    json!({
        "secret_props": { "contentType": version.content_type },
        "x509_props": { "subject": policy.subject, "validity_months": 12 },
        "lifetime_actions": [{ "trigger": trigger, "action": { "action_type": action } }],
        "issuer": { "name": policy.issuer },
    })
}

/// Returns the first certificate of a PEM value, or the leaf of a PFX without a password.
fn leaf(version: &VersionSpec) -> Option<Vec<u8>> {
    let value = &version.value;
    if value.contains("-----BEGIN ") {
        let mut sections = <(SectionKind, Vec<u8>)>::pem_slice_iter(value.as_bytes()).filter_map(Result::ok);
        return sections.find(|(kind, _)| *kind == SectionKind::Certificate).map(|(_, der)| der);
    }
    pfx_leaf(&STANDARD.decode(value).ok()?)
}

#[cfg(feature = "pkcs12")]
fn pfx_leaf(pfx: &[u8]) -> Option<Vec<u8>> {
    let archive = p12_keystore::Pkcs12Archive::from_pkcs12(pfx, "").ok()?;
    let leaf = archive.certs.iter().find(|bag| bag.local_key_id.is_some()).or(archive.certs.first())?;
    Some(leaf.cert.as_der().to_vec())
}

/// A build without PKCS#12 shows no thumbprint.
#[cfg(not(feature = "pkcs12"))]
fn pfx_leaf(_: &[u8]) -> Option<Vec<u8>> {
    None
}
