//! App Service, Functions and Container Apps: an endpoint inside the app's sandbox, with a header that authenticates
//! the app.
//!
//! <https://learn.microsoft.com/azure/app-service/overview-managed-identity#rest-endpoint-reference> and
//! <https://learn.microsoft.com/azure/container-apps/managed-identity>.

use crate::env::{self, Env};
use crate::host::{Host, HostKind};
use crate::http::retry::IDENTITY_ENDPOINT;
use crate::http::status;
use crate::http::{Request, Route};
use crate::token::AccessToken;

use super::super::{CredentialContext, NoToken, TokenRequest};
use super::id::IdKind;
use super::token_endpoint::{
    Scheme, endpoint_url, header_value, read_token, refused, refused_identity, send, token_url,
};

const VERSION: &str = "2019-08-01";

pub(super) fn get_token(request: &TokenRequest, context: &CredentialContext) -> Result<AccessToken, NoToken> {
    let env = &context.env;
    let host = host_name(env);
    let url = token_url(endpoint_url(env, env::IDENTITY_ENDPOINT, Scheme::Http)?, VERSION, request, id_parameter);
    let header = header_value(env, env::IDENTITY_HEADER)?;
    let http_request = Request::get(Route::Machine, url).header("x-identity-header", header);
    let reply = send(&http_request, &IDENTITY_ENDPOINT, host, request.patience, context)?;
    if reply.status == status::OK {
        return read_token(&reply, "the identity endpoint");
    }
    Err(match reply.status {
        status::BAD_REQUEST => refused_identity(host, &reply, request.identity.as_ref()),
        _ => refused(host, &reply),
    })
}

/// Returns the host's name in a sentence.
pub(super) fn host_name(env: &Env) -> &'static str {
    match Host::detect(env).kind {
        HostKind::ContainerApp => "container app",
        HostKind::ContainerAppJob => "Container Apps job",
        HostKind::FunctionApp => "function app",
        _ => "App Service app",
    }
}

fn id_parameter(kind: IdKind) -> &'static str {
    match kind {
        IdKind::Client => "client_id",
        IdKind::Object => "object_id",
        IdKind::Resource => "mi_res_id",
    }
}
