//! What azfob runs on, with its name and resource group: for reports and remedies, and never to decide who signs in.

use std::fs;

use crate::env::Env;

/// The kinds of host that can be told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HostKind {
    /// A web app.
    AppService,
    /// A function app.
    FunctionApp,
    /// A container app.
    ContainerApp,
    /// A pod of a Kubernetes cluster.
    Kubernetes,
    /// A virtual machine of Azure.
    VirtualMachine,
    /// Anything else.
    Machine,
}

/// The host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Host {
    /// What it is.
    pub kind: HostKind,
    /// What it is called, where it says so.
    pub name: Option<String>,
    /// The resource group it is in, where it says so.
    pub resource_group: Option<String>,
}

impl Host {
    /// Tells the host by the variables that each platform sets
    /// (<https://learn.microsoft.com/azure/app-service/reference-app-settings>,
    /// <https://learn.microsoft.com/azure/container-apps/environment-variables>).
    pub fn of(env: &Env) -> Self {
        let own = |name: &str| env.get(name).map(str::to_owned);
        let (kind, name) = if let Some(name) = own("CONTAINER_APP_NAME") {
            (HostKind::ContainerApp, Some(name))
        } else if let Some(name) = own("WEBSITE_SITE_NAME") {
            let functions = env.has("FUNCTIONS_WORKER_RUNTIME") || env.has("FUNCTIONS_EXTENSION_VERSION");
            (if functions { HostKind::FunctionApp } else { HostKind::AppService }, Some(name))
        } else if env.has("KUBERNETES_SERVICE_HOST") {
            (HostKind::Kubernetes, None)
        } else if is_azure_virtual_machine() {
            (HostKind::VirtualMachine, None)
        } else {
            (HostKind::Machine, None)
        };
        Host {
            kind,
            name,
            resource_group: own("WEBSITE_RESOURCE_GROUP").or_else(|| own("CONTAINER_APP_RESOURCE_GROUP")),
        }
    }
}

/// What Azure's firmware puts into the chassis' asset tag of every virtual machine
/// (<https://github.com/canonical/cloud-init/blob/main/cloudinit/sources/azure/identity.py>).
const AZURE_ASSET_TAG: &str = "7783-7084-3265-9085-8269-3286-77";

/// Whether the machine itself says that it is a virtual machine of Azure.
pub fn is_azure_virtual_machine() -> bool {
    cfg!(target_os = "linux")
        && fs::read_to_string("/sys/class/dmi/id/chassis_asset_tag").is_ok_and(|tag| tag.trim() == AZURE_ASSET_TAG)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host(pairs: &[(&str, &str)]) -> Host {
        Host::of(&pairs.iter().copied().collect())
    }

    #[test]
    fn platforms_are_told_by_their_variables() {
        let web = host(&[("WEBSITE_SITE_NAME", "my-app"), ("WEBSITE_RESOURCE_GROUP", "my-group")]);
        assert_eq!(web.kind, HostKind::AppService);
        assert_eq!((web.name.as_deref(), web.resource_group.as_deref()), (Some("my-app"), Some("my-group")));
        let functions = host(&[("WEBSITE_SITE_NAME", "f"), ("FUNCTIONS_WORKER_RUNTIME", "node")]);
        assert_eq!(functions.kind, HostKind::FunctionApp);
        assert_eq!(host(&[("CONTAINER_APP_NAME", "c")]).kind, HostKind::ContainerApp);
        assert_eq!(host(&[("KUBERNETES_SERVICE_HOST", "10.0.0.1")]).kind, HostKind::Kubernetes);
    }
}
