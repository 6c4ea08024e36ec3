//! The kinds of workload that can be read, and what all of them have.

use serde::Deserialize;

use super::error::ManagementError;
use super::resource_id::ResourceId;
use super::workload::{AssignedIdentity, KeyVaultReference, Workload};
use super::{ResourceManager, compute, container_apps, container_instances, web};

/// <https://learn.microsoft.com/rest/api/managedidentity/system-assigned-identities/get-by-scope>
const IDENTITY_VERSION: &str = "2024-11-30";

#[derive(Deserialize)]
struct DefaultIdentity {
    properties: IdentityProperties,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct IdentityProperties {
    client_id: Option<String>,
}

/// Returns the types of all workloads, in lower case.
pub fn types() -> Vec<&'static str> {
    [web::TYPES, container_apps::TYPES, compute::TYPES, container_instances::TYPES].concat()
}

/// Returns true if a resource is a workload that can be read.
pub fn is_workload(id: &ResourceId) -> bool {
    types().contains(&id.kind().as_str())
}

/// Reads a workload. `tenant` is that of its subscription, if it is known.
///
/// # Errors
/// It does not exist, or the caller may not read it.
pub fn read(client: &ResourceManager<'_>, id: &ResourceId, tenant: Option<&str>) -> Result<Workload, ManagementError> {
    let kind = id.kind();
    let is = |types: &[&str]| types.contains(&kind.as_str());
    match () {
        () if is(web::TYPES) => web::read(client, id, tenant),
        () if is(compute::TYPES) => compute::read(client, id, tenant),
        () if is(container_instances::TYPES) => container_instances::read(client, id, tenant),
        () => container_apps::read(client, id, tenant),
    }
}

/// Reads the states of the Key Vault references. Only App Service and Functions apps have any.
///
/// # Errors
/// The caller may not read them.
pub fn references(client: &ResourceManager<'_>, id: &ResourceId) -> Result<Vec<KeyVaultReference>, ManagementError> {
    if web::TYPES.contains(&id.kind().as_str()) { web::references(client, id) } else { Ok(Vec::new()) }
}

/// Adds the client ID of the system-assigned identity, which the resource itself does not show.
///
/// # Errors
/// The caller may not read it.
pub fn add_client_id(
    client: &ResourceManager<'_>,
    id: &ResourceId,
    identities: &mut [AssignedIdentity],
) -> Result<(), ManagementError> {
    let Some(system) = identities.iter_mut().find(|one| one.resource_id.is_none()) else { return Ok(()) };
    let path = format!("{id}/providers/Microsoft.ManagedIdentity/identities/default");
    let identity: DefaultIdentity = client.get(&path, IDENTITY_VERSION)?;
    system.client_id = identity.properties.client_id;
    Ok(())
}
