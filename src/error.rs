//! What the library fails with, and the exit code of each error.

use std::fmt;
use std::path::PathBuf;

use crate::azure_resource_manager::error::{ManagementError, ManagementErrorKind};
use crate::certificate::Unusable;
use crate::credential::chain::{Attempt, ChainOutcome, Selected};
use crate::credential::{BindingFailure, Failure, NoToken};
use crate::entra::TenantId;
use crate::env;
use crate::host::Host;
use crate::http::status;
use crate::kubernetes::error::{KubectlError, KubectlErrorKind};
use crate::process::user_command::NotStarted;
use crate::redact;
use crate::token::Claims;
use crate::token::identity::{Identity, Origin};
use crate::vault::document::NotInDocument;
use crate::vault::error::{VaultError, VaultErrorKind};
use crate::vault::similar_names::SimilarNames;
use crate::vault::url::VaultUrl;

/// The reason why a command failed, in one line. [`crate::diagnosis::explain`] has the cause and the fix.
#[derive(Clone, thiserror::Error)]
pub enum Error {
    /// The command line or a setting is malformed.
    #[error("{0}")]
    Usage(#[from] UsageError),
    #[error("{0}")]
    NoToken(Box<NoCredential>),
    #[error("{}", .0.error)]
    Vault(Box<Denied>),
    #[error("{} secrets failed", .0.errors.len() + .0.alike.len() + .0.not_asked.len())]
    Several(Several),
    /// A value does not have the encoding from which it was to be decoded.
    #[error("'{name}' is not {encoding}: {reason}")]
    Decode { name: String, encoding: &'static str, reason: String },
    /// A secret is not a certificate with what was requested of it.
    #[error("'{name}' cannot be converted as a certificate: {reason}{}", password_variable(.reason))]
    Certificate { name: String, reason: Unusable },
    /// Secrets that are documents have no value at the paths of the references.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Document(Vec<NotInDocument>),
    /// The requested output cannot represent the values of these variables, at least one.
    #[error(
        "the value{} cannot be written: {reason}",
        match .names.as_slice() {
            [one] => format!(" of {one}"),
            several => format!("s of {}", several.join(", ")),
        }
    )]
    Unrepresentable { names: Vec<String>, reason: &'static str },
    /// The output could not be written to `stdout` or a path.
    #[error("{to} could not be written: {reason}")]
    Write { to: String, reason: String },
    #[error("{0}")]
    NotStarted(NotStarted),
    /// The workload of `--for` was not found or not read.
    #[error("{0}")]
    Workload(Box<WorkloadError>),
    /// Another problem of this machine.
    #[error("{0}")]
    Machine(String),
}

/// Writes the text: the derived code would bring that of every type in an error.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Names the variable with the password, if that is missing or wrong.
fn password_variable(reason: &Unusable) -> String {
    match reason {
        Unusable::PasswordMissing | Unusable::PasswordWrong => format!(" ({})", env::AZFOB_PFX_PASSWORD),
        _ => String::new(),
    }
}

/// The reason why the workload of `--for` could not be examined.
#[derive(Clone, Debug, thiserror::Error)]
pub enum WorkloadError {
    #[error("{0}")]
    Management(ManagementError),
    #[error(
        "nothing with the name '{name}' in {searched}{}",
        match .near.as_slice() {
            [] if *.is_empty => "; it shows you no workload at all: you need the role Reader on it".to_owned(),
            [] => String::new(),
            near => format!("; similar names: {}", near.join(", ")),
        }
    )]
    NotFound { name: String, searched: String, near: Vec<String>, is_empty: bool },
    #[error("several resources have the name '{name}'; use --subscription or one of these IDs: {}", .ids.join(", "))]
    Ambiguous { name: String, ids: Vec<String> },
    #[error(
        "'{id}' has the type {kind}; --for supports App Service, Functions, container apps and jobs, \
         container instances, virtual machines and scale sets"
    )]
    NotSupported { id: String, kind: String },
    #[error(
        "no user-assigned identity has the client ID {0}, and no identity the object ID {0}; for an \
         application or a system-assigned identity, use az ad sp show --id {0}"
    )]
    UnknownIdentity(String),
    #[error("{0}")]
    Kubectl(#[from] KubectlError),
    #[error(
        "the namespace {namespace} has no pod '{name}'{}",
        match .near.as_slice() {
            [] if *.is_empty => ", and no other pod".to_owned(),
            [] => String::new(),
            near => format!("; similar names: {}", near.join(", ")),
        }
    )]
    NoPod { namespace: String, name: String, near: Vec<String>, is_empty: bool },
}

