//! What to know beside the failure: clocks, shadows, slow tools, and good practice that the host departs from.

use std::time::Duration;

use crate::credential::azure_cli::AzureCliCredential;
use crate::credential::chain::Selected;
use crate::credential::managed_identity::ManagedIdentityCredential;
use crate::credential::{Credential, Failure, Group, NoToken, ProgramFailure, Reason};
use crate::error::Error;
use crate::host::HostKind;
use crate::http::error::{NetworkError, NetworkErrorKind, seconds};
use crate::token::identity::{Identity, IdentityType};
use crate::vault::error::VaultErrorKind;

use super::super::explain;
use super::super::report::{Graded, Severity};
use super::super::vault_checks::clock_words;
use super::super::{practice, remedy, table};
use super::{Evidence, Finding, Findings};

/// SDKs wait ten seconds for a tool by default.
const SDK_PATIENCE: Duration = Duration::from_secs(10);
/// Longer than a metadata service takes that is there.
const SLOW_PROBE: Duration = Duration::from_millis(250);

impl Evidence<'_> {
    pub(super) fn clock(&self, findings: &mut Findings) {
        if let Some(ahead) = self.way.and_then(|way| way.clock_ahead) {
            let expired = matches!(self.denied, Some(Error::Vault(d)) if matches!(&d.error.kind, VaultErrorKind::Unauthorized(_)));
            let severity = if expired || self.no_token.is_some() { Severity::Error } else { Severity::Warning };
            let what = format!("this machine's clock is {} the vault's", clock_words(ahead));
            let finding = Finding::of(
                table::CLOCK_SKEW,
                what,
                Vec::new(),
                remedy::general(table::CLOCK_SKEW.code, None, self.place),
            );
            if severity == Severity::Error {
                // A clock that is off explains a token that is refused.
                findings.0.insert(0, Graded { severity, finding });
            } else {
                findings.add(severity, finding);
            }
        }
    }

    /// Later credentials that would have worked too, as somebody else. One whom the vault lets in where the selected
    /// one is refused is the cause itself.
    pub(super) fn shadows(&self, findings: &mut Findings) {
        let Some(selected) = self.selected() else { return };
        let mine = selected.identity();
        let admitted = self.admitted.map(|other| other.credential.name());
        for attempt in self.attempts.iter().filter(|a| a.credential.name() != selected.credential.name()) {
            let Ok(token) = &attempt.result else { continue };
            let other = Selected { credential: attempt.credential, token: token.clone() };
            if other.identity().object_id() == mine.object_id() {
                continue;
            }
            let (first, later) = (selected.credential.name(), attempt.credential.name());
            let what = format!("{first} is {}, and {later} is {}", who(&mine), who(&other.identity()));
            let command = self.place.shell.set("AZURE_TOKEN_CREDENTIALS", later);
            let mut finding = Finding::of(table::IDENTITY_SHADOWED, what, Vec::new(), vec![command]);
            finding.details.push(format!("the command makes {later} the one that is asked"));
            if admitted == Some(later) {
                finding.details.insert(0, format!("the vault refuses {first} and lets {later} in"));
                findings.0.insert(0, Graded { severity: Severity::Error, finding });
            } else {
                findings.add(Severity::Warning, finding);
            }
        }
    }

    /// Developers' tools that failed though the chain found somebody, and tools that are slow.
    pub(super) fn tools(&self, findings: &mut Findings) {
        for attempt in self.attempts {
            let tool = attempt.credential.group() == Group::Developer;
            if let (Err(NoToken::Failed(failure)), true, None) = (&attempt.result, tool, self.no_token) {
                findings.add(Severity::Warning, explain::failed(attempt, failure, &self.wish(), self.place));
            }
            let timed_out = matches!(
                &attempt.result,
                Err(NoToken::Failed(Failure::Program { ending: ProgramFailure::TimedOut(_), .. }))
            );
            if tool && attempt.took > SDK_PATIENCE && !timed_out {
                let what = format!("{} took {}", attempt.credential.name(), seconds(attempt.took));
                let is_az = attempt.credential.name() == AzureCliCredential.name();
                let commands = if is_az { remedy::speed_up_az() } else { Vec::new() };
                findings.row(Severity::Warning, table::TOOL_SLOW, what, commands);
            }
        }
    }

    /// The metadata service: looked for in vain, or hidden behind a proxy.
    pub(super) fn metadata(&self, findings: &mut Findings) {
        let Some(attempt) = self.managed() else { return };
        let timed_out = matches!(
            &attempt.result,
            Err(NoToken::Unavailable(Reason::NoMetadataService(NetworkError {
                kind: NetworkErrorKind::TimedOut(..) | NetworkErrorKind::Connect(_),
                ..
            })))
        );
        if timed_out && attempt.took > SLOW_PROBE && self.place.host.kind != HostKind::VirtualMachine {
            let what = format!("looking for a managed identity took {}", seconds(attempt.took));
            let commands = remedy::general("metadata-slow", None, self.place);
            findings.row(Severity::Note, table::METADATA_SLOW, what, commands);
        }
        if let (Some(finding), None) = (
            match &attempt.result {
                Err(NoToken::Unavailable(reason @ Reason::NotMetadataService { .. })) => {
                    explain::unavailable(attempt, reason, &self.wish(), self.place)
                }
                _ => None,
            },
            self.no_token,
        ) {
            findings.add(Severity::Warning, finding);
        }
        if practice::metadata_is_proxied(self.env) {
            let commands = remedy::general("metadata-proxied", None, self.place);
            findings.row(Severity::Note, table::METADATA_PROXIED, "", commands);
        }
    }

    /// `AZURE_CLIENT_ID`'s two meanings, where they bite.
    pub(super) fn client_id(&self, findings: &mut Findings) {
        let alone =
            self.attempts.iter().any(|a| matches!(&a.result, Err(NoToken::Unavailable(Reason::ClientIdNamesIdentity))));
        // Where nobody is available it is told among the causes.
        if !alone || self.no_token.is_some() {
            return;
        }
        let by_managed = self.selected().is_some_and(|s| s.credential.name() == ManagedIdentityCredential.name());
        let severity = if by_managed { Severity::Note } else { Severity::Warning };
        let commands = if by_managed { Vec::new() } else { vec![self.place.shell.unset("AZURE_CLIENT_ID")] };
        findings.row(severity, table::CLIENT_ID_ALONE, "", commands);
    }

    /// Good practice that the host departs from.
    pub(super) fn habits(&self, findings: &mut Findings) {
        let Some(selected) = self.selected() else { return };
        if let Some(what) = practice::stored_secret(&selected, self.env) {
            findings.row(
                Severity::Note,
                table::STORED_SECRET,
                what,
                vec![self.place.shell.unset("AZURE_CLIENT_SECRET")],
            );
        }
        let identity = selected.identity();
        if identity.kind == IdentityType::UserAssigned && self.settings.identity.is_none() {
            let command = identity.client_id().map(|id| self.place.shell.set("AZURE_CLIENT_ID", id));
            findings.row(Severity::Note, table::IDENTITY_UNNAMED, "", command.into_iter().collect());
        }
    }
}

fn who(identity: &Identity) -> &str {
    identity.label().or(identity.object_id()).unwrap_or("an unnamed identity")
}
