//! Turns the observations of `diagnose` into findings, the most likely cause first.

mod access;
mod advice;
mod chain;

use crate::credential::Credential;
use crate::credential::chain::{Attempt, ChainOutcome, Selected};
use crate::credential::managed_identity::ManagedIdentityCredential;
use crate::env::Env;
use crate::error::Error;
use crate::settings::Settings;
use crate::time::timestamp::Timestamp;
use crate::vault::PermissionModel;
use crate::vault::secret_bundle::Properties;
use crate::vault::url::VaultUrl;

use super::connectivity::Connectivity;
use super::context::Context;
use super::finding::Finding;
use super::report::{RatedFinding, Severity};
use super::table::Row;

pub use advice::stored_secret;

/// What `diagnose` has observed.
pub struct Observations<'a> {
    pub env: &'a Env,
    /// The host, the vault and its tenant.
    pub context: &'a Context,
    pub settings: &'a Settings,
    /// Every credential that was tried.
    pub attempts: &'a [Attempt],
    /// The attempts that the chain makes in `get`.
    pub outcome: &'a ChainOutcome,
    /// The error of `get` if the chain has no token.
    pub no_token: Option<&'a Error>,
    pub vault: Option<&'a VaultUrl>,
    pub connectivity: Option<&'a Connectivity>,
    /// The error of `get` if the vault refuses access.
    pub denied: Option<&'a Error>,
    /// Why listing was refused, if reading was tested too.
    pub list_denied: Option<&'a Error>,
    /// A later credential that the vault accepts, while it refuses the selected one.
    pub admitted: Option<&'a Selected>,
    /// How the vault decides who may read it.
    pub model: PermissionModel,
    /// The properties of the secret that was read, without its value.
    pub read: Option<&'a Properties>,
    /// Notes on the secret's value, from its content type and tags.
    pub value_notes: Vec<String>,
    pub now: Timestamp,
}

/// Returns the findings, errors first.
pub fn assess(seen: &Observations<'_>) -> Vec<RatedFinding> {
    let mut findings = Findings(Vec::new());
    // Without a token, `get` does not get to the vault.
    seen.chain(&mut findings);
    seen.connectivity(&mut findings);
    seen.access(&mut findings);
    seen.clock(&mut findings);
    seen.shadowed_identities(&mut findings);
    seen.tools(&mut findings);
    seen.metadata(&mut findings);
    seen.client_id(&mut findings);
    seen.missing_identity(&mut findings);
    seen.best_practices(&mut findings);
    findings.0.sort_by_key(|rated| rated.severity);
    findings.0
}

struct Findings(Vec<RatedFinding>);

impl Findings {
    /// Adds a finding, unless there is one with the same row and message.
    fn add(&mut self, severity: Severity, finding: Finding) {
        if !self.0.iter().any(|g| g.finding.row == finding.row && g.finding.message == finding.message) {
            self.0.push(RatedFinding { severity, finding });
        }
    }

    /// Adds a row with its default severity.
    fn row(&mut self, row: &'static Row, message: impl Into<String>, context: &Context) {
        self.add(Severity::from_row(row), Finding::new(row, message, context));
    }
}

impl Observations<'_> {
    fn selected(&self) -> Option<Selected> {
        self.outcome.selected()
    }

    fn managed_identity_attempt(&self) -> Option<&Attempt> {
        self.attempts.iter().find(|a| a.credential.name() == ManagedIdentityCredential.name())
    }
}
