//! Why the chain has no token: what says why before what says that.

use crate::credential::azure_cli::AzureCliCredential;
use crate::credential::{Credential, NoToken, Reason};
use crate::error::Error;

use super::super::explain;
use super::super::report::Severity;
use super::super::table::{Weight, federation, identity, sign_in};
use super::{Finding, Findings, Observations};

impl Observations<'_> {
    /// Each credential's own cause, the refusal that stopped the chain first, and last that there is none.
    pub(super) fn chain(&self, findings: &mut Findings) {
        let Some(Error::NoToken(none)) = self.no_token else { return };
        let stopped = self.outcome.stopped_by().map(|attempt| attempt.credential.name());
        let mut causes: Vec<(bool, Finding)> = Vec::new();
        for attempt in &self.outcome.attempts {
            let finding = match &attempt.result {
                Err(NoToken::Failed(failure)) => Some(explain::failed(attempt, failure, self.context)),
                Err(NoToken::Unavailable(reason)) => {
                    explain::unavailable(attempt, reason, self.context).or_else(|| self.login_without_az(reason))
                }
                Ok(_) => None,
            };
            causes.extend(finding.map(|finding| (stopped == Some(attempt.credential.name()), finding)));
        }
        // The client id of a workload is no half of a service principal.
        let federated = [federation::JOB_INCOMPLETE, federation::RUNNER_TOKEN, federation::FEDERATION_INCOMPLETE];
        if causes.iter().any(|(_, finding)| federated.contains(&finding.row)) {
            let halves = [sign_in::ENVIRONMENT_INCOMPLETE, sign_in::CLIENT_ID_ALONE];
            causes.retain(|(_, finding)| !halves.contains(&finding.row));
        }
        // One tool to sign in to is enough.
        let mut sign_ins = 0;
        causes.retain(|(_, finding)| {
            let is_sign_in = finding.row.weight == Weight::NotSignedIn;
            sign_ins += usize::from(is_sign_in);
            !is_sign_in || sign_ins == 1
        });
        if !self.context.host.kind.has_developers() {
            // Nobody signs in with a tool here, unless somebody has: what is merely missing is no cause.
            causes.retain(|(_, finding)| {
                finding.row.weight != Weight::ToolMissing || finding.row == sign_in::AZ_LOGIN_WITHOUT_AZ
            });
        }
        if stopped.is_none() {
            // What `get` says of the whole, where none of them has said it already.
            let whole = Some(explain::no_token(none, self.context)).filter(|finding| finding.reported_as.is_none());
            if let Some(finding) = whole {
                // That nobody is available is no cause beside one that says why.
                let says_why = finding.row.weight != Weight::Vague || causes.is_empty();
                if says_why && !causes.iter().any(|(_, cause)| cause.row == finding.row) {
                    causes.push((false, finding));
                }
            }
        }
        causes.sort_by_key(|(stopping, finding)| (!stopping, finding.row.weight));
        for (_, mut finding) in causes {
            self.add_imds_wait(&mut finding);
            findings.add(Severity::Error, finding);
        }
    }

    /// A login of az in the home folder, where there is no az to use it.
    fn login_without_az(&self, reason: &Reason) -> Option<Finding> {
        let Reason::ProgramMissing { program: "az", .. } = reason else { return None };
        let profile = self.home?.join(".azure/azureProfile.json");
        profile.is_file().then(|| {
            let message = format!("{}: {} is there", AzureCliCredential.name(), profile.display());
            Finding::new(sign_in::AZ_LOGIN_WITHOUT_AZ, message, self.context)
        })
    }

    /// How the metadata service was looked for: patiently or with a short probe.
    fn add_imds_wait(&self, finding: &mut Finding) {
        if finding.row == identity::METADATA_TIMED_OUT {
            finding.details.push(if self.outcome.members == 1 {
                "it was waited for, because it was asked for by name".to_owned()
            } else {
                "it was waited for, because this machine says that it is one of Azure's".to_owned()
            });
        }
    }
}
