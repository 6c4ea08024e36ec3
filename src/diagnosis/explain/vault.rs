//! Explains a vault's refusal or failure, with the names in its answer.

use crate::error::Denied;
use crate::http::status::INTERNAL_SERVER_ERROR;
use crate::token::identity::IdentityType;
use crate::vault::error::{Forbidden, ForbiddenCause, Unauthorized, UnauthorizedCause, VaultErrorKind};

use super::super::classify::{Component, Evidence, row_of_answer};
use super::super::finding::Finding;
use super::super::table::{Row, other_programs, service, unauthorized, vault};
use super::network;
use crate::diagnosis::context::{Context, tool_of};

/// Explains a request that the vault refused or did not answer.
pub(super) fn denied(denied: &Denied, base: &Context) -> Finding {
    let context = Context {
        vault: Some(denied.error.vault.clone()),
        secret: denied.error.operation.secret().map(str::to_owned),
        identity: Some(denied.identity.clone()),
        ..base.clone()
    };
    let message = describe(denied);
    match &denied.error.kind {
        VaultErrorKind::Network(error) => network(error, context.vault.as_ref(), base),
        VaultErrorKind::Forbidden(forbidden) => forbidden_finding(forbidden, denied, message, context),
        VaultErrorKind::NotFound { .. } if denied.suggestions.deleted => {
            Finding::new(vault::SECRET_DELETED, message, &context)
        }
        VaultErrorKind::NotFound { .. } => Finding::new(vault::SECRET_NOT_FOUND, message, &context),
        VaultErrorKind::Unauthorized(reason) => unauthorized(reason, denied, message, context),
        VaultErrorKind::Throttled => Finding::new(service::THROTTLED, message, &context),
        VaultErrorKind::ChallengeMismatch(_) => Finding::new(unauthorized::CHALLENGE_MISMATCH, message, &context),
        kind @ (VaultErrorKind::Malformed(_) | VaultErrorKind::Other { .. }) => {
            let row = match kind {
                VaultErrorKind::Other { code, message, .. } if row_of_words(code, message).is_some() => {
                    row_of_words(code, message).unwrap_or(service::UNEXPECTED_ANSWER)
                }
                VaultErrorKind::Other { status: INTERNAL_SERVER_ERROR.., .. } => service::VAULT_UNAVAILABLE,
                _ => service::UNEXPECTED_ANSWER,
            };
            let details = denied.error.request_id.iter().map(|id| format!("request ID {id}")).collect();
            Finding { details, ..Finding::new(row, message, &context) }
        }
    }
}

/// Describes the refusal, where its value is used, and which similar secrets the vault has.
fn describe(denied: &Denied) -> String {
    let mut message = denied.error.to_string();
    if !denied.places.is_empty() {
        message.push_str(&format!(", needed for {}", denied.places.join(" and ")));
    }
    match (denied.suggestions.near.as_slice(), denied.error.operation.secret()) {
        ([], _) => {}
        ([name, ..], Some(wanted)) if wanted.split('/').next().is_some_and(|own| own.eq_ignore_ascii_case(name)) => {
            message.push_str(&format!("; {name} exists, but not in this version"));
        }
        (near, _) => message.push_str(&format!("; did you mean {}?", near.join(" or "))),
    }
    message
}

/// Explains a 401 by its cause.
fn unauthorized(reason: &Unauthorized, denied: &Denied, message: String, context: Context) -> Finding {
    let row = match reason.cause {
        UnauthorizedCause::Issuer => return wrong_tenant(reason, denied, message, context),
        UnauthorizedCause::Audience => unauthorized::WRONG_AUDIENCE,
        UnauthorizedCause::Expired => unauthorized::TOKEN_EXPIRED,
        UnauthorizedCause::SigningKey => unauthorized::SIGNING_KEY_UNRESOLVED,
        UnauthorizedCause::Revoked => unauthorized::SESSION_REVOKED,
        UnauthorizedCause::Other => unauthorized::UNAUTHORIZED,
    };
    let context = Context { claims: reason.claims.clone(), tool: tool_of(denied.credential), ..context };
    Finding { qualifier: Some(identity_details(denied)), ..Finding::new(row, message, &context) }
}

