//! Why a credential gives no token: unavailable or failed, with the facts of each. No text holds a secret or a token.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::bounded_file::ReadError;
use crate::certificate::Unusable;
use crate::entra::{NoGrant, Refusal, TenantId};
use crate::env;
use crate::http::error::{NetworkError, seconds};
use crate::redact;
use crate::token::Claims;

use super::managed_identity::{KeyFileProblem, ManagedIdentityId};

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
            Patience::Brief => "one short attempt",
            Patience::Full => "after retries",
        }
    }
}

/// The reason why a credential gives no token.
#[derive(Clone, Debug, thiserror::Error)]
pub enum NoToken {
    /// Not configured here: the chain continues.
    #[error("{0}")]
    Unavailable(Reason),
    /// Configured, and rejected: the chain stops, because continuing would silently use a different identity.
    #[error("{0}")]
    Failed(Failure),
}

/// The reason why a credential is not available here.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Reason {
    #[error("{}", variables(.set, .missing))]
    VariablesMissing { set: Vec<&'static str>, missing: Vec<&'static str> },
    /// `AZURE_CLIENT_ID` is set without a secret or certificate. With a tenant it is as likely half a service principal.
    #[error("{}", client_id_alone(*.with_tenant))]
    ClientIdNamesIdentity { with_tenant: bool },
    #[error("no instance metadata service (IMDS): {error} ({})", .patience.attempt())]
    NoMetadataService { error: NetworkError, patience: Patience },
    /// Another program answers at the metadata service's address; `server` is its `Server` header.
    #[error(
        "the IMDS address was answered by another service, not Azure: status {status}{}",
        .server.as_ref().map(|server| format!(", Server '{server}'")).unwrap_or_default()
    )]
    NotMetadataService { status: u16, server: Option<String> },
    #[error("{} on this {host} ({message})", no_identity(.host))]
    NoIdentity { host: &'static str, message: String },
    /// A variable names the host's endpoint, and nothing listens there.
    #[error("the identity endpoint of this {host} does not answer: {error}")]
    EndpointSilent { host: &'static str, error: NetworkError },
    /// A program is not on PATH; `installed` are paths outside PATH where it is.
    #[error(fmt = program_missing)]
    ProgramMissing { program: &'static str, searched: Vec<PathBuf>, installed: Vec<PathBuf> },
    #[error("{program} is not signed in; run '{sign_in}'")]
    NotSignedIn { program: &'static str, sign_in: &'static str },
    /// az has accounts, but no subscription is selected.
    #[error("az has no default subscription; select one with 'az account set'")]
    NoSubscription,
    #[error("AZURE_CLIENT_ID is set without a secret or certificate: with {variable} it selects a workload identity")]
    ClientIdNamesWorkload { variable: &'static str },
    /// The CI job runs on a runner that issues tokens, but lacks the permission to request one.
    #[error("{}: {permission}", variables(.set, .missing))]
    JobLacksPermission { set: Vec<&'static str>, missing: Vec<&'static str>, permission: &'static str },
    /// The CI system issues a token, and no federated credential can match it.
    #[error("no federated credential can match the OIDC token of a {system}: its subject is new in every run")]
    NotFederable { system: &'static str },
    #[error("this {host} has several user-assigned identities and none was specified")]
    SeveralIdentities { host: &'static str },
    #[error("no {product} sign-in found: {} does not exist", .path.display())]
    SignInFileMissing { product: &'static str, path: PathBuf },
    #[error("{} {problem}", .path.display())]
    SignInFileUnusable { path: PathBuf, problem: FileProblem },
    /// A file names the programs that issue tokens, and none of them can be run.
    #[error(fmt = token_service_missing)]
    TokenServiceMissing { file: PathBuf, named: Vec<PathBuf> },
    #[error("no account is signed in to {product}; {fix}")]
    NoAccount { product: &'static str, fix: &'static str },
    /// The tenant of the vault is not known yet: nothing waits for it here.
    #[error(
        "{product} is signed in as {user} in tenant {tenant}, but only the operating system's broker issues its \
         tokens, which azfob does not support; run 'az login'"
    )]
    OnlyBroker { product: &'static str, user: String, tenant: TenantId },
    /// A program lacks a module, or `found` is an older version than the `needed` one.
    #[error(fmt = module_missing)]
    ModuleMissing { program: &'static str, module: &'static str, needed: &'static str, found: Option<String> },
    #[error("the PowerShell execution policy prevents {program} from loading its modules: {message}")]
    ScriptsForbidden { program: &'static str, message: String },
    #[error("interactive sign-in is off; enable it with --interactive")]
    InteractionOff,
    #[error("no local port could be opened for the redirect URI: {0}")]
    NoLoopbackPort(io::ErrorKind),
}

/// The reason why a credential that is configured gives no token.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Failure {
    #[error("{0}")]
    Refused(Refusal),
    #[error("{0}")]
    Network(NetworkError),
    /// The identity endpoint that variables of the host name gave no complete answer.
    #[error("{0}")]
    IdentityEndpoint(NetworkError),
    /// The metadata service (IMDS) exists, and gave no complete answer.
    #[error("{0}")]
    MetadataService(NetworkError),
    /// The requested identity is not assigned to the host.
    #[error(
        "the identity with {id}{} is not assigned to this {host} ({message})",
        .id.source.map(|source| format!(" (from {source})")).unwrap_or_default()
    )]
    IdentityNotAssigned { id: ManagedIdentityId, host: &'static str, message: String },
    /// The host's identity endpoint failed for another cause.
    #[error("the identity endpoint of this {host} answered {status}: {message}")]
    Endpoint { host: &'static str, status: u16, message: String },
    /// The host answers with a user's single sign-on, which has ended.
    #[error("the sign-in session of this {host} has ended: {message}")]
    SignOnGone { host: &'static str, message: String },
    #[error(
        "this {host} cannot select an identity by {}{}; it accepts {takes}", .id.kind,
        .id.source.map(|source| format!(" (from {source})")).unwrap_or_default()
    )]
    IdKindNotSupported { id: ManagedIdentityId, host: &'static str, takes: &'static str },
    #[error("{program}{ending}")]
    Program { program: &'static str, sign_in: Option<&'static str>, ending: ProgramFailure },
    #[error("the response from {from} is not {expected}")]
    Malformed { from: &'static str, expected: &'static str },
    #[error("{variable} names {}, which {problem}", .path.display())]
    File { variable: &'static str, path: PathBuf, problem: FileProblem },
    #[error(
        "the vault is in tenant {wanted}; the credential is configured for {configured}, and \
         AZURE_ADDITIONALLY_ALLOWED_TENANTS does not include the vault tenant"
    )]
    TenantNotAllowed { configured: TenantId, wanted: TenantId },
    #[error("{variable} is malformed: expected {expected}")]
    Setting { variable: &'static str, expected: &'static str },
    /// A CI runner's service issued no token for its job.
    #[error(
        "{runner} issued no token for this job: status {status}{}{message}",
        if .message.is_empty() { "" } else { ", " }
    )]
    Runner { runner: &'static str, status: u16, message: String },
    /// The token proxy of the pod's AKS identity binding issued no token. Holds the claims of the pod's assertion.
    #[error("{0}")]
    IdentityBinding(BindingFailure, Option<Box<Claims>>),
    /// The host's answer names no identity, or another one than was requested.
    #[error(
        "this {host} issued a token without confirming that it is for the identity with {id}{}",
        .got.as_ref().map(|got| format!("; it named {got}")).unwrap_or_default()
    )]
    IdentityNotConfirmed { id: ManagedIdentityId, host: &'static str, got: Option<String> },
    #[error("the key file {path} of the Azure Arc agent {problem}")]
    KeyFile { path: String, problem: KeyFileProblem },
    #[error("timed out after {}", seconds(*.0))]
    StillWaiting(Duration),
    #[error("no response from the browser within {}", seconds(*.0))]
    SignInTimedOut(Duration),
    #[error(
        "no response to this sign-in within {}: the browser brought the response to another one (another state)",
        seconds(*.0)
    )]
    OtherSignIn(Duration),
    /// The endpoint's certificate does not have the thumbprint in `variable`.
    #[error("the server at the identity endpoint of this {host} does not have the certificate in {variable}")]
    OtherServer { host: &'static str, variable: &'static str },
}

/// The reason why the token proxy of an AKS identity binding gives no token.
#[derive(Clone, Debug, thiserror::Error)]
pub enum BindingFailure {
    #[error("{} and {} are both set", env::AZURE_KUBERNETES_CA_FILE, env::AZURE_KUBERNETES_CA_DATA)]
    TwoAuthorities,
    /// A variable of the binding is set without the proxy.
    #[error("{0} is set, but {proxy} is not", proxy = env::AZURE_KUBERNETES_TOKEN_PROXY)]
    NoProxy(&'static str),
    #[error("token proxy: {0}")]
    Network(NetworkError),
    #[error("the token proxy of the cluster answered {status}{}{message}", if .message.is_empty() { "" } else { ": " })]
    Refused { status: u16, message: String },
    /// Entra ID refused, and the proxy passed that on.
    #[error("token proxy: {0}")]
    Entra(Refusal),
}

/// What is wrong with a file; the text follows the file's name.
#[derive(Clone, Debug, thiserror::Error)]
pub enum FileProblem {
    #[error("cannot be read: {0}")]
    Unreadable(io::ErrorKind),
    #[error("is not a regular file")]
    NotAFile,
    #[error("is in the certificate store, which only .NET can read; export it to a PEM or PFX file")]
    InCertificateStore,
    #[error("is empty")]
    Empty,
    #[error("is larger than {0} bytes")]
    TooLarge(u64),
    #[error("cannot be used: {0}")]
    Certificate(Unusable),
    #[error("is not {0}")]
    Malformed(&'static str),
}

/// How a program failed that should have printed a token; the text follows the program's name.
#[derive(Clone, Debug, thiserror::Error)]
pub enum ProgramFailure {
    /// Exited with an error. `message` is the line of stderr with the reason, sanitized; it may be empty.
    #[error(fmt = exited)]
    Exited { code: Option<i32>, message: String, aadsts: Option<u32> },
    #[error(" did not answer within {}", seconds(*.0))]
    TimedOut(Duration),
    #[error(" printed more than {0} bytes")]
    TooMuch(usize),
    #[error(" could not be started: {0}")]
    NotStarted(String),
}

/// The answer of an app's endpoint does not tell "no identity" from "only user-assigned identities".
fn no_identity(host: &str) -> &'static str {
    if host.ends_with(" app") { "no managed identity, or only user-assigned ones," } else { "no managed identity" }
}

fn client_id_alone(with_tenant: bool) -> &'static str {
    match with_tenant {
        true => "AZURE_CLIENT_ID and AZURE_TENANT_ID are set; a secret or certificate is not",
        false => "AZURE_CLIENT_ID is set without a secret or certificate: it selects the user-assigned identity",
    }
}

fn program_missing(
    program: &str,
    searched: &[PathBuf],
    installed: &[PathBuf],
    f: &mut fmt::Formatter<'_>,
) -> fmt::Result {
    match searched {
        [] => write!(f, "{program} was not found: PATH contains no folder")?,
        [folder] => write!(f, "{program} is not in {}, the only folder on PATH", folder.display())?,
        many => write!(f, "{program} is not in any of the {} folders on PATH", many.len())?,
    }
    installed.first().map_or(Ok(()), |path| write!(f, "; it was found at {}", path.display()))
}

fn token_service_missing(file: &Path, named: &[PathBuf], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let Some(program) = named.first() else { return write!(f, "{} names no program", file.display()) };
    let program = redact::sanitize(&program.display().to_string());
    write!(f, "{} names no program that exists: {program}", file.display())
}

fn module_missing(
    program: &str,
    module: &str,
    needed: &str,
    found: &Option<String>,
    f: &mut fmt::Formatter<'_>,
) -> fmt::Result {
    match found {
        None => {
            write!(
                f,
                "{program} does not have the module {module} {needed} or later; run 'Install-Module {module}' in it"
            )
        }
        Some(found) => write!(
            f,
            "{program} has the module {module} {found}, but {needed} or later is required; run 'Update-Module {module}' \
             in it"
        ),
    }
}

fn exited(code: &Option<i32>, message: &str, _aadsts: &Option<u32>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match code {
        _ if !message.is_empty() => write!(f, ": {message}"),
        Some(code) => write!(f, " exited with code {code} and no message"),
        None => f.write_str(" was terminated by a signal"),
    }
}

fn variables(set: &[&str], missing: &[&str]) -> String {
    let missing = format!("{} not set", is_or_are(missing));
    if set.is_empty() { missing } else { format!("{} set; {missing}", is_or_are(set)) }
}

/// Returns `A is`, `A and B are` or `A, B and C are`.
fn is_or_are(names: &[&str]) -> String {
    match names {
        [] => "nothing is".to_owned(),
        [one] => format!("{one} is"),
        [most @ .., last] => format!("{} and {last} are", most.join(", ")),
    }
}

impl From<ReadError> for FileProblem {
    fn from(unread: ReadError) -> Self {
        match unread {
            ReadError::Io(error) => FileProblem::Unreadable(error.kind()),
            ReadError::NotAFile | ReadError::Silent(_) => FileProblem::NotAFile,
            ReadError::TooLarge(limit) => FileProblem::TooLarge(limit),
        }
    }
}

impl NoToken {
    /// Converts a failed request to Entra ID: the credential is configured, so each is a failure.
    pub fn from_grant(error: NoGrant) -> Self {
        NoToken::Failed(match error {
            NoGrant::Refused(refusal) => Failure::Refused(refusal),
            NoGrant::Network(error) => Failure::Network(error),
            NoGrant::Malformed => Failure::Malformed { from: "Entra ID", expected: "JSON with an access_token" },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_variables_are_named_after_those_that_are_set() {
        let reason = Reason::VariablesMissing {
            set: vec!["AZURE_CLIENT_ID"],
            missing: vec!["AZURE_TENANT_ID", "AZURE_CLIENT_SECRET"],
        };
        assert_eq!(reason.to_string(), "AZURE_CLIENT_ID is set; AZURE_TENANT_ID and AZURE_CLIENT_SECRET are not set");
    }
}
