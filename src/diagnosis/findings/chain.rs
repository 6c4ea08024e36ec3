//! Findings about a chain without a token, the most specific cause first.

use std::path::PathBuf;

use crate::credential::azure_cli::AzureCliCredential;
use crate::credential::chain::Selected;
use crate::credential::environment::{EnvironmentCredential, stored_secret_variable};
use crate::credential::{Credential, Failure, Group, NoToken, Reason};
use crate::diagnosis::context::Context;
use crate::env;
use crate::error::Error;

use super::super::explain;
use super::super::report::Severity;
use super::super::table::{Weight, advice, ci, federation, identity, sign_in};
use super::{Finding, Findings, Observations};

impl Observations<'_> {
    /// Adds each credential's cause: first the failure that stopped the chain, last that no credential is set up.
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
        // AZURE_CLIENT_ID belongs to the workload identity then, and not to an incomplete service principal.
        let federated = [&ci::NOT_SET_UP[..], &[federation::RUNNER_TOKEN, federation::FEDERATION_INCOMPLETE]].concat();
        if causes.iter().any(|(_, finding)| federated.contains(&finding.row)) {
            let halves = [sign_in::ENVIRONMENT_INCOMPLETE, sign_in::CLIENT_ID_ONLY];
            causes.retain(|(_, finding)| !halves.contains(&finding.row));
        }
        // Signing in with one tool is enough.
        let mut sign_ins = 0;
        causes.retain(|(_, finding)| {
            let is_sign_in = finding.row.weight == Weight::NotSignedIn;
            sign_ins += usize::from(is_sign_in);
            !is_sign_in || sign_ins == 1
        });
        if self.context.host.kind.is_runner() {
            causes.retain(|(_, finding)| finding.row.weight != Weight::NotSignedIn);
        }
        if !self.context.host.kind.has_developers() {
            // A missing developer tool is no cause on a server, unless there is a login for it.
            causes.retain(|(_, finding)| {
                finding.row.weight != Weight::ToolMissing || finding.row == sign_in::AZ_LOGIN_WITHOUT_AZ
            });
        }
        if stopped.is_none() {
            // The error of `get` for the whole chain, unless a credential's finding covers it.
            let whole = explain::no_token(none, self.context);
            let is_specific = whole.row.weight != Weight::Vague || causes.is_empty();
            let is_new = whole.reported_as.is_none() && !causes.iter().any(|(_, cause)| cause.row == whole.row);
            if is_specific && is_new {
                causes.push((false, whole));
            }
        }
        causes.sort_by_key(|(stopping, finding)| (!stopping, finding.row.weight));
        if let Some(finding) = self.refused_secret() {
            findings.add(Severity::Error, finding);
        }
        for (_, mut finding) in causes {
            self.add_imds_wait(&mut finding);
            findings.add(Severity::Error, finding);
        }
    }

    /// Explains a stored secret that was refused, although a credential without one works here.
    fn refused_secret(&self) -> Option<Finding> {
        let stopped = self.outcome.stopped_by().filter(|a| a.credential.name() == EnvironmentCredential.name())?;
        let Err(NoToken::Failed(Failure::Refused(_) | Failure::File { .. })) = &stopped.result else { return None };
        let variable = stored_secret_variable(self.env)?;
        let works = self.attempts.iter().find(|a| a.credential.group() == Group::Production && a.result.is_ok())?;
        let identity = Selected { credential: works.credential, token: works.result.clone().ok()? }.identity();
        let name = identity.label().or(identity.object_id()).map(|name| format!(" ({name})")).unwrap_or_default();
        let message = format!("EnvironmentCredential used {variable}; {}{name} works here", works.credential.name());
        let context = Context { stored_secret: Some(variable), ..self.context.clone() };
        Some(Finding::new(advice::STORED_SECRET_REFUSED, message, &context))
    }

    /// Explains an az login in the home folder without az to use it.
    fn login_without_az(&self, reason: &Reason) -> Option<Finding> {
        let Reason::ProgramMissing { program: "az", .. } = reason else { return None };
        let folder = self.env.get_os(env::AZURE_CONFIG_DIR).map(PathBuf::from);
        let profile = folder.or_else(|| Some(self.home?.join(".azure")))?.join("azureProfile.json");
        profile.is_file().then(|| {
            let message = format!("{}: {} exists", AzureCliCredential.name(), profile.display());
            Finding::new(sign_in::AZ_LOGIN_WITHOUT_AZ, message, self.context)
        })
    }

    /// Adds why azfob waited for the metadata service (IMDS).
    fn add_imds_wait(&self, finding: &mut Finding) {
        if finding.row == identity::METADATA_TIMED_OUT {
            finding.details.push(if self.outcome.members == 1 {
                "azfob waited for IMDS because ManagedIdentityCredential was selected by name".to_owned()
            } else {
                "azfob waited for IMDS because this machine identifies itself as an Azure VM".to_owned()
            });
        }
    }
}
