//! The settings and the surroundings of one run, and the vaults that it opens.

use std::sync::Arc;
use std::time::Duration;

use crate::background::Background;
use crate::credential::chain::{Chain, Selected, Walk};
use crate::credential::{Interaction, Patience, Surroundings, TenantWish, TokenRequest, interactive_browser};
use crate::entra::{Authority, Scope, TenantId};
use crate::env::Env;
use crate::error::{Denied, Error, NoCredential};
use crate::http::Http;
use crate::output;
use crate::process::Programs;
use crate::settings::{Settings, ShowTimings, UsageError};
use crate::time::deadline::{Deadline, Stopwatch};
use crate::time::timings::Step;
use crate::vault::error::Operation;
use crate::vault::url::VaultUrl;
use crate::vault::{Greeted, Vault};

/// The settings and the surroundings of one run.
pub struct Session {
    /// What was decided before.
    pub settings: Settings,
    /// What credentials and vaults see and use.
    pub around: Arc<Surroundings>,
}

/// A vault that a token was found for.
pub struct Opened {
    /// Where it is.
    pub url: VaultUrl,
    /// Who goes in.
    pub selected: Selected,
}

impl Session {
    /// Puts settings and surroundings together; `budget` is the time where no `--timeout` was given. What a person needs
    /// to sign in comes on top of it.
    ///
    /// # Errors
    /// A proxy variable that is no proxy's address.
    pub fn new(settings: Settings, env: &Env, budget: Duration) -> Result<Self, UsageError> {
        let http = Http::new(env)
            .map_err(|e| UsageError(format!("{}: expected a proxy like http://proxy.example:3128", e.variable)))?;
        let (interaction, budget) = if settings.interactive {
            (Interaction::Allowed { notify: output::error::notify }, budget + interactive_browser::LIMIT)
        } else {
            (Interaction::Never, budget)
        };
        let around = Surroundings {
            http,
            programs: Programs::new(env),
            home: dirs::home_dir().filter(|home| home.is_absolute()),
            deadline: Deadline::after(settings.timeout.unwrap_or(budget)),
            env: env.clone(),
            interaction,
        };
        if settings.timings == ShowTimings::AtTheEnd {
            around.http.timings().keep();
        }
        Ok(Session { settings, around: Arc::new(around) })
    }

    /// Finds a token for a vault. Meanwhile the vault is greeted without one: that opens the connection and tells the
    /// tenant. The token is handed on only where the vault's challenge allows it.
    ///
    /// # Errors
    /// No credential has a token; the vault is not who it says it is.
    pub fn open(&self, url: &VaultUrl, operation: Operation) -> Result<Opened, Error> {
        let authority = self.settings.authority_for(url)?;
        let greeting = self.greet(url);
        // A vault under a suffix of ours wants its cloud's audience; any other says so itself.
        let scope = match url.cloud() {
            Some(cloud) => Scope::of_vaults(cloud),
            None => match greeting.wait() {
                Ok(greeting) => greeting
                    .challenge
                    .and_then(|challenge| challenge.scope)
                    .ok_or_else(|| Error::Machine(format!("{} did not say what its tokens are for", url.host())))?,
                Err(error) => return Err(Denied::nobody(*self.vault(url).unreachable(operation, error))),
            },
        };
        let request = self.request(scope, authority, Some(&greeting));
        let watch = Stopwatch::start();
        let walk = Chain::of(&self.settings.selection.value, self.around.interaction).walk(&request, &self.around);
        self.time(&walk, watch.elapsed());
        let Some(selected) = walk.selected() else {
            let none = NoCredential {
                walk,
                vault: Some(url.clone()),
                vault_tenant: vault_tenant(greeting.wait()),
                identity: request.identity,
            };
            return Err(Error::NoToken(Box::new(none)));
        };
        let refusal = match greeting.wait() {
            Ok(greeting) => greeting.challenge.and_then(|challenge| self.vault(url).refuse(operation, &challenge)),
            // What stood in its way took all the time there was, and the next request would not even begin.
            Err(error) if self.around.deadline.remaining().is_zero() => {
                Some(self.vault(url).unreachable(operation, error))
            }
            Err(_) => None,
        };
        match refusal {
            Some(error) => Err(Denied::to(&selected, *error)),
            None => Ok(Opened { url: url.clone(), selected }),
        }
    }

    /// Greets a vault without a token, beside whatever else goes on.
    pub fn greet(&self, url: &VaultUrl) -> Background<Greeted> {
        let (around, url) = (Arc::clone(&self.around), url.clone());
        Background::start(move || vault(&around, &url).knock())
    }

    /// What the settings ask of every credential; the tenant comes from the vault's greeting where nobody named one.
    pub fn request(&self, scope: Scope, authority: Authority, greeting: Option<&Background<Greeted>>) -> TokenRequest {
        let vault = greeting.cloned().map(|greeting| Background::when_asked(move || vault_tenant(greeting.wait())));
        TokenRequest {
            scope,
            authority,
            tenant: TenantWish { asked: self.settings.tenant.as_ref().map(|t| t.value.clone()), vault },
            identity: self.settings.identity.as_ref().map(|i| i.value.clone()),
            patience: Patience::Brief,
        }
    }

    fn time(&self, walk: &Walk, took: Duration) {
        let timings = self.around.http.timings();
        for attempt in &walk.attempts {
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
            output::error::timings(&self.around.http.timings().lines());
        }
    }

    /// The client of a vault.
    pub fn vault<'a>(&'a self, url: &'a VaultUrl) -> Vault<'a> {
        vault(&self.around, url)
    }
}

/// The tenant that a vault trusts, where it said so.
pub(super) fn vault_tenant(greeted: Greeted) -> Option<TenantId> {
    greeted.ok()?.challenge?.tenant
}

fn vault<'a>(around: &'a Surroundings, url: &'a VaultUrl) -> Vault<'a> {
    Vault { url, http: &around.http, deadline: &around.deadline }
}
