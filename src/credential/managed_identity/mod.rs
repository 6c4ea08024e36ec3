//! The identity that Azure gives to the host itself: which host this is and which identity is meant, decided from the
//! environment alone. The hosts' protocols have a file each.
//!
//! Order of detection as MSAL has it
//! (<https://github.com/AzureAD/microsoft-authentication-library-for-go/blob/main/apps/managedidentity/managedidentity.go>).

pub mod app_service;
pub mod azure_arc;
pub mod azure_ml;
pub mod cloud_shell;
pub mod imds;
pub mod service_fabric;

use std::fmt;

use serde::Deserialize;
use serde_json::Value;

use crate::env::Env;
use crate::http::error::NetworkErrorKind;
use crate::http::retry::Schedule;
use crate::http::{Reply, Request, with_query};
use crate::secret::Secret;
use crate::time::timestamp::Timestamp;
use crate::token::AccessToken;

use super::error_message::said;
use super::{Credential, Failure, Group, NoToken, Reason, Surroundings, TokenRequest};

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
    /// Service Fabric: `IDENTITY_ENDPOINT`, `IDENTITY_HEADER` and `IDENTITY_SERVER_THUMBPRINT`.
    ServiceFabric,
    /// App Service, Functions, Container Apps: `IDENTITY_ENDPOINT` and `IDENTITY_HEADER`.
    AppService,
    /// Azure Machine Learning, and App Service's protocol of 2017: `MSI_ENDPOINT` and `MSI_SECRET`.
    AzureMl,
    /// Cloud Shell: `MSI_ENDPOINT` alone.
    CloudShell,
    /// Azure Arc: `IDENTITY_ENDPOINT` and `IMDS_ENDPOINT`, or its agent is installed.
    AzureArc,
    /// The metadata service of virtual machines, scale sets, AKS and container instances.
    Imds,
}

impl Endpoint {
    /// The endpoint of this host, from its variables and, for Azure Arc, from its agent's place on the disk.
    pub fn of(env: &Env) -> Self {
        Self::named_by(env)
            .unwrap_or_else(|| if azure_arc::agent_is_installed(env) { Endpoint::AzureArc } else { Endpoint::Imds })
    }

    fn named_by(env: &Env) -> Option<Self> {
        let all = |names: &[&str]| names.iter().all(|name| env.has(name));
        if all(&["IDENTITY_ENDPOINT", "IDENTITY_HEADER", "IDENTITY_SERVER_THUMBPRINT"]) {
            Some(Endpoint::ServiceFabric)
        } else if all(&["IDENTITY_ENDPOINT", "IDENTITY_HEADER"]) {
            Some(Endpoint::AppService)
        } else if all(&["MSI_ENDPOINT", "MSI_SECRET"]) {
            Some(Endpoint::AzureMl)
        } else if all(&["MSI_ENDPOINT"]) {
            Some(Endpoint::CloudShell)
        } else if all(&["IDENTITY_ENDPOINT", "IMDS_ENDPOINT"]) {
            Some(Endpoint::AzureArc)
        } else {
            None
        }
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
            Endpoint::ServiceFabric => service_fabric::get_token(request, around),
            Endpoint::AppService => app_service::get_token(request, around),
            Endpoint::AzureMl => azure_ml::get_token(request, around),
            Endpoint::CloudShell => cloud_shell::get_token(request, around),
            Endpoint::AzureArc => azure_arc::get_token(request, around),
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

/// The address of a token for the resource that is asked for; `id_parameter` is what this host calls each kind of id.
fn token_url(
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

/// Asks an endpoint that the host's variables name.
fn ask(
    request: &Request<'_>,
    schedule: &Schedule,
    host: &'static str,
    around: &Surroundings,
) -> Result<Reply, NoToken> {
    around.http.send_patiently(request, schedule, &around.deadline).map_err(|error| match error.kind {
        // The variables say that the platform offers an identity; where nothing listens, it does not after all.
        NetworkErrorKind::Connect(_) | NetworkErrorKind::Name => {
            NoToken::Unavailable(Reason::EndpointSilent { host, error })
        }
        _ => NoToken::Failed(Failure::Network(error)),
    })
}

/// What an endpoint's refusal means that has no words of its own for it.
fn refused(host: &'static str, reply: &Reply) -> NoToken {
    NoToken::Failed(Failure::Endpoint { host, status: reply.status, said: said(reply).unwrap_or_default() })
}

/// The scheme that a host's endpoint has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scheme {
    /// On the machine or its link, as all hosts but one have it.
    Http,
    /// Service Fabric.
    Https,
}

/// The endpoint that a variable names.
fn endpoint_url<'a>(env: &'a Env, variable: &'static str, scheme: Scheme) -> Result<&'a str, NoToken> {
    let (start, expected) = match scheme {
        Scheme::Http => ("http://", "an address that begins with http:// and has no user"),
        Scheme::Https => ("https://", "an address that begins with https:// and has no user"),
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
    fn the_variables_tell_the_host() {
        let of = |names: &[&str]| Endpoint::named_by(&names.iter().map(|n| (*n, "x")).collect());
        let (endpoint, header, thumbprint) = ("IDENTITY_ENDPOINT", "IDENTITY_HEADER", "IDENTITY_SERVER_THUMBPRINT");
        assert_eq!(of(&[]), None);
        assert_eq!(of(&[endpoint]), None);
        assert_eq!(of(&[endpoint, header, thumbprint]), Some(Endpoint::ServiceFabric));
        // Container Apps sets MSI_ENDPOINT beside these, and these win.
        assert_eq!(of(&[endpoint, header, "MSI_ENDPOINT", "MSI_SECRET"]), Some(Endpoint::AppService));
        assert_eq!(of(&["MSI_ENDPOINT", "MSI_SECRET"]), Some(Endpoint::AzureMl));
        assert_eq!(of(&["MSI_ENDPOINT"]), Some(Endpoint::CloudShell));
        assert_eq!(of(&[endpoint, "IMDS_ENDPOINT"]), Some(Endpoint::AzureArc));
        assert_eq!(of(&["IMDS_ENDPOINT"]), None);
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
            assert_eq!(endpoint_url(&env, "IDENTITY_ENDPOINT", Scheme::Http).is_ok(), good, "{url}");
        }
        let secure: Env = [("IDENTITY_ENDPOINT", "https://localhost:2377/x")].into_iter().collect();
        assert!(endpoint_url(&secure, "IDENTITY_ENDPOINT", Scheme::Https).is_ok());
    }
}
