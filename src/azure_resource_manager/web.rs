//! App Service and Functions apps: identities, outbound addresses and the states of Key Vault references.
//!
//! The app settings are not read: only a POST that reveals all values has them
//! (<https://learn.microsoft.com/rest/api/appservice/web-apps/list-application-settings>).

use serde::Deserialize;

use crate::host::HostKind;
use crate::http::status::BAD_REQUEST;

use super::ResourceManager;
use super::error::{ManagementError, ManagementErrorKind};
use super::resource_id::ResourceId;
use super::workload::{ClientId, IdentityBlock, KeyVaultReference, Network, Workload, parse_addresses};

/// <https://learn.microsoft.com/rest/api/appservice/web-apps/get>
const VERSION: &str = "2025-05-01";
/// The types of this file, in lower case.
pub const TYPES: &[&str] = &["microsoft.web/sites", "microsoft.web/sites/slots"];

#[derive(Deserialize)]
struct Site {
    kind: Option<String>,
    identity: Option<IdentityBlock>,
    #[serde(default)]
    properties: SiteProperties,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct SiteProperties {
    key_vault_reference_identity: Option<String>,
    virtual_network_subnet_id: Option<String>,
    outbound_ip_addresses: Option<String>,
    possible_outbound_ip_addresses: Option<String>,
    vnet_route_all_enabled: Option<bool>,
    outbound_vnet_routing: Option<Routing>,
    site_config: Option<SiteConfig>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Routing {
    all_traffic: Option<bool>,
    application_traffic: Option<bool>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct SiteConfig {
    vnet_route_all_enabled: Option<bool>,
}

#[derive(Deserialize)]
struct SettingState {
    name: String,
    #[serde(default)]
    properties: SettingProperties,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct SettingProperties {
    status: Option<String>,
    vault_name: Option<String>,
    secret_name: Option<String>,
    details: Option<String>,
}

/// Reads an app. `tenant` is that of its subscription, if it is known.
///
/// # Errors
/// The app does not exist, or the caller may not read it.
pub fn read(client: &ResourceManager<'_>, id: &ResourceId, tenant: Option<&str>) -> Result<Workload, ManagementError> {
    let site: Site = client.get(id.as_str(), VERSION)?;
    let properties = site.properties;
    // The name of the setting differs between API versions
    // (https://learn.microsoft.com/azure/app-service/configure-vnet-integration-routing).
    let routing = properties.outbound_vnet_routing.unwrap_or_default();
    let config = properties.site_config.unwrap_or_default();
    let flags = [
        routing.all_traffic,
        routing.application_traffic,
        properties.vnet_route_all_enabled,
        config.vnet_route_all_enabled,
    ];
    let subnet = properties.virtual_network_subnet_id.filter(|id| !id.is_empty());
    let lists = [properties.outbound_ip_addresses, properties.possible_outbound_ip_addresses];
    let texts = lists.iter().flatten().flat_map(|list| list.split(',')).filter(|text| !text.is_empty());
    let is_function = site.kind.is_some_and(|kind| kind.to_ascii_lowercase().contains("functionapp"));
    Ok(Workload {
        id: Some(id.clone()),
        pod: None,
        kind: if is_function { HostKind::FunctionApp } else { HostKind::AppService },
        identities: site.identity.unwrap_or_default().identities(tenant),
        client_id: ClientId::NotShown,
        references: Vec::new(),
        network: Network {
            addresses: parse_addresses(texts),
            all_through_subnet: subnet.is_some() && flags.contains(&Some(true)),
            subnet,
            ..Network::default()
        },
        reference_identity: properties.key_vault_reference_identity,
    })
}

/// Reads the states of the Key Vault references in the app settings
/// (<https://learn.microsoft.com/rest/api/appservice/web-apps/get-app-settings-key-vault-references>). An app without any
/// may answer 404 or 400.
///
/// # Errors
/// The caller may not read them.
pub fn references(client: &ResourceManager<'_>, id: &ResourceId) -> Result<Vec<KeyVaultReference>, ManagementError> {
    let path = format!("{id}/config/configreferences/appsettings");
    let states: Vec<SettingState> = match client.list(&path, &[("api-version", VERSION)]) {
        Err(error) if error.is_not_found() || matches!(error.kind, ManagementErrorKind::Other(BAD_REQUEST, _)) => {
            Vec::new()
        }
        other => other?,
    };
    let reference = |state: SettingState| KeyVaultReference {
        setting: state.name,
        vault: state.properties.vault_name,
        secret: state.properties.secret_name,
        status: state.properties.status.filter(|status| !status.is_empty()),
        details: state.properties.details,
    };
    Ok(states.into_iter().map(reference).collect())
}
