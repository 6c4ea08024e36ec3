//! The kinds of host that a sandbox can imitate: a table of names, and for each one file with its environment.
//! To add one: a variant, its row in `TABLE`, and a function `prepare` in a file of its own.

mod app_service;
mod arc;
mod az_script;
mod azure_cli;
mod azure_ml;
mod azure_pipelines;
mod cloud_shell;
mod container_apps;
mod every_host;
mod github_actions;
mod imds;
mod service_fabric;
mod service_principal;
mod workload_identity;

use std::{
    ffi::OsString,
    fmt, io,
    net::SocketAddr,
    path::{Path, PathBuf},
    str::FromStr,
};

use super::{azure::Azure, names};

pub(super) use az_script::quoted;
pub(super) use every_host::is_cleared;

/// A kind of host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each is described in TABLE, in the words that --help prints")]
pub enum Host {
    AppService,
    Functions,
    ContainerApps,
    Imds,
    ServiceFabric,
    Arc,
    CloudShell,
    AzureMl,
    WorkloadIdentity,
    GithubActions,
    AzurePipelines,
    ServicePrincipal,
    AzureCli,
    Nothing,
}

/// A host's line in the table.
#[derive(Debug)]
pub struct HostRow {
    /// Which host.
    pub host: Host,
    /// What `--as` calls it.
    pub name: &'static str,
    /// What it is, in one line.
    pub help: &'static str,
    prepare: fn(&Ground<'_>, &mut Surroundings) -> io::Result<()>,
}

/// Every host, in the order of Microsoft's list of those with managed identities, then the others.
pub const TABLE: &[HostRow] = &[
    row(Host::AppService, "app-service", "a web app with a managed identity", app_service::prepare),
    row(Host::Functions, "functions", "a function app with a managed identity", app_service::prepare_functions),
    row(Host::ContainerApps, "container-apps", "a container app with a managed identity", container_apps::prepare),
    row(Host::Imds, "imds", "a virtual machine with a managed identity", imds::prepare),
    row(Host::ServiceFabric, "service-fabric", "an application of a Service Fabric cluster", service_fabric::prepare),
    row(
        Host::Arc,
        "arc",
        "a server of Azure Arc, its key out of reach unless the agent's folder is there",
        arc::prepare,
    ),
    row(Host::CloudShell, "cloud-shell", "the portal's shell, signed in as a person", cloud_shell::prepare),
    row(Host::AzureMl, "azure-ml", "a compute of Azure Machine Learning", azure_ml::prepare),
    row(Host::WorkloadIdentity, "workload-identity", "a pod with a federated token", workload_identity::prepare),
    row(
        Host::GithubActions,
        "github-actions",
        "a GitHub Actions job that may ask for a token",
        github_actions::prepare,
    ),
    row(Host::AzurePipelines, "azure-pipelines", "an Azure Pipelines job with a connection", azure_pipelines::prepare),
    row(Host::ServicePrincipal, "service-principal", "a client secret in the environment", service_principal::prepare),
    row(Host::AzureCli, "azure-cli", "a person's machine, signed in with az", azure_cli::prepare),
    row(Host::Nothing, "nothing", "a machine with no identity at all", |_, _| Ok(())),
];

const fn row(
    host: Host,
    name: &'static str,
    help: &'static str,
    prepare: fn(&Ground<'_>, &mut Surroundings) -> io::Result<()>,
) -> HostRow {
    HostRow { host, name, help, prepare }
}

/// What stands when the environment is made.
pub(super) struct Ground<'a> {
    /// The services.
    pub(super) azure: &'a Azure,
    /// Where the CONNECT proxy listens.
    pub(super) proxy: SocketAddr,
    /// Where the managed identity endpoint listens.
    pub(super) identity: SocketAddr,
    /// The sandbox's own folder, which ends with it.
    pub(super) folder: &'a Path,
    /// The root certificate, PEM.
    pub(super) authority_file: &'a Path,
}

/// The environment of a host.
#[derive(Default)]
pub(super) struct Surroundings {
    /// Variables to be set.
    pub(super) variables: Vec<(String, OsString)>,
    /// Folders to be put before the others of `PATH`.
    pub(super) path_entries: Vec<PathBuf>,
    /// Files outside the sandbox's folder, which end with it too.
    pub(super) kept: Vec<tempfile::NamedTempFile>,
}

impl Surroundings {
    /// The environment of the planned host.
    ///
    /// # Errors
    /// What writing a file into the sandbox's folder ended with.
    pub(super) fn of(ground: &Ground<'_>) -> io::Result<Surroundings> {
        let mut surroundings = Surroundings::default();
        every_host::prepare(ground, &mut surroundings)?;
        (ground.azure.plan.host.row().prepare)(ground, &mut surroundings)?;
        Ok(surroundings)
    }

    /// Sets a variable, or sets it anew.
    fn set(&mut self, name: &str, value: impl Into<OsString>) {
        self.variables.retain(|(other, _)| other != name);
        self.variables.push((name.to_owned(), value.into()));
    }
}

impl Host {
    fn row(self) -> &'static HostRow {
        TABLE.iter().find(|row| row.host == self).expect("every host has its row, which a test proves")
    }

    /// What `--as` calls it.
    pub fn name(self) -> &'static str {
        self.row().name
    }

    /// What it is, in one line.
    pub fn help(self) -> &'static str {
        self.row().help
    }

    /// The resource whose system-assigned identity it has, as tokens name it in `xms_mirid`.
    pub fn resource_id(self) -> String {
        let group = format!("/subscriptions/{}/resourcegroups/{}", names::SUBSCRIPTION_ID, names::RESOURCE_GROUP);
        match self {
            Host::AppService | Host::Functions => {
                format!("{group}/providers/Microsoft.Web/sites/{}", names::APP_NAME)
            }
            Host::ContainerApps => format!("{group}/providers/Microsoft.App/containerApps/{}", names::APP_NAME),
            Host::ServiceFabric => format!(
                "{group}/providers/Microsoft.ServiceFabric/managedclusters/{}/applications/{}",
                names::CLUSTER_NAME,
                names::APP_NAME
            ),
            Host::Arc => format!("{group}/providers/Microsoft.HybridCompute/machines/{}", names::VM_NAME),
            Host::AzureMl => format!(
                "{group}/providers/Microsoft.MachineLearningServices/workspaces/{}/computes/{}",
                names::WORKSPACE_NAME,
                names::VM_NAME
            ),
            Host::Imds
            | Host::CloudShell
            | Host::WorkloadIdentity
            | Host::GithubActions
            | Host::AzurePipelines
            | Host::ServicePrincipal
            | Host::AzureCli
            | Host::Nothing => {
                format!("{group}/providers/Microsoft.Compute/virtualMachines/{}", names::VM_NAME)
            }
        }
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Host {
    type Err = String;

    /// Reads a name of the table.
    fn from_str(name: &str) -> Result<Host, String> {
        TABLE.iter().find(|row| row.name == name).map(|row| row.host).ok_or_else(|| {
            let names: Vec<&str> = TABLE.iter().map(|row| row.name).collect();
            format!("there is no host '{name}'; there are {}", names.join(", "))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_host_has_one_row_and_its_name_reads_back() {
        assert_eq!(TABLE.len(), Host::Nothing as usize + 1);
        for row in TABLE {
            assert_eq!(row.name.parse::<Host>().unwrap(), row.host);
            assert_eq!(TABLE.iter().filter(|other| other.host == row.host).count(), 1, "{}", row.name);
        }
        assert!("moon".parse::<Host>().unwrap_err().contains("app-service"));
    }
}
