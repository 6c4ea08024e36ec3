//! The settings and the context of one run, and the vaults that it opens.

use std::sync::Arc;
use std::time::Duration;

use crate::background::Background;
use crate::credential::chain::{Chain, ChainOutcome, Selected};
use crate::credential::{
    CredentialContext, Group, Interaction, Patience, TenantHint, TokenRequest, interactive_browser,
};
use crate::entra::{Authority, Scope, TenantId};
use crate::env::Env;
use crate::error::{Denied, Error, NoCredential, UsageError};
use crate::http::Http;
use crate::output::error;
use crate::output::notices::Notices;
use crate::process::Programs;
use crate::settings::{Settings, ShowTimings};
use crate::time::deadline::{Deadline, Stopwatch};
use crate::time::timings::Step;
use crate::token::cache;
use crate::vault::error::{Operation, Unauthorized, VaultErrorKind};
use crate::vault::url::VaultUrl;
use crate::vault::{Probed, Vault};

use super::role_wait;

/// The settings and the context of one run.
pub struct Session {
    /// What was decided before.
    pub settings: Settings,
    /// What credentials and vaults see and use.
    pub context: Arc<CredentialContext>,
    /// What is told beside the answer.
    pub notices: Notices,
}

/// What a token is asked for.
#[derive(Clone, PartialEq, Eq)]
pub struct Purpose {
    authority: Authority,
    scope: Scope,
}

impl Purpose {
    /// Of this authority, for this resource.
    pub fn new(authority: Authority, scope: Scope) -> Self {
        Purpose { authority, scope }
    }
}

/// A vault that a token was found for.
pub struct Opened {
    /// Where it is.
    pub url: VaultUrl,
    /// Who goes in.
    pub selected: Selected,
    /// Whether a second token was asked for, after a session that was revoked.
    pub renewed: bool,
}

impl Session {
    /// The session of these settings and this environment. `budget` is the time for all of it where no `--timeout` was given; what a
    /// person needs to sign in, and what may pass until there is access, comes on top of it.
    ///
    /// # Errors
    /// A proxy variable that is no proxy's address.
    pub fn new(
        mut settings: Settings,
        env: &Env,
        budget: Duration,
        wait_for_access: Option<Duration>,
    ) -> Result<Self, UsageError> {
        settings.timeout = role_wait::timeout(settings.timeout, wait_for_access, budget);
        let http = Http::new(env).map_err(|error| UsageError(error.to_string()))?;
        let (interaction, budget) = if settings.interactive {
            (Interaction::Allowed { notify: error::notify }, budget + interactive_browser::LIMIT)
        } else {
            (Interaction::Never, budget)
        };
        let context = CredentialContext {
            http,
            programs: Programs::new(env),
            home: dirs::home_dir().filter(|home| home.is_absolute()),
            deadline: Deadline::after(settings.timeout.unwrap_or(budget)),
            env: env.clone(),
            interaction,
            caches_tokens: settings.token_cache.as_ref().is_some_and(|cache| cache.value),
        };
        if settings.timings == ShowTimings::AtTheEnd {
            context.http.timings().keep();
        }
        let notices = Notices::new(&settings);
        if let (true, Some(asked)) = (context.caches_tokens && !cache::is_available(), &settings.token_cache) {
            notices.warn([format!(
                "{} asks for a token cache, and there is no kernel's keyring for one here",
                asked.source
            )]);
        }
        Ok(Session { settings, context: Arc::new(context), notices })
    }

    /// Finds a token for a vault and goes in.
    ///
    /// # Errors
    /// No credential has a token; the vault is not who it says it is.
    pub fn open(&self, url: &VaultUrl, operation: Operation) -> Result<Opened, Error> {
        self.open_with(url, operation, None)
    }

    /// Opens a vault anew that refused a token, once: one that was kept of an earlier run is dropped, and where the session
    /// was revoked the new one is asked for with the claims that the vault wants, if the credential can. `None` where
    /// another token would not help.
    pub fn renew(&self, opened: &Opened, error: &Error) -> Option<Result<Opened, Error>> {
        let Error::Vault(denied) = error else { return None };
        let VaultErrorKind::Unauthorized(Unauthorized { claims, .. }) = &denied.error.kind else {
            return None;
        };
        let token = &opened.selected.token;
        if let Some(key) = &token.cache_key {
            key.forget();
        }
        if opened.renewed {
            return None;
        }
        let claims = claims.clone().filter(|_| opened.selected.credential.takes_claims());
        if token.cached_since.is_some() {
            log::info!(target: "azfob", "{}: refused a kept token; asking for a new one", opened.url.host());
        } else if claims.is_some() {
            log::info!(target: "azfob", "{}: the session was revoked; asking for a new token once", opened.url.host());
        } else {
            return None;
        }
        let anew = self.open_with(&opened.url, denied.error.operation.clone(), claims);
        Some(anew.map(|anew| Opened { renewed: true, ..anew }))
    }

    fn open_with(&self, url: &VaultUrl, operation: Operation, claims: Option<String>) -> Result<Opened, Error> {
        let probe = self.approach(url, 1);
        let purpose = self.purpose(url, &operation, &probe)?;
        let selected = self.find_token(url, &operation, &purpose, claims, &probe)?;
        self.admit(url, operation, selected, &probe)
    }

