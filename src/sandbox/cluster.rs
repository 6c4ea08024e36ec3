//! The pod of the workloads `pod` and `identity-binding`: what the API server of its cluster shows, and the federation of its service account.
//!
//! Formats: <https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/>. The webhook adds the variables
//! and the volume (`pkg/webhook/webhook.go` of <https://github.com/Azure/azure-workload-identity>).

use serde_json::{Value, json};

use super::{fault::Fault, host::kind::EmulatedHost, names, plan::SandboxPlan};
use crate::env;

/// Where the webhook mounts the token.
const MOUNT: &str = "/var/run/secrets/azure/wi";
const TOKEN: &str = "token/azure-identity-token";

/// Issuer, subject and audience of a federated token, or those that a federated credential accepts.
pub(super) struct Federation {
    pub(super) issuer: &'static str,
    pub(super) subject: &'static str,
    pub(super) audience: &'static str,
}

impl Federation {
    /// Returns those of the token.
    pub(super) fn of_token(plan: &SandboxPlan) -> Federation {
        let (issuer, subject) = match (plan.host, plan.has(Fault::ImmutableSubject)) {
            (EmulatedHost::GithubActions, false) => (names::GITHUB_ISSUER, names::GITHUB_SUBJECT),
            (EmulatedHost::GithubActions, true) => (names::GITHUB_ISSUER, names::GITHUB_IMMUTABLE_SUBJECT),
            (EmulatedHost::AzurePipelines, false) => (names::AZURE_PIPELINES_ISSUER, names::AZURE_PIPELINES_SUBJECT),
            (EmulatedHost::AzurePipelines, true) => {
                (names::AZURE_PIPELINES_ENTRA_ISSUER, names::AZURE_PIPELINES_ENTRA_SUBJECT)
            }
            (EmulatedHost::GitLab, _) => (names::GITLAB_ISSUER, names::GITLAB_SUBJECT),
            (EmulatedHost::CircleCi, _) => (names::CIRCLECI_ISSUER, names::CIRCLECI_SUBJECT),
            (EmulatedHost::Buildkite, _) => (names::BUILDKITE_ISSUER, names::BUILDKITE_SUBJECT),
            _ => (names::FEDERATED_ISSUER, names::FEDERATED_SUBJECT),
        };
        let audience = match plan.examined_host() {
            EmulatedHost::IdentityBinding => names::BINDING_AUDIENCE,
            _ if plan.has(Fault::OtherAudience) => names::OTHER_AUDIENCE,
            _ => plan.cloud.federated_audience(),
        };
        Federation { issuer, subject, audience }
    }

    /// Returns those of the federated credential, which is equal to the token without a fault. `None` if the identity with
    /// this client ID has no federated credential.
    pub(super) fn of_credential(plan: &SandboxPlan, client_id: &str) -> Option<Federation> {
        let is_first = client_id.eq_ignore_ascii_case(names::USER_ASSIGNED_CLIENT_ID);
        if !is_first || plan.has(Fault::NoFederation) {
            return None;
        }
        let Federation { issuer, subject, .. } = Federation::of_token(plan);
        Some(Federation {
            issuer: if plan.has(Fault::IssuerSlash) { issuer.trim_end_matches('/') } else { issuer },
            subject: match () {
                () if plan.has(Fault::SubjectCase) => names::FEDERATED_SUBJECT_IN_ANOTHER_CASE,
                () if plan.has(Fault::OtherNamespace) => names::FEDERATED_SUBJECT_OF_ANOTHER_NAMESPACE,
                () => subject,
            },
            audience: plan.cloud.federated_audience(),
        })
    }
}

/// Returns the client ID in the annotation of the service account.
fn annotation(plan: &SandboxPlan) -> Option<&'static str> {
    match () {
        () if plan.has(Fault::NoAnnotation) => None,
        () if plan.has(Fault::OtherIdentity) => Some(names::SECOND_USER_ASSIGNED_CLIENT_ID),
        () => Some(names::USER_ASSIGNED_CLIENT_ID),
    }
}

