//! The virtual network: a network interface with a public address, and a subnet with a NAT gateway
//! (<https://learn.microsoft.com/rest/api/virtualnetwork/subnets/get> and the pages beside it).

use serde_json::{Value, json};

use super::reply::{id, not_found, version};
use crate::sandbox::{
    message::{HttpReply, HttpRequest},
    names,
};

const VERSIONS: &[&str] = &["2024-05-01"];

pub(super) fn interface_id() -> String {
    id("Microsoft.Network/networkInterfaces", "my-nic")
}

/// The subnet of the network interface.
fn subnet_id() -> String {
    id("Microsoft.Network/virtualNetworks", "my-network/subnets/machines")
}

/// The subnet with the NAT gateway.
pub(super) fn outbound_subnet_id() -> String {
    id("Microsoft.Network/virtualNetworks", "my-network/subnets/outbound")
}

pub(super) fn address_id() -> String {
    id("Microsoft.Network/publicIPAddresses", "my-address")
}

fn gateway_id() -> String {
    id("Microsoft.Network/natGateways", "my-gateway")
}

/// Answers with one of the resources.
pub(super) fn answer(request: &HttpRequest) -> Result<Value, HttpReply> {
    version(request, VERSIONS)?;
    let configuration =
        json!({ "primary": true, "subnet": { "id": subnet_id() }, "publicIPAddress": { "id": address_id() } });
    let resources = [
        (
            interface_id(),
            json!({ "primary": true, "ipConfigurations": [{ "name": "ip", "properties": configuration }] }),
        ),
        (subnet_id(), json!({ "addressPrefix": "10.0.0.0/24", "serviceEndpoints": [] })),
        (outbound_subnet_id(), json!({ "addressPrefix": "10.0.1.0/24", "natGateway": { "id": gateway_id() } })),
        (gateway_id(), json!({ "publicIpAddresses": [{ "id": address_id() }] })),
        (address_id(), json!({ "ipAddress": names::CLIENT_ADDRESS })),
    ];
    let found = resources.into_iter().find(|(id, _)| id.eq_ignore_ascii_case(&request.path));
    let (id, properties) = found.ok_or_else(|| not_found("Microsoft.Network", &request.path))?;
    Ok(json!({ "id": id, "name": id.rsplit('/').next(), "location": names::REGION, "properties": properties }))
}
