//! Azure Arc: the agent on a server outside Azure. The client must prove that it can read the agent's files.
//!
//! <https://learn.microsoft.com/azure/azure-arc/servers/managed-identity-authentication>; the reference is MSAL for
//! Python. The agent answers the first request with the path of a key that only its group can read, and the second
//! request carries that key. Any program can listen on the agent's port and name a path, so azfob reads only files in
//! the agent's own folder.

use std::path::Path;

use serde_json::Value;
use zeroize::Zeroizing;

use crate::env;
use crate::http::retry::IDENTITY_ENDPOINT;
use crate::http::status;
use crate::http::{Reply, Request, Route};
use crate::redact;
use crate::token::AccessToken;

use super::super::error_message::error_message;
use super::super::{CredentialContext, Failure, NoToken, TokenRequest};
use super::azure_arc_key::{KeyFileProblem, key_path, read_key, tokens_folder};
use super::id::{IdKind, ManagedIdentityId};
use super::imds;
use super::token_endpoint::{Scheme, endpoint_url, read_token, refused, send, token_url};

/// The agent's address, if no variable names another.
const DEFAULT_ENDPOINT: &str = "http://127.0.0.1:40342/metadata/identity/oauth2/token";
const VERSION: &str = "2020-06-01";
const HOST: &str = "Azure Arc server";
const AGENT: &str = "the Azure Arc agent";

pub(super) fn get_token(request: &TokenRequest, context: &CredentialContext) -> Result<AccessToken, NoToken> {
    request_token(request, context, tokens_folder(&context.env).as_deref())
}

fn request_token(
    request: &TokenRequest,
    context: &CredentialContext,
    tokens: Option<&Path>,
) -> Result<AccessToken, NoToken> {
    let env = &context.env;
    let endpoint = if env.has(env::IDENTITY_ENDPOINT) {
        endpoint_url(env, env::IDENTITY_ENDPOINT, Scheme::Http)?
    } else {
        DEFAULT_ENDPOINT
    };
    let url = token_url(endpoint, VERSION, request, imds::id_parameter);
    let http_request = Request::get(Route::Machine, &url).header("metadata", "true");
    let challenge = send(&http_request, &IDENTITY_ENDPOINT, HOST, request.patience, context)?;
    if !matches!(challenge.status, status::OK | status::UNAUTHORIZED) {
        return Err(refusal(&challenge, request.identity.as_ref()));
    }
    let expected = "401 with a header WWW-Authenticate: Basic realm=FILE";
    let path = key_path(&challenge).ok_or(NoToken::Failed(Failure::Malformed { from: AGENT, expected }))?;
    let key = tokens
        .ok_or(KeyFileProblem::OtherFolder)
        .and_then(|folder| read_key(Path::new(path), folder))
        .map_err(|problem| NoToken::Failed(Failure::KeyFile { path: redact::sanitize(path), problem }))?;
    redact::register_secret(key.expose());
    let authorization = Zeroizing::new(format!("Basic {}", key.expose()));
    let reply = send(
        &http_request.header("authorization", authorization.as_str()),
        &IDENTITY_ENDPOINT,
        HOST,
        request.patience,
        context,
    )?;
    match &request.identity {
        _ if reply.status != status::OK => Err(refusal(&reply, request.identity.as_ref())),
        None => read_token(&reply, AGENT),
        Some(id) => {
            let token = read_token(&reply, AGENT)?;
            confirm(&reply, id)?;
            Ok(token)
        }
    }
}

/// Classifies a refusal. An agent that supports user-assigned identities answers 404 if the requested one is not
/// assigned.
fn refusal(reply: &Reply, requested: Option<&ManagedIdentityId>) -> NoToken {
    match requested {
        Some(id) if reply.status == status::NOT_FOUND => {
            let message = error_message(reply).unwrap_or_default();
            NoToken::Failed(Failure::IdentityNotAssigned { id: id.clone(), host: HOST, message })
        }
        _ => refused(HOST, reply),
    }
}

/// Checks that the token is for the requested identity. Older agents ignore the parameter and return the server's own
/// identity.
fn confirm(reply: &Reply, id: &ManagedIdentityId) -> Result<(), NoToken> {
    let body: Value = reply.json().unwrap_or_default();
    let names: &[&str] = match id.kind {
        IdKind::Client => &["client_id"],
        IdKind::Object => &["object_id"],
        IdKind::Resource => &["msi_res_id", "mi_res_id"],
    };
    let got = names.iter().find_map(|name| body.get(name)?.as_str().filter(|value| !value.is_empty()));
    match got {
        Some(got) if got.eq_ignore_ascii_case(&id.value) => Ok(()),
        _ => Err(NoToken::Failed(Failure::IdentityNotConfirmed {
            id: id.clone(),
            host: HOST,
            got: got.map(redact::sanitize),
        })),
    }
}

