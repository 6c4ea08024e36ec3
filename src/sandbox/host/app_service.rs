//! App Service and Functions: their variables (<https://learn.microsoft.com/azure/app-service/reference-app-settings>)
//! and the managed identity endpoint of API version 2019-08-01, which Container Apps has too
//! (<https://learn.microsoft.com/azure/app-service/overview-managed-identity#rest-endpoint-reference>).

use std::io;

use serde_json::json;

use super::{
    assigned::{IdentityIds, select},
    environment::{Environment, HostSetup, url},
};
use crate::env;
use crate::sandbox::{
    azure::Azure,
    entra,
    fault::Fault,
    message::{HttpReply, HttpRequest},
    names, random,
};

pub(super) fn prepare(setup: &HostSetup<'_>, environment: &mut Environment) -> io::Result<()> {
    environment.set(env::WEBSITE_SITE_NAME, names::APP_NAME);
    environment.set(env::WEBSITE_RESOURCE_GROUP, names::RESOURCE_GROUP);
    environment.set(
        env::WEBSITE_OWNER_NAME,
        format!("{}+{}-WestEuropewebspace-Linux", names::SUBSCRIPTION_ID, names::RESOURCE_GROUP),
    );
    environment.set("WEBSITE_HOSTNAME", format!("{}.azurewebsites.net", names::APP_NAME));
    environment.set("WEBSITE_INSTANCE_ID", "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef");
    environment.set("WEBSITE_SKU", "Standard");
    if !setup.azure.plan.has(Fault::NoIdentity) {
        set_identity(setup, environment, "/MSI/token");
    }
    Ok(())
}

pub(super) fn prepare_functions(setup: &HostSetup<'_>, environment: &mut Environment) -> io::Result<()> {
    prepare(setup, environment)?;
    environment.set(env::FUNCTIONS_EXTENSION_VERSION, "~4");
    environment.set(env::FUNCTIONS_WORKER_RUNTIME, "python");
    Ok(())
}

/// Sets the endpoint and its header under both of their names
/// (<https://learn.microsoft.com/azure/app-service/overview-managed-identity#rest-endpoint-reference>).
pub(super) fn set_identity(setup: &HostSetup<'_>, environment: &mut Environment, path: &str) {
    let endpoint = format!("{}{path}", url(setup.identity));
    let header = &setup.azure.keys.identity_header;
    environment.set(env::IDENTITY_ENDPOINT, &endpoint);
    environment.set(env::IDENTITY_HEADER, header);
    // Both names are set by the platform too, and IDENTITY_ENDPOINT has to win:
    // https://github.com/AzureAD/microsoft-authentication-library-for-dotnet/issues/5245
    environment.set(env::MSI_ENDPOINT, &endpoint);
    environment.set(env::MSI_SECRET, header);
}

const API_VERSION: &str = "2019-08-01";

pub(super) fn answer(azure: &Azure, request: &HttpRequest) -> HttpReply {
    match request.header("x-identity-header") {
        None => return error(401, "The X-IDENTITY-HEADER header is missing."),
        Some(header) if header != azure.keys.identity_header => {
            return error(403, "The X-IDENTITY-HEADER header is not the one of this app.");
        }
        Some(_) => {}
    }
    if request.parameter("api-version") != Some(API_VERSION) {
        return error(400, "The api-version query parameter must be 2019-08-01.");
    }
    let Some(resource) = request.parameter("resource") else {
        return error(400, "The resource query parameter is missing.");
    };
    let named = IdentityIds {
        client_id: request.parameter("client_id"),
        object_id: request.parameter("object_id").or(request.parameter("principal_id")),
        resource_id: request.parameter("mi_res_id"),
    };
    // A user-assigned identity must be named, even if it is the only one.
    if named.is_empty() && !azure.plan.identities.system_assigned {
        return no_identity();
    }
    let system = azure.plan.host.resource_id();
    let Ok(subject) = select(&azure.plan.identities, named, &system) else {
        return no_identity();
    };
    if !azure.plan.cloud.knows_resource(resource) {
        let why = entra::unknown_resource_text(resource);
        return error(400, &format!("AADSTS500011: {why}"));
    }
    let (token, expires) = azure.day_token(&subject, resource, names::TENANT_ID);
    let body = json!({
        "access_token": token,
        "expires_on": expires.to_string(),
        "resource": resource,
        "token_type": "Bearer",
        "client_id": subject.client_id().to_uppercase(),
    });
    HttpReply::json(200, &body)
}

/// The reply for an identity that is not assigned, and for no identity at all. The text is the same since 2024
/// (<https://github.com/Azure-Samples/azure-search-openai-demo/issues/2148>). The body has no correlation ID.
fn no_identity() -> HttpReply {
    let message = "No User Assigned or Delegated Managed Identity found for specified ClientId/ResourceId/PrincipalId.";
    HttpReply::json(400, &json!({ "statusCode": 400, "message": message })).with("X-CORRELATION-ID", random::guid())
}

fn error(status: u16, message: &str) -> HttpReply {
    let correlation = random::guid();
    let body = json!({ "statusCode": status, "message": message, "correlationId": correlation });
    HttpReply::json(status, &body).with("X-CORRELATION-ID", correlation)
}
