//! The vault as Azure Resource Manager shows it, and its secrets without their values
//! (<https://learn.microsoft.com/rest/api/keyvault/keyvault/vaults/get>).

use serde_json::{Value, json};

use super::reply::{id, not_found, unknown, version};
use crate::sandbox::{
    azure::Azure,
    fault::Fault,
    message::{HttpReply, HttpRequest},
    names,
};

const KIND: &str = "Microsoft.KeyVault/vaults";
pub(super) const VERSIONS: &[&str] = &["2026-02-01"];
const PERIMETER_VERSIONS: &[&str] = &["2026-04-01-preview"];

pub(super) fn answer(azure: &Azure, request: &HttpRequest, name: &str, rest: &[&str]) -> Result<Value, HttpReply> {
    if !name.eq_ignore_ascii_case(&azure.plan.vault) || azure.plan.has(Fault::VaultDeleted) {
        return Err(not_found(KIND, name));
    }
    match rest {
        [] => {
            version(request, VERSIONS)?;
            Ok(vault(azure))
        }
        ["secrets", secret] => {
            version(request, VERSIONS)?;
            let attributes = azure.store.attributes(secret).ok_or_else(|| not_found("vaults/secrets", secret))?;
            Ok(json!({
                "id": format!("{}/secrets/{secret}", id(KIND, &azure.plan.vault)),
                "name": secret,
                "type": "Microsoft.KeyVault/vaults/secrets",
                "properties": {
                    "attributes": attributes,
                    "secretUri": format!("https://{}/secrets/{secret}", azure.plan.vault_host()),
                },
            }))
        }
        ["networksecurityperimeterconfigurations"] => {
            version(request, PERIMETER_VERSIONS)?;
            let is_enforced = azure.plan.has(Fault::Perimeter);
            Ok(json!({ "value": if is_enforced { vec![perimeter()] } else { Vec::new() } }))
        }
        _ => Err(unknown()),
    }
}

/// Returns an enforced perimeter with a rule for another network.
fn perimeter() -> Value {
    let rule = json!({ "name": "office", "properties": { "direction": "Inbound", "addressPrefixes": ["198.51.100.0/24"], "subscriptions": [] } });
    json!({
        "name": "my-perimeter",
        "type": "Microsoft.KeyVault/vaults/networkSecurityPerimeterConfigurations",
        "properties": {
            "provisioningState": "Succeeded",
            "networkSecurityPerimeter": { "id": id("Microsoft.Network/networkSecurityPerimeters", "my-perimeter") },
            "resourceAssociation": { "name": "my-association", "accessMode": "Enforced" },
            "profile": { "name": "my-profile", "accessRulesVersion": 1, "accessRules": [rule] },
        },
    })
}

/// Lists the vault if it is soft-deleted (<https://learn.microsoft.com/rest/api/keyvault/keyvault/vaults/list-deleted>).
pub(super) fn deleted(azure: &Azure) -> Value {
    let plan = &azure.plan;
    let vault = json!({
        "id": format!("/subscriptions/{}/providers/Microsoft.KeyVault/locations/{}/deletedVaults/{}", names::SUBSCRIPTION_ID, names::REGION, plan.vault),
        "name": plan.vault,
        "type": "Microsoft.KeyVault/deletedVaults",
        "properties": {
            "vaultId": id(KIND, &plan.vault),
            "location": names::REGION,
            "deletionDate": "2026-11-01T00:00:00Z",
            "scheduledPurgeDate": "2027-01-30T00:00:00Z",
            "purgeProtectionEnabled": true,
        },
    });
    json!({ "value": if plan.has(Fault::VaultDeleted) { vec![vault] } else { Vec::new() } })
}

fn vault(azure: &Azure) -> Value {
    let plan = &azure.plan;
    let application = plan.has(Fault::PolicyApplication);
    let policies = plan.has(Fault::AccessPolicy) || application;
    let closed = plan.has(Fault::Firewall) || plan.has(Fault::PrivateLink);
    let policy = json!({
        "tenantId": names::TENANT_ID,
        "objectId": if application { names::SYSTEM_OBJECT_ID } else { names::USER_OBJECT_ID },
        "applicationId": application.then_some(names::OTHER_APPLICATION_ID),
        "permissions": { "secrets": ["get", "list", "set"], "keys": [], "certificates": [] },
    });
    json!({
        "id": id(KIND, &plan.vault),
        "name": plan.vault,
        "type": KIND,
        "location": names::REGION,
        "properties": {
            "tenantId": plan.vault_tenant(),
            "vaultUri": format!("https://{}/", plan.vault_host()),
            "sku": { "family": "A", "name": "standard" },
            "provisioningState": "Succeeded",
            "enableRbacAuthorization": !policies,
            "accessPolicies": if policies { json!([policy]) } else { json!([]) },
            "publicNetworkAccess": if plan.has(Fault::PrivateLink) { "Disabled" } else { "Enabled" },
            "networkAcls": {
                "bypass": "AzureServices",
                "defaultAction": if closed { "Deny" } else { "Allow" },
                "ipRules": if closed { json!([{ "value": "198.51.100.0/24" }]) } else { json!([]) },
                "virtualNetworkRules": [],
            },
            "enableSoftDelete": true,
        },
    })
}
