//! Explains from outside whether a workload can read a vault: from what Azure Resource Manager shows of both.
//!
//! Each step is allowed, refused or not known. The result is "allowed" only if every step is.

mod access;
mod federation;
mod network;
mod references;
mod step;

use std::time::Duration;

use crate::azure_resource_manager::authorization::RoleDecision;
use crate::azure_resource_manager::error::ManagementError;
use crate::azure_resource_manager::resource_id::ResourceId;
use crate::azure_resource_manager::vault::{PerimeterRules, SecretState, VaultSettings};
use crate::azure_resource_manager::workload::{AssignedIdentity, ClientId, KeyVaultReference, Network, Workload};
use crate::error::exit_code;
use crate::host::HostKind;
use crate::redact;
use crate::time::timestamp::Timestamp;
use crate::token::Claims;
use crate::token::identity::Identity;
use crate::vault::reference::SecretRef;
use crate::vault::url::VaultUrl;

use super::context::Context;
use super::finding::Finding;
use super::report::{Check, CheckStatus, RatedFinding, Severity};
use super::table::{self, advice, identity, unauthorized, vault};

pub use federation::PodFacts;
use step::{Step, StepRefusal};

/// The identity that a workload uses.
#[derive(Clone, Copy, Debug)]
pub enum SelectedIdentity<'a> {
    Assigned(&'a AssignedIdentity),
    /// It has no identity.
    NotEnabled,
    /// It has only user-assigned identities, and which of them it selects is not known.
    NotSelected,
    /// The identity that was named is not assigned to it.
    NotAssigned,
    /// The identity that a pod names was not found.
    NotKnown,
}

/// What is known about the workload and the vault.
pub struct WorkloadFacts<'a> {
    pub workload: &'a Workload,
    /// What decides on the sign-in of a pod, if it is one.
    pub pod: Option<&'a PodFacts>,
    pub identity: SelectedIdentity<'a>,
    /// True if the identity was named, so that it does not depend on the app settings.
    pub is_named: bool,
    pub references: &'a Result<Vec<KeyVaultReference>, ManagementError>,
    /// Its addresses and subnet, as far as the vault's rules need them.
    pub network: &'a Result<Network, ManagementError>,
    pub vault: Option<VaultFacts<'a>>,
    pub now: Timestamp,
}

/// Why there are no settings of the vault.
pub enum VaultMissing {
    /// It is soft-deleted since this date.
    Deleted(String),
    NotKnown(String),
}

/// What is known about the vault.
pub struct VaultFacts<'a> {
    pub url: &'a VaultUrl,
    pub settings: Result<(&'a ResourceId, &'a VaultSettings), VaultMissing>,
    /// The rules of an enforced network security perimeter.
    pub perimeter: &'a Result<Option<PerimeterRules>, ManagementError>,
    /// The decision on the selected identity, if the vault uses RBAC.
    pub roles: Option<&'a Result<RoleDecision, ManagementError>>,
    pub secret: Option<(&'a SecretRef, &'a Result<SecretState, ManagementError>)>,
}

/// The assessment of a workload.
pub struct Assessment {
    pub checks: Vec<Check>,
    pub findings: Vec<RatedFinding>,
    pub verdict: String,
    pub not_read: Vec<String>,
    pub exit_code: u8,
}

