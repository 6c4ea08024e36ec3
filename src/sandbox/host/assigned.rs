//! Selects the managed identity of a request among those assigned to the host.

use crate::sandbox::{names, plan::Identities, token::Subject};

/// The identity that a request names, by any of its IDs.
#[derive(Clone, Copy, Default)]
pub(super) struct IdentityIds<'a> {
    pub(super) client_id: Option<&'a str>,
    pub(super) object_id: Option<&'a str>,
    pub(super) resource_id: Option<&'a str>,
}

impl IdentityIds<'_> {
    /// True if the request names no identity.
    pub(super) fn is_empty(&self) -> bool {
        self.client_id.or(self.object_id).or(self.resource_id).is_none()
    }
}

/// Why no identity was selected.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum NotSelected {
    /// The named identity is not assigned, or none is.
    NotFound,
    /// Several identities are possible.
    Ambiguous,
}

/// Selects the identity by the rule of
/// <https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/managed-identities-faq>: the named
/// one, else the system-assigned one, else the only user-assigned one.
pub(super) fn select(
    identities: &Identities,
    named: IdentityIds<'_>,
    system_resource: &str,
) -> Result<Subject, NotSelected> {
    let is = |requested: Option<&str>, own: &str| requested.is_none_or(|requested| requested.eq_ignore_ascii_case(own));
    let system = || Subject::SystemAssigned { resource_id: system_resource.to_owned() };
    if !named.is_empty() {
        let found = identities.user_assigned.iter().find(|one| {
            is(named.client_id, &one.client_id)
                && is(named.object_id, &one.object_id)
                && is(named.resource_id.map(folded).as_deref(), &folded(&one.resource_id()))
        });
        let names_system = named.resource_id.is_none()
            && is(named.client_id, names::SYSTEM_CLIENT_ID)
            && is(named.object_id, names::SYSTEM_OBJECT_ID);
        return match found {
            Some(identity) => Ok(Subject::UserAssigned(identity.clone())),
            None if names_system && identities.system_assigned => Ok(system()),
            None => Err(NotSelected::NotFound),
        };
    }
    match identities.user_assigned.as_slice() {
        _ if identities.system_assigned => Ok(system()),
        [] => Err(NotSelected::NotFound),
        [only] => Ok(Subject::UserAssigned(only.clone())),
        _ => Err(NotSelected::Ambiguous),
    }
}

/// Resource IDs ignore case: `resourceGroups` and `resourcegroups` are both common.
fn folded(resource_id: &str) -> String {
    resource_id.to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::plan::UserAssigned;

    fn selected(identities: &Identities, named: IdentityIds<'_>) -> Result<String, NotSelected> {
        select(identities, named, "/my-app").map(|subject| subject.client_id().to_owned())
    }

    #[test]
    fn identity_is_selected_as_in_azure() {
        let both = Identities::default();
        let two =
            Identities { system_assigned: false, user_assigned: vec![UserAssigned::first(), UserAssigned::second()] };
        let none = Identities { system_assigned: false, user_assigned: Vec::new() };
        let system = Ok(names::SYSTEM_CLIENT_ID.to_owned());
        let first = Ok(names::USER_ASSIGNED_CLIENT_ID.to_owned());
        assert_eq!(selected(&both, IdentityIds::default()), system);
        assert_eq!(selected(&two, IdentityIds::default()), Err(NotSelected::Ambiguous));
        assert_eq!(selected(&none, IdentityIds::default()), Err(NotSelected::NotFound));
        let by_object = IdentityIds { object_id: Some(names::USER_ASSIGNED_OBJECT_ID), ..IdentityIds::default() };
        assert_eq!(selected(&two, by_object), first);
        let resource = names::USER_ASSIGNED_RESOURCE_ID.replace("resourcegroups", "resourceGroups");
        let by_resource = IdentityIds { resource_id: Some(&resource), ..IdentityIds::default() };
        assert_eq!(selected(&both, by_resource), first);
        let unknown = IdentityIds { client_id: Some("nobody"), ..IdentityIds::default() };
        assert_eq!(selected(&both, unknown), Err(NotSelected::NotFound));
        let by_system = IdentityIds { client_id: Some(names::SYSTEM_CLIENT_ID), ..IdentityIds::default() };
        assert_eq!(selected(&both, by_system), system);
        assert_eq!(selected(&two, by_system), Err(NotSelected::NotFound));
    }
}