/// Explains a token from another tenant than the vault's, by the kind of identity.
fn wrong_tenant(reason: &Unauthorized, denied: &Denied, message: String, context: Context) -> Finding {
    let vault = denied.error.vault.name();
    let mut details: Vec<_> =
        reason.vault_tenant.iter().map(|tenant| format!("the vault {vault} is in tenant {tenant}")).collect();
    // The identity's own tenant is in the qualifier.
    let token = reason.token_tenant.as_deref().filter(|tenant| denied.identity.tenant() != Some(*tenant));
    details.extend(token.map(|tenant| format!("the token is from tenant {tenant}")));
    // Changing the vault's tenant would help a managed identity, but lock out all other users of the vault.
    let row = match denied.identity.kind {
        IdentityType::User | IdentityType::ServicePrincipal => unauthorized::WRONG_TENANT,
        _ => unauthorized::IDENTITY_OF_ANOTHER_TENANT,
    };
    let context = Context { vault_tenant: reason.vault_tenant.clone().or(context.vault_tenant), ..context };
    Finding { qualifier: Some(identity_details(denied)), details, ..Finding::new(row, message, &context) }
}

/// Explains a 403 by its cause.
fn forbidden_finding(forbidden: &Forbidden, denied: &Denied, message: String, context: Context) -> Finding {
    let operation = &denied.error.operation;
    let context = Context {
        resource: forbidden.resource.clone(),
        action: forbidden.action.clone().or_else(|| Some(operation.action().to_owned())),
        client_address: forbidden.client_address.clone().or(context.client_address),
        ..context
    };
    // The identity qualifies a cause about the identity, and is a detail of all others.
    let identity = Some(identity_details(denied));
    let signed_in_as = vec![format!("signed in as {}", identity_details(denied))];
    let address = context.client_address.clone();
    // The same code can stand for several reasons, which only the message gives.
    if let Some(row) = row_of_message(forbidden) {
        let details = address.map(|address| format!("client address {address}")).into_iter().chain(signed_in_as);
        let details = details.chain(rbac_details(forbidden)).collect();
        return Finding { details, ..Finding::new(row, message, &context) };
    }
    let (row, qualifier, details) = match forbidden.cause {
        ForbiddenCause::Rbac if operation.is_of_certificates() => {
            (vault::FORBIDDEN_CERTIFICATES, identity, rbac_details(forbidden))
        }
        ForbiddenCause::Rbac => (vault::FORBIDDEN, identity, rbac_details(forbidden)),
        ForbiddenCause::AccessPolicy => (vault::FORBIDDEN_ACCESS_POLICY, identity, Vec::new()),
        ForbiddenCause::Firewall => (vault::FORBIDDEN_FIREWALL, address, signed_in_as),
        ForbiddenCause::PrivateLink => {
            (vault::FORBIDDEN_PRIVATE_LINK, address.map(|address| format!("client address {address}")), signed_in_as)
        }
        ForbiddenCause::Disabled => (vault::SECRET_DISABLED, None, signed_in_as),
        ForbiddenCause::Other => {
            let lines = forbidden.message.lines().map(str::trim).filter(|line| !line.is_empty());
            (vault::FORBIDDEN_OTHER, identity, lines.map(str::to_owned).collect())
        }
    };
    Finding { qualifier, details, ..Finding::new(row, message, &context) }
}

/// Returns the row for the code and message of an error without a type of its own.
fn row_of_words(code: &str, message: &str) -> Option<&'static Row> {
    row_of_answer(&Evidence::of(Component::KeyVault, &format!("{code}: {message}")))
}

/// Returns the row for a message that says more than the code.
fn row_of_message(forbidden: &Forbidden) -> Option<&'static Row> {
    let row = row_of_answer(&Evidence::of(Component::KeyVault, &forbidden.message))?;
    let is_more = [other_programs::FORBIDDEN_PERIMETER, vault::FORBIDDEN_DENY_ASSIGNMENT].contains(&row);
    (is_more || forbidden.cause == ForbiddenCause::Other).then_some(row)
}

/// `identity 3f2a..., tenant 72f9..., ManagedIdentityCredential, system-assigned`.
fn identity_details(denied: &Denied) -> String {
    let id = denied.identity.object_id().or(denied.identity.client_id()).or(denied.identity.label());
    let id = id.map(|id| format!("identity {id}, ")).unwrap_or_default();
    let tenant = denied.identity.tenant().map(|tenant| format!("tenant {tenant}, ")).unwrap_or_default();
    format!("{id}{tenant}{}, {}", denied.credential, denied.identity.kind)
}

/// Lists the action, the insufficient role assignment and the deny assignment named in the refusal.
fn rbac_details(forbidden: &Forbidden) -> Vec<String> {
    let needs = forbidden.action.iter().map(|action| format!("required action: {action}"));
    let assigned = match forbidden.assignment.as_deref() {
        Some(id) if !id.contains("not") => Some(format!("role assignment without this permission: {id}")),
        _ => None,
    };
    let denied = forbidden.deny_assignment.iter().map(|id| format!("blocked by deny assignment {id}"));
    needs.chain(assigned).chain(denied).collect()
}