/// What the steps result in.
#[derive(Default)]
struct StepResults {
    /// The exit code and the cause of the first refusal.
    refused: Option<(u8, &'static str)>,
    /// The first reason why the result is not known.
    open: Option<String>,
    /// What could still prevent the access.
    conditions: Vec<&'static str>,
}

/// Assesses a workload. `here` has the shell and the system of this machine.
pub fn assess(facts: &WorkloadFacts<'_>, here: &Context) -> Assessment {
    let context = facts.context(here);
    let subject = facts.subject();
    let mut assessment = Assessment {
        checks: Vec::new(),
        findings: Vec::new(),
        verdict: format!("{subject} was read; no vault is configured"),
        not_read: facts.not_read(),
        exit_code: exit_code::OK,
    };
    let mut results = StepResults::default();
    if facts.depends_on_settings() {
        results.conditions.push("AZURE_CLIENT_ID selects another identity");
    }
    if let Some((name, step)) = facts.sign_in_step(&context) {
        assessment.check(name, step, &mut results);
    }
    let signs_in = results.refused.is_none();
    if let Some(vault) = &facts.vault {
        for (name, step) in facts.vault_steps(vault, &context) {
            assessment.check(name, step, &mut results);
        }
        facts.add_dates(vault, &context, &mut assessment);
        let StepResults { refused, open, conditions } = &results;
        let name = vault.url.name();
        let what = vault.secret.map_or_else(|| "secrets".to_owned(), |(secret, _)| format!("'{secret}'"));
        assessment.verdict = match (refused, open) {
            (Some((_, cause)), _) if !signs_in => format!("{subject} cannot sign in: {cause}"),
            (Some((exit_code::NOT_FOUND, cause)), _) => format!("{name} does not have the secret: {cause}"),
            (Some((exit_code::NETWORK, cause)), _) => format!("{name} does not answer {subject}: {cause}"),
            (Some((_, cause)), _) => format!("{name} refuses {subject}: {cause}"),
            (None, Some(reason)) => format!("it is not known whether {subject} can read {what} in {name}: {reason}"),
            (None, None) if conditions.is_empty() => format!("{subject} can read {what} in {name}"),
            (None, None) => format!("{subject} can read {what} in {name}, unless {}", conditions.join(" or ")),
        };
    } else if let Some((_, cause)) = results.refused {
        assessment.verdict = format!("{subject} cannot sign in: {cause}");
    }
    let references = facts.references.as_deref().unwrap_or_default();
    assessment.findings.extend(references::findings(references, results.refused.is_some(), &context));
    assessment.findings.sort_by_key(|rated| rated.severity);
    let code = if results.open.is_some() { exit_code::OTHER } else { exit_code::OK };
    assessment.exit_code = results.refused.map_or(code, |(code, _)| code);
    assessment
}

impl Assessment {
    /// Adds the check of a step.
    fn check(&mut self, name: &'static str, step: Step, results: &mut StepResults) {
        let (status, message) = match step {
            Step::Allowed(message) => (CheckStatus::Ok, message),
            Step::NotKnown(reason) => {
                results.open.get_or_insert_with(|| reason.clone());
                (CheckStatus::Warn, reason)
            }
            Step::Unless(condition, warning) => {
                results.conditions.push(condition);
                (CheckStatus::Ok, self.add(Severity::Warning, *warning))
            }
            Step::Depends(warning) => {
                let reason = self.add(Severity::Warning, *warning);
                results.open.get_or_insert_with(|| reason.clone());
                (CheckStatus::Warn, reason)
            }
            Step::Refused(refusal) => {
                results.refused.get_or_insert((refusal.exit_code, refusal.row.cause));
                (CheckStatus::Fail, self.add(Severity::Error, *refusal))
            }
        };
        self.checks.push(Check::new(name, status, message, Duration::ZERO));
    }

    /// Adds a finding, and returns its message.
    fn add(&mut self, severity: Severity, refusal: StepRefusal) -> String {
        let mut finding = Finding::new(refusal.row, refusal.message.clone(), &refusal.context);
        finding.details = refusal.details;
        self.findings.push(RatedFinding { severity, finding });
        refusal.message
    }
}

impl WorkloadFacts<'_> {
    fn selected(&self) -> Option<&AssignedIdentity> {
        match self.identity {
            SelectedIdentity::Assigned(identity) => Some(identity),
            _ => None,
        }
    }

    /// True if the app settings can select another identity.
    fn depends_on_settings(&self) -> bool {
        !self.is_named && self.workload.client_id == ClientId::NotShown
    }

    /// Returns true if the ID that was named may be a client ID, not the object ID of the identity.
    fn is_open(&self) -> bool {
        self.selected().is_some_and(|identity| identity.is_principal) && !self.is_named
    }

    /// `my-app (system-assigned)`.
    fn subject(&self) -> String {
        let name = self.workload.name();
        let label = self.selected().map(AssignedIdentity::label).filter(|label| *label != name);
        format!("{name}{}", label.map(|label| format!(" ({label})")).unwrap_or_default())
    }

    /// Returns the context of findings about the workload.
    fn context(&self, here: &Context) -> Context {
        let id = self.workload.id.as_ref();
        let identity = self.selected().map(|identity| Identity {
            kind: identity.kind(),
            claims: Claims {
                oid: Some(identity.object_id.clone()),
                appid: identity.client_id.clone(),
                tid: identity.tenant.clone(),
                xms_mirid: (identity.resource_id.clone().or_else(|| id.map(ToString::to_string))),
                ..Claims::default()
            },
        });
        Context {
            // The subscription of the context is in every command.
            host: self.workload.host(),
            shell: here.shell,
            system: here.system,
            vault: self.vault.as_ref().map(|vault| vault.url.clone()),
            secret: self.vault.as_ref().and_then(|vault| Some(vault.secret?.0.to_string())),
            identity,
            requested_identity: here.requested_identity.clone(),
            client_id: self.pod.and_then(|pod| pod.client_id().map(str::to_owned)),
            assertion: self.pod.map(PodFacts::assertion),
            subscription: self.subscription().map(str::to_owned),
            cluster: self.pod.and_then(|pod| pod.cluster.as_ref()).map(ToString::to_string),
            ..Context::default()
        }
    }

