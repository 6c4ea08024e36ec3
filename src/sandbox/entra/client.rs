//! Authenticates the client or the user of a token request.

use serde_json::Value;

use super::{
    super::{
        azure::Azure,
        cluster::Federation,
        message::first,
        names,
        token::{Subject, claims_of},
    },
    certificate,
    refusal::{self, EntraRefusal},
    tenant::tenant_has_clients,
};

/// The only assertion type (RFC 7523).
const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// Returns the client of a request, authenticated by a secret or an assertion, which has this audience if it is federated.
pub(super) fn authenticate(
    azure: &Azure,
    tenant: &str,
    form: &[(String, String)],
    audience: &str,
) -> Result<Subject, EntraRefusal> {
    let client = first(form, "client_id").ok_or_else(|| refusal::missing("client_id"))?;
    let identity = azure.plan.identities.user_assigned.iter().find(|one| one.client_id.eq_ignore_ascii_case(client));
    let subject = match identity {
        Some(identity) => Subject::UserAssigned(identity.clone()),
        None if client.eq_ignore_ascii_case(names::SERVICE_PRINCIPAL_CLIENT_ID) => Subject::ServicePrincipal,
        None => return Err(refusal::unknown_client(client, tenant)),
    };
    if !tenant_has_clients(azure, tenant) {
        return Err(refusal::unknown_client(client, tenant));
    }
    if let Some(secret) = first(form, "client_secret") {
        let right = matches!(subject, Subject::ServicePrincipal) && secret == azure.keys.client_secret;
        return if right { Ok(subject) } else { Err(refusal::wrong_secret(client)) };
    }
    let assertion = first(form, "client_assertion").ok_or_else(refusal::no_credential)?;
    if first(form, "client_assertion_type") != Some(JWT_BEARER) {
        return Err(refusal::missing("client_assertion_type"));
    }
    if let Subject::ServicePrincipal = subject {
        let Some(registered) = &azure.plan.certificate else {
            return Err(check_federated(azure, client, assertion, audience)
                .err()
                .unwrap_or_else(|| refusal::no_federation(client)));
        };
        certificate::check(registered, assertion, client, &token_endpoint(azure, tenant), azure.now())?;
        return Ok(subject);
    }
    check_federated(azure, client, assertion, audience)?;
    Ok(subject)
}

/// Returns the user of a request, authenticated by a password.
pub(super) fn sign_in(form: &[(String, String)]) -> Result<Subject, EntraRefusal> {
    let field = |name: &str| first(form, name).ok_or_else(|| refusal::missing(name));
    field("client_id")?;
    let (user, password) = (field("username")?, field("password")?);
    if !user.eq_ignore_ascii_case(names::USER_PRINCIPAL_NAME) {
        return Err(refusal::unknown_user(user));
    }
    if password != names::USER_PASSWORD {
        return Err(refusal::wrong_password());
    }
    Ok(Subject::User)
}

fn token_endpoint(azure: &Azure, tenant: &str) -> String {
    format!("https://{}/{tenant}/oauth2/v2.0/token", azure.plan.cloud.authorities()[0])
}

/// Checks that a federated credential of the client accepts the assertion, and that it is the sandbox's own federated token,
/// and valid now.
fn check_federated(azure: &Azure, client: &str, assertion: &str, expected: &str) -> Result<(), EntraRefusal> {
    let claims = claims_of(assertion).ok_or_else(refusal::malformed_assertion)?;
    let text = |name: &str| claims[name].as_str().unwrap_or_default();
    let accepted = Federation::of_credential(&azure.plan, client).ok_or_else(|| refusal::no_federation(client))?;
    if text("iss") != accepted.issuer {
        return Err(refusal::wrong_issuer(text("iss")));
    }
    if text("sub").eq_ignore_ascii_case(accepted.subject) && text("sub") != accepted.subject {
        return Err(refusal::wrong_case(text("sub")));
    }
    if text("sub") != accepted.subject {
        return Err(refusal::wrong_subject(text("sub")));
    }
    let audience = match &claims["aud"] {
        Value::Array(all) => all.first().and_then(Value::as_str).unwrap_or_default(),
        one => one.as_str().unwrap_or_default(),
    };
    if audience != expected {
        return Err(refusal::wrong_audience(audience));
    }
    let (from, to) = (claims["nbf"].as_u64().unwrap_or_default(), claims["exp"].as_u64().unwrap_or_default());
    if azure.now() >= to {
        return Err(refusal::out_of_time(azure.now(), from, to));
    }
    if assertion != azure.keys.assertion {
        return Err(refusal::bad_signature());
    }
    Ok(())
}
