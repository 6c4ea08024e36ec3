//! Service Fabric: an endpoint on the node, over TLS with a self-signed certificate.
//!
//! <https://learn.microsoft.com/azure/service-fabric/how-to-managed-identity-service-fabric-app-code>; the reference is
//! MSAL for Go. Only the thumbprint in `IDENTITY_SERVER_THUMBPRINT` identifies the certificate: if the system's roots
//! counted too, any certificate for `localhost` could receive the cluster's header.

use crate::env;
use crate::http::error::{NetworkError, NetworkErrorKind};
use crate::http::retry::{CLOUD, IDENTITY_ENDPOINT, Schedule};
use crate::http::status;
use crate::http::tls::Sha1Thumbprint;
use crate::http::{Reply, Request, Route};
use crate::token::AccessToken;

use super::super::{CredentialContext, Failure, NoToken, TokenRequest};
use super::id::IdKind;
use super::token_endpoint::{
    Scheme, endpoint_url, header_value, read_token, refused, refused_identity, send, token_url,
};

const VERSION: &str = "2019-07-01-preview";
const HOST: &str = "Service Fabric application";
/// The documented waits after a 429 are Key Vault's: 1, 2, 4, 8, 16 s. The endpoint starts like those of other hosts.
const SCHEDULE: Schedule = Schedule {
    refused_tries: IDENTITY_ENDPOINT.refused_tries,
    refused_pause: IDENTITY_ENDPOINT.refused_pause,
    refused_time: IDENTITY_ENDPOINT.refused_time,
    ..CLOUD
};

pub(super) fn get_token(request: &TokenRequest, context: &CredentialContext) -> Result<AccessToken, NoToken> {
    let env = &context.env;
    if let Some(id) = &request.identity {
        let takes = "no ID: its application manifest defines the identity";
        return Err(NoToken::Failed(Failure::IdKindNotSupported { id: id.clone(), host: HOST, takes }));
    }
    let endpoint = endpoint_url(env, env::IDENTITY_ENDPOINT, Scheme::Https)?;
    let thumbprint = env.get(env::IDENTITY_SERVER_THUMBPRINT).and_then(Sha1Thumbprint::parse).ok_or(
        NoToken::Failed(Failure::Setting {
            variable: env::IDENTITY_SERVER_THUMBPRINT,
            expected: "the 40 hex digits of a certificate's SHA-1 thumbprint",
        }),
    )?;
    let http_request = Request::get(Route::Pinned(thumbprint), token_url(endpoint, VERSION, request, no_parameter))
        .header("secret", header_value(env, env::IDENTITY_HEADER)?);
    let reply = send(&http_request, &SCHEDULE, HOST, request.patience, context).map_err(|none| match none {
        NoToken::Failed(Failure::IdentityEndpoint(NetworkError { kind: NetworkErrorKind::Certificate(_), .. })) => {
            NoToken::Failed(Failure::OtherServer { host: HOST, variable: env::IDENTITY_SERVER_THUMBPRINT })
        }
        other => other,
    })?;
    match reply.status {
        status::OK => read_token(&reply, "the identity endpoint"),
        // ManagedIdentityNotFound, or DefaultIdentityNotDefined
        // (<https://github.com/Azure/azure-sdk-for-net/issues/45547>): no ID can be requested here.
        status::BAD_REQUEST | status::NOT_FOUND if !is_of_request(&reply) => Err(refused_identity(HOST, &reply, None)),
        _ => Err(refused(HOST, &reply)),
    }
}

/// Returns true if a refusal concerns the request itself, by its documented code.
fn is_of_request(reply: &Reply) -> bool {
    let code =
        reply.json::<serde_json::Value>().and_then(|body| Some(body.get("error")?.get("code")?.as_str()?.to_owned()));
    let known = ["SecretHeaderNotFound", "ArgumentNullOrEmpty", "InvalidApiVersion", "InvalidResource"];
    code.is_some_and(|code| known.contains(&code.as_str()))
}

/// IDs are refused before a URL is made.
fn no_parameter(_: IdKind) -> &'static str {
    "principalId"
}