    /// Returns the subscription of the workload. If a pod's identity is not known, that of its cluster or of the vault.
    fn subscription(&self) -> Option<&str> {
        let cluster = || self.pod?.cluster.as_ref();
        let vault = || Some(self.vault.as_ref()?.settings.as_ref().ok()?.0);
        self.workload.id.as_ref().or_else(cluster).or_else(vault).map(ResourceId::subscription)
    }

    /// Returns what is never read, or could not be.
    fn not_read(&self) -> Vec<String> {
        let settings = match self.workload.kind {
            // The request for the app settings reveals all their values.
            HostKind::AppService | HostKind::FunctionApp => "app settings such as AZURE_CLIENT_ID (use --client-id)",
            _ => "the variable AZURE_CLIENT_ID (use --client-id)",
        };
        let unread = self.references.as_ref().err().map(|error| format!("the Key Vault references: {error}"));
        let of_pod = self.pod.into_iter().flat_map(PodFacts::not_read);
        self.depends_on_settings().then(|| settings.to_owned()).into_iter().chain(unread).chain(of_pod).collect()
    }

    /// Returns the step of the sign-in. A resource has none if it has the identity.
    fn sign_in_step(&self, context: &Context) -> Option<(&'static str, Step)> {
        if let Some(pod) = self.pod {
            return Some(("federation", pod.step(self.selected(), context)));
        }
        let name = self.workload.name();
        let count = self.workload.identities.len();
        let (row, message, code) = match self.identity {
            SelectedIdentity::Assigned(_) | SelectedIdentity::NotKnown => return None,
            SelectedIdentity::NotEnabled => {
                let message = format!("{name} has no managed identity");
                (identity::MANAGED_IDENTITY_UNAVAILABLE, message, exit_code::UNAVAILABLE)
            }
            SelectedIdentity::NotSelected if !self.workload.kind.is_app() => {
                let message = format!("{name} has {count} user-assigned identities and no system-assigned one");
                (identity::MULTIPLE_IDENTITIES, message, exit_code::UNAVAILABLE)
            }
            SelectedIdentity::NotSelected => {
                let message = format!("{name} has user-assigned identities ({count}) and no system-assigned one");
                (identity::IDENTITY_NOT_SELECTED, message, exit_code::UNAVAILABLE)
            }
            SelectedIdentity::NotAssigned => {
                let message = format!("the identity is not one of the {count} of {name}");
                (identity::IDENTITY_NOT_ASSIGNED, message, exit_code::UNAUTHENTICATED)
            }
        };
        let refusal = StepRefusal { row, message, details: Vec::new(), context: context.clone(), exit_code: code };
        Some(("identity", Step::Refused(Box::new(refusal))))
    }

    /// Returns the steps of a request to the vault, in their order.
    fn vault_steps(&self, facts: &VaultFacts<'_>, context: &Context) -> Vec<(&'static str, Step)> {
        let (id, settings) = match &facts.settings {
            Ok(found) => found,
            Err(VaultMissing::NotKnown(reason)) => return vec![("vault", Step::NotKnown(reason.clone()))],
            Err(VaultMissing::Deleted(date)) => {
                let message = format!("{} was deleted on {date}", facts.url.name());
                let (context, details) = (context.clone(), Vec::new());
                let (row, exit_code) = (table::network::VAULT_DELETED, exit_code::NETWORK);
                let refusal = StepRefusal { row, message, details, context, exit_code };
                return vec![("vault", Step::Refused(Box::new(refusal)))];
            }
        };
        let context = Context {
            vault_tenant: settings.properties.tenant_id.clone(),
            resource: Some(id.to_string()),
            subscription: Some(id.subscription().to_owned()),
            ..context.clone()
        };
        let mut steps = Vec::new();
        if let Some(identity) = self.selected() {
            steps.extend(lifecycle_step(identity, &context).map(|step| ("identity", step)));
            // An object ID without a resource is that of the vault's tenant.
            if !identity.is_principal {
                steps.push(("tenant", tenant_step(identity, settings, &context)));
            }
        }
        let subscription = self.workload.id.as_ref().map(ResourceId::subscription);
        steps.push(("network", network::step(self.network, subscription, settings, facts.perimeter, &context)));
        if let Some(identity) = self.selected() {
            steps.push((
                "access",
                access::step(identity, settings, facts.roles, facts.url.name(), self.is_open(), &context),
            ));
        }
        if let Some((secret, state)) = facts.secret {
            steps.push(("secret", secret_step(secret, state, facts.url, &context)));
        }
        steps
    }

