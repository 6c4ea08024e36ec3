//! Findings about the vault: why it cannot be reached, or refuses access.

use crate::error::{Error, exit_code};
use crate::http::error::NetworkErrorKind;
use crate::time::timestamp::Timestamp;
use crate::token::identity::IdentityType;
use crate::vault::PermissionModel;
use crate::vault::error::{ForbiddenCause, VaultErrorKind};

use super::super::explain;
use super::super::report::{CheckStatus, Severity};
use super::super::table::{advice, network, vault};
use super::{Finding, Findings, Observations};
use crate::diagnosis::context::Context;

/// The group memberships in a token older than this can be outdated.
const OLD_TOKEN_SECS: i64 = 600;

impl Observations<'_> {
    /// Adds the reason why the vault cannot be reached.
    pub(super) fn connectivity(&self, findings: &mut Findings) {
        let Some(connectivity) = self.connectivity else { return };
        let Some(error) = &connectivity.error else { return };
        let mut finding = explain::network(error, self.vault, self.context);
        if error.kind == NetworkErrorKind::Name && connectivity.dns_is_down {
            finding = Finding::new(network::DNS_UNAVAILABLE, error.to_string(), self.context);
            finding.details.push("other names are not resolved either: DNS does not work on this machine".to_owned());
        }
        if let Some(address) = connectivity.silent_private_endpoint() {
            let context = Context { private_address: Some(address), ..self.context.clone() };
            finding = Finding::new(network::PRIVATE_ENDPOINT_UNREACHABLE, error.to_string(), &context);
        }
        findings.add(Severity::Error, finding);
    }

    /// Adds the reason why the vault refuses access.
    pub(super) fn access(&self, findings: &mut Findings) {
        if let Some(error) = self.denied {
            for mut finding in explain::explain(error, &self.context_with_network()) {
                self.add_network_path(&mut finding);
                if self.list_denied.is_none() && finding.row == vault::FORBIDDEN && is_read_denied(error) {
                    let detail = "listing is allowed: a role like Key Vault Reader cannot read values";
                    finding.details.push(detail.to_owned());
                }
                findings.add(Severity::Error, finding);
            }
            self.refusal_advice(error, findings);
        }
        // If reading is denied too, that finding is enough.
        let forbidden = self.list_denied.filter(|error| error.exit_code() == exit_code::FORBIDDEN);
        if let (Some(error), None) = (forbidden, self.denied) {
            findings.row(advice::LIST_DENIED, error.to_string(), self.context);
        }
        self.allowing_policies(findings);
        self.secret_dates(findings);
        for note in &self.value_notes {
            findings.row(advice::SECRET_IS_A_FILE, note.as_str(), self.context);
        }
    }

    /// Adds a note if the vault seems to use access policies, although they allow what was tested.
    fn allowing_policies(&self, findings: &mut Findings) {
        let refused_by = |error: &Error, cause: ForbiddenCause| {
            let Error::Vault(denied) = error else { return false };
            matches!(&denied.error.kind, VaultErrorKind::Forbidden(forbidden) if forbidden.cause == cause)
        };
        if self.denied.is_some() {
            return;
        }
        if self.list_denied.is_some_and(|error| refused_by(error, ForbiddenCause::AccessPolicy)) {
            findings.row(advice::ACCESS_POLICY_VAULT, "", self.context);
        } else if self.model == PermissionModel::AccessPolicies {
            // No documentation describes the header.
            findings.row(advice::PROBABLE_ACCESS_POLICIES, "", self.context);
        }
    }

    /// Adds a warning if the secret was read outside its validity period.
    fn secret_dates(&self, findings: &mut Findings) {
        let Some(properties) = self.read else { return };
        let (row, period) = match (properties.expired(self.now), properties.not_yet_valid(self.now)) {
            (Some(end), _) => (advice::SECRET_EXPIRED, format!("expired on {}", end.date())),
            (_, Some(start)) => (advice::SECRET_NOT_YET_VALID, format!("becomes valid on {}", start.date())),
            (None, None) => return,
        };
        let context = Context { secret: Some(properties.name().to_owned()), ..self.context.clone() };
        findings.row(row, format!("'{}' {period}", properties.name()), &context);
    }

    /// Adds the resolved address to a refusal by the vault's network rules.
    fn add_network_path(&self, finding: &mut Finding) {
        if ![vault::FORBIDDEN_PRIVATE_LINK, vault::FORBIDDEN_FIREWALL].contains(&finding.row) {
            return;
        }
        let Some(connectivity) = self.connectivity else { return };
        let name = connectivity.checks.iter().find(|check| check.name == "name" && check.status == CheckStatus::Ok);
        let proxied = connectivity.checks.iter().any(|check| check.name == "tunnel");
        finding.details.extend(name.map(|check| match proxied {
            true => "the proxy resolved the vault's name: the address is unknown".to_owned(),
            false => format!("the vault's name resolves to {}", check.message),
        }));
    }

    fn context_with_network(&self) -> Context {
        Context {
            client_address: self.connectivity.and_then(|path| path.response.as_ref()?.network.address.clone()),
            zone_unlinked: self.connectivity.is_some_and(|path| path.zone_unlinked),
            ..self.context.clone()
        }
    }

    /// Adds notes beside a 403 from RBAC or an access policy.
    fn refusal_advice(&self, error: &Error, findings: &mut Findings) {
        let Error::Vault(denied) = error else { return };
        let VaultErrorKind::Forbidden(forbidden) = &denied.error.kind else { return };
        let issued = denied.identity.claims.iat.map(Timestamp);
        let managed = !matches!(denied.identity.kind, IdentityType::User | IdentityType::ServicePrincipal);
        let context = &Context {
            identity: Some(denied.identity.clone()),
            secret: denied.error.operation.secret().map(str::to_owned),
            ..self.context.clone()
        };
        match forbidden.cause {
            ForbiddenCause::Rbac if forbidden.deny_assignment.is_none() => {
                findings.row(advice::ROLE_PROPAGATION, "", context);
                // If listing is allowed, the refusal already explains that the role cannot read values.
                if self.list_denied.is_some() || !is_read_denied(error) {
                    findings.row(advice::MANAGEMENT_ROLE, "", context);
                }
            }
            ForbiddenCause::AccessPolicy => {
                findings.row(advice::ACCESS_POLICY_VAULT, "", self.context);
            }
            _ => return,
        }
        if let Some(issued) = issued.filter(|i| managed && self.now.seconds_since(*i) > OLD_TOKEN_SECS) {
            let message = format!("this token was issued {}", issued.rfc3339());
            findings.row(advice::TOKEN_AGE, message, context);
        }
    }
}

/// True if reading a value was denied, and not listing.
fn is_read_denied(error: &Error) -> bool {
    matches!(error, Error::Vault(denied) if denied.error.operation.secret().is_some())
}
