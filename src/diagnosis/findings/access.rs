//! Why the vault cannot be reached, or does not let us in.

use crate::error::Error;
use crate::http::error::NetworkErrorKind;
use crate::time::timestamp::Timestamp;
use crate::token::identity::IdentityType;
use crate::vault::error::{ForbiddenCause, VaultErrorKind};

use super::super::explain;
use super::super::report::{Severity, Verdict};
use super::super::vault_checks::Resolver;
use super::super::{practice, remedy, table};
use super::{Evidence, Finding, Findings};

/// A token older than this can carry groups that have changed.
const OLD_TOKEN_SECS: i64 = 600;

impl Evidence<'_> {
    /// Why the vault cannot be reached.
    pub(super) fn the_way(&self, findings: &mut Findings) {
        let Some(way) = self.way else { return };
        let Some(error) = &way.error else { return };
        let mut finding = explain::network(error, self.vault, self.place);
        if error.kind == NetworkErrorKind::Name && way.resolver == Resolver::Dead {
            let commands = remedy::general(table::RESOLVER_DEAD.code, self.vault, self.place);
            finding = Finding::of(table::RESOLVER_DEAD, error.to_string(), Vec::new(), commands);
        }
        findings.add(Severity::Error, finding);
    }

    /// Why the vault does not let us in.
    pub(super) fn access(&self, findings: &mut Findings) {
        if let Some(error) = self.denied {
            for mut finding in explain::explain(error, self.place) {
                self.add_near_names(&mut finding);
                self.add_network(&mut finding);
                if self.list_denied.is_none() && finding.row == table::FORBIDDEN && self.reads_were_tested(error) {
                    finding
                        .details
                        .push("it may list the secrets: a role like Key Vault Reader reads no values".into());
                }
                findings.add(Severity::Error, finding);
            }
            self.around_a_refusal(error, findings);
        }
        // Where reading is refused as well, that says it all.
        let refused = self.denied.is_some_and(|error| error.exit_code() == 5);
        if let (Some(error), false) = (self.list_denied, refused) {
            findings.row(Severity::Note, table::LIST_DENIED, error.to_string(), Vec::new());
        }
        self.dates(findings);
    }

    /// Whether it was a value that was refused, and not the list.
    fn reads_were_tested(&self, error: &Error) -> bool {
        matches!(error, Error::Vault(denied) if denied.error.operation.secret().is_some())
    }

    /// A secret that is handed out outside its dates.
    fn dates(&self, findings: &mut Findings) {
        let (Some(properties), Some(vault)) = (self.read, self.vault) else { return };
        let expired = properties.expired(self.now).map(|at| format!("expired on {}", at.date()));
        let early = properties.not_yet_valid(self.now).map(|at| format!("is meant to be used from {} on", at.date()));
        if let Some(when) = expired.or(early) {
            let commands = remedy::list_versions(vault, properties.name());
            let what = format!("'{}' {when}", properties.name());
            findings.row(Severity::Warning, table::SECRET_PAST_ITS_DATE, what, commands);
        }
    }

    /// A refusal by the vault's network rules: how we came, and how we would be let in.
    fn add_network(&self, finding: &mut Finding) {
        if ![table::FORBIDDEN_PRIVATE_LINK, table::FORBIDDEN_FIREWALL].contains(&finding.row) {
            return;
        }
        let Some(way) = self.way else { return };
        let name = way.checks.iter().find(|check| check.name == "name" && check.verdict == Verdict::Ok);
        let proxied = way.checks.iter().any(|check| check.name == "tunnel");
        match name {
            Some(_) if proxied => {
                finding
                    .details
                    .push("the proxy looked the name up: whether it found a private endpoint is not seen".into());
            }
            Some(check) => finding.details.push(format!("the name leads to {}", check.message)),
            None => {}
        }
        let seen = way.response.as_ref().and_then(|response| response.network.address.as_deref());
        if let (Some(vault), Some(seen), true) = (self.vault, seen, finding.row == table::FORBIDDEN_PRIVATE_LINK) {
            finding.aside = Some(format!("the vault sees this machine as {seen}"));
            finding.commands.extend(remedy::open_to(vault, seen));
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
}
