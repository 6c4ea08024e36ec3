//! Virtual machines and scale sets (<https://learn.microsoft.com/rest/api/compute/virtual-machines/get>,
//! <https://learn.microsoft.com/rest/api/compute/virtual-machine-scale-sets/get>).

use serde_json::{Value, json};

use super::network;

/// The last one is that of az 2.91.
pub(super) const VERSIONS: &[&str] = &["2024-11-01", "2024-07-01", "2026-04-01"];

/// Returns the properties of a machine with one network interface.
pub(super) fn machine() -> Value {
    json!({
        "provisioningState": "Succeeded",
        "hardwareProfile": { "vmSize": "Standard_B1s" },
        "networkProfile": { "networkInterfaces": [{ "id": network::interface_id(), "properties": { "primary": true } }] },
    })
}

/// Returns the properties of a scale set in the subnet with the NAT gateway.
pub(super) fn scale_set() -> Value {
    let configuration =
        json!({ "name": "ip", "properties": { "primary": true, "subnet": { "id": network::outbound_subnet_id() } } });
    let interface = json!({ "name": "nic", "properties": { "primary": true, "ipConfigurations": [configuration] } });
    json!({
        "provisioningState": "Succeeded",
        "orchestrationMode": "Uniform",
        "virtualMachineProfile": { "networkProfile": { "networkInterfaceConfigurations": [interface] } },
    })
}
