//! AKS clusters: the issuer of their tokens, their identity bindings, and the addresses and the subnet that their pods
//! connect from.

use serde::Deserialize;

use super::ResourceManager;
use super::compute::Link;
use super::error::ManagementError;
use super::resource_id::ResourceId;

/// <https://learn.microsoft.com/rest/api/aks/managed-clusters/get>
const VERSION: &str = "2026-06-01";
/// The type of this file, in lower case.
pub const TYPE: &str = "microsoft.containerservice/managedclusters";

#[derive(Default, Deserialize)]
#[serde(default)]
struct ClusterResource {
    properties: Cluster,
}

/// A cluster.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Cluster {
    oidc_issuer_profile: Issuer,
    network_profile: ClusterNetworkProfile,
    agent_pool_profiles: Option<Vec<NodePool>>,
}

/// An identity binding: a user-assigned identity that pods of the cluster can have
/// (<https://learn.microsoft.com/azure/aks/identity-bindings-concepts>).
#[derive(Clone, Debug, Deserialize)]
pub struct IdentityBinding {
    pub name: String,
    properties: Binding,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Binding {
    managed_identity: BoundIdentity,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct BoundIdentity {
    client_id: Option<String>,
}

impl IdentityBinding {
    /// Returns the client ID of its identity.
    pub fn client_id(&self) -> Option<&str> {
        self.properties.managed_identity.client_id.as_deref()
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Issuer {
    #[serde(rename = "issuerURL")]
    url: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct ClusterNetworkProfile {
    outbound_type: Option<String>,
    load_balancer_profile: Option<Outbound>,
    nat_gateway_profile: Option<Outbound>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Outbound {
    #[serde(rename = "effectiveOutboundIPs")]
    addresses: Option<Vec<Link>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct NodePool {
    #[serde(rename = "vnetSubnetID")]
    subnet: Option<String>,
}

/// Reads a cluster.
///
/// # Errors
/// It does not exist, or the caller may not read it.
pub fn read(client: &ResourceManager<'_>, id: &ResourceId) -> Result<Cluster, ManagementError> {
    client.get::<ClusterResource>(id.as_str(), VERSION).map(|read| read.properties)
}

/// Lists the identity bindings of a cluster (`IdentityBinding.tsp` and `examples/IdentityBindings_List.json` of
/// <https://github.com/Azure/azure-rest-api-specs/tree/main/specification/containerservice>).
///
/// # Errors
/// The caller may not read them.
pub fn identity_bindings(
    client: &ResourceManager<'_>,
    id: &ResourceId,
) -> Result<Vec<IdentityBinding>, ManagementError> {
    client.list(&format!("{id}/identityBindings"), &[("api-version", VERSION)])
}

impl Cluster {
    /// Returns the issuer of its tokens, if it has one
    /// (<https://learn.microsoft.com/azure/aks/use-oidc-issuer>).
    pub fn issuer(self) -> Option<String> {
        self.oidc_issuer_profile.url
    }

    /// Returns the resource IDs of its public outbound addresses. None are known if routes decide
    /// (<https://learn.microsoft.com/azure/aks/egress-outboundtype>).
    pub(super) fn addresses(&self) -> Vec<&str> {
        let profile = &self.network_profile;
        let outbound = match profile.outbound_type.as_deref() {
            None | Some("loadBalancer") => &profile.load_balancer_profile,
            Some("managedNATGateway") => &profile.nat_gateway_profile,
            _ => &None,
        };
        let links = outbound.as_ref().and_then(|outbound| outbound.addresses.as_ref());
        links.into_iter().flatten().map(|link| link.id.as_str()).collect()
    }

    /// Returns the subnet of its nodes, if all of them are in the same one. Without it, AKS manages the virtual network.
    pub(super) fn subnet(&self) -> Option<&str> {
        let mut subnets = self.agent_pool_profiles.iter().flatten().map(|pool| pool.subnet.as_deref());
        let first = subnets.next()??;
        subnets.all(|other| other == Some(first)).then_some(first)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outbound_addresses_and_subnet_are_those_of_all_nodes() {
        let read = |text: &str| serde_json::from_str::<Cluster>(text).unwrap();
        let balanced = r#"{"networkProfile":{"outboundType":"loadBalancer","loadBalancerProfile":{"effectiveOutboundIPs":[{"id":"/a"}]}}}"#;
        assert_eq!(read(balanced).addresses(), ["/a"]);
        assert!(read(&balanced.replace("loadBalancer\"", "userDefinedRouting\"")).addresses().is_empty());
        let pools = |pools: &str| read(&format!(r#"{{"agentPoolProfiles":[{pools}]}}"#)).subnet().map(str::to_owned);
        assert_eq!(pools(r#"{"vnetSubnetID":"/s"},{"vnetSubnetID":"/s"}"#).as_deref(), Some("/s"));
        assert_eq!(pools(r#"{"vnetSubnetID":"/s"},{"vnetSubnetID":null}"#), None);
    }
}
