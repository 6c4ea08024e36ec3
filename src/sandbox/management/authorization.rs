//! Role assignments, role definitions and deny assignments
//! (<https://learn.microsoft.com/azure/role-based-access-control/role-assignments-list-rest>).

use serde_json::{Value, json};

use super::reply::{error, id, unknown, version};
use crate::sandbox::{
    azure::Azure,
    fault::Fault,
    message::{HttpReply, HttpRequest},
    names,
};

/// The built-in roles of the sandbox: ID, name and data actions
/// (<https://learn.microsoft.com/azure/role-based-access-control/built-in-roles/security>).
const ROLES: &[(&str, &str, &[&str])] = &[
    (
        SECRETS_USER,
        "Key Vault Secrets User",
        &[
            "Microsoft.KeyVault/vaults/secrets/getSecret/action",
            "Microsoft.KeyVault/vaults/secrets/readMetadata/action",
        ],
    ),
    (
        VAULT_READER,
        "Key Vault Reader",
        &["Microsoft.KeyVault/vaults/*/read", "Microsoft.KeyVault/vaults/secrets/readMetadata/action"],
    ),
    (READER, "Reader", &[]),
];
const SECRETS_USER: &str = "4633458b-17de-408a-b874-0445c86b69e6";
const VAULT_READER: &str = "21090545-7ca7-4776-b22c-e363652d74d2";
const READER: &str = "acdd72a7-3385-48ef-bd42-f606fba81ae7";

/// Lists the assignments or definitions at the scope before the provider.
pub(super) fn list(azure: &Azure, request: &HttpRequest, kind: &str) -> Result<Value, HttpReply> {
    match kind {
        "roleassignments" => {
            version(request, &["2022-04-01"])?;
            assignments(azure, request)
        }
        "roledefinitions" => {
            version(request, &["2022-04-01", "2022-05-01-preview"])?;
            Ok(json!({ "value": ROLES.iter().map(definition_of).collect::<Vec<_>>() }))
        }
        "denyassignments" => {
            version(request, &["2022-04-01", "2024-07-01-preview"])?;
            Ok(denied(azure))
        }
        "roleeligibilityscheduleinstances" => {
            version(request, &["2020-10-01"])?;
            Ok(eligible(azure))
        }
        _ => Err(unknown()),
    }
}

/// Answers with one role definition.
pub(super) fn definition(request: &HttpRequest, id: &str) -> Result<Value, HttpReply> {
    version(request, &["2022-04-01", "2022-05-01-preview"])?;
    let role = ROLES.iter().find(|role| role.0 == id);
    role.map(definition_of)
        .ok_or_else(|| error(404, "RoleDefinitionDoesNotExist", "The specified role definition does not exist."))
}

fn definition_of((guid, name, data_actions): &(&str, &str, &[&str])) -> Value {
    json!({
        "id": definition_id(guid),
        "name": guid,
        "type": "Microsoft.Authorization/roleDefinitions",
        "properties": {
            "roleName": name, "type": "BuiltInRole", "assignableScopes": ["/"],
            "permissions": [{ "actions": [], "notActions": [], "dataActions": data_actions, "notDataActions": [] }],
        },
    })
}

fn definition_id(guid: &str) -> String {
    format!("/subscriptions/{}/providers/Microsoft.Authorization/roleDefinitions/{guid}", names::SUBSCRIPTION_ID)
}

/// A role assignment of the sandbox.
struct Assignment {
    principal: String,
    /// The type of the principal.
    kind: &'static str,
    role: &'static str,
    scope: String,
    condition: Option<&'static str>,
}

/// Lists role assignments by the filters `atScope()` (at the scope and above), `assignedTo('ID')` (also those of groups)
/// and `principalId eq 'ID'` (only direct ones, also below). Other filters are refused.
fn assignments(azure: &Azure, request: &HttpRequest) -> Result<Value, HttpReply> {
    let filter = request.parameter("$filter").unwrap_or("atScope()");
    let quoted = |before: &str| filter.split(before).nth(1).and_then(|rest| rest.split('\'').next());
    let (assigned, direct) = (quoted("assignedTo('"), quoted("principalId eq '"));
    if assigned.or(direct).is_none() && filter != "atScope()" {
        return Err(error(400, "UnsupportedQuery", &format!("The filter '{filter}' is not supported.")));
    }
    let path = request.path.to_ascii_lowercase();
    let scope = path.split("/providers/microsoft.authorization").next().unwrap_or_default();
    let is_listed = |one: &Assignment| {
        let theirs = one.scope.to_ascii_lowercase();
        let is = |wanted: &str| wanted.eq_ignore_ascii_case(&one.principal);
        // The workload's identities are the members of the group.
        let through_group = one.principal == names::GROUP_OBJECT_ID && assigned != Some(names::USER_OBJECT_ID);
        let is_of = assigned.is_none_or(|wanted| is(wanted) || through_group) && direct.is_none_or(is);
        is_of && (scope.starts_with(&theirs) || (direct.is_some() && theirs.starts_with(scope)))
    };
    let rows = granted(azure).into_iter().filter(is_listed);
    let value: Vec<Value> = rows
        .map(|one| {
            json!({
                "id": format!("{}/providers/Microsoft.Authorization/roleAssignments/{}", one.scope, names::ROLE_ASSIGNMENT_ID),
                "name": names::ROLE_ASSIGNMENT_ID,
                "type": "Microsoft.Authorization/roleAssignments",
                "properties": {
                    "roleDefinitionId": definition_id(one.role), "principalId": one.principal, "principalType": one.kind,
                    "scope": one.scope, "condition": one.condition,
                    "conditionVersion": one.condition.map(|_| "2.0"),
                },
            })
        })
        .collect();
    Ok(json!({ "value": value }))
}

