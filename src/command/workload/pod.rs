//! A pod: what kubectl shows of it, and the identity that its client ID names.

use crate::azure_resource_manager::error::ManagementError;
use crate::azure_resource_manager::resource_id::ResourceId;
use crate::azure_resource_manager::workload::{AssignedIdentity, ClientId, Network, Workload};
use crate::azure_resource_manager::{ResourceManager, graph, kubernetes_clusters, user_assigned};
use crate::credential::{IdKind, ManagedIdentityId};
use crate::diagnosis::workload::PodFacts;
use crate::error::{Error, UsageError, WorkloadError};
use crate::host::HostKind;
use crate::kubernetes::Kubectl;
use crate::kubernetes::error::{KubectlError, KubectlErrorKind};
use crate::kubernetes::pod::{Pod, PodName, PodVariable, ServiceAccount};
use crate::redact::identifiers::is_guid;
use crate::vault::similar_names::near;
use crate::vault::url::VaultUrl;

use super::reader::{WorkloadReader, both};

/// What kubectl shows of a pod.
pub(super) struct PodReading {
    pod: Pod,
    account: Result<ServiceAccount, KubectlError>,
    issuer: Result<String, KubectlError>,
    /// The host of the cluster's API server.
    server: Option<String>,
    /// The client ID that the pod signs in with: that of the option, or else of its variable.
    client_id: Option<String>,
    /// The object ID of the option.
    object_id: Option<String>,
}

/// Checks that the identity is named as a workload identity can be: by its client ID, or by the object ID of the service
/// principal of an app registration.
///
/// # Errors
/// It is named by a resource ID.
pub(super) fn check_identity(named: Option<&ManagedIdentityId>) -> Result<(), UsageError> {
    match named {
        Some(id) if id.kind == IdKind::Resource => {
            Err(UsageError("a pod selects its identity by a client ID: use --client-id".to_owned()))
        }
        _ => Ok(()),
    }
}

/// Reads the pod, its service account and the issuer of its cluster.
///
/// # Errors
/// The pod cannot be read.
pub(super) fn read(reader: &WorkloadReader, name: &PodName) -> Result<PodReading, Error> {
    let context = &reader.session.context;
    let kubectl = Kubectl::find(&context.programs, &context.env, context.deadline).map_err(WorkloadError::Kubectl)?;
    let pod = || {
        let pod = kubectl.pod(name)?;
        let account = kubectl.service_account(&name.namespace, &pod.service_account);
        Ok((pod, account))
    };
    let (pod, (issuer, server)) = both(pod, || both(|| kubectl.issuer(), || kubectl.server()));
    let (pod, account) = pod.map_err(|error: KubectlError| match error.kind {
        KubectlErrorKind::NotFound => not_found(&kubectl, name),
        _ => WorkloadError::Kubectl(error),
    })?;
    let named = |kind| reader.identity.as_ref().filter(|id| id.kind == kind).map(|id| id.value.clone());
    let client_id = named(IdKind::Client).or_else(|| pod.container.client_id.value().map(str::to_owned));
    let object_id = named(IdKind::Object);
    Ok(PodReading { pod, account, issuer, server: server.ok(), client_id, object_id })
}

/// Returns the error for an unknown pod, with similar names if kubectl may list them.
fn not_found(kubectl: &Kubectl<'_>, name: &PodName) -> WorkloadError {
    let names = kubectl.pod_names(&name.namespace);
    let PodName { namespace, name } = name.clone();
    let is_empty = names.as_ref().is_ok_and(Vec::is_empty);
    WorkloadError::NoPod { near: near(&name, &names.unwrap_or_default()), is_empty, namespace, name }
}

/// Finds the identity, the cluster and the vault with one query.
///
/// # Errors
/// Resource Graph refuses the query.
pub(super) fn locate(
    client: &ResourceManager<'_>,
    reading: PodReading,
    subscription: Option<&str>,
    vault: Option<&VaultUrl>,
) -> Result<(LocatedPod, Option<ResourceId>), Error> {
    let client_id = reading.client_id.as_deref().filter(|id| is_guid(id));
    let server = reading.server.as_deref();
    let found = graph::of_pod(client, client_id, server, vault.map(VaultUrl::name), subscription)?;
    let of_type = |kind: &str| found.iter().find(|found| found.id.kind() == kind).map(|found| found.id.clone());
    let (identity, cluster) = (of_type(user_assigned::TYPE), of_type(kubernetes_clusters::TYPE));
    let vault = vault.and_then(|vault| graph::vault(&found, vault.name()));
    Ok((LocatedPod { reading, identity, cluster }, vault))
}

/// A pod, with its identity and its cluster if they were found.
pub(super) struct LocatedPod {
    reading: PodReading,
    pub(super) identity: Option<ResourceId>,
    cluster: Option<ResourceId>,
}

impl LocatedPod {
    /// Returns the client ID that the pod signs in with, if it is known.
    pub(super) fn client_id(&self) -> Option<&str> {
        self.reading.client_id.as_deref()
    }
}

/// Reads the identity of a pod, and returns the pod as a workload. What is not a managed identity is the service principal
/// of an app registration, of which only the option has the object ID.
///
/// # Errors
/// The caller may not read the identity.
pub(super) fn workload(client: &ResourceManager<'_>, located: &LocatedPod) -> Result<Workload, ManagementError> {
    let LocatedPod { reading, identity: id, cluster } = located;
    let identity = id.as_ref().map(|id| user_assigned::read(client, id)).transpose()?;
    let principal = |object_id: &String| AssignedIdentity {
        object_id: object_id.clone(),
        client_id: reading.client_id.clone(),
        is_principal: true,
        ..AssignedIdentity::default()
    };
    let identity = identity.or_else(|| reading.object_id.as_ref().map(principal));
    Ok(Workload {
        id: id.clone(),
        pod: Some(reading.pod.id.clone()),
        kind: HostKind::Kubernetes,
        identities: identity.into_iter().collect(),
        client_id: match &reading.pod.container.client_id {
            PodVariable::Set(id) => ClientId::Set(id.clone()),
            PodVariable::Unset => ClientId::Unset,
            PodVariable::NotShown => ClientId::NotShown,
        },
        references: Vec::new(),
        network: Network { leads_to_subnet: cluster.as_ref().map(ToString::to_string), ..Network::default() },
        reference_identity: None,
    })
}

/// Reads the federated credentials, or the identity bindings of the cluster if the pod uses one. Reads the issuer of the
/// cluster if kubectl does not show it.
pub(super) fn facts(client: &ResourceManager<'_>, located: &LocatedPod) -> PodFacts {
    let PodReading { pod, account, issuer, client_id, .. } = &located.reading;
    let of_cluster = || kubernetes_clusters::read(client, located.cluster.as_ref()?).ok()?.issuer();
    let issuer = issuer.clone().or_else(|error| of_cluster().ok_or(error.to_string()));
    let is_bound = pod.container.is_bound;
    let (identity, cluster) = (located.identity.as_ref(), located.cluster.as_ref());
    PodFacts {
        pod: pod.clone(),
        account: account.clone(),
        client_id: client_id.clone(),
        issuer,
        credentials: identity.filter(|_| !is_bound).map(|id| user_assigned::federated_credentials(client, id)),
        cluster: cluster.cloned(),
        bindings: cluster.filter(|_| is_bound).map(|id| kubernetes_clusters::identity_bindings(client, id)),
    }
}
