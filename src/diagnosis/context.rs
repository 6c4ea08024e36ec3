//! The context of a failure: the host, and what is known about the request. Fix commands are filled in from it.

use std::net::IpAddr;

use crate::bounded_file;
use crate::credential::azure_cli::AzureCliCredential;
use crate::credential::azure_developer_cli::AzureDeveloperCliCredential;
use crate::credential::azure_powershell::AzurePowerShellCredential;
use crate::credential::visual_studio::{self, VisualStudioCredential};
use crate::credential::{Credential, ManagedIdentityId};
use crate::entra::Scope;
use crate::entra::cloud::{Cloud, PUBLIC};
use crate::env::{self, Env};
use crate::host::Host;
use crate::token::Claims;
use crate::token::identity::Identity;
use crate::vault::url::VaultUrl;

use super::shell::Shell;

/// An operating system, as far as commands differ between them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum System {
    /// Debian, Ubuntu and other Linux distributions.
    #[default]
    Debian,
    /// Fedora, Red Hat Enterprise Linux, Azure Linux and similar distributions.
    Fedora,
    Alpine,
    MacOs,
    Windows,
}

impl System {
    /// Detects the system, on Linux from os-release (<https://www.freedesktop.org/software/systemd/man/os-release.html>).
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

/// A developer tool, and the command that signs in to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tool {
    pub program: &'static str,
    pub sign_in: &'static str,
}

pub const AZ: Tool = Tool { program: "az", sign_in: "az login" };
pub const POWERSHELL: Tool = Tool { program: "pwsh", sign_in: "Connect-AzAccount" };
pub const AZD: Tool = Tool { program: "azd", sign_in: "azd auth login" };
/// A user signs in to it in its window.
pub const VISUAL_STUDIO: Tool = Tool { program: visual_studio::TOKEN_SERVICE, sign_in: visual_studio::TOKEN_SERVICE };

/// Returns the tool of a credential.
pub(super) fn tool_of(credential: &str) -> Option<Tool> {
    let tools = [
        (AzureCliCredential.name(), AZ),
        (AzurePowerShellCredential.name(), POWERSHELL),
        (AzureDeveloperCliCredential.name(), AZD),
        (VisualStudioCredential.name(), VISUAL_STUDIO),
    ];
    tools.into_iter().find(|(name, _)| *name == credential).map(|(_, tool)| tool)
}

/// What is known about the workload identity of a pod, apart from its variables.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PodSetup {
    #[default]
    Unknown,
    /// It has the label, but its service account lacks the annotation.
    NotAnnotated,
    /// It has the label, and its service account the annotation, but the webhook did not change it.
    NotInjected,
    /// Its service account does not exist.
    NoServiceAccount,
    /// It has an AKS identity binding, and is examined from another machine.
    Bound,
}

