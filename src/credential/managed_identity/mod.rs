//! The identity that Azure gives to the host itself: which host this is and which identity is meant, decided from the
//! environment alone. The hosts' protocols have a file each.
//!
//! Order of detection as MSAL has it
//! (<https://github.com/AzureAD/microsoft-authentication-library-for-go/blob/main/apps/managedidentity/managedidentity.go>).

pub mod app_service;
pub mod imds;

use std::fmt;

use serde::Deserialize;
use serde_json::Value;

use crate::env::Env;
use crate::http::Reply;
use crate::secret::{Secret, mask_tokens};
use crate::timestamp::Timestamp;
use crate::token::AccessToken;

use super::{Credential, Failure, Group, NoToken, Surroundings, TokenRequest};

/// The managed identity of the host.
pub struct ManagedIdentityCredential;

/// A user-assigned identity, by one of the three ids that name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ManagedIdentityId {
    /// Which id.
    pub kind: IdKind,
    /// The id itself; it is no secret.
    pub value: String,
}

/// The ids that name a user-assigned identity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IdKind {
    /// `--client-id`, `AZURE_CLIENT_ID`.
    Client,
    /// `--object-id`.
    Object,
    /// `--resource-id`.
    Resource,
}

impl fmt::Display for IdKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            IdKind::Client => "client id",
            IdKind::Object => "object id",
            IdKind::Resource => "resource id",
        })
    }
}

impl fmt::Display for ManagedIdentityId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind, self.value)
    }
}

/// The kinds of endpoint that hand out a managed identity's tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Endpoint {
    /// App Service, Functions, Container Apps: `IDENTITY_ENDPOINT` and `IDENTITY_HEADER`.
    AppService,
    /// The metadata service of virtual machines, scale sets, AKS and container instances.
    Imds,
}

impl Endpoint {
    /// The endpoint of this host, from its variables.
    pub fn of(env: &Env) -> Self {
        if env.has("IDENTITY_ENDPOINT") && env.has("IDENTITY_HEADER") { Endpoint::AppService } else { Endpoint::Imds }
    }
}

impl Credential for ManagedIdentityCredential {
    fn name(&self) -> &'static str {
        "ManagedIdentityCredential"
    }

    fn short_name(&self) -> &'static str {
        "managed-identity"
    }

    fn group(&self) -> Group {
        Group::Production
    }

    fn get_token(&self, request: &TokenRequest, around: &Surroundings) -> Result<AccessToken, NoToken> {
        match Endpoint::of(&around.env) {
            Endpoint::AppService => app_service::get_token(request, around),
            Endpoint::Imds => imds::get_token(request, around),
        }
    }

    fn may_wait(&self, around: &Surroundings) -> bool {
        Endpoint::of(&around.env) == Endpoint::Imds
    }
}

/// What every one of these endpoints answers when it has a token.
#[derive(Deserialize)]
struct Granted {
    access_token: Secret,
    #[serde(default)]
    expires_on: Value,
    #[serde(default)]
    expires_in: Value,
}

/// Reads a token out of an answer; the expiry in every form that the endpoints use.
fn granted(reply: &Reply, from: &'static str) -> Result<AccessToken, NoToken> {
    const EXPECTED: &str = "JSON with an access_token";
    let malformed = || NoToken::Failed(Failure::Malformed { from, expected: EXPECTED });
    let granted: Granted = reply.json().ok_or_else(malformed)?;
    if granted.access_token.expose().is_empty() {
        return Err(malformed());
    }
    let now = Timestamp::now();
    let expires = [&granted.expires_on, &granted.expires_in].into_iter().find_map(|v| Timestamp::from_expiry(v, now));
    Ok(AccessToken::new(granted.access_token, expires))
}

/// What an endpoint says went wrong: the one or two fields that hold words, in the shapes of all of them.
fn said(reply: &Reply) -> Option<String> {
    let body: Value = reply.json()?;
    let text = |value: &Value, key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
    let nested = body.get("error").filter(|e| e.is_object());
    let words = text(&body, "error_description")
        .or_else(|| text(&body, "message"))
        .or_else(|| nested.and_then(|e| text(e, "message")))
        .or_else(|| text(&body, "error"))
        .or_else(|| nested.and_then(|e| text(e, "code")))?;
    Some(mask_tokens(words.lines().next().unwrap_or_default().trim()))
}

/// The endpoint that a variable names; plain http on the machine or its link, as all of these hosts have it.
fn endpoint_url<'a>(env: &'a Env, variable: &'static str) -> Result<&'a str, NoToken> {
    let malformed = || {
        NoToken::Failed(Failure::Setting { variable, expected: "an address that begins with http:// and has no user" })
    };
    let url = env.get(variable).ok_or_else(malformed)?.trim_end_matches('/');
    let host = url.strip_prefix("http://").ok_or_else(malformed)?;
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
    fn the_variables_tell_the_host() {
        let of = |names: &[&str]| Endpoint::of(&names.iter().map(|n| (*n, "x")).collect());
        assert_eq!(of(&[]), Endpoint::Imds);
        assert_eq!(of(&["IDENTITY_ENDPOINT"]), Endpoint::Imds);
        // Container Apps sets MSI_ENDPOINT beside these, and these win.
        assert_eq!(of(&["IDENTITY_ENDPOINT", "IDENTITY_HEADER", "MSI_ENDPOINT"]), Endpoint::AppService);
    }

    #[test]
    fn an_endpoint_is_plain_http_without_a_user() {
        for (url, good) in [
            ("http://127.0.0.1:41056/MSI/token/", true),
            ("http://[fe80::1]/x?y=z", true),
            ("https://127.0.0.1/", false),
            ("http://u@h/", false),
            ("http://", false),
            ("x", false),
        ] {
            let env: Env = [("IDENTITY_ENDPOINT", url)].into_iter().collect();
            assert_eq!(endpoint_url(&env, "IDENTITY_ENDPOINT").is_ok(), good, "{url}");
        }
    }
}
