//! The three clouds the sandbox can stand for, and their host names.
//! Deliberately not the table that azfob's client side uses: a mistake shared by both would go unseen.
//! Source of the suffixes: azure-cli's `azure.cli.core.cloud`.

use super::names;

/// A cloud: which host names belong to Azure.
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
    /// Every cloud.
    pub const ALL: [EmulatedCloud; 3] = [EmulatedCloud::Public, EmulatedCloud::UsGovernment, EmulatedCloud::China];

    /// The suffix of its vaults' host names, with the leading dot.
    pub fn vault_suffix(self) -> &'static str {
        match self {
            EmulatedCloud::Public => ".vault.azure.net",
            EmulatedCloud::UsGovernment => ".vault.usgovcloudapi.net",
            EmulatedCloud::China => ".vault.azure.cn",
        }
    }

    /// The audience of its vaults' tokens.
    pub fn vault_resource(self) -> &'static str {
        match self {
            EmulatedCloud::Public => "https://vault.azure.net",
            EmulatedCloud::UsGovernment => "https://vault.usgovcloudapi.net",
            EmulatedCloud::China => "https://vault.azure.cn",
        }
    }

    /// The audience that its federated credentials expect
    /// (<https://learn.microsoft.com/entra/workload-id/workload-identity-federation-considerations>).
    pub fn federated_audience(self) -> &'static str {
        match self {
            EmulatedCloud::Public => names::FEDERATED_AUDIENCE,
            EmulatedCloud::UsGovernment => "api://AzureADTokenExchangeUSGov",
            EmulatedCloud::China => "api://AzureADTokenExchangeChina",
        }
    }

    /// The host names of its Entra ID, the usual one first.
    pub fn authorities(self) -> &'static [&'static str] {
        match self {
            EmulatedCloud::Public => &["login.microsoftonline.com"],
            EmulatedCloud::UsGovernment => &["login.microsoftonline.us"],
            EmulatedCloud::China => &["login.chinacloudapi.cn", "login.partner.microsoftonline.cn"],
        }
    }

    /// The host name of its management plane.
    pub fn management(self) -> &'static str {
        match self {
            EmulatedCloud::Public => "management.azure.com",
            EmulatedCloud::UsGovernment => "management.usgovcloudapi.net",
            EmulatedCloud::China => "management.chinacloudapi.cn",
        }
    }

    /// Its name in `az cloud list`.
    pub fn name(self) -> &'static str {
        match self {
            EmulatedCloud::Public => "AzureCloud",
            EmulatedCloud::UsGovernment => "AzureUSGovernment",
            EmulatedCloud::China => "AzureChinaCloud",
        }
    }

    /// Whether tokens can be had for this resource, and so whether a sign-in may ask for it.
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

/// What a host name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Site {
    /// A vault, in this cloud.
    Vault(EmulatedCloud),
    /// An Entra ID authority of this cloud.
    Entra(EmulatedCloud),
    /// The management plane of this cloud.
    Management(EmulatedCloud),
    /// The service that vouches for the jobs of GitHub Actions.
    GithubActions,
    /// The service that vouches for the jobs of Azure Pipelines.
    AzurePipelines,
}

impl Site {
    /// What a host name stands for; `None` where the sandbox must refuse it.
    pub(super) fn from_host(host: &str) -> Option<Site> {
        match host {
            names::GITHUB_RUNNER_HOST => return Some(Site::GithubActions),
            names::AZURE_DEVOPS_HOST => return Some(Site::AzurePipelines),
            _ => {}
        }
        EmulatedCloud::ALL.into_iter().find_map(|cloud| {
            let vault = host.strip_suffix(cloud.vault_suffix());
            if vault.is_some_and(|name| !name.is_empty() && !name.contains('.')) {
                Some(Site::Vault(cloud))
            } else if cloud.authorities().contains(&host) {
                Some(Site::Entra(cloud))
            } else if cloud.management() == host {
                Some(Site::Management(cloud))
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
    fn only_azures_own_hosts_are_known() {
        assert_eq!(Site::from_host("my-vault.vault.azure.net"), Some(Site::Vault(EmulatedCloud::Public)));
        assert_eq!(Site::from_host("login.microsoftonline.us"), Some(Site::Entra(EmulatedCloud::UsGovernment)));
        assert_eq!(Site::from_host("management.azure.com"), Some(Site::Management(EmulatedCloud::Public)));
        for refused in ["example.com", "vault.azure.net", ".vault.azure.net", "a.b.vault.azure.net", "xvault.azure.net"]
        {
            assert_eq!(Site::from_host(refused), None, "{refused}");
        }
    }
}
