//! Rows for workload identity federation: Kubernetes pods and CI jobs.

use serde_json::json;

use crate::azure_resource_manager::resource_id::ResourceId;
use crate::diagnosis::context::{Context, PodSetup};
use crate::diagnosis::fix_command::FixCommand;
use crate::diagnosis::shell::{is_plain, output_of};
use crate::env;
use crate::host::HostKind;

/// The type of user-assigned identities.
const USER_ASSIGNED: &str = crate::azure_resource_manager::user_assigned::TYPE;

/// The audience of tokens for an exchange; other clouds have a suffix
/// (<https://learn.microsoft.com/entra/workload-id/workload-identity-federation-considerations>).
const EXCHANGE: &str = "api://AzureADTokenExchange";

rows! {
    TOKEN_FILE {
        code: "federated-token-file", error: "WorkloadIdentityCredential authentication failed",
        cause: "The federated token file (AZURE_FEDERATED_TOKEN_FILE) cannot be read or used",
        fix: "Check the file, and that the pod has the label azure.workload.identity/use: \"true\"",
        source: "https://azure.github.io/azure-workload-identity/docs/troubleshooting.html",
        commands: annotate_service_account,
    }

    TOKEN_FILE_UNUSABLE {
        code: "federated-token-file-unusable", error: "WorkloadIdentityCredential authentication failed",
        cause: "The federated token file (AZURE_FEDERATED_TOKEN_FILE) is no usable token: it is empty, a folder or not readable",
        fix: "Set AZURE_FEDERATED_TOKEN_FILE to a readable file with the token; in a pod, leave it to the webhook",
        source: "https://azure.github.io/azure-workload-identity/docs/troubleshooting.html",
        commands: |context| {
            let path = context.shell.value_of(env::AZURE_FEDERATED_TOKEN_FILE);
            vec![FixCommand::read_only(context.shell.select(format!("ls -ld {path}"), format!("Get-Item {path}")))]
        },
    }

    JOB_INCOMPLETE {
        code: "job-not-set-up", error: "WorkloadIdentityCredential authentication unavailable",
        cause: "The CI job is not configured for workload identity federation (OIDC)",
        fix: "Grant the job the id-token permission, and set the client ID and tenant ID of the application or identity",
        source: "https://learn.microsoft.com/entra/workload-id/workload-identity-federation",
        weight: HostSetup, commands: set_up_job,
    }

    RUNNER_TOKEN {
        code: "ci-token-refused", error: "WorkloadIdentityCredential authentication failed",
        cause: "The CI runner issued no OIDC token for this job",
        fix: "Add 'id-token: write' on GitHub; add System.AccessToken and a federated service connection on Azure Pipelines",
        source: "https://learn.microsoft.com/entra/workload-id/workload-identity-federation",
        weight: HostSetup, commands: check_job_permission,
    }

    FEDERATION_INCOMPLETE {
        code: "workload-identity-incomplete",
        error: "WorkloadIdentityCredential authentication unavailable. The workload options are not fully configured",
        cause: "The pod lacks the variables that the workload identity webhook sets",
        fix: "Label the pod azure.workload.identity/use: \"true\", and annotate its service account with the client ID",
        source: "https://azure.github.io/azure-workload-identity/docs/troubleshooting.html",
        weight: HostSetup, commands: annotate_service_account,
    }
}

