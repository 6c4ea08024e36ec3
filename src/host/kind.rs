//! The kinds of host that can be told apart.

use crate::env;

/// The kinds of host that can be told apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
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
    #[default]
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
            HostKind::AppService => env::WEBSITE_SITE_NAME,
            HostKind::FunctionApp => env::FUNCTIONS_WORKER_RUNTIME,
            HostKind::ContainerApp => env::CONTAINER_APP_NAME,
            HostKind::Kubernetes => env::KUBERNETES_SERVICE_HOST,
            HostKind::VirtualMachine => "its metadata service or firmware",
            HostKind::Machine => "the lack of any other sign",
            HostKind::ServiceFabric => env::IDENTITY_SERVER_THUMBPRINT,
            HostKind::CloudShell => env::MSI_ENDPOINT,
            HostKind::AzureMl => env::MSI_SECRET,
            HostKind::AzureArc => "IMDS_ENDPOINT or its agent",
            HostKind::GithubActions => env::GITHUB_ACTIONS,
            HostKind::AzurePipelines => env::TF_BUILD,
            HostKind::Codespaces => env::CODESPACES,
            HostKind::Wsl => "its kernel or WSL_DISTRO_NAME",
            HostKind::Container => "the mark of its runtime",
        }
    }

    /// Whether people work on it, and sign in with their tools.
    pub fn has_developers(self) -> bool {
        matches!(self, HostKind::Machine | HostKind::Codespaces | HostKind::Wsl | HostKind::Container)
    }

    /// Whether it runs the jobs of a CI.
    pub fn is_runner(self) -> bool {
        matches!(self, HostKind::GithubActions | HostKind::AzurePipelines)
    }

    /// Whether it is an app of a platform that tells it of its identity by variables.
    pub fn is_app(self) -> bool {
        matches!(self, HostKind::AppService | HostKind::FunctionApp | HostKind::ContainerApp)
    }

    /// Whether it may stand in Azure without saying so.
    pub fn may_be_in_azure(self) -> bool {
        use HostKind::*;
        self.can_have_identity() || matches!(self, Machine | Container | Kubernetes | GithubActions | AzurePipelines)
    }

    /// Whether it is a resource of Azure that can be given a managed identity.
    pub fn can_have_identity(self) -> bool {
        use HostKind::*;
        matches!(self, AppService | FunctionApp | ContainerApp | VirtualMachine | ServiceFabric | AzureMl | AzureArc)
    }
}
