//! What a report comes to: each cause that can be seen from this machine, the most likely first.

mod access;
mod advice;
mod chain;

use std::path::Path;

use crate::credential::Credential;
use crate::credential::chain::{Attempt, ChainOutcome, Selected};
use crate::credential::managed_identity::ManagedIdentityCredential;
use crate::env::Env;
use crate::error::Error;
use crate::settings::Settings;
use crate::time::timestamp::Timestamp;
use crate::vault::secret_bundle::Properties;
use crate::vault::url::VaultUrl;

use super::connectivity::Connectivity;
use super::context::Context;
use super::finding::Finding;
use super::report::{RatedFinding, Severity};
use super::table::Row;

pub use advice::stored_secret;

/// All that was seen, from which the findings are made.
pub struct Observations<'a> {
    /// The environment.
    pub env: &'a Env,
    /// The user's home folder.
    pub home: Option<&'a Path>,
    /// Where it was seen, with the vault and its tenant.
    pub context: &'a Context,
    /// What was set.
    pub settings: &'a Settings,
    /// Every credential that was asked.
    pub attempts: &'a [Attempt],
    /// The way that the chain takes through them.
    pub outcome: &'a ChainOutcome,
    /// Why the chain has no token, as `get` would say it.
    pub no_token: Option<&'a Error>,
    /// The vault, where one is named.
    pub vault: Option<&'a VaultUrl>,
    /// The way to it.
    pub connectivity: Option<&'a Connectivity>,
    /// Why the vault did not let us read, as `get` would say it.
    pub denied: Option<&'a Error>,
    /// Why the vault did not let us list, where reading was tested too.
    pub list_denied: Option<&'a Error>,
    /// A credential further down the chain that the vault lets in where the selected one is refused.
    pub admitted: Option<&'a Selected>,
    /// The secret that was read, without its value.
    pub read: Option<&'a Properties>,
    /// What is good to know of its value, by its content type and its tags.
    pub value_notes: Vec<String>,
    /// The time by which ages are told.
    pub now: Timestamp,
}

/// The findings that the observations come to, errors first.
pub fn assess(seen: &Observations<'_>) -> Vec<RatedFinding> {
    let mut findings = Findings(Vec::new());
    seen.connectivity(&mut findings);
    seen.chain(&mut findings);
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
    /// Adds a finding, unless its row is there already.
    fn add(&mut self, severity: Severity, finding: Finding) {
        if !self.0.iter().any(|g| g.finding.row == finding.row && g.finding.message == finding.message) {
            self.0.push(RatedFinding { severity, finding });
        }
    }

    /// Adds a row as it is filled in for a case, as severe as it is by itself.
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
