//! Detects the host that azfob runs on, for reports and fixes. It never decides which credential is used,
//! only which CI system issues the token of a job.

pub mod endpoint;
mod kind;
mod machine;

use crate::bounded_file;
use crate::env::{self, Env};
use crate::redact::identifiers::is_guid;

use endpoint::Endpoint;

pub use kind::HostKind;
pub use machine::is_azure_virtual_machine;

/// The host, as far as it is known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Host {
    pub kind: HostKind,
    pub name: Option<String>,
    pub resource_group: Option<String>,
    /// The ID of its subscription.
    pub subscription: Option<String>,
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
        let (kind, name) = kind_from_variables(env).unwrap_or_else(|| match machine::detect_machine(env) {
            HostKind::Machine | HostKind::Container if is_any_ci(env) => (HostKind::OtherCi, None),
            machine => (machine, None),
        });
        let resource_group = env.first(&[env::WEBSITE_RESOURCE_GROUP, env::CONTAINER_APP_RESOURCE_GROUP]);
        Host {
            kind,
            name: name.and_then(|variable| env.get(variable)).map(str::to_owned),
            resource_group: resource_group.map(|(_, group)| group.to_owned()),
            subscription: env.get(env::WEBSITE_OWNER_NAME).and_then(subscription_of_owner).map(str::to_owned),
            namespace: (kind == HostKind::Kubernetes).then(|| namespace(env)).flatten(),
            scale_set: None,
        }
    }

    /// Creates a host of this kind without details.
    pub fn of_kind(kind: HostKind) -> Self {
        Host { kind, ..Host::default() }
    }
}

/// Returns the subscription in `SUBSCRIPTION+GROUP-REGIONwebspace`
/// (<https://learn.microsoft.com/azure/app-service/reference-app-settings>).
fn subscription_of_owner(owner: &str) -> Option<&str> {
    owner.split('+').next().filter(|id| is_guid(id))
}

/// Returns the kind of host, and the variable that holds its name.
fn kind_from_variables(env: &Env) -> Option<(HostKind, Option<&'static str>)> {
    use HostKind::*;
    let functions = || env.has(env::FUNCTIONS_WORKER_RUNTIME) || env.has(env::FUNCTIONS_EXTENSION_VERSION);
    let found = if env.has(env::CONTAINER_APP_NAME) {
        (ContainerApp, Some(env::CONTAINER_APP_NAME))
    } else if env.has(env::CONTAINER_APP_JOB_NAME) {
        (ContainerAppJob, Some(env::CONTAINER_APP_JOB_NAME))
    } else if env.has(env::WEBSITE_SITE_NAME) {
        (if functions() { FunctionApp } else { AppService }, Some(env::WEBSITE_SITE_NAME))
    } else if env.get(env::GITHUB_ACTIONS) == Some("true") {
        (GithubActions, Some(env::RUNNER_NAME))
    } else if env.has(env::TF_BUILD) {
        (AzurePipelines, Some(env::AGENT_NAME))
    } else if let Some(system) = other_ci_system(env) {
        (system, None)
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

/// Detects the CI systems that issue tokens without a service
/// (<https://docs.gitlab.com/ci/variables/predefined_variables/>,
/// <https://www.jenkins.io/doc/book/pipeline/jenkinsfile/#using-environment-variables>,
/// <https://circleci.com/docs/variables/>, <https://support.atlassian.com/bitbucket-cloud/docs/variables-and-secrets/>,
/// <https://buildkite.com/docs/pipelines/configure/environment-variables>). Jenkins' own client reads `JENKINS_URL` too.
pub fn other_ci_system(env: &Env) -> Option<HostKind> {
    let is_jenkins = env.has(env::JENKINS_URL) && (env.has(env::BUILD_ID) || env.has(env::BUILD_NUMBER));
    let systems = [
        (env.has(env::GITLAB_CI), HostKind::GitLab),
        (is_jenkins, HostKind::Jenkins),
        (env.has(env::CIRCLECI), HostKind::CircleCi),
        (env.has(env::BITBUCKET_BUILD_NUMBER), HostKind::Bitbucket),
        (env.has(env::BUILDKITE), HostKind::Buildkite),
    ];
    systems.into_iter().find(|(is_set, _)| *is_set).map(|(_, system)| system)
}

/// Returns true for `CI=true`, which nearly every CI system sets.
fn is_any_ci(env: &Env) -> bool {
    env.get(env::CI).is_some_and(|value| value.eq_ignore_ascii_case("true") || value == "1")
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
        let subscription = "00000000-1111-2222-3333-444444444444";
        let owner = format!("{subscription}+my-group-WestEuropewebspace-Linux");
        let web = host(&[
            ("WEBSITE_SITE_NAME", "my-app"),
            ("WEBSITE_RESOURCE_GROUP", "my-group"),
            ("WEBSITE_OWNER_NAME", &owner),
        ]);
        assert_eq!(web.subscription.as_deref(), Some(subscription));
        assert_eq!(subscription_of_owner("no-plus-sign"), None);
        assert_eq!(web.kind, HostKind::AppService);
        assert_eq!((web.name.as_deref(), web.resource_group.as_deref()), (Some("my-app"), Some("my-group")));
        let functions = host(&[("WEBSITE_SITE_NAME", "f"), ("FUNCTIONS_WORKER_RUNTIME", "node")]);
        assert_eq!(functions.kind, HostKind::FunctionApp);
        assert_eq!(host(&[("CONTAINER_APP_NAME", "c")]).kind, HostKind::ContainerApp);
        assert_eq!(host(&[("CONTAINER_APP_JOB_NAME", "c")]).kind, HostKind::ContainerAppJob);
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
    fn ci_systems_are_detected_by_their_documented_variables() {
        for (variables, kind) in [
            (&[("GITLAB_CI", "true"), ("CI", "true")][..], HostKind::GitLab),
            (&[("JENKINS_URL", "http://j/"), ("BUILD_NUMBER", "4")], HostKind::Jenkins),
            (&[("JENKINS_URL", "http://j/"), ("BUILD_ID", "4")], HostKind::Jenkins),
            (&[("CIRCLECI", "true"), ("CI", "true")], HostKind::CircleCi),
            (&[("BITBUCKET_BUILD_NUMBER", "7"), ("CI", "true")], HostKind::Bitbucket),
            (&[("BUILDKITE", "true"), ("CI", "true")], HostKind::Buildkite),
            (&[("GITLAB_CI", "true"), ("KUBERNETES_SERVICE_HOST", "10.0.0.1")], HostKind::GitLab),
            (&[("CI", "true"), ("KUBERNETES_SERVICE_HOST", "10.0.0.1")], HostKind::Kubernetes),
            (&[("CI", "true"), ("WSL_DISTRO_NAME", "Ubuntu")], HostKind::Wsl),
        ] {
            assert_eq!(host(variables).kind, kind, "{variables:?}");
        }
        // The sign of another metadata address hides what the tests run on.
        let alone = |pair| host(&[("AZURE_POD_IDENTITY_AUTHORITY_HOST", "http://127.0.0.1:1"), pair]).kind;
        assert_eq!((alone(("CI", "true")), alone(("CI", "1"))), (HostKind::OtherCi, HostKind::OtherCi));
        assert_eq!((alone(("CI", "false")), alone(("JENKINS_URL", "x"))), (HostKind::Machine, HostKind::Machine));
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