impl WorkloadError {
    fn exit_code(&self) -> u8 {
        match self {
            WorkloadError::Management(error) => match error.kind {
                ManagementErrorKind::Network(_) => exit_code::NETWORK,
                ManagementErrorKind::Unauthorized(_) | ManagementErrorKind::OtherTenant(_) => {
                    exit_code::UNAUTHENTICATED
                }
                ManagementErrorKind::Forbidden(_) | ManagementErrorKind::NoSubscription => exit_code::FORBIDDEN,
                ManagementErrorKind::Throttled => exit_code::THROTTLED,
                ManagementErrorKind::NotFound | ManagementErrorKind::Malformed | ManagementErrorKind::Other(..) => {
                    exit_code::OTHER
                }
            },
            WorkloadError::Kubectl(error) => match error.kind {
                KubectlErrorKind::Unreachable => exit_code::NETWORK,
                KubectlErrorKind::Unauthorized => exit_code::UNAUTHENTICATED,
                KubectlErrorKind::Forbidden => exit_code::FORBIDDEN,
                _ => exit_code::OTHER,
            },
            WorkloadError::UnknownIdentity(_)
            | WorkloadError::NotFound { .. }
            | WorkloadError::Ambiguous { .. }
            | WorkloadError::NotSupported { .. }
            | WorkloadError::NoPod { .. } => exit_code::OTHER,
        }
    }
}

impl From<ManagementError> for Error {
    fn from(error: ManagementError) -> Self {
        Error::from(WorkloadError::Management(error))
    }
}

impl From<WorkloadError> for Error {
    fn from(error: WorkloadError) -> Self {
        Error::Workload(Box::new(error))
    }
}

/// A chain in which no credential returned a token.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{}", self.text())]
pub struct NoCredential {
    pub outcome: ChainOutcome,
    pub vault: Option<VaultUrl>,
    /// The requested secret, if it was a single one.
    pub secret: Option<String>,
    /// The vault's tenant, if its challenge names it.
    pub vault_tenant: Option<TenantId>,
    pub host: Host,
    /// The configuration folder of az, if the home folder is known.
    pub az_folder: Option<PathBuf>,
}

impl NoCredential {
    fn text(&self) -> String {
        match self.outcome.stopped_by() {
            Some(Attempt { credential, result: Err(failure), .. }) => format!("{}: {failure}", credential.name()),
            Some(attempt) => attempt.credential.name().to_owned(),
            None => "no credential is available".to_owned(),
        }
    }
}

/// The failures of a command that requested several secrets.
#[derive(Clone, Debug, Default)]
pub struct Several {
    /// The errors, each once.
    pub errors: Vec<Error>,
    /// The secrets that failed with one of these errors, which does not name them.
    pub alike: Vec<String>,
    /// The secrets that were not requested because they would fail too.
    pub not_asked: Vec<String>,
}

/// A vault's error, with the identity that sent the request.
#[derive(Clone, Debug)]
pub struct Denied {
    pub error: VaultError,
    /// The credential that returned the token.
    pub credential: &'static str,
    pub identity: Identity,
    /// The destinations of the secret's value: variables, or places in a file.
    pub places: Vec<String>,
    /// The names to suggest for a secret that was not found.
    pub suggestions: SimilarNames,
}

impl Denied {
    /// Returns the error for the identity of a token.
    pub fn for_identity(selected: &Selected, error: VaultError) -> Error {
        Self::denied(error, selected.credential.name(), selected.identity())
    }

    /// Returns the error of a vault that failed before a token was sent to it.
    pub fn anonymous(error: VaultError) -> Error {
        let identity = Identity::from_claims(Claims::default(), Origin::Other);
        Self::denied(error, "no credential", identity)
    }

    fn denied(error: VaultError, credential: &'static str, identity: Identity) -> Error {
        let (places, suggestions) = (Vec::new(), SimilarNames::default());
        Error::Vault(Box::new(Denied { error, credential, identity, places, suggestions }))
    }
}

/// A malformed argument or setting: exit code 2, before any request is sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct UsageError(pub String);

impl UsageError {
    /// Names the setting, its value and what was expected. Leaves out a secret, and a value that may hold a password.
    pub fn new(source: impl fmt::Display, value: &str, reason: impl fmt::Display) -> Self {
        // A reason may repeat the value.
        let (source, reason) = (source.to_string(), redact::sanitize(&reason.to_string()));
        if !env::is_secret(&source) && !redact::may_hold_password(value) {
            return UsageError(format!("{source} '{}': {reason}", redact::sanitize(value)));
        }
        // A reason may begin with the part of the value that is wrong.
        let (it_is, reason) = match reason.strip_prefix('\'').and_then(|rest| rest.split_once("' is ")) {
            Some((_, rest)) => ("part of the value is ", rest),
            None => ("", reason.as_str()),
        };
        UsageError(format!("{source}: {it_is}{reason}"))
    }
}

