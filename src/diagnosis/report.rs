//! What `diagnose` found out, as data: three outputs render it.

use std::path::PathBuf;
use std::time::Duration;

use crate::credential::Credential;
use crate::credential::azure_cli::AzureCliCredential;
use crate::credential::managed_identity::ManagedIdentityCredential;
use crate::credential::workload_identity::WorkloadIdentityCredential;
use crate::entra::TenantId;
use crate::env::Source;
use crate::host::{Host, HostKind};
use crate::token::identity::Identity;
use crate::vault::url::VaultUrl;

use super::finding::Finding;
use super::table::{Row, Weight};

/// The one credential that fits a host: no stored secret, and nobody to sign in where there is nobody.
pub fn fitting_credential(kind: HostKind) -> &'static dyn Credential {
    match kind {
        HostKind::Kubernetes | HostKind::GithubActions | HostKind::AzurePipelines => &WorkloadIdentityCredential,
        kind if kind.has_developers() => &AzureCliCredential,
        _ => &ManagedIdentityCredential,
    }
}

/// The whole report.
pub struct Report {
    /// The host it was made on.
    pub host: Host,
    /// The settings that somebody set.
    pub settings: Vec<(&'static str, String, Source)>,
    /// All nine credentials, in the chain's order.
    pub chain: Vec<Line>,
    /// The vault, where one is named.
    pub vault: Option<VaultPart>,
    /// What it comes to: errors first, and the most likely cause before the others.
    pub findings: Vec<RatedFinding>,
    /// Other names that stand in it: of secrets, of the user's home folder, of the proxy.
    pub names: Vec<String>,
    /// The exit code that `get` would have.
    pub exit_code: u8,
}

/// One credential.
pub struct Line {
    /// Which one.
    pub credential: &'static dyn Credential,
    /// How it ended.
    pub outcome: Outcome,
    /// How long that took.
    pub took: Duration,
    /// Whom its token speaks for.
    pub identity: Option<Identity>,
    /// In words.
    pub message: String,
    /// The code of the row that its failure comes to.
    pub error: Option<&'static str>,
    /// The folders that its program was looked for in, where it was not found.
    pub searched: Vec<PathBuf>,
}

/// How a credential ended in the report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It has a token, and the chain would use it.
    Selected,
    /// It has a token that the chain would never get to.
    Shadowed,
    /// It is not set up here.
    Unavailable,
    /// It is set up and was refused.
    Failed,
    /// It was not asked.
    Skipped,
}

/// The vault and the way to it.
pub struct VaultPart {
    /// Where it is.
    pub url: VaultUrl,
    /// Its tenant, from its challenge.
    pub tenant: Option<TenantId>,
    /// The region that answered.
    pub region: Option<String>,
    /// The address that it sees us at.
    pub seen_as: Option<String>,
    /// Step by step.
    pub checks: Vec<Check>,
}

/// One step.
#[derive(Clone, Debug)]
pub struct Check {
    /// What was looked at: `name`, `tcp`, `tls`.
    pub name: &'static str,
    /// How it ended.
    pub verdict: Verdict,
    /// In words.
    pub message: String,
    /// How long it took.
    pub took: Duration,
}

/// How a step ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Well.
    Ok,
    /// Well, with something to know.
    Warn,
    /// Not well.
    Fail,
    /// It was not taken.
    Skipped,
}

/// A finding and how much it matters.
#[derive(Clone, Debug)]
pub struct RatedFinding {
    /// How much.
    pub severity: Severity,
    /// What.
    pub finding: Finding,
}

/// How much a finding matters; warnings and notes never change the exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// It is why fetching a secret fails.
    Error,
    /// It can be why something fails, here or elsewhere.
    Warning,
    /// Good practice, or something to know.
    Note,
}

impl Outcome {
    /// The word of the person's report.
    pub fn word(self) -> &'static str {
        match self {
            Outcome::Selected => "selected",
            Outcome::Shadowed => "shadowed",
            Outcome::Unavailable => "unavailable",
            Outcome::Failed => "failed",
            Outcome::Skipped => "skipped",
        }
    }

    /// The word of the JSON report, in which selected and shadowed have both succeeded.
    pub fn status(self) -> &'static str {
        match self {
            Outcome::Selected | Outcome::Shadowed => "succeeded",
            other => other.word(),
        }
    }
}

impl Verdict {
    /// The word of every report.
    pub fn word(self) -> &'static str {
        match self {
            Verdict::Ok => "ok",
            Verdict::Warn => "warn",
            Verdict::Fail => "FAIL",
            Verdict::Skipped => "-",
        }
    }

    /// The word of the JSON report.
    pub fn status(self) -> &'static str {
        match self {
            Verdict::Ok => "ok",
            Verdict::Warn => "warning",
            Verdict::Fail => "failed",
            Verdict::Skipped => "skipped",
        }
    }
}

impl Severity {
    /// How much a row matters where nothing else is known.
    pub fn from_row(row: &Row) -> Self {
        match row.weight {
            Weight::Note => Severity::Note,
            Weight::Warning => Severity::Warning,
            Weight::Refusal
            | Weight::HostSetup
            | Weight::HalfDone
            | Weight::Misleading
            | Weight::NobodySignedIn
            | Weight::ToolMissing
            | Weight::Vague => Severity::Error,
        }
    }

    /// The word of every report.
    pub fn word(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "note",
        }
    }
}

impl Check {
    /// A step that ended like this.
    pub fn new(name: &'static str, verdict: Verdict, message: impl Into<String>, took: Duration) -> Self {
        Check { name, verdict, message: message.into(), took }
    }
}
