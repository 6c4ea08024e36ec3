//! The metadata service of virtual machines, scale sets, AKS and container instances.
//!
//! <https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/how-to-use-vm-token>. Outside Azure
//! its address is unreachable, or another server answers: then this credential is unavailable. In a chain of several
//! credentials, a short probe comes first, unless the firmware identifies an Azure virtual machine.

use std::time::Duration;

use crate::env::{self, Env};
use crate::host;
use crate::http::error::NetworkError;
use crate::http::retry::{IMDS, ONCE};
use crate::http::status;
use crate::http::{Limits, Reply, Request, Route};
use crate::redact;
use crate::token::AccessToken;

use super::super::error_message::error_message;
use super::super::{CredentialContext, Failure, NoToken, Patience, Reason, TokenRequest};
use super::id::{IdKind, ManagedIdentityId};
use super::token_endpoint::{Scheme, endpoint_url, read_token, refused, refused_identity, token_url};

/// The address on every host in Azure.
const METADATA: &str = "http://169.254.169.254";
const PATH: &str = "/metadata/identity/oauth2/token";
const VERSION: &str = "2018-02-01";
const HOST: &str = "Azure host";

/// In Azure the address is link-local and answers in a few milliseconds. Elsewhere every user waits this long, so there
/// is one attempt, for connection and answer together.
const PROBE: Duration = Duration::from_millis(200);
/// For facts that only a report shows, when the service is known to exist.
const LOOK: Limits = Limits { connect: Duration::from_millis(300), answer: Duration::from_secs(1) };
/// For tokens, when the service is known to exist.
const PATIENT: Limits = Limits { connect: Duration::from_secs(2), answer: Duration::from_secs(30) };

pub(super) fn get_token(request: &TokenRequest, context: &CredentialContext) -> Result<AccessToken, NoToken> {
    let env = &context.env;
    let base = if env.has(env::AZURE_POD_IDENTITY_AUTHORITY_HOST) {
        endpoint_url(env, env::AZURE_POD_IDENTITY_AUTHORITY_HOST, Scheme::Http)?
    } else {
        METADATA
    };
    let url = token_url(&format!("{base}{PATH}"), VERSION, request, id_parameter);
    let presence = if request.patience == Patience::Brief && !host::is_azure_virtual_machine(env) {
        probe(&url, context)?;
        Presence::Proven
    } else {
        Presence::Assumed
    };
    let http_request = Request::get(Route::Machine, &url).header("metadata", "true").limits(PATIENT);
    let reply =
        context.http.send_patiently(&http_request, &IMDS, &context.deadline).map_err(|error| match presence {
            // The service exists, so it is this host's credential: continuing would silently use a different identity.
            Presence::Proven => NoToken::Failed(Failure::MetadataService(error)),
            Presence::Assumed => absent(error, Patience::Full),
        })?;
    read_reply(&reply, request.identity.as_ref())
}

/// Returns true if an attempt shows that the service exists.
pub fn is_available(attempt: &Result<AccessToken, NoToken>) -> bool {
    match attempt {
        Ok(_) => true,
        Err(NoToken::Unavailable(reason)) => {
            matches!(reason, Reason::NoIdentity { .. } | Reason::SeveralIdentities { .. })
        }
        Err(NoToken::Failed(failure)) => {
            matches!(failure, Failure::IdentityNotAssigned { .. } | Failure::Endpoint { .. })
        }
    }
}

/// The name of a virtual machine.
pub struct Instance {
    pub name: Option<String>,
    pub resource_group: Option<String>,
    pub subscription: Option<String>,
    pub scale_set: Option<String>,
}

/// Requests the machine's name (<https://learn.microsoft.com/azure/virtual-machines/instance-metadata-service>). Only
/// if the service is known to exist.
pub fn instance(context: &CredentialContext) -> Option<Instance> {
    let env = &context.env;
    let base = if env.has(env::AZURE_POD_IDENTITY_AUTHORITY_HOST) {
        endpoint_url(env, env::AZURE_POD_IDENTITY_AUTHORITY_HOST, Scheme::Http).ok()?
    } else {
        METADATA
    };
    let url = format!("{base}/metadata/instance/compute?api-version=2021-02-01&format=json");
    let http_request = Request::get(Route::Machine, url).header("metadata", "true").limits(LOOK);
    let reply = context.http.send_patiently(&http_request, &ONCE, &context.deadline).ok()?;
    let body: serde_json::Value = reply.json()?;
    let compute = body.get("compute").unwrap_or(&body);
    let field = |name: &str| compute.get(name)?.as_str().filter(|text| !text.is_empty()).map(redact::sanitize);
    Some(Instance {
        name: field("name"),
        resource_group: field("resourceGroupName"),
        subscription: field("subscriptionId"),
        scale_set: field("vmScaleSetName"),
    })
}

