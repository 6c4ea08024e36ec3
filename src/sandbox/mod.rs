//! An emulated Azure on loopback, for `azfob sandbox` and for the integration tests.
//!
//! A [`SandboxPlan`] names the host to imitate, the content of the vault and the faults. [`Sandbox::start`] starts it.
//! Clients reach it by Azure's real host names: through a CONNECT proxy that terminates their TLS with certificates of
//! a temporary authority, and through a managed identity endpoint on HTTP (HTTPS for Service Fabric):
//!
//! ```text
//! client ── HTTPS_PROXY ──> proxy ── TLS ──> serve ──> rules ──> router ──> vault, entra, management, job
//!        └─ IDENTITY_ENDPOINT ─────────────> serve ──> rules ──> router ──> host
//! ```
//!
//! It never connects to anything, listens only on 127.0.0.1, changes no certificate store, and removes everything when
//! dropped. It shares no code with the client, only the names of variables: a mistake in shared code would stay hidden.

mod azure;
mod certificate;
mod clock;
mod cloud;
mod cluster;
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
mod throttle;
mod token;
mod vault;
mod wire;
mod workload;

use std::{
    ffi::OsString,
    fmt, io,
    path::{Path, PathBuf},
    sync::Arc,
};

pub use azure::INTERCEPTOR_NAME;
pub use clock::CLOCK_SKEW_SECS;
pub use cloud::EmulatedCloud;
pub use fault::{Fault, FaultRow, OF_WORKLOADS as FAULTS_OF_WORKLOADS, TABLE as FAULTS, all as all_faults};
pub use host::kind::{EmulatedHost, HostRow, TABLE as HOSTS};
pub use host::quoted;
pub use plan::{ClientCertificate, Identities, SandboxPlan, UserAssigned};
pub use record::Recorded;
pub use rule::{API_SERVER, Action, IDENTITY, Rule, Stage};
pub use secret_spec::{
    CertificatePolicySpec, FIRST_CREATED, SecretSpec, VersionSpec, default_secrets, numbered_secrets,
};
pub use secrets_file::{parse_secret_argument, parse_secrets};
pub use serve::answer_bytes;
pub use throttle::{Limit, RetryAfter};
pub use workload::{EmulatedWorkload, TABLE as WORKLOADS, WorkloadRow};

use azure::Azure;
use host::{Environment, HostSetup};
use server::Server;

/// Shorter secrets are not searched for: they would be found by accident.
const MIN_SECRET_LENGTH: usize = 8;

/// A running sandbox. When dropped, it closes its connections and removes its folder.
pub struct Sandbox {
    azure: Arc<Azure>,
    environment: Environment,
    authority_file: PathBuf,
    // Dropped in this order: first the servers stop, then the folder is removed.
    _servers: [Server; 2],
    _folder: tempfile::TempDir,
}

impl Sandbox {
    /// Starts a sandbox: its listeners, its folder and the environment of its host.
    ///
    /// # Errors
    /// `InvalidInput` with a message for users if the plan contradicts itself. Other errors if no port is available or
    /// a file cannot be written.
    pub fn start(plan: SandboxPlan) -> io::Result<Sandbox> {
        let azure = Arc::new(Azure::new(plan)?);
        let folder = file::create_temporary_folder()?;
        let authority_file = folder.path().join("authority.pem");
        file::write_readable(&authority_file, azure.authority().pem().as_bytes())?;
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

    /// Returns the variables to set for a client. `PATH` is not among them, see
    /// [`path_entries`](Sandbox::path_entries).
    pub fn variables(&self) -> &[(String, OsString)] {
        &self.environment.variables
    }

    /// Returns the folders to put first on a client's `PATH`.
    pub fn path_entries(&self) -> &[PathBuf] {
        &self.environment.path_entries
    }

    /// Returns what does not work on this machine, in a sentence for the user.
    pub fn note(&self) -> Option<&str> {
        self.environment.note.as_deref()
    }

    /// True if an inherited variable must be removed for a client: it names a real identity, vault, proxy or
    /// certificate store.
    pub fn cleared(&self, name: &str) -> bool {
        host::is_cleared(name)
    }

    /// Returns the path of the authority's certificate, a PEM file.
    pub fn authority_file(&self) -> &Path {
        &self.authority_file
    }

    /// Returns the plan, with the changes that its faults made.
    pub fn plan(&self) -> &SandboxPlan {
        &self.azure.plan
    }

    /// Returns all requests so far, in the order of their replies.
    pub fn requests(&self) -> Vec<Recorded> {
        self.azure.record.requests()
    }

    /// Returns the host of each connection through the proxy so far.
    pub fn tunnels(&self) -> Vec<String> {
        self.azure.record.tunnels()
    }

    /// Returns the hosts that the proxy has refused so far because they are not part of Azure.
    pub fn refused(&self) -> Vec<String> {
        self.azure.record.refused()
    }

    /// Returns all texts that no output may contain unless it was requested: secret values, client secrets, identity
    /// headers, authorization codes, and the claims and signatures of tokens. Leaves out texts under 8 bytes.
    pub fn secrets_in_use(&self) -> Vec<String> {
        let tokens = self.azure.tokens.all();
        let parts = tokens.iter().flat_map(|token| token.split('.').skip(1));
        let keys = self.azure.keys.all().into_iter().flat_map(|key| match key.split_once('.') {
            Some((_, rest)) => rest.split('.').collect(),
            None => vec![key],
        });
        let values = self.azure.store.values();
        let is_long = |text: &str| text.len() >= MIN_SECRET_LENGTH;
        let mut secrets: Vec<String> =
            parts.chain(keys).chain(values).filter(|text| is_long(text)).map(str::to_owned).collect();
        secrets.extend(self.azure.codes.all());
        secrets.sort();
        secrets.dedup();
        secrets
    }
}

/// Prints the host and the vault, and no secret.
impl fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sandbox")
            .field("host", &self.azure.plan.host)
            .field("vault", &self.azure.plan.vault)
            .finish_non_exhaustive()
    }
}
