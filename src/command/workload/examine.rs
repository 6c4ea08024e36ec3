//! Reads everything that decides on the access of a workload to a vault, and makes the report.
//!
//! The usual case is eight requests: the query, the app, its references, the vault, its perimeter, the secret, the role
//! assignments and the deny assignments.

use crate::args::DiagnoseArgs;
use crate::azure_resource_manager::authorization::{self, RoleDecision};
use crate::azure_resource_manager::error::ManagementError;
use crate::azure_resource_manager::resource_id::ResourceId;
use crate::azure_resource_manager::vault::{self, VaultSettings};
use crate::azure_resource_manager::workload::{AssignedIdentity, ClientId, Workload};
use crate::azure_resource_manager::{ResourceManager, network, workloads};
use crate::credential::chain::Selected;
use crate::credential::{IdKind, ManagedIdentityId};
use crate::diagnosis::context::Context;
use crate::diagnosis::report::{PodReport, Report, VaultReport, WorkloadIdentity, WorkloadReport};
use crate::diagnosis::table::identity_binding::binding_name;
use crate::diagnosis::workload::{PodFacts, SelectedIdentity, VaultFacts, VaultMissing, WorkloadFacts, assess};
use crate::entra::TenantId;
use crate::error::{Error, UsageError};
use crate::settings::Settings;
use crate::time::timestamp::Timestamp;
use crate::vault::reference::SecretRef;
use crate::vault::url::VaultUrl;

use super::identity::{has_id, other_id};
use super::located::{Examined, Located, LocatedWorkload, locate};
use super::pod::PodReading;
use super::reader::{WorkloadReader, WorkloadTarget, both};

/// The workload, the vault and the secret to examine, validated before any request.
pub(super) struct ExaminePlan {
    pub(super) target: WorkloadTarget,
    pub(super) vault: Option<VaultUrl>,
    secret: Option<SecretRef>,
}

impl ExaminePlan {
    /// Parses the secret's reference. It needs a vault.
    pub(super) fn from_args(
        target: WorkloadTarget,
        args: &DiagnoseArgs,
        settings: &Settings,
    ) -> Result<Self, UsageError> {
        let Some(text) = &args.secret else {
            return Ok(ExaminePlan { target, vault: settings.default_vault(), secret: None });
        };
        let (secret, vault) = settings.parse_reference("--secret", text)?;
        let no_vault = "no vault is configured: use --vault or set AZFOB_VAULT";
        let vault = vault.ok_or_else(|| UsageError::new("--secret", text, no_vault))?;
        Ok(ExaminePlan { target, vault: Some(vault), secret: Some(secret) })
    }
}

