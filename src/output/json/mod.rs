//! Formats JSON in the shapes of `az`, so that `jq` programs for it work unchanged.

mod writer;

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Serialize, Serializer};
use serde_json::{Value, json};
use zeroize::Zeroizing;

use crate::credential::NoToken;
use crate::credential::chain::Attempt;
use crate::redact;
use crate::time::timestamp::Timestamp;
use crate::token::Claims;
use crate::token::identity::Identity;
use crate::vault::secret_bundle::{Attributes, CertificatePolicy, Properties, Renewal, SecretBundle};

use super::report::Whoami;
pub use writer::{to_bytes, write};

/// A secret as `az keyvault secret show` prints it, with keys in the same order
/// (<https://learn.microsoft.com/cli/azure/keyvault/secret#az-keyvault-secret-show>). It borrows the value, so
/// that writing makes no copy of it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SecretView<'a> {
    attributes: AttributesView<'a>,
    content_type: &'a Option<String>,
    id: &'a str,
    kid: &'a Option<String>,
    managed: Option<bool>,
    name: &'a str,
    tags: &'a Option<BTreeMap<String, String>>,
    value: &'a str,
}

impl<'a> SecretView<'a> {
    /// Creates the view of a secret with its value.
    pub fn new(bundle: &'a SecretBundle) -> Self {
        let properties = &bundle.properties;
        SecretView {
            attributes: AttributesView::new(&properties.attributes),
            content_type: &properties.content_type,
            id: &properties.id,
            kid: &properties.kid,
            managed: properties.managed,
            name: properties.name(),
            tags: &properties.tags,
            value: bundle.value.expose(),
        }
    }
}

/// Secrets without values, as `az keyvault secret list` and `list-deleted` print them. They are borrowed and written one by
/// one, because a vault can have very many.
pub enum SecretList<'a> {
    /// Existing secrets.
    Present(&'a [Properties]),
    /// Deleted secrets.
    Deleted(&'a [Properties]),
    /// Certificates, as `az keyvault certificate list` prints them.
    Certificates(&'a [Properties]),
}

impl Serialize for SecretList<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            SecretList::Present(secrets) => serializer.collect_seq(secrets.iter().map(ListedSecret::new)),
            SecretList::Deleted(secrets) => serializer.collect_seq(secrets.iter().map(DeletedSecret::new)),
            SecretList::Certificates(items) => serializer.collect_seq(items.iter().map(ListedCertificate::new)),
        }
    }
}

/// Variables as one object, in the given order. It borrows the values.
pub struct Variables<'a>(pub Vec<(&'a str, &'a str)>);

impl Serialize for Variables<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().copied())
    }
}

/// Keys in alphabetical order, as `az` prints them.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ListedSecret<'a> {
    attributes: AttributesView<'a>,
    content_type: &'a Option<String>,
    id: &'a str,
    managed: Option<bool>,
    name: &'a str,
    tags: &'a Option<BTreeMap<String, String>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct DeletedSecret<'a> {
    attributes: AttributesView<'a>,
    content_type: &'a Option<String>,
    deleted_date: Option<Rfc3339>,
    id: &'a str,
    managed: Option<bool>,
    name: &'a str,
    recovery_id: &'a Option<String>,
    scheduled_purge_date: Option<Rfc3339>,
    tags: &'a Option<BTreeMap<String, String>>,
}

/// A certificate as az prints it (`transform_certificate_properties` of azure-cli's keyvault module): the subject is empty
/// unless the policy was requested. `autoRenew` and `issuer` are azfob's own.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ListedCertificate<'a> {
    attributes: AttributesView<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    auto_renew: Option<bool>,
    id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    issuer: Option<&'a str>,
    name: &'a str,
    subject: &'a str,
    tags: &'a Option<BTreeMap<String, String>>,
    x509_thumbprint: Option<String>,
    x509_thumbprint_hex: Option<String>,
}

