//! Azure Cloud Shell: <https://learn.microsoft.com/azure/cloud-shell/msi-authorization>.

use std::io;

use serde_json::json;

use super::environment::{Environment, HostSetup, url};
use crate::env;
use crate::sandbox::{
    azure::{Azure, GRACE_SECS},
    clock,
    fault::Fault,
    message::{HttpReply, HttpRequest, first},
    names,
    token::Subject,
};

pub(super) fn prepare(setup: &HostSetup<'_>, environment: &mut Environment) -> io::Result<()> {
    environment.set("ACC_CLOUD", "PROD");
    environment.set("AZUREPS_HOST_ENVIRONMENT", "cloud-shell/1.0");
    if !setup.azure.plan.has(Fault::NoIdentity) {
        environment.set(env::MSI_ENDPOINT, format!("{}/oauth2/token", url(setup.identity)));
    }
    Ok(())
}

pub(super) fn answer(azure: &Azure, request: &HttpRequest) -> HttpReply {
    if request.method != "POST" || request.header("metadata") != Some("true") {
        return error("InvalidRequest", "Required metadata header not specified");
    }
    let form = request.form();
    let Some(resource) = first(&form, "resource") else {
        return error("InvalidRequest", "The resource is missing");
    };
    if !azure.plan.cloud.knows_resource(resource) {
        let text = format!("Audience {resource} isn't a supported MSI token audience.");
        return error("AudienceNotSupported", &text);
    }
    let (token, expires) = azure.day_token(&Subject::User, resource, names::TENANT_ID);
    let body = json!({
        "access_token": token,
        "refresh_token": "",
        "expires_in": (expires - clock::now()).to_string(),
        "expires_on": expires.to_string(),
        "not_before": (clock::now() - GRACE_SECS).to_string(),
        "resource": resource,
        "token_type": "Bearer",
    });
    HttpReply::json(200, &body)
}

fn error(code: &str, message: &str) -> HttpReply {
    HttpReply::json(400, &json!({ "error": { "code": code, "message": message } }))
}
