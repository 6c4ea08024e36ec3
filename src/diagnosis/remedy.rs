//! Commands that mend, filled in with the names we know.
//!
//! Where a name is unknown the command finds it itself: no placeholder ever looks like a value. Every word that comes
//! from outside is quoted for the shell it is pasted into.

use crate::credential::ManagedIdentityId;
use crate::entra::Scope;
use crate::entra::cloud::{Cloud, PUBLIC};
use crate::env::Env;
use crate::host::{Host, HostKind};
use crate::identity::Identity;
use crate::vault::url::VaultUrl;

use super::aadsts;
use super::explain::Place;

/// The shell that a command will be pasted into, as far as it changes what has to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shell {
    /// Any POSIX shell.
    Posix,
    /// Git Bash and its like on Windows, which turn `/subscriptions/...` into a Windows path
    /// (<https://github.com/Azure/azure-cli/issues/14299>).
    Msys,
}

impl Shell {
    /// Tells the shell by the variables it sets.
    pub fn of(env: &Env) -> Self {
        if env.has("MSYSTEM") { Shell::Msys } else { Shell::Posix }
    }

    fn with_paths(self, command: String) -> String {
        match self {
            Shell::Posix => command,
            Shell::Msys => format!("MSYS_NO_PATHCONV=1 {command}"),
        }
    }
}

