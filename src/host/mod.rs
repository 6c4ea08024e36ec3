//! What azfob runs on, with its name and resource group: for reports and remedies, and never to decide who signs in.

use std::fs;
use std::path::Path;

use crate::credential::managed_identity::Endpoint;
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
    /// An application of a Service Fabric cluster.
    ServiceFabric,
    /// The portal's shell.
    CloudShell,
    /// Azure Machine Learning's compute.
    AzureMl,
    /// A server elsewhere that Azure Arc manages.
    AzureArc,
    /// A runner of GitHub Actions.
    GithubActions,
    /// An agent of Azure Pipelines.
    AzurePipelines,
    /// A codespace.
    Codespaces,
    /// Linux inside Windows.
    Wsl,
    /// A container of no platform that is known.
    Container,
}

impl HostKind {
    /// In words: `App Service app`.
    pub fn words(self) -> &'static str {
        match self {
            HostKind::AppService => "App Service app",
            HostKind::FunctionApp => "function app",
            HostKind::ContainerApp => "container app",
            HostKind::Kubernetes => "Kubernetes pod",
            HostKind::VirtualMachine => "Azure virtual machine",
            HostKind::Machine => "plain machine",
            HostKind::ServiceFabric => "Service Fabric application",
            HostKind::CloudShell => "Cloud Shell",
            HostKind::AzureMl => "Azure Machine Learning compute",
            HostKind::AzureArc => "Azure Arc server",
            HostKind::GithubActions => "GitHub Actions runner",
            HostKind::AzurePipelines => "Azure Pipelines agent",
            HostKind::Codespaces => "codespace",
            HostKind::Wsl => "Windows Subsystem for Linux",
            HostKind::Container => "container",
        }
    }

    /// The word of JSON output: `appService`.
    pub fn word(self) -> &'static str {
        match self {
            HostKind::AppService => "appService",
            HostKind::FunctionApp => "functionApp",
            HostKind::ContainerApp => "containerApp",
            HostKind::Kubernetes => "kubernetes",
            HostKind::VirtualMachine => "virtualMachine",
            HostKind::Machine => "machine",
            HostKind::ServiceFabric => "serviceFabric",
            HostKind::CloudShell => "cloudShell",
            HostKind::AzureMl => "azureMl",
            HostKind::AzureArc => "azureArc",
            HostKind::GithubActions => "githubActions",
            HostKind::AzurePipelines => "azurePipelines",
            HostKind::Codespaces => "codespaces",
            HostKind::Wsl => "wsl",
            HostKind::Container => "container",
        }
    }

    /// What it is recognised by.
    pub fn known_by(self) -> &'static str {
        match self {
            HostKind::AppService => "WEBSITE_SITE_NAME",
            HostKind::FunctionApp => "FUNCTIONS_WORKER_RUNTIME",
            HostKind::ContainerApp => "CONTAINER_APP_NAME",
            HostKind::Kubernetes => "KUBERNETES_SERVICE_HOST",
            HostKind::VirtualMachine => "its metadata service or firmware",
            HostKind::Machine => "the lack of any other sign",
            HostKind::ServiceFabric => "IDENTITY_SERVER_THUMBPRINT",
            HostKind::CloudShell => "MSI_ENDPOINT",
            HostKind::AzureMl => "MSI_SECRET",
            HostKind::AzureArc => "IMDS_ENDPOINT or its agent",
            HostKind::GithubActions => "GITHUB_ACTIONS",
            HostKind::AzurePipelines => "TF_BUILD",
            HostKind::Codespaces => "CODESPACES",
            HostKind::Wsl => "its kernel or WSL_DISTRO_NAME",
            HostKind::Container => "the mark of its runtime",
        }
    }

    /// The one credential that fits it: no stored secret, and nobody to sign in where there is nobody.
    pub fn fitting_credential(self) -> &'static str {
        match self {
            HostKind::Kubernetes | HostKind::GithubActions | HostKind::AzurePipelines => "WorkloadIdentityCredential",
            HostKind::Machine | HostKind::Codespaces | HostKind::Wsl | HostKind::Container => "AzureCliCredential",
            _ => "ManagedIdentityCredential",
        }
    }

    /// Whether people work on it, and sign in with their tools.
    pub fn has_developers(self) -> bool {
        self.fitting_credential() == "AzureCliCredential"
    }

    /// Whether it is a resource of Azure that can be given a managed identity.
    pub fn can_have_identity(self) -> bool {
        use HostKind::*;
        matches!(self, AppService | FunctionApp | ContainerApp | VirtualMachine | ServiceFabric | AzureMl | AzureArc)
    }
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
    /// The namespace of a pod.
    pub namespace: Option<String>,
    /// The scale set that a virtual machine is one of.
    pub scale_set: Option<String>,
}

