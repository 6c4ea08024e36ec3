//! The kinds of workload that Azure Resource Manager of the sandbox shows, with their names (`--workload`).

use std::{fmt, str::FromStr};

use super::{host::kind::EmulatedHost, names};

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

/// Defines the workloads, and the table of their rows.
macro_rules! workloads {
    ($(#[$doc:meta])* TABLE { $($workload:ident $name:literal on $host:ident $resource:literal: $help:literal;)* }) => {
        /// A kind of workload.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum EmulatedWorkload {
            $(#[doc = $help] $workload,)*
        }

        $(#[$doc])*
        pub const TABLE: &[WorkloadRow] = &[$(WorkloadRow {
            workload: EmulatedWorkload::$workload,
            name: $name,
            help: $help,
            host: EmulatedHost::$host,
            resource: $resource,
        }),*];
    };
}

workloads! {
    /// All workloads.
    TABLE {
        AppService "app-service" on AppService "Microsoft.Web/sites": "an App Service app";
        Functions "functions" on Functions "Microsoft.Web/sites": "a function app";
        ContainerApp "container-apps" on ContainerApps "Microsoft.App/containerApps": "a container app";
        ContainerAppsJob "container-apps-job" on ContainerApps "Microsoft.App/jobs": "a job of Container Apps";
        VirtualMachine "virtual-machine" on Imds "Microsoft.Compute/virtualMachines":
            "a virtual machine with a public address";
        ScaleSet "scale-set" on Imds "Microsoft.Compute/virtualMachineScaleSets":
            "a virtual machine scale set behind a NAT gateway";
        ContainerInstance "container-instance" on Imds "Microsoft.ContainerInstance/containerGroups":
            "a container group behind a NAT gateway";
        Pod "pod" on WorkloadIdentity "Microsoft.ContainerService/managedClusters":
            "a pod with Microsoft Entra Workload ID";
        BoundPod "identity-binding" on IdentityBinding "Microsoft.ContainerService/managedClusters":
            "a pod with an AKS identity binding";
    }
}

impl WorkloadRow {
    /// Returns the name of its resource: of the app, or of the cluster of a pod.
    pub(super) fn name_of_resource(&self) -> &'static str {
        if self.workload.is_pod() { names::CLUSTER_NAME } else { names::APP_NAME }
    }
}

impl EmulatedWorkload {
    pub(super) fn row(self) -> &'static WorkloadRow {
        TABLE.iter().find(|row| row.workload == self).expect("the table defines the workloads")
    }

    /// Returns true for a pod: its resource is the cluster.
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
    fn every_name_parses() {
        for row in TABLE {
            assert_eq!(row.name.parse::<EmulatedWorkload>().unwrap(), row.workload);
        }
        assert!("moon".parse::<EmulatedWorkload>().unwrap_err().contains("functions"));
    }
}
