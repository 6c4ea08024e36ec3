//! Commands that mend, filled in with the names we know.
//!
//! Where a name is unknown the command finds it itself: no placeholder ever looks like a value. Every word that comes
//! from outside is quoted for the shell it is pasted into.

mod application;
mod federation;
mod identity;
mod network;
mod sign_in;
mod vault;

use crate::entra::cloud::PUBLIC;
use crate::env::Env;
use crate::vault::url::VaultUrl;

use super::aadsts;
use super::explain::Place;

pub(super) use application::by_code;
pub(super) use federation::{annotate_service_account, restart_pod, trust};
pub(super) use identity::{assign_identity, enable_identity, list_identities, read_arc_keys, show_metadata};
pub(super) use network::{compare_clocks, spare_proxy, trust_authority, try_to_reach};
pub(super) use sign_in::{get_az, run_by_hand, sign_in, sign_in_with, speed_up_az};
pub(super) use vault::{
    allow_address, assign_role, enable_secret, find_secret, find_vault, list_versions, move_to_tenant, open_to,
    set_policy, show_load, show_network, show_tenant,
};

/// The shell that a command will be pasted into, as far as it changes what has to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shell {
    /// Any POSIX shell.
    Posix,
    /// Git Bash and its like on Windows, which turn `/subscriptions/...` into a Windows path
    /// (<https://github.com/Azure/azure-cli/issues/14299>).
    Msys,
    /// PowerShell, which every other terminal of Windows is taken for.
    PowerShell,
}

impl Shell {
    /// Tells the shell by the variables it sets.
    pub fn of(env: &Env) -> Self {
        match env.has("MSYSTEM") {
            true => Shell::Msys,
            false if cfg!(windows) => Shell::PowerShell,
            false => Shell::Posix,
        }
    }

    /// A command in which a word is, or becomes, a path of Azure's.
    fn with_paths(self, command: String) -> String {
        match self {
            Shell::Posix | Shell::PowerShell => command,
            Shell::Msys => format!("MSYS_NO_PATHCONV=1 {command}"),
        }
    }

    /// Sets a variable; `value` is quoted already.
    pub(super) fn set(self, name: &str, value: &str) -> String {
        match self {
            Shell::Posix | Shell::Msys => format!("export {name}={value}"),
            Shell::PowerShell => format!("$env:{name} = \"{}\"", value.trim_matches(['\'', '"'])),
        }
    }

    /// Takes a variable away.
    pub(super) fn unset(self, name: &str) -> String {
        match self {
            Shell::Posix | Shell::Msys => format!("unset {name}"),
            Shell::PowerShell => format!("Remove-Item Env:{name}"),
        }
    }
}

/// Quotes a word for a shell, where it needs it.
fn word(text: &str) -> String {
    if is_plain(text) { text.to_owned() } else { format!("'{}'", text.replace('\'', r"'\''")) }
}

/// Whether no shell would read more into a word than is there, quoted or not.
fn is_plain(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_./:@=".contains(&b))
}

/// What can be pasted for a row where nothing of the case is known but its place.
pub(super) fn general(code: &str, vault: Option<&VaultUrl>, place: &Place) -> Vec<String> {
    let cloud = vault.map_or(Some(PUBLIC), VaultUrl::cloud);
    if let Some(number) = code.strip_prefix("AADSTS").and_then(|number| number.parse().ok()) {
        return match aadsts::SIGN_IN_AGAIN.contains(&number) {
            true => sign_in(None, cloud),
            false => by_code(number, None, place),
        };
    }
    let shell = place.shell;
    match code {
        "managed-identity-unavailable" => enable_identity(&place.host),
        "several-identities" | "identity-not-named" => list_identities(&place.host),
        "metadata-timed-out" => show_metadata(),
        "credential-unavailable" | "not-signed-in" | "developer-tool-failed" => vec!["az login".to_owned()],
        "developer-tool-timed-out" | "developer-tool-slow" => run_by_hand("az").into_iter().collect(),
        "az-login-without-az" => get_az(),
        "wrong-tenant" => vault.map_or_else(|| sign_in(None, cloud), show_tenant),
        "token-expired" => compare_clocks(vault),
        "metadata-impostor" | "metadata-slow" => vec![shell.set("AZURE_TOKEN_CREDENTIALS", "dev")],
        "metadata-proxied" => vec![shell.set("NO_PROXY", "\"$NO_PROXY,169.254.169.254\"")],
        "client-id-alone" => vec![shell.unset("AZURE_CLIENT_ID")],
        // Asked for without showing it.
        "environment-incomplete" if shell != Shell::PowerShell => {
            vec!["read -rs AZURE_CLIENT_SECRET && export AZURE_CLIENT_SECRET".to_owned()]
        }
        "powershell-module-missing" => {
            vec!["pwsh -Command \"Install-Module Az.Accounts -Scope CurrentUser\"".to_owned()]
        }
        "needs-broker" => sign_in(None, cloud),
        "workload-identity-incomplete" | "federated-token-file" => annotate_service_account(place),
        "vault-name-unknown" | "beyond-proxy" => find_vault(),
        "throttled" => vault.map(|vault| show_load(vault, shell)).unwrap_or_default(),
        "stored-secret" => vec![shell.unset("AZURE_CLIENT_SECRET")],
        "clock-skew" => match shell {
            Shell::Posix => vec!["sudo timedatectl set-ntp true".to_owned()],
            Shell::Msys | Shell::PowerShell => vec!["w32tm /resync".to_owned()],
        },
        "ci-token-refused" => federation::permission(place),
        "azure-arc-key-unsafe" => vec!["azcmagent show".to_owned()],
        "azure-arc-key-denied" => read_arc_keys(),
        "resolver-dead" if shell == Shell::Posix => vec!["cat /etc/resolv.conf".to_owned()],
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::{Host, HostKind};

    #[test]
    fn words_are_quoted_where_a_shell_would_read_more_into_them() {
        assert_eq!(word("my-vault"), "my-vault");
        assert_eq!(word("a b'c$(x)"), r"'a b'\''c$(x)'");
    }

    #[test]
    fn an_unknown_resource_group_is_found_by_the_command() {
        let host = Host { name: Some("my-app".into()), ..Host::of_kind(HostKind::ContainerApp) };
        let command = &enable_identity(&host)[0];
        assert!(command.contains(r#"--resource-group "$(az containerapp list"#), "{command}");
        assert!(command.ends_with(" --system-assigned"));
    }

    #[test]
    fn a_machine_of_a_scale_set_has_the_sets_identities() {
        let set = Host {
            name: Some("set_0".into()),
            resource_group: Some("g".into()),
            scale_set: Some("set".into()),
            ..Host::of_kind(HostKind::VirtualMachine)
        };
        assert_eq!(enable_identity(&set), ["az vmss identity assign --name set --resource-group g"]);
    }

    #[test]
    fn a_variable_is_set_in_each_shells_own_way() {
        assert_eq!(Shell::Msys.set("A", "b"), "export A=b");
        assert_eq!(Shell::PowerShell.set("A", "'b c'"), "$env:A = \"b c\"");
        assert_eq!(Shell::PowerShell.unset("A"), "Remove-Item Env:A");
    }
}
