//! A pod with an AKS identity binding: the variables that the webhook adds (`pkg/webhook/webhook.go` of
//! <https://github.com/Azure/azure-workload-identity>), and the token proxy of its cluster.
//!
//! The proxy and the API server share an address, and the name in TLS selects one of them. What the proxy answers if it
//! refuses is not documented: a Status of Kubernetes is what cloud-provider-azure quotes.

use std::io;

use serde_json::json;

use super::environment::{Environment, HostSetup};
use super::workload_identity;
use crate::env;
use crate::sandbox::{
    azure::Azure,
    entra,
    fault::Fault,
    file,
    message::{HttpReply, HttpRequest},
    names,
};

/// The name in TLS of no server of the cluster.
const OTHER_NAME: &str = "a0000000000000000000000000000000000000000000000000000.ests.aks";

pub(super) fn prepare(setup: &HostSetup<'_>, environment: &mut Environment) -> io::Result<()> {
    let (azure, plan) = (setup.azure, &setup.azure.plan);
    workload_identity::prepare(setup, environment)?;
    // No identity: the pod lacks the label that the webhook requires.
    let Some(cluster) = azure.cluster.as_ref().filter(|_| !plan.has(Fault::NoIdentity)) else { return Ok(()) };
    let authority = if plan.has(Fault::BindingCa) { azure.interceptor() } else { cluster }.pem();
    let path = setup.folder.join("ca.crt");
    file::write_readable(&path, authority.as_bytes())?;
    environment.set(env::AZURE_KUBERNETES_TOKEN_PROXY, format!("https://{}", setup.identity));
    environment.set(env::AZURE_KUBERNETES_CA_FILE, path);
    let name = if plan.has(Fault::BindingSni) { OTHER_NAME } else { names::TOKEN_PROXY_NAME };
    environment.set(env::AZURE_KUBERNETES_SNI_NAME, name);
    if plan.has(Fault::BindingTwoCas) {
        environment.set(env::AZURE_KUBERNETES_CA_DATA, authority);
    }
    if !plan.has(Fault::BindingNotUsed) {
        environment.set(env::AZFOB_IDENTITY_BINDING, "1");
    }
    Ok(())
}

/// Answers as the token proxy: it exchanges the pod's token at Entra ID.
pub(super) fn answer(azure: &Azure, request: &HttpRequest) -> HttpReply {
    let segments = request.segments();
    let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
    let ("POST", [tenant, "oauth2", "v2.0", "token"]) = (request.method.as_str(), segments.as_slice()) else {
        return status(404, "NotFound", "the server could not find the requested resource");
    };
    if azure.plan.has(Fault::BindingRefused) {
        return status(403, "Forbidden", "forbidden");
    }
    entra::answer_grant(azure, tenant, request, azure.plan.cloud, names::BINDING_AUDIENCE)
}

/// Answers as the API server, which knows no client.
pub(in crate::sandbox) fn answer_as_api_server(request: &HttpRequest) -> HttpReply {
    let verb = request.method.to_ascii_lowercase();
    let text = format!("forbidden: User \"system:anonymous\" cannot {verb} path \"{}\"", request.path);
    status(403, "Forbidden", &text)
}

/// A Status of Kubernetes
/// (<https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/status/>).
fn status(code: u16, reason: &str, message: &str) -> HttpReply {
    let body = json!({
        "kind": "Status", "apiVersion": "v1", "metadata": {},
        "status": "Failure", "message": message, "reason": reason, "code": code,
    });
    HttpReply::json(code, &body)
}
