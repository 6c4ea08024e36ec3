//! The kinds of host that the sandbox imitates, with their names.

use std::{fmt, str::FromStr};

use crate::sandbox::names;

/// A kind of host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "TABLE describes each one, as --help prints it")]
pub enum EmulatedHost {
    AppService,
    Functions,
    ContainerApps,
    Imds,
    ServiceFabric,
    Arc,
    CloudShell,
    AzureMl,
    WorkloadIdentity,
    IdentityBinding,
    GithubActions,
    AzurePipelines,
    GitLab,
    CircleCi,
    Buildkite,
    ServicePrincipal,
    AzureCli,
    AzurePowershell,
    AzureDeveloperCli,
    VisualStudio,
    Browser,
    Nothing,
}

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

/// All hosts: first those with managed identities, in the order of Microsoft's list, then the others.
pub const TABLE: &[HostRow] = &[
    row(EmulatedHost::AppService, "app-service", "an App Service app with a managed identity"),
    row(EmulatedHost::Functions, "functions", "a function app with a managed identity"),
    row(EmulatedHost::ContainerApps, "container-apps", "a container app with a managed identity"),
    row(EmulatedHost::Imds, "imds", "a virtual machine with a managed identity"),
    row(EmulatedHost::ServiceFabric, "service-fabric", "an application in a Service Fabric cluster"),
    row(EmulatedHost::Arc, "arc", "an Azure Arc-enabled server; needs write access to the agent's folder"),
    row(EmulatedHost::CloudShell, "cloud-shell", "Azure Cloud Shell, signed in as a user"),
    row(EmulatedHost::AzureMl, "azure-ml", "an Azure Machine Learning compute instance"),
    row(EmulatedHost::WorkloadIdentity, "workload-identity", "a pod with Microsoft Entra Workload ID"),
    row(EmulatedHost::IdentityBinding, "identity-binding", "a pod with an AKS identity binding"),
    row(EmulatedHost::GithubActions, "github-actions", "a GitHub Actions job with the permission id-token: write"),
    row(EmulatedHost::AzurePipelines, "azure-pipelines", "an Azure Pipelines job with a service connection"),
    row(EmulatedHost::GitLab, "gitlab", "a GitLab job with id_tokens: AZFOB_ID_TOKEN"),
    row(EmulatedHost::CircleCi, "circleci", "a CircleCI job, with its program circleci"),
    row(EmulatedHost::Buildkite, "buildkite", "a Buildkite job, with its program buildkite-agent"),
    row(
        EmulatedHost::ServicePrincipal,
        "service-principal",
        "a service principal with a client secret in the environment",
    ),
    row(EmulatedHost::AzureCli, "azure-cli", "a developer's machine, signed in with az"),
    row(EmulatedHost::AzurePowershell, "azure-powershell", "a developer's machine, signed in with Connect-AzAccount"),
    row(EmulatedHost::AzureDeveloperCli, "azure-developer-cli", "a developer's machine, signed in with azd"),
    row(
        EmulatedHost::VisualStudio,
        "visual-studio",
        "a developer's machine, signed in to Visual Studio; HOME is another folder",
    ),
    row(EmulatedHost::Browser, "browser", "a machine with a browser (curl), for azfob get --interactive"),
    row(EmulatedHost::Nothing, "nothing", "a machine without any identity"),
];

const fn row(host: EmulatedHost, name: &'static str, help: &'static str) -> HostRow {
    HostRow { host, name, help }
}

impl EmulatedHost {
    fn row(self) -> &'static HostRow {
        TABLE.iter().find(|row| row.host == self).expect("a test proves that every host has a row")
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
    fn every_host_has_one_row_and_its_name_parses() {
        assert_eq!(TABLE.len(), EmulatedHost::Nothing as usize + 1);
        for row in TABLE {
            assert_eq!(row.name.parse::<EmulatedHost>().unwrap(), row.host);
            assert_eq!(TABLE.iter().filter(|other| other.host == row.host).count(), 1, "{}", row.name);
        }
        assert!("moon".parse::<EmulatedHost>().unwrap_err().contains("app-service"));
    }
}
