//! Role assignments, deny assignments, and whether they allow to read a secret's value
//! (<https://learn.microsoft.com/azure/role-based-access-control/overview#how-azure-rbac-determines-if-a-user-has-access-to-a-resource>).

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::ResourceManager;
use super::error::ManagementError;

/// <https://learn.microsoft.com/rest/api/authorization/role-assignments/list-for-scope>
const VERSION: &str = "2022-04-01";
/// <https://learn.microsoft.com/rest/api/authorization/role-eligibility-schedule-instances/list-for-scope>
const ELIGIBLE_VERSION: &str = "2020-10-01";
/// The most hints of a kind.
const MOST_HINTS: usize = 2;
/// The data action of `secrets/get` (<https://learn.microsoft.com/azure/key-vault/general/rbac-guide>).
pub const GET_SECRET: &str = "Microsoft.KeyVault/vaults/secrets/getSecret/action";
/// The principal of a deny assignment that applies to everyone
/// (<https://learn.microsoft.com/azure/role-based-access-control/deny-assignments>).
const EVERYONE: &str = "00000000-0000-0000-0000-000000000000";

/// Built-in roles that are common on vaults: ID, name, and whether they can read secret values. They have no
/// `notDataActions` (<https://learn.microsoft.com/azure/role-based-access-control/built-in-roles/security>,
/// <https://learn.microsoft.com/azure/role-based-access-control/built-in-roles/general>).
const BUILT_IN: &[(&str, &str, bool)] = &[
    ("4633458b-17de-408a-b874-0445c86b69e6", "Key Vault Secrets User", true),
    ("b86a8fe4-44ce-4948-aee5-eccb2c155cd7", "Key Vault Secrets Officer", true),
    ("00482a5a-887f-4fb3-b363-3b7fe8e74483", "Key Vault Administrator", true),
    ("db79e9a7-68ee-4b58-9aeb-b90e7c24fcba", "Key Vault Certificate User", true),
    ("21090545-7ca7-4776-b22c-e363652d74d2", "Key Vault Reader", false),
    ("f25e0fa2-a7c8-4377-a976-54943a77a395", "Key Vault Contributor", false),
    ("8e3af657-a8ff-443c-a75c-2fe8c4bcb635", "Owner", false),
    ("b24988ac-6180-42a0-ab88-20f7382dd24c", "Contributor", false),
    ("acdd72a7-3385-48ef-bd42-f606fba81ae7", "Reader", false),
];

/// The decision on a principal, as far as it can be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RoleDecision {
    /// A role allows the action: its name, and whether the principal has it through a group.
    Allowed { role: String, through_group: bool },
    /// No role allows it: the names of the roles that the principal has, and what explains it.
    Missing { roles: Vec<String>, hints: Vec<String> },
    /// A role with a condition would allow it.
    Conditional { role: String, condition: String },
    /// A deny assignment applies: its name.
    Denied { assignment: String },
    /// It depends on what cannot be read, such as a condition.
    Unknown { reason: String },
}

#[derive(Clone, Debug, Deserialize)]
struct AuthorizationItem<T> {
    properties: T,
}

