//! A vault's settings, and the state of a secret without its value.
//!
//! API versions before 2026-02-01 retire in February 2027
//! (<https://learn.microsoft.com/azure/key-vault/general/access-control-default>).

use std::net::IpAddr;

use serde::Deserialize;

use crate::vault::secret_bundle::Attributes;

use super::ResourceManager;
use super::error::ManagementError;
use super::resource_id::ResourceId;

/// <https://learn.microsoft.com/rest/api/keyvault/keyvault/vaults/get>
const VERSION: &str = "2026-02-01";
/// <https://learn.microsoft.com/azure/key-vault/general/network-security#network-security-perimeter>
const PERIMETER_VERSION: &str = "2026-04-01-preview";

/// A vault's settings.
#[derive(Clone, Debug, Deserialize)]
pub struct VaultSettings {
    pub location: Option<String>,
    pub properties: VaultProperties,
}

/// A field that is absent or null has its default.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct VaultProperties {
    pub tenant_id: Option<String>,
    /// False, absent and null mean access policies.
    pub enable_rbac_authorization: Option<bool>,
    pub access_policies: Option<Vec<AccessPolicy>>,
    pub public_network_access: Option<String>,
    pub network_acls: Option<NetworkRules>,
    pub private_endpoint_connections: Option<Vec<PrivateEndpoint>>,
}