impl Host {
    /// Tells the host by the variables that each platform sets
    /// (<https://learn.microsoft.com/azure/app-service/reference-app-settings>,
    /// <https://learn.microsoft.com/azure/container-apps/environment-variables>,
    /// <https://docs.github.com/actions/reference/workflows-and-actions/variables>,
    /// <https://learn.microsoft.com/azure/devops/pipelines/build/variables>), and by the marks of the machine where they
    /// set none. A runner is told before the machine or the pod that it runs on: the job is what has a credential.
    pub fn of(env: &Env) -> Self {
        let (kind, name) = told_by(env).unwrap_or_else(|| (marked(env), None));
        let resource_group = env.first(&["WEBSITE_RESOURCE_GROUP", "CONTAINER_APP_RESOURCE_GROUP"]);
        Host {
            kind,
            name: name.and_then(|variable| env.get(variable)).map(str::to_owned),
            resource_group: resource_group.map(|(_, group)| group.to_owned()),
            namespace: (kind == HostKind::Kubernetes).then(|| namespace(env)).flatten(),
            scale_set: None,
        }
    }

    /// A host of this kind, of which nothing else is known.
    pub fn of_kind(kind: HostKind) -> Self {
        Host { kind, name: None, resource_group: None, namespace: None, scale_set: None }
    }
}

/// The kind of host, with the variable that holds its name.
fn told_by(env: &Env) -> Option<(HostKind, Option<&'static str>)> {
    use HostKind::*;
    let functions = || env.has("FUNCTIONS_WORKER_RUNTIME") || env.has("FUNCTIONS_EXTENSION_VERSION");
    let told = if env.has("CONTAINER_APP_NAME") {
        (ContainerApp, Some("CONTAINER_APP_NAME"))
    } else if env.has("WEBSITE_SITE_NAME") {
        (if functions() { FunctionApp } else { AppService }, Some("WEBSITE_SITE_NAME"))
    } else if env.get("GITHUB_ACTIONS") == Some("true") {
        (GithubActions, Some("RUNNER_NAME"))
    } else if env.has("TF_BUILD") {
        (AzurePipelines, Some("AGENT_NAME"))
    } else if env.get("CODESPACES") == Some("true") {
        (Codespaces, Some("CODESPACE_NAME"))
    } else if let Some(told) = told_by_endpoint(env) {
        told
    } else if env.has("KUBERNETES_SERVICE_HOST") {
        (Kubernetes, Some("HOSTNAME"))
    } else if env.has("WSL_DISTRO_NAME") {
        (Wsl, Some("WSL_DISTRO_NAME"))
    } else {
        return None;
    };
    Some(told)
}

/// The namespace of this pod, as its own files or the downward API have it
/// (<https://kubernetes.io/docs/tasks/run-application/access-api-from-pod/>).
fn namespace(env: &Env) -> Option<String> {
    let file = fs::read_to_string("/var/run/secrets/kubernetes.io/serviceaccount/namespace").ok();
    let told = || env.get("POD_NAMESPACE").map(str::to_owned);
    told().or(file).map(|name| name.trim().to_owned()).filter(|name| !name.is_empty())
}

