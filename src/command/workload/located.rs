//! Finds the workload and the vault, and reads the workload.

use crate::azure_resource_manager::error::ManagementError;
use crate::azure_resource_manager::graph::{self, Found};
use crate::azure_resource_manager::resource_id::ResourceId;
use crate::azure_resource_manager::workload::{KeyVaultReference, Workload};
use crate::azure_resource_manager::{ResourceManager, workloads};
use crate::credential::chain::Selected;
use crate::credential::{IdKind, ManagedIdentityId};
use crate::diagnosis::workload::PodFacts;
use crate::entra::cloud::Cloud;
use crate::error::{Error, WorkloadError};
use crate::vault::similar_names::near;
use crate::vault::url::VaultUrl;

use super::identity::{self, LocatedIdentity, has_id, other_id};
use super::pod::{self, LocatedPod, PodReading};
use super::reader::{ResourceName, TargetName, WorkloadReader, WorkloadTarget, both};

/// The workload and the vault that were found.
pub(super) struct Located {
    pub(super) subject: LocatedWorkload,
    /// The identity of the workload that was named by its object ID.
    pub(super) identity: Option<ManagedIdentityId>,
    pub(super) vault: Option<ResourceId>,
}

/// The workload that was found.
pub(super) enum LocatedWorkload {
    /// A resource, with the tenant of its subscription if Resource Graph found it.
    Resource {
        id: ResourceId,
        tenant: Option<String>,
    },
    Identity(LocatedIdentity),
    Pod(Box<LocatedPod>),
}

/// What was read of a workload.
pub(super) struct Examined {
    pub(super) workload: Workload,
    pub(super) references: Result<Vec<KeyVaultReference>, ManagementError>,
    pub(super) pod: Option<PodFacts>,
}

impl LocatedWorkload {
    /// Reads the workload and the states of its Key Vault references, or the federated credentials of a pod.
    pub(super) fn read(&self, client: &ResourceManager<'_>) -> Result<Examined, ManagementError> {
        match self {
            LocatedWorkload::Resource { id, tenant } => {
                let read = || workloads::read(client, id, tenant.as_deref());
                let (workload, references) = both(read, || workloads::references(client, id));
                Ok(Examined { workload: workload?, references, pod: None })
            }
            LocatedWorkload::Identity(located) => {
                let workload = identity::workload(client, located)?;
                Ok(Examined { workload, references: Ok(Vec::new()), pod: None })
            }
            LocatedWorkload::Pod(located) => {
                let (workload, facts) = both(|| pod::workload(client, located), || pod::facts(client, located));
                Ok(Examined { workload: workload?, references: Ok(Vec::new()), pod: Some(facts) })
            }
        }
    }

    /// Reads the workload with all IDs of its identities, or of the one that was named.
    pub(super) fn identities(
        &self,
        client: &ResourceManager<'_>,
        named: Option<&ManagedIdentityId>,
    ) -> Result<Workload, Error> {
        let mut workload = match self {
            LocatedWorkload::Resource { id, tenant } => {
                let mut workload = workloads::read(client, id, tenant.as_deref())?;
                workloads::add_client_id(client, id, &mut workload.identities)?;
                workload
            }
            LocatedWorkload::Identity(located) => {
                located.check_known()?;
                identity::workload(client, located)?
            }
            LocatedWorkload::Pod(located) => {
                let workload = pod::workload(client, located)?;
                match located.client_id() {
                    Some(id) if workload.identities.is_empty() => {
                        return Err(WorkloadError::UnknownIdentity(id.to_owned()).into());
                    }
                    _ => workload,
                }
            }
        };
        if let Some(named) = named {
            workload.identities.retain(|one| has_id(one, named));
            if workload.identities.is_empty() {
                return Err(other_id(workload.name(), named).into());
            }
        }
        Ok(workload)
    }

    /// Returns the subscription of the workload, or that of a pod's identity.
    pub(super) fn subscription(&self) -> Option<&str> {
        match self {
            LocatedWorkload::Resource { id, .. } => Some(id.subscription()),
            LocatedWorkload::Identity(located) => located.resource().map(ResourceId::subscription),
            LocatedWorkload::Pod(located) => located.identity.as_ref().map(ResourceId::subscription),
        }
    }
}

/// Signs in, and reads the pod at the same time if the target is one.
///
/// # Errors
/// No credential has a token, or the pod cannot be read.
pub(super) fn start(
    reader: &WorkloadReader,
    target: &WorkloadTarget,
    vault: Option<&VaultUrl>,
) -> Result<(Option<PodReading>, &'static Cloud, Selected), Error> {
    let TargetName::Pod(name) = &target.name else {
        let (cloud, selected) = reader.sign_in(vault)?;
        return Ok((None, cloud, selected));
    };
    pod::check_identity(reader.identity.as_ref())?;
    let (pod, signed_in) = both(|| pod::read(reader, name), || reader.sign_in(vault));
    let (pod, (cloud, selected)) = (pod?, signed_in?);
    Ok((Some(pod), cloud, selected))
}

