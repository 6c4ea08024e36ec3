//! The identity of a token: a user, a service principal or a managed identity, from its claims.

use std::fmt;

use crate::token::Claims;

/// The type of an identity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IdentityType {
    User,
    ServicePrincipal,
    /// The system-assigned managed identity of a resource.
    SystemAssigned,
    /// A user-assigned managed identity.
    UserAssigned,
    /// A managed identity of unknown type.
    Managed,
}

/// The identity of a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Its type.
    pub kind: IdentityType,
    /// The claims of the token.
    pub claims: Claims,
}

/// The kind of credential that returned the token, for tokens without the claims that show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A managed identity endpoint.
    ManagedIdentity,
    /// Another credential.
    Other,
}

impl Identity {
    /// Reads the identity from a token's claims. `idtyp` distinguishes users from applications; without it, a delegated
    /// scope means a user. `xms_mirid` is the resource of a managed identity.
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

    /// Returns the object ID, to which roles are assigned.
    pub fn object_id(&self) -> Option<&str> {
        self.claims.oid.as_deref()
    }

    /// Returns the client ID of the application or identity.
    pub fn client_id(&self) -> Option<&str> {
        self.claims.appid.as_deref().or(self.claims.azp.as_deref())
    }

    /// Returns the tenant that issued the token.
    pub fn tenant(&self) -> Option<&str> {
        self.claims.tid.as_deref()
    }

    /// Returns the name to show: the user's sign-in name, or the name of the managed identity's resource.
    pub fn label(&self) -> Option<&str> {
        let c = &self.claims;
        let resource = c.xms_mirid.as_deref().and_then(|id| id.rsplit('/').next());
        [&c.upn, &c.unique_name, &c.preferred_username, &c.email, &c.name]
            .into_iter()
            .find_map(|field| field.as_deref())
            .or(resource)
    }

    /// Returns the value for `az role assignment create --assignee-principal-type`.
    pub fn principal_type(&self) -> &'static str {
        if self.kind == IdentityType::User { "User" } else { "ServicePrincipal" }
    }
}

fn is_user_assigned(resource_id: &str) -> bool {
    resource_id.to_ascii_lowercase().contains("/microsoft.managedidentity/userassignedidentities/")
}

impl IdentityType {
    /// Returns what the type means for the lifetime of a managed identity
    /// (<https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/overview#managed-identity-types>).
    pub fn lifetime(self) -> Option<&'static str> {
        match self {
            IdentityType::SystemAssigned => Some("same lifecycle as its resource"),
            IdentityType::UserAssigned => Some("can be shared by resources"),
            IdentityType::User | IdentityType::ServicePrincipal | IdentityType::Managed => None,
        }
    }

    /// Returns the value for JSON output.
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

/// The text for reports: `system-assigned`, `user`.
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
    fn identity_types_are_read_from_claims() {
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
