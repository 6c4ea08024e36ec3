//! A workload as Azure Resource Manager shows it: its identities, its way to the network and its Key Vault references.

use std::collections::BTreeMap;
use std::net::IpAddr;

use serde::Deserialize;

use crate::host::HostKind;

use super::resource_id::ResourceId;

/// A resource that can have managed identities.
#[derive(Clone, Debug)]
pub struct Workload {
    pub id: ResourceId,
    pub kind: HostKind,
    pub identities: Vec<AssignedIdentity>,
    pub client_id: ClientId,
    /// The Key Vault references in the resource itself.
    pub references: Vec<Reference>,
    pub network: Network,
    /// The identity that resolves Key Vault references: `SystemAssigned` or a resource ID.
    pub reference_identity: Option<String>,
}

/// The variable `AZURE_CLIENT_ID` of a workload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClientId {
    Set(String),
    Unset,
    /// The resource does not show it.
    NotShown,
}

/// A Key Vault reference in an app setting or a secret of an app.
#[derive(Clone, Debug)]
pub struct Reference {
    /// The app setting, or the secret of the app.
    pub setting: String,
    pub vault: Option<String>,
    pub secret: Option<String>,
    /// `Resolved`, `AccessToKeyVaultDenied`: the result of the last attempt, which can be 24 hours old
    /// (<https://learn.microsoft.com/azure/app-service/app-service-key-vault-references>). Container apps show none.
    pub status: Option<String>,
    pub details: Option<String>,
}

/// A managed identity that is assigned to a workload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AssignedIdentity {
    /// The resource ID of a user-assigned identity. `None` for the system-assigned one.
    pub resource_id: Option<String>,
    pub object_id: String,
    pub client_id: Option<String>,
    pub tenant: Option<String>,
    /// When a container app has the identity: `Init`, `Main`, `All` or `None`.
    pub lifecycle: Option<String>,
}

/// The addresses and the subnet that a workload connects from.
#[derive(Clone, Debug, Default)]
pub struct Network {
    /// The public addresses, if they are known.
    pub addresses: Vec<IpAddr>,
    /// The subnet of its virtual network.
    pub subnet: Option<String>,
    /// True if all its connections go through the subnet, so that the addresses do not apply.
    pub all_through_subnet: bool,
}

/// The identity block that all resources share
/// (<https://learn.microsoft.com/azure/templates/microsoft.web/sites#managedserviceidentity>).
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct IdentityBlock {
    #[serde(rename = "type")]
    kind: Option<String>,
    principal_id: Option<String>,
    tenant_id: Option<String>,
    user_assigned_identities: Option<BTreeMap<String, UserAssigned>>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct UserAssigned {
    principal_id: Option<String>,
    client_id: Option<String>,
}

impl IdentityBlock {
    /// Returns the identities: the system-assigned one first. `tenant` is that of the subscription.
    pub(super) fn identities(self, tenant: Option<&str>) -> Vec<AssignedIdentity> {
        let tenant = self.tenant_id.or_else(|| tenant.map(str::to_owned));
        let kinds = self.kind.unwrap_or_default();
        let has_system = kinds.split(',').any(|kind| kind.trim().eq_ignore_ascii_case("SystemAssigned"));
        let system = self.principal_id.filter(|_| has_system).map(|object_id| AssignedIdentity {
            resource_id: None,
            object_id,
            client_id: None,
            tenant: tenant.clone(),
            lifecycle: None,
        });
        let users = self.user_assigned_identities.unwrap_or_default().into_iter().filter_map(|(id, user)| {
            Some(AssignedIdentity {
                resource_id: Some(id),
                object_id: user.principal_id?,
                client_id: user.client_id,
                tenant: tenant.clone(),
                lifecycle: None,
            })
        });
        system.into_iter().chain(users).collect()
    }
}

impl AssignedIdentity {
    /// Returns the name of a user-assigned identity, or `system-assigned`.
    pub fn label(&self) -> &str {
        self.resource_id.as_deref().and_then(|id| id.rsplit('/').next()).unwrap_or("system-assigned")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identities_are_read_from_every_form_of_the_block() {
        let read = |text: &str| {
            let block: IdentityBlock = serde_json::from_str(text).unwrap();
            let identities = block.identities(Some("t"));
            identities.iter().map(|one| one.label().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(read("{}"), [""; 0]);
        assert_eq!(read(r#"{"type":"None","principalId":null,"userAssignedIdentities":null}"#), [""; 0]);
        assert_eq!(read(r#"{"type":"SystemAssigned","principalId":"o"}"#), ["system-assigned"]);
        let both = r#"{"type":"SystemAssigned,UserAssigned","principalId":"o","userAssignedIdentities":{"/x/my-id":{"principalId":"p","clientId":"c"}}}"#;
        assert_eq!(read(both), ["system-assigned", "my-id"]);
    }
}
