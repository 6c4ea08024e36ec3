//! What makes Entra ID trust a workload: federated credentials, and what the webhook of AKS adds to a pod.

use serde_json::json;

use crate::host::HostKind;
use crate::token::Claims;

use super::super::explain::Place;
use super::{is_plain, word};

/// Adds a federated credential that matches an assertion letter by letter. A pod's identity is a user-assigned one; a CI
/// job's is an application's as often, so that both ways are shown
/// (<https://learn.microsoft.com/entra/workload-id/workload-identity-federation-create-trust>).
pub(in crate::diagnosis) fn trust(assertion: &Claims, place: &Place) -> Vec<String> {
    let (Some(issuer), Some(subject), Some(id)) = (&assertion.iss, &assertion.sub, &place.client_id) else {
        return Vec::new();
    };
    if !is_plain(id) {
        return Vec::new();
    }
    let audience = assertion.aud.as_deref().unwrap_or("api://AzureADTokenExchange");
    let name = match place.host.kind {
        HostKind::GithubActions => "github-actions",
        HostKind::AzurePipelines => "azure-pipelines",
        _ => subject.rsplit(':').next().filter(|last| is_name(last)).unwrap_or("workload"),
    };
    let found = |field: &str| format!("\"$(az identity list --query \"[?clientId=='{id}'].{field}\" -o tsv)\"");
    let identity = format!(
        "az identity federated-credential create --name {name} --identity-name {} --resource-group {} --issuer {} \
         --subject {} --audiences {}",
        found("name"),
        found("resourceGroup"),
        word(issuer),
        word(subject),
        word(audience)
    );
    let body = json!({ "name": name, "issuer": issuer, "subject": subject, "audiences": [audience] });
    let application =
        format!("az ad app federated-credential create --id {id} --parameters {}", word(&body.to_string()));
    let commands = match place.host.kind {
        HostKind::GithubActions | HostKind::AzurePipelines => vec![application, identity],
        _ => vec![identity],
    };
    // A subject like `repo:owner/name:ref:...` reads like a list of paths.
    commands.into_iter().map(|command| place.shell.with_paths(command)).collect()
}

/// Whether a federated credential can have this name.
fn is_name(text: &str) -> bool {
    (3..=120).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

/// Gives a pod a fresh token by starting it anew.
pub(in crate::diagnosis) fn restart_pod(assertion: Option<&Claims>, place: &Place) -> Vec<String> {
    let (HostKind::Kubernetes, Some(pod)) = (place.host.kind, &place.host.name) else { return Vec::new() };
    // `system:serviceaccount:NAMESPACE:NAME`.
    let namespace = assertion.and_then(|claims| claims.sub.as_deref()?.split(':').nth(2)).map(str::to_owned);
    let namespace = namespace.or(place.host.namespace.clone()).map(|n| format!(" --namespace {}", word(&n)));
    vec![format!("kubectl delete pod {}{}", word(pod), namespace.unwrap_or_default())]
}

/// Names the identity on the pod's service account, and labels the pods of its deployment, which starts them anew: the
/// webhook looks at new pods only
/// (<https://learn.microsoft.com/azure/aks/workload-identity-deploy-cluster#create-a-kubernetes-service-account>).
pub(in crate::diagnosis) fn annotate_service_account(place: &Place) -> Vec<String> {
    let (HostKind::Kubernetes, Some(pod)) = (place.host.kind, &place.host.name) else { return Vec::new() };
    let namespace = place.host.namespace.as_ref().map(|n| format!(" --namespace {}", word(n))).unwrap_or_default();
    let kubectl = |command: &str| format!("kubectl{namespace} {command}");
    let of_pod = |path: &str| format!("\"$({} -o jsonpath={{{path}}})\"", kubectl(&format!("get pod {}", word(pod))));
    let set = of_pod(".metadata.ownerReferences[0].name");
    let deployment = format!(
        "\"$({} -o jsonpath={{.metadata.ownerReferences[0].name}})\"",
        kubectl(&format!("get replicaset {set}"))
    );
    let label = r#"{"spec":{"template":{"metadata":{"labels":{"azure.workload.identity/use":"true"}}}}}"#;
    let list = "az identity list --query '[].{name:name, clientId:clientId}' -o table".to_owned();
    let annotate = place.client_id.as_ref().map(|id| {
        let account = of_pod(".spec.serviceAccountName");
        kubectl(&format!(
            "annotate serviceaccount {account} azure.workload.identity/client-id={} --overwrite",
            word(id)
        ))
    });
    vec![annotate.unwrap_or(list), kubectl(&format!("patch deployment {deployment} --patch '{label}'"))]
}

/// Lets the jobs of a workflow ask for a token: the line that goes below its `jobs:`' own `permissions:`, shown as the
/// command that finds the workflows without it.
pub(super) fn permission(place: &Place) -> Vec<String> {
    match place.host.kind {
        HostKind::GithubActions => vec!["grep -L 'id-token: write' .github/workflows/*".to_owned()],
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnosis::remedy::Shell;
    use crate::host::Host;

    fn place(kind: HostKind) -> Place {
        let host = Host { name: Some("pod-1".into()), namespace: Some("ns".into()), ..Host::of_kind(kind) };
        Place { host, shell: Shell::Posix, client_id: Some("c-1".into()) }
    }

    #[test]
    fn a_service_account_is_found_by_the_command() {
        assert_eq!(
            annotate_service_account(&place(HostKind::Kubernetes)),
            [
                "kubectl --namespace ns annotate serviceaccount \"$(kubectl --namespace ns get pod pod-1 -o \
                 jsonpath={.spec.serviceAccountName})\" azure.workload.identity/client-id=c-1 --overwrite",
                "kubectl --namespace ns patch deployment \"$(kubectl --namespace ns get replicaset \"$(kubectl \
                 --namespace ns get pod pod-1 -o jsonpath={.metadata.ownerReferences[0].name})\" -o \
                 jsonpath={.metadata.ownerReferences[0].name})\" --patch \
                 '{\"spec\":{\"template\":{\"metadata\":{\"labels\":{\"azure.workload.identity/use\":\"true\"}}}}}'",
            ]
        );
    }

    #[test]
    fn a_federated_credential_has_the_assertions_own_words() {
        let claims = Claims {
            iss: Some("https://token.actions.githubusercontent.com".into()),
            sub: Some("repo:contoso/Repo:ref:refs/heads/main".into()),
            ..Claims::default()
        };
        let commands = trust(&claims, &place(HostKind::GithubActions));
        assert_eq!(
            commands[0],
            "az ad app federated-credential create --id c-1 --parameters \
             '{\"audiences\":[\"api://AzureADTokenExchange\"],\"issuer\":\"https://token.actions.githubusercontent.com\",\
             \"name\":\"github-actions\",\"subject\":\"repo:contoso/Repo:ref:refs/heads/main\"}'"
        );
        assert!(commands[1].contains("--subject repo:contoso/Repo:ref:refs/heads/main --audiences"), "{}", commands[1]);
    }
}
