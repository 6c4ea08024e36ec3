//! Uses the managed identity of the host. Each host's protocol has its own file.

pub mod app_service;
pub mod azure_arc;
mod azure_arc_key;
pub mod azure_ml;
pub mod cloud_shell;
mod id;
pub mod imds;
pub mod service_fabric;
mod token_endpoint;

use std::time::Duration;

use crate::env::{VARIABLES, VariableGroup};
use crate::host::endpoint::Endpoint;
use crate::token::AccessToken;
use crate::token::cache::CacheKey;

use super::{Credential, CredentialContext, CredentialInfo, Group, NoToken, TokenRequest};

pub use azure_arc_key::KeyFileProblem;
pub use id::{IdKind, ManagedIdentityId};
#[cfg(feature = "sandbox")]
pub use token_endpoint::refused_identity;

/// The managed identity of the host.
pub struct ManagedIdentityCredential;

impl Credential for ManagedIdentityCredential {
    fn info(&self) -> CredentialInfo {
        CredentialInfo { name: "ManagedIdentityCredential", short_name: "managed-identity", group: Group::Production }
    }

    fn get_token(&self, request: &TokenRequest, context: &CredentialContext) -> Result<AccessToken, NoToken> {
        let get_token = match Endpoint::detect(&context.env) {
            Endpoint::ServiceFabric => service_fabric::get_token,
            Endpoint::AppService => app_service::get_token,
            Endpoint::AzureMl => azure_ml::get_token,
            Endpoint::CloudShell => cloud_shell::get_token,
            Endpoint::AzureArc => azure_arc::get_token,
            Endpoint::Imds => imds::get_token,
        };
        context.cached_token(request, |vault| cache_key(vault, request, context), || get_token(request, context))
    }

    fn head_start(&self, context: &CredentialContext) -> Option<Duration> {
        (Endpoint::detect(&context.env) == Endpoint::Imds).then(|| imds::head_start(&context.env))
    }
}

/// Returns the cache key: the vault, the endpoint's variables, the resource and the requested identity.
fn cache_key(vault: &str, request: &TokenRequest, context: &CredentialContext) -> CacheKey {
    let variables = VARIABLES.iter().filter(|variable| variable.group == VariableGroup::ManagedIdentity);
    let endpoint = variables.map(|variable| context.env.get(variable.name).unwrap_or_default());
    let id = request.identity.as_ref().map(|id| (id.kind.to_string(), id.value.as_str()));
    let (kind, id) = id.unwrap_or_default();
    let parts =
        [ManagedIdentityCredential.name(), vault, request.scope.resource(), &kind, id].into_iter().chain(endpoint);
    CacheKey::new(parts.map(str::as_bytes))
}
