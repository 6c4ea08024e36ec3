//! Why the chain has no token: what says why before what says that.

use crate::credential::azure_cli::AzureCliCredential;
use crate::credential::{Credential, NoToken, Reason};

use super::super::explain;
use super::super::remedy;
use super::super::report::Severity;
use super::super::table::{self, Row};
use super::{Evidence, Finding, Findings};

impl Evidence<'_> {
    /// Each credential's own cause, the refusal that stopped the chain first, and last that there is none.
    pub(super) fn the_chain(&self, findings: &mut Findings) {
        let Some(error) = self.no_token else { return };
        let stopped = self.outcome.stopped_by().map(|attempt| attempt.credential.name());
        let mut causes: Vec<(bool, Finding)> = Vec::new();
        for attempt in &self.outcome.attempts {
            let finding = match &attempt.result {
                Err(NoToken::Failed(failure)) => Some(explain::failed(attempt, failure, &self.wish(), self.place)),
                Err(NoToken::Unavailable(reason)) => {
                    explain::unavailable(attempt, reason, &self.wish(), self.place).or_else(|| self.az_is_gone(reason))
                }
                Ok(_) => None,
            };
            let finding = finding.map(|finding| self.half_a_principal(finding));
            causes.extend(finding.map(|finding| (stopped == Some(attempt.credential.name()), finding)));
        }
        // The client id of a workload is no half of a service principal.
        let federated = [table::RUNNER_TOKEN, table::FEDERATION_INCOMPLETE];
        if causes.iter().any(|(_, finding)| federated.contains(&finding.row)) {
            let halves = [table::ENVIRONMENT_INCOMPLETE, table::CLIENT_ID_ALONE];
            causes.retain(|(_, finding)| !halves.contains(&finding.row));
        }
        // One tool to sign in to is enough.
        let mut sign_ins = 0;
        causes.retain(|(_, finding)| {
            sign_ins += usize::from(finding.row == table::NOT_SIGNED_IN);
            finding.row != table::NOT_SIGNED_IN || sign_ins == 1
        });
        if !self.place.host.kind.has_developers() {
            // Nobody signs in with a tool here, unless somebody has: what is merely missing is no cause.
            causes.retain(|(_, finding)| !MISSING_TOOLS.contains(&finding.row));
        }
        if stopped.is_none() {
            // What `get` says of the whole, where none of them has said it already.
            let whole = explain::explain(error, self.place).into_iter().filter(|finding| finding.under.is_none());
            for mut finding in whole {
                finding.details.clear(); // the chain is shown above
                if !causes.iter().any(|(_, cause)| cause.row == finding.row) {
                    causes.push((false, finding));
                }
            }
            if !causes.iter().any(|(_, cause)| self.names_an_absence(cause.row)) {
                let what = format!("none of the {} credentials is available", self.outcome.attempts.len());
                causes.push((false, Finding::of(table::CREDENTIAL_UNAVAILABLE, what, Vec::new(), Vec::new())));
            }
        }
        causes.sort_by_key(|(stopping, finding)| (!stopping, rank(finding.row)));
        if causes.len() > 1 {
            // The first cause says what to do; a second, lesser sign-in beside it would not help.
            let last = causes.iter_mut().filter(|(_, finding)| finding.row == table::CREDENTIAL_UNAVAILABLE);
            last.for_each(|(_, finding)| finding.commands.clear());
        }
        for (_, mut finding) in causes {
            self.add_patience(&mut finding);
            findings.add(Severity::Error, finding);
        }
    }

    /// Whether a row says by itself that nobody is available.
    fn names_an_absence(&self, row: &Row) -> bool {
        [
            table::CREDENTIAL_UNAVAILABLE,
            table::MANAGED_IDENTITY_UNAVAILABLE,
            table::SEVERAL_IDENTITIES,
            table::IDENTITY_NOT_NAMED,
            table::METADATA_TIMED_OUT,
        ]
        .contains(&row)
    }

    /// A login of az in the home folder, where there is no az to use it.
    fn az_is_gone(&self, reason: &Reason) -> Option<Finding> {
        let Reason::ProgramMissing { program: "az", .. } = reason else { return None };
        let profile = self.home?.join(".azure/azureProfile.json");
        profile.is_file().then(|| {
            let what = format!("{}: {} is there", AzureCliCredential.name(), profile.display());
            Finding::of(table::AZ_LOGIN_WITHOUT_AZ, what, Vec::new(), remedy::get_az())
        })
    }

    /// With a tenant beside it, a client id is half a service principal: its secret was not handed to this process.
    fn half_a_principal(&self, finding: Finding) -> Finding {
        if finding.row != table::CLIENT_ID_ALONE || !self.env.has("AZURE_TENANT_ID") {
            return finding;
        }
        let commands = remedy::general(table::ENVIRONMENT_INCOMPLETE.code, self.vault, self.place);
        Finding { row: table::ENVIRONMENT_INCOMPLETE, commands, ..finding }
    }

    /// How the metadata service was looked for: patiently or with a short probe.
    fn add_patience(&self, finding: &mut Finding) {
        if finding.row == table::METADATA_TIMED_OUT {
            finding.details.push(if self.outcome.members == 1 {
                "it was waited for, because it was asked for by name".to_owned()
            } else {
                "it was waited for, because this machine says that it is one of Azure's".to_owned()
            });
        }
    }
}

/// What a developer's machine may lack and another host need not have.
const MISSING_TOOLS: [&Row; 3] = [table::TOOL_NOT_ON_PATH, table::NEEDS_BROKER, table::POWERSHELL_MODULE];

/// The order of causes for a chain that found nobody: what a person did or left undone before what is merely missing.
fn rank(row: &Row) -> usize {
    const ORDER: [&Row; 17] = [
        table::RUNNER_TOKEN,
        table::SEVERAL_IDENTITIES,
        table::IDENTITY_NOT_NAMED,
        table::METADATA_TIMED_OUT,
        table::MANAGED_IDENTITY_UNAVAILABLE,
        table::FEDERATION_INCOMPLETE,
        table::ENVIRONMENT_INCOMPLETE,
        table::TOOL_TIMED_OUT,
        table::CLIENT_ID_ALONE,
        table::METADATA_IMPOSTOR,
        table::NOT_SIGNED_IN,
        table::TOOL_NOT_ON_PATH,
        table::AZ_LOGIN_WITHOUT_AZ,
        table::NEEDS_BROKER,
        table::POWERSHELL_MODULE,
        table::CREDENTIAL_UNAVAILABLE,
        table::METADATA_SLOW,
    ];
    // What Entra ID refused comes before all of these.
    ORDER.iter().position(|known| *known == row).map_or(0, |at| at + 1)
}