/// Returns how long the service has before other credentials are tried. Where it is likely to exist, tools that take a
/// second should not be started: a cached token takes milliseconds (2 ms from loopback, probe included), a new one a
/// few hundred. Elsewhere an answer that comes at all takes less than this, 1 in 40 of az's time.
pub(super) fn head_start(env: &Env) -> Duration {
    if env.has(env::AZURE_POD_IDENTITY_AUTHORITY_HOST) || host::is_azure_virtual_machine(env) {
        Duration::from_secs(1)
    } else {
        Duration::from_millis(25)
    }
}

/// Whether the service has answered before.
enum Presence {
    Proven,
    Assumed,
}

/// Returns the parameter for an ID. Azure Arc's agent uses the same.
pub(super) fn id_parameter(kind: IdKind) -> &'static str {
    match kind {
        IdKind::Client => "client_id",
        IdKind::Object => "object_id",
        IdKind::Resource => "msi_res_id",
    }
}

/// Sends a request without the required header: the service answers 400 in its own form, and no other server does.
/// Without an answer it is not repeated.
fn probe(url: &str, context: &CredentialContext) -> Result<(), NoToken> {
    let look = Request::get(Route::Machine, url).limits(Limits { connect: PROBE, answer: PROBE });
    match context.http.send_patiently(&look, &ONCE, &context.deadline.sooner(PROBE)) {
        Err(error) => Err(absent(error, Patience::Brief)),
        Ok(reply) if is_imds_reply(&reply) => Ok(()),
        Ok(reply) => Err(not_imds(&reply)),
    }
}

fn absent(error: NetworkError, patience: Patience) -> NoToken {
    NoToken::Unavailable(Reason::NoMetadataService { error, patience })
}

fn not_imds(reply: &Reply) -> NoToken {
    let server = reply.header("server").map(redact::sanitize);
    NoToken::Unavailable(Reason::NotMetadataService { status: reply.status, server })
}

/// Returns true if the reply has the service's form: a token, or an error with a code; or, while it is updated or
/// overloaded, an error with its `Server` header.
pub fn is_imds_reply(reply: &Reply) -> bool {
    match reply.json::<serde_json::Value>() {
        Some(body) => body.get("access_token").is_some() || body.get("error").is_some_and(serde_json::Value::is_string),
        None => reply.status != status::OK && reply.header("server").is_some_and(|server| server.contains("IMDS")),
    }
}

/// Returns true for the code of "Identity not found".
fn is_invalid_request(reply: &Reply) -> bool {
    reply
        .json::<serde_json::Value>()
        .is_some_and(|body| body.get("error").is_some_and(|code| code == "invalid_request"))
}

/// Reads the reply to a token request.
///
/// # Errors
/// It holds no token.
pub fn read_reply(reply: &Reply, requested: Option<&ManagedIdentityId>) -> Result<AccessToken, NoToken> {
    if reply.status == status::OK && is_imds_reply(reply) {
        return read_token(reply, "the metadata service");
    }
    if !is_imds_reply(reply) {
        return Err(not_imds(reply));
    }
    let message = error_message(reply).unwrap_or_default();
    Err(match requested {
        _ if reply.status == status::BAD_REQUEST && message.contains("Multiple user assigned identities") => {
            // Every SDK continues with the next credential if no ID was requested, and a requested one is never
            // ambiguous.
            NoToken::Unavailable(Reason::SeveralIdentities { host: HOST })
        }
        _ if reply.status == status::BAD_REQUEST && is_invalid_request(reply) => {
            refused_identity(HOST, reply, requested)
        }
        _ => refused(HOST, reply),
    })
}