impl<'a> ListedCertificate<'a> {
    fn new(certificate: &'a Properties) -> Self {
        let policy = certificate.policy.as_deref();
        ListedCertificate {
            attributes: AttributesView::new(&certificate.attributes),
            auto_renew: policy.map(|policy| policy.renewal() != Renewal::Manual),
            id: &certificate.id,
            issuer: policy.and_then(CertificatePolicy::issuer),
            name: certificate.name(),
            subject: policy.and_then(CertificatePolicy::subject).unwrap_or_default(),
            tags: &certificate.tags,
            x509_thumbprint: certificate.thumbprint().map(|bytes| STANDARD.encode(bytes)),
            x509_thumbprint_hex: certificate.thumbprint_hex(),
        }
    }
}

/// The attributes of a secret, with the names that `az` uses.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AttributesView<'a> {
    created: Option<Rfc3339>,
    enabled: Option<bool>,
    expires: Option<Rfc3339>,
    not_before: Option<Rfc3339>,
    recoverable_days: Option<i64>,
    recovery_level: &'a Option<String>,
    updated: Option<Rfc3339>,
}

/// Seconds since 1970, written in RFC 3339.
struct Rfc3339(i64);

impl Serialize for Rfc3339 {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Timestamp(self.0).with_rfc3339(|text| serializer.serialize_str(text))
    }
}

impl<'a> ListedSecret<'a> {
    fn new(secret: &'a Properties) -> Self {
        ListedSecret {
            attributes: AttributesView::new(&secret.attributes),
            content_type: &secret.content_type,
            id: &secret.id,
            managed: secret.managed,
            name: secret.name(),
            tags: &secret.tags,
        }
    }
}

impl<'a> DeletedSecret<'a> {
    fn new(secret: &'a Properties) -> Self {
        DeletedSecret {
            attributes: AttributesView::new(&secret.attributes),
            content_type: &secret.content_type,
            deleted_date: secret.deleted_date.map(Rfc3339),
            id: &secret.id,
            managed: secret.managed,
            name: secret.name(),
            recovery_id: &secret.recovery_id,
            scheduled_purge_date: secret.scheduled_purge_date.map(Rfc3339),
            tags: &secret.tags,
        }
    }
}

impl<'a> AttributesView<'a> {
    fn new(attributes: &'a Attributes) -> Self {
        AttributesView {
            created: attributes.created.map(Rfc3339),
            enabled: attributes.enabled,
            expires: attributes.exp.map(Rfc3339),
            not_before: attributes.nbf.map(Rfc3339),
            recoverable_days: attributes.recoverable_days,
            recovery_level: &attributes.recovery_level,
            updated: attributes.updated.map(Rfc3339),
        }
    }
}

/// Formats the result of `azfob whoami -o json`.
pub fn whoami(me: &Whoami<'_>) -> Value {
    let claims = &me.identity.claims;
    let skipped = me.skipped.iter().map(|attempt| {
        json!({ "credential": attempt.credential.name(), "status": status(attempt), "message": message(attempt) })
    });
    let settings = me
        .settings
        .iter()
        .map(|(name, value, source)| json!({ "name": name, "value": value, "source": source.to_string() }));
    json!({
        "credential": me.selected.credential.name(),
        "identityType": me.identity.kind.as_json(),
        "tenantId": claims.tid,
        "objectId": claims.oid,
        "clientId": me.identity.client_id(),
        "userPrincipalName": claims.upn.as_ref().or(claims.unique_name.as_ref()).or(claims.preferred_username.as_ref()),
        "name": claims.name,
        "managedIdentityResourceId": claims.xms_mirid,
        "azAccount": me.az_account,
        "audience": claims.aud,
        "issuedOn": claims.iat.map(|t| Timestamp(t).rfc3339()),
        "cachedSince": me.selected.token.cached_since.map(Timestamp::rfc3339),
        "expiresOn": me.selected.token.expires_on.map(Timestamp::rfc3339),
        "federatedCredential": me.selected.token.federation().as_ref().map(federation),
        "skipped": skipped.collect::<Vec<_>>(),
        "settings": settings.collect::<Vec<_>>(),
    })
}

