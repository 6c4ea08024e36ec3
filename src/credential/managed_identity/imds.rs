//! The metadata service of virtual machines, scale sets, AKS and container instances.
//!
//! <https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/how-to-use-vm-token>. Elsewhere its
//! address leads nowhere, or to something that is not Azure: both mean that this credential is unavailable. So as one
//! of several it is looked for with a short probe first, unless the machine says that it is a virtual machine of Azure.

use std::time::Duration;

use crate::env::Env;
use crate::host;
use crate::http::error::{NetworkError, NetworkErrorKind};
use crate::http::retry::{IMDS, ONCE};
use crate::http::{Limits, Reply, Request, Route, with_query};
use crate::token::AccessToken;

use super::super::{Failure, NoToken, Patience, Reason, Surroundings, TokenRequest};
use super::{IdKind, ManagedIdentityId, endpoint_url, granted, said};

/// The address that every host of Azure has for itself.
const METADATA: &str = "http://169.254.169.254";
/// AKS's pod identity puts another in its place; the SDKs honour it, and so do tests.
const OTHER_AUTHORITY: &str = "AZURE_POD_IDENTITY_AUTHORITY_HOST";
const PATH: &str = "/metadata/identity/oauth2/token";
const VERSION: &str = "2018-02-01";
const HOST: &str = "Azure host";

/// Where Azure is, the address is on the link and answers in a few milliseconds; 300 ms and one more try leave room for
/// a busy host.
const PROBE: Limits = Limits { connect: Duration::from_millis(300), answer: Duration::from_secs(1) };
/// Once the service is known to be there.
const PATIENT: Limits = Limits { connect: Duration::from_secs(2), answer: Duration::from_secs(30) };

pub(super) fn get_token(request: &TokenRequest, around: &Surroundings) -> Result<AccessToken, NoToken> {
    let env = &around.env;
    let base = if env.has(OTHER_AUTHORITY) { endpoint_url(env, OTHER_AUTHORITY)? } else { METADATA };
    let url = token_url(base, request);
    if request.patience == Patience::Brief && !is_surely_azure(env) {
        probe(&url, around)?;
    }
    let asked = Request::get(Route::Machine, &url).header("metadata", "true").limits(PATIENT);
    let reply = around.http.send_patiently(&asked, &IMDS, &around.deadline).map_err(absent)?;
    judge(&reply, request.identity.as_ref())
}

fn token_url(base: &str, request: &TokenRequest) -> String {
    let mut parameters = vec![("api-version", VERSION), ("resource", request.scope.resource())];
    if let Some(id) = &request.identity {
        let name = match id.kind {
            IdKind::Client => "client_id",
            IdKind::Object => "object_id",
            IdKind::Resource => "msi_res_id",
        };
        parameters.push((name, &id.value));
    }
    with_query(&format!("{base}{PATH}"), &parameters)
}

/// The machine's own word counts only for the real address.
fn is_surely_azure(env: &Env) -> bool {
    !env.has(OTHER_AUTHORITY) && host::is_azure_virtual_machine()
}

/// Asks without the header that the service insists on: it answers 400 in its own words, and nothing else does.
fn probe(url: &str, around: &Surroundings) -> Result<(), NoToken> {
    let look = Request::get(Route::Machine, url).limits(PROBE);
    let deadline = around.deadline.sooner(PROBE.connect + PROBE.answer);
    let mut answer = around.http.send_patiently(&look, &ONCE, &deadline);
    if matches!(&answer, Err(NetworkError { kind: NetworkErrorKind::TimedOut(..), .. })) {
        answer = around.http.send_patiently(&look, &ONCE, &around.deadline.sooner(PROBE.connect + PROBE.answer));
    }
    match answer {
        Err(error) => Err(absent(error)),
        Ok(reply) if speaks_imds(&reply) => Ok(()),
        Ok(reply) => Err(not_imds(&reply)),
    }
}

fn absent(error: NetworkError) -> NoToken {
    NoToken::Unavailable(Reason::NoMetadataService(error))
}

fn not_imds(reply: &Reply) -> NoToken {
    let server = reply.header("server").map(str::to_owned);
    NoToken::Unavailable(Reason::NotMetadataService { status: reply.status, server })
}

/// Whether an answer is in the service's form: a token, or an error that is named by a word.
fn speaks_imds(reply: &Reply) -> bool {
    let Some(body) = reply.json::<serde_json::Value>() else {
        // Being updated, or too busy, it answers without a body that says so.
        return matches!(reply.status, 404 | 410 | 429) && reply.header("server").is_some_and(|s| s.contains("IMDS"));
    };
    body.get("access_token").is_some() || body.get("error").is_some_and(serde_json::Value::is_string)
}

fn judge(reply: &Reply, asked: Option<&ManagedIdentityId>) -> Result<AccessToken, NoToken> {
    if reply.status == 200 && speaks_imds(reply) {
        return granted(reply, "the metadata service");
    }
    if !speaks_imds(reply) {
        return Err(not_imds(reply));
    }
    let said = said(reply).unwrap_or_default();
    Err(match asked {
        _ if reply.status == 400 && said.contains("Multiple user assigned identities") => {
            NoToken::Failed(Failure::SeveralIdentities { host: HOST })
        }
        Some(id) if reply.status == 400 && said.contains("Identity not found") => {
            NoToken::Failed(Failure::IdentityNotAssigned { id: id.clone(), host: HOST, said })
        }
        None if reply.status == 400 && said.contains("Identity not found") => {
            NoToken::Unavailable(Reason::NoIdentity { host: HOST, said })
        }
        _ => NoToken::Failed(Failure::Endpoint { host: HOST, status: reply.status, said }),
    })
}