    /// Gets ready for a vault: opens so many connections to it, beside whatever else goes on.
    ///
    /// The answer is the request without a token that tells the vault's tenant and what its tokens are for. A vault under a
    /// suffix of ours is asked that only by whoever wants to know: the suffix says what its tokens are for, and a credential
    /// that has but one tenant need not be told another.
    pub fn approach(&self, url: &VaultUrl, connections: usize) -> Background<Probed> {
        let (context, vault_url) = (Arc::clone(&self.context), url.clone());
        let probe = move || vault(&context, &vault_url).probe();
        if url.cloud().is_none() {
            return Background::start(probe);
        }
        self.context.http.preconnect(&url.host(), connections, &self.context.deadline);
        Background::when_asked(probe)
    }

    /// What a token for this vault is asked for.
    ///
    /// # Errors
    /// A vault under another suffix says that itself, and did not.
    pub fn purpose(&self, url: &VaultUrl, operation: &Operation, probe: &Background<Probed>) -> Result<Purpose, Error> {
        let authority = self.settings.authority_for(url)?;
        let scope = match url.cloud() {
            Some(cloud) => Scope::of_vaults(cloud),
            None => match probe.wait() {
                Ok(response) => response
                    .challenge
                    .and_then(|challenge| challenge.scope)
                    .ok_or_else(|| Error::Machine(format!("{} did not say what its tokens are for", url.host())))?,
                Err(error) => return Err(Denied::anonymous(*self.vault(url).unreachable(operation.clone(), error))),
            },
        };
        Ok(Purpose::new(authority, scope))
    }

    /// Asks the chain for a token, with the claims that a vault wants where it refused one before.
    ///
    /// # Errors
    /// No credential has one.
    pub fn find_token(
        &self,
        url: &VaultUrl,
        operation: &Operation,
        purpose: &Purpose,
        claims: Option<String>,
        probe: &Background<Probed>,
    ) -> Result<Selected, Error> {
        let request = self.request(purpose.scope.clone(), purpose.authority.clone(), Some(probe));
        let request = TokenRequest { claims, ..request };
        let watch = Stopwatch::start();
        let outcome =
            Chain::new(&self.settings.selection.value, self.context.interaction).find_token(&request, &self.context);
        self.time(&outcome, watch.elapsed());
        outcome.selected().ok_or_else(|| {
            let vault_tenant = vault_tenant(probe.wait());
            let secret = operation.secret().map(str::to_owned);
            let none = NoCredential { outcome, vault: Some(url.clone()), secret, vault_tenant };
            Error::NoToken(Box::new(none))
        })
    }

    /// Takes a token to a vault, unless the vault's challenge, where one was read, speaks against it. A developer's
    /// sign-in can be good for many tenants, so that there one is always read.
    ///
    /// # Errors
    /// The challenge is for somebody else's resource.
    pub fn admit(
        &self,
        url: &VaultUrl,
        operation: Operation,
        selected: Selected,
        probe: &Background<Probed>,
    ) -> Result<Opened, Error> {
        let probed = match selected.credential.group() {
            Group::Production => probe.if_asked(),
            Group::Developer | Group::Interactive => Some(probe.wait()),
        };
        let refusal = match probed {
            None => None,
            Some(Ok(response)) => {
                response.challenge.and_then(|challenge| self.vault(url).refuse(operation, &challenge))
            }
            // It will be no other when it is asked for a secret, or there is no time left to.
            Some(Err(error)) if error.is_final() || self.context.deadline.remaining().is_zero() => {
                Some(self.vault(url).unreachable(operation, error))
            }
            Some(Err(_)) => None,
        };
        match refusal {
            Some(error) => Err(Denied::for_identity(&selected, *error)),
            None => Ok(Opened { url: url.clone(), selected, renewed: false }),
        }
    }

    /// What the settings ask of every credential; the tenant comes from the vault's challenge where nobody named one.
    pub fn request(&self, scope: Scope, authority: Authority, probe: Option<&Background<Probed>>) -> TokenRequest {
        let vault = probe.cloned().map(|probe| Background::when_asked(move || vault_tenant(probe.wait())));
        TokenRequest {
            scope,
            authority,
            tenant: TenantHint { asked: self.settings.tenant.as_ref().map(|t| t.value.clone()), vault },
            identity: self.settings.identity.as_ref().map(|i| i.value.clone()),
            claims: None,
            patience: Patience::Brief,
        }
    }

    fn time(&self, outcome: &ChainOutcome, took: Duration) {
        let timings = self.context.http.timings();
        for attempt in &outcome.attempts {
            let name = attempt.credential.name();
            timings.add(Step::Chain, attempt.took, || match &attempt.result {
                Ok(_) => format!("{name}: token"),
                Err(_) => format!("{name}: none"),
            });
        }
        timings.add(Step::Token, took, || "the whole chain".to_owned());
    }

    /// Does the work and tells how long each step of it took, however it ended.
    pub fn timed<T>(&self, work: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
        let result = work();
        self.tell_timings();
        result
    }

    /// Tells how long each step took, where that was asked for.
    pub fn tell_timings(&self) {
        if self.settings.timings == ShowTimings::AtTheEnd {
            error::timings(&self.context.http.timings().lines());
        }
    }

    /// The client of a vault.
    pub fn vault<'a>(&'a self, url: &'a VaultUrl) -> Vault<'a> {
        vault(&self.context, url)
    }
}

/// The tenant that a vault trusts, where it said so.
pub fn vault_tenant(probed: Probed) -> Option<TenantId> {
    probed.ok()?.challenge?.tenant
}

fn vault<'a>(context: &'a CredentialContext, url: &'a VaultUrl) -> Vault<'a> {
    Vault { url, http: &context.http, deadline: &context.deadline }
}