/// Formats what a federated credential must have, from the claims of the federated token.
pub fn federation(claims: &Claims) -> Value {
    json!({ "issuer": claims.iss, "subject": claims.sub, "audience": claims.aud })
}

/// Formats the identity of a token.
pub fn identity(identity: &Identity) -> Value {
    json!({
        "identityType": identity.kind.as_json(),
        "tenantId": identity.tenant(),
        "objectId": identity.object_id(),
        "clientId": identity.client_id(),
        "name": identity.label(),
    })
}

/// Returns the result of an attempt in one word.
pub fn status(attempt: &Attempt) -> &'static str {
    match &attempt.result {
        Ok(_) => "succeeded",
        Err(NoToken::Unavailable(_)) => "unavailable",
        Err(NoToken::Failed(_)) => "failed",
    }
}

fn message(attempt: &Attempt) -> Option<String> {
    attempt.result.as_ref().err().map(ToString::to_string)
}

/// The JSON of `whoami`, `diagnose` and `explain`.
#[derive(Serialize)]
struct VersionedReport {
    schema: u8,
    #[serde(flatten)]
    report: Value,
}

/// Formats a report, with secrets masked.
pub fn of_report(report: Value) -> Zeroizing<Vec<u8>> {
    to_bytes(&VersionedReport { schema: 1, report: redact::mask_json(report) })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `serde_json::Value` sorts the keys.
    #[test]
    fn lists_have_sorted_keys_and_rfc3339_times() {
        let text = r#"[{"id":"https://v.vault.azure.net/secrets/n","attributes":{"enabled":true,"nbf":-62135596800,
            "exp":253402200000,"recoverableDays":90,"recoveryLevel":"Purgeable"},"tags":{"b":"\u0007","a":"é"},
            "recoveryId":"r","deletedDate":1767268800},{"id":"x"}]"#;
        let secrets: Vec<Properties> = serde_json::from_str(text).unwrap();
        for list in [SecretList::Present(&secrets), SecretList::Deleted(&secrets)] {
            let bytes = to_bytes(&list);
            let sorted: Value = serde_json::from_slice(&bytes).unwrap();
            assert_eq!(String::from_utf8_lossy(&bytes), String::from_utf8_lossy(&to_bytes(&sorted)));
            assert_eq!(sorted[0]["attributes"]["notBefore"], "0001-01-01T00:00:00+00:00");
            assert_eq!(sorted[0]["attributes"]["expires"], "9999-12-30T20:00:00+00:00");
            assert_eq!((&sorted[0]["name"], &sorted[1]["attributes"]["enabled"]), (&"n".into(), &Value::Null));
            let deleted = matches!(list, SecretList::Deleted(_));
            assert_eq!(sorted[0].get("deletedDate").is_some(), deleted);
        }
    }

    #[test]
    fn a_secret_has_the_shape_of_az() {
        let text = r#"{"value":"v","id":"https://v.vault.azure.net/secrets/n/0a","attributes":{"enabled":true,"created":1767268800}}"#;
        let bundle = serde_json::from_str(text).unwrap();
        let bytes = to_bytes(&SecretView::new(&bundle));
        let shown: Value = serde_json::from_slice(&bytes).unwrap();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let mut keys: Vec<_> = shown.as_object().unwrap().keys().cloned().collect();
        keys.sort_by_key(|key| text.find(&format!("\n  \"{key}\"")));
        assert_eq!(keys, ["attributes", "contentType", "id", "kid", "managed", "name", "tags", "value"]);
        assert_eq!(shown["attributes"]["created"], "2026-01-01T12:00:00+00:00");
        assert_eq!(shown["attributes"]["expires"], Value::Null);
        assert_eq!(shown["name"], "n");
    }
}
