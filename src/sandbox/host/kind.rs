//! The kinds of host that the sandbox imitates, with their names.

use std::{fmt, str::FromStr};

use crate::sandbox::names;

/// A row of the host table.
#[derive(Debug)]
pub struct HostRow {
    /// The host.
    pub host: EmulatedHost,
    /// Its name for `--as`.
    pub name: &'static str,
    /// A description in one line.
    pub help: &'static str,
}

/// Defines the hosts, and the table of their rows.
macro_rules! hosts {
    ($(#[$doc:meta])* TABLE { $($host:ident $name:literal: $help:literal;)* }) => {
        /// A kind of host.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum EmulatedHost {
            $(#[doc = $help] $host,)*
        }

        $(#[$doc])*
        pub const TABLE: &[HostRow] = &[$(HostRow { host: EmulatedHost::$host, name: $name, help: $help }),*];
    };
}

hosts! {
    /// All hosts: first those with managed identities, in the order of Microsoft's list, then the others.
    TABLE {
        AppService "app-service": "an App Service app with a managed identity";
        Functions "functions": "a function app with a managed identity";
        ContainerApps "container-apps": "a container app with a managed identity";
        Imds "imds": "a virtual machine with a managed identity";
        ServiceFabric "service-fabric": "an application in a Service Fabric cluster";
        Arc "arc": "an Azure Arc-enabled server; needs write access to the agent's folder";
        CloudShell "cloud-shell": "Azure Cloud Shell, signed in as a user";
        AzureMl "azure-ml": "an Azure Machine Learning compute instance";
        WorkloadIdentity "workload-identity": "a pod with Microsoft Entra Workload ID";
        IdentityBinding "identity-binding": "a pod with an AKS identity binding";
        GithubActions "github-actions": "a GitHub Actions job with the permission id-token: write";
        AzurePipelines "azure-pipelines": "an Azure Pipelines job with a service connection";
        GitLab "gitlab": "a GitLab job with id_tokens: AZFOB_ID_TOKEN";
        CircleCi "circleci": "a CircleCI job, with its program circleci";
        Buildkite "buildkite": "a Buildkite job, with its program buildkite-agent";
        ServicePrincipal "service-principal": "a service principal with a client secret in the environment";
        AzureCli "azure-cli": "a developer's machine, signed in with az";
        AzurePowershell "azure-powershell": "a developer's machine, signed in with Connect-AzAccount";
        AzureDeveloperCli "azure-developer-cli": "a developer's machine, signed in with azd";
        VisualStudio "visual-studio": "a developer's machine, signed in to Visual Studio; HOME is another folder";
        Browser "browser": "a machine with a browser (curl), for azfob get --interactive";
        Nothing "nothing": "a machine without any identity";
    }
}

impl EmulatedHost {
    fn row(self) -> &'static HostRow {
        TABLE.iter().find(|row| row.host == self).expect("the table defines the hosts")
    }

    /// Returns the name for `--as`.
    pub fn name(self) -> &'static str {
        self.row().name
    }

    /// Returns the description.
    pub fn help(self) -> &'static str {
        self.row().help
    }

    /// Returns the resource of its system-assigned identity, spelled as in the claim `xms_mirid`.
    pub fn resource_id(self) -> String {
        let group = format!("/subscriptions/{}/resourcegroups/{}", names::SUBSCRIPTION_ID, names::RESOURCE_GROUP);
        match self {
            EmulatedHost::AppService | EmulatedHost::Functions => {
                format!("{group}/providers/Microsoft.Web/sites/{}", names::APP_NAME)
            }
            EmulatedHost::ContainerApps => format!("{group}/providers/Microsoft.App/containerApps/{}", names::APP_NAME),
            EmulatedHost::ServiceFabric => format!(
                "{group}/providers/Microsoft.ServiceFabric/managedclusters/{}/applications/{}",
                names::CLUSTER_NAME,
                names::APP_NAME
            ),
            EmulatedHost::Arc => format!("{group}/providers/Microsoft.HybridCompute/machines/{}", names::VM_NAME),
            EmulatedHost::AzureMl => format!(
                "{group}/providers/Microsoft.MachineLearningServices/workspaces/{}/computes/{}",
                names::WORKSPACE_NAME,
                names::VM_NAME
            ),
            EmulatedHost::Imds
            | EmulatedHost::CloudShell
            | EmulatedHost::WorkloadIdentity
            | EmulatedHost::IdentityBinding
            | EmulatedHost::GithubActions
            | EmulatedHost::AzurePipelines
            | EmulatedHost::GitLab
            | EmulatedHost::CircleCi
            | EmulatedHost::Buildkite
            | EmulatedHost::ServicePrincipal
            | EmulatedHost::AzureCli
            | EmulatedHost::AzurePowershell
            | EmulatedHost::AzureDeveloperCli
            | EmulatedHost::VisualStudio
            | EmulatedHost::Browser
            | EmulatedHost::Nothing => {
                format!("{group}/providers/Microsoft.Compute/virtualMachines/{}", names::VM_NAME)
            }
        }
    }
}

impl fmt::Display for EmulatedHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for EmulatedHost {
    type Err = String;

    /// Parses a name of the table.
    fn from_str(name: &str) -> Result<EmulatedHost, String> {
        TABLE.iter().find(|row| row.name == name).map(|row| row.host).ok_or_else(|| {
            let names: Vec<&str> = TABLE.iter().map(|row| row.name).collect();
            format!("no host '{name}'; the hosts are {}", names.join(", "))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_parses() {
        for row in TABLE {
            assert_eq!(row.name.parse::<EmulatedHost>().unwrap(), row.host);
        }
        assert!("moon".parse::<EmulatedHost>().unwrap_err().contains("app-service"));
    }
}
