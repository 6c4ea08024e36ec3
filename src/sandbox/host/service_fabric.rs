//! An application of a Service Fabric cluster, with the endpoint of API version 2019-07-01-preview:
//! <https://learn.microsoft.com/azure/service-fabric/how-to-managed-identity-service-fabric-app-code>.

use std::io;

use serde_json::json;

use super::{
    assigned::{IdentityIds, select},
    environment::{Environment, HostSetup},
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
    environment.set(env::FABRIC_APPLICATION_NAME, format!("fabric:/{}", names::APP_NAME));
    environment.set("Fabric_NodeName", "_Node_0");
    let Some(certificate) = setup.azure.endpoint.as_ref().filter(|_| !setup.azure.plan.has(Fault::NoIdentity)) else {
        return Ok(());
    };
    environment.set(env::IDENTITY_ENDPOINT, format!("https://{}/metadata/identity/oauth2/token", setup.identity));
    environment.set(env::IDENTITY_HEADER, &setup.azure.keys.identity_header);
    environment.set(env::IDENTITY_SERVER_THUMBPRINT, &certificate.thumbprint);
    environment.set("IDENTITY_API_VERSION", "2019-07-01-preview");
    Ok(())
}

pub(super) fn answer(azure: &Azure, request: &HttpRequest) -> HttpReply {
    if request.header("secret") != Some(&azure.keys.identity_header) {
        return error(400, "SecretHeaderNotFound", "Secret is not found in the request headers.");
    }
    if request.parameter("api-version") != Some("2019-07-01-preview") {
        return error(400, "InvalidApiVersion", "The api-version is not supported.");
    }
    let Some(resource) = request.parameter("resource") else {
        return error(400, "ArgumentNullOrEmpty", "The parameter 'resource' should not be null or empty string.");
    };
    let Ok(subject) = select(&azure.plan.identities, IdentityIds::default(), &azure.plan.host.resource_id()) else {
        return error(404, "ManagedIdentityNotFound", "Managed identity not found for the specified application host.");
    };
    if !azure.plan.cloud.knows_resource(resource) {
        return error(400, "InvalidResource", &entra::unknown_resource_text(resource));
    }
    let (token, expires) = azure.day_token(&subject, resource, names::TENANT_ID);
    let body = json!({ "token_type": "Bearer", "access_token": token, "expires_on": expires, "resource": resource });
    HttpReply::json(200, &body)
}

fn error(status: u16, code: &str, message: &str) -> HttpReply {
    let body = json!({ "error": { "correlationId": random::guid(), "code": code, "message": message } });
    HttpReply::json(status, &body)
}