/// A role assignment.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RoleAssignment {
    role_definition_id: String,
    principal_id: String,
    scope: Option<String>,
    condition: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct RoleDefinition {
    role_name: String,
    permissions: Vec<Permission>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Permission {
    data_actions: Option<Vec<String>>,
    not_data_actions: Option<Vec<String>>,
    condition: Option<String>,
}

/// A deny assignment.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct DenyAssignment {
    deny_assignment_name: String,
    permissions: Vec<Permission>,
    principals: Vec<Principal>,
    scope: String,
    do_not_apply_to_child_scopes: bool,
    exclude_principals: Option<Vec<Principal>>,
    /// `enforced` or `audit`; absent in older answers, which are enforced.
    deny_assignment_effect: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Principal {
    id: String,
    #[serde(rename = "type")]
    kind: String,
}

/// Lists the role assignments of a principal at a scope and above, also those of its groups.
///
/// # Errors
/// The caller may not read role assignments.
pub fn assignments(
    client: &ResourceManager<'_>,
    scope: &str,
    object_id: &str,
) -> Result<Vec<RoleAssignment>, ManagementError> {
    let filter = format!("atScope() and assignedTo('{object_id}')");
    listed(client, scope, "roleAssignments", VERSION, &filter)
}

/// Lists role assignments, deny assignments or eligible ones with a filter.
fn listed<T: DeserializeOwned>(
    client: &ResourceManager<'_>,
    scope: &str,
    kind: &str,
    version: &str,
    filter: &str,
) -> Result<Vec<T>, ManagementError> {
    let path = format!("{scope}/providers/Microsoft.Authorization/{kind}");
    let listed: Vec<AuthorizationItem<T>> = client.list(&path, &[("api-version", version), ("$filter", filter)])?;
    Ok(listed.into_iter().map(|one| one.properties).collect())
}

/// Lists the deny assignments at a scope and above.
///
/// # Errors
/// The caller may not read deny assignments.
pub fn deny_assignments(client: &ResourceManager<'_>, scope: &str) -> Result<Vec<DenyAssignment>, ManagementError> {
    listed(client, scope, "denyAssignments", VERSION, "atScope()")
}

/// Returns where else in the subscription a principal has a role that reads secrets. Nothing if that cannot be read.
pub fn roles_elsewhere(client: &ResourceManager<'_>, object_id: &str, scope: &str) -> Vec<String> {
    let subscription = scope.split('/').take(3).collect::<Vec<_>>().join("/");
    // The filter lists direct assignments at the scope, above and below.
    let filter = format!("principalId eq '{object_id}'");
    let all: Vec<RoleAssignment> =
        listed(client, &subscription, "roleAssignments", VERSION, &filter).unwrap_or_default();
    let places = all.iter().filter_map(|one| Some((reading_role(one)?, one.scope.as_ref()?)));
    places.take(MOST_HINTS).map(|(role, place)| format!("{role} is assigned on {place}")).collect()
}

/// Returns the roles that a principal can activate in Privileged Identity Management.
pub fn eligible_roles(client: &ResourceManager<'_>, object_id: &str, scope: &str) -> Vec<String> {
    let filter = format!("assignedTo('{object_id}')");
    let all: Vec<RoleAssignment> =
        listed(client, scope, "roleEligibilityScheduleInstances", ELIGIBLE_VERSION, &filter).unwrap_or_default();
    let applies = |one: &&RoleAssignment| {
        let theirs = one.scope.as_deref().unwrap_or_default().to_ascii_lowercase();
        scope.to_ascii_lowercase().starts_with(&theirs)
    };
    let roles = all.iter().filter(applies).filter_map(reading_role);
    roles.take(MOST_HINTS).map(|role| format!("{role} is eligible there, but not active")).collect()
}

/// Returns which other identities have a role there, from their names and object IDs.
pub fn roles_of_others(client: &ResourceManager<'_>, scope: &str, others: &[(&str, &str)]) -> Vec<String> {
    if others.is_empty() {
        return Vec::new();
    }
    let all: Vec<RoleAssignment> = listed(client, scope, "roleAssignments", VERSION, "atScope()").unwrap_or_default();
    let role_of = |id: &str| all.iter().filter(|one| one.principal_id.eq_ignore_ascii_case(id)).find_map(reading_role);
    let having = others.iter().filter_map(|(name, id)| Some((name, role_of(id)?)));
    having.take(MOST_HINTS).map(|(name, role)| format!("{name}, which is assigned too, has {role}")).collect()
}

/// Returns the name of a built-in role that can read secret values.
fn reading_role(assignment: &RoleAssignment) -> Option<&'static str> {
    let guid = guid_of(assignment);
    BUILT_IN.iter().find(|(id, _, reads)| *reads && *id == guid).map(|(_, name, _)| *name)
}

/// Decides whether the assignments of a principal allow it to read a secret. Reads the definitions of roles that are not
/// in the table.
pub fn decide(
    client: &ResourceManager<'_>,
    object_id: &str,
    scope: &str,
    assignments: &[RoleAssignment],
    denied: &Result<Vec<DenyAssignment>, ManagementError>,
) -> RoleDecision {
    let roles = roles(client, assignments);
    decide_with(object_id, scope, assignments, &roles, denied.as_ref().map(Vec::as_slice).map_err(ToString::to_string))
}

type Roles = BTreeMap<String, Result<RoleDefinition, String>>;

/// Returns the definition of each assigned role, by its GUID.
fn roles(client: &ResourceManager<'_>, assignments: &[RoleAssignment]) -> Roles {
    let mut roles = Roles::new();
    for assignment in assignments {
        let guid = guid_of(assignment);
        if roles.contains_key(&guid) {
            continue;
        }
        let built_in = BUILT_IN.iter().find(|(id, ..)| *id == guid).map(|(_, name, reads)| {
            let data_actions = reads.then(|| vec![GET_SECRET.to_owned()]);
            let permission = Permission { data_actions, ..Permission::default() };
            RoleDefinition { role_name: (*name).to_owned(), permissions: vec![permission] }
        });
        let definition = built_in.map_or_else(|| definition(client, &assignment.role_definition_id), Ok);
        roles.insert(guid, definition);
    }
    roles
}

