//! What all managed identity endpoints share: URLs, requests and replies.

use serde::Deserialize;
use serde_json::Value;

use crate::env::Env;
use crate::http::error::NetworkErrorKind;
use crate::http::retry::Schedule;
use crate::http::status;
use crate::http::{Reply, Request, fits_a_header, with_query};
use crate::redact::secret::Secret;
use crate::time::timestamp::Timestamp;
use crate::token::AccessToken;

use super::super::error_message::error_message;
use super::super::{CredentialContext, Failure, NoToken, Patience, Reason, TokenRequest};
use super::id::{IdKind, ManagedIdentityId};

/// The token that every endpoint returns.
#[derive(Deserialize)]
struct ManagedIdentityToken {
    access_token: Secret,
    #[serde(default)]
    expires_on: Value,
    #[serde(default)]
    expires_in: Value,
}

/// Reads the token in a reply, with its expiry in any of the forms in use.
pub(super) fn read_token(reply: &Reply, from: &'static str) -> Result<AccessToken, NoToken> {
    const EXPECTED: &str = "JSON with an access_token";
    let malformed = || NoToken::Failed(Failure::Malformed { from, expected: EXPECTED });
    let read_token: ManagedIdentityToken = reply.json().ok_or_else(malformed)?;
    let now = Timestamp::now();
    let expires =
        [&read_token.expires_on, &read_token.expires_in].into_iter().find_map(|v| Timestamp::from_expiry(v, now));
    AccessToken::new(read_token.access_token, expires).ok_or_else(malformed)
}

/// Returns the URL of a token for the requested resource. `id_parameter` returns the host's parameter for each kind of
/// ID.
pub(super) fn token_url(
    endpoint: &str,
    version: &str,
    request: &TokenRequest,
    id_parameter: fn(IdKind) -> &'static str,
) -> String {
    let mut parameters = vec![("api-version", version), ("resource", request.scope.resource())];
    if let Some(id) = &request.identity {
        parameters.push((id_parameter(id.kind), &id.value));
    }
    with_query(endpoint, &parameters)
}

/// Sends a request to an endpoint that the host's variables name. In a chain, at least half of the time is left to the next
/// credentials if the endpoint is closed.
pub(super) fn send(
    request: &Request<'_>,
    schedule: &Schedule,
    host: &'static str,
    patience: Patience,
    context: &CredentialContext,
) -> Result<Reply, NoToken> {
    let share = match patience {
        Patience::Full => schedule.refused_time,
        Patience::Brief => context.deadline.remaining() / 2,
    };
    let schedule = Schedule { refused_time: schedule.refused_time.min(share), ..*schedule };
    context.http.send_patiently(request, &schedule, &context.deadline).map_err(|error| match error.kind {
        // The variables promise an identity, but nothing listens.
        NetworkErrorKind::Connect(_) | NetworkErrorKind::NoRoute(_) | NetworkErrorKind::Name => {
            NoToken::Unavailable(Reason::EndpointSilent { host, error })
        }
        _ => NoToken::Failed(Failure::IdentityEndpoint(error)),
    })
}

/// Classifies a 400 or 404 that means that there is no such identity. Messages differ by host and version, so what is
/// left depends on the request: a requested ID that is not assigned is a failure; without one, the host has no identity
/// and the credential is unavailable.
pub fn refused_identity(host: &'static str, reply: &Reply, requested: Option<&ManagedIdentityId>) -> NoToken {
    let message = error_message(reply).unwrap_or_default();
    // Entra ID's own refusals are passed on: they concern the resource or the tenant.
    let of_entra = message.contains("AADSTS");
    match requested {
        _ if of_entra || !matches!(reply.status, status::BAD_REQUEST | status::NOT_FOUND) => refused(host, reply),
        Some(id) => NoToken::Failed(Failure::IdentityNotAssigned { id: id.clone(), host, message }),
        None => NoToken::Unavailable(Reason::NoIdentity { host, message }),
    }
}

/// Returns the failure for a refusal without a special meaning.
pub(super) fn refused(host: &'static str, reply: &Reply) -> NoToken {
    NoToken::Failed(Failure::Endpoint { host, status: reply.status, message: error_message(reply).unwrap_or_default() })
}

/// Returns the header value in a variable.
pub(super) fn header_value<'a>(env: &'a Env, variable: &'static str) -> Result<&'a str, NoToken> {
    let expected = "a valid HTTP header value";
    let value = env.get(variable).filter(|text| fits_a_header(text));
    value.ok_or(NoToken::Failed(Failure::Setting { variable, expected }))
}

/// The scheme of a host's endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scheme {
    /// On the machine or link-local: all hosts except Service Fabric.
    Http,
    Https,
}

/// Returns the endpoint that a variable names.
pub(super) fn endpoint_url<'a>(env: &'a Env, variable: &'static str, scheme: Scheme) -> Result<&'a str, NoToken> {
    let (start, expected) = match scheme {
        Scheme::Http => ("http://", "an http:// URL without a user name"),
        Scheme::Https => ("https://", "an https:// URL without a user name"),
    };
    let malformed = || NoToken::Failed(Failure::Setting { variable, expected });
    let url = env.get(variable).ok_or_else(malformed)?.trim_end_matches('/');
    let host = url.strip_prefix(start).ok_or_else(malformed)?;
    let authority = host.split(['/', '?']).next().unwrap_or_default();
    if authority.is_empty() || authority.contains('@') || url.contains(['#', ' ', '\\']) {
        return Err(malformed());
    }
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endpoint_must_be_http_without_user() {
        for (url, good) in [
            ("http://127.0.0.1:41056/MSI/token/", true),
            ("http://[fe80::1]/x?y=z", true),
            ("https://127.0.0.1/", false),
            ("http://u@h/", false),
            ("http://", false),
            ("x", false),
        ] {
            let env: Env = [("IDENTITY_ENDPOINT", url)].into_iter().collect();
            assert_eq!(endpoint_url(&env, "IDENTITY_ENDPOINT", Scheme::Http).is_ok(), good, "{url}");
        }
        let secure: Env = [("IDENTITY_ENDPOINT", "https://localhost:2377/x")].into_iter().collect();
        assert!(endpoint_url(&secure, "IDENTITY_ENDPOINT", Scheme::Https).is_ok());
    }
}
