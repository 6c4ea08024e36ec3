//! Which of the host's assigned identities a request means.

use crate::sandbox::{names, plan::Identities, token::Subject};

/// The identity that a request names.
#[derive(Clone, Copy, Default)]
pub(super) struct Named<'a> {
    pub(super) client_id: Option<&'a str>,
    pub(super) object_id: Option<&'a str>,
    pub(super) resource_id: Option<&'a str>,
}

impl Named<'_> {
    /// Whether it names none.
    pub(super) fn is_empty(&self) -> bool {
        self.client_id.or(self.object_id).or(self.resource_id).is_none()
    }
}

/// Why no identity could be chosen.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum NotChosen {
    /// None of the assigned ones is the one asked for, or none is assigned at all.
    NotFound,
    /// Several could be meant.
    Ambiguous,
}

/// The identity meant, by the rule of
/// <https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/managed-identities-faq>: the one named;
/// else the system-assigned one; else the only user-assigned one.
pub(super) fn choose(identities: &Identities, named: Named<'_>, system_resource: &str) -> Result<Subject, NotChosen> {
    let is = |asked: Option<&str>, own: &str| asked.is_none_or(|asked| asked.eq_ignore_ascii_case(own));
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
            None => Err(NotChosen::NotFound),
        };
    }
    match identities.user_assigned.as_slice() {
        _ if identities.system_assigned => Ok(system()),
        [] => Err(NotChosen::NotFound),
        [only] => Ok(Subject::UserAssigned(only.clone())),
        _ => Err(NotChosen::Ambiguous),
    }
}

/// Resource ids are compared without case: `resourceGroups` and `resourcegroups` are both common.
fn folded(resource_id: &str) -> String {
    resource_id.to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::plan::UserAssigned;

    fn chosen(identities: &Identities, named: Named<'_>) -> Result<String, NotChosen> {
        choose(identities, named, "/my-app").map(|subject| subject.client_id().to_owned())
    }

    #[test]
    fn the_identity_meant_is_chosen_as_azure_does() {
        let both = Identities::default();
        let two =
            Identities { system_assigned: false, user_assigned: vec![UserAssigned::first(), UserAssigned::second()] };
        let none = Identities { system_assigned: false, user_assigned: Vec::new() };
        let system = Ok(names::SYSTEM_CLIENT_ID.to_owned());
        let first = Ok(names::USER_ASSIGNED_CLIENT_ID.to_owned());
        assert_eq!(chosen(&both, Named::default()), system);
        assert_eq!(chosen(&two, Named::default()), Err(NotChosen::Ambiguous));
        assert_eq!(chosen(&none, Named::default()), Err(NotChosen::NotFound));
        let by_object = Named { object_id: Some(names::USER_ASSIGNED_OBJECT_ID), ..Named::default() };
        assert_eq!(chosen(&two, by_object), first);
        let resource = names::USER_ASSIGNED_RESOURCE_ID.replace("resourcegroups", "resourceGroups");
        let by_resource = Named { resource_id: Some(&resource), ..Named::default() };
        assert_eq!(chosen(&both, by_resource), first);
        let unknown = Named { client_id: Some("nobody"), ..Named::default() };
        assert_eq!(chosen(&both, unknown), Err(NotChosen::NotFound));
        let by_system = Named { client_id: Some(names::SYSTEM_CLIENT_ID), ..Named::default() };
        assert_eq!(chosen(&both, by_system), system);
        assert_eq!(chosen(&two, by_system), Err(NotChosen::NotFound));
    }
}
