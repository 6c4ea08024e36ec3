//! An emulated Azure on loopback: what `azfob sandbox` runs and what the integration tests ask.
//!
//! A [`SandboxPlan`] says which host is imitated, what the vault holds and what goes wrong; [`Sandbox::start`] starts it.
//! Clients reach it under Azure's real host names, through a CONNECT proxy that ends their TLS itself with certificates
//! of a throw-away authority, and through a managed identity endpoint on plain HTTP (on Service Fabric, on TLS
//! of its own):
//!
//! ```text
//! client ── HTTPS_PROXY ──> proxy ── TLS ──> serve ──> rules ──> router ──> vault, entra, management, job
//!        └─ IDENTITY_ENDPOINT ─────────────> serve ──> rules ──> router ──> host
//! ```
//!
//! It must never connect to anything, never listen beyond 127.0.0.1, never touch a system's certificate store, and leave
//! nothing behind when it is dropped. It shares no code with azfob's client side: a mistake in both would go unseen.

mod azure;
mod certificate;
mod clock;
mod cloud;
mod entra;
mod fault;
mod file;
mod host;
mod job;
mod keys;
mod listeners;
mod management;
mod message;
pub mod names;
mod plan;
mod proxy;
mod random;
mod record;
mod router;
mod rule;
mod secret_spec;
mod secrets_file;
mod serve;
mod server;
mod staging;
#[cfg(test)]
mod tests;
mod throttle;
mod token;
mod vault;
mod wire;

use std::{
    ffi::OsString,
    fmt, io,
    path::{Path, PathBuf},
    sync::Arc,
};

pub use azure::INTERCEPTOR_NAME;
pub use clock::CLOCK_SKEW_SECS;
pub use cloud::EmulatedCloud;
pub use fault::{Fault, FaultRow, TABLE as FAULTS};
pub use host::kind::{EmulatedHost, HostRow, TABLE as HOSTS};
pub use host::quoted;
pub use plan::{ClientCertificate, Identities, SandboxPlan, UserAssigned};
pub use record::Recorded;
pub use rule::{Action, IDENTITY, Rule, Stage};
pub use secret_spec::{FIRST_CREATED, SecretSpec, VersionSpec, default_secrets, numbered_secrets};
pub use secrets_file::{parse_secret_argument, parse_secrets};
pub use throttle::{Limit, RetryAfter};

use azure::Azure;
use host::{Environment, HostSetup};
use server::Server;

/// A planted text shorter than this is not looked for: it would be found by accident.
const MIN_SECRET_LENGTH: usize = 8;

/// A running sandbox. Dropped, it ends its listeners and connections and removes its folder.
pub struct Sandbox {
    azure: Arc<Azure>,
    environment: Environment,
    authority_file: PathBuf,
    // Dropped in this order: first nobody can connect any more, then the folder goes.
    _servers: [Server; 2],
    _folder: tempfile::TempDir,
}

impl Sandbox {
    /// Starts a sandbox as planned: its listeners, its folder and the environment of its host.
    ///
    /// # Errors
    /// `InvalidInput` with a sentence for people where the plan contradicts itself; else why no port could be
    /// listened on or no file be written.
    pub fn start(plan: SandboxPlan) -> io::Result<Sandbox> {
        let azure = Arc::new(Azure::new(plan)?);
        let folder = tempfile::Builder::new().prefix("azfob-sandbox-").tempdir()?;
        let authority_file = folder.path().join("authority.pem");
        std::fs::write(&authority_file, azure.authority().pem())?;
        let proxy = listeners::start_proxy(&azure)?;
        let identity = listeners::start_identity(&azure)?;
        let environment = host::prepare(&HostSetup {
            azure: &azure,
            proxy: proxy.address(),
            identity: identity.address(),
            folder: folder.path(),
            authority_file: &authority_file,
        })?;
        Ok(Sandbox { azure, environment, authority_file, _servers: [proxy, identity], _folder: folder })
    }

    /// The variables to be set on a client. `PATH` is not among them: see [`path_entries`](Sandbox::path_entries).
    pub fn variables(&self) -> &[(String, OsString)] {
        &self.environment.variables
    }

    /// The folders to be put before the others of a client's `PATH`.
    pub fn path_entries(&self) -> &[PathBuf] {
        &self.environment.path_entries
    }

    /// Whether an inherited variable must be removed from a client: it speaks of a real identity, vault, proxy or
    /// certificate store.
    pub fn cleared(&self, name: &str) -> bool {
        host::is_cleared(name)
    }

    /// The certificate of the throw-away authority, PEM.
    pub fn authority_file(&self) -> &Path {
        &self.authority_file
    }

    /// What it was started as, the faults worked in.
    pub fn plan(&self) -> &SandboxPlan {
        &self.azure.plan
    }

    /// Every request served so far, in the order of their answers.
    pub fn requests(&self) -> Vec<Recorded> {
        self.azure.record.requests()
    }

    /// The host of every connection made through the proxy so far.
    pub fn tunnels(&self) -> Vec<String> {
        self.azure.record.tunnels()
    }

    /// The hosts that somebody asked the proxy for and that it refused, as nothing may leave.
    pub fn refused(&self) -> Vec<String> {
        self.azure.record.refused()
    }

    /// Every text that no output may contain unless it was asked for: secret values, client secret, identity header,
    /// and of every token and assertion the claims' part and the signature. Values under 8 bytes are left out.
    pub fn secrets_in_use(&self) -> Vec<String> {
        let tokens = self.azure.tokens.all();
        let parts = tokens.iter().flat_map(|token| token.split('.').skip(1));
        let keys = self.azure.keys.all().into_iter().flat_map(|key| match key.split_once('.') {
            Some((_, rest)) => rest.split('.').collect(),
            None => vec![key],
        });
        let values = self.azure.store.values();
        let mut secrets_in_use: Vec<String> =
            parts.chain(keys).chain(values).filter(|text| text.len() >= MIN_SECRET_LENGTH).map(str::to_owned).collect();
        secrets_in_use.sort();
        secrets_in_use.dedup();
        secrets_in_use
    }
}

/// Prints the host and the vault, and nothing planted.
impl fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sandbox")
            .field("host", &self.azure.plan.host)
            .field("vault", &self.azure.plan.vault)
            .finish_non_exhaustive()
    }
}
