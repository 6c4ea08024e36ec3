//! Who a token speaks for: a user, a service principal or a managed identity, told from its claims.

use std::fmt;

use crate::token::Claims;

/// The kind of identity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IdentityType {
    /// A person.
    User,
    /// An application with a credential of its own.
    ServicePrincipal,
    /// The identity that a resource has by itself.
    SystemAssigned,
    /// An identity that was made on its own and given to a resource.
    UserAssigned,
    /// A managed identity whose token does not say which of the two it is.
    Managed,
}

/// The identity behind a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// What kind it is.
    pub kind: IdentityType,
    /// The claims it was read from.
    pub claims: Claims,
}

/// Whether the credential that gave the token is a managed identity, for the tokens that do not say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A managed identity endpoint gave it.
    ManagedIdentity,
    /// Anything else did.
    Other,
}

impl Identity {
    /// Reads the identity from a token's claims. `idtyp` decides between user and application; where it is missing, a
    /// delegated scope means a user. `xms_mirid` names the resource behind a managed identity.
    pub fn from_claims(claims: Claims, origin: Origin) -> Self {
        let user = match claims.idtyp.as_deref() {
            Some(kind) => kind.eq_ignore_ascii_case("user"),
            None => claims.scp.is_some(),
        };
        let kind = match (&claims.xms_mirid, origin) {
            _ if user => IdentityType::User,
            (Some(id), _) if is_user_assigned(id) => IdentityType::UserAssigned,
            (Some(_), _) => IdentityType::SystemAssigned,
            (None, Origin::ManagedIdentity) => IdentityType::Managed,
            (None, Origin::Other) => IdentityType::ServicePrincipal,
        };
        Identity { kind, claims }
    }

    /// The object id: what a role is assigned to.
    pub fn object_id(&self) -> Option<&str> {
        self.claims.oid.as_deref()
    }

    /// The client id of the application or identity.
    pub fn client_id(&self) -> Option<&str> {
        self.claims.appid.as_deref().or(self.claims.azp.as_deref())
    }

    /// The tenant that issued the token.
    pub fn tenant(&self) -> Option<&str> {
        self.claims.tid.as_deref()
    }

    /// What people call it: the user's sign-in name, or the name of the resource behind a managed identity.
    pub fn label(&self) -> Option<&str> {
        let c = &self.claims;
        let resource = c.xms_mirid.as_deref().and_then(|id| id.rsplit('/').next());
        [&c.upn, &c.unique_name, &c.preferred_username, &c.email, &c.name]
            .into_iter()
            .find_map(|field| field.as_deref())
            .or(resource)
    }

    /// How `az role assignment create --assignee-principal-type` names its kind.
    pub fn principal_type(&self) -> &'static str {
        if self.kind == IdentityType::User { "User" } else { "ServicePrincipal" }
    }
}

fn is_user_assigned(resource_id: &str) -> bool {
    resource_id.to_ascii_lowercase().contains("/microsoft.managedidentity/userassignedidentities/")
}

impl IdentityType {
    /// The word that JSON output uses.
    pub fn as_json(self) -> &'static str {
        match self {
            IdentityType::User => "user",
            IdentityType::ServicePrincipal => "servicePrincipal",
            IdentityType::SystemAssigned => "systemAssignedManagedIdentity",
            IdentityType::UserAssigned => "userAssignedManagedIdentity",
            IdentityType::Managed => "managedIdentity",
        }
    }
}

/// In words: `system-assigned`, `user`.
impl fmt::Display for IdentityType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            IdentityType::User => "user",
            IdentityType::ServicePrincipal => "service principal",
            IdentityType::SystemAssigned => "system-assigned",
            IdentityType::UserAssigned => "user-assigned",
            IdentityType::Managed => "managed identity",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(json: &str, origin: Origin) -> IdentityType {
        Identity::from_claims(serde_json::from_str(json).unwrap(), origin).kind
    }

    #[test]
    fn the_claims_tell_the_kinds_apart() {
        use IdentityType::*;
        let vm = r#"{"xms_mirid":"/subscriptions/s/resourcegroups/g/providers/Microsoft.Compute/virtualMachines/vm"}"#;
        let named = r#"{"xms_mirid":"/subscriptions/s/resourceGroups/g/providers/Microsoft.ManagedIdentity/userAssignedIdentities/i"}"#;
        assert_eq!(kind(vm, Origin::ManagedIdentity), SystemAssigned);
        assert_eq!(kind(named, Origin::Other), UserAssigned);
        assert_eq!(kind("{}", Origin::ManagedIdentity), Managed);
        assert_eq!(kind("{}", Origin::Other), ServicePrincipal);
        assert_eq!(kind(r#"{"scp":"user_impersonation"}"#, Origin::Other), User);
        assert_eq!(kind(r#"{"idtyp":"user"}"#, Origin::ManagedIdentity), User);
        assert_eq!(kind(r#"{"idtyp":"app","scp":"x"}"#, Origin::Other), ServicePrincipal);
    }
}