    /// Adds a warning if the secret is outside its validity period.
    fn add_dates(&self, facts: &VaultFacts<'_>, context: &Context, assessment: &mut Assessment) {
        let Some((secret, Ok(state))) = facts.secret else { return };
        let attributes = &state.properties.attributes;
        let expired = attributes.exp.map(Timestamp).filter(|end| *end <= self.now);
        let early = attributes.nbf.map(Timestamp).filter(|start| *start > self.now);
        let (row, period) = match (expired, early) {
            (Some(end), _) => (advice::SECRET_EXPIRED, format!("expired on {}", end.date())),
            (None, Some(start)) => (advice::SECRET_NOT_YET_VALID, format!("becomes valid on {}", start.date())),
            (None, None) => return,
        };
        let finding = Finding::new(row, format!("'{secret}' {period}"), context);
        assessment.findings.push(RatedFinding { severity: Severity::from_row(row), finding });
    }
}

/// Returns a step if the main containers do not have the identity
/// (<https://learn.microsoft.com/azure/container-apps/managed-identity#control-managed-identity-availability>).
fn lifecycle_step(identity: &AssignedIdentity, context: &Context) -> Option<Step> {
    let lifecycle = identity.lifecycle.as_deref()?;
    let is_open = lifecycle.eq_ignore_ascii_case("Init") || lifecycle.eq_ignore_ascii_case("None");
    is_open.then(|| {
        Step::Refused(Box::new(StepRefusal {
            row: identity::IDENTITY_LIFECYCLE,
            message: format!("the lifecycle of {} is {lifecycle}, not Main or All", identity.label()),
            details: Vec::new(),
            context: context.clone(),
            exit_code: exit_code::UNAUTHENTICATED,
        }))
    })
}

/// Compares the tenants of the identity and the vault.
fn tenant_step(identity: &AssignedIdentity, settings: &VaultSettings, context: &Context) -> Step {
    match (&identity.tenant, &settings.properties.tenant_id) {
        (Some(ours), Some(theirs)) if ours.eq_ignore_ascii_case(theirs) => {
            Step::Allowed("the vault and the identity belong to the same tenant".to_owned())
        }
        (Some(ours), Some(theirs)) => Step::Refused(Box::new(StepRefusal {
            row: unauthorized::IDENTITY_OF_ANOTHER_TENANT,
            message: format!("the vault tenant is {theirs}, the tenant of the identity is {ours}"),
            details: Vec::new(),
            context: context.clone(),
            exit_code: exit_code::UNAUTHENTICATED,
        })),
        _ => Step::NotKnown("the tenant of the vault or of the identity is not known".to_owned()),
    }
}

/// Checks the secret's state.
fn secret_step(
    secret: &SecretRef,
    state: &Result<SecretState, ManagementError>,
    vault: &VaultUrl,
    context: &Context,
) -> Step {
    let refused = |row, message, exit_code| {
        let (details, context) = (Vec::new(), context.clone());
        Step::Refused(Box::new(StepRefusal { row, message, details, context, exit_code }))
    };
    let name = vault.name();
    match state {
        Err(error) if error.is_not_found() => {
            refused(vault::SECRET_NOT_FOUND, format!("{name} has no secret '{secret}'"), exit_code::NOT_FOUND)
        }
        Err(error) => Step::NotKnown(redact::sanitize(&error.to_string())),
        Ok(_) if secret.version.is_some() => {
            Step::NotKnown("Azure Resource Manager shows only the current version of the secret".to_owned())
        }
        Ok(state) if state.properties.attributes.enabled == Some(false) => {
            refused(vault::SECRET_DISABLED, format!("'{secret}' is disabled in {name}"), exit_code::FORBIDDEN)
        }
        Ok(_) => Step::Allowed(format!("'{secret}' exists and is enabled")),
    }
}