fn guid_of(assignment: &RoleAssignment) -> String {
    assignment.role_definition_id.rsplit('/').next().unwrap_or_default().to_ascii_lowercase()
}

/// Reads a role definition (<https://learn.microsoft.com/rest/api/authorization/role-definitions/get-by-id>).
fn definition(client: &ResourceManager<'_>, id: &str) -> Result<RoleDefinition, String> {
    let listed: Result<AuthorizationItem<RoleDefinition>, _> = client.get(id, VERSION);
    listed.map(|one| one.properties).map_err(|error| error.to_string())
}

fn decide_with(
    object_id: &str,
    scope: &str,
    assignments: &[RoleAssignment],
    roles: &Roles,
    denied: Result<&[DenyAssignment], String>,
) -> RoleDecision {
    let (mut open_deny, mut unknown): (Option<String>, Option<String>) =
        (denied.as_ref().err().map(|error| format!("deny assignments could not be read: {error}")), None);
    for deny in denied.as_ref().copied().unwrap_or_default() {
        match deny.applies_to(object_id, scope) {
            Some(true) => return RoleDecision::Denied { assignment: deny.deny_assignment_name.clone() },
            Some(false) => {}
            None => {
                let name = &deny.deny_assignment_name;
                open_deny = Some(format!("the deny assignment '{name}' applies to a group with unknown members"));
            }
        }
    }
    let (mut allowed, mut conditional): (Option<RoleDecision>, Option<RoleDecision>) = (None, None);
    let mut names = Vec::new();
    for assignment in assignments {
        let role = match &roles[&guid_of(assignment)] {
            Ok(role) => role,
            Err(error) => {
                unknown.get_or_insert_with(|| format!("a role definition could not be read: {error}"));
                continue;
            }
        };
        names.push(role.role_name.clone());
        let granting = role.permissions.iter().filter(|permission| permission.allows(GET_SECRET));
        let conditions: Vec<Option<&String>> =
            granting.map(|permission| permission.condition.as_ref().or(assignment.condition.as_ref())).collect();
        match conditions.contains(&None) {
            true => {
                let through_group = !assignment.principal_id.eq_ignore_ascii_case(object_id);
                let found = RoleDecision::Allowed { role: role.role_name.clone(), through_group };
                // A direct assignment applies at once.
                if allowed.is_none() || !through_group {
                    allowed = Some(found);
                }
            }
            false => {
                if let Some(condition) = conditions.into_iter().flatten().next() {
                    let (role, condition) = (role.role_name.clone(), condition.clone());
                    conditional.get_or_insert(RoleDecision::Conditional { role, condition });
                }
            }
        }
    }
    names.dedup();
    // A role without a condition is enough, unless a deny assignment may apply.
    match (allowed.or(conditional), open_deny, unknown) {
        (Some(found), None, _) => found,
        (Some(_), Some(reason), _) | (None, _, Some(reason)) => RoleDecision::Unknown { reason },
        (None, _, None) => RoleDecision::Missing { roles: names, hints: Vec::new() },
    }
}

impl Permission {
    /// Returns true if `dataActions` contains the action and `notDataActions` does not.
    fn allows(&self, action: &str) -> bool {
        let has = |patterns: &Option<Vec<String>>| patterns.iter().flatten().any(|pattern| matches(pattern, action));
        has(&self.data_actions) && !has(&self.not_data_actions)
    }
}

impl DenyAssignment {
    /// Returns whether it denies a principal to read secrets. `None` if that depends on a group.
    fn applies_to(&self, object_id: &str, scope: &str) -> Option<bool> {
        if self.do_not_apply_to_child_scopes && !self.scope.eq_ignore_ascii_case(scope) {
            return Some(false);
        }
        let is_audit =
            self.deny_assignment_effect.as_deref().is_some_and(|effect| effect.eq_ignore_ascii_case("audit"));
        if is_audit || !self.permissions.iter().any(|permission| permission.allows(GET_SECRET)) {
            return Some(false);
        }
        let named = |principals: &[Principal]| {
            let is = |one: &Principal| one.id == EVERYONE || one.id.eq_ignore_ascii_case(object_id);
            match principals.iter().any(is) {
                true => Some(true),
                false if principals.iter().any(|one| one.kind.eq_ignore_ascii_case("Group")) => None,
                false => Some(false),
            }
        };
        match (named(&self.principals), named(self.exclude_principals.as_deref().unwrap_or_default())) {
            (Some(false), _) | (_, Some(true)) => Some(false),
            (Some(true), Some(false)) => Some(true),
            _ => None,
        }
    }
}

