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
            Ok(json!({ "value": [] }))
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

/// Lists the role assignments of a principal at a scope and above: those of the filters `assignedTo('ID')` and
/// `principalId eq 'ID'`. Other filters are refused.
fn assignments(azure: &Azure, request: &HttpRequest) -> Result<Value, HttpReply> {
    let filter = request.parameter("$filter").unwrap_or("atScope()");
    let of = filter.split("assignedTo('").nth(1).or_else(|| filter.split("principalId eq '").nth(1));
    let principal = of.and_then(|rest| rest.split('\'').next());
    if principal.is_none() && filter != "atScope()" {
        return Err(error(400, "UnsupportedQuery", &format!("The filter '{filter}' is not supported.")));
    }
    let rows =
        granted(azure).into_iter().filter(|(id, ..)| principal.is_none_or(|wanted| wanted.eq_ignore_ascii_case(id)));
    // Only assignments at the scope of the request and above.
    let below = |scope: &str| request.path.to_ascii_lowercase().starts_with(&scope.to_ascii_lowercase());
    let rows = rows.filter(|(_, _, scope, _)| below(scope));
    let value: Vec<Value> = rows
        .map(|(principal, role, scope, kind)| {
            json!({
                "id": format!("{scope}/providers/Microsoft.Authorization/roleAssignments/{}", names::ROLE_ASSIGNMENT_ID),
                "name": names::ROLE_ASSIGNMENT_ID,
                "type": "Microsoft.Authorization/roleAssignments",
                "properties": {
                    "roleDefinitionId": definition_id(role), "principalId": principal, "principalType": kind,
                    "scope": scope, "condition": null, "conditionVersion": null,
                },
            })
        })
        .collect();
    Ok(json!({ "value": value }))
}

/// Returns each role assignment: principal, role, scope and type of the principal.
fn granted(azure: &Azure) -> Vec<(String, &'static str, String, &'static str)> {
    let plan = &azure.plan;
    let subscription = format!("/subscriptions/{}", names::SUBSCRIPTION_ID);
    let mut rows = vec![(names::USER_OBJECT_ID.to_owned(), READER, subscription, "User")];
    if plan.has(Fault::Forbidden) || plan.has(Fault::AccessPolicy) {
        return rows;
    }
    let role = if plan.has(Fault::Reader) { VAULT_READER } else { SECRETS_USER };
    let system = plan.identities.system_assigned.then(|| names::SYSTEM_OBJECT_ID.to_owned());
    let workload = system.into_iter().chain(plan.identities.user_assigned.iter().map(|one| one.object_id.clone()));
    rows.extend(
        workload.map(|principal| (principal, role, id("Microsoft.KeyVault/vaults", &plan.vault), "ServicePrincipal")),
    );
    rows
}
