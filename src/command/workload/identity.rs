//! An identity or an application, named by its client ID or object ID.

use crate::azure_resource_manager::error::ManagementError;
use crate::azure_resource_manager::graph::Found;
use crate::azure_resource_manager::resource_id::ResourceId;
use crate::azure_resource_manager::workload::{AssignedIdentity, ClientId, Network, Workload};
use crate::azure_resource_manager::{ResourceManager, user_assigned};
use crate::credential::{IdKind, ManagedIdentityId};
use crate::error::{UsageError, WorkloadError};
use crate::host::HostKind;

/// The identity with an ID.
pub(super) struct LocatedIdentity {
    /// The client ID or the object ID.
    pub(super) id: String,
    /// The object ID of the option.
    pub(super) object_id: Option<String>,
    /// The user-assigned identity, or the resource with the system-assigned one, if Resource Graph found it.
    pub(super) found: Option<Found>,
}

impl LocatedIdentity {
    /// Returns an error if it is not known what has the ID.
    pub(super) fn check_known(&self) -> Result<(), WorkloadError> {
        if self.found.is_some() { Ok(()) } else { Err(WorkloadError::UnknownIdentity(self.id.clone())) }
    }

    pub(super) fn resource(&self) -> Option<&ResourceId> {
        self.found.as_ref().map(|found| &found.id)
    }
}

/// Returns true if the identity has the ID.
pub(super) fn has_id(one: &AssignedIdentity, named: &ManagedIdentityId) -> bool {
    let own = match named.kind {
        IdKind::Client => one.client_id.as_deref(),
        IdKind::Object => Some(one.object_id.as_str()),
        IdKind::Resource => one.resource_id.as_deref(),
    };
    own.is_some_and(|own| own.eq_ignore_ascii_case(&named.value))
}

/// Returns the error for an option with another ID than `name` has.
pub(super) fn other_id(name: &str, named: &ManagedIdentityId) -> UsageError {
    let option = match named.kind {
        IdKind::Client => "--client-id",
        IdKind::Object => "--object-id",
        IdKind::Resource => "--resource-id",
    };
    UsageError::new(option, &named.value, format!("{name} has no identity with this ID"))
}

/// Reads the identity. What Resource Graph did not find is the object ID of an application or a user, unless an option has
/// the object ID.
pub(super) fn workload(client: &ResourceManager<'_>, located: &LocatedIdentity) -> Result<Workload, ManagementError> {
    let identity = match &located.found {
        Some(found) if found.id.kind() == user_assigned::TYPE => user_assigned::read(client, &found.id)?,
        found => AssignedIdentity {
            object_id: located.object_id.as_ref().unwrap_or(&located.id).clone(),
            tenant: found.as_ref().and_then(|found| found.tenant.clone()),
            is_principal: found.is_none(),
            ..AssignedIdentity::default()
        },
    };
    Ok(Workload {
        id: located.resource().cloned(),
        pod: None,
        kind: HostKind::Identity,
        identities: vec![identity],
        client_id: ClientId::Unset,
        references: Vec::new(),
        network: Network::default(),
        reference_identity: None,
    })
}
