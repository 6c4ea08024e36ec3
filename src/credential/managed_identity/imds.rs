//! The metadata service of virtual machines, scale sets, AKS and container instances.
//!
//! <https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/how-to-use-vm-token>. Elsewhere its
//! address leads nowhere, or to something that is not Azure: both mean that this credential is unavailable. So as one
//! of several it is looked for with a short probe first, unless the machine says that it is a virtual machine of Azure.

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
use super::token_endpoint::{Scheme, endpoint_url, granted, refused, refused_identity, token_url};

/// The address that every host of Azure has for itself.
const METADATA: &str = "http://169.254.169.254";
const PATH: &str = "/metadata/identity/oauth2/token";
const VERSION: &str = "2018-02-01";
const HOST: &str = "Azure host";

/// Where Azure is, the address is on the link and answers in a few milliseconds. Where it is not, this is what everybody
/// waits who has no identity, so it is one try and no more, connection and answer together.
const PROBE: Duration = Duration::from_millis(200);
/// For what is only told in a report, where the service is known to be there.
const LOOK: Limits = Limits { connect: Duration::from_millis(300), answer: Duration::from_secs(1) };
/// Once the service is known to be there.
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
    let asked = Request::get(Route::Machine, &url).header("metadata", "true").limits(PATIENT);
    let reply = context.http.send_patiently(&asked, &IMDS, &context.deadline).map_err(|error| match presence {
        // It is there, so it is what this host has: going on would silently use another identity.
        Presence::Proven => NoToken::Failed(Failure::Network(error)),
        Presence::Assumed => absent(error, Patience::Full),
    })?;
    judge(&reply, request.identity.as_ref())
}

/// Whether an attempt shows that the service is there, whatever it said.
pub fn is_there(attempt: &Result<AccessToken, NoToken>) -> bool {
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

/// What a virtual machine is called.
pub struct Instance {
    /// Its name.
    pub name: Option<String>,
    /// The resource group it is in.
    pub resource_group: Option<String>,
    /// The scale set it is one of.
    pub scale_set: Option<String>,
}

/// Asks the service what the machine is called
/// (<https://learn.microsoft.com/azure/virtual-machines/instance-metadata-service>); only where it is known to be there.
pub fn instance(context: &CredentialContext) -> Option<Instance> {
    let env = &context.env;
    let base = if env.has(env::AZURE_POD_IDENTITY_AUTHORITY_HOST) {
        endpoint_url(env, env::AZURE_POD_IDENTITY_AUTHORITY_HOST, Scheme::Http).ok()?
    } else {
        METADATA
    };
    let url = format!("{base}/metadata/instance/compute?api-version=2021-02-01&format=json");
    let asked = Request::get(Route::Machine, url).header("metadata", "true").limits(LOOK);
    let reply = context.http.send_patiently(&asked, &ONCE, &context.deadline).ok()?;
    let body: serde_json::Value = reply.json()?;
    let compute = body.get("compute").unwrap_or(&body);
    let field = |name: &str| compute.get(name)?.as_str().filter(|text| !text.is_empty()).map(redact::sanitize);
    Some(Instance {
        name: field("name"),
        resource_group: field("resourceGroupName"),
        scale_set: field("vmScaleSetName"),
    })
}

/// The time for the service to answer before anybody else is asked. Where it is likely to be there, tools that take a second
/// to start are better not started: a token that it holds comes in milliseconds (2 ms from loopback, probe included), a new
/// one in a few hundred. Elsewhere the time is what an answer takes that comes at all, and 1 in 40 of what az takes.
pub(super) fn head_start(env: &Env) -> Duration {
    if env.has(env::AZURE_POD_IDENTITY_AUTHORITY_HOST) || host::is_azure_virtual_machine(env) {
        Duration::from_secs(1)
    } else {
        Duration::from_millis(25)
    }
}

/// Whether the service has answered already.
enum Presence {
    Proven,
    Assumed,
}

/// What the service calls the ids. Azure Arc's agent calls them the same.
pub(super) fn id_parameter(kind: IdKind) -> &'static str {
    match kind {
        IdKind::Client => "client_id",
        IdKind::Object => "object_id",
        IdKind::Resource => "msi_res_id",
    }
}

/// Asks without the header that the service insists on: it answers 400 in its own words, and nothing else does. No
/// answer is an answer, and is not asked for again.
fn probe(url: &str, context: &CredentialContext) -> Result<(), NoToken> {
    let look = Request::get(Route::Machine, url).limits(Limits { connect: PROBE, answer: PROBE });
    match context.http.send_patiently(&look, &ONCE, &context.deadline.sooner(PROBE)) {
        Err(error) => Err(absent(error, Patience::Brief)),
        Ok(reply) if speaks_imds(&reply) => Ok(()),
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

/// Whether an answer is in the service's form: a token, or an error that is named by a word; or, being updated or too
/// busy for either, an error under its own name.
fn speaks_imds(reply: &Reply) -> bool {
    match reply.json::<serde_json::Value>() {
        Some(body) => body.get("access_token").is_some() || body.get("error").is_some_and(serde_json::Value::is_string),
        None => reply.status != 200 && reply.header("server").is_some_and(|server| server.contains("IMDS")),
    }
}

/// The code under which the service has no such identity: "Identity not found".
fn is_invalid_request(reply: &Reply) -> bool {
    reply
        .json::<serde_json::Value>()
        .is_some_and(|body| body.get("error").is_some_and(|code| code == "invalid_request"))
}

/// Reads what it answered.
///
/// # Errors
/// It gave no token.
pub fn judge(reply: &Reply, asked: Option<&ManagedIdentityId>) -> Result<AccessToken, NoToken> {
    if reply.status == status::OK && speaks_imds(reply) {
        return granted(reply, "the metadata service");
    }
    if !speaks_imds(reply) {
        return Err(not_imds(reply));
    }
    let message = error_message(reply).unwrap_or_default();
    Err(match asked {
        _ if reply.status == status::BAD_REQUEST && message.contains("Multiple user assigned identities") => {
            // Every SDK goes on from here when no id was asked for, and one that was asked for is never ambiguous.
            NoToken::Unavailable(Reason::SeveralIdentities { host: HOST })
        }
        _ if reply.status == status::BAD_REQUEST && is_invalid_request(reply) => refused_identity(HOST, reply, asked),
        _ => refused(HOST, reply),
    })
}
