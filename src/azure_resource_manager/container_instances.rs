//! Container instances: identities and the variable `AZURE_CLIENT_ID` of a container group.

use serde::Deserialize;

use crate::host::HostKind;

use super::ResourceManager;
use super::compute::Link;
use super::error::ManagementError;
use super::resource_id::ResourceId;
use super::workload::{ClientId, EnvironmentVariable, IdentityBlock, Network, Workload};

/// <https://learn.microsoft.com/rest/api/container-instances/container-groups/get>
const VERSION: &str = "2023-05-01";
/// The types of this file, in lower case.
pub const TYPES: &[&str] = &["microsoft.containerinstance/containergroups"];

#[derive(Deserialize)]
struct ContainerGroup {
    identity: Option<IdentityBlock>,
    #[serde(default)]
    properties: GroupProperties,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct GroupProperties {
    containers: Option<Vec<GroupContainer>>,
    subnet_ids: Option<Vec<Link>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct GroupContainer {
    properties: ContainerProperties,
}

/// A secure variable has no value
/// (<https://learn.microsoft.com/azure/container-instances/container-instances-environment-variables#secure-values>).
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct ContainerProperties {
    environment_variables: Option<Vec<EnvironmentVariable>>,
}

/// Reads a container group. `tenant` is that of its subscription, if it is known. The public address of a group is only
/// for incoming connections (<https://learn.microsoft.com/azure/container-instances/container-instances-egress-ip-address>).
///
/// # Errors
/// It does not exist, or the caller may not read it.
pub fn read(client: &ResourceManager<'_>, id: &ResourceId, tenant: Option<&str>) -> Result<Workload, ManagementError> {
    let group: ContainerGroup = client.get(id.as_str(), VERSION)?;
    let containers = group.properties.containers.unwrap_or_default();
    let variables = containers.iter().map(|one| one.properties.environment_variables.as_deref().unwrap_or_default());
    let subnet = group.properties.subnet_ids.unwrap_or_default().into_iter().next().map(|link| link.id);
    Ok(Workload {
        id: Some(id.clone()),
        pod: None,
        kind: HostKind::ContainerInstance,
        identities: group.identity.unwrap_or_default().identities(tenant),
        client_id: ClientId::of_containers(variables),
        references: Vec::new(),
        network: Network { subnet, ..Network::default() },
        reference_identity: None,
    })
}