/// Finds the workload and the vault with one query. A workload that was named by its ID is not searched for. A pod is read
/// if it was not read yet.
pub(super) fn locate(
    reader: &WorkloadReader,
    client: &ResourceManager<'_>,
    target: &WorkloadTarget,
    vault: Option<&VaultUrl>,
    pod: Option<PodReading>,
) -> Result<Located, Error> {
    let wanted = match &target.name {
        TargetName::Resource(wanted) => wanted,
        TargetName::Pod(name) => {
            let reading = pod.map_or_else(|| pod::read(reader, name), Ok)?;
            let (located, vault) = pod::locate(client, reading, target.subscription.as_deref(), vault)?;
            return Ok(Located { subject: LocatedWorkload::Pod(Box::new(located)), identity: None, vault });
        }
        TargetName::Identity(id) => return locate_identity(reader, client, target, id, vault),
    };
    let name = match wanted {
        ResourceName::Name(name) => Some(name.as_str()),
        ResourceName::Id(_) => None,
    };
    let subscription = target.subscription.as_deref();
    let found = graph::find(client, name, vault.map(VaultUrl::name), subscription)?;
    let vault = vault.and_then(|vault| graph::vault(&found, vault.name()));
    let (id, tenant) = match wanted {
        ResourceName::Id(id) => (id.clone(), None),
        ResourceName::Name(name) => {
            let apps: Vec<_> = found.iter().filter(|found| workloads::is_workload(&found.id)).collect();
            match apps.as_slice() {
                [one] => (one.id.clone(), one.tenant.clone()),
                [] => return Err(not_found(client, target, name, &found)?.into()),
                several => {
                    let ids = several.iter().map(|found| found.id.to_string()).collect();
                    return Err(WorkloadError::Ambiguous { name: name.clone(), ids }.into());
                }
            }
        }
    };
    if !workloads::is_workload(&id) {
        return Err(WorkloadError::NotSupported { id: id.to_string(), kind: id.kind() }.into());
    }
    Ok(Located { subject: LocatedWorkload::Resource { id, tenant }, identity: None, vault })
}

/// Finds the identity with an ID. A system-assigned one of a workload is examined with its workload.
fn locate_identity(
    reader: &WorkloadReader,
    client: &ResourceManager<'_>,
    target: &WorkloadTarget,
    id: &str,
    vault: Option<&VaultUrl>,
) -> Result<Located, Error> {
    let vault_name = vault.map(VaultUrl::name);
    let found = graph::of_identity(client, id, vault_name, target.subscription.as_deref())?;
    let vault = vault_name.and_then(|name| graph::vault(&found, name));
    let is_vault = |found: &Found| vault.as_ref().is_some_and(|vault| vault.as_str() == found.id.as_str());
    let own = found.into_iter().find(|found| !is_vault(found));
    let id = id.to_owned();
    Ok(match own {
        Some(Found { id: resource, tenant }) if workloads::is_workload(&resource) => {
            let identity = ManagedIdentityId { kind: IdKind::Object, value: id, source: None };
            Located { subject: LocatedWorkload::Resource { id: resource, tenant }, identity: Some(identity), vault }
        }
        found => {
            let named = reader.identity.as_ref().filter(|id| id.kind == IdKind::Object);
            let object_id = named.map(|named| named.value.clone());
            let subject = LocatedWorkload::Identity(LocatedIdentity { id, object_id, found });
            Located { subject, identity: None, vault }
        }
    })
}

/// Returns why no app has the name: a resource of another type has it, or none.
fn not_found(
    client: &ResourceManager<'_>,
    target: &WorkloadTarget,
    name: &str,
    found: &[Found],
) -> Result<WorkloadError, Error> {
    if let Some(other) = found.iter().find(|found| found.id.name().eq_ignore_ascii_case(name)) {
        return Ok(WorkloadError::NotSupported { id: other.id.to_string(), kind: other.id.kind() });
    }
    let apps = graph::of_types(client, &workloads::types(), target.subscription.as_deref())?;
    let mut names: Vec<String> = apps.iter().map(|app| app.id.name().to_owned()).collect();
    names.sort();
    names.dedup();
    let (near, is_empty) = (near(name, &names), names.is_empty());
    Ok(WorkloadError::NotFound { name: name.to_owned(), searched: target.searched(), near, is_empty })
}
