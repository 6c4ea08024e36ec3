//! What is done at a vault: roles, access policies, networks, secrets.

use crate::token::identity::Identity;
use crate::vault::url::VaultUrl;

use super::{Shell, word};

/// The vault's resource id, found by az where it is run.
fn vault_id(vault: &VaultUrl) -> String {
    format!("\"$(az keyvault show --name {} --query id -o tsv)\"", word(vault.name()))
}

/// Gives the identity the role that reads secrets.
pub(in crate::diagnosis) fn assign_role(
    vault: &VaultUrl,
    identity: &Identity,
    resource: Option<&str>,
    shell: Shell,
) -> Vec<String> {
    // The refusal names the secret's resource id; what stands before /secrets/ is the vault's.
    let scope = match resource.and_then(|r| r.split("/secrets/").next()).filter(|r| r.starts_with("/subscriptions/")) {
        Some(id) => word(id),
        None => vault_id(vault),
    };
    let assignee = match identity.object_id() {
        Some(id) => {
            format!("--assignee-object-id {} --assignee-principal-type {}", word(id), identity.principal_type())
        }
        None => "--assignee-object-id \"$(az ad signed-in-user show --query id -o tsv)\"".to_owned(),
    };
    vec![
        shell.with_paths(format!(
            "az role assignment create --role \"Key Vault Secrets User\" {assignee} --scope {scope}"
        )),
    ]
}

/// Gives the identity a place in the vault's access policies.
pub(in crate::diagnosis) fn set_policy(vault: &VaultUrl, identity: &Identity) -> Vec<String> {
    let object =
        identity.object_id().map_or_else(|| "\"$(az ad signed-in-user show --query id -o tsv)\"".to_owned(), word);
    vec![format!(
        "az keyvault set-policy --name {} --object-id {object} --secret-permissions get list",
        word(vault.name())
    )]
}

/// Lets an address through the vault's firewall.
pub(in crate::diagnosis) fn allow_address(vault: &VaultUrl, address: Option<&str>) -> Vec<String> {
    let name = word(vault.name());
    match address {
        Some(address) => vec![format!("az keyvault network-rule add --name {name} --ip-address {}", word(address))],
        None => vec![format!("az keyvault network-rule list --name {name}")],
    }
}

/// Shows how many requests a vault serves.
pub(in crate::diagnosis) fn show_load(vault: &VaultUrl, shell: Shell) -> Vec<String> {
    let id = vault_id(vault);
    vec![shell.with_paths(format!(
        "az monitor metrics list --resource {id} --metric ServiceApiHit --interval PT1M --aggregation Count -o table"
    ))]
}

/// Shows whether the vault has public access and private endpoints.
pub(in crate::diagnosis) fn show_network(vault: &VaultUrl) -> Vec<String> {
    vec![format!(
        "az keyvault show --name {} --query \"properties.[publicNetworkAccess, privateEndpointConnections]\"",
        word(vault.name())
    )]
}

/// Lists what is there, and what was deleted.
pub(in crate::diagnosis) fn find_secret(vault: &VaultUrl, deleted: bool, name: &str) -> Vec<String> {
    let vault = word(vault.name());
    let bare = name.split('/').next().unwrap_or(name);
    if deleted {
        return vec![format!("az keyvault secret recover --vault-name {vault} --name {}", word(bare))];
    }
    vec![
        format!("az keyvault secret list --vault-name {vault} --query '[].name' -o tsv"),
        format!("az keyvault secret list-deleted --vault-name {vault} --query '[].name' -o tsv"),
    ]
}

/// Makes a secret readable again.
pub(in crate::diagnosis) fn enable_secret(vault: &VaultUrl, name: &str) -> Vec<String> {
    let (bare, version) = name.split_once('/').map_or((name, None), |(n, v)| (n, Some(v)));
    let version = version.map(|v| format!(" --version {}", word(v))).unwrap_or_default();
    vec![format!(
        "az keyvault secret set-attributes --vault-name {} --name {}{version} --enabled true",
        word(vault.name()),
        word(bare)
    )]
}

/// Tells which tenant a vault is in, as its own settings have it.
pub(in crate::diagnosis) fn show_tenant(vault: &VaultUrl) -> Vec<String> {
    vec![format!("az keyvault show --name {} --query properties.tenantId -o tsv", word(vault.name()))]
}

/// Lets one address come over the public network, and nobody else.
pub(in crate::diagnosis) fn open_to(vault: &VaultUrl, address: &str) -> Vec<String> {
    let name = word(vault.name());
    let rule = format!("az keyvault network-rule add --name {name} --ip-address {}", word(address));
    vec![rule, format!("az keyvault update --name {name} --public-network-access Enabled --default-action Deny")]
}

/// Lists the vaults of the subscription.
pub(in crate::diagnosis) fn find_vault() -> Vec<String> {
    vec!["az keyvault list --query '[].properties.vaultUri' -o tsv".to_owned()]
}

/// Lists the versions of a secret with their dates.
pub(in crate::diagnosis) fn list_versions(vault: &VaultUrl, name: &str) -> Vec<String> {
    let bare = name.split('/').next().unwrap_or(name);
    vec![format!(
        "az keyvault secret list-versions --vault-name {} --name {} --query '[].{{id:id, enabled:attributes.enabled, \
         from:attributes.notBefore, until:attributes.expires}}' -o table",
        word(vault.name()),
        word(bare)
    )]
}

/// Moves a vault along to the tenant that its subscription was moved to
/// (<https://learn.microsoft.com/azure/key-vault/general/move-subscription>).
pub(in crate::diagnosis) fn move_to_tenant(vault: &VaultUrl, tenant: &str) -> Vec<String> {
    let name = word(vault.name());
    vec![format!("az keyvault update --name {name} --set properties.tenantId={}", word(tenant))]
}