/// The whole exchange with the sandbox's agent. Its key is in the sandbox's folder, which the real program would
/// refuse.
#[cfg(all(test, feature = "sandbox"))]
mod exchange {
    use super::*;
    use crate::credential::testing::credential_context;
    use crate::credential::{Patience, TenantHint};
    use crate::entra::cloud::PUBLIC;
    use crate::entra::{Authority, Scope};
    use crate::sandbox::{Action, EmulatedHost, IDENTITY, Rule, Sandbox, SandboxPlan, names};

    fn id(kind: IdKind, value: &str) -> Option<ManagedIdentityId> {
        Some(ManagedIdentityId { kind, value: value.to_owned(), source: None })
    }

    fn get_token(sandbox: &Sandbox, identity: Option<ManagedIdentityId>) -> Result<AccessToken, NoToken> {
        let variables: Vec<(&str, &str)> =
            sandbox.variables().iter().filter_map(|(name, value)| Some((name.as_str(), value.to_str()?))).collect();
        let context = credential_context(&variables, None);
        let request = TokenRequest {
            vault: None,
            scope: Scope::of_vaults(PUBLIC),
            authority: Authority::default(),
            tenant: TenantHint::none(),
            identity,
            claims: None,
            patience: Patience::Brief,
        };
        request_token(&request, &context, sandbox.authority_file().parent())
    }

    #[test]
    fn key_of_challenge_is_sent() {
        let sandbox = Sandbox::start(SandboxPlan::new(EmulatedHost::Arc)).unwrap();
        let token = get_token(&sandbox, None).unwrap();
        assert_eq!(token.claims().oid.as_deref(), Some(names::SYSTEM_OBJECT_ID));
        let requests = sandbox.requests();
        assert_eq!(requests.iter().map(|r| r.status).collect::<Vec<_>>(), [Some(401), Some(200)]);
        assert_eq!(requests[0].query, requests[1].query);
        assert_eq!(requests[0].header("authorization"), None);
        assert!(requests[1].header("authorization").is_some_and(|value| value.starts_with("Basic ")));
        assert!(requests.iter().all(|r| r.header("metadata") == Some("true")));
    }

    #[test]
    fn user_assigned_identity_is_requested_and_confirmed() {
        for (kind, value, parameter) in [
            (IdKind::Client, names::USER_ASSIGNED_CLIENT_ID, "client_id"),
            (IdKind::Object, names::USER_ASSIGNED_OBJECT_ID, "object_id"),
            (IdKind::Resource, names::USER_ASSIGNED_RESOURCE_ID, "msi_res_id"),
        ] {
            let sandbox = Sandbox::start(SandboxPlan::new(EmulatedHost::Arc)).unwrap();
            let token = get_token(&sandbox, id(kind, value)).unwrap();
            assert_eq!(token.claims().oid.as_deref(), Some(names::USER_ASSIGNED_OBJECT_ID));
            assert!(sandbox.requests().iter().all(|r| r.parameter(parameter) == Some(value)));
        }
        let sandbox = Sandbox::start(SandboxPlan::new(EmulatedHost::Arc)).unwrap();
        let unknown = get_token(&sandbox, id(IdKind::Client, "nobody"));
        assert!(matches!(unknown, Err(NoToken::Failed(Failure::IdentityNotAssigned { .. }))), "{unknown:?}");
    }

    #[test]
    fn unconfirmed_token_is_rejected() {
        for (echo, named) in [("", None), (r#","client_id":"another""#, Some("another")), (r#","client_id":7"#, None)] {
            let body = format!(r#"{{"access_token":"t","expires_in":"3600"{echo}}}"#);
            let old = Rule::new(IDENTITY, "/", Action::json(200, body)).skip(1);
            let sandbox = Sandbox::start(SandboxPlan::new(EmulatedHost::Arc).rule(old)).unwrap();
            match get_token(&sandbox, id(IdKind::Client, names::USER_ASSIGNED_CLIENT_ID)) {
                Err(NoToken::Failed(Failure::IdentityNotConfirmed { got, .. })) => assert_eq!(got.as_deref(), named),
                other => panic!("{other:?}"),
            }
        }
    }

    #[test]
    fn refused_key_is_a_failure() {
        let refusal = Action::json(401, r#"{"error":"unauthorized_client","error_description":"wrong key"}"#);
        let sandbox =
            Sandbox::start(SandboxPlan::new(EmulatedHost::Arc).rule(Rule::new(IDENTITY, "/", refusal).skip(1)))
                .unwrap();
        match get_token(&sandbox, None) {
            Err(NoToken::Failed(failure)) => {
                assert_eq!(
                    failure.to_string(),
                    "the identity endpoint of this Azure Arc server answered 401: wrong key"
                );
            }
            other => panic!("{other:?}"),
        }
    }
}
