//! Rows for pods with an AKS identity binding, which exchange their token at the cluster's token proxy
//! (<https://learn.microsoft.com/azure/aks/identity-bindings-concepts>).

use super::federation::{deployment_of, kubectl, pod_name};
use crate::azure_resource_manager::resource_id::ResourceId;
use crate::diagnosis::context::{Context, PodSetup};
use crate::diagnosis::fix_command::FixCommand;
use crate::env;

rows! {
    NOT_USED {
        code: "identity-binding-not-used",
        error: "AADSTS700212: No matching federated identity record found for presented assertion audience 'api://AKSIdentityBinding'",
        cause: "Entra ID does not accept a token for an AKS identity binding",
        fix: "Set AZFOB_IDENTITY_BINDING=1 or use --credential workload-identity; allow use-managed-identity in a ClusterRole",
        source: "https://learn.microsoft.com/azure/aks/workload-identity-overview",
        commands: |context| {
            let use_it = FixCommand::local(context.shell.set(env::AZFOB_IDENTITY_BINDING, "1"));
            // A variable of this shell does not reach the pod.
            let use_it = (context.pod_setup != PodSetup::Bound).then_some(use_it);
            use_it.into_iter().chain([show_permissions(context)]).collect()
        },
    }

    MISSING {
        code: "identity-binding-missing", error: "AKS identity binding not found",
        cause: "The AKS cluster has no identity binding for the pod's managed identity",
        fix: "Create the identity binding, and allow use-managed-identity in a ClusterRole",
        source: "https://learn.microsoft.com/azure/aks/identity-bindings",
        weight: HostSetup, commands: |context| create_binding(context).into_iter().chain([show_permissions(context)]).collect(),
    }

    REFUSED {
        code: "identity-binding-refused", error: "the token proxy of the cluster answered 403",
        cause: "The token proxy of the AKS identity binding refused the service account",
        fix: "Allow the verb use-managed-identity on the client ID in a ClusterRole, and check the identity binding",
        source: "https://learn.microsoft.com/azure/aks/identity-bindings",
        weight: HostSetup, commands: |context| vec![show_permissions(context)],
    }

    CERTIFICATE {
        code: "identity-binding-ca", error: "WorkloadIdentityCredential authentication failed",
        cause: "The token proxy's certificate is not signed by a CA that the pod trusts (AZURE_KUBERNETES_CA_FILE)",
        fix: "Remove the variables from the pod's specification: the webhook sets them",
        source: "https://learn.microsoft.com/azure/aks/identity-bindings-concepts",
        commands: |context| leave_to_webhook(&[env::AZURE_KUBERNETES_CA_FILE, env::AZURE_KUBERNETES_CA_DATA], context),
    }

    SERVER_NAME {
        code: "identity-binding-sni", error: "WorkloadIdentityCredential authentication failed",
        cause: "AZURE_KUBERNETES_SNI_NAME does not name the cluster's token proxy",
        fix: "Remove AZURE_KUBERNETES_SNI_NAME from the pod's own specification: the webhook sets it",
        source: "https://learn.microsoft.com/azure/aks/identity-bindings-concepts",
        commands: |context| leave_to_webhook(&[env::AZURE_KUBERNETES_SNI_NAME], context),
    }

    TWO_AUTHORITIES {
        code: "identity-binding-two-cas", error: "AZURE_KUBERNETES_CA_FILE and AZURE_KUBERNETES_CA_DATA are both set",
        cause: "The token proxy's CA is set twice: AZURE_KUBERNETES_CA_FILE and AZURE_KUBERNETES_CA_DATA",
        fix: "Unset AZURE_KUBERNETES_CA_DATA: the webhook mounts the cluster's CA as a file",
        source: "https://learn.microsoft.com/azure/aks/identity-bindings-concepts",
        commands: |context| {
            let unset = FixCommand::local(context.shell.unset(env::AZURE_KUBERNETES_CA_DATA));
            [vec![unset], leave_to_webhook(&[env::AZURE_KUBERNETES_CA_DATA], context)].concat()
        },
    }

    SETTINGS {
        code: "identity-binding", error: "AKS identity binding is not valid",
        cause: "A variable or file of AKS identity bindings is missing or not valid (AZURE_KUBERNETES_TOKEN_PROXY, CA file)",
        fix: "Let the workload identity webhook set the variables: annotate the pod, and restart it",
        source: "https://learn.microsoft.com/azure/aks/identity-bindings",
        weight: Incomplete, commands: |context| vec![show_annotations(context)],
    }
}

