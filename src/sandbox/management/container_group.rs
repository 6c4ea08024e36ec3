//! Container instances (<https://learn.microsoft.com/rest/api/container-instances/container-groups/get>).

use serde_json::{Value, json};

use super::network;

pub(super) const VERSIONS: &[&str] = &["2023-05-01", "2025-09-01"];

/// Returns the properties of a group in the subnet with the NAT gateway.
pub(super) fn properties() -> Value {
    let variables = json!([{ "name": "MODE", "value": "production" }, { "name": "TOKEN" }]);
    let container = json!({ "image": "contoso.example/task:1", "environmentVariables": variables });
    json!({
        "provisioningState": "Succeeded",
        "osType": "Linux",
        "containers": [{ "name": "main", "properties": container }],
        "subnetIds": [{ "id": network::outbound_subnet_id() }],
    })
}
