//! The checks and replies that all resources share.

use serde_json::json;

use crate::sandbox::{
    azure::Azure,
    message::{HttpReply, HttpRequest},
    names,
    token::IssuedToken,
};

/// Checks the API version of a request (<https://learn.microsoft.com/rest/api/azure/#request-uri>).
pub(super) fn version(request: &HttpRequest, known: &[&str]) -> Result<(), HttpReply> {
    let Some(version) = request.parameter("api-version") else {
        let message = "The api-version query parameter (?api-version=) is required for all requests.";
        return Err(error(400, "MissingApiVersionParameter", message));
    };
    if known.contains(&version) {
        return Ok(());
    }
    let message = format!("The api-version '{version}' is invalid. The supported versions are '{}'.", known.join(","));
    Err(error(400, "InvalidApiVersionParameter", &message))
}

/// True if the caller has the role Reader on the subscription: the user, and the service principal that examines a workload.
pub(super) fn is_reader(azure: &Azure, caller: &IssuedToken) -> bool {
    let is_pipeline = caller.object_id == names::SERVICE_PRINCIPAL_OBJECT_ID && azure.plan.workload.is_some();
    caller.object_id == names::USER_OBJECT_ID || is_pipeline
}

/// Returns the path of a resource in the resource group.
pub(super) fn id(kind: &str, name: &str) -> String {
    format!(
        "/subscriptions/{}/resourceGroups/{}/providers/{kind}/{name}",
        names::SUBSCRIPTION_ID,
        names::RESOURCE_GROUP
    )
}

/// The refusal of a caller without a role
/// (<https://learn.microsoft.com/azure/role-based-access-control/troubleshooting>).
pub(super) fn no_authorization(caller: &IssuedToken, scope: &str) -> HttpReply {
    let message = format!(
        "The client '{}' with object id '{}' does not have authorization to perform action \
         'Microsoft.Resources/subscriptions/resources/read' over scope '{scope}' or the scope is invalid. If access was \
         recently granted, please refresh your credentials.",
        caller.client_id, caller.object_id
    );
    error(403, "AuthorizationFailed", &message)
}

pub(super) fn not_found(kind: &str, name: &str) -> HttpReply {
    let message = format!(
        "The Resource '{kind}/{name}' under resource group '{}' was not found. For more details please go to \
         https://aka.ms/ARMResourceNotFoundFix",
        names::RESOURCE_GROUP
    );
    error(404, "ResourceNotFound", &message)
}

pub(super) fn unknown() -> HttpReply {
    error(404, "NotFound", "the azfob sandbox's management plane has no such page")
}

pub(super) fn error(status: u16, code: &str, message: &str) -> HttpReply {
    HttpReply::json(status, &json!({ "error": { "code": code, "message": message } }))
}
