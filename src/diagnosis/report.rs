//! The report of `diagnose` as data. Table, Markdown and JSON output render it.

use std::path::PathBuf;
use std::time::Duration;

use crate::azure_resource_manager::kubernetes_clusters::IdentityBinding;
use crate::azure_resource_manager::user_assigned::FederatedCredential;
use crate::azure_resource_manager::workload::{AssignedIdentity, KeyVaultReference};
use crate::credential::Credential;
use crate::credential::azure_cli::AzureCliCredential;
use crate::credential::managed_identity::ManagedIdentityCredential;
use crate::credential::workload_identity::WorkloadIdentityCredential;
use crate::entra::TenantId;
use crate::env::Source;
use crate::host::{Host, HostKind};
use crate::token::Claims;
use crate::token::identity::Identity;
use crate::vault::url::VaultUrl;

use super::finding::Finding;
use super::table::{Row, Weight};

/// Returns the credential recommended for a host: no stored secret, and no interactive sign-in on a server.
pub fn fitting_credential(kind: HostKind) -> &'static dyn Credential {
    match kind {
        // Entra ID cannot trust this system's tokens.
        HostKind::Bitbucket => &ManagedIdentityCredential,
        kind if kind.is_runner() || kind == HostKind::Kubernetes => &WorkloadIdentityCredential,
        kind if kind.has_developers() => &AzureCliCredential,
        _ => &ManagedIdentityCredential,
    }
}

pub struct Report {
    pub host: Host,
    /// The settings that were set explicitly, each with its source.
    pub settings: Vec<(&'static str, String, Source)>,
    /// All nine credentials, in the chain's order.
    pub chain: Vec<CredentialReport>,
    pub vault: Option<VaultReport>,
    /// The workload that the report is about, if that is not this machine (`--for`). There is no chain then.
    pub workload: Option<WorkloadReport>,
    /// Errors first, and the most likely cause before the others.
    pub findings: Vec<RatedFinding>,
    /// Names that `--redact` shortens too: secrets, the home folder, the proxy.
    pub names: Vec<String>,
    /// The exit code that `get` would have.
    pub exit_code: u8,
}

/// A workload as Azure Resource Manager shows it.
pub struct WorkloadReport {
    /// Its resource ID. A pod has none.
    pub id: Option<String>,
    pub pod: Option<PodReport>,
    pub verdict: String,
    /// The identity that read it: a name, or else an object ID.
    pub read_by: String,
    pub identities: Vec<WorkloadIdentity>,
    pub references: Vec<KeyVaultReference>,
    /// The identity that resolves the references: `SystemAssigned` or a resource ID.
    pub reference_identity: Option<String>,
    /// What could not be read.
    pub not_read: Vec<String>,
}

/// What decides on the sign-in of a pod.
pub struct PodReport {
    pub service_account: String,
    /// The container with the variables.
    pub container: String,
    pub client_id: Option<String>,
    /// The claims of its token that a federated credential must match.
    pub token: Claims,
    pub credentials: Vec<FederatedCredential>,
    pub bindings: Vec<IdentityBinding>,
}

/// A managed identity of a workload.
pub struct WorkloadIdentity {
    pub identity: AssignedIdentity,
    /// True if the workload uses it.
    pub is_selected: bool,
}

pub struct CredentialReport {
    pub credential: &'static dyn Credential,
    pub outcome: CredentialOutcome,
    pub took: Duration,
    /// The identity in its token.
    pub identity: Option<Identity>,
    /// The claims of the federated token that its token was exchanged for.
    pub federation: Option<Claims>,
    pub message: String,
    /// The code of the row for its failure.
    pub error: Option<&'static str>,
    /// The folders searched for its program, if that was not found.
    pub searched: Vec<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CredentialOutcome {
    /// It has a token, and the chain uses it.
    Selected,
    /// It has a token, but an earlier credential takes precedence.
    Shadowed,
    /// It is not set up here.
    Unavailable,
    /// It is set up and was refused.
    Failed,
    /// It was not tried.
    Skipped,
}

/// The vault and the network path to it.
pub struct VaultReport {
    pub url: VaultUrl,
    /// The tenant named in the vault's challenge.
    pub tenant: Option<TenantId>,
    /// The region that answered.
    pub region: Option<String>,
    /// This machine's address, as the vault sees it.
    pub seen_as: Option<String>,
    pub checks: Vec<Check>,
}

/// One check of the vault or of the network path to it.
#[derive(Clone, Debug)]
pub struct Check {
    /// What was checked: `name`, `tcp`, `tls`.
    pub name: &'static str,
    pub status: CheckStatus,
    pub message: String,
    pub took: Duration,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CheckStatus {
    Ok,
    Warn,
    Fail,
}

#[derive(Clone, Debug)]
pub struct RatedFinding {
    pub severity: Severity,
    pub finding: Finding,
}

/// How much a finding matters. Warnings and notes never change the exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The reason why fetching a secret fails.
    Error,
    /// A possible reason for a failure, here or on another machine.
    Warning,
    /// A best practice or additional information.
    Note,
}

impl CredentialOutcome {
    /// Returns the word in table and Markdown output.
    pub fn word(self) -> &'static str {
        match self {
            CredentialOutcome::Selected => "selected",
            CredentialOutcome::Shadowed => "shadowed",
            CredentialOutcome::Unavailable => "unavailable",
            CredentialOutcome::Failed => "failed",
            CredentialOutcome::Skipped => "skipped",
        }
    }

    /// Returns the word in JSON output, where selected and shadowed have both succeeded.
    pub fn json_word(self) -> &'static str {
        match self {
            CredentialOutcome::Selected | CredentialOutcome::Shadowed => "succeeded",
            other => other.word(),
        }
    }
}

impl CheckStatus {
    /// Returns the word in table and Markdown output.
    pub fn word(self) -> &'static str {
        match self {
            CheckStatus::Ok => "ok",
            CheckStatus::Warn => "warn",
            CheckStatus::Fail => "FAIL",
        }
    }

    /// Returns the word in JSON output.
    pub fn json_word(self) -> &'static str {
        match self {
            CheckStatus::Ok => "ok",
            CheckStatus::Warn => "warning",
            CheckStatus::Fail => "failed",
        }
    }
}

impl Severity {
    /// Returns the severity of a row when nothing else is known.
    pub fn from_row(row: &Row) -> Self {
        match row.weight {
            Weight::Note => Severity::Note,
            Weight::Warning => Severity::Warning,
            _ => Severity::Error,
        }
    }

    pub fn word(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "note",
        }
    }
}

impl Check {
    pub fn new(name: &'static str, status: CheckStatus, message: impl Into<String>, took: Duration) -> Self {
        Check { name, status, message: message.into(), took }
    }
}
