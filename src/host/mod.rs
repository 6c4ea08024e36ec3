//! Detects the host that azfob runs on, for reports and fixes. It never decides which credential is used.

pub mod endpoint;
mod kind;
mod machine;

use crate::bounded_file;
use crate::env::{self, Env};

use endpoint::Endpoint;

pub use kind::HostKind;
pub use machine::is_azure_virtual_machine;

/// The host, as far as it is known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Host {
    pub kind: HostKind,
    pub name: Option<String>,
    pub resource_group: Option<String>,
    /// The namespace of a Kubernetes pod.
    pub namespace: Option<String>,
    /// The scale set of a virtual machine.
    pub scale_set: Option<String>,
}

impl Host {
    /// Detects the host from the variables that each platform sets
    /// (<https://learn.microsoft.com/azure/app-service/reference-app-settings>,
    /// <https://learn.microsoft.com/azure/container-apps/environment-variables>,
    /// <https://docs.github.com/actions/reference/workflows-and-actions/variables>,
    /// <https://learn.microsoft.com/azure/devops/pipelines/build/variables>), or else from the machine. A CI runner
    /// takes precedence over its machine or pod, because the job has the credential.
    pub fn detect(env: &Env) -> Self {
        let (kind, name) = kind_from_variables(env).unwrap_or_else(|| (machine::detect_machine(env), None));
        let resource_group = env.first(&[env::WEBSITE_RESOURCE_GROUP, env::CONTAINER_APP_RESOURCE_GROUP]);
        Host {
            kind,
            name: name.and_then(|variable| env.get(variable)).map(str::to_owned),
            resource_group: resource_group.map(|(_, group)| group.to_owned()),
            namespace: (kind == HostKind::Kubernetes).then(|| namespace(env)).flatten(),
            scale_set: None,
        }
    }

    /// Creates a host of this kind without details.
    pub fn of_kind(kind: HostKind) -> Self {
        Host { kind, ..Host::default() }
    }
}

/// Returns the kind of host, and the variable that holds its name.
fn kind_from_variables(env: &Env) -> Option<(HostKind, Option<&'static str>)> {
    use HostKind::*;
    let functions = || env.has(env::FUNCTIONS_WORKER_RUNTIME) || env.has(env::FUNCTIONS_EXTENSION_VERSION);
    let found = if env.has(env::CONTAINER_APP_NAME) {
        (ContainerApp, Some(env::CONTAINER_APP_NAME))
    } else if env.has(env::WEBSITE_SITE_NAME) {
        (if functions() { FunctionApp } else { AppService }, Some(env::WEBSITE_SITE_NAME))
    } else if env.get(env::GITHUB_ACTIONS) == Some("true") {
        (GithubActions, Some(env::RUNNER_NAME))
    } else if env.has(env::TF_BUILD) {
        (AzurePipelines, Some(env::AGENT_NAME))
    } else if env.get(env::CODESPACES) == Some("true") {
        (Codespaces, Some(env::CODESPACE_NAME))
    } else if let Some(found) = kind_from_endpoint(env) {
        found
    } else if env.has(env::KUBERNETES_SERVICE_HOST) {
        (Kubernetes, Some(env::HOSTNAME))
    } else if env.has(env::WSL_DISTRO_NAME) {
        (Wsl, Some(env::WSL_DISTRO_NAME))
    } else {
        return None;
    };
    Some(found)
}

/// Reads the pod's namespace from the downward API or its service account
/// (<https://kubernetes.io/docs/tasks/run-application/access-api-from-pod/>).
fn namespace(env: &Env) -> Option<String> {
    // On Windows this path would be on the current drive.
    let file = || {
        let path = cfg!(unix).then_some("/var/run/secrets/kubernetes.io/serviceaccount/namespace")?;
        bounded_file::of_system(path)
    };
    env.get(env::POD_NAMESPACE)
        .map(str::to_owned)
        .or_else(file)
        .map(|name| name.trim().to_owned())
        .filter(|name| !name.is_empty())
}

/// Detects hosts by their identity endpoint.
fn kind_from_endpoint(env: &Env) -> Option<(HostKind, Option<&'static str>)> {
    match Endpoint::detect(env) {
        Endpoint::ServiceFabric => Some((HostKind::ServiceFabric, Some(env::FABRIC_APPLICATION_NAME))),
        Endpoint::AzureMl => Some((HostKind::AzureMl, None)),
        Endpoint::CloudShell => Some((HostKind::CloudShell, None)),
        Endpoint::AzureArc => Some((HostKind::AzureArc, None)),
        Endpoint::AppService | Endpoint::Imds => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host(pairs: &[(&str, &str)]) -> Host {
        Host::detect(&pairs.iter().copied().collect())
    }

    #[test]
    fn platforms_are_detected_from_variables() {
        let web = host(&[("WEBSITE_SITE_NAME", "my-app"), ("WEBSITE_RESOURCE_GROUP", "my-group")]);
        assert_eq!(web.kind, HostKind::AppService);
        assert_eq!((web.name.as_deref(), web.resource_group.as_deref()), (Some("my-app"), Some("my-group")));
        let functions = host(&[("WEBSITE_SITE_NAME", "f"), ("FUNCTIONS_WORKER_RUNTIME", "node")]);
        assert_eq!(functions.kind, HostKind::FunctionApp);
        assert_eq!(host(&[("CONTAINER_APP_NAME", "c")]).kind, HostKind::ContainerApp);
        assert_eq!(host(&[("KUBERNETES_SERVICE_HOST", "10.0.0.1")]).kind, HostKind::Kubernetes);
    }

    #[test]
    fn runner_takes_precedence_over_its_machine() {
        let runner = host(&[("GITHUB_ACTIONS", "true"), ("RUNNER_NAME", "r"), ("KUBERNETES_SERVICE_HOST", "10.0.0.1")]);
        assert_eq!((runner.kind, runner.name.as_deref()), (HostKind::GithubActions, Some("r")));
        assert_eq!(host(&[("TF_BUILD", "True")]).kind, HostKind::AzurePipelines);
        assert_eq!(host(&[("CODESPACES", "true")]).kind, HostKind::Codespaces);
        assert_eq!(host(&[("WSL_DISTRO_NAME", "Ubuntu")]).kind, HostKind::Wsl);
    }

    #[test]
    fn hosts_are_detected_by_identity_endpoint() {
        assert_eq!(host(&[("MSI_ENDPOINT", "x")]).kind, HostKind::CloudShell);
        assert_eq!(host(&[("MSI_ENDPOINT", "x"), ("MSI_SECRET", "x")]).kind, HostKind::AzureMl);
        assert_eq!(host(&[("IDENTITY_ENDPOINT", "x"), ("IMDS_ENDPOINT", "x")]).kind, HostKind::AzureArc);
        // App Service's 2017 protocol has Azure Machine Learning's variables, and also the app's name.
        let old = host(&[("MSI_ENDPOINT", "x"), ("MSI_SECRET", "x"), ("WEBSITE_SITE_NAME", "f")]);
        assert_eq!(old.kind, HostKind::AppService);
    }
}
