//! Reads a pod and its service account with kubectl, for `--for pod/NAMESPACE/NAME`.
//!
//! kubectl selects the cluster and signs in to it by its own settings. azfob runs only `get`, and never for a Secret or a
//! token.

pub mod error;
mod kubelogin;
pub mod pod;

use std::path::PathBuf;
use std::time::Duration;

use serde::de::DeserializeOwned;
use serde_json::Value;
use zeroize::Zeroizing;

use crate::env::{self, Env};
use crate::process::{Program, Programs, RunOutcome};
use crate::redact;
use crate::time::deadline::Deadline;

use error::{KubectlError, KubectlErrorKind};
use kubelogin::Plugin;
use pod::{Pod, PodName, ServiceAccount};

/// The time limit of one call. A sign-in to the cluster by a plugin such as kubelogin is part of it.
const LIMIT: Duration = Duration::from_secs(12);
/// The limit of one request, so that kubectl itself reports a cluster that does not answer.
const REQUEST_TIMEOUT: &str = "--request-timeout=10s";

/// kubectl, with the cluster of its current context.
pub struct Kubectl<'a> {
    programs: &'a Programs,
    program: Program,
    /// `KUBECONFIG` with absolute paths: kubectl does not run in the current folder.
    config: Option<String>,
    /// What kubelogin needs.
    of_kubelogin: Vec<(&'static str, &'a str)>,
    deadline: Deadline,
}

impl<'a> Kubectl<'a> {
    /// Finds kubectl on PATH.
    ///
    /// # Errors
    /// It is not there.
    pub fn find(programs: &'a Programs, env: &'a Env, deadline: Deadline) -> Result<Self, KubectlError> {
        let program = programs.find("kubectl").ok_or(KubectlError::new(KubectlErrorKind::Missing, ""))?;
        let absolute =
            |paths| std::env::split_paths(paths).map(|path: PathBuf| std::path::absolute(&path).unwrap_or(path));
        let config = env.get_os(env::KUBECONFIG).and_then(|paths| std::env::join_paths(absolute(paths)).ok());
        let config = config.and_then(|paths| paths.into_string().ok());
        let mut kubectl = Kubectl { programs, program, config, of_kubelogin: Vec::new(), deadline };
        kubectl.of_kubelogin = kubelogin::variables(env, || kubectl.plugin());
        Ok(kubectl)
    }

    /// Reads which plugin signs in to the cluster of the current context.
    fn plugin(&self) -> Option<Plugin> {
        let text = self.run(&["config", "view", "--minify", "--output", "jsonpath={.users[0].user.exec}"]).ok()?;
        serde_json::from_slice(&text).ok()
    }

    /// Reads a pod.
    ///
    /// # Errors
    /// It does not exist, or kubectl may not read it.
    pub fn pod(&self, name: &PodName) -> Result<Pod, KubectlError> {
        let object = self.get(&format!("/api/v1/namespaces/{}/pods/{}", name.namespace, name.name))?;
        Ok(Pod::from_object(name, object))
    }

    /// Reads a service account: its annotations.
    ///
    /// # Errors
    /// It does not exist, or kubectl may not read it.
    pub fn service_account(&self, namespace: &str, name: &str) -> Result<ServiceAccount, KubectlError> {
        self.get(&format!("/api/v1/namespaces/{namespace}/serviceaccounts/{name}"))
    }

    /// Reads the issuer of the cluster's tokens
    /// (<https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/#service-account-issuer-discovery>).
    ///
    /// # Errors
    /// kubectl may not read it. Few roles contain this permission.
    pub fn issuer(&self) -> Result<String, KubectlError> {
        #[derive(serde::Deserialize)]
        struct Discovery {
            issuer: String,
        }
        self.get::<Discovery>("/.well-known/openid-configuration").map(|read| read.issuer)
    }

    /// Returns the host of the API server in the current context.
    ///
    /// # Errors
    /// kubectl has no current context.
    pub fn server(&self) -> Result<String, KubectlError> {
        let text = self.run(&["config", "view", "--minify", "--output", "jsonpath={.clusters[0].cluster.server}"])?;
        let url = String::from_utf8_lossy(&text);
        let host = url.split("://").last().unwrap_or_default().split([':', '/']).next().unwrap_or_default();
        Ok(redact::sanitize(host))
    }

    /// Lists the names of the pods in a namespace.
    ///
    /// # Errors
    /// kubectl may not list them.
    pub fn pod_names(&self, namespace: &str) -> Result<Vec<String>, KubectlError> {
        let text = self.run(&["get", "pods", "--namespace", namespace, "--output", "name", REQUEST_TIMEOUT])?;
        let text = String::from_utf8_lossy(&text);
        Ok(text.lines().filter_map(|line| line.strip_prefix("pod/")).map(redact::sanitize).collect())
    }

    /// Sends one GET to the cluster.
    fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, KubectlError> {
        let text = self.run(&["get", "--raw", path, REQUEST_TIMEOUT])?;
        let malformed = || KubectlError::new(KubectlErrorKind::Malformed, path);
        let value: Value = serde_json::from_slice(&text).ok().filter(Value::is_object).ok_or_else(malformed)?;
        serde_json::from_value(redact::sanitize_json(value)).map_err(|_| malformed())
    }

    fn run(&self, arguments: &[&str]) -> Result<Zeroizing<Vec<u8>>, KubectlError> {
        let config = self.config.as_deref().map(|paths| (env::KUBECONFIG, paths));
        let variables: Vec<_> = config.into_iter().chain(self.of_kubelogin.iter().copied()).collect();
        let failed = |message: &str| Err(KubectlError::new(KubectlErrorKind::Failed, message));
        match self.programs.run(&self.program, arguments, &variables, LIMIT, &self.deadline) {
            RunOutcome::Exited(output) if output.succeeded() => Ok(output.stdout),
            RunOutcome::Exited(output) => Err(KubectlError::from_stderr(&output.stderr)),
            RunOutcome::TimedOut(limit) => Err(KubectlError::new(
                KubectlErrorKind::Unreachable,
                &format!("no answer within {} s", limit.as_secs()),
            )),
            RunOutcome::TooMuch(_) => failed("its output is too long"),
            RunOutcome::NotStarted(error) => failed(&self.program.why_not(&error)),
        }
    }
}
