//! The subnet and the public addresses that a workload connects from, as far as its own resource does not show them.
//! They are read only if the vault restricts its network.

use serde::Deserialize;

use super::ResourceManager;
use super::compute::{Interface, Link};
use super::error::ManagementError;
use super::resource_id::ResourceId;
use super::workload::Network;
use super::{container_apps, kubernetes_clusters, workload::parse_addresses};

/// <https://learn.microsoft.com/rest/api/virtualnetwork/subnets/get>,
/// <https://learn.microsoft.com/rest/api/virtualnetwork/network-interfaces/get>,
/// <https://learn.microsoft.com/rest/api/virtualnetwork/public-ip-addresses/get>,
/// <https://learn.microsoft.com/rest/api/nat-gateway/nat-gateways/get>
const VERSION: &str = "2024-05-01";
/// The service with the endpoint in a subnet that keeps the private address
/// (<https://learn.microsoft.com/azure/key-vault/general/overview-vnet-service-endpoints>).
const KEY_VAULT: &str = "Microsoft.KeyVault";

#[derive(Default, Deserialize)]
#[serde(default)]
struct Resource<T> {
    properties: T,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Subnet {
    nat_gateway: Option<Link>,
    route_table: Option<Link>,
    service_endpoints: Option<Vec<ServiceEndpoint>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ServiceEndpoint {
    service: String,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct NatGateway {
    public_ip_addresses: Option<Vec<Link>>,
    public_ip_prefixes: Option<Vec<Link>>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct PublicAddress {
    ip_address: Option<String>,
}

/// Adds the subnet, and the public addresses if they are certain.
///
/// # Errors
/// The caller may not read one of the resources.
pub fn complete(client: &ResourceManager<'_>, mut network: Network) -> Result<Network, ManagementError> {
    let mut own_address = None;
    if let Some(id) = network.leads_to_subnet.take().and_then(|id| ResourceId::parse(&id)) {
        if id.kind() == kubernetes_clusters::TYPE {
            let cluster = kubernetes_clusters::read(client, &id)?;
            // Without a subnet of its own, the cluster is in a network that AKS manages.
            network.subnet = Some(cluster.subnet().unwrap_or_default().to_owned());
            let addresses = cluster.addresses().into_iter().map(|id| public_address(client, id));
            let addresses: Vec<String> = addresses.collect::<Result<_, _>>()?;
            network.addresses = parse_addresses(addresses.iter().map(String::as_str));
        } else if id.kind() == container_apps::ENVIRONMENT {
            network.subnet = container_apps::subnet(client, &id)?;
        } else {
            let interface: Interface = client.get(id.as_str(), VERSION)?;
            (network.subnet, own_address) = interface.subnet_and_address();
        }
    }
    let Some(id) = network.subnet.as_deref().and_then(ResourceId::parse) else { return Ok(network) };
    if !network.addresses.is_empty() && !network.all_through_subnet {
        return Ok(network);
    }
    let subnet: Resource<Subnet> = client.get(id.as_str(), VERSION)?;
    let subnet = subnet.properties;
    let is_key_vault = |one: &ServiceEndpoint| one.service.eq_ignore_ascii_case(KEY_VAULT);
    network.has_service_endpoint = subnet.service_endpoints.iter().flatten().any(is_key_vault);
    // A route can lead to a firewall with another address.
    if subnet.route_table.is_some() {
        return Ok(network);
    }
    // A NAT gateway takes precedence over the address of an interface
    // (https://learn.microsoft.com/azure/nat-gateway/nat-overview).
    let addresses = match subnet.nat_gateway {
        None => own_address.into_iter().collect(),
        Some(gateway) => {
            let gateway: Resource<NatGateway> = client.get(&gateway.id, VERSION)?;
            let has_prefix = gateway.properties.public_ip_prefixes.is_some_and(|prefixes| !prefixes.is_empty());
            let links = gateway.properties.public_ip_addresses.filter(|_| !has_prefix).unwrap_or_default();
            links.into_iter().map(|link| link.id).collect::<Vec<_>>()
        }
    };
    let mut texts = Vec::new();
    for id in addresses {
        texts.push(public_address(client, &id)?);
    }
    if !texts.is_empty() {
        network.addresses = parse_addresses(texts.iter().map(String::as_str));
        network.all_through_subnet = false;
    }
    Ok(network)
}

/// Reads an address. It is empty if none is assigned.
fn public_address(client: &ResourceManager<'_>, id: &str) -> Result<String, ManagementError> {
    let address: Resource<PublicAddress> = client.get(id, VERSION)?;
    Ok(address.properties.ip_address.unwrap_or_default())
}
