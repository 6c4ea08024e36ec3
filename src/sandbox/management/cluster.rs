//! The AKS cluster of a pod (<https://learn.microsoft.com/rest/api/aks/managed-clusters/get>).

use serde_json::{Value, json};

use super::reply::id;
use super::{managed_identity, network};
use crate::sandbox::{azure::Azure, cluster::Federation, fault::Fault, names, workload::EmulatedWorkload};

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

/// Returns the identity bindings (`examples/2026-06-01` of
/// <https://github.com/Azure/azure-rest-api-specs/tree/main/specification/containerservice>).
pub(super) fn identity_bindings(azure: &Azure) -> Vec<Value> {
    let plan = &azure.plan;
    let is_bound = plan.workload == Some(EmulatedWorkload::BoundPod) && !plan.has(Fault::NoBinding);
    let identity = plan.identities.user_assigned.first().filter(|_| is_bound);
    let binding = identity.map(|identity| {
        let name = names::IDENTITY_BINDING;
        let kind = "Microsoft.ContainerService/managedClusters";
        let issuer = format!("https://ib.oic.prod-aks.azure.example/{}/{}", names::TENANT_ID, identity.client_id);
        json!({
            "id": format!("{}/identityBindings/{name}", id(kind, names::CLUSTER_NAME)),
            "name": name,
            "type": "Microsoft.ContainerService/managedClusters/identityBindings",
            "properties": {
                "managedIdentity": {
                    "resourceId": id(managed_identity::KIND, &identity.name),
                    "objectId": identity.object_id,
                    "clientId": identity.client_id,
                    "tenantId": names::TENANT_ID,
                },
                "oidcIssuer": { "oidcIssuerUrl": issuer },
                "provisioningState": "Succeeded",
            },
        })
    });
    binding.into_iter().collect()
}