/// Returns the variables that the webhook adds, apart from that of the token file. It changes only pods with its label.
pub(super) fn variables(plan: &SandboxPlan) -> Vec<(&'static str, String)> {
    if plan.has(Fault::NoIdentity) || plan.has(Fault::NotInjected) {
        return Vec::new();
    }
    let client = annotation(plan).map(|id| (env::AZURE_CLIENT_ID, id.to_owned()));
    let others = [
        (env::AZURE_TENANT_ID, names::TENANT_ID.to_owned()),
        (env::AZURE_AUTHORITY_HOST, format!("https://{}/", plan.cloud.authorities()[0])),
    ];
    client.into_iter().chain(others).collect()
}

/// Returns the variables of an identity binding: those that the webhook adds, and what the fault changes.
fn binding(plan: &SandboxPlan) -> Vec<(&'static str, String)> {
    let mut variables = vec![
        (env::AZURE_KUBERNETES_TOKEN_PROXY, "https://kubernetes.default.svc".to_owned()),
        (env::AZURE_KUBERNETES_CA_FILE, format!("{MOUNT}/ca-cert/ca.crt")),
        (env::AZURE_KUBERNETES_SNI_NAME, names::TOKEN_PROXY_NAME.to_owned()),
    ];
    if plan.has(Fault::BindingTwoCas) {
        variables.push((env::AZURE_KUBERNETES_CA_DATA, "-----BEGIN CERTIFICATE-----".to_owned()));
    }
    if !plan.has(Fault::BindingNotUsed) {
        variables.push((env::AZFOB_IDENTITY_BINDING, "1".to_owned()));
    }
    variables
}

/// Returns the pod.
pub(super) fn pod(plan: &SandboxPlan) -> Value {
    let mut variables = variables(plan);
    let is_injected = !variables.is_empty();
    if is_injected {
        variables.push((env::AZURE_FEDERATED_TOKEN_FILE, format!("{MOUNT}/{TOKEN}")));
        if plan.examined_host() == EmulatedHost::IdentityBinding {
            variables.extend(binding(plan));
        }
    }
    let mut labels = json!({ "app": names::APP_NAME });
    if !plan.has(Fault::NoIdentity) {
        labels["azure.workload.identity/use"] = "true".into();
    }
    let is_bound = plan.examined_host() == EmulatedHost::IdentityBinding;
    let annotations = is_bound.then(|| json!({ "azure.workload.identity/use-identity-binding": "true" }));
    let volume = "azure-workload-identity-reserved-9f86d081884c7d659a2feaa0c5";
    let source = json!({ "audience": Federation::of_token(plan).audience, "expirationSeconds": 3600, "path": TOKEN });
    let mount = json!([{ "mountPath": MOUNT, "name": volume, "readOnly": true }]);
    let volumes = json!([{ "name": volume, "projected": { "defaultMode": 420, "sources": [{ "serviceAccountToken": source }] } }]);
    let env: Vec<Value> = variables.iter().map(|(name, value)| json!({ "name": name, "value": value })).collect();
    json!({
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": names::POD_NAME, "namespace": names::NAMESPACE, "labels": labels, "annotations": annotations,
        },
        "spec": {
            "containers": [{
                "name": "main",
                "image": "contoso.example/web:1",
                "env": env,
                "volumeMounts": if is_injected { mount } else { json!([]) },
            }],
            "serviceAccountName": names::SERVICE_ACCOUNT,
            "volumes": if is_injected { volumes } else { json!([]) },
        },
        "status": { "phase": "Running" },
    })
}

/// Returns the service account, if it exists.
pub(super) fn service_account(plan: &SandboxPlan) -> Option<Value> {
    let mut annotations = json!({});
    if let Some(id) = annotation(plan) {
        annotations["azure.workload.identity/client-id"] = id.into();
    }
    (!plan.has(Fault::NoServiceAccount)).then(|| {
        json!({
            "apiVersion": "v1",
            "kind": "ServiceAccount",
            "metadata": { "name": names::SERVICE_ACCOUNT, "namespace": names::NAMESPACE, "annotations": annotations },
        })
    })
}

/// Returns the discovery document of the cluster's tokens
/// (<https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/#service-account-issuer-discovery>).
pub(super) fn discovery(plan: &SandboxPlan) -> Value {
    let issuer = Federation::of_token(plan).issuer;
    json!({
        "issuer": issuer,
        "jwks_uri": format!("https://{}:443/openid/v1/jwks", names::API_SERVER),
        "response_types_supported": ["id_token"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
    })
}
