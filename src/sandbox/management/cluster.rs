//! The AKS cluster of the workload `pod` (<https://learn.microsoft.com/rest/api/aks/managed-clusters/get>).

use serde_json::{Value, json};

use super::network;
use crate::sandbox::{azure::Azure, cluster::Federation, names};

pub(super) const VERSIONS: &[&str] = &["2026-06-01"];

pub(super) fn properties(azure: &Azure) -> Value {
    json!({
        "provisioningState": "Succeeded",
        "fqdn": names::API_SERVER,
        "oidcIssuerProfile": { "enabled": true, "issuerURL": Federation::of_token(&azure.plan).issuer },
        "securityProfile": { "workloadIdentity": { "enabled": true } },
        "networkProfile": {
            "networkPlugin": "azure",
            "outboundType": "loadBalancer",
            "loadBalancerProfile": { "effectiveOutboundIPs": [{ "id": network::address_id() }] },
        },
        "agentPoolProfiles": [{ "name": "nodepool1", "count": 3, "mode": "System", "vnetSubnetID": null }],
    })
}
