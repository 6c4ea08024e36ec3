//! Container apps and jobs: identities, the variable `AZURE_CLIENT_ID` and references to Key Vault.
//!
//! The values of secrets are not read: only a POST lists them
//! (<https://learn.microsoft.com/rest/api/resource-manager/containerapps/container-apps/list-secrets>).

use serde::Deserialize;

use crate::host::HostKind;

use super::ResourceManager;
use super::error::ManagementError;
use super::resource_id::ResourceId;
use super::workload::{
    ClientId, EnvironmentVariable, IdentityBlock, KeyVaultReference, Network, Workload, parse_addresses,
};

/// <https://learn.microsoft.com/rest/api/resource-manager/containerapps/container-apps/get>
const VERSION: &str = "2025-07-01";
/// <https://learn.microsoft.com/rest/api/resource-manager/containerapps/jobs/get>
const JOB: &str = "microsoft.app/jobs";
/// The types of this file, in lower case.
pub const TYPES: &[&str] = &["microsoft.app/containerapps", JOB];
/// The type of the environment, which has the subnet.
pub const ENVIRONMENT: &str = "microsoft.app/managedenvironments";

#[derive(Deserialize)]
struct App {
    identity: Option<IdentityBlock>,
    #[serde(default)]
    properties: AppProperties,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct AppProperties {
    outbound_ip_addresses: Option<Vec<String>>,
    /// A job has `environmentId`.
    #[serde(alias = "environmentId")]
    managed_environment_id: Option<String>,
    configuration: Configuration,
    template: Template,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Configuration {
    identity_settings: Option<Vec<IdentitySetting>>,
    secrets: Option<Vec<SecretReference>>,
}

/// When an identity is available (<https://learn.microsoft.com/azure/container-apps/managed-identity#control-managed-identity-availability>).
#[derive(Default, Deserialize)]
#[serde(default)]
struct IdentitySetting {
    /// `system`, or the resource ID of a user-assigned identity.
    identity: String,
    /// `Init`, `Main`, `All` or `None`.
    lifecycle: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct SecretReference {
    name: String,
    key_vault_url: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Template {
    containers: Option<Vec<AppContainer>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct AppContainer {
    env: Option<Vec<EnvironmentVariable>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ManagedEnvironment {
    properties: EnvironmentProperties,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct EnvironmentProperties {
    vnet_configuration: Option<VirtualNetwork>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct VirtualNetwork {
    infrastructure_subnet_id: Option<String>,
}

/// Reads a container app or a job. `tenant` is that of its subscription, if it is known.
///
/// # Errors
/// It does not exist, or the caller may not read it.
pub fn read(client: &ResourceManager<'_>, id: &ResourceId, tenant: Option<&str>) -> Result<Workload, ManagementError> {
    let app: App = client.get(id.as_str(), VERSION)?;
    let AppProperties { outbound_ip_addresses, managed_environment_id, configuration, template } = app.properties;
    let addresses = outbound_ip_addresses.unwrap_or_default();
    let mut identities = app.identity.unwrap_or_default().identities(tenant);
    for setting in configuration.identity_settings.unwrap_or_default() {
        let is_system = setting.identity.eq_ignore_ascii_case("system");
        let own = identities.iter_mut().find(|one| match &one.resource_id {
            None => is_system,
            Some(id) => id.eq_ignore_ascii_case(&setting.identity),
        });
        if let Some(identity) = own {
            identity.lifecycle = setting.lifecycle;
        }
    }
    let containers = template.containers.unwrap_or_default();
    let references = configuration.secrets.unwrap_or_default().into_iter().filter_map(|secret| {
        let (vault, path) = secret.key_vault_url.as_deref()?.strip_prefix("https://")?.split_once("/secrets/")?;
        Some(KeyVaultReference {
            setting: secret.name,
            vault: vault.split('.').next().map(str::to_owned),
            secret: path.split('/').next().map(str::to_owned),
            status: None,
            details: None,
        })
    });
    Ok(Workload {
        id: Some(id.clone()),
        pod: None,
        kind: if id.kind() == JOB { HostKind::ContainerAppJob } else { HostKind::ContainerApp },
        identities,
        client_id: ClientId::of_containers(containers.iter().map(|one| one.env.as_deref().unwrap_or_default())),
        network: Network {
            addresses: parse_addresses(addresses.iter().map(String::as_str)),
            leads_to_subnet: managed_environment_id,
            ..Network::default()
        },
        references: references.collect(),
        reference_identity: None,
    })
}

/// Reads the subnet of an environment.
///
/// # Errors
/// The caller may not read it.
pub fn subnet(client: &ResourceManager<'_>, id: &ResourceId) -> Result<Option<String>, ManagementError> {
    let environment: ManagedEnvironment = client.get(id.as_str(), VERSION)?;
    Ok(environment.properties.vnet_configuration.and_then(|network| network.infrastructure_subnet_id))
}