/// An access policy (<https://learn.microsoft.com/azure/key-vault/general/assign-access-policy>).
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct AccessPolicy {
    pub tenant_id: Option<String>,
    /// A user, a service principal or a group.
    pub object_id: Option<String>,
    /// If set, the policy applies only to this application on behalf of the object.
    pub application_id: Option<String>,
    pub permissions: PolicyPermissions,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct PolicyPermissions {
    pub secrets: Option<Vec<String>>,
}

/// The firewall of a vault (<https://learn.microsoft.com/azure/key-vault/general/network-security>).
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct NetworkRules {
    default_action: Option<String>,
    ip_rules: Option<Vec<AddressRule>>,
    virtual_network_rules: Option<Vec<SubnetRule>>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct AddressRule {
    value: String,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct SubnetRule {
    id: String,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct PrivateEndpoint {
    properties: EndpointProperties,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct EndpointProperties {
    private_link_service_connection_state: ConnectionState,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct ConnectionState {
    status: Option<String>,
}

/// The inbound rules of an enforced network security perimeter
/// (<https://learn.microsoft.com/azure/private-link/network-security-perimeter-concepts#access-rules>).
#[derive(Clone, Debug, Default)]
pub struct PerimeterRules {
    addresses: Vec<String>,
    /// IDs of subscriptions: their managed identities have access.
    subscriptions: Vec<String>,
}

/// The association of a vault with a network security perimeter.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Perimeter {
    properties: PerimeterProperties,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct PerimeterProperties {
    resource_association: Association,
    profile: Profile,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Profile {
    access_rules: Option<Vec<AccessRule>>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct AccessRule {
    properties: RuleProperties,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct RuleProperties {
    direction: String,
    address_prefixes: Option<Vec<String>>,
    subscriptions: Option<Vec<SubnetRule>>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Association {
    access_mode: Option<String>,
}

/// A secret's state, without its value (<https://learn.microsoft.com/rest/api/keyvault/keyvault/secrets/get>).
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct SecretState {
    pub properties: SecretProperties,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct SecretProperties {
    pub attributes: Attributes,
}

/// A vault that is soft-deleted.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct DeletedVault {
    name: String,
    properties: DeletedProperties,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct DeletedProperties {
    deletion_date: Option<String>,
}

/// Reads a vault's settings.
///
/// # Errors
/// The vault does not exist, or the caller may not read it.
pub fn read(client: &ResourceManager<'_>, id: &ResourceId) -> Result<VaultSettings, ManagementError> {
    client.get(id.as_str(), VERSION)
}

/// Reads a secret's state.
///
/// # Errors
/// The secret does not exist, or the caller may not read it.
pub fn secret(client: &ResourceManager<'_>, id: &ResourceId, name: &str) -> Result<SecretState, ManagementError> {
    client.get(&format!("{id}/secrets/{name}"), VERSION)
}

/// Returns the rules of an enforced network security perimeter, which override the vault's firewall.
///
/// # Errors
/// The caller may not read it.
pub fn enforced_perimeter(
    client: &ResourceManager<'_>,
    id: &ResourceId,
) -> Result<Option<PerimeterRules>, ManagementError> {
    let path = format!("{id}/networkSecurityPerimeterConfigurations");
    let perimeters: Vec<Perimeter> = match client.list(&path, &[("api-version", PERIMETER_VERSION)]) {
        Err(error) if error.is_not_found() => Vec::new(),
        other => other?,
    };
    let mode = |one: &Perimeter| one.properties.resource_association.access_mode.clone().unwrap_or_default();
    let enforced = perimeters.into_iter().find(|one| mode(one).eq_ignore_ascii_case("Enforced"));
    Ok(enforced.map(|one| {
        let mut rules = PerimeterRules::default();
        for rule in one.properties.profile.access_rules.unwrap_or_default() {
            let rule = rule.properties;
            if rule.direction.eq_ignore_ascii_case("Inbound") {
                rules.addresses.extend(rule.address_prefixes.unwrap_or_default());
                rules.subscriptions.extend(rule.subscriptions.unwrap_or_default().into_iter().map(|one| one.id));
            }
        }
        rules
    }))
}

/// Returns the time at which a vault was deleted, if it is soft-deleted in the subscription
/// (<https://learn.microsoft.com/rest/api/keyvault/keyvault/vaults/list-deleted>).
///
/// # Errors
/// The caller may not list the deleted vaults.
pub fn deletion_date(
    client: &ResourceManager<'_>,
    subscription: &str,
    name: &str,
) -> Result<Option<String>, ManagementError> {
    let path = format!("/subscriptions/{subscription}/providers/Microsoft.KeyVault/deletedVaults");
    let deleted: Vec<DeletedVault> = client.list(&path, &[("api-version", VERSION)])?;
    let vault = deleted.into_iter().find(|vault| vault.name.eq_ignore_ascii_case(name));
    Ok(vault.map(|vault| vault.properties.deletion_date.unwrap_or_default()))
}

impl VaultProperties {
    /// Returns true if it depends on the network of a request whether the vault answers.
    pub fn restricts_network(&self) -> bool {
        self.is_private() || self.network_acls.as_ref().is_some_and(NetworkRules::denies_by_default)
    }

    /// Returns true if public network access is disabled, or left to a network security perimeter.
    pub fn is_private(&self) -> bool {
        let access = self.public_network_access.as_deref();
        access.is_some_and(|access| !access.eq_ignore_ascii_case("Enabled"))
    }

    /// Returns true if a private endpoint is approved.
    pub fn has_private_endpoint(&self) -> bool {
        let approved = |one: &PrivateEndpoint| {
            let status = one.properties.private_link_service_connection_state.status.as_deref();
            status.is_some_and(|status| status.eq_ignore_ascii_case("Approved"))
        };
        self.private_endpoint_connections.iter().flatten().any(approved)
    }
}

impl PerimeterRules {
    pub fn allows_address(&self, address: IpAddr) -> bool {
        self.addresses.iter().any(|range| contains(range, address))
    }

    /// Returns true if a rule names the subscription: `/subscriptions/ID`.
    pub fn allows_subscription(&self, id: &str) -> bool {
        self.subscriptions.iter().any(|one| one.rsplit('/').next().is_some_and(|one| one.eq_ignore_ascii_case(id)))
    }
}

impl NetworkRules {
    /// Returns true if the firewall refuses what no rule allows. Without rules it allows all.
    pub fn denies_by_default(&self) -> bool {
        self.default_action.as_deref().is_some_and(|action| action.eq_ignore_ascii_case("Deny"))
    }

    pub fn allows_subnet(&self, subnet: &str) -> bool {
        self.virtual_network_rules.iter().flatten().any(|rule| rule.id.eq_ignore_ascii_case(subnet))
    }

    pub fn allows_address(&self, address: IpAddr) -> bool {
        self.ip_rules.iter().flatten().any(|rule| contains(&rule.value, address))
    }
}

/// Returns true if an address is in a range: `203.0.113.0/24`, or an address.
fn contains(range: &str, address: IpAddr) -> bool {
    let (base, bits) = range.split_once('/').unwrap_or((range, "32"));
    let (Ok(IpAddr::V4(base)), IpAddr::V4(address), Ok(bits)) = (base.parse(), address, bits.parse::<u32>()) else {
        return false;
    };
    let mask = if bits == 0 { 0 } else { u32::MAX.checked_shl(32_u32.saturating_sub(bits)).unwrap_or(u32::MAX) };
    u32::from(base) & mask == u32::from(address) & mask
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_contain_their_addresses() {
        let within = |range: &str, address: &str| contains(range, address.parse().unwrap());
        assert!(within("203.0.113.0/24", "203.0.113.255") && !within("203.0.113.0/24", "203.0.114.0"));
        assert!(within("203.0.113.4", "203.0.113.4") && !within("203.0.113.4/32", "203.0.113.5"));
        assert!(within("0.0.0.0/0", "1.2.3.4") && !within("x/8", "1.2.3.4") && !within("1.2.3.4", "::1"));
    }

    #[test]
    fn null_fields_mean_the_default() {
        let text = r#"{"properties":{"enableRbacAuthorization":null,"accessPolicies":null,"networkAcls":null}}"#;
        let vault: VaultSettings = serde_json::from_str(text).unwrap();
        assert!(!vault.properties.is_private() && vault.properties.enable_rbac_authorization.is_none());
    }
}