/// Lists the federated credentials, and creates one with the assertion's exact issuer, subject and audience if they are
/// known (<https://learn.microsoft.com/entra/workload-id/workload-identity-federation-create-trust>).
///
/// A pod's identity is user-assigned. A CI job's client ID can also belong to an application, so a job gets both commands.
pub(super) fn add_federated_credential(context: &Context) -> Vec<FixCommand> {
    // The report of a pod has the credentials of its identity.
    let is_listed = context.assertion.is_some() && identity_options(context).is_some();
    let mut commands = if is_listed { Vec::new() } else { list_federated_credentials(context) };
    let Some(claims) = &context.assertion else { return commands };
    let (Some(issuer), Some(subject)) = (&claims.iss, &claims.sub) else { return commands };
    let audience = claims.aud.as_deref().or(context.cloud().map(|cloud| cloud.federated_audience));
    let audience = audience.unwrap_or(EXCHANGE);
    if !audience.starts_with(EXCHANGE) {
        // The token is wrong, and not the credential.
        return list_federated_credentials(context);
    }
    let name = match context.host.kind {
        HostKind::GithubActions => "github-actions",
        HostKind::AzurePipelines => "azure-pipelines",
        _ => subject.rsplit(':').next().filter(|last| is_credential_name(last)).unwrap_or("workload"),
    };
    let word = |text: &str| context.shell.quote(text);
    let of_identity = identity_options(context).unwrap_or_else(|| find_identity(context));
    let identity = format!(
        "az identity federated-credential create --name {name} {of_identity} --issuer {} --subject {} --audiences {}",
        word(issuer),
        word(subject),
        word(audience)
    );
    let body = json!({ "name": name, "issuer": issuer, "subject": subject, "audiences": [audience] }).to_string();
    let parameters = context.shell.quote_json(&body);
    let id = context.application_id();
    let application = format!("az ad app federated-credential create --id {id} --parameters {parameters}");
    // Git Bash takes a subject like `repo:owner/name:ref:...` for a list of paths.
    let mut add = |note, command| commands.push(FixCommand::shared(note, context.shell.with_paths(command)));
    if context.host.kind.is_runner() {
        add("adds a federated credential, if the ID is an app registration's", application);
        add("adds a federated credential, if the ID is a managed identity's", identity);
    } else {
        add("adds a federated credential for this workload to the identity", identity);
    }
    commands
}

/// Splits the repository out of a GitHub subject: its name without IDs, and whether the subject has the IDs.
fn github_repository(subject: &str) -> Option<(String, bool)> {
    let (owner, name) = subject.strip_prefix("repo:")?.split(':').next()?.split_once('/')?;
    let plain = |text: &str| text.split('@').next().filter(|text| is_plain(text)).map(str::to_owned);
    Some((format!("{}/{}", plain(owner)?, plain(name)?), owner.contains('@') && name.contains('@')))
}

/// Describes the form of a subject: one of GitHub's two (<https://docs.github.com/actions/reference/security/oidc>), one of
/// Azure Pipelines' two (<https://learn.microsoft.com/azure/devops/pipelines/release/troubleshoot-workload-identity>), or
/// CircleCI's (<https://circleci.com/docs/openid-connect-tokens/>).
pub(in crate::diagnosis) fn subject_note(subject: &str) -> Option<String> {
    if subject.starts_with("org/") && subject.contains("/user/") {
        return Some(
            "this subject names the user that started the job: each user needs a federated credential".to_owned(),
        );
    }
    if subject.starts_with("sc://") {
        let note =
            "this service connection has the older issuer; once converted, issuer and subject (/eid1/...) are new";
        return Some(note.to_owned());
    }
    if subject.starts_with("/eid1/") {
        let note =
            "this service connection has Entra ID as issuer; a credential for vstoken.dev.azure.com does not match it";
        return Some(note.to_owned());
    }
    const NEW: &str = "GitHub writes for repositories created, renamed or transferred after 15 July 2026";
    let (repository, has_ids) = github_repository(subject)?;
    Some(match has_ids {
        true => format!(
            "this subject has the IDs of owner and repository, which {NEW}; a credential for \
             repo:{repository} without IDs does not match it"
        ),
        false => format!(
            "this subject has no IDs; a credential with the IDs of owner and repository, which {NEW}, does not match it"
        ),
    })
}

/// Shows the beginning of the subjects of a repository's jobs.
fn show_subject_prefix(subject: &str) -> Option<FixCommand> {
    let (repository, _) = github_repository(subject)?;
    let path = format!("repos/{repository}/actions/oidc/customization/sub");
    Some(FixCommand::read_only(format!("gh api {path} --jq .sub_claim_prefix")))
}

/// The same for a subject that matches no credential: first shows how the subjects of the repository begin.
pub(super) fn add_credential_for_subject(context: &Context) -> Vec<FixCommand> {
    let mut commands = add_federated_credential(context);
    let subject = context.assertion.as_ref().and_then(|claims| claims.sub.as_deref());
    if let Some(prefix) = subject.and_then(show_subject_prefix) {
        commands.insert(1, prefix);
    }
    commands
}

