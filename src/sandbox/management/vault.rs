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
    if !name.eq_ignore_ascii_case(&azure.plan.vault) {
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
            Ok(json!({ "value": [] }))
        }
        _ => Err(unknown()),
    }
}

fn vault(azure: &Azure) -> Value {
    let plan = &azure.plan;
    let policies = plan.has(Fault::AccessPolicy);
    let closed = plan.has(Fault::Firewall) || plan.has(Fault::PrivateLink);
    let policy = json!({
        "tenantId": names::TENANT_ID, "objectId": names::USER_OBJECT_ID,
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
