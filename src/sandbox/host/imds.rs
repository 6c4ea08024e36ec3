//! A virtual machine with the Instance Metadata Service: tokens
//! (<https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/how-to-use-vm-token>) and the
//! description of the machine (<https://learn.microsoft.com/azure/virtual-machines/instance-metadata-service>).
//!
//! A variable that the official SDKs read moves the service from its link-local address to loopback.

use std::io;

use serde_json::{Value, json};

use super::{
    assigned::{IdentityIds, NotSelected, select},
    environment::{Environment, HostSetup, url},
};
use crate::env;
use crate::sandbox::{
    azure::{Azure, GRACE_SECS},
    clock, entra,
    message::{HttpReply, HttpRequest},
    names,
};

pub(super) fn prepare(setup: &HostSetup<'_>, environment: &mut Environment) -> io::Result<()> {
    environment.set(env::AZURE_POD_IDENTITY_AUTHORITY_HOST, url(setup.identity));
    Ok(())
}

pub(super) fn answer(azure: &Azure, request: &HttpRequest) -> HttpReply {
    judge(azure, request).with("Server", "IMDS/150.870.65.1854")
}

fn judge(azure: &Azure, request: &HttpRequest) -> HttpReply {
    let known = ["/metadata/identity/oauth2/token", "/metadata/instance", "/metadata/instance/compute"];
    let path = request.path.strip_suffix('/').unwrap_or(&request.path);
    if !known.contains(&path) {
        return error(404, "not_found", "The requested resource was not found.");
    }
    if request.header("metadata") != Some("true") {
        return error(400, "invalid_request", "Required metadata header not specified");
    }
    if request.header("x-forwarded-for").is_some() {
        return error(400, "bad_request", "Requests with an X-Forwarded-For header are rejected");
    }
    let Some(version) = request.parameter("api-version") else {
        return error(400, "bad_request", "api-version was not specified in the request");
    };
    match path {
        "/metadata/instance" => HttpReply::json(200, &json!({ "compute": compute(azure) })),
        "/metadata/instance/compute" => HttpReply::json(200, &compute(azure)),
        // The first version with managed identities; the service accepts every later one too.
        _ if version < "2018-02-01" => error(400, "bad_request", "api-version is not supported"),
        _ => token(azure, request),
    }
}

fn token(azure: &Azure, request: &HttpRequest) -> HttpReply {
    let Some(resource) = request.parameter("resource") else {
        return error(400, "invalid_request", "Required audience parameter not specified");
    };
    let named = IdentityIds {
        client_id: request.parameter("client_id"),
        object_id: request.parameter("object_id"),
        resource_id: request.parameter("msi_res_id").or(request.parameter("mi_res_id")),
    };
    let subject = match select(&azure.plan.identities, named, &azure.plan.host.resource_id()) {
        Ok(subject) => subject,
        Err(NotSelected::NotFound) => return error(400, "invalid_request", "Identity not found"),
        // https://github.com/Azure/aad-pod-identity/issues/1084
        Err(NotSelected::Ambiguous) => {
            let text = "Multiple user assigned identities exist, please specify the clientId / resourceId of the \
                        identity in the token request";
            return error(400, "invalid_request", text);
        }
    };
    if !azure.plan.cloud.knows_resource(resource) {
        let text = format!("AADSTS500011: {}", entra::unknown_resource_text(resource));
        return error(400, "invalid_resource", &text);
    }
    let (token, expires) = azure.day_token(&subject, resource, names::TENANT_ID);
    let now = clock::now();
    let lifetime = (expires - now).to_string();
    let body = json!({
        "access_token": token,
        "client_id": subject.client_id(),
        "expires_in": lifetime,
        "expires_on": expires.to_string(),
        "ext_expires_in": lifetime,
        "not_before": (now - GRACE_SECS).to_string(),
        "resource": resource,
        "token_type": "Bearer",
    });
    HttpReply::json(200, &body)
}

fn compute(azure: &Azure) -> Value {
    json!({
        "azEnvironment": match azure.plan.cloud.name() { "AzureCloud" => "AzurePublicCloud", other => other },
        "location": names::REGION,
        "name": names::VM_NAME,
        "osType": "Linux",
        "provider": "Microsoft.Compute",
        "resourceGroupName": names::RESOURCE_GROUP,
        "resourceId": azure.plan.host.resource_id(),
        "subscriptionId": names::SUBSCRIPTION_ID,
        "vmId": "02aab8a4-74ef-476e-8182-f6d2ba4166a6",
        "vmSize": "Standard_B1s",
    })
}

fn error(status: u16, error: &str, description: &str) -> HttpReply {
    HttpReply::json(status, &json!({ "error": error, "error_description": description }))
}
