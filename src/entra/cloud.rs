//! The Azure clouds: authority, vault suffix and token audience of each.
//!
//! Hosts and suffixes are those of azure-cli
//! (<https://github.com/Azure/azure-cli/blob/dev/src/azure-cli-core/azure/cli/core/cloud.py>).

/// An Azure cloud.
#[derive(Debug, PartialEq, Eq)]
pub struct Cloud {
    /// The name for `az cloud set --name`.
    pub name: &'static str,
    /// The authority's host.
    pub authority: &'static str,
    /// Other host names of the same authority.
    pub authority_aliases: &'static [&'static str],
    /// The suffix of vault hosts, without the leading dot. It is also the host of the token's audience.
    pub vault_suffix: &'static str,
    /// The host of Azure Resource Manager.
    pub management: &'static str,
    /// The suffix of managed HSM hosts, which hold no secrets.
    pub hsm_suffix: &'static str,
    /// The audience that a federated credential of this cloud expects in an assertion
    /// (<https://learn.microsoft.com/entra/workload-id/workload-identity-federation-create-trust>).
    pub federated_audience: &'static str,
}

/// The public Azure cloud.
pub const PUBLIC: &Cloud = &CLOUDS[0];

/// All known clouds; the public one first.
pub const CLOUDS: [Cloud; 3] = [
    Cloud {
        name: "AzureCloud",
        authority: "login.microsoftonline.com",
        authority_aliases: &["login.microsoft.com", "login.windows.net", "sts.windows.net"],
        vault_suffix: "vault.azure.net",
        management: "management.azure.com",
        hsm_suffix: "managedhsm.azure.net",
        federated_audience: "api://AzureADTokenExchange",
    },
    Cloud {
        name: "AzureUSGovernment",
        authority: "login.microsoftonline.us",
        authority_aliases: &["login-us.microsoftonline.com", "login.usgovcloudapi.net"],
        vault_suffix: "vault.usgovcloudapi.net",
        management: "management.usgovcloudapi.net",
        hsm_suffix: "managedhsm.usgovcloudapi.net",
        federated_audience: "api://AzureADTokenExchangeUSGov",
    },
    Cloud {
        name: "AzureChinaCloud",
        authority: "login.chinacloudapi.cn",
        authority_aliases: &["login.partner.microsoftonline.cn"],
        vault_suffix: "vault.azure.cn",
        management: "management.chinacloudapi.cn",
        hsm_suffix: "managedhsm.azure.cn",
        federated_audience: "api://AzureADTokenExchangeChina",
    },
];

impl Cloud {
    /// Returns the cloud with this authority, in any case.
    pub fn of_authority(host: &str) -> Option<&'static Cloud> {
        CLOUDS.iter().find(|cloud| {
            std::iter::once(&cloud.authority).chain(cloud.authority_aliases).any(|a| a.eq_ignore_ascii_case(host))
        })
    }

    /// Returns the cloud with this vault suffix.
    pub fn of_vault_suffix(suffix: &str) -> Option<&'static Cloud> {
        CLOUDS.iter().find(|cloud| cloud.vault_suffix.eq_ignore_ascii_case(suffix))
    }

    /// Returns the resource of vault tokens, without a final slash: `https://vault.azure.net`.
    pub fn vault_resource(&self) -> String {
        format!("https://{}", self.vault_suffix)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clouds_are_found_by_authority_in_any_case() {
        assert_eq!(Cloud::of_authority("LOGIN.microsoftonline.us").unwrap().name, "AzureUSGovernment");
        assert_eq!(Cloud::of_authority("login.windows.net").unwrap(), PUBLIC);
        assert_eq!(Cloud::of_authority("login.example.com"), None);
    }
}
