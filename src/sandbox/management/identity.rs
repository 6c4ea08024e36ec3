//! The managed identities of a workload, as every resource shows them.

use serde_json::{Value, json};

use super::reply::{not_found, version};
use crate::sandbox::{
    azure::Azure,
    message::{HttpReply, HttpRequest},
    names,
};

/// Versions of the provider for managed identities
/// (<https://learn.microsoft.com/rest/api/managedidentity/system-assigned-identities/get-by-scope>).
const VERSIONS: &[&str] = &["2024-11-30", "2023-01-31"];

/// Returns the identity block that all resources share
/// (<https://learn.microsoft.com/azure/templates/microsoft.web/sites#managedserviceidentity>).
pub(super) fn block(azure: &Azure) -> Value {
    let identities = &azure.plan.identities;
    let kind = match (identities.system_assigned, identities.user_assigned.is_empty()) {
        (true, true) => "SystemAssigned",
        (true, false) => "SystemAssigned, UserAssigned",
        (false, false) => "UserAssigned",
        (false, true) => return Value::Null,
    };
    let mut block = json!({ "type": kind });
    if identities.system_assigned {
        block["principalId"] = names::SYSTEM_OBJECT_ID.into();
        block["tenantId"] = names::TENANT_ID.into();
    }
    for one in &identities.user_assigned {
        block["userAssignedIdentities"][one.resource_id()] =
            json!({ "principalId": one.object_id, "clientId": one.client_id });
    }
    block
}

/// Answers with the system-assigned identity of a resource.
pub(super) fn default_of(azure: &Azure, request: &HttpRequest, resource: &str) -> Result<Value, HttpReply> {
    version(request, VERSIONS)?;
    if !azure.plan.identities.system_assigned {
        return Err(not_found("Microsoft.ManagedIdentity/identities", "default"));
    }
    Ok(json!({
        "id": format!("{resource}/providers/Microsoft.ManagedIdentity/identities/default"),
        "name": "default",
        "type": "Microsoft.ManagedIdentity/identities",
        "properties": {
            "tenantId": names::TENANT_ID, "principalId": names::SYSTEM_OBJECT_ID, "clientId": names::SYSTEM_CLIENT_ID,
        },
    }))
}
