//! Virtual machines and scale sets: identities and network interfaces. The variables of their processes are not known.

use serde::Deserialize;

use crate::host::HostKind;

use super::ResourceManager;
use super::error::ManagementError;
use super::resource_id::ResourceId;
use super::workload::{ClientId, IdentityBlock, Network, SCALE_SET, Workload};

/// <https://learn.microsoft.com/rest/api/compute/virtual-machines/get>,
/// <https://learn.microsoft.com/rest/api/compute/virtual-machine-scale-sets/get>
const VERSION: &str = "2024-11-01";
/// The types of this file, in lower case.
pub const TYPES: &[&str] = &["microsoft.compute/virtualmachines", SCALE_SET];

#[derive(Deserialize)]
struct Machine {
    identity: Option<IdentityBlock>,
    #[serde(default)]
    properties: MachineProperties,
}

/// A machine has a network profile. A scale set has one for its machines.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct MachineProperties {
    network_profile: MachineNetworkProfile,
    virtual_machine_profile: Option<MachineProfile>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct MachineProfile {
    network_profile: MachineNetworkProfile,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct MachineNetworkProfile {
    network_interfaces: Option<Vec<InterfaceReference>>,
    network_interface_configurations: Option<Vec<Interface>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct InterfaceReference {
    id: String,
    properties: Primary,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Primary {
    primary: Option<bool>,
}

/// A network interface (<https://learn.microsoft.com/rest/api/virtualnetwork/network-interfaces/get>).
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Interface {
    properties: InterfaceProperties,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct InterfaceProperties {
    primary: Option<bool>,
    ip_configurations: Option<Vec<AddressConfiguration>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct AddressConfiguration {
    properties: AddressProperties,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct AddressProperties {
    primary: Option<bool>,
    subnet: Option<Link>,
    #[serde(rename = "publicIPAddress")]
    public_address: Option<Link>,
}

/// A reference to another resource.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Link {
    pub(super) id: String,
}

impl Interface {
    /// Returns the IDs of the subnet and of the public address of the primary configuration.
    pub(super) fn subnet_and_address(self) -> (Option<String>, Option<String>) {
        let mut all = self.properties.ip_configurations.unwrap_or_default();
        // A single configuration is the primary one.
        all.sort_by_key(|one| one.properties.primary != Some(true));
        let first = all.into_iter().next().unwrap_or_default().properties;
        (first.subnet.map(|link| link.id), first.public_address.map(|link| link.id))
    }
}

/// Reads a virtual machine or a scale set. `tenant` is that of its subscription, if it is known.
///
/// # Errors
/// It does not exist, or the caller may not read it.
pub fn read(client: &ResourceManager<'_>, id: &ResourceId, tenant: Option<&str>) -> Result<Workload, ManagementError> {
    let machine: Machine = client.get(id.as_str(), VERSION)?;
    let properties = machine.properties;
    let profile = properties.virtual_machine_profile.map_or(properties.network_profile, |set| set.network_profile);
    let mut interfaces = profile.network_interfaces.unwrap_or_default();
    interfaces.sort_by_key(|one| one.properties.primary != Some(true));
    let mut configurations = profile.network_interface_configurations.unwrap_or_default();
    configurations.sort_by_key(|one| one.properties.primary != Some(true));
    // The machines of a scale set have no address in the set itself.
    let (subnet, _) = configurations.into_iter().next().unwrap_or_default().subnet_and_address();
    Ok(Workload {
        id: Some(id.clone()),
        pod: None,
        kind: HostKind::VirtualMachine,
        identities: machine.identity.unwrap_or_default().identities(tenant),
        client_id: ClientId::NotShown,
        references: Vec::new(),
        network: Network {
            subnet,
            leads_to_subnet: interfaces.into_iter().next().map(|one| one.id),
            ..Network::default()
        },
        reference_identity: None,
    })
}