/// The exit codes, as documented in `docs/troubleshooting.md`.
pub mod exit_code {
    pub const OK: u8 = 0;
    pub const OTHER: u8 = 1;
    pub const USAGE: u8 = 2;
    pub const UNAVAILABLE: u8 = 3;
    pub const UNAUTHENTICATED: u8 = 4;
    pub const FORBIDDEN: u8 = 5;
    pub const NOT_FOUND: u8 = 6;
    pub const NETWORK: u8 = 7;
    pub const THROTTLED: u8 = 8;
    /// The code of `list --fail`, which is a result and no error.
    pub const LISTED: u8 = 9;

    /// Each code with its meaning.
    pub const ALL: [(u8, &str); 10] = [
        (OK, "success"),
        (OTHER, "other error, for example a value that could not be written"),
        (USAGE, "usage or configuration error; no request was sent"),
        (UNAVAILABLE, "no credential in the chain is available"),
        (UNAUTHENTICATED, "authentication failed: a credential or its token was refused"),
        (FORBIDDEN, "forbidden: the identity lacks permission (403)"),
        (NOT_FOUND, "secret not found (404)"),
        (NETWORK, "vault, Entra ID or identity endpoint unreachable (DNS, TLS, proxy, timeout)"),
        (THROTTLED, "throttled (429) after all retries"),
        (LISTED, "azfob list --fail listed at least one secret"),
    ];

    /// The order in which the code of several failures is chosen.
    pub(super) const PRECEDENCE: [u8; 8] =
        [USAGE, UNAVAILABLE, UNAUTHENTICATED, NETWORK, THROTTLED, FORBIDDEN, NOT_FOUND, OTHER];
}

impl Error {
    /// Returns the exit code.
    pub fn exit_code(&self) -> u8 {
        use exit_code::*;
        match self {
            Error::Usage(_) => USAGE,
            Error::NoToken(none) => match none.outcome.stopped_by().and_then(|attempt| attempt.result.as_ref().err()) {
                None => UNAVAILABLE,
                Some(NoToken::Failed(
                    Failure::Network(_)
                    | Failure::IdentityEndpoint(_)
                    | Failure::MetadataService(_)
                    | Failure::StillWaiting(_)
                    | Failure::IdentityBinding(BindingFailure::Network(_), _),
                )) => NETWORK,
                Some(NoToken::Failed(Failure::Endpoint { status: status::TOO_MANY_REQUESTS, .. })) => THROTTLED,
                Some(_) => UNAUTHENTICATED,
            },
            Error::Vault(denied) => match denied.error.kind {
                VaultErrorKind::Unauthorized(_) | VaultErrorKind::ChallengeMismatch(_) => UNAUTHENTICATED,
                VaultErrorKind::Forbidden(_) => FORBIDDEN,
                VaultErrorKind::NotFound { .. } => NOT_FOUND,
                VaultErrorKind::Network(_) => NETWORK,
                VaultErrorKind::Throttled => THROTTLED,
                VaultErrorKind::Malformed(_) | VaultErrorKind::Other { .. } => OTHER,
            },
            Error::Several(several) => {
                let codes: Vec<_> = several.errors.iter().map(Error::exit_code).collect();
                PRECEDENCE.into_iter().find(|code| codes.contains(code)).unwrap_or(OTHER)
            }
            Error::NotStarted(never) => never.code,
            Error::Workload(error) => error.exit_code(),
            Error::Decode { .. }
            | Error::Certificate { .. }
            | Error::Document(_)
            | Error::Unrepresentable { .. }
            | Error::Write { .. }
            | Error::Machine(_) => OTHER,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exit_code_of_several_failures_follows_precedence() {
        let write = || Error::Machine(String::new());
        let usage = || Error::Usage(UsageError(String::new()));
        let code = |errors| Error::Several(Several { errors, ..Several::default() }).exit_code();
        assert_eq!(code(vec![write(), usage()]), exit_code::USAGE);
        assert_eq!(code(vec![write(), write()]), exit_code::OTHER);
    }

    #[test]
    fn usage_error_hides_secrets() {
        let message = |source, value| UsageError::new(source, value, "expected a reference").to_string();
        assert_eq!(message("DATABASE", "akvs://x"), "DATABASE 'akvs://x': expected a reference");
        assert_eq!(message(env::AZURE_CLIENT_SECRET, "akvs://x"), "AZURE_CLIENT_SECRET: expected a reference");
        assert_eq!(message("DATABASE", "https://me:hunter2@x"), "DATABASE: expected a reference");
    }

    #[test]
    fn usage_error_shortens_value_and_reason() {
        let long = "v".repeat(30_000);
        let message = UsageError::new("vault", &long, format!("'{long}' is not a vault's name")).to_string();
        assert!(message.len() < 2_200 && message.matches("(300").count() == 2, "{message}");
    }
}
