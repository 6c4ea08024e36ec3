//! App Service's dialect, which Functions and Container Apps speak too, version 2019-08-01:
//! <https://learn.microsoft.com/azure/app-service/overview-managed-identity#rest-endpoint-reference>.

use serde_json::json;

use super::{
    super::{
        azure::Azure,
        message::{Reply, Request},
        random,
    },
    Named, choose,
};

const API_VERSION: &str = "2019-08-01";

pub(super) fn answer(azure: &Azure, request: &Request) -> Reply {
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
    let named = Named {
        client_id: request.parameter("client_id"),
        object_id: request.parameter("object_id").or(request.parameter("principal_id")),
        resource_id: request.parameter("mi_res_id"),
    };
    let system = azure.plan.host.resource_id();
    let Ok(subject) = choose(&azure.plan.identities, named, &system) else {
        // Text and shape: https://github.com/Azure/azure-sdk-for-net/issues/43691
        return error(400, "Unable to load the proper Managed Identity.");
    };
    if !azure.plan.cloud.knows_resource(resource) {
        let why = super::super::entra::unknown_resource_text(resource);
        return error(400, &format!("AADSTS500011: {why}"));
    }
    let (token, expires) = azure.day_token(&subject, resource, super::super::names::TENANT_ID);
    let body = json!({
        "access_token": token,
        "expires_on": expires.to_string(),
        "resource": resource,
        "token_type": "Bearer",
        "client_id": subject.client_id().to_uppercase(),
    });
    Reply::json(200, &body)
}

fn error(status: u16, message: &str) -> Reply {
    let correlation = random::guid();
    let body = json!({ "statusCode": status, "message": message, "correlationId": correlation });
    Reply::json(status, &body).with("X-CORRELATION-ID", correlation)
}
