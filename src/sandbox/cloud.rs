//! The three clouds that the sandbox emulates, and their host names.
//!
//! The client has its own table on purpose: a mistake in a shared table would stay hidden. Source of the suffixes:
//! azure-cli's `azure.cli.core.cloud`.

use super::names;

/// A cloud of Azure, with its host names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EmulatedCloud {
    /// `vault.azure.net`, `login.microsoftonline.com`.
    Public,
    /// `vault.usgovcloudapi.net`, `login.microsoftonline.us`.
    UsGovernment,
    /// `vault.azure.cn`, `login.chinacloudapi.cn`.
    China,
}

impl EmulatedCloud {
    /// All clouds.
    pub const ALL: [EmulatedCloud; 3] = [EmulatedCloud::Public, EmulatedCloud::UsGovernment, EmulatedCloud::China];

    /// Returns the suffix of vault host names, with the leading dot.
    pub fn vault_suffix(self) -> &'static str {
        match self {
            EmulatedCloud::Public => ".vault.azure.net",
            EmulatedCloud::UsGovernment => ".vault.usgovcloudapi.net",
            EmulatedCloud::China => ".vault.azure.cn",
        }
    }

    /// Returns the audience of tokens for Key Vault.
    pub fn vault_resource(self) -> &'static str {
        match self {
            EmulatedCloud::Public => "https://vault.azure.net",
            EmulatedCloud::UsGovernment => "https://vault.usgovcloudapi.net",
            EmulatedCloud::China => "https://vault.azure.cn",
        }
    }

    /// Returns the audience of federated credentials
    /// (<https://learn.microsoft.com/entra/workload-id/workload-identity-federation-considerations>).
    pub fn federated_audience(self) -> &'static str {
        match self {
            EmulatedCloud::Public => names::FEDERATED_AUDIENCE,
            EmulatedCloud::UsGovernment => "api://AzureADTokenExchangeUSGov",
            EmulatedCloud::China => "api://AzureADTokenExchangeChina",
        }
    }

    /// Returns the host names of Entra ID, the usual one first.
    pub fn authorities(self) -> &'static [&'static str] {
        match self {
            EmulatedCloud::Public => &["login.microsoftonline.com"],
            EmulatedCloud::UsGovernment => &["login.microsoftonline.us"],
            EmulatedCloud::China => &["login.chinacloudapi.cn", "login.partner.microsoftonline.cn"],
        }
    }

    /// Returns the host name of Azure Resource Manager.
    pub fn management(self) -> &'static str {
        match self {
            EmulatedCloud::Public => "management.azure.com",
            EmulatedCloud::UsGovernment => "management.usgovcloudapi.net",
            EmulatedCloud::China => "management.chinacloudapi.cn",
        }
    }

    /// Returns the name in `az cloud list`.
    pub fn name(self) -> &'static str {
        match self {
            EmulatedCloud::Public => "AzureCloud",
            EmulatedCloud::UsGovernment => "AzureUSGovernment",
            EmulatedCloud::China => "AzureChinaCloud",
        }
    }

    /// True if Entra ID issues tokens for this resource.
    pub(super) fn knows_resource(self, resource: &str) -> bool {
        let resource = resource.strip_suffix('/').unwrap_or(resource);
        let management = resource.strip_prefix("https://").is_some_and(|host| host == self.management());
        resource == self.vault_resource()
            || resource == names::KEY_VAULT_APPLICATION_ID
            || management
            || resource == "https://management.core.windows.net"
            || resource == "https://graph.microsoft.com"
    }
}

/// A service of Azure with host names of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AzureService {
    Vault(EmulatedCloud),
    Entra(EmulatedCloud),
    /// Azure Resource Manager.
    Management(EmulatedCloud),
    /// The token service of GitHub Actions jobs.
    GithubActions,
    /// The token service of Azure Pipelines jobs.
    AzurePipelines,
}

impl AzureService {
    /// Returns the service with this host name; `None` if the sandbox must refuse it.
    pub(super) fn from_host(host: &str) -> Option<AzureService> {
        match host {
            names::GITHUB_RUNNER_HOST => return Some(AzureService::GithubActions),
            names::AZURE_DEVOPS_HOST => return Some(AzureService::AzurePipelines),
            _ => {}
        }
        EmulatedCloud::ALL.into_iter().find_map(|cloud| {
            let vault = host.strip_suffix(cloud.vault_suffix());
            if vault.is_some_and(|name| !name.is_empty() && !name.contains('.')) {
                Some(AzureService::Vault(cloud))
            } else if cloud.authorities().contains(&host) {
                Some(AzureService::Entra(cloud))
            } else if cloud.management() == host {
                Some(AzureService::Management(cloud))
            } else {
                None
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_hosts_of_azure_are_known() {
        assert_eq!(
            AzureService::from_host("my-vault.vault.azure.net"),
            Some(AzureService::Vault(EmulatedCloud::Public))
        );
        assert_eq!(
            AzureService::from_host("login.microsoftonline.us"),
            Some(AzureService::Entra(EmulatedCloud::UsGovernment))
        );
        assert_eq!(
            AzureService::from_host("management.azure.com"),
            Some(AzureService::Management(EmulatedCloud::Public))
        );
        for refused in ["example.com", "vault.azure.net", ".vault.azure.net", "a.b.vault.azure.net", "xvault.azure.net"]
        {
            assert_eq!(AzureService::from_host(refused), None, "{refused}");
        }
    }
}