/// Returns true if an action matches a pattern, in which `*` stands for any text. Case does not matter.
fn matches(pattern: &str, action: &str) -> bool {
    let (pattern, action) = (pattern.to_ascii_lowercase(), action.to_ascii_lowercase());
    let mut parts = pattern.split('*');
    let Some(mut rest) = action.strip_prefix(parts.next().unwrap_or_default()) else { return false };
    let mut parts = parts.peekable();
    if parts.peek().is_none() {
        return rest.is_empty();
    }
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return rest.ends_with(part);
        }
        let Some((_, after)) = rest.split_once(part) else { return false };
        rest = after;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_actions() {
        for (pattern, is_match) in [
            (GET_SECRET, true),
            ("microsoft.keyvault/VAULTS/secrets/getSecret/action", true),
            ("*", true),
            ("Microsoft.KeyVault/vaults/secrets/*", true),
            ("Microsoft.KeyVault/*/action", true),
            ("*/getSecret/*", true),
            ("Microsoft.KeyVault/vaults/*/read", false),
            ("Microsoft.KeyVault/vaults/secrets/getSecret", false),
            ("", false),
        ] {
            assert_eq!(matches(pattern, GET_SECRET), is_match, "{pattern}");
        }
    }

    fn role(data: &str, not: &str) -> RoleDefinition {
        let text =
            format!(r#"{{"roleName":"R","permissions":[{{"dataActions":["{data}"],"notDataActions":["{not}"]}}]}}"#);
        serde_json::from_str(&text).unwrap()
    }

    fn decided(role: RoleDefinition, condition: Option<&str>, principal: &str, denied: &str) -> RoleDecision {
        let assignment = RoleAssignment {
            role_definition_id: "/x/GUID".to_owned(),
            principal_id: principal.to_owned(),
            scope: None,
            condition: condition.map(str::to_owned),
        };
        let denied: Vec<DenyAssignment> = serde_json::from_str(denied).unwrap();
        decide_with("me", "/v", &[assignment], &Roles::from([("guid".to_owned(), Ok(role))]), Ok(&denied))
    }

    #[test]
    fn roles_conditions_and_deny_assignments_decide() {
        let allowed = |through_group| RoleDecision::Allowed { role: "R".to_owned(), through_group };
        assert_eq!(decided(role("*", ""), None, "ME", "[]"), allowed(false));
        assert_eq!(decided(role("*", ""), None, "group", "[]"), allowed(true));
        let missing = RoleDecision::Missing { roles: vec!["R".to_owned()], hints: Vec::new() };
        assert_eq!(decided(role("*", GET_SECRET), None, "me", "[]"), missing);
        assert!(matches!(decided(role("*", ""), Some("c"), "me", "[]"), RoleDecision::Conditional { .. }));
        let deny = |principal: &str, kind: &str, more: &str| {
            format!(
                r#"[{{"denyAssignmentName":"D","permissions":[{{"dataActions":["*"]}}],
                "principals":[{{"id":"{principal}","type":"{kind}"}}]{more}}}]"#
            )
        };
        let denied = RoleDecision::Denied { assignment: "D".to_owned() };
        assert_eq!(decided(role("*", ""), None, "me", &deny(EVERYONE, "SystemDefined", "")), denied);
        let excluded = r#","excludePrincipals":[{"id":"me","type":"ServicePrincipal"}]"#;
        assert_eq!(decided(role("*", ""), None, "me", &deny(EVERYONE, "SystemDefined", excluded)), allowed(false));
        let parent = r#","scope":"/parent","doNotApplyToChildScopes":true"#;
        assert_eq!(decided(role("*", ""), None, "me", &deny(EVERYONE, "SystemDefined", parent)), allowed(false));
        let audit = r#","denyAssignmentEffect":"audit""#;
        assert_eq!(decided(role("*", ""), None, "me", &deny(EVERYONE, "SystemDefined", audit)), allowed(false));
        assert!(matches!(decided(role("*", ""), None, "me", &deny("g", "Group", "")), RoleDecision::Unknown { .. }));
        assert_eq!(decided(role("*", ""), None, "me", &deny("other", "User", "")), allowed(false));
    }

    #[test]
    fn unreadable_deny_assignments_leave_it_open() {
        let assignment = RoleAssignment {
            role_definition_id: "/x/g".to_owned(),
            principal_id: "me".to_owned(),
            scope: None,
            condition: None,
        };
        let roles = Roles::from([("g".to_owned(), Ok(role("*", "")))]);
        let decision = decide_with("me", "/v", &[assignment], &roles, Err("forbidden".to_owned()));
        assert!(matches!(decision, RoleDecision::Unknown { .. }));
        assert_eq!(
            decide_with("me", "/v", &[], &roles, Err("x".to_owned())),
            RoleDecision::Missing { roles: Vec::new(), hints: Vec::new() }
        );
    }
}
