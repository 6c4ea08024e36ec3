//! Azure Machine Learning compute, with App Service's 2017 protocol, which old function apps also use.
//!
//! <https://learn.microsoft.com/azure/machine-learning/how-to-identity-based-service-authentication> names the
//! variables; the reference is MSAL for Go. An identity is selected by client ID only. Without one, azfob uses the
//! compute's own, from `DEFAULT_IDENTITY_CLIENT_ID`.

use crate::env;
use crate::host::{Host, HostKind};
use crate::http::retry::IDENTITY_ENDPOINT;
use crate::http::status;
use crate::http::{Request, Route, with_query};
use crate::token::AccessToken;

use super::super::error_message::error_message;
use super::super::{CredentialContext, Failure, NoToken, Reason, TokenRequest};
use super::app_service;
use super::id::IdKind;
use super::token_endpoint::{Scheme, endpoint_url, header_value, read_token, refused_identity, send};

const COMPUTE: &str = "Azure Machine Learning compute";
/// The value of `MSI_ENDPOINT` on compute without an identity
/// (<https://github.com/Azure/azure-sdk-for-python/issues/26328>).
const NOT_ENABLED: &str = "identity-responder-not-enabled";
const VERSION: &str = "2017-09-01";

pub(super) fn get_token(request: &TokenRequest, context: &CredentialContext) -> Result<AccessToken, NoToken> {
    let env = &context.env;
    if env.get(env::MSI_ENDPOINT) == Some(NOT_ENABLED) {
        return Err(NoToken::Unavailable(Reason::NoIdentity { host: COMPUTE, message: NOT_ENABLED.to_owned() }));
    }
    let host = match Host::detect(env).kind {
        HostKind::AppService | HostKind::FunctionApp => app_service::host_name(env),
        _ => COMPUTE,
    };
    let client = match &request.identity {
        Some(id) if id.kind == IdKind::Client => Some(id.value.as_str()),
        Some(id) => {
            let takes = "a client ID";
            return Err(NoToken::Failed(Failure::IdKindNotSupported { id: id.clone(), host, takes }));
        }
        None => env.get(env::DEFAULT_IDENTITY_CLIENT_ID),
    };
    let mut parameters = vec![("api-version", VERSION), ("resource", request.scope.resource())];
    parameters.extend(client.map(|client| ("clientid", client)));
    let url = with_query(endpoint_url(env, env::MSI_ENDPOINT, Scheme::Http)?, &parameters);
    let http_request = Request::get(Route::Machine, url).header("secret", header_value(env, env::MSI_SECRET)?);
    let reply = send(&http_request, &IDENTITY_ENDPOINT, host, request.patience, context)?;
    let message = error_message(&reply).unwrap_or_default();
    match reply.status {
        status::OK => read_token(&reply, "the identity endpoint"),
        // The user's single sign-on on this compute has ended; no ID matters.
        status::BAD_REQUEST if message.contains("SSO failure") => {
            Err(NoToken::Failed(Failure::SignOnGone { host, message }))
        }
        _ => Err(match (refused_identity(host, &reply, request.identity.as_ref()), client) {
            // The compute itself names the identity that was requested.
            (NoToken::Unavailable(Reason::NoIdentity { host, message }), Some(client)) => {
                let message = format!("client ID {client} from {}: {message}", env::DEFAULT_IDENTITY_CLIENT_ID);
                NoToken::Unavailable(Reason::NoIdentity { host, message })
            }
            (other, _) => other,
        }),
    }
}