/// Returns each role assignment.
fn granted(azure: &Azure) -> Vec<Assignment> {
    let plan = &azure.plan;
    let row = |principal: &str, kind, role, scope: String| {
        let condition =
            plan.has(Fault::RoleCondition).then_some("@Resource[Microsoft.KeyVault/vaults:name] StringEquals 'x'");
        let condition = condition.filter(|_| role != READER);
        Assignment { principal: principal.to_owned(), kind, role, scope, condition }
    };
    let subscription = format!("/subscriptions/{}", names::SUBSCRIPTION_ID);
    let mut rows = vec![row(names::USER_OBJECT_ID, "User", READER, subscription)];
    let without = [Fault::Forbidden, Fault::AccessPolicy, Fault::PolicyApplication, Fault::EligibleRole];
    if without.iter().any(|fault| plan.has(*fault)) {
        return rows;
    }
    let role = if plan.has(Fault::Reader) { VAULT_READER } else { SECRETS_USER };
    let vault = match plan.has(Fault::OtherScope) {
        true => id("Microsoft.KeyVault/vaults", "my-other-vault"),
        false => id("Microsoft.KeyVault/vaults", &plan.vault),
    };
    let scope = match plan.has(Fault::OtherSecret) {
        true => format!("{vault}/secrets/{}", names::OTHER_SECRET),
        false => vault,
    };
    if plan.has(Fault::GroupRole) {
        rows.push(row(names::GROUP_OBJECT_ID, "Group", role, scope));
        return rows;
    }
    let system = plan.identities.system_assigned.then_some(names::SYSTEM_OBJECT_ID);
    let users = plan.identities.user_assigned.iter().map(|one| one.object_id.as_str());
    let users = users.filter(|id| !plan.has(Fault::WrongIdentity) || *id != names::SECOND_USER_ASSIGNED_OBJECT_ID);
    rows.extend(system.into_iter().chain(users).map(|id| row(id, "ServicePrincipal", role, scope.clone())));
    rows
}

/// Lists the eligible assignments of Privileged Identity Management
/// (<https://learn.microsoft.com/rest/api/authorization/role-eligibility-schedule-instances/list-for-scope>).
fn eligible(azure: &Azure) -> Value {
    let scope = id("Microsoft.KeyVault/vaults", &azure.plan.vault);
    let instance = json!({
        "name": "instance",
        "type": "Microsoft.Authorization/roleEligibilityScheduleInstances",
        "properties": {
            "scope": scope, "roleDefinitionId": definition_id(SECRETS_USER), "principalId": names::GROUP_OBJECT_ID,
            "principalType": "Group", "status": "Provisioned", "memberType": "Group",
        },
    });
    json!({ "value": if azure.plan.has(Fault::EligibleRole) { vec![instance] } else { Vec::new() } })
}

/// Lists the deny assignments. The one of the fault applies to everyone.
fn denied(azure: &Azure) -> Value {
    let everyone = json!({ "id": "00000000-0000-0000-0000-000000000000", "type": "SystemDefined" });
    let denial = json!({
        "name": names::DENY_ASSIGNMENT_ID,
        "type": "Microsoft.Authorization/denyAssignments",
        "properties": {
            "denyAssignmentName": "my-deployment-stack",
            "permissions": [{ "actions": [], "notActions": [], "dataActions": ["Microsoft.KeyVault/vaults/secrets/*"], "notDataActions": [] }],
            "scope": id("Microsoft.KeyVault/vaults", &azure.plan.vault), "doNotApplyToChildScopes": false,
            "principals": [everyone], "excludePrincipals": [], "isSystemProtected": true,
        },
    });
    json!({ "value": if azure.plan.has(Fault::DenyAssignment) { vec![denial] } else { Vec::new() } })
}