/// Reads the workload and the vault, and makes the report.
///
/// # Errors
/// The workload is not found or cannot be read.
pub(super) fn report(
    plan: &ExaminePlan,
    reader: &WorkloadReader,
    client: &ResourceManager<'_>,
    read_by: &Selected,
    pod: Option<PodReading>,
) -> Result<Report, Error> {
    let located = locate(reader, client, &plan.target, plan.vault.as_ref(), pod)?;
    if let (LocatedWorkload::Identity(identity), None) = (&located.subject, &plan.vault) {
        identity.check_known()?;
    }
    let vault_id = located.vault.as_ref();
    let secret_name = plan.secret.as_ref().map(|secret| secret.name.to_string());
    let (examined, ((settings, perimeter), secret)) = both(
        || located.subject.read(client),
        || {
            both(
                || {
                    both(
                        || vault_id.map(|id| vault::read(client, id)),
                        || vault_id.map_or(Ok(None), |id| vault::enforced_perimeter(client, id)),
                    )
                },
                || vault_id.zip(secret_name.as_deref()).map(|(id, name)| vault::secret(client, id, name)),
            )
        },
    );
    let Examined { workload, references, pod } = examined?;
    // Without an option, the variable of the app selects the identity.
    let set = match &workload.client_id {
        ClientId::Set(id) => Some(ManagedIdentityId { kind: IdKind::Client, value: id.clone(), source: None }),
        ClientId::Unset | ClientId::NotShown => None,
    };
    let named = reader.identity.clone().or(located.identity.clone()).or(set);
    let identity = match &located.subject {
        LocatedWorkload::Resource { id, .. } => selected(client, &workload, id, named.as_ref())?,
        LocatedWorkload::Identity(_) | LocatedWorkload::Pod(_) => match workload.identities.first() {
            Some(only) => match reader.identity.as_ref().filter(|named| !has_id(only, named)) {
                Some(named) => return Err(other_id(workload.name(), named).into()),
                None => SelectedIdentity::Assigned(only),
            },
            None => SelectedIdentity::NotKnown,
        },
    };
    let roles = match (&identity, vault_id, &settings) {
        (SelectedIdentity::Assigned(identity), Some(id), Some(Ok(settings)))
            if settings.properties.enable_rbac_authorization == Some(true) =>
        {
            Some(decide(client, identity, &workload.identities, id, secret_name.as_deref()))
        }
        _ => None,
    };
    let restricts = matches!(&perimeter, Ok(Some(_)))
        || settings.iter().flatten().any(|settings| settings.properties.restricts_network());
    let network = match restricts {
        true => network::complete(client, workload.network.clone()),
        false => Ok(workload.network.clone()),
    };
    let facts = WorkloadFacts {
        workload: &workload,
        pod: pod.as_ref(),
        identity,
        is_named: reader.identity.is_some() || located.identity.is_some(),
        references: &references,
        network: &network,
        vault: plan.vault.as_ref().map(|url| VaultFacts {
            url,
            settings: vault_settings(url, vault_id, settings.as_ref(), plan, client, &located),
            perimeter: &perimeter,
            roles: roles.as_ref(),
            secret: plan.secret.as_ref().zip(secret.as_ref()),
        }),
        now: Timestamp::now(),
    };
    let here = Context { requested_identity: named.clone(), ..Context::detect(&reader.session.context.env) };
    let assessment = assess(&facts, &here);
    let vault = plan.vault.clone().map(|url| VaultReport {
        url,
        tenant: settings
            .as_ref()
            .and_then(|read| TenantId::parse(read.as_ref().ok()?.properties.tenant_id.as_deref()?).ok()),
        region: settings.as_ref().and_then(|read| read.as_ref().ok()?.location.clone()),
        seen_as: None,
        checks: assessment.checks,
    });
    let is_selected = |one: &AssignedIdentity| matches!(identity, SelectedIdentity::Assigned(used) if used == one);
    let identities = workload.identities.iter();
    let identities =
        identities.map(|one| WorkloadIdentity { identity: one.clone(), is_selected: is_selected(one) }).collect();
    let references: Vec<_> = workload.references.iter().cloned().chain(references.unwrap_or_default()).collect();
    let ids = workload.identities.iter().filter_map(|one| ResourceId::parse(one.resource_id.as_deref()?));
    let names = ids.flat_map(|id| [id.name().to_owned(), binding_name(id.name()), id.resource_group().to_owned()]);
    let secrets = references.iter().filter_map(|one| one.secret.clone());
    let of_pod: Vec<_> = pod.iter().flat_map(|pod| pod.names()).collect();
    let reader_identity = read_by.identity();
    let reader_name = reader_identity.label().or(reader_identity.object_id()).unwrap_or("an unknown identity");
    Ok(Report {
        host: workload.host(),
        settings: reader.settings.effective(),
        chain: Vec::new(),
        vault,
        names: names.chain(secrets).chain(secret_name).chain(of_pod).collect(),
        findings: assessment.findings,
        exit_code: assessment.exit_code,
        workload: Some(WorkloadReport {
            id: workload.id.filter(|_| workload.pod.is_none()).map(|id| id.to_string()),
            pod: pod.map(pod_report),
            verdict: assessment.verdict,
            read_by: format!("{reader_name} ({})", read_by.credential.name()),
            identities,
            references,
            reference_identity: workload.reference_identity,
            not_read: assessment.not_read,
        }),
    })
}

