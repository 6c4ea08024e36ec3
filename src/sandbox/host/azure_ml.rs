//! A compute of Azure Machine Learning:
//! <https://learn.microsoft.com/azure/machine-learning/how-to-identity-based-service-authentication>.
//!
//! The endpoint is that of App Service, API version 2017-09-01, except for the expiry: App Service sent a US date,
//! Azure Machine Learning sends seconds, and the official Python SDK and az read only seconds
//! (<https://learn.microsoft.com/azure/app-service/overview-managed-identity#rest-endpoint-reference>,
//! <https://github.com/Azure/azure-sdk-for-python/blob/main/sdk/identity/azure-identity/azure/identity/_credentials/azure_ml.py>).

use std::io;

use serde_json::json;

use super::{
    assigned::{IdentityIds, select},
    environment::{Environment, HostSetup, url},
};
use crate::env;
use crate::sandbox::{
    azure::Azure,
    fault::Fault,
    message::{HttpReply, HttpRequest},
    names,
};

pub(super) fn prepare(setup: &HostSetup<'_>, environment: &mut Environment) -> io::Result<()> {
    environment.set("AZUREML_ARM_WORKSPACE_NAME", names::WORKSPACE_NAME);
    environment.set("AZUREML_ARM_RESOURCEGROUP", names::RESOURCE_GROUP);
    environment.set(env::MSI_SECRET, &setup.azure.keys.identity_header);
    if setup.azure.plan.has(Fault::NoIdentity) {
        // The platform sets this value instead of removing the variable:
        // https://github.com/Azure/azure-sdk-for-python/issues/26328
        environment.set(env::MSI_ENDPOINT, "identity-responder-not-enabled");
        return Ok(());
    }
    environment.set(env::MSI_ENDPOINT, format!("{}/MSI/auth", url(setup.identity)));
    environment.set(env::DEFAULT_IDENTITY_CLIENT_ID, names::USER_ASSIGNED_CLIENT_ID);
    Ok(())
}

pub(super) fn answer(azure: &Azure, request: &HttpRequest) -> HttpReply {
    if request.header("secret") != Some(&azure.keys.identity_header) {
        return error(401, "The secret header is not the one of this compute.");
    }
    if request.parameter("api-version") != Some("2017-09-01") {
        return error(400, "The api-version query parameter must be 2017-09-01.");
    }
    if azure.plan.has(Fault::ExpiredLogin) {
        // https://github.com/Azure/azure-sdk-for-python/issues/34250
        let text =
            format!("SSO failure: unable to retrieve a token. Error Token service {}. Token not found", names::VM_NAME);
        return HttpReply::text(400, text);
    }
    let Some(resource) = request.parameter("resource").filter(|one| azure.plan.cloud.knows_resource(one)) else {
        return error(400, "The resource query parameter names nothing that is known.");
    };
    let named = IdentityIds { client_id: request.parameter("clientid"), ..IdentityIds::default() };
    let Ok(subject) = select(&azure.plan.identities, named, &azure.plan.host.resource_id()) else {
        // https://github.com/Azure/azure-sdk-for-python/issues/31071
        return HttpReply::text(404, "InternalError - :{ Info: Request failure status code: 404 }");
    };
    let (token, expires) = azure.day_token(&subject, resource, names::TENANT_ID);
    let body = json!({
        "access_token": token,
        "expires_on": expires.to_string(),
        "resource": resource,
        "token_type": "Bearer",
    });
    HttpReply::json(200, &body)
}

fn error(status: u16, message: &str) -> HttpReply {
    HttpReply::json(status, &json!({ "statusCode": status, "message": message }))
}
