//! A workload as Azure Resource Manager shows it: its identities, its way to the network and its Key Vault references.

use std::collections::BTreeMap;
use std::net::IpAddr;

use serde::Deserialize;

use crate::env;
use crate::host::{Host, HostKind};
use crate::kubernetes::pod::PodName;
use crate::token::identity::IdentityType;

use super::resource_id::ResourceId;

/// The type of a virtual machine scale set, in lower case.
pub(super) const SCALE_SET: &str = "microsoft.compute/virtualmachinescalesets";

/// A resource that can have managed identities.
#[derive(Clone, Debug)]
pub struct Workload {
    /// Its resource. That of its identity for a pod, if that was found.
    pub id: Option<ResourceId>,
    pub pod: Option<PodName>,
    pub kind: HostKind,
    pub identities: Vec<AssignedIdentity>,
    pub client_id: ClientId,
    /// The Key Vault references in the resource itself.
    pub references: Vec<KeyVaultReference>,
    pub network: Network,
    /// The identity that resolves Key Vault references: `SystemAssigned` or a resource ID.
    pub reference_identity: Option<String>,
}

impl Workload {
    /// Returns it as a host, for reports and commands.
    pub fn host(&self) -> Host {
        let name = Some(self.name().to_owned());
        if let Some(pod) = &self.pod {
            return Host { name, namespace: Some(pod.namespace.clone()), ..Host::of_kind(self.kind) };
        }
        let is_scale_set = self.id.as_ref().is_some_and(|id| id.kind() == SCALE_SET);
        let (name, scale_set) = if is_scale_set { (None, name) } else { (name, None) };
        let resource_group = self.id.as_ref().map(|id| id.resource_group().to_owned());
        Host { name, resource_group, scale_set, ..Host::of_kind(self.kind) }
    }

    /// Returns its name.
    pub fn name(&self) -> &str {
        match (&self.pod, &self.id) {
            (Some(pod), _) => &pod.name,
            (None, Some(id)) => id.name(),
            (None, None) => self.identities.first().map_or("", AssignedIdentity::label),
        }
    }

    /// Returns the identity that a token request without an ID selects. App Service and Container Apps require an ID for a
    /// user-assigned identity; the metadata service (IMDS) returns the only one
    /// (<https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/managed-identities-faq>).
    pub fn default_identity(&self) -> Option<&AssignedIdentity> {
        match self.identities.as_slice() {
            [only] if !self.kind.is_app() => Some(only),
            all => all.iter().find(|one| one.resource_id.is_none()),
        }
    }
}

/// The variable `AZURE_CLIENT_ID` of a workload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClientId {
    Set(String),
    Unset,
    /// The resource does not show it.
    NotShown,
}

impl ClientId {
    /// Returns the client ID in the variables of all containers, if all of them have the same.
    pub(super) fn of_containers<'a>(containers: impl Iterator<Item = &'a [EnvironmentVariable]>) -> Self {
        let of = |variables: &[EnvironmentVariable]| {
            let variable = variables.iter().find(|variable| variable.name == env::AZURE_CLIENT_ID)?;
            Some(variable.value.clone().filter(|value| !value.is_empty()))
        };
        let mut found: Vec<_> = containers.map(of).collect();
        found.dedup();
        match found.as_slice() {
            [] | [None] => ClientId::Unset,
            [Some(Some(id))] => ClientId::Set(id.clone()),
            _ => ClientId::NotShown,
        }
    }
}

/// Parses addresses. None of them counts if one is not an address: the list may be cut.
pub(super) fn parse_addresses<'a>(texts: impl Iterator<Item = &'a str>) -> Vec<IpAddr> {
    let addresses: Option<Vec<_>> = texts.map(|text| text.trim().parse().ok()).collect();
    let mut addresses = addresses.unwrap_or_default();
    addresses.sort();
    addresses.dedup();
    addresses
}

/// A Key Vault reference in an app setting or a secret of an app.
#[derive(Clone, Debug)]
pub struct KeyVaultReference {
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
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AssignedIdentity {
    /// The resource ID of a user-assigned identity. `None` for the system-assigned one.
    pub resource_id: Option<String>,
    pub object_id: String,
    pub client_id: Option<String>,
    pub tenant: Option<String>,
    /// When a container app has the identity: `Init`, `Main`, `All` or `None`.
    pub lifecycle: Option<String>,
    /// True for an application or a user: only its object ID is known.
    pub is_principal: bool,
}

/// The addresses and the subnet that a workload connects from.
#[derive(Clone, Debug, Default)]
pub struct Network {
    /// The public addresses, if they are known.
    pub addresses: Vec<IpAddr>,
    /// The subnet of its virtual network.
    pub subnet: Option<String>,
    /// The resource that names the subnet: an environment of container apps, or a network interface.
    pub leads_to_subnet: Option<String>,
    /// True if all its connections go through the subnet, so that the addresses do not apply.
    pub all_through_subnet: bool,
    /// True if the vault sees the private address, and only a rule for the subnet applies.
    pub has_service_endpoint: bool,
}

/// A variable of a container. One that refers to a secret has no value.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct EnvironmentVariable {
    name: String,
    value: Option<String>,
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
    user_assigned_identities: Option<BTreeMap<String, UserAssignedIdentity>>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct UserAssignedIdentity {
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
            object_id,
            tenant: tenant.clone(),
            ..AssignedIdentity::default()
        });
        let users = self.user_assigned_identities.unwrap_or_default().into_iter().filter_map(|(id, user)| {
            Some(AssignedIdentity {
                resource_id: Some(id),
                object_id: user.principal_id?,
                client_id: user.client_id,
                tenant: tenant.clone(),
                ..AssignedIdentity::default()
            })
        });
        system.into_iter().chain(users).collect()
    }
}

impl AssignedIdentity {
    /// Returns the name of a user-assigned identity, or `system-assigned`.
    pub fn label(&self) -> &str {
        match &self.resource_id {
            Some(id) => id.rsplit('/').next().unwrap_or_default(),
            None if self.is_principal => &self.object_id,
            None => "system-assigned",
        }
    }

    /// Returns its type.
    pub fn kind(&self) -> IdentityType {
        match &self.resource_id {
            Some(_) => IdentityType::UserAssigned,
            None if self.is_principal => IdentityType::ServicePrincipal,
            None => IdentityType::SystemAssigned,
        }
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

    #[test]
    fn client_id_is_that_of_all_containers() {
        let read = |texts: &[&str]| {
            let containers: Vec<Vec<EnvironmentVariable>> =
                texts.iter().map(|text| serde_json::from_str(&format!("[{text}]")).unwrap()).collect();
            ClientId::of_containers(containers.iter().map(Vec::as_slice))
        };
        let set = r#"{"name":"AZURE_CLIENT_ID","value":"c"}"#;
        assert_eq!(read(&[set]), ClientId::Set("c".to_owned()));
        assert_eq!(read(&[set, set]), ClientId::Set("c".to_owned()));
        assert_eq!(read(&["", ""]), ClientId::Unset);
        assert_eq!(read(&[set, ""]), ClientId::NotShown);
        assert_eq!(read(&[r#"{"name":"AZURE_CLIENT_ID","secretRef":"s"}"#]), ClientId::NotShown);
    }
}
