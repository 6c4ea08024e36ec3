//! The kinds of host that azfob distinguishes.

use crate::env;

/// A kind of host.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum HostKind {
    AppService,
    FunctionApp,
    ContainerApp,
    Kubernetes,
    VirtualMachine,
    /// Any other machine.
    #[default]
    Machine,
    ServiceFabric,
    CloudShell,
    AzureMl,
    /// A server outside Azure, with the Azure Arc agent.
    AzureArc,
    GithubActions,
    AzurePipelines,
    Codespaces,
    Wsl,
    /// A container on an unknown platform.
    Container,
}

impl HostKind {
    /// Returns its name in a sentence: `App Service app`.
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

    /// Returns its name in JSON: `appService`.
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

    /// Returns what it is detected by.
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

    /// Returns true if developers work on it and sign in with their tools.
    pub fn has_developers(self) -> bool {
        matches!(self, HostKind::Machine | HostKind::Codespaces | HostKind::Wsl | HostKind::Container)
    }

    /// Returns true for CI runners.
    pub fn is_runner(self) -> bool {
        matches!(self, HostKind::GithubActions | HostKind::AzurePipelines)
    }

    /// Returns true for app platforms that set variables for the identity.
    pub fn is_app(self) -> bool {
        matches!(self, HostKind::AppService | HostKind::FunctionApp | HostKind::ContainerApp)
    }

    /// Returns true if it may be in Azure without a sign of it.
    pub fn may_be_in_azure(self) -> bool {
        use HostKind::*;
        self.can_have_identity() || matches!(self, Machine | Container | Kubernetes | GithubActions | AzurePipelines)
    }

    /// Returns true for Azure resources that can have a managed identity.
    pub fn can_have_identity(self) -> bool {
        use HostKind::*;
        matches!(self, AppService | FunctionApp | ContainerApp | VirtualMachine | ServiceFabric | AzureMl | AzureArc)
    }
}
