//! What a report comes to: each cause that can be seen from this machine, the most likely first.

use std::time::Duration;

use crate::credential::chain::{Attempt, Selected, Walk};
use crate::credential::managed_identity::ManagedIdentityCredential;
use crate::credential::{Credential, Failure, Group, NoToken, Reason};
use crate::entra::TenantId;
use crate::env::Env;
use crate::error::Error;
use crate::host::HostKind;
use crate::http::error::{NetworkError, NetworkErrorKind, seconds};
use crate::identity::IdentityType;
use crate::settings::Settings;
use crate::timestamp::Timestamp;
use crate::vault::error::{ForbiddenCause, VaultErrorKind};
use crate::vault::secret_bundle::Properties;
use crate::vault::url::VaultUrl;

use super::explain::{self, Finding, Place, Wish};
use super::practice;
use super::remedy;
use super::report::{Graded, Severity};
use super::table::{self, Row};
use super::vault_checks::{Resolver, Way, clock_words};

/// All that was seen.
pub struct Evidence<'a> {
    /// The environment.
    pub env: &'a Env,
    /// Where it was seen.
    pub place: &'a Place,
    /// What was set.
    pub settings: &'a Settings,
    /// Every credential that was asked.
    pub attempts: &'a [Attempt],
    /// The way that the chain takes through them.
    pub walk: &'a Walk,
    /// Why the chain has no token, as `get` would say it.
    pub no_token: Option<&'a Error>,
    /// The vault, where one is named.
    pub vault: Option<&'a VaultUrl>,
    /// The way to it.
    pub way: Option<&'a Way>,
    /// Why the vault did not let us read, as `get` would say it.
    pub denied: Option<&'a Error>,
    /// Why the vault did not let us list, where reading was tested too.
    pub list_denied: Option<&'a Error>,
    /// Names near the one that was not found, and whether it was deleted.
    pub not_found: Option<&'a NotFound>,
    /// The secret that was read, without its value.
    pub read: Option<&'a Properties>,
    /// The time by which ages are told.
    pub now: Timestamp,
}

/// What there is in the place of a secret that was not found.
#[derive(Clone, Debug, Default)]
pub struct NotFound {
    /// Names near it.
    pub near: Vec<String>,
    /// Whether it lies among the deleted ones.
    pub deleted: bool,
}

/// SDKs wait ten seconds for a tool by default.
const SDK_PATIENCE: Duration = Duration::from_secs(10);
/// Longer than a metadata service takes that is there.
const SLOW_PROBE: Duration = Duration::from_millis(250);
/// A token older than this can carry groups that have changed.
const OLD_TOKEN_SECS: i64 = 600;

/// Weighs the evidence.
pub fn weigh(seen: &Evidence<'_>) -> Vec<Graded> {
    let mut findings = Findings(Vec::new());
    seen.the_way(&mut findings);
    seen.the_chain(&mut findings);
    seen.access(&mut findings);
    seen.clock(&mut findings);
    seen.shadows(&mut findings);
    seen.tools(&mut findings);
    seen.metadata(&mut findings);
    seen.client_id(&mut findings);
    seen.habits(&mut findings);
    findings.0.sort_by_key(|graded| graded.severity);
    findings.0
}

struct Findings(Vec<Graded>);

impl Findings {
    /// Adds a finding, unless its row is there already.
    fn add(&mut self, severity: Severity, finding: Finding) {
        if !self.0.iter().any(|g| g.finding.row == finding.row && g.finding.what == finding.what) {
            self.0.push(Graded { severity, finding });
        }
    }

    fn row(&mut self, severity: Severity, row: &'static Row, what: impl Into<String>, commands: Vec<String>) {
        self.add(severity, Finding::of(row, what.into(), Vec::new(), commands));
    }
}