pub(super) fn list_federated_credentials(context: &Context) -> Vec<FixCommand> {
    let columns = "--query '[].{issuer:issuer, subject:subject, audience:audiences[0]}' -o table";
    let list = match identity_options(context) {
        Some(identity) => format!("az identity federated-credential list {identity} {columns}"),
        // A pod's identity is user-assigned.
        None if context.host.kind == HostKind::Kubernetes => {
            let columns = "--query '[].[issuer, subject, audiences[0]]' -o tsv";
            format!("az identity federated-credential list {} {columns}", find_identity(context))
        }
        None => format!("az ad app federated-credential list --id {} {columns}", context.application_id()),
    };
    vec![FixCommand::read_only(list)]
}

/// Reads the discovery document of the assertion's issuer, or shows the issuers of the federated credentials.
pub(super) fn read_issuer(context: &Context) -> Vec<FixCommand> {
    let issuer = context.assertion.as_ref().and_then(|claims| claims.iss.as_deref());
    let Some(issuer) = issuer else { return list_federated_credentials(context) };
    let url = context.shell.quote(&format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/')));
    vec![FixCommand::read_only(format!("{} -sS {url}", context.shell.curl()))]
}

/// Returns the options that look up the user-assigned identity by its client ID.
fn find_identity(context: &Context) -> String {
    // The shell that runs the command may have the variable, even if this process has not.
    let variable = context.shell.value_of(env::AZURE_CLIENT_ID);
    let id = context.client_id.as_deref().filter(|id| is_plain(id)).unwrap_or(variable.trim_matches('"'));
    let found = |field: &str| output_of(&format!("az identity list --query \"[?clientId=='{id}'].{field}\" -o tsv"));
    format!("--identity-name {} --resource-group {}", found("name"), found("resourceGroup"))
}

/// Returns the options that name the user-assigned identity, if its resource is known.
fn identity_options(context: &Context) -> Option<String> {
    let id = ResourceId::parse(context.identity.as_ref()?.claims.xms_mirid.as_deref()?)?;
    let word = |text: &str| context.shell.quote(text);
    let is_identity = id.kind() == USER_ASSIGNED;
    is_identity.then(|| format!("--identity-name {} --resource-group {}", word(id.name()), word(id.resource_group())))
}

/// True if a federated credential can have this name.
fn is_credential_name(text: &str) -> bool {
    (3..=120).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

/// `kubectl --namespace my-namespace COMMAND`.
pub(super) fn kubectl(context: &Context, command: &str) -> String {
    let of_subject = account_in_subject(context).map(|(namespace, _)| namespace);
    let namespace = of_subject.or(context.host.namespace.as_deref());
    let namespace = namespace.map(|name| format!(" --namespace {}", context.shell.quote(name))).unwrap_or_default();
    format!("kubectl{namespace} {command}")
}

/// Returns namespace and name of the service account in the subject `system:serviceaccount:NAMESPACE:NAME`.
fn account_in_subject(context: &Context) -> Option<(&str, &str)> {
    context.assertion.as_ref()?.sub.as_deref()?.strip_prefix("system:serviceaccount:")?.split_once(':')
}

/// Returns the quoted name of this pod.
pub(super) fn pod_name(context: &Context) -> Option<String> {
    let name = context.host.name.as_ref().filter(|_| context.host.kind == HostKind::Kubernetes)?;
    Some(context.shell.quote(name))
}

/// Restarts a pod, which gives it a new token. Other hosts get a new one with each run, so the clocks are compared.
pub(super) fn restart_pod(context: &Context) -> Vec<FixCommand> {
    match pod_name(context) {
        Some(pod) => vec![FixCommand::shared("restarts the pod", kubectl(context, &format!("delete pod {pod}")))],
        None => super::network::compare_clocks(context),
    }
}

/// Annotates the pod's service account with the client ID, and labels the deployment's pods. This restarts them, because
/// the webhook changes only new pods
/// (<https://learn.microsoft.com/azure/aks/workload-identity-deploy-cluster#create-a-kubernetes-service-account>).
pub(super) fn annotate_service_account(context: &Context) -> Vec<FixCommand> {
    let Some(pod_name) = pod_name(context) else {
        let columns = "custom-columns=NAME:.metadata.name,LABEL:.metadata.labels.azure\\.workload\\.identity/use";
        return vec![FixCommand::read_only(kubectl(context, &format!("get pods -o {}", context.shell.quote(columns))))];
    };
    let deployment = deployment_of(&pod_name, context);
    let own_account = account_in_subject(context).map(|(_, name)| name);
    if let (PodSetup::NoServiceAccount, Some(account)) = (context.pod_setup, own_account) {
        let account = context.shell.quote(account);
        let client = context.client_id.as_ref().map(|id| context.shell.quote(id));
        let annotate =
            client.map(|id| format!("annotate serviceaccount {account} azure.workload.identity/client-id={id}"));
        let create = FixCommand::shared(
            "creates the service account",
            kubectl(context, &format!("create serviceaccount {account}")),
        );
        let annotate = annotate.map(|command| FixCommand::shared("names the identity", kubectl(context, &command)));
        return [create].into_iter().chain(annotate).collect();
    }
    let restart = FixCommand::shared(
        "creates the deployment's pods again, so that the webhook changes them",
        kubectl(context, &format!("rollout restart deployment {deployment}")),
    );
    if context.pod_setup == PodSetup::NotInjected {
        let webhook = "kubectl get mutatingwebhookconfiguration azure-wi-webhook-mutating-webhook-configuration";
        return vec![FixCommand::read_only(webhook), restart];
    }
    let label = r#"{"spec":{"template":{"metadata":{"labels":{"azure.workload.identity/use":"true"}}}}}"#;
    let annotate = match &context.client_id {
        None => FixCommand::read_only("az identity list --query '[].{name:name, clientId:clientId}' -o table"),
        Some(id) => {
            let id = context.shell.quote(id);
            let account = own_account.map_or_else(
                || field_of("pod", &pod_name, ".spec.serviceAccountName", context),
                |account| context.shell.quote(account),
            );
            let command =
                format!("annotate serviceaccount {account} azure.workload.identity/client-id={id} --overwrite");
            FixCommand::shared("annotates the pod's service account with the client ID", kubectl(context, &command))
        }
    };
    let label = kubectl(context, &format!("patch deployment {deployment} --patch {}", context.shell.quote_json(label)));
    let label = FixCommand::shared("labels the deployment's pods, which restarts them", label);
    vec![annotate, if context.pod_setup == PodSetup::NotAnnotated { restart } else { label }]
}

/// Looks up a field of a Kubernetes object.
fn field_of(kind: &str, name: &str, path: &str, context: &Context) -> String {
    let path = context.shell.quote(&format!("jsonpath={{{path}}}"));
    output_of(&kubectl(context, &format!("get {kind} {name} -o {path}")))
}

/// Looks up the deployment of a pod through its replica set.
pub(super) fn deployment_of(pod_name: &str, context: &Context) -> String {
    let owner = ".metadata.ownerReferences[0].name";
    field_of("replicaset", &field_of("pod", pod_name, owner, context), owner, context)
}

/// Removes the pod's own AZURE_FEDERATED_TOKEN_FILE. Without it, the webhook sets it to the projected token
/// (<https://azure.github.io/azure-workload-identity/docs/installation/mutating-admission-webhook.html>).
pub(super) fn use_projected_token(context: &Context) -> Vec<FixCommand> {
    let file = FixCommand::read_only(format!("echo {}", context.shell.value_of(env::AZURE_FEDERATED_TOKEN_FILE)));
    let forget = pod_name(context).map(|pod_name| {
        let deployment = deployment_of(&pod_name, context);
        let command = kubectl(context, &format!("set env deployment {deployment} AZURE_FEDERATED_TOKEN_FILE-"));
        FixCommand::shared("lets the webhook set the token file, and restarts the pods", command)
    });
    [file].into_iter().chain(forget).chain(annotate_service_account(context)).collect()
}

/// Lists the workflows without the permission `id-token: write`, or a pipeline's service connections.
pub(super) fn check_job_permission(context: &Context) -> Vec<FixCommand> {
    let connections =
        "az devops service-endpoint list --query '[].{name:name, id:id, scheme:authorization.scheme}' -o table";
    let workflows = context.shell.select(
        "grep -L 'id-token: write' .github/workflows/*",
        "Get-ChildItem .github/workflows | Where-Object { -not (Select-String -Quiet 'id-token: write' $_) }",
    );
    let is_pipeline = context.host.kind == HostKind::AzurePipelines;
    vec![FixCommand::read_only(if is_pipeline { connections } else { workflows })]
}

/// Checks the job's permission, and lists the client IDs that it can use.
pub(super) fn set_up_job(context: &Context) -> Vec<FixCommand> {
    let ids = "az identity list --query '[].{name:name, clientId:clientId, tenantId:tenantId}' -o table";
    let needs_permission = context.lacks_runner_token || context.client_id.is_some();
    let mut commands = if needs_permission { check_job_permission(context) } else { Vec::new() };
    commands.extend(context.client_id.is_none().then(|| FixCommand::read_only(ids)));
    commands
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::Host;
    use crate::token::Claims;

    fn context(kind: HostKind) -> Context {
        let host = Host { name: Some("pod-1".into()), namespace: Some("ns".into()), ..Host::of_kind(kind) };
        Context { host, client_id: Some("c-1".into()), ..Context::default() }
    }

    fn texts(commands: &[FixCommand]) -> Vec<&str> {
        commands.iter().map(|command| command.text.as_str()).collect()
    }

    #[test]
    fn kubectl_looks_up_service_account_and_deployment() {
        assert_eq!(
            texts(&annotate_service_account(&context(HostKind::Kubernetes))),
            [
                "kubectl --namespace ns annotate serviceaccount \"$(kubectl --namespace ns get pod pod-1 -o \
                 'jsonpath={.spec.serviceAccountName}')\" azure.workload.identity/client-id=c-1 --overwrite",
                "kubectl --namespace ns patch deployment \"$(kubectl --namespace ns get replicaset \"$(kubectl \
                 --namespace ns get pod pod-1 -o 'jsonpath={.metadata.ownerReferences[0].name}')\" -o \
                 'jsonpath={.metadata.ownerReferences[0].name}')\" --patch \
                 '{\"spec\":{\"template\":{\"metadata\":{\"labels\":{\"azure.workload.identity/use\":\"true\"}}}}}'",
            ]
        );
    }

    #[test]
    fn federated_credential_copies_the_assertion() {
        let claims = Claims {
            iss: Some("https://token.actions.githubusercontent.com".into()),
            sub: Some("repo:contoso/Repo:ref:refs/heads/main".into()),
            ..Claims::default()
        };
        let commands =
            add_federated_credential(&Context { assertion: Some(claims), ..context(HostKind::GithubActions) });
        let texts = texts(&commands);
        assert!(texts[0].starts_with("az ad app federated-credential list --id c-1"), "{}", texts[0]);
        assert_eq!(
            texts[1],
            "az ad app federated-credential create --id c-1 --parameters \
             '{\"audiences\":[\"api://AzureADTokenExchange\"],\"issuer\":\"https://token.actions.githubusercontent.com\",\
             \"name\":\"github-actions\",\"subject\":\"repo:contoso/Repo:ref:refs/heads/main\"}'"
        );
        assert!(texts[2].contains("--subject repo:contoso/Repo:ref:refs/heads/main --audiences"), "{}", texts[2]);
    }

    #[test]
    fn both_forms_of_github_subjects_are_described() {
        let new = subject_note("repo:contoso@9876543/shop@123456789:ref:refs/heads/main").unwrap();
        assert!(new.contains("has the IDs") && new.contains("repo:contoso/shop without IDs"), "{new}");
        let old = subject_note("repo:contoso/shop:environment:production").unwrap();
        assert!(old.contains("has no IDs") && old.contains("15 July 2026"), "{old}");
        for (subject, part) in [
            ("sc://contoso/project/connection", "has the older issuer"),
            ("/eid1/c/pub/t/T/a/A/sc/O/C", "has Entra ID as issuer"),
            ("org/O/project/P/user/U", "names the user"),
        ] {
            assert!(subject_note(subject).unwrap().contains(part), "{subject}");
        }
        assert_eq!(subject_note("project_path:g/p:ref_type:branch:ref:main"), None);
        let prefix = show_subject_prefix("repo:contoso@1/shop@2:pull_request").unwrap().text;
        assert_eq!(prefix, "gh api repos/contoso/shop/actions/oidc/customization/sub --jq .sub_claim_prefix");
    }
}
