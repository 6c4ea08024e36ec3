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

use crate::host::endpoint::Endpoint;
use crate::token::AccessToken;

use super::{Credential, CredentialContext, CredentialInfo, Group, NoToken, TokenRequest};

pub use azure_arc_key::KeyFileProblem;
pub use id::{IdKind, ManagedIdentityId};

/// The managed identity of the host.
pub struct ManagedIdentityCredential;

impl Credential for ManagedIdentityCredential {
    fn info(&self) -> CredentialInfo {
        CredentialInfo { name: "ManagedIdentityCredential", short_name: "managed-identity", group: Group::Production }
    }

    fn get_token(&self, request: &TokenRequest, context: &CredentialContext) -> Result<AccessToken, NoToken> {
        match Endpoint::detect(&context.env) {
            Endpoint::ServiceFabric => service_fabric::get_token(request, context),
            Endpoint::AppService => app_service::get_token(request, context),
            Endpoint::AzureMl => azure_ml::get_token(request, context),
            Endpoint::CloudShell => cloud_shell::get_token(request, context),
            Endpoint::AzureArc => azure_arc::get_token(request, context),
            Endpoint::Imds => imds::get_token(request, context),
        }
    }

    fn head_start(&self, context: &CredentialContext) -> Option<Duration> {
        (Endpoint::detect(&context.env) == Endpoint::Imds).then(|| imds::head_start(&context.env))
    }
}
