//! Defines the credentials: the trait, the result of an attempt, and the chain that lists them in order.
//!
//! A credential keeps no state, prints nothing, and knows neither the other credentials nor its position. A new one
//! needs its file and its line in [`selection::CHAIN`].

mod allowed_tenants;
pub mod azure_cli;
pub mod azure_developer_cli;
pub mod azure_powershell;
pub mod azure_profile;
pub mod chain;
mod developer_tool;
pub mod environment;
mod error;
mod error_message;
pub mod interactive_browser;
mod json_file;
pub mod managed_identity;
pub mod selection;
pub mod visual_studio;
pub mod visual_studio_code;
pub mod workload_identity;

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use crate::background::Background;
use crate::entra::{Authority, Scope, TenantId};
use crate::env::Env;
use crate::http::Http;
use crate::process::Programs;
use crate::time::deadline::Deadline;
use crate::token::AccessToken;
use crate::token::cache::CacheKey;

pub use error::{BindingFailure, Failure, FileProblem, NoToken, Patience, ProgramFailure, Reason};
pub use managed_identity::{IdKind, KeyFileProblem, ManagedIdentityId};

/// A credential of the chain.
pub trait Credential: Sync {
    fn info(&self) -> CredentialInfo;

    /// Returns the SDK's class name: `AzureCliCredential`.
    fn name(&self) -> &'static str {
        self.info().name
    }

    /// Returns the short name for `--credential`: `azure-cli`.
    fn short_name(&self) -> &'static str {
        self.info().short_name
    }

    fn group(&self) -> Group {
        self.info().group
    }

    /// Requests a token.
    ///
    /// # Errors
    /// The credential is unavailable if it is not configured here, and has failed if it is and got no token.
    fn get_token(&self, request: &TokenRequest, context: &CredentialContext) -> Result<AccessToken, NoToken>;

    /// Returns true if it can request a token with the claims that a vault requires after a session was revoked.
    fn accepts_claims(&self) -> bool {
        false
    }

    /// Returns how long the chain waits before it tries the next credentials as well, if this one may be slow to find
    /// that it is unavailable. `None` if the next ones are tried only after it has ended.
    fn head_start(&self, _context: &CredentialContext) -> Option<Duration> {
        None
    }
}

/// The names and the group of a credential.
pub struct CredentialInfo {
    pub name: &'static str,
    pub short_name: &'static str,
    pub group: Group,
}

impl fmt::Debug for dyn Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The groups of credentials that `AZURE_TOKEN_CREDENTIALS` selects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    /// `prod`: the credentials of a deployed application.
    Production,
    /// `dev`: the sign-ins of a developer's tools. The chain continues after any failure of one.
    Developer,
    /// Needs a user at the terminal. In neither of the other groups, and in the chain only with
    /// [`Interaction::Allowed`].
    Interactive,
}

/// Whether a user may be asked to sign in (`--interactive`).
#[derive(Clone, Copy, Debug)]
pub enum Interaction {
    Never,
    Allowed {
        /// Shows the user a line of text, such as the URL to open.
        notify: fn(&str),
    },
}

/// The token to request.
#[derive(Clone)]
pub struct TokenRequest {
    pub scope: Scope,
    /// The host of the vault that the token is for.
    pub vault: Option<String>,
    pub authority: Authority,
    pub tenant: TenantHint,
    /// The user-assigned identity; `None` for the system-assigned or only one.
    pub identity: Option<ManagedIdentityId>,
    /// The claims (JSON) that the vault requires after it refused a token, for credentials that [accept
    /// them](Credential::accepts_claims).
    pub claims: Option<String>,
    pub patience: Patience,
}

/// The tenants to choose from.
#[derive(Clone)]
pub struct TenantHint {
    /// The tenant of the option or the configuration, which takes precedence.
    pub requested: Option<TenantId>,
    /// The tenant of the vault's challenge, which may not have arrived yet.
    pub vault: Option<Background<Option<TenantId>>>,
}

impl TenantHint {
    /// Returns the tenant for a developer's account, which can be a guest in any: the requested one, or the vault's.
    /// Waits for the vault's challenge only without a requested one.
    pub fn for_any_account(&self) -> Option<TenantId> {
        self.read_challenge();
        self.requested.clone().or_else(|| self.vault.as_ref().and_then(Background::wait))
    }

    /// Starts to read the vault's challenge: no developer's token is sent before it is known, or could not be read.
    pub fn read_challenge(&self) {
        self.vault.as_ref().inspect(|challenge| challenge.begin());
    }

    /// Creates a hint without a tenant.
    #[cfg(test)]
    pub fn none() -> Self {
        TenantHint { requested: None, vault: None }
    }
}

/// What a credential can use.
pub struct CredentialContext {
    pub env: Env,
    pub home: Option<PathBuf>,
    pub http: Http,
    pub programs: Programs,
    pub deadline: Deadline,
    pub interaction: Interaction,
    /// True if the tokens of developer tools and managed identities are [cached](crate::token::cache) for later runs.
    pub caches_tokens: bool,
}

impl CredentialContext {
    /// Returns the cached token of the vault, under the key for its host, or else the one that `request_token` gets.
    fn cached_token(
        &self,
        request: &TokenRequest,
        key: impl FnOnce(&str) -> CacheKey,
        request_token: impl FnOnce() -> Result<AccessToken, NoToken>,
    ) -> Result<AccessToken, NoToken> {
        let Some(vault) = request.vault.as_deref().filter(|_| self.caches_tokens) else { return request_token() };
        let key = key(vault);
        match key.look_up().and_then(|cached| AccessToken::from_cache(key.clone(), &cached)) {
            Some(token) => Ok(token),
            None => request_token().map(|token| token.with_cache_key(Some(key))),
        }
    }
}

#[cfg(test)]
mod testing {
    use std::path::Path;
    use std::time::Duration;

    use super::*;

    /// Returns a context with these variables and this home folder, without interaction.
    pub(super) fn credential_context(variables: &[(&str, &str)], home: Option<&Path>) -> CredentialContext {
        let env: Env = variables.iter().copied().collect();
        CredentialContext {
            http: Http::new(&env).expect("no proxy is set"),
            programs: Programs::new(&env),
            env,
            home: home.map(Path::to_owned),
            deadline: Deadline::after(Duration::from_secs(10)),
            interaction: Interaction::Never,
            caches_tokens: false,
        }
    }
}
