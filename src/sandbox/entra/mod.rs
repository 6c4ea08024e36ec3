//! Entra ID's token endpoint, its sign-in page, and the discovery documents that MSAL reads first.
//!
//! Format: <https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow>

mod authorize;
mod certificate;
mod client;
pub(super) mod code;
mod refusal;
mod scope;
mod tenant;

use serde_json::json;

use super::{
    azure::{Azure, HOUR_SECS},
    cloud::EmulatedCloud,
    message::{HttpReply, HttpRequest, first},
    names, random,
    token::Subject,
    vault::challenge,
};
use refusal::EntraRefusal;
use scope::requested_resource;
use tenant::{canonical, check_tenant, is_guid};

pub(super) use refusal::unknown_resource_text;

/// Returns the text of AADSTS50020, which the developer tools repeat.
pub(super) fn no_guest_text(client: &str) -> String {
    refusal::no_guest(client).message()
}

/// Answers a request to an authority of `cloud`.
pub(super) fn answer(azure: &Azure, cloud: EmulatedCloud, request: &HttpRequest) -> HttpReply {
    let segments = request.segments();
    let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
    match (request.method.as_str(), segments.as_slice()) {
        ("POST", [tenant, "oauth2", "v2.0", "token"]) => {
            answer_grant(azure, tenant, request, cloud, cloud.federated_audience())
        }
        ("GET", [tenant, "oauth2", "v2.0", "authorize"]) => authorize::answer(azure, cloud, tenant, request),
        ("GET", ["common", "discovery", "instance"]) => instances(cloud),
        ("GET", [tenant, "v2.0", ".well-known", "openid-configuration"]) => match check_tenant(azure, cloud, tenant) {
            Ok(()) => openid_configuration(cloud, tenant),
            Err(refusal) => refusal.reply(azure.now(), None),
        },
        _ => HttpReply::text(404, "the azfob sandbox's Entra ID has no such page\n"),
    }
}

/// Answers a request to the token endpoint, which accepts assertions of this audience.
pub(super) fn answer_grant(
    azure: &Azure,
    tenant: &str,
    request: &HttpRequest,
    cloud: EmulatedCloud,
    audience: &str,
) -> HttpReply {
    let reply = match token(azure, cloud, tenant, &request.form(), audience) {
        Ok(reply) => reply,
        Err(refusal) => refusal.reply(azure.now(), request.header("client-request-id")),
    };
    let reply = match request.header("client-request-id") {
        Some(id) => reply.with("client-request-id", id),
        None => reply,
    };
    reply.with("x-ms-request-id", random::guid()).with("Cache-Control", "no-store, no-cache")
}

/// Issues a token or refuses, in the order of Entra ID's checks: request, tenant, client, authentication, scope.
fn token(
    azure: &Azure,
    cloud: EmulatedCloud,
    tenant: &str,
    form: &[(String, String)],
    audience: &str,
) -> Result<HttpReply, EntraRefusal> {
    let grant = first(form, "grant_type").ok_or_else(|| refusal::missing("grant_type"))?;
    if !["client_credentials", "password", "authorization_code"].contains(&grant) {
        return Err(refusal::unsupported_grant(grant));
    }
    check_tenant(azure, cloud, tenant)?;
    let mut answers_revocation = first(form, "claims").is_some_and(challenge::answers_revocation);
    let subject = match grant {
        "password" => client::sign_in(form)?,
        "authorization_code" => {
            answers_revocation |= azure.codes.redeem(form, tenant, azure.now())?;
            Subject::User
        }
        _ => client::authenticate(azure, tenant, form, audience)?,
    };
    let resource = requested_resource(cloud, first(form, "scope"))?;
    let (token, _) = azure.hour_token(&subject, resource, canonical(tenant));
    if answers_revocation {
        azure.tokens.renew(&token);
    }
    let seconds = HOUR_SECS - 1;
    let body = json!({
        "token_type": "Bearer",
        "expires_in": seconds,
        "ext_expires_in": seconds,
        "access_token": token,
    });
    Ok(HttpReply::json(200, &body))
}

/// Returns the authority hosts (<https://learn.microsoft.com/entra/identity-platform/authentication-national-cloud>).
fn instances(cloud: EmulatedCloud) -> HttpReply {
    let host = cloud.authorities()[0];
    let metadata: Vec<_> = EmulatedCloud::ALL
        .iter()
        .map(|cloud| {
            let aliases = cloud.authorities();
            json!({ "preferred_network": aliases[0], "preferred_cache": aliases[0], "aliases": aliases })
        })
        .collect();
    let body = json!({
        "tenant_discovery_endpoint":
            format!("https://{host}/{}/v2.0/.well-known/openid-configuration", names::TENANT_ID),
        "api-version": "1.1",
        "metadata": metadata,
    });
    HttpReply::json(200, &body)
}

fn openid_configuration(cloud: EmulatedCloud, tenant: &str) -> HttpReply {
    let base = format!("https://{}/{tenant}", cloud.authorities()[0]);
    let issuer_tenant = if is_guid(tenant) { tenant } else { "{tenantid}" };
    let body = json!({
        "token_endpoint": format!("{base}/oauth2/v2.0/token"),
        "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt", "client_secret_basic"],
        "jwks_uri": format!("{base}/discovery/v2.0/keys"),
        "response_modes_supported": ["query", "fragment", "form_post"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "response_types_supported": ["code", "id_token", "code id_token", "id_token token"],
        "scopes_supported": ["openid", "profile", "email", "offline_access"],
        "issuer": format!("https://{}/{issuer_tenant}/v2.0", cloud.authorities()[0]),
        "authorization_endpoint": format!("{base}/oauth2/v2.0/authorize"),
        "device_authorization_endpoint": format!("{base}/oauth2/v2.0/devicecode"),
        "tenant_region_scope": "EU",
        "cloud_instance_name": cloud.authorities()[0],
    });
    HttpReply::json(200, &body)
}
