//! User-assigned managed identities and their federated credentials
//! (<https://learn.microsoft.com/rest/api/managedidentity/user-assigned-identities/get>).

use serde_json::{Value, json};

use super::reply::{id, not_found, unknown, version};
use crate::sandbox::{
    azure::Azure,
    cluster::Federation,
    message::{HttpReply, HttpRequest},
    names,
};

pub(super) const KIND: &str = "Microsoft.ManagedIdentity/userAssignedIdentities";
const VERSIONS: &[&str] = &["2024-11-30", "2023-01-31"];

pub(super) fn answer(azure: &Azure, request: &HttpRequest, name: &str, rest: &[&str]) -> Result<Value, HttpReply> {
    let identities = &azure.plan.identities.user_assigned;
    let identity =
        identities.iter().find(|one| one.name.eq_ignore_ascii_case(name)).ok_or_else(|| not_found(KIND, name))?;
    version(request, VERSIONS)?;
    match rest {
        [] => Ok(json!({
            "id": id(KIND, name),
            "name": name,
            "type": KIND,
            "location": names::REGION,
            "properties": {
                "tenantId": names::TENANT_ID, "principalId": identity.object_id, "clientId": identity.client_id,
            },
        })),
        ["federatedidentitycredentials"] => {
            let credential = Federation::of_credential(&azure.plan, &identity.client_id);
            let value: Vec<Value> = credential.iter().map(|one| federated_credential(name, one)).collect();
            Ok(json!({ "value": value }))
        }
        _ => Err(unknown()),
    }
}

/// <https://learn.microsoft.com/rest/api/managedidentity/federated-identity-credentials/list>
fn federated_credential(identity: &str, accepted: &Federation) -> Value {
    let name = names::FEDERATED_CREDENTIAL;
    json!({
        "id": format!("{}/federatedIdentityCredentials/{name}", id(KIND, identity)),
        "name": name,
        "type": "Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials",
        "properties": {
            "issuer": accepted.issuer, "subject": accepted.subject, "audiences": [accepted.audience],
        },
    })
}
