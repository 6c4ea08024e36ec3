//! The settings and the resources of one run, for every command that sends requests to Azure.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::background::Background;
use crate::credential::chain::{Attempt, Chain, ChainOutcome};
use crate::credential::managed_identity::{self, ManagedIdentityCredential};
use crate::credential::{
    Credential, CredentialContext, Interaction, Patience, TenantHint, TokenRequest, interactive_browser,
};
use crate::entra::{Authority, Scope, TenantId};
use crate::env::{self, Env};
use crate::error::{Error, NoCredential, UsageError};
use crate::host::{Host, HostKind};
use crate::http::Http;
use crate::output::error;
use crate::output::notices::Notices;
use crate::process::Programs;
use crate::settings::{Settings, ShowTimings};
use crate::time::deadline::Deadline;
use crate::time::timings::TimedStep;
use crate::token::cache;
use crate::vault::Probed;
use crate::vault::url::VaultUrl;

use super::role_wait;

/// The settings and the resources of one run.
pub struct Session {
    pub settings: Settings,
    pub context: Arc<CredentialContext>,
    pub notices: Notices,
    pub(super) wait_for_access: Option<Duration>,
}

impl Session {
    /// Prepares a run. `budget` is the time limit if there is no `--timeout`; an interactive sign-in and the wait for
    /// access add to it.
    ///
    /// # Errors
    /// A proxy variable is not the address of a proxy.
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
            // The limit of the user includes the time in which a file was read.
            deadline: match settings.timeout {
                Some(timeout) => Deadline::since(settings.started, timeout),
                None => Deadline::after(budget),
            },
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
                "{} enables the token cache, but no kernel keyring is available here, or /proc cannot be read",
                asked.source
            )]);
        }
        Ok(Session { settings, context: Arc::new(context), notices, wait_for_access })
    }

    /// Returns a token request with the settings in it. Without a tenant in the settings, the vault's challenge names it.
    pub fn request(
        &self,
        scope: Scope,
        authority: Authority,
        vault: Option<&VaultUrl>,
        probe: Option<&Background<Probed>>,
    ) -> TokenRequest {
        let host = vault.map(VaultUrl::host);
        let vault = probe.cloned().map(|probe| Background::lazy(move || vault_tenant(probe.wait())));
        TokenRequest {
            scope,
            vault: host,
            authority,
            tenant: TenantHint { requested: self.settings.tenant.as_ref().map(|t| t.value.clone()), vault },
            identity: self.settings.identity.as_ref().map(|i| i.value.clone()),
            claims: None,
            patience: Patience::Brief,
        }
    }

    /// Runs the chain.
    pub fn find_token(&self, request: &TokenRequest) -> ChainOutcome {
        Chain::new(&self.settings.selection.value, self.context.interaction).find_token(request, &self.context)
    }

    /// Returns the error of a chain without a token, with the tenant that the vault's challenge names.
    pub fn no_credential(
        &self,
        outcome: ChainOutcome,
        vault: Option<&VaultUrl>,
        secret: Option<String>,
        probe: Option<&Background<Probed>>,
    ) -> Error {
        let vault_tenant = probe.and_then(|probe| vault_tenant(probe.wait()));
        let (host, az_folder) = (self.host(&outcome.attempts), self.az_folder());
        Error::NoToken(Box::new(NoCredential { outcome, vault: vault.cloned(), secret, vault_tenant, host, az_folder }))
    }

    /// Returns the configuration folder of az.
    pub fn az_folder(&self) -> Option<PathBuf> {
        let folder = self.context.env.get_os(env::AZURE_CONFIG_DIR).map(PathBuf::from);
        folder.or_else(|| Some(self.context.home.as_ref()?.join(".azure")))
    }

    /// Returns the host, with the names from its metadata service if one of the attempts shows that there is one.
    pub fn host(&self, attempts: &[Attempt]) -> Host {
        let mut host = Host::detect(&self.context.env);
        let managed = attempts.iter().find(|a| a.credential.name() == ManagedIdentityCredential.name());
        let unnamed = matches!(host.kind, HostKind::VirtualMachine | HostKind::Machine | HostKind::Container);
        if unnamed && managed.is_some_and(|a| managed_identity::imds::is_available(&a.result)) {
            host.kind = HostKind::VirtualMachine;
            if let Some(instance) = managed_identity::imds::instance(&self.context) {
                host.name = instance.name.or(host.name);
                host.resource_group = instance.resource_group.or(host.resource_group);
                host.subscription = instance.subscription;
                host.scale_set = instance.scale_set;
            }
        }
        host
    }

    pub(super) fn time_chain(&self, outcome: &ChainOutcome, took: Duration) {
        let timings = self.context.http.timings();
        for attempt in &outcome.attempts {
            let name = attempt.credential.name();
            timings.add(TimedStep::Chain, attempt.took, || match &attempt.result {
                Ok(_) => format!("{name}: token"),
                Err(_) => format!("{name}: no token"),
            });
        }
        timings.add(TimedStep::Token, took, || "chain total".to_owned());
    }

    /// Runs `work`, then prints the timings, also after a failure.
    ///
    /// # Errors
    /// The error of `work`.
    pub fn timed<T>(&self, work: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
        let result = work();
        if self.settings.timings == ShowTimings::AtTheEnd {
            error::timings(&self.context.http.timings().lines());
        }
        result
    }
}

/// Returns the tenant that the vault's challenge names.
pub(super) fn vault_tenant(probed: Probed) -> Option<TenantId> {
    probed.ok()?.challenge?.tenant
}
