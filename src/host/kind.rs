//! The kinds of host that azfob distinguishes.

use crate::env;

/// A kind of host.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum HostKind {
    AppService,
    FunctionApp,
    ContainerApp,
    /// A job of Container Apps.
    ContainerAppJob,
    ContainerInstance,
    /// An identity, whatever uses it.
    Identity,
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
    GitLab,
    Jenkins,
    CircleCi,
    Bitbucket,
    Buildkite,
    /// Probably a job of another CI system. Coding agents set `CI=true` too.
    OtherCi,
    Codespaces,
    Wsl,
    /// A container on an unknown platform.
    Container,
}

impl HostKind {
    /// Returns its name in a sentence: `App Service app`.
    pub fn label(self) -> &'static str {
        self.row().0
    }

    /// Returns its name in JSON: `appService`.
    pub fn as_json(self) -> &'static str {
        self.row().1
    }

    /// Returns what it is detected by.
    pub fn known_by(self) -> &'static str {
        self.row().2
    }

    fn row(self) -> (&'static str, &'static str, &'static str) {
        match self {
            HostKind::AppService => ("App Service app", "appService", env::WEBSITE_SITE_NAME),
            HostKind::FunctionApp => ("function app", "functionApp", env::FUNCTIONS_WORKER_RUNTIME),
            HostKind::ContainerApp => ("container app", "containerApp", env::CONTAINER_APP_NAME),
            HostKind::ContainerAppJob => ("Container Apps job", "containerAppJob", env::CONTAINER_APP_JOB_NAME),
            HostKind::ContainerInstance => ("container instance", "containerInstance", "Azure Resource Manager"),
            HostKind::Identity => ("identity", "identity", "Azure Resource Manager"),
            HostKind::Kubernetes => ("Kubernetes pod", "kubernetes", env::KUBERNETES_SERVICE_HOST),
            HostKind::VirtualMachine => ("Azure virtual machine", "virtualMachine", "its metadata service or firmware"),
            HostKind::Machine => ("plain machine", "machine", "the absence of other indicators"),
            HostKind::ServiceFabric => ("Service Fabric application", "serviceFabric", env::IDENTITY_SERVER_THUMBPRINT),
            HostKind::CloudShell => ("Cloud Shell", "cloudShell", env::MSI_ENDPOINT),
            HostKind::AzureMl => ("Azure Machine Learning compute", "azureMl", env::MSI_SECRET),
            HostKind::AzureArc => ("Azure Arc server", "azureArc", "IMDS_ENDPOINT or the Azure Arc agent"),
            HostKind::GithubActions => ("GitHub Actions runner", "githubActions", env::GITHUB_ACTIONS),
            HostKind::AzurePipelines => ("Azure Pipelines agent", "azurePipelines", env::TF_BUILD),
            HostKind::GitLab => ("GitLab job", "gitlab", env::GITLAB_CI),
            HostKind::Jenkins => ("Jenkins build", "jenkins", env::JENKINS_URL),
            HostKind::CircleCi => ("CircleCI job", "circleci", env::CIRCLECI),
            HostKind::Bitbucket => ("Bitbucket Pipelines step", "bitbucketPipelines", env::BITBUCKET_BUILD_NUMBER),
            HostKind::Buildkite => ("Buildkite job", "buildkite", env::BUILDKITE),
            HostKind::OtherCi => ("probably a CI job", "ci", env::CI),
            HostKind::Codespaces => ("codespace", "codespaces", env::CODESPACES),
            HostKind::Wsl => ("Windows Subsystem for Linux", "wsl", "the kernel or WSL_DISTRO_NAME"),
            HostKind::Container => ("container", "container", "a file of the container runtime"),
        }
    }

    /// Returns true if developers work on it and sign in with their tools.
    pub fn has_developers(self) -> bool {
        matches!(self, HostKind::Machine | HostKind::Codespaces | HostKind::Wsl | HostKind::Container)
    }

    /// Returns true for CI runners.
    pub fn is_runner(self) -> bool {
        use HostKind::*;
        self.requests_job_token() || matches!(self, GitLab | Jenkins | CircleCi | Bitbucket | Buildkite | OtherCi)
    }

    /// Returns true for CI runners from which azfob requests the job's token itself.
    pub fn requests_job_token(self) -> bool {
        matches!(self, HostKind::GithubActions | HostKind::AzurePipelines)
    }

    /// Returns true for app platforms that set variables for the identity.
    pub fn is_app(self) -> bool {
        use HostKind::*;
        matches!(self, AppService | FunctionApp | ContainerApp | ContainerAppJob)
    }

    /// Returns true if it may be in Azure without a sign of it.
    pub fn may_be_in_azure(self) -> bool {
        use HostKind::*;
        self.can_have_identity() || self.is_runner() || matches!(self, Machine | Container | Kubernetes)
    }

    /// Returns true for Azure resources that can have a managed identity.
    pub fn can_have_identity(self) -> bool {
        use HostKind::*;
        self.is_app() || matches!(self, ContainerInstance | VirtualMachine | ServiceFabric | AzureMl | AzureArc)
    }
}
