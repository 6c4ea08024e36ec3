//! App Service and Functions apps (<https://learn.microsoft.com/rest/api/appservice/web-apps/get>).

use serde_json::{Value, json};

use super::reply::id;
use crate::sandbox::{azure::Azure, fault::Fault, names, workload::EmulatedWorkload};

pub(super) const KIND: &str = "Microsoft.Web/sites";
pub(super) const VERSIONS: &[&str] = &["2025-05-01", "2024-11-01", "2024-04-01"];

/// Returns the kind of an app. Only this provider uses the field.
pub(super) fn variant(workload: EmulatedWorkload) -> Option<&'static str> {
    match workload {
        EmulatedWorkload::Functions => Some("functionapp,linux"),
        EmulatedWorkload::AppService => Some("app,linux"),
        _ => None,
    }
}

pub(super) fn properties() -> Value {
    json!({
        "state": "Running",
        "keyVaultReferenceIdentity": "SystemAssigned",
        "virtualNetworkSubnetId": null,
        "outboundIpAddresses": format!("{},203.0.113.26", names::CLIENT_ADDRESS),
        "possibleOutboundIpAddresses": format!("{},203.0.113.26,203.0.113.27", names::CLIENT_ADDRESS),
    })
}

/// Returns the state of the app's Key Vault reference, with the status that the fault leads to
/// (<https://learn.microsoft.com/azure/app-service/app-service-key-vault-references>).
pub(super) fn reference(azure: &Azure) -> Value {
    let plan = &azure.plan;
    let denied = [
        Fault::Forbidden,
        Fault::Reader,
        Fault::OtherScope,
        Fault::OtherSecret,
        Fault::EligibleRole,
        Fault::DenyAssignment,
        Fault::AccessPolicy,
        Fault::PolicyApplication,
        Fault::Firewall,
        Fault::PrivateLink,
        Fault::Perimeter,
        Fault::WrongTenant,
    ];
    let refused = denied.iter().any(|fault| plan.has(*fault));
    let status = match azure.store.attributes("ApiKey") {
        _ if !plan.identities.system_assigned => "MSINotEnabled",
        _ if plan.has(Fault::VaultDeleted) => "VaultNotFound",
        _ if refused => "AccessToKeyVaultDenied",
        None => "SecretNotFound",
        Some(attributes) if attributes["enabled"] == false => "OtherReasons",
        Some(_) => "Resolved",
    };
    json!({
        "id": format!("{}/config/configreferences/appsettings/API_KEY", id(KIND, names::APP_NAME)),
        "name": "API_KEY",
        "type": "Microsoft.Web/sites/config/configreferences",
        "properties": {
            "reference": format!("@Microsoft.KeyVault(VaultName={};SecretName=ApiKey)", plan.vault),
            "status": status,
            "vaultName": plan.vault,
            "secretName": "ApiKey",
            "secretVersion": null,
            "identityType": "SystemAssigned",
            "source": "KeyVault",
            "details": if status == "Resolved" { "Reference has been successfully resolved." } else { "Reference was not able to be resolved." },
        },
    })
}