/// Returns what the report shows of a pod.
fn pod_report(facts: PodFacts) -> PodReport {
    let credentials = facts.credentials.iter().flatten().flatten().cloned().collect();
    let bindings = facts.bindings.iter().flatten().flatten().cloned().collect();
    let token = facts.assertion();
    let (service_account, container) = (facts.pod.service_account, facts.pod.container.name);
    PodReport { service_account, container, client_id: facts.client_id, token, credentials, bindings }
}

/// Selects the identity: the one that was named, or else the default.
fn selected<'a>(
    client: &ResourceManager<'_>,
    workload: &'a Workload,
    id: &ResourceId,
    named: Option<&ManagedIdentityId>,
) -> Result<SelectedIdentity<'a>, Error> {
    let identities = &workload.identities;
    let system = identities.iter().find(|one| one.resource_id.is_none());
    let default = workload.default_identity();
    Ok(match named {
        _ if identities.is_empty() => SelectedIdentity::NotEnabled,
        None => default.map_or(SelectedIdentity::NotSelected, SelectedIdentity::Assigned),
        Some(named) => match identities.iter().find(|one| has_id(one, named)) {
            Some(one) => SelectedIdentity::Assigned(one),
            None => {
                // The client ID of the system-assigned identity needs a request.
                let mut with_id: Vec<_> = system.into_iter().cloned().collect();
                if named.kind == IdKind::Client {
                    workloads::add_client_id(client, id, &mut with_id)?;
                }
                let is_system = with_id.iter().any(|one| has_id(one, named));
                match system.filter(|_| is_system) {
                    Some(system) => SelectedIdentity::Assigned(system),
                    None => SelectedIdentity::NotAssigned,
                }
            }
        },
    })
}

/// Decides by the role assignments and deny assignments at the secret, or else at the vault. A query at the vault would
/// miss roles on a single secret.
fn decide(
    client: &ResourceManager<'_>,
    identity: &AssignedIdentity,
    assigned: &[AssignedIdentity],
    vault: &ResourceId,
    secret: Option<&str>,
) -> Result<RoleDecision, ManagementError> {
    let scope = secret.map_or_else(|| vault.to_string(), |name| format!("{vault}/secrets/{name}"));
    let (denied, roles) = both(
        || authorization::deny_assignments(client, &scope),
        || authorization::assignments(client, &scope, &identity.object_id),
    );
    let mut decision = authorization::decide(client, &identity.object_id, &scope, &roles?, &denied);
    if let RoleDecision::Missing { hints, .. } = &mut decision {
        let others = assigned.iter().filter(|one| *one != identity);
        let others: Vec<_> = others.map(|one| (one.label(), one.object_id.as_str())).collect();
        let id = &identity.object_id;
        let ((elsewhere, eligible), of_others) = both(
            || {
                both(
                    || authorization::roles_elsewhere(client, id, &scope),
                    || authorization::eligible_roles(client, id, &scope),
                )
            },
            || authorization::roles_of_others(client, &scope, &others),
        );
        *hints = [elsewhere, eligible, of_others].concat();
    }
    Ok(decision)
}

/// Returns the vault's settings, or why they are not known.
fn vault_settings<'a>(
    url: &VaultUrl,
    id: Option<&'a ResourceId>,
    settings: Option<&'a Result<VaultSettings, ManagementError>>,
    plan: &ExaminePlan,
    client: &ResourceManager<'_>,
    located: &Located,
) -> Result<(&'a ResourceId, &'a VaultSettings), VaultMissing> {
    match (id, settings) {
        (Some(id), Some(Ok(settings))) => Ok((id, settings)),
        (_, Some(Err(error))) => Err(VaultMissing::NotKnown(error.to_string())),
        _ => {
            let name = url.name();
            let subscription = plan.target.subscription.as_deref().or(located.subject.subscription());
            Err(match subscription.map_or(Ok(None), |id| vault::deletion_date(client, id, name)) {
                Ok(Some(date)) => VaultMissing::Deleted(date),
                Ok(None) | Err(_) => VaultMissing::NotKnown(format!(
                    "{name} is not in {}; it can be in another tenant",
                    plan.target.searched()
                )),
            })
        }
    }
}
