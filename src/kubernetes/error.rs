//! The errors of kubectl.

use crate::redact;

/// A call of kubectl that failed.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{}", self.text())]
pub struct KubectlError {
    pub kind: KubectlErrorKind,
    /// What kubectl printed, or the path that it read.
    message: String,
}

/// Why a call of kubectl failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KubectlErrorKind {
    /// It is not on PATH.
    Missing,
    /// It has no current context, so that it does not know a cluster.
    NoContext,
    Unreachable,
    /// The cluster does not accept the sign-in, or the plugin that signs in failed.
    Unauthorized,
    /// The user lacks a permission of Kubernetes RBAC.
    Forbidden,
    NotFound,
    /// An answer without the expected content.
    Malformed,
    /// Any other failure.
    Failed,
}

impl KubectlError {
    pub(super) fn new(kind: KubectlErrorKind, message: &str) -> Self {
        KubectlError { kind, message: redact::sanitize(message) }
    }

    /// Reads what kubectl printed (seen with kubectl 1.32; `CheckErr` in kubectl's `pkg/cmd/util/helpers.go`). Without a
    /// context it tries the address localhost:8080.
    pub(super) fn from_stderr(text: &str) -> Self {
        use KubectlErrorKind::*;
        // Lines of its log come first: `E1130 02:32:51.769004   14132 memcache.go:265] ...`.
        let is_log = |line: &&str| line.split_once("] ").is_some_and(|(head, _)| head.contains(".go:"));
        let lines = || text.lines().map(str::trim).filter(|line| !line.is_empty());
        let line = lines().find(|line| !is_log(line)).or_else(|| lines().next()).unwrap_or("no message");
        let has = |words: &[&str]| words.iter().any(|word| line.contains(word));
        let kind = match () {
            () if has(&[
                "server localhost:8080 was refused",
                "context was not found",
                "current-context must exist",
            ]) =>
            {
                NoContext
            }
            () if has(&["(Forbidden)"]) => Forbidden,
            () if has(&["(NotFound)"]) => NotFound,
            () if has(&["(Unauthorized)", "getting credentials"]) => Unauthorized,
            () if has(&["Unable to connect to the server", "The connection to the server"]) => Unreachable,
            () => Failed,
        };
        KubectlError::new(kind, line)
    }

    fn text(&self) -> String {
        let message = &self.message;
        match self.kind {
            KubectlErrorKind::Missing => "--for pod/NAMESPACE/NAME requires kubectl, which is not on PATH".to_owned(),
            KubectlErrorKind::NoContext => format!(
                "kubectl has no current context (az aks get-credentials adds one, kubectl config use-context selects one): \
                 {message}"
            ),
            KubectlErrorKind::Unreachable => {
                format!("kubectl cannot reach the cluster of its current context: {message}")
            }
            KubectlErrorKind::Unauthorized => format!("kubectl cannot sign in to the cluster: {message}"),
            KubectlErrorKind::Forbidden => match missing_permission(message) {
                Some(permission) => format!("Kubernetes RBAC does not allow you to {permission}: {message}"),
                None => format!("Kubernetes RBAC does not allow it: {message}"),
            },
            KubectlErrorKind::NotFound => format!("the cluster does not have it: {message}"),
            KubectlErrorKind::Malformed => format!("kubectl's answer for {message} is not valid"),
            KubectlErrorKind::Failed => format!("kubectl failed: {message}"),
        }
    }
}

/// Reads verb and resource of `cannot get resource "pods" in API group "" in the namespace "ns"`, or verb and path of
/// `cannot get path "/..."` (<https://kubernetes.io/docs/reference/access-authn-authz/authorization/>).
fn missing_permission(message: &str) -> Option<String> {
    let (verb, rest) = message.split_once("cannot ")?.1.split_once(' ')?;
    let rest = rest.strip_prefix("resource ").or(rest.strip_prefix("path "))?;
    let what = rest.split('"').nth(1)?;
    let namespace = rest.split_once("in the namespace \"").and_then(|(_, after)| after.split('"').next());
    let namespace = namespace.map(|name| format!(" in the namespace {name}")).unwrap_or_default();
    Some(format!("{verb} {what}{namespace}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn message_of_kubectl_gives_the_kind() {
        use KubectlErrorKind::*;
        for (text, kind) in [
            (
                "The connection to the server localhost:8080 was refused - did you specify the right host or port?",
                NoContext,
            ),
            ("Error in configuration: context was not found for specified context: old", NoContext),
            ("error: current-context must exist in order to minify", NoContext),
            (
                "The connection to the server 127.0.0.1:18081 was refused - did you specify the right host or port?",
                Unreachable,
            ),
            ("Unable to connect to the server: dial tcp: lookup c.example on 10.0.0.1:53: no such host", Unreachable),
            (
                "Unable to connect to the server: getting credentials: exec: executable kubelogin not found\n\nIt looks like",
                Unauthorized,
            ),
            ("error: You must be logged in to the server (Unauthorized)", Unauthorized),
            ("Error from server (NotFound): pods \"web\" not found", NotFound),
            ("error: error loading config file \"/x\": yaml: line 1: did not find expected node content", Failed),
            (
                "E1130 02:32:51.769004   14132 memcache.go:265] \"Unhandled Error\" err=\"x\"\nUnable to connect to the server: EOF",
                Unreachable,
            ),
            ("", Failed),
        ] {
            assert_eq!(KubectlError::from_stderr(text).kind, kind, "{text}");
        }
    }

    #[test]
    fn forbidden_names_verb_and_resource() {
        let error =
            |text: &str| KubectlError::from_stderr(&format!("Error from server (Forbidden): {text}")).to_string();
        let pods = error(
            "pods \"web\" is forbidden: User \"a\" cannot get resource \"pods\" in API group \"\" in the namespace \"ns\"",
        );
        assert!(pods.starts_with("Kubernetes RBAC does not allow you to get pods in the namespace ns: "), "{pods}");
        let path = error("forbidden: User \"a\" cannot get path \"/.well-known/openid-configuration\"");
        assert!(
            path.starts_with("Kubernetes RBAC does not allow you to get /.well-known/openid-configuration: "),
            "{path}"
        );
    }
}
