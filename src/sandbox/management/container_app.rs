//! Container apps (<https://learn.microsoft.com/rest/api/resource-manager/containerapps/container-apps/get>).

use serde_json::{Value, json};

use super::identity;
use super::reply::{id, not_found, unknown, version};
use crate::sandbox::{
    azure::Azure,
    message::{HttpReply, HttpRequest},
    names,
    workload::EmulatedWorkload,
};

const KIND: &str = "Microsoft.App/containerApps";
const ENVIRONMENT: &str = "Microsoft.App/managedEnvironments";
/// Name of the environment.
const ENVIRONMENT_NAME: &str = "my-environment";
const VERSIONS: &[&str] = &["2025-07-01", "2025-01-01"];

pub(super) fn answer(azure: &Azure, request: &HttpRequest, name: &str, rest: &[&str]) -> Result<Value, HttpReply> {
    if azure.plan.workload != Some(EmulatedWorkload::ContainerApp) || name != names::APP_NAME {
        return Err(not_found(KIND, name));
    }
    match rest {
        [] => {
            version(request, VERSIONS)?;
            Ok(app(azure))
        }
        ["providers", "microsoft.managedidentity", "identities", "default"] => {
            identity::default_of(azure, request, &id(KIND, names::APP_NAME))
        }
        _ => Err(unknown()),
    }
}

/// Answers with the environment, which has no virtual network of its own.
pub(super) fn environment(request: &HttpRequest, name: &str) -> Result<Value, HttpReply> {
    if name != ENVIRONMENT_NAME {
        return Err(not_found(ENVIRONMENT, name));
    }
    version(request, VERSIONS)?;
    Ok(json!({
        "id": id(ENVIRONMENT, ENVIRONMENT_NAME),
        "name": ENVIRONMENT_NAME,
        "type": ENVIRONMENT,
        "location": names::REGION,
        "properties": { "provisioningState": "Succeeded", "vnetConfiguration": null },
    }))
}

fn app(azure: &Azure) -> Value {
    json!({
        "id": id(KIND, names::APP_NAME),
        "name": names::APP_NAME,
        "type": KIND,
        "location": "West Europe",
        "identity": identity::block(azure),
        "properties": {
            "provisioningState": "Succeeded",
            "managedEnvironmentId": id(ENVIRONMENT, ENVIRONMENT_NAME),
            "outboundIpAddresses": [names::CLIENT_ADDRESS],
            "configuration": {
                "identitySettings": [],
                "secrets": [
                    { "name": "api-key", "keyVaultUrl": format!("https://{}/secrets/ApiKey", azure.plan.vault_host()), "identity": "system" },
                    { "name": "plain" },
                ],
            },
            "template": { "containers": [{ "name": "main", "image": "contoso.example/web:1", "env": [{ "name": "API_KEY", "secretRef": "api-key" }] }] },
        },
    })
}
