//! The credentials: what each has to be, how an attempt ends, and the chain that lists them in order.
//!
//! A credential keeps no state, prints nothing, and does not know its neighbours or its place. Adding one takes its file
//! and its line in [`selection::CHAIN`].

mod allowed_tenants;
pub mod azure_cli;
pub mod azure_developer_cli;
pub mod azure_powershell;
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

pub use error::{Failure, NoToken, ProgramFailure, Reason};
pub use managed_identity::{IdKind, KeyFileProblem, ManagedIdentityId};

/// One way to be somebody.
pub trait Credential: Sync {
    /// The SDK's class name: `AzureCliCredential`.
    fn name(&self) -> &'static str;

    /// The short form that `--credential` takes: `azure-cli`.
    fn short_name(&self) -> &'static str;

    /// Which part of the chain it belongs to.
    fn group(&self) -> Group;

    /// Gets a token, or says why not: unavailable where it is not set up here, failed where it is and was refused.
    ///
    /// # Errors
    /// Both of these, with the facts behind them.
    fn get_token(&self, request: &TokenRequest, context: &CredentialContext) -> Result<AccessToken, NoToken>;

    /// Whether it can ask for a token with the claims that a vault wants after a session was revoked.
    fn takes_claims(&self) -> bool {
        false
    }

    /// How far ahead of those behind it this one is asked, where it may have to wait before it can say that it is
    /// unavailable: once that time is over, the chain asks them meanwhile. None where they are asked when it has ended.
    fn head_start(&self, _context: &CredentialContext) -> Option<Duration> {
        None
    }
}

impl fmt::Debug for dyn Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The parts of the chain, as `AZURE_TOKEN_CREDENTIALS` selects them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    /// `prod`: what a deployed application has.
    Production,
    /// `dev`: the sign-ins of a developer's tools. Whatever goes wrong in one of them, the chain goes on.
    Developer,
    /// Needs a person to do something now. In neither of the other two, and in the chain only where
    /// [`Interaction::Allowed`] says so.
    Interactive,
}

/// Whether a person may be asked to sign in (`--interactive`).
#[derive(Clone, Copy, Debug)]
pub enum Interaction {
    /// Nobody is asked for anything.
    Never,
    /// Somebody is there.
    Allowed {
        /// Shows that person a line of text: what to do, and the address to do it at.
        notify: fn(&str),
    },
}

/// What a token is asked for, and for whom.
#[derive(Clone)]
pub struct TokenRequest {
    /// What the token is for.
    pub scope: Scope,
    /// Who signs in.
    pub authority: Authority,
    /// In which tenant.
    pub tenant: TenantHint,
    /// The user-assigned identity that is meant; the system-assigned one, or the only one, where none is named.
    pub identity: Option<ManagedIdentityId>,
    /// The claims, JSON, that a vault wants in the token after it refused one; for those that
    /// [take them](Credential::takes_claims).
    pub claims: Option<String>,
    /// How long to go on trying.
    pub patience: Patience,
}

/// How long a credential tries while nothing answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Patience {
    /// One short attempt, so that the other credentials get their turn.
    Brief,
    /// Selected by name: no probe, and every retry.
    Full,
}

impl Patience {
    fn attempt(self) -> &'static str {
        match self {
            Patience::Brief => "one short try",
            Patience::Full => "waited for, with retries",
        }
    }
}

/// The tenant to sign in to, as far as anybody said.
#[derive(Clone)]
pub struct TenantHint {
    /// What the user asked for by option or configuration; it comes before all else.
    pub asked: Option<TenantId>,
    /// What the vault's challenge says, which may still be on its way.
    pub vault: Option<Background<Option<TenantId>>>,
}

impl TenantHint {
    /// The tenant for a developer's sign-in, which can reach any that the account is a guest in: the one asked for, or
    /// else the vault's. Waits for the vault's first answer.
    pub fn for_any_account(&self) -> Option<TenantId> {
        self.asked.clone().or_else(|| self.vault.as_ref().and_then(Background::wait))
    }

    /// No hint: neither the user nor a vault names a tenant.
    #[cfg(test)]
    pub fn none() -> Self {
        TenantHint { asked: None, vault: None }
    }
}

/// What a credential can see and use.
pub struct CredentialContext {
    /// The environment.
    pub env: Env,
    /// The user's home folder.
    pub home: Option<PathBuf>,
    /// The way to the network.
    pub http: Http,
    /// The way to other programs.
    pub programs: Programs,
    /// By when all has to be done.
    pub deadline: Deadline,
    /// Whether a person may be asked.
    pub interaction: Interaction,
    /// Whether tokens that cost the start of a program are [kept](crate::token::cache) for later runs.
    pub caches_tokens: bool,
}

#[cfg(test)]
mod testing {
    use std::path::Path;
    use std::time::Duration;

    use super::*;

    /// CredentialContext with these variables and this home, where no person may be asked.
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
