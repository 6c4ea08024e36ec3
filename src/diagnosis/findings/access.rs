//! Why the vault cannot be reached, or does not let us in.

use crate::error::{Error, exit_code};
use crate::http::error::NetworkErrorKind;
use crate::time::timestamp::Timestamp;
use crate::token::identity::IdentityType;
use crate::vault::error::{ForbiddenCause, VaultErrorKind};

use super::super::connectivity::Resolver;
use super::super::explain;
use super::super::report::{CheckStatus, Severity};
use super::super::table::{advice, network, vault};
use super::{Finding, Findings, Observations};
use crate::diagnosis::context::Context;

/// A token older than this can carry groups that have changed.
const OLD_TOKEN_SECS: i64 = 600;

impl Observations<'_> {
    /// Why the vault cannot be reached.
    pub(super) fn connectivity(&self, findings: &mut Findings) {
        let Some(connectivity) = self.connectivity else { return };
        let Some(error) = &connectivity.error else { return };
        let mut finding = explain::network(error, self.vault, self.context);
        if error.kind == NetworkErrorKind::Name && connectivity.resolver == Resolver::Failing {
            finding = Finding::new(network::RESOLVER_DEAD, error.to_string(), self.context);
        }
        if let Some(address) = connectivity.silent_private_endpoint() {
            let context = Context { private_address: Some(address), ..self.context.clone() };
            let message = format!("{error}; its address is {address}");
            finding = Finding::new(network::PRIVATE_ENDPOINT_SILENT, message, &context);
        }
        findings.add(Severity::Error, finding);
    }

    /// Why the vault does not let us in.
    pub(super) fn access(&self, findings: &mut Findings) {
        if let Some(error) = self.denied {
            for mut finding in explain::explain(error, &self.context_with_network()) {
                self.add_network_path(&mut finding);
                if self.list_denied.is_none() && finding.row == vault::FORBIDDEN && self.reads_were_tested(error) {
                    finding
                        .details
                        .push("it may list the secrets: a role like Key Vault Reader reads no values".into());
                }
                findings.add(Severity::Error, finding);
            }
            self.refusal_advice(error, findings);
        }
        // Where reading fails as well, that says it all.
        let forbidden = self.list_denied.filter(|error| error.exit_code() == exit_code::FORBIDDEN);
        if let (Some(error), None) = (forbidden, self.denied) {
            findings.row(advice::LIST_DENIED, error.to_string(), self.context);
        }
        self.secret_dates(findings);
        for note in &self.value_notes {
            findings.row(advice::SECRET_IS_A_FILE, note.as_str(), self.context);
        }
    }

    /// Whether it was a value that was refused, and not the list.
    fn reads_were_tested(&self, error: &Error) -> bool {
        matches!(error, Error::Vault(denied) if denied.error.operation.secret().is_some())
    }

    /// A secret that is handed out outside its dates.
    fn secret_dates(&self, findings: &mut Findings) {
        let Some(properties) = self.read else { return };
        let expired = properties.expired(self.now);
        let expired = expired.map(|at| (advice::SECRET_PAST_ITS_DATE, format!("expired on {}", at.date())));
        let early = properties.not_yet_valid(self.now);
        let early =
            early.map(|at| (advice::SECRET_BEFORE_ITS_DATE, format!("is meant to be used from {} on", at.date())));
        if let Some((row, when)) = expired.or(early) {
            let message = format!("'{}' {when}", properties.name());
            let context = Context { secret: Some(properties.name().to_owned()), ..self.context.clone() };
            findings.row(row, message, &context);
        }
    }

    /// A refusal by the vault's network rules: how we came, and how we would be let in.
    fn add_network_path(&self, finding: &mut Finding) {
        if ![vault::FORBIDDEN_PRIVATE_LINK, vault::FORBIDDEN_FIREWALL].contains(&finding.row) {
            return;
        }
        let Some(connectivity) = self.connectivity else { return };
        let name = connectivity.checks.iter().find(|check| check.name == "name" && check.status == CheckStatus::Ok);
        let proxied = connectivity.checks.iter().any(|check| check.name == "tunnel");
        match name {
            Some(_) if proxied => {
                finding
                    .details
                    .push("the proxy looked the name up: whether it found a private endpoint is not seen".into());
            }
            Some(check) => finding.details.push(format!("the name leads to {}", check.message)),
            None => {}
        }
    }

    /// The case with what was seen of the way to the vault and of the secret.
    fn context_with_network(&self) -> Context {
        let address =
            self.connectivity.and_then(|connectivity| connectivity.response.as_ref()?.network.address.clone());
        Context {
            client_address: address,
            zone_unlinked: self.connectivity.is_some_and(|connectivity| connectivity.zone_unlinked),
            ..self.context.clone()
        }
    }

    /// What to know beside a 403 from RBAC or from an access policy.
    fn refusal_advice(&self, error: &Error, findings: &mut Findings) {
        let Error::Vault(denied) = error else { return };
        let VaultErrorKind::Forbidden(forbidden) = &denied.error.kind else { return };
        let issued = denied.identity.claims.iat.map(Timestamp);
        let managed = !matches!(denied.identity.kind, IdentityType::User | IdentityType::ServicePrincipal);
        match forbidden.cause {
            ForbiddenCause::Rbac => {
                findings.row(advice::ROLE_PROPAGATION, "", self.context);
                // Who may list has a role that reads no values: that is told with the refusal itself.
                if self.list_denied.is_some() || !self.reads_were_tested(error) {
                    findings.row(advice::MANAGEMENT_ROLE, "", self.context);
                }
            }
            ForbiddenCause::AccessPolicy => {
                findings.row(advice::ACCESS_POLICY_VAULT, "", self.context);
            }
            _ => return,
        }
        if let Some(issued) = issued.filter(|i| managed && self.now.seconds_since(*i) > OLD_TOKEN_SECS) {
            let message = format!("this token was issued {}", issued.rfc3339());
            findings.row(advice::TOKEN_AGE, message, self.context);
        }
    }
}