/// Returns the name of a new binding of an identity. It has only letters and digits.
pub fn binding_name(identity: &str) -> String {
    let name: String = identity.to_ascii_lowercase().chars().filter(char::is_ascii_alphanumeric).collect();
    let name = name.trim_start_matches(|c: char| c.is_ascii_digit());
    if name.is_empty() { "binding".to_owned() } else { name.to_owned() }
}

/// Creates the binding of the identity, if it and the cluster are known.
fn create_binding(context: &Context) -> Option<FixCommand> {
    let cluster = ResourceId::parse(context.cluster.as_deref()?)?;
    let identity = ResourceId::parse(context.identity.as_ref()?.claims.xms_mirid.as_deref()?)?;
    let name = binding_name(identity.name());
    let (subscription, group) = (cluster.subscription(), context.shell.quote(cluster.resource_group()));
    let command = format!(
        "az aks identity-binding create --subscription {subscription} --resource-group {group} --cluster-name {} \
         --name {name} --managed-identity-resource-id {}",
        context.shell.quote(cluster.name()),
        context.shell.quote(identity.as_str()),
    );
    Some(FixCommand::shared("creates the identity binding (extension aks-preview)", command))
}

/// Lists what the service account may do. `kubectl auth can-i VERB` knows no resources outside of the API, and so does not
/// `kubectl create clusterrole`.
fn show_permissions(context: &Context) -> FixCommand {
    let subject = context.assertion.as_ref().and_then(|claims| claims.sub.as_deref());
    let account = subject.filter(|subject| subject.starts_with("system:serviceaccount:"));
    let command = match account {
        Some(account) => format!("auth can-i --list --as {}", context.shell.quote(account)),
        None => "get clusterrolebindings -o wide".to_owned(),
    };
    FixCommand::read_only(kubectl(context, &command)).with_note("must list use-managed-identity on the client ID")
}

/// Lists the pods' annotations that ask for a binding.
fn show_annotations(context: &Context) -> FixCommand {
    let columns = "custom-columns=NAME:.metadata.name,BINDING:.metadata.annotations.azure\\.workload\\.identity/use-identity-binding";
    FixCommand::read_only(kubectl(context, &format!("get pods -o {}", context.shell.quote(columns))))
}

/// Shows variables, and removes them from the pod's deployment: the webhook keeps those that a pod has.
fn leave_to_webhook(variables: &[&str], context: &Context) -> Vec<FixCommand> {
    // A CA in a variable has many lines.
    let shown = variables.iter().filter(|variable| **variable != env::AZURE_KUBERNETES_CA_DATA);
    let show = shown.map(|variable| FixCommand::read_only(format!("echo {}", context.shell.value_of(variable))));
    let show: Vec<_> = show.collect();
    let Some(pod) = pod_name(context) else {
        return [show, vec![show_annotations(context)]].concat();
    };
    let removed: String = variables.iter().map(|variable| format!(" {variable}-")).collect();
    let command = kubectl(context, &format!("set env deployment {}{removed}", deployment_of(&pod, context)));
    [show, vec![FixCommand::shared("lets the webhook set them, and restarts the pods", command)]].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::{Host, HostKind};
    use crate::token::Claims;

    #[test]
    fn permissions_are_those_of_the_service_account() {
        let claims = Claims { sub: Some("system:serviceaccount:my-ns:my-app".into()), ..Claims::default() };
        let command = show_permissions(&Context { assertion: Some(claims), ..Context::default() }).text;
        assert_eq!(command, "kubectl --namespace my-ns auth can-i --list --as system:serviceaccount:my-ns:my-app");
        assert_eq!(show_permissions(&Context::default()).text, "kubectl get clusterrolebindings -o wide");
    }

    /// AKS makes the federated credential of a binding itself.
    #[test]
    fn no_row_adds_a_federated_credential() {
        let host = Host { name: Some("pod-1".into()), ..Host::of_kind(HostKind::Kubernetes) };
        let context = Context { host, client_id: Some("c-1".into()), ..Context::default() };
        for row in ROWS {
            let commands = (row.commands)(&context);
            assert!(commands.iter().all(|command| !command.text.contains("federated-credential")), "{row:?}");
        }
    }
}
