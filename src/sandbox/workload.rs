//! The kinds of workload that Azure Resource Manager of the sandbox shows, with their names (`--workload`).

use std::{fmt, str::FromStr};

use super::{host::kind::EmulatedHost, names};

/// A kind of workload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "TABLE describes each one, as --help prints it")]
pub enum EmulatedWorkload {
    AppService,
    Functions,
    ContainerApp,
    ContainerAppsJob,
    VirtualMachine,
    ScaleSet,
    ContainerInstance,
    Pod,
    BoundPod,
}

/// A row of the workload table.
#[derive(Debug)]
pub struct WorkloadRow {
    /// The workload.
    pub workload: EmulatedWorkload,
    /// Its name for `--workload`.
    pub name: &'static str,
    /// A description in one line.
    pub help: &'static str,
    /// The host that code in it runs on (`--as`).
    pub host: EmulatedHost,
    /// The type of its resource.
    pub resource: &'static str,
}

/// All workloads.
pub const TABLE: &[WorkloadRow] = &[
    row(EmulatedWorkload::AppService, "app-service", "an App Service app", EmulatedHost::AppService, SITE),
    row(EmulatedWorkload::Functions, "functions", "a function app", EmulatedHost::Functions, SITE),
    row(
        EmulatedWorkload::ContainerApp,
        "container-apps",
        "a container app",
        EmulatedHost::ContainerApps,
        "Microsoft.App/containerApps",
    ),
    row(
        EmulatedWorkload::ContainerAppsJob,
        "container-apps-job",
        "a job of Container Apps",
        EmulatedHost::ContainerApps,
        "Microsoft.App/jobs",
    ),
    row(
        EmulatedWorkload::VirtualMachine,
        "virtual-machine",
        "a virtual machine with a public address",
        EmulatedHost::Imds,
        "Microsoft.Compute/virtualMachines",
    ),
    row(
        EmulatedWorkload::ScaleSet,
        "scale-set",
        "a virtual machine scale set behind a NAT gateway",
        EmulatedHost::Imds,
        "Microsoft.Compute/virtualMachineScaleSets",
    ),
    row(
        EmulatedWorkload::ContainerInstance,
        "container-instance",
        "a container group behind a NAT gateway",
        EmulatedHost::Imds,
        "Microsoft.ContainerInstance/containerGroups",
    ),
    row(
        EmulatedWorkload::Pod,
        "pod",
        "a pod with Microsoft Entra Workload ID",
        EmulatedHost::WorkloadIdentity,
        CLUSTER,
    ),
    row(
        EmulatedWorkload::BoundPod,
        "identity-binding",
        "a pod with an AKS identity binding",
        EmulatedHost::IdentityBinding,
        CLUSTER,
    ),
];
const SITE: &str = "Microsoft.Web/sites";
const CLUSTER: &str = "Microsoft.ContainerService/managedClusters";

const fn row(
    workload: EmulatedWorkload,
    name: &'static str,
    help: &'static str,
    host: EmulatedHost,
    resource: &'static str,
) -> WorkloadRow {
    WorkloadRow { workload, name, help, host, resource }
}

impl WorkloadRow {
    /// Returns the name of its resource: of the app, or of the cluster of a pod.
    pub(super) fn name_of_resource(&self) -> &'static str {
        if self.workload.is_pod() { names::CLUSTER_NAME } else { names::APP_NAME }
    }
}

impl EmulatedWorkload {
    pub(super) fn row(self) -> &'static WorkloadRow {
        TABLE.iter().find(|row| row.workload == self).expect("a test proves that every workload has a row")
    }

    /// Returns true for a pod, whose resource is its cluster.
    pub fn is_pod(self) -> bool {
        matches!(self, EmulatedWorkload::Pod | EmulatedWorkload::BoundPod)
    }

    /// Returns the host that code in it runs on.
    pub fn host(self) -> EmulatedHost {
        self.row().host
    }
}

impl fmt::Display for EmulatedWorkload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.row().name)
    }
}

impl FromStr for EmulatedWorkload {
    type Err = String;

    /// Parses a name of the table.
    fn from_str(name: &str) -> Result<EmulatedWorkload, String> {
        TABLE.iter().find(|row| row.name == name).map(|row| row.workload).ok_or_else(|| {
            let names: Vec<&str> = TABLE.iter().map(|row| row.name).collect();
            format!("no workload '{name}'; the workloads are {}", names.join(", "))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_workload_has_one_row_and_its_name_parses() {
        // `BoundPod` has to be the last variant.
        assert_eq!(TABLE.len(), EmulatedWorkload::BoundPod as usize + 1);
        for row in TABLE {
            assert_eq!(row.name.parse::<EmulatedWorkload>().unwrap(), row.workload);
            assert_eq!(TABLE.iter().filter(|other| other.workload == row.workload).count(), 1, "{}", row.name);
        }
        assert!("moon".parse::<EmulatedWorkload>().unwrap_err().contains("functions"));
    }
}
