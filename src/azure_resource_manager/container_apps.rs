//! Container apps: identities, the variable `AZURE_CLIENT_ID` and references to Key Vault.
//!
//! The values of secrets are not read: only a POST lists them
//! (<https://learn.microsoft.com/rest/api/resource-manager/containerapps/container-apps/list-secrets>).

use serde::Deserialize;

use crate::host::HostKind;

use super::ResourceManager;
use super::error::ManagementError;
use super::resource_id::ResourceId;
use super::workload::{ClientId, IdentityBlock, Network, Reference, Workload};

/// <https://learn.microsoft.com/rest/api/resource-manager/containerapps/container-apps/get>
const VERSION: &str = "2025-07-01";
/// The variable that selects a user-assigned identity
/// (<https://learn.microsoft.com/azure/container-apps/managed-identity>).
const CLIENT_ID: &str = crate::env::AZURE_CLIENT_ID;
/// The types of this file, in lower case.
pub const TYPES: &[&str] = &["microsoft.app/containerapps"];

#[derive(Deserialize)]
struct App {
    identity: Option<IdentityBlock>,
    #[serde(default)]
    properties: Properties,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Properties {
    outbound_ip_addresses: Option<Vec<String>>,
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
    containers: Option<Vec<Container>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Container {
    env: Option<Vec<Variable>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Variable {
    name: String,
    value: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Environment {
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

/// Reads a container app, and the subnet of its environment. `tenant` is that of its subscription, if it is known.
///
/// # Errors
/// It does not exist, or the caller may not read it.
pub fn read(client: &ResourceManager<'_>, id: &ResourceId, tenant: Option<&str>) -> Result<Workload, ManagementError> {
    let app: App = client.get(id.as_str(), VERSION)?;
    let Properties { outbound_ip_addresses, managed_environment_id, configuration, template } = app.properties;
    let environment = managed_environment_id.and_then(|id| ResourceId::parse(&id));
    let environment: Option<Environment> = environment.map(|id| client.get(id.as_str(), VERSION)).transpose()?;
    let subnet = environment.and_then(|read| read.properties.vnet_configuration?.infrastructure_subnet_id);
    let addresses: Option<Vec<_>> =
        outbound_ip_addresses.unwrap_or_default().iter().map(|text| text.trim().parse().ok()).collect();
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
    let references = configuration.secrets.unwrap_or_default().into_iter().filter_map(|secret| {
        let (vault, path) = secret.key_vault_url.as_deref()?.strip_prefix("https://")?.split_once("/secrets/")?;
        Some(Reference {
            setting: secret.name,
            vault: vault.split('.').next().map(str::to_owned),
            secret: path.split('/').next().map(str::to_owned),
            status: None,
            details: None,
        })
    });
    Ok(Workload {
        id: id.clone(),
        kind: HostKind::ContainerApp,
        identities,
        client_id: client_id(&template),
        network: Network { addresses: addresses.unwrap_or_default(), subnet, all_through_subnet: false },
        references: references.collect(),
        reference_identity: None,
    })
}

/// Returns the client ID in the variables of the containers, if all of them have the same.
fn client_id(template: &Template) -> ClientId {
    let of = |container: &Container| {
        let variable = container.env.iter().flatten().find(|variable| variable.name == CLIENT_ID)?;
        // A variable without a value refers to a secret.
        Some(variable.value.clone().filter(|value| !value.is_empty()))
    };
    let mut found: Vec<_> = template.containers.iter().flatten().map(of).collect();
    found.dedup();
    match found.as_slice() {
        [] | [None] => ClientId::Unset,
        [Some(Some(id))] => ClientId::Set(id.clone()),
        _ => ClientId::NotShown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn client_id_is_that_of_all_containers() {
        let read = |text: &str| client_id(&serde_json::from_str(&format!(r#"{{"containers":[{text}]}}"#)).unwrap());
        let set = r#"{"env":[{"name":"AZURE_CLIENT_ID","value":"c"}]}"#;
        assert_eq!(read(set), ClientId::Set("c".to_owned()));
        assert_eq!(read(&format!("{set},{set}")), ClientId::Set("c".to_owned()));
        assert_eq!(read(r#"{"env":null},{}"#), ClientId::Unset);
        assert_eq!(read(&format!("{set},{{}}")), ClientId::NotShown);
        assert_eq!(read(r#"{"env":[{"name":"AZURE_CLIENT_ID","secretRef":"s"}]}"#), ClientId::NotShown);
    }
}
