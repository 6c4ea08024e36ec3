//! Decides whether the vault's permission model lets an identity read secrets: roles or access policies.

use crate::azure_resource_manager::authorization::{GET_SECRET, RoleDecision};
use crate::azure_resource_manager::error::ManagementError;
use crate::azure_resource_manager::vault::{AccessPolicy, VaultSettings};
use crate::azure_resource_manager::workload::AssignedIdentity;
use crate::error::exit_code;

use super::super::context::Context;
use super::super::table::{advice, identity as rows, vault};
use super::step::{Step, StepRefusal};

/// Returns the step for an ID that may be the client ID of an app registration. Azure Resource Manager knows only object IDs.
fn object_id_needed(identity: &AssignedIdentity, context: &Context) -> Step {
    let id = &identity.object_id;
    let message = format!(
        "no user-assigned identity has the client ID {id}, and no role or access policy names it as an object ID"
    );
    let refusal = StepRefusal {
        row: rows::OBJECT_ID_NEEDED,
        message,
        details: Vec::new(),
        context: context.clone(),
        exit_code: 0,
    };
    Step::Depends(Box::new(refusal))
}

/// Applies roles or access policies to the identity. `is_open` is true if its ID may be a client ID.
pub(super) fn step(
    identity: &AssignedIdentity,
    settings: &VaultSettings,
    roles: Option<&Result<RoleDecision, ManagementError>>,
    name: &str,
    is_open: bool,
    context: &Context,
) -> Step {
    // Null and absent mean access policies
    // (https://learn.microsoft.com/rest/api/keyvault/keyvault/vaults/get#vaultproperties).
    if settings.properties.enable_rbac_authorization != Some(true) {
        return policies(identity, settings, name, is_open, context);
    }
    let warning = |row, message: String, details| {
        let context = Context { action: Some(GET_SECRET.to_owned()), ..context.clone() };
        Box::new(StepRefusal { row, message, details, context, exit_code: exit_code::FORBIDDEN })
    };
    let refused = |row, message, details| Step::Refused(warning(row, message, details));
    match roles {
        Some(Ok(RoleDecision::Allowed { role, through_group: false })) => Step::Allowed(format!("role {role}")),
        Some(Ok(RoleDecision::Allowed { role, through_group: true })) => {
            let message = format!("{} has the role {role} through a group", identity.label());
            let condition = "its membership of the group is newer than 24 hours";
            Step::Unless(condition, warning(advice::ROLE_THROUGH_GROUP, message, Vec::new()))
        }
        Some(Ok(RoleDecision::Conditional { role, condition })) => {
            let message = format!("a condition decides whether the role {role} applies");
            Step::Depends(warning(advice::ROLE_CONDITION, message, vec![format!("condition: {condition}")]))
        }
        // Only an object ID has roles, so that without any the ID may be a client ID.
        Some(Ok(RoleDecision::Missing { roles, hints })) if is_open && roles.is_empty() && hints.is_empty() => {
            object_id_needed(identity, context)
        }
        Some(Ok(RoleDecision::Missing { roles, hints })) => {
            let roles = if roles.is_empty() { "none".to_owned() } else { roles.join(", ") };
            let mut details = vec![format!("roles of {} there: {roles}", identity.label())];
            details.extend(hints.iter().cloned());
            refused(vault::FORBIDDEN, format!("no role allows secrets/get on {name}"), details)
        }
        Some(Ok(RoleDecision::Denied { assignment })) => {
            let message = format!("the deny assignment '{assignment}' applies to {}", identity.label());
            refused(vault::FORBIDDEN_DENY_ASSIGNMENT, message, Vec::new())
        }
        Some(Ok(RoleDecision::Unknown { reason })) => Step::NotKnown(reason.clone()),
        Some(Err(error)) => Step::NotKnown(format!("role assignments: {error}")),
        None => Step::NotKnown("the role assignments were not read".to_owned()),
    }
}

/// Applies the access policies. The members of groups are not known
/// (<https://learn.microsoft.com/azure/key-vault/general/assign-access-policy>).
fn policies(
    identity: &AssignedIdentity,
    settings: &VaultSettings,
    name: &str,
    is_open: bool,
    context: &Context,
) -> Step {
    let all = settings.properties.access_policies.as_deref().unwrap_or_default();
    let reads = |policy: &&AccessPolicy| {
        let permissions = policy.permissions.secrets.iter().flatten();
        permissions.into_iter().any(|one| one.eq_ignore_ascii_case("get") || one.eq_ignore_ascii_case("all"))
    };
    let is_own = |policy: &&AccessPolicy| {
        policy.object_id.as_ref().is_some_and(|id| id.eq_ignore_ascii_case(&identity.object_id))
    };
    let (own, others): (Vec<_>, Vec<_>) = all.iter().filter(reads).partition(is_own);
    if own.iter().any(|policy| policy.application_id.is_none()) {
        return Step::Allowed("an access policy allows secrets/get".to_owned());
    }
    if is_open && own.is_empty() {
        return object_id_needed(identity, context);
    }
    let mut details = Vec::new();
    if let Some(application) = own.iter().find_map(|policy| policy.application_id.as_ref()) {
        details.push(format!(
            "its access policy names the application {application} (applicationId), so it does not apply to a managed identity"
        ));
    }
    if !others.is_empty() {
        details.push(format!(
            "{} other access policies allow secrets/get: one of them applies if it names a group of the identity",
            others.len()
        ));
    }
    Step::Refused(Box::new(StepRefusal {
        row: vault::FORBIDDEN_ACCESS_POLICY,
        message: format!("no access policy of {name} allows {} secrets/get", identity.label()),
        details,
        context: Context { action: Some("secrets/get".to_owned()), ..context.clone() },
        exit_code: exit_code::FORBIDDEN,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn access_policies_apply_to_the_object_without_application() {
        let identity = AssignedIdentity { object_id: "me".to_owned(), ..AssignedIdentity::default() };
        let outcome = |policies: &str| {
            let text = format!(r#"{{"properties":{{"accessPolicies":[{policies}]}}}}"#);
            match step(&identity, &serde_json::from_str(&text).unwrap(), None, "v", false, &Context::default()) {
                Step::Refused(refusal) => refusal.details.len(),
                _ => 9,
            }
        };
        let policy = |object: &str, secrets: &str, more: &str| {
            format!(r#"{{"objectId":"{object}","permissions":{{"secrets":["{secrets}"]}}{more}}}"#)
        };
        assert_eq!(outcome(&policy("ME", "Get", "")), 9);
        assert_eq!(outcome(&policy("me", "all", "")), 9);
        assert_eq!(outcome(&policy("me", "list", "")), 0);
        assert_eq!(outcome(&policy("me", "get", r#","applicationId":"a""#)), 1);
        assert_eq!(outcome(&policy("other", "get", "")), 1);
    }
}
