//! JSON in the shapes of `az`, so that `jq` programs written for it work unchanged.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Value, json};
use zeroize::Zeroizing;

use crate::credential::NoToken;
use crate::credential::chain::Attempt;
use crate::time::timestamp::Timestamp;
use crate::token::identity::Identity;
use crate::vault::secret_bundle::{Attributes, Properties, SecretBundle};

use super::report::Whoami;

/// A secret as `az keyvault secret show` prints it, keys in its order
/// (<https://learn.microsoft.com/cli/azure/keyvault/secret#az-keyvault-secret-show>). It borrows the value, so that
/// writing it makes no copy that would not be wiped.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Secret<'a> {
    attributes: Value,
    content_type: &'a Option<String>,
    id: &'a str,
    kid: &'a Option<String>,
    managed: Option<bool>,
    name: &'a str,
    tags: &'a Option<BTreeMap<String, String>>,
    value: &'a str,
}

impl<'a> Secret<'a> {
    /// Shows a secret with its value.
    pub fn new(bundle: &'a SecretBundle) -> Self {
        let properties = &bundle.properties;
        Secret {
            attributes: attributes(&properties.attributes),
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

/// A secret without its value, as an item of `az keyvault secret list`.
pub fn properties(properties: &Properties) -> Value {
    json!({
        "attributes": attributes(&properties.attributes),
        "contentType": properties.content_type,
        "id": properties.id,
        "managed": properties.managed,
        "name": properties.name(),
        "tags": properties.tags,
    })
}

fn attributes(a: &Attributes) -> Value {
    let time = |seconds: Option<i64>| seconds.map(|s| Timestamp(s).rfc3339());
    json!({
        "created": time(a.created),
        "enabled": a.enabled,
        "expires": time(a.exp),
        "notBefore": time(a.nbf),
        "recoverableDays": a.recoverable_days,
        "recoveryLevel": a.recovery_level,
        "updated": time(a.updated),
    })
}

/// Who the chain makes one: design of `azfob whoami -o json`.
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
        "audience": claims.aud,
        "issuedOn": claims.iat.map(|t| Timestamp(t).rfc3339()),
        "expiresOn": me.selected.token.expires_on.map(Timestamp::rfc3339),
        "skipped": skipped.collect::<Vec<_>>(),
        "settings": settings.collect::<Vec<_>>(),
    })
}

/// Whom a token speaks for.
pub fn identity(identity: &Identity) -> Value {
    json!({
        "identityType": identity.kind.as_json(),
        "tenantId": identity.tenant(),
        "objectId": identity.object_id(),
        "clientId": identity.client_id(),
        "name": identity.label(),
    })
}

/// How an attempt ended, in one word.
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

/// A deleted secret, as an item of `az keyvault secret list-deleted`.
pub fn deleted(properties: &Properties) -> Value {
    let time = |seconds: Option<i64>| seconds.map(|s| Timestamp(s).rfc3339());
    let mut shown = self::properties(properties);
    shown["deletedDate"] = json!(time(properties.deleted_date));
    shown["recoveryId"] = json!(properties.recovery_id);
    shown["scheduledPurgeDate"] = json!(time(properties.scheduled_purge_date));
    shown
}

/// The text of a value, indented as az does it, with a newline at its end.
pub fn to_bytes(value: &impl Serialize) -> Zeroizing<Vec<u8>> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(64 << 10));
    serde_json::to_writer_pretty(&mut *bytes, value).expect("a value made here is JSON, and memory takes it");
    bytes.push(b'\n');
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_has_the_shape_of_az() {
        let text = r#"{"value":"v","id":"https://v.vault.azure.net/secrets/n/0a","attributes":{"enabled":true,"created":1767268800}}"#;
        let bundle = serde_json::from_str(text).unwrap();
        let bytes = to_bytes(&Secret::new(&bundle));
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