/// Quotes a word for a shell, where it needs it.
fn word(text: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_./:@=".contains(&b);
    if !text.is_empty() && text.bytes().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

/// The vault's resource id, found by az where it is run.
fn vault_id(vault: &VaultUrl) -> String {
    format!("\"$(az keyvault show --name {} --query id -o tsv)\"", word(vault.name()))
}

/// Gives the identity the role that reads secrets.
pub(super) fn assign_role(vault: &VaultUrl, identity: &Identity, resource: Option<&str>, shell: Shell) -> Vec<String> {
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
pub(super) fn set_policy(vault: &VaultUrl, identity: &Identity) -> Vec<String> {
    let object =
        identity.object_id().map_or_else(|| "\"$(az ad signed-in-user show --query id -o tsv)\"".to_owned(), word);
    vec![format!(
        "az keyvault set-policy --name {} --object-id {object} --secret-permissions get list",
        word(vault.name())
    )]
}

/// Lets an address through the vault's firewall.
pub(super) fn allow_address(vault: &VaultUrl, address: Option<&str>) -> Vec<String> {
    let name = word(vault.name());
    match address {
        Some(address) => vec![format!("az keyvault network-rule add --name {name} --ip-address {}", word(address))],
        None => vec![format!("az keyvault network-rule list --name {name}")],
    }
}

/// Shows who signed the certificate that answers under a host's name.
pub(super) fn show_certificate(host: &str, proxy: Option<&str>) -> Vec<String> {
    let proxy = proxy.map(|proxy| format!(" -proxy {}", word(proxy))).unwrap_or_default();
    let host = word(host);
    vec![format!("openssl s_client -showcerts -connect {host}:443 -servername {host}{proxy} </dev/null")]
}

/// Asks a host by other means, to see where the way ends.
pub(super) fn try_to_reach(host: &str) -> Vec<String> {
    vec![format!("curl -sv -o /dev/null {}", word(&format!("https://{host}/healthstatus")))]
}

/// Shows how many requests a vault serves.
pub(super) fn show_load(vault: &VaultUrl) -> Vec<String> {
    let id = vault_id(vault);
    vec![format!(
        "az monitor metrics list --resource {id} --metric ServiceApiHit --interval PT1M --aggregation Count -o table"
    )]
}

/// Shows whether the vault has public access and private endpoints.
pub(super) fn show_network(vault: &VaultUrl) -> Vec<String> {
    vec![format!(
        "az keyvault show --name {} --query \"properties.[publicNetworkAccess, privateEndpointConnections]\"",
        word(vault.name())
    )]
}

/// Lists what is there, and what was deleted.
pub(super) fn find_secret(vault: &VaultUrl, deleted: bool, name: &str) -> Vec<String> {
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
pub(super) fn enable_secret(vault: &VaultUrl, name: &str) -> Vec<String> {
    let (bare, version) = name.split_once('/').map_or((name, None), |(n, v)| (n, Some(v)));
    let version = version.map(|v| format!(" --version {}", word(v))).unwrap_or_default();
    vec![format!(
        "az keyvault secret set-attributes --vault-name {} --name {}{version} --enabled true",
        word(vault.name()),
        word(bare)
    )]
}

/// Times a tool that did not answer, without showing a token.
pub(super) fn run_by_hand(program: &str) -> Option<String> {
    (program == "az").then(|| "time az account get-access-token --output none".to_owned())
}

/// Gives the host an identity, by the command for its kind.
pub(super) fn enable_identity(host: &Host) -> Vec<String> {
    let group = |list: &str, name: &str| match &host.resource_group {
        Some(group) => word(group),
        None => format!("\"$(az {list} list --query \"[?name=='{name}'].resourceGroup\" -o tsv)\""),
    };
    let with_name = |command: &str, extra: &str| {
        host.name.as_deref().map(|name| {
            let list = command.split(' ').next().unwrap_or(command);
            format!("az {command} identity assign --name {} --resource-group {}{extra}", word(name), group(list, name))
        })
    };
    let command = match host.kind {
        HostKind::AppService => with_name("webapp", ""),
        HostKind::FunctionApp => with_name("functionapp", ""),
        HostKind::ContainerApp => with_name("containerapp", " --system-assigned"),
        HostKind::VirtualMachine if host.name.is_some() => with_name("vm", ""),
        HostKind::VirtualMachine => Some(format!(
            "az vm identity assign --name {} --resource-group {}",
            metadata("name"),
            metadata("resourceGroupName")
        )),
        _ => None,
    };
    command.into_iter().collect()
}

/// A virtual machine's own word for itself, asked for where the command is run: on that machine.
fn metadata(field: &str) -> String {
    format!(
        "\"$(curl -s --noproxy '*' -H Metadata:true \
         'http://169.254.169.254/metadata/instance/compute/{field}?api-version=2021-02-01&format=text')\""
    )
}

/// Gives the host the identity that was asked for.
pub(super) fn assign_identity(host: &Host, id: &ManagedIdentityId, shell: Shell) -> Vec<String> {
    use crate::credential::IdKind;
    let resource = match id.kind {
        IdKind::Resource => word(&id.value),
        IdKind::Client => format!("\"$(az identity list --query \"[?clientId=='{}'].id\" -o tsv)\"", id.value),
        IdKind::Object => format!("\"$(az identity list --query \"[?principalId=='{}'].id\" -o tsv)\"", id.value),
    };
    let flag = match host.kind {
        HostKind::ContainerApp => "--user-assigned",
        _ => "--identities",
    };
    enable_identity(host)
        .into_iter()
        .map(|command| {
            shell.with_paths(format!("{} {flag} {resource}", command.trim_end_matches(" --system-assigned")))
        })
        .collect()
}

/// Lists the identities of the host, so that one can be named.
pub(super) fn list_identities(host: &Host) -> Vec<String> {
    let query = "--query userAssignedIdentities";
    enable_identity(host)
        .into_iter()
        .map(|command| {
            format!(
                "{} {query}",
                command.replace("identity assign", "identity show").trim_end_matches(" --system-assigned")
            )
        })
        .collect()
}

/// What can be pasted for a row where nothing of the case is known but its place.
pub(super) fn general(code: &str, vault: Option<&VaultUrl>, place: &Place) -> Vec<String> {
    let cloud = vault.map_or(Some(PUBLIC), VaultUrl::cloud);
    let number = code.strip_prefix("AADSTS").and_then(|number| number.parse().ok());
    if number.is_some_and(|number| aadsts::SIGN_IN_AGAIN.contains(&number)) {
        return sign_in(None, cloud);
    }
    let fixed: &[&str] = match code {
        "managed-identity-unavailable" => return enable_identity(&place.host),
        "several-identities" => return list_identities(&place.host),
        "credential-unavailable" | "not-signed-in" | "developer-tool-failed" => &["az login"],
        "wrong-tenant" => return vault.map_or_else(|| sign_in(None, cloud), show_tenant),
        "metadata-impostor" | "metadata-slow" => &["export AZURE_TOKEN_CREDENTIALS=dev"],
        "metadata-proxied" => &["export NO_PROXY=\"$NO_PROXY,169.254.169.254\""],
        "powershell-module-missing" => &["pwsh -Command \"Install-Module Az.Accounts -Scope CurrentUser\""],
        "needs-broker" => return sign_in(None, cloud),
        "vault-name-unknown" => &["az keyvault list --query '[].properties.vaultUri' -o tsv"],
        "clock-skew" => &["sudo timedatectl set-ntp true"],
        _ => &[],
    };
    fixed.iter().map(|command| (*command).to_owned()).collect()
}

/// Joins the group that may read the keys of Azure Arc's agent
/// (<https://learn.microsoft.com/azure/azure-arc/servers/managed-identity-authentication#prerequisites>).
pub(super) fn read_arc_keys() -> Vec<String> {
    if cfg!(unix) { vec!["sudo usermod -aG himds \"$USER\"".to_owned()] } else { Vec::new() }
}

/// Signs a developer in, to the vault's tenant where it is known, for the vaults of its cloud.
pub(super) fn sign_in(tenant: Option<&str>, cloud: Option<&Cloud>) -> Vec<String> {
    let tenant = tenant.map(|t| format!(" --tenant {}", word(t))).unwrap_or_default();
    let scope = cloud.map(|c| format!(" --scope {}", word(&Scope::of_vaults(c).to_string()))).unwrap_or_default();
    vec![format!("az login{tenant}{scope}")]
}

/// Signs in again with a tool, to the vault's tenant where it is known.
pub(super) fn sign_in_with(program: &str, command: &str, tenant: Option<&str>, cloud: Option<&Cloud>) -> String {
    let flag = match program {
        "az" => return sign_in(tenant, cloud).remove(0),
        "azd" => "--tenant-id",
        _ => "-Tenant",
    };
    tenant.map_or_else(|| command.to_owned(), |tenant| format!("{command} {flag} {}", word(tenant)))
}

/// Tells which tenant a vault is in, as its own settings have it.
pub(super) fn show_tenant(vault: &VaultUrl) -> Vec<String> {
    vec![format!("az keyvault show --name {} --query properties.tenantId -o tsv", word(vault.name()))]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_quoted_where_a_shell_would_read_more_into_them() {
        assert_eq!(word("my-vault"), "my-vault");
        assert_eq!(word("a b'c$(x)"), r"'a b'\''c$(x)'");
    }

    #[test]
    fn an_unknown_resource_group_is_found_by_the_command() {
        let host = Host { kind: HostKind::ContainerApp, name: Some("my-app".into()), resource_group: None };
        let command = &enable_identity(&host)[0];
        assert!(command.contains(r#"--resource-group "$(az containerapp list"#), "{command}");
        assert!(command.ends_with(" --system-assigned"));
    }
}
