//! An Azure Arc-enabled server, with the endpoint of its agent, API version 2020-06-01
//! (<https://learn.microsoft.com/azure/azure-arc/servers/managed-identity-authentication>).
//!
//! Clients accept the agent's key file only in the agent's folder. If that folder exists and is writable, the key file
//! is there while the sandbox runs. Otherwise it is in the sandbox's folder, and clients must refuse it.

use std::{io, io::Write, path::Path};

use serde_json::{Value, json};

use super::{
    assigned::{IdentityIds, select},
    environment::{Environment, HostSetup, url},
};
use crate::env;
use crate::sandbox::{
    azure::{Azure, GRACE_SECS},
    clock, entra,
    fault::Fault,
    file::permit_owner,
    message::{HttpReply, HttpRequest},
    names, random,
};

const AGENT_FOLDER: &str = "/var/opt/azcmagent/tokens";

pub(super) fn prepare(setup: &HostSetup<'_>, environment: &mut Environment) -> io::Result<()> {
    if setup.azure.plan.has(Fault::NoIdentity) {
        return Ok(());
    }
    let in_folder = |folder: &Path| tempfile::Builder::new().suffix(".key").tempfile_in(folder);
    let mut file = in_folder(Path::new(AGENT_FOLDER)).or_else(|_| {
        environment.note = Some(format!("no write access to {AGENT_FOLDER}: clients refuse the agent's key"));
        in_folder(setup.folder)
    })?;
    file.write_all(setup.azure.keys.arc_key.as_bytes())?;
    permit_owner(file.path(), 0o600)?;
    environment.set(env::IDENTITY_ENDPOINT, format!("{}/metadata/identity/oauth2/token", url(setup.identity)));
    environment.set(env::IMDS_ENDPOINT, url(setup.identity));
    setup.azure.arc_key_file.get_or_init(|| file.path().to_owned());
    environment.kept.push(file);
    Ok(())
}

pub(super) fn answer(azure: &Azure, request: &HttpRequest) -> HttpReply {
    if request.header("metadata") != Some("true") {
        return error(400, "bad_request", "Required metadata header not specified");
    }
    // The second one is requested by the Rust SDK.
    if !matches!(request.parameter("api-version"), Some("2020-06-01" | "2021-02-01")) {
        return error(400, "bad_request", "api-version is not supported");
    }
    let expected = format!("Basic {}", azure.keys.arc_key);
    if request.header("authorization") != Some(&expected) {
        let path = azure.arc_key_file.get().map(|path| path.display().to_string()).unwrap_or_default();
        return challenge(azure).with("WWW-Authenticate", format!("Basic realm={path}"));
    }
    let Some(resource) = request.parameter("resource") else {
        return error(400, "invalid_request", "Required audience parameter not specified");
    };
    // The agent ignores `mi_res_id`, App Service's name for it.
    let named = IdentityIds {
        client_id: request.parameter("client_id"),
        object_id: request.parameter("object_id"),
        resource_id: request.parameter("msi_res_id"),
    };
    let Ok(subject) = select(&azure.plan.identities, named, &azure.plan.host.resource_id()) else {
        return error(404, "identity_not_found", "Identity not found");
    };
    if !azure.plan.cloud.knows_resource(resource) {
        let text = format!("AADSTS500011: {}", entra::unknown_resource_text(resource));
        return error(400, "invalid_resource", &text);
    }
    let (token, expires) = azure.day_token(&subject, resource, names::TENANT_ID);
    let mut body = json!({
        "access_token": token,
        "expires_in": (expires - clock::now()).to_string(),
        "expires_on": expires.to_string(),
        "not_before": (clock::now() - GRACE_SECS).to_string(),
        "refresh_token": random::identity_header(),
        "resource": "",
        "token_type": "Bearer",
    });
    let echo = [("client_id", named.client_id), ("object_id", named.object_id), ("msi_res_id", named.resource_id)];
    for (name, asked) in echo {
        if let Some(asked) = asked {
            body[name] = Value::from(asked);
        }
    }
    HttpReply::json(200, &body)
}

/// Returns the agent's challenge. Its body is an Entra ID error with an empty trace ID and a timestamp in Go's format.
fn challenge(azure: &Azure) -> HttpReply {
    let time = clock::entra_timestamp(azure.now());
    let body = json!({
        "error": "unauthorized_client",
        "error_description": "Missing Basic Authorization header",
        "error_codes": [401],
        "timestamp": format!("{}.0000000 +0000 UTC", time.trim_end_matches('Z')),
        "trace_id": "",
        "correlation_id": random::guid(),
    });
    HttpReply::json(401, &body)
}

fn error(status: u16, error: &str, description: &str) -> HttpReply {
    HttpReply::json(status, &json!({ "error": error, "error_description": description }))
}
