//! The case of a failure: where it happened, and what is known of it. Every command is made from one.

use std::net::IpAddr;

use crate::bounded_file;
use crate::credential::ManagedIdentityId;
use crate::entra::Scope;
use crate::entra::cloud::{Cloud, PUBLIC};
use crate::env::{self, Env};
use crate::host::Host;
use crate::token::Claims;
use crate::token::identity::Identity;
use crate::vault::url::VaultUrl;

use super::shell::Shell;

/// The operating system, as far as it changes what has to be typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum System {
    /// Debian, Ubuntu and their kin, and Linux of a kind that is not known.
    Debian,
    /// Fedora, Red Hat Enterprise Linux, Azure Linux and their kin.
    Fedora,
    /// Alpine.
    Alpine,
    /// macOS.
    MacOs,
    /// Windows.
    Windows,
}

impl System {
    /// Tells the system; on Linux by os-release (<https://www.freedesktop.org/software/systemd/man/os-release.html>).
    pub fn detect() -> Self {
        if cfg!(windows) {
            return System::Windows;
        }
        if cfg!(target_os = "macos") {
            return System::MacOs;
        }
        let release = ["/etc/os-release", "/usr/lib/os-release"].into_iter().find_map(bounded_file::of_system);
        Self::from_os_release(&release.unwrap_or_default())
    }

    fn from_os_release(text: &str) -> Self {
        let ids = text.lines().filter_map(|line| line.strip_prefix("ID=").or_else(|| line.strip_prefix("ID_LIKE=")));
        let named =
            |names: &[&str]| ids.clone().flat_map(|ids| ids.trim_matches('"').split(' ')).any(|id| names.contains(&id));
        match () {
            () if named(&["alpine"]) => System::Alpine,
            () if named(&["fedora", "rhel", "centos", "azurelinux", "mariner", "amzn"]) => System::Fedora,
            () => System::Debian,
        }
    }
}

/// A developer's tool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tool {
    /// The program: `az`.
    pub program: &'static str,
    /// The command that signs in to it.
    pub sign_in: &'static str,
}

/// The tool of most developers.
pub const AZ: Tool = Tool { program: "az", sign_in: "az login" };

/// PowerShell, with Azure's modules.
pub const POWERSHELL: Tool = Tool { program: "pwsh", sign_in: "Connect-AzAccount" };

/// The developer CLI.
pub const AZD: Tool = Tool { program: "azd", sign_in: "azd auth login" };

/// Where a failure happened, and what is known of it. What is not known is found by the commands themselves.
#[derive(Clone, Debug)]
pub struct Context {
    /// The host.
    pub host: Host,
    /// The shell.
    pub shell: Shell,
    /// The operating system.
    pub system: System,
    /// Whether the person sits elsewhere, as over SSH: a browser on this machine is no use then.
    pub remote: bool,
    /// The application or identity that the environment names.
    pub client_id: Option<String>,
    /// Whether the job runs for a pull request.
    pub is_pull_request: bool,
    /// Whether the job lacks what its runner vouches with, rather than the names of what it signs in as.
    pub lacks_runner_token: bool,
    /// The vault.
    pub vault: Option<VaultUrl>,
    /// The cloud that a text names, where it names no vault.
    pub named_cloud: Option<&'static Cloud>,
    /// The tenant that the vault is in.
    pub vault_tenant: Option<String>,
    /// The secret: `NAME` or `NAME/VERSION`.
    pub secret: Option<String>,
    /// Who was refused.
    pub identity: Option<Identity>,
    /// The user-assigned identity that was asked for.
    pub requested_identity: Option<ManagedIdentityId>,
    /// The credential that is meant, where another one won.
    pub credential: Option<&'static str>,
    /// This machine's address, as the vault sees it.
    pub client_address: Option<String>,
    /// The resource id that access was refused on.
    pub resource: Option<String>,
    /// What was refused there: an action of a role, or `secrets/get` of a policy.
    pub action: Option<String>,
    /// What the workload's assertion says of it.
    pub assertion: Option<Claims>,
    /// The host on the network that was asked.
    pub endpoint: Option<String>,
    /// The proxy on the way to it.
    pub proxy: Option<String>,
    /// The developer's tool that was asked.
    pub tool: Option<Tool>,
    /// Whether that tool is missing here.
    pub az_is_missing: bool,
    /// The folder that a tool lies in which PATH does not name.
    pub folder: Option<String>,
    /// The address of the vault's private endpoint, where it does not answer.
    pub private_address: Option<IpAddr>,
    /// Whether the vault has a private endpoint whose name this network does not resolve to it.
    pub zone_unlinked: bool,
}

impl Context {
    /// The case of which nothing is known but where it is: what the environment and the machine tell.
    pub fn detect(env: &Env) -> Self {
        let client_id = env.first(&[env::AZURE_CLIENT_ID, env::AZURESUBSCRIPTION_CLIENT_ID]);
        let client_id = client_id.map(|(_, id)| id.to_owned());
        let remote = env.has("SSH_CONNECTION") || env.has("SSH_TTY");
        let is_pull_request = env.get("GITHUB_EVENT_NAME") == Some("pull_request");
        Context {
            remote,
            client_id,
            is_pull_request,
            ..Self::on(Host::detect(env), Shell::detect(env), System::detect())
        }
    }

    /// A case on this host of which nothing else is known.
    pub fn on(host: Host, shell: Shell, system: System) -> Self {
        Context {
            host,
            shell,
            system,
            remote: false,
            client_id: None,
            is_pull_request: false,
            lacks_runner_token: false,
            vault: None,
            named_cloud: None,
            vault_tenant: None,
            secret: None,
            identity: None,
            requested_identity: None,
            credential: None,
            client_address: None,
            resource: None,
            action: None,
            assertion: None,
            endpoint: None,
            proxy: None,
            tool: None,
            az_is_missing: false,
            folder: None,
            private_address: None,
            zone_unlinked: false,
        }
    }

    /// The vault's cloud, or else the public one; nothing for a vault of a cloud that is not known.
    pub(super) fn cloud(&self) -> Option<&'static Cloud> {
        self.vault.as_ref().map_or(self.named_cloud.or(Some(PUBLIC)), VaultUrl::cloud)
    }

    /// The scope that the vault's tokens are asked for.
    pub(super) fn scope(&self) -> Option<String> {
        self.cloud().map(|cloud| Scope::of_vaults(cloud).to_string())
    }

    /// The host to look at on the network: the one that was asked, else the vault, else Entra ID.
    pub(super) fn target_host(&self) -> String {
        let vault = || self.vault.as_ref().map(VaultUrl::host);
        let authority = || self.cloud().unwrap_or(PUBLIC).authority.to_owned();
        self.endpoint.clone().or_else(vault).unwrap_or_else(authority)
    }

    /// The name of the secret, without its version.
    pub(super) fn secret_name(&self) -> Option<&str> {
        self.secret.as_deref().map(|secret| secret.split('/').next().unwrap_or(secret)).filter(|name| !name.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_linux_is_told_by_its_family() {
        for (text, system) in [
            ("ID=debian\n", System::Debian),
            ("ID=ubuntu\nID_LIKE=debian\n", System::Debian),
            ("ID=\"rocky\"\nID_LIKE=\"rhel centos fedora\"\n", System::Fedora),
            ("NAME=Alpine\nID=alpine\n", System::Alpine),
            ("ID=azurelinux\n", System::Fedora),
            ("", System::Debian),
        ] {
            assert_eq!(System::from_os_release(text), system, "{text}");
        }
    }
}