/// The hosts that are known by their identity endpoint alone.
fn told_by_endpoint(env: &Env) -> Option<(HostKind, Option<&'static str>)> {
    match Endpoint::of(env) {
        Endpoint::ServiceFabric => Some((HostKind::ServiceFabric, Some("Fabric_ApplicationName"))),
        Endpoint::AzureMl => Some((HostKind::AzureMl, None)),
        Endpoint::CloudShell => Some((HostKind::CloudShell, None)),
        Endpoint::AzureArc => Some((HostKind::AzureArc, None)),
        Endpoint::AppService | Endpoint::Imds => None,
    }
}

/// The kind of host, by what the machine says of itself. Where the metadata address is another one, as in a sandbox, it
/// stands for another machine, of which these marks say nothing.
fn marked(env: &Env) -> HostKind {
    let there = |path: &str| Path::new(path).exists();
    if env.has(METADATA_ELSEWHERE) {
        HostKind::Machine
    } else if is_azure_virtual_machine() {
        HostKind::VirtualMachine
    } else if fs::read_to_string("/proc/sys/kernel/osrelease").is_ok_and(|release| is_wsl_kernel(&release)) {
        HostKind::Wsl
    } else if there("/.dockerenv") || there("/run/.containerenv") {
        HostKind::Container
    } else {
        HostKind::Machine
    }
}

/// Microsoft's own kernel: `5.15.167.4-microsoft-standard-WSL2`, `4.4.0-19041-Microsoft`
/// (<https://github.com/microsoft/WSL/issues/423#issuecomment-221627364>).
fn is_wsl_kernel(release: &str) -> bool {
    let release = release.trim().to_ascii_lowercase();
    release.contains("wsl") || release.ends_with("-microsoft")
}

/// The variable that puts another address in the metadata service's place.
const METADATA_ELSEWHERE: &str = "AZURE_POD_IDENTITY_AUTHORITY_HOST";
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

    #[test]
    fn a_runner_is_told_before_the_machine_it_is_on() {
        let runner = host(&[("GITHUB_ACTIONS", "true"), ("RUNNER_NAME", "r"), ("KUBERNETES_SERVICE_HOST", "10.0.0.1")]);
        assert_eq!((runner.kind, runner.name.as_deref()), (HostKind::GithubActions, Some("r")));
        assert_eq!(host(&[("TF_BUILD", "True")]).kind, HostKind::AzurePipelines);
        assert_eq!(host(&[("CODESPACES", "true")]).kind, HostKind::Codespaces);
        assert_eq!(host(&[("WSL_DISTRO_NAME", "Ubuntu")]).kind, HostKind::Wsl);
    }

    #[test]
    fn some_hosts_are_known_by_their_identity_endpoint() {
        assert_eq!(host(&[("MSI_ENDPOINT", "x")]).kind, HostKind::CloudShell);
        assert_eq!(host(&[("MSI_ENDPOINT", "x"), ("MSI_SECRET", "x")]).kind, HostKind::AzureMl);
        assert_eq!(host(&[("IDENTITY_ENDPOINT", "x"), ("IMDS_ENDPOINT", "x")]).kind, HostKind::AzureArc);
        // App Service's protocol of 2017 has the variables of Azure Machine Learning, and a name beside them.
        let old = host(&[("MSI_ENDPOINT", "x"), ("MSI_SECRET", "x"), ("WEBSITE_SITE_NAME", "f")]);
        assert_eq!(old.kind, HostKind::AppService);
    }

    #[test]
    fn microsofts_kernel_is_wsl() {
        assert!(is_wsl_kernel("5.15.167.4-microsoft-standard-WSL2\n") && is_wsl_kernel("4.4.0-19041-Microsoft"));
        assert!(!is_wsl_kernel("6.8.0-1020-azure\n"));
    }
}
