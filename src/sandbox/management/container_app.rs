//! Container apps and jobs (<https://learn.microsoft.com/rest/api/resource-manager/containerapps/container-apps/get>).

use serde_json::{Value, json};

use super::reply::{id, not_found, version};
use crate::env;
use crate::sandbox::{
    azure::Azure,
    fault::Fault,
    message::{HttpReply, HttpRequest},
    names,
    workload::EmulatedWorkload,
};

const ENVIRONMENT: &str = "Microsoft.App/managedEnvironments";
/// Name of the environment.
const ENVIRONMENT_NAME: &str = "my-environment";
pub(super) const VERSIONS: &[&str] = &["2025-07-01", "2025-01-01"];

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

/// Returns the properties of an app or a job, which name the environment differently.
pub(super) fn properties(azure: &Azure) -> Value {
    let environment = match azure.plan.workload {
        Some(EmulatedWorkload::ContainerAppsJob) => "environmentId",
        _ => "managedEnvironmentId",
    };
    let mut variables = vec![json!({ "name": "API_KEY", "secretRef": "api-key" })];
    if azure.plan.has(Fault::WrongIdentity) {
        variables.push(json!({ "name": env::AZURE_CLIENT_ID, "value": names::SECOND_USER_ASSIGNED_CLIENT_ID }));
    }
    json!({
        "provisioningState": "Succeeded",
        environment: id(ENVIRONMENT, ENVIRONMENT_NAME),
        "outboundIpAddresses": [names::CLIENT_ADDRESS],
        "configuration": {
            "identitySettings": if azure.plan.has(Fault::IdentityLifecycle) {
                json!([{ "identity": "system", "lifecycle": "Init" }])
            } else {
                json!([])
            },
            "secrets": [
                { "name": "api-key", "keyVaultUrl": format!("https://{}/secrets/ApiKey", azure.plan.vault_host()), "identity": "system" },
                { "name": "plain" },
            ],
        },
        "template": { "containers": [{ "name": "main", "image": "contoso.example/web:1", "env": variables }] },
    })
}