/// What is known about a failure. A command looks up at run time what is not known here.
///
/// The default is a plain Debian machine with a POSIX shell.
#[derive(Clone, Debug, Default)]
#[allow(missing_docs, reason = "most field names say it")]
pub struct Context {
    pub host: Host,
    pub shell: Shell,
    pub system: System,
    /// True over SSH, where no browser can be opened.
    pub remote: bool,
    /// The client ID set in the environment.
    pub client_id: Option<String>,
    pub is_pull_request: bool,
    /// True if the pod's AKS identity binding has a token proxy.
    pub has_token_proxy: bool,
    /// True if a CI job has no token from its runner, as opposed to no client or tenant ID.
    pub lacks_runner_token: bool,
    pub vault: Option<VaultUrl>,
    /// The cloud named in a text that names no vault.
    pub named_cloud: Option<&'static Cloud>,
    pub vault_tenant: Option<String>,
    /// The tenant of another service's resource, which refused a token of this one.
    pub resource_tenant: Option<String>,
    /// `NAME` or `NAME/VERSION`.
    pub secret: Option<String>,
    /// The identity that was refused.
    pub identity: Option<Identity>,
    /// True for a failure in a log: it can be of any identity on any machine.
    pub in_log: bool,
    /// The client ID of the refused identity, if a log does not contain its object ID.
    pub refused_application: Option<String>,
    /// The user-assigned identity in the request.
    pub requested_identity: Option<ManagedIdentityId>,
    /// The intended credential, if another one took precedence.
    pub credential: Option<&'static str>,
    /// This machine's address, as the vault sees it, or the addresses of the workload, separated by blanks.
    pub client_address: Option<String>,
    /// The resource ID that access was refused to.
    pub resource: Option<String>,
    /// The refused action: of a role, or `secrets/get` of an access policy.
    pub action: Option<String>,
    pub pod_setup: PodSetup,
    /// The resource ID of the pod's AKS cluster.
    pub cluster: Option<String>,
    /// The claims of the federated assertion.
    pub assertion: Option<Claims>,
    /// The host that the request was sent to.
    pub endpoint: Option<String>,
    /// The proxy between this machine and the endpoint.
    pub proxy: Option<String>,
    /// The developer tool that was run.
    pub tool: Option<Tool>,
    pub az_is_missing: bool,
    /// The variable with the client secret, certificate or password that was used.
    pub stored_secret: Option<&'static str>,
    /// The claims (JSON) that the vault requires of a new token.
    pub claims: Option<String>,
    /// The folder of an installed tool that is not on PATH.
    pub tool_folder: Option<String>,
    /// The address of the vault's private endpoint, if it does not answer.
    pub private_address: Option<IpAddr>,
    /// The subscription that the commands name, if the resources are not this machine's.
    pub subscription: Option<String>,
    /// True if the vault has a private endpoint, but its name resolves to the public address here.
    pub zone_unlinked: bool,
}

impl Context {
    /// Detects the host, shell and operating system, and reads the client ID from the environment.
    pub fn detect(env: &Env) -> Self {
        let client_id = env.first(&[env::AZURE_CLIENT_ID, env::AZURESUBSCRIPTION_CLIENT_ID]);
        Context {
            host: Host::detect(env),
            shell: Shell::detect(env),
            system: System::detect(),
            remote: env.has("SSH_CONNECTION") || env.has("SSH_TTY"),
            client_id: client_id.map(|(_, id)| id.to_owned()),
            has_token_proxy: env.has(env::AZURE_KUBERNETES_TOKEN_PROXY),
            is_pull_request: env.get("GITHUB_EVENT_NAME") == Some("pull_request"),
            ..Self::default()
        }
    }

    /// Returns the vault's cloud, by default the public one. `None` if the vault's suffix belongs to no known cloud.
    pub(super) fn cloud(&self) -> Option<&'static Cloud> {
        self.vault.as_ref().map_or(self.named_cloud.or(Some(PUBLIC)), VaultUrl::cloud)
    }

    /// Returns the scope of the vault's tokens.
    pub(super) fn scope(&self) -> Option<String> {
        self.cloud().map(|cloud| Scope::of_vaults(cloud).to_string())
    }

    /// Returns the host that a request was sent to, as far as known: the endpoint, else the vault.
    pub(super) fn known_host(&self) -> Option<String> {
        self.endpoint.clone().or_else(|| self.vault.as_ref().map(VaultUrl::host))
    }

    /// Returns the host to test on the network: the known one, else Entra ID.
    pub(super) fn target_host(&self) -> String {
        self.known_host().unwrap_or_else(|| self.authority().to_owned())
    }

    /// Returns Entra ID's host in the vault's cloud.
    pub(super) fn authority(&self) -> &'static str {
        self.cloud().unwrap_or(PUBLIC).authority
    }

    /// Returns the quoted client ID. If it is not known, the shell expands `AZURE_CLIENT_ID`.
    pub(super) fn application_id(&self) -> String {
        let known = self.client_id.as_deref().map(|id| self.shell.quote(id));
        known.unwrap_or_else(|| self.shell.value_of(env::AZURE_CLIENT_ID))
    }

    /// Returns the secret's name without its version.
    pub(super) fn secret_name(&self) -> Option<&str> {
        self.secret.as_deref().map(|secret| secret.split('/').next().unwrap_or(secret)).filter(|name| !name.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn os_release_gives_the_distribution() {
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