impl Evidence<'_> {
    fn selected(&self) -> Option<Selected> {
        self.walk.selected()
    }

    fn managed(&self) -> Option<&Attempt> {
        self.attempts.iter().find(|a| a.credential.name() == ManagedIdentityCredential.name())
    }

    fn wish(&self) -> Wish<'_> {
        Wish { vault: self.vault, vault_tenant: self.vault_tenant() }
    }

    fn vault_tenant(&self) -> Option<&TenantId> {
        self.way?.greeting.as_ref()?.challenge.as_ref()?.tenant.as_ref()
    }

    /// Why the vault cannot be reached.
    fn the_way(&self, findings: &mut Findings) {
        let Some(way) = self.way else { return };
        let Some(error) = &way.error else { return };
        let mut finding = explain::network(error, self.vault);
        if error.kind == NetworkErrorKind::Name && way.resolver == Resolver::Dead {
            finding = Finding::of(
                table::RESOLVER_DEAD,
                error.to_string(),
                Vec::new(),
                vec!["cat /etc/resolv.conf".to_owned()],
            );
        }
        findings.add(Severity::Error, finding);
    }

    /// Why the chain has no token: what says why before what says that.
    fn the_chain(&self, findings: &mut Findings) {
        let Some(error) = self.no_token else { return };
        let telling = Findings(Vec::new());
        let mut telling = telling;
        for attempt in &self.walk.attempts {
            match &attempt.result {
                Err(NoToken::Failed(failure)) => {
                    telling.add(Severity::Error, explain::failed(attempt, failure, &self.wish(), self.place));
                }
                Err(NoToken::Unavailable(reason)) => {
                    if let Some(finding) = self.reason(attempt, reason) {
                        telling.add(Severity::Error, finding);
                    }
                }
                Ok(_) => {}
            }
        }
        // A refusal outweighs whatever is merely not there.
        let failed = |g: &Graded| self.walk.stopped_by().is_some_and(|a| g.finding.what.contains(a.credential.name()));
        telling.0.sort_by_key(|graded| (!failed(graded), rank(graded.finding.row)));
        telling.0.into_iter().for_each(|graded| findings.add(graded.severity, graded.finding));
        if self.walk.stopped_by().is_none() {
            for mut finding in explain::explain(error, self.place) {
                if finding.row.code.starts_with("AADSTS") || finding.under.is_some() {
                    finding =
                        Finding::of(table::CREDENTIAL_UNAVAILABLE, String::new(), Vec::new(), vec!["az login".into()]);
                }
                finding.details.clear(); // the chain is shown above
                if !findings.0.iter().any(|graded| graded.finding.row == finding.row) {
                    findings.add(Severity::Error, finding);
                }
            }
        }
    }

    /// A reason that names a cause of its own.
    fn reason(&self, attempt: &Attempt, reason: &Reason) -> Option<Finding> {
        let name = attempt.credential.name();
        let what = format!("{name}: {reason}");
        let tenant = self.vault_tenant().map(TenantId::as_str);
        let cloud = self.vault.and_then(VaultUrl::cloud);
        let general = |row: &'static Row| {
            Finding::of(row, what.clone(), Vec::new(), remedy::general(row.code, self.vault, self.place))
        };
        Some(match reason {
            Reason::NotMetadataService { .. } => general(table::METADATA_IMPOSTOR),
            Reason::SeveralIdentities { .. } => general(table::SEVERAL_IDENTITIES),
            Reason::NoIdentity { .. } | Reason::EndpointSilent { .. } => general(table::MANAGED_IDENTITY_UNAVAILABLE),
            Reason::NotSignedIn { program, sign_in } => {
                let command = remedy::sign_in_with(program, sign_in, tenant, cloud);
                Finding::of(table::NOT_SIGNED_IN, what, Vec::new(), vec![command])
            }
            Reason::ProgramMissing { elsewhere, .. } if !elsewhere.is_empty() => {
                let folder = elsewhere.first().and_then(|place| place.parent()).map(|f| f.display().to_string());
                let command = folder.map(|folder| format!("export PATH=\"$PATH:{folder}\""));
                Finding::of(table::TOOL_NOT_ON_PATH, what, Vec::new(), command.into_iter().collect())
            }
            Reason::OnlyBroker { .. } => {
                Finding::of(table::NEEDS_BROKER, what, Vec::new(), remedy::sign_in(tenant, cloud))
            }
            Reason::ModuleMissing { .. } => general(table::POWERSHELL_MODULE),
            Reason::JobMayNotAsk { .. } => general(table::RUNNER_TOKEN),
            Reason::VariablesMissing { set, .. } if !set.is_empty() => {
                let federated = set.contains(&"AZURE_FEDERATED_TOKEN_FILE");
                general(if federated { table::FEDERATION_INCOMPLETE } else { table::ENVIRONMENT_INCOMPLETE })
            }
            _ => return None,
        })
    }

    /// Why the vault does not let us in.
    fn access(&self, findings: &mut Findings) {
        if let Some(error) = self.denied {
            for mut finding in explain::explain(error, self.place) {
                self.add_near_names(&mut finding);
                findings.add(Severity::Error, finding);
            }
            self.around_a_refusal(error, findings);
        }
        if let Some(error) = self.list_denied {
            findings.row(Severity::Note, table::LIST_DENIED, error.to_string(), Vec::new());
        }
        if let Some((properties, expired)) = self.read.and_then(|read| Some((read, read.expired(self.now)?))) {
            let what = format!("'{}' expired on {}", properties.name(), expired.date());
            findings.row(Severity::Warning, table::SECRET_PAST_ITS_DATE, what, Vec::new());
        }
    }

    fn add_near_names(&self, finding: &mut Finding) {
        let (Some(not_found), true) = (self.not_found, finding.row == table::SECRET_NOT_FOUND) else { return };
        if not_found.deleted {
            finding.aside = Some("it was deleted, and can be recovered".to_owned());
            let name = match self.denied {
                Some(Error::Vault(denied)) => denied.error.operation.secret(),
                _ => None,
            };
            if let (Some(vault), Some(name)) = (self.vault, name) {
                finding.commands = remedy::find_secret(vault, true, name);
            }
        }
        if !not_found.near.is_empty() {
            finding.details.push(format!("names near it: {}", not_found.near.join(", ")));
        }
    }

    /// What to know beside a 403 from RBAC or from an access policy.
    fn around_a_refusal(&self, error: &Error, findings: &mut Findings) {
        let Error::Vault(denied) = error else { return };
        let VaultErrorKind::Forbidden(forbidden) = &denied.error.kind else { return };
        let issued = denied.identity.claims.iat.map(Timestamp);
        let managed = !matches!(denied.identity.kind, IdentityType::User | IdentityType::ServicePrincipal);
        match forbidden.cause {
            ForbiddenCause::Rbac => {
                findings.row(Severity::Note, table::ROLE_PROPAGATION, "", Vec::new());
                findings.row(Severity::Note, table::MANAGEMENT_ROLE, "", Vec::new());
            }
            ForbiddenCause::AccessPolicy => {
                findings.row(
                    Severity::Note,
                    table::ACCESS_POLICY_VAULT,
                    "",
                    practice::move_to_rbac(&denied.error.vault),
                );
            }
            _ => return,
        }
        if let Some(issued) = issued.filter(|i| managed && self.now.seconds_since(*i) > OLD_TOKEN_SECS) {
            let what = format!("this token was issued {}", issued.rfc3339());
            findings.row(Severity::Note, table::TOKEN_AGE, what, Vec::new());
        }
    }

    fn clock(&self, findings: &mut Findings) {
        if let Some(ahead) = self.way.and_then(|way| way.clock_ahead) {
            let expired = matches!(self.denied, Some(Error::Vault(d)) if matches!(&d.error.kind, VaultErrorKind::Unauthorized(_)));
            let severity = if expired || self.no_token.is_some() { Severity::Error } else { Severity::Warning };
            let what = format!("it is {} against the vault's", clock_words(ahead));
            let finding =
                Finding::of(table::CLOCK_SKEW, what, Vec::new(), remedy::general("clock-skew", None, self.place));
            if severity == Severity::Error {
                // A clock that is off explains a token that is refused.
                findings.0.insert(0, Graded { severity, finding });
            } else {
                findings.add(severity, finding);
            }
        }
    }

    /// Later credentials that would have worked too, as somebody else.
    fn shadows(&self, findings: &mut Findings) {
        let Some(selected) = self.selected() else { return };
        let mine = selected.identity();
        for attempt in self.attempts.iter().filter(|a| a.credential.name() != selected.credential.name()) {
            let Ok(token) = &attempt.result else { continue };
            let other = Selected { credential: attempt.credential, token: token.clone() }.identity();
            if other.object_id() == mine.object_id() {
                continue;
            }
            let who = |identity: &crate::identity::Identity| {
                identity.label().or(identity.object_id()).unwrap_or("an unnamed identity").to_owned()
            };
            let what = format!(
                "{} is {}, and {} is {}",
                selected.credential.name(),
                who(&mine),
                attempt.credential.name(),
                who(&other)
            );
            let command = format!("export AZURE_TOKEN_CREDENTIALS={}", attempt.credential.name());
            let mut finding = Finding::of(table::IDENTITY_SHADOWED, what, Vec::new(), vec![command]);
            finding.details.push(format!("the command makes {} the one that is asked", attempt.credential.name()));
            findings.add(Severity::Warning, finding);
        }
    }

    /// Developers' tools that failed though the chain found somebody, and tools that are slow.
    fn tools(&self, findings: &mut Findings) {
        for attempt in self.attempts {
            let tool = attempt.credential.group() == Group::Developer;
            if let (Err(NoToken::Failed(failure)), true, None) = (&attempt.result, tool, self.no_token) {
                findings.add(Severity::Warning, explain::failed(attempt, failure, &self.wish(), self.place));
            }
            let timed_out = matches!(
                &attempt.result,
                Err(NoToken::Failed(Failure::Program { ending: crate::credential::ProgramFailure::TimedOut(_), .. }))
            );
            if tool && attempt.took > SDK_PATIENCE && !timed_out {
                let what = format!("{} took {}", attempt.credential.name(), seconds(attempt.took));
                findings.row(Severity::Warning, table::TOOL_SLOW, what, Vec::new());
            }
        }
    }

    /// The metadata service: looked for in vain, or hidden behind a proxy.
    fn metadata(&self, findings: &mut Findings) {
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
                Err(NoToken::Unavailable(reason @ Reason::NotMetadataService { .. })) => self.reason(attempt, reason),
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
    fn client_id(&self, findings: &mut Findings) {
        let alone =
            self.attempts.iter().any(|a| matches!(&a.result, Err(NoToken::Unavailable(Reason::ClientIdNamesIdentity))));
        if !alone {
            return;
        }
        let by_managed = self.selected().is_some_and(|s| s.credential.name() == ManagedIdentityCredential.name());
        let severity = if by_managed { Severity::Note } else { Severity::Warning };
        findings.row(severity, table::CLIENT_ID_ALONE, "", Vec::new());
    }

    /// Good practice that the host departs from.
    fn habits(&self, findings: &mut Findings) {
        let Some(selected) = self.selected() else { return };
        if let Some(what) = practice::stored_secret(&selected, self.env) {
            findings.row(Severity::Note, table::STORED_SECRET, what, vec!["unset AZURE_CLIENT_SECRET".to_owned()]);
        }
        let identity = selected.identity();
        if identity.kind == IdentityType::UserAssigned && self.settings.identity.is_none() {
            let command = identity.client_id().map(|id| format!("export AZURE_CLIENT_ID={id}"));
            findings.row(Severity::Note, table::IDENTITY_UNNAMED, "", command.into_iter().collect());
        }
    }
}

/// The order of causes for a chain that found nobody: what a person did or left undone before what is merely missing.
fn rank(row: &Row) -> usize {
    const ORDER: [&Row; 12] = [
        table::RUNNER_TOKEN,
        table::SEVERAL_IDENTITIES,
        table::MANAGED_IDENTITY_UNAVAILABLE,
        table::FEDERATION_INCOMPLETE,
        table::ENVIRONMENT_INCOMPLETE,
        table::TOOL_TIMED_OUT,
        table::METADATA_IMPOSTOR,
        table::NOT_SIGNED_IN,
        table::TOOL_NOT_ON_PATH,
        table::NEEDS_BROKER,
        table::POWERSHELL_MODULE,
        table::CREDENTIAL_UNAVAILABLE,
    ];
    // What Entra ID refused comes before all of these.
    ORDER.iter().position(|known| *known == row).map_or(0, |at| at + 1)
}
