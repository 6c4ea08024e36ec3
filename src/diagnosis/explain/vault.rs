//! A vault that gave nothing: each refusal with the names in it.

use crate::error::Denied;
use crate::token::identity::IdentityType;
use crate::vault::error::{Forbidden, ForbiddenCause, Unauthorized, UnauthorizedCause, VaultErrorKind};

use super::super::remedy;
use super::super::table::{self, Row};
use super::{Finding, Place, network};

type Told = (&'static Row, Option<String>, Vec<String>, Vec<String>);

pub(super) fn denied(denied: &Denied, place: &Place) -> Finding {
    let vault = &denied.error.vault;
    let name = denied.error.operation.secret().unwrap_or_default();
    let what = denied.error.to_string();
    let who = whom(denied);
    match &denied.error.kind {
        VaultErrorKind::Network(error) => network(error, Some(vault), place),
        VaultErrorKind::Forbidden(forbidden) => {
            let (row, aside, details, commands) = forbidden_by(forbidden, denied, name, place);
            Finding { aside, ..Finding::of(row, what, details, commands) }
        }
        VaultErrorKind::NotFound { deleted } => {
            let aside = deleted.then(|| "it was deleted, and can be recovered".to_owned());
            let commands = remedy::find_secret(vault, *deleted, name);
            Finding { aside, ..Finding::of(table::SECRET_NOT_FOUND, what, Vec::new(), commands) }
        }
        VaultErrorKind::Unauthorized(reason) => {
            let row = match reason.cause {
                UnauthorizedCause::Issuer => return wrong_tenant(reason, denied, what, place),
                UnauthorizedCause::Audience => table::WRONG_AUDIENCE,
                UnauthorizedCause::Expired => table::TOKEN_EXPIRED,
                UnauthorizedCause::Other => table::UNAUTHORIZED,
            };
            let commands = remedy::general(row.code, Some(vault), place);
            Finding { aside: Some(who), ..Finding::of(row, what, Vec::new(), commands) }
        }
        VaultErrorKind::Throttled => {
            Finding::of(table::THROTTLED, what, Vec::new(), remedy::show_load(vault, place.shell))
        }
        VaultErrorKind::ChallengeElsewhere(_) => Finding::of(table::CHALLENGE_ELSEWHERE, what, Vec::new(), Vec::new()),
        kind @ (VaultErrorKind::Malformed(_) | VaultErrorKind::Other { .. }) => {
            let row = match kind {
                VaultErrorKind::Other { status: 500.., .. } => table::VAULT_IN_TROUBLE,
                _ => table::UNEXPECTED_ANSWER,
            };
            let details = denied.error.request_id.iter().map(|id| format!("request id {id}")).collect();
            Finding::of(row, what, details, Vec::new())
        }
    }
}

/// The token is of one tenant and the vault of another: whose each is, and how this kind of identity gets across.
fn wrong_tenant(reason: &Unauthorized, denied: &Denied, what: String, place: &Place) -> Finding {
    let vault = &denied.error.vault;
    let token_tenant = reason.token_tenant.as_deref().or(denied.identity.tenant());
    let line = |whose: String, tenant: Option<&str>| tenant.map(|tenant| format!("{whose} tenant {tenant}"));
    let mut details: Vec<_> = [
        line(format!("the vault {} is in", vault.name()), reason.vault_tenant.as_deref()),
        line(format!("the token of {} is from", denied.credential), token_tenant),
    ]
    .into_iter()
    .flatten()
    .collect();
    let tenant = reason.vault_tenant.as_deref();
    let commands = match (denied.identity.kind, tenant) {
        (IdentityType::User, _) => remedy::sign_in(tenant, vault.cloud()),
        (IdentityType::ServicePrincipal, Some(tenant)) => {
            vec![place.shell.set("AZURE_TENANT_ID", tenant)]
        }
        (IdentityType::ServicePrincipal, None) => Vec::new(),
        _ => {
            details.push(
                "a managed identity signs in to its own tenant only: use a vault there, or an application".into(),
            );
            let mut commands = remedy::show_tenant(vault);
            if let Some(tenant) = token_tenant {
                details
                    .push("a vault whose subscription was moved has to be moved along, by the second command".into());
                commands.extend(remedy::move_to_tenant(vault, tenant));
            }
            commands
        }
    };
    Finding { aside: Some(whom(denied)), ..Finding::of(table::WRONG_TENANT, what, details, commands) }
}

fn forbidden_by(forbidden: &Forbidden, denied: &Denied, name: &str, place: &Place) -> Told {
    let vault = &denied.error.vault;
    let who = Some(whom(denied));
    match forbidden.cause {
        ForbiddenCause::Rbac => {
            let details = rbac_details(forbidden);
            let commands = remedy::assign_role(vault, &denied.identity, forbidden.resource.as_deref(), place.shell);
            (table::FORBIDDEN, who, details, commands)
        }
        ForbiddenCause::AccessPolicy => {
            (table::FORBIDDEN_ACCESS_POLICY, who, Vec::new(), remedy::set_policy(vault, &denied.identity))
        }
        ForbiddenCause::Firewall => {
            let seen = forbidden.client_address.as_deref();
            let aside = seen.map(|address| format!("the vault sees this machine as {address}"));
            (table::FORBIDDEN_FIREWALL, aside, Vec::new(), remedy::allow_address(vault, seen))
        }
        ForbiddenCause::PrivateLink => (table::FORBIDDEN_PRIVATE_LINK, None, Vec::new(), remedy::show_network(vault)),
        ForbiddenCause::Disabled => (table::SECRET_DISABLED, None, Vec::new(), remedy::enable_secret(vault, name)),
        ForbiddenCause::NotYetValid => {
            (table::SECRET_NOT_YET_VALID, None, Vec::new(), remedy::list_versions(vault, name))
        }
        ForbiddenCause::Expired => (table::SECRET_EXPIRED, None, Vec::new(), remedy::list_versions(vault, name)),
        ForbiddenCause::Other => {
            let said = forbidden.message.lines().map(str::trim).filter(|l| !l.is_empty()).map(str::to_owned);
            (table::FORBIDDEN_OTHER, who, said.collect(), Vec::new())
        }
    }
}

/// Who was refused: `identity 3f2a..., ManagedIdentityCredential, system-assigned`.
fn whom(denied: &Denied) -> String {
    let id = denied.identity.object_id().or(denied.identity.client_id()).or(denied.identity.label());
    let id = id.map(|id| format!("identity {id}, ")).unwrap_or_default();
    format!("{id}{}, {}", denied.credential, denied.identity.kind)
}

/// What the refusal says of the check that failed.
fn rbac_details(forbidden: &Forbidden) -> Vec<String> {
    let needs = forbidden.action.iter().map(|action| match &forbidden.resource {
        Some(resource) => format!("it needs {action} on {resource}"),
        None => format!("it needs {action}"),
    });
    let assigned = match forbidden.assignment.as_deref() {
        Some(id) if !id.contains("not") => Some(format!("an assignment was found and is not enough: {id}")),
        _ => None,
    };
    let denied = forbidden.deny_assignment.iter().map(|id| format!("a deny assignment forbids it: {id}"));
    needs.chain(assigned).chain(denied).collect()
}
