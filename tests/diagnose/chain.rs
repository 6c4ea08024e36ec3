//! The chain in the report: every non-interactive credential, its result and its identity.

use azfob::testing::Selection;
use azfob::testing::sandbox::HOSTS;

use super::{Report, SECRET, causes, on};
use crate::support::{Action, Fault, Host, LOGIN, Rule, names};

/// Entra ID's refusal of an assertion.
fn refusing(code: u32) -> Rule {
    let body = serde_json::json!({ "error": "invalid_request", "error_description":
        format!("AADSTS{code}: No matching federated identity record found.\r\nTrace ID: x") });
    Rule::new(LOGIN, "/", Action::json(400, body.to_string()))
}

/// A job with a subject that Entra ID does not trust.
pub(super) fn untrusted_subject() -> crate::support::Scenario {
    on(Host::GithubActions).rule(refusing(700_213))
}

causes! {
    /// "AADSTS700213: No matching federated identity record found for presented assertion subject"
    subject_not_trusted: on(Host::GithubActions).rule(refusing(700_213)), 4, "AADSTS700213",
        "az ad app federated-credential create --id 11112222-bbbb-3333-cccc-4444dddd5555 --parameters '{\"audiences\":";
    issuer_not_trusted: on(Host::WorkloadIdentity).rule(refusing(700_211)), 4, "AADSTS700211",
        "--issuer https://westeurope.oic.prod-aks.azure.example/aaaabbbb-0000-cccc-1111-dddd2222eeee/ --subject \
         system:serviceaccount:my-namespace:my-service-account --audiences api://AzureADTokenExchange";
    audience_not_expected: on(Host::AzurePipelines).rule(refusing(700_212)), 4, "AADSTS700212",
        "\"subject\":\"sc://contoso/my-project/my-connection\"";
    no_matching_credential: on(Host::WorkloadIdentity).rule(refusing(70_021)), 4, "AADSTS70021",
        "az identity federated-credential create --name my-service-account --identity-name \"$(az identity list";
    /// "The subject matches with case-insensitive comparison, but not with case-sensitive comparison"
    subject_differs_in_case: on(Host::GithubActions).rule(refusing(7_002_138)), 4, "AADSTS7002138",
        "az ad app federated-credential create --id 11112222-bbbb-3333-cccc-4444dddd5555 --parameters '{\"audiences\":";
    /// "External OIDC Provider token must have a lifetime of less than or equal to 1.01:00:00"
    pod_service_account_token: on(Host::WorkloadIdentity).rule(refusing(70_023)).var("HOSTNAME", "my-pod")
        .var("POD_NAMESPACE", "my-namespace"), 4, "AADSTS70023", "AZURE_FEDERATED_TOKEN_FILE-";
    no_federated_credential: on(Host::WorkloadIdentity).rule(refusing(70_025)), 4, "AADSTS70025",
        "az identity federated-credential create --name my-service-account";
    application_without_service_principal: on(Host::ServicePrincipal).rule(refusing(7_000_229)), 4,
        "AADSTS7000229", "az ad sp create --id 33334444-dddd-5555-eeee-6666ffff7777";
    disabled_application: on(Host::ServicePrincipal).rule(refusing(7_000_112)), 4,
        "AADSTS7000112", "az ad sp update --id 33334444-dddd-5555-eeee-6666ffff7777 --set accountEnabled=true";
    unknown_federation_code: on(Host::WorkloadIdentity).rule(refusing(700_299)), 4, "entra-federation",
        "az identity federated-credential create --name my-service-account";
    unknown_application_code: on(Host::ServicePrincipal).rule(refusing(7_000_999)), 4, "entra-application",
        "az ad sp show --id 33334444-dddd-5555-eeee-6666ffff7777";
    device_code_blocked_by_policy: on(Host::Nothing).var("SSH_TTY", "/dev/pts/0")
        .program("az", "echo 'ERROR: AADSTS530036: The refresh token is invalid.' >&2; exit 1"), 3, "AADSTS530036",
        "az login --tenant aaaabbbb-0000-cccc-1111-dddd2222eeee --scope https://vault.azure.net/.default";
    unknown_policy_code: on(Host::Nothing)
        .program("az", "echo 'ERROR: AADSTS530099: No.' >&2; exit 1"), 3, "entra-conditional-access",
        "az login --tenant aaaabbbb-0000-cccc-1111-dddd2222eeee --scope https://vault.azure.net/.default";
    unknown_application: on(Host::ServicePrincipal).rule(refusing(700_016)), 4, "AADSTS700016",
        "export AZURE_TENANT_ID=\"$(az ad sp show --id 33334444-dddd-5555-eeee-6666ffff7777";
    expired_client_secret: on(Host::ServicePrincipal).rule(refusing(7_000_222)), 4, "AADSTS7000222",
        "export AZURE_CLIENT_SECRET=\"$(az ad app credential reset";
    pod_without_webhook: on(Host::WorkloadIdentity).fault(Fault::NoIdentity)
        .var("HOSTNAME", "my-pod").var("POD_NAMESPACE", "my-namespace"), 3, "workload-identity-incomplete",
        "kubectl --namespace my-namespace patch deployment";
    service_account_without_annotation: on(Host::WorkloadIdentity).without("AZURE_FEDERATED_TOKEN_FILE")
        .var("HOSTNAME", "my-pod"), 3, "workload-identity-incomplete",
        "azure.workload.identity/client-id=11112222-bbbb-3333-cccc-4444dddd5555";
    missing_token_file: on(Host::WorkloadIdentity).var("AZURE_FEDERATED_TOKEN_FILE", "/no/such/file")
        .var("HOSTNAME", "my-pod"), 4, "federated-token-file", "kubectl annotate serviceaccount";
    job_without_permission: on(Host::GithubActions).fault(Fault::NoIdentity), 3, "job-not-set-up", "id-token: write";
    /// A workflow without any Azure settings: each missing one is named, and `az login` is not suggested.
    job_without_settings: on(Host::Nothing).var("GITHUB_ACTIONS", "true"), 3, "job-not-set-up", "az identity list";
    pipeline_without_task: on(Host::Nothing).var("TF_BUILD", "True"), 3, "job-not-set-up",
        "az devops service-endpoint list";
    /// Only ID and tenant are set.
    missing_client_secret: on(Host::Nothing).var("AZURE_CLIENT_ID", names::SYSTEM_OBJECT_ID)
        .var("AZURE_TENANT_ID", names::TENANT_ID), 3, "environment-incomplete", "read -r AZURE_CLIENT_SECRET";
    incomplete_service_principal: on(Host::ServicePrincipal).fault(Fault::NoIdentity), 3, "environment-incomplete",
        "read -r AZURE_CLIENT_SECRET";
    tenant_not_allowed: on(Host::ServicePrincipal).fault(Fault::Guest)
        .var("AZURE_ADDITIONALLY_ALLOWED_TENANTS", "x"), 4, "tenant-not-allowed",
        "export AZURE_ADDITIONALLY_ALLOWED_TENANTS=bbbbcccc-1111-dddd-2222-eeee3333ffff";
    application_of_unknown_tenant: on(Host::ServicePrincipal).var("AZURE_TENANT_ID", "other.example"), 4,
        "AADSTS90002", "az account list";
    powershell_without_module: on(Host::Nothing)
        .program("pwsh", "echo 'NO_AZ_ACCOUNT_MODULE'").program("az", "exit 127"), 3, "developer-tool-failed", "az upgrade";
}

/// Every missing setting of a job is named, and a pull request is recognized.
#[test]
fn get_and_diagnose_name_missing_job_settings() {
    let job = || {
        let pull_request = on(Host::Nothing).var("GITHUB_ACTIONS", "true").var("GITHUB_EVENT_NAME", "pull_request");
        pull_request.var("AZURE_CLIENT_ID", "").var("AZURE_TENANT_ID", "")
    };
    let printed = job().azfob(["get", SECRET]).fails(3);
    for part in [
        "error: WorkloadIdentityCredential authentication unavailable: ",
        "the job needs 'permissions: id-token: write'",
        "the job needs 'env: AZURE_TENANT_ID'",
        "a pull request from a fork receives no token and no secrets",
    ] {
        assert!(printed.stderr.contains(part), "{part} is not in {}", printed.stderr);
    }
    assert!(!printed.stderr.contains("\n       az login"), "{}", printed.stderr);
    let report = Report::with(&job(), &[]).exits_with(3).has_cause("job-not-set-up");
    assert!(report.finding("job-not-set-up")["detail"].as_str().unwrap().contains("AZURE_CLIENT_ID"));
    assert!(!report.text().contains("az login"), "{}", report.text());
}

/// The client ID of a job without the token permission is not an incomplete service principal.
#[test]
fn job_client_id_is_no_second_cause() {
    let report = Report::of(&on(Host::GithubActions).fault(Fault::NoIdentity));
    assert!(!report.has("environment-incomplete") && !report.has("client-id-only"), "{}", report.text());
}

/// The assertion's claims are next to those in the message of Entra ID, so that they can be compared.
#[test]
fn assertion_claims_are_shown() {
    let report = Report::of(&on(Host::GithubActions).rule(refusing(700_213)));
    let detail = report.json["findings"][0]["detail"].as_str().unwrap();
    for part in [names::GITHUB_ISSUER, names::GITHUB_SUBJECT, names::FEDERATED_AUDIENCE, "assertion expires: "] {
        assert!(detail.contains(part), "{part} is not in {detail}");
    }
}

/// A code without a row is explained by its range, with a link, for every credential.
#[test]
fn unknown_code_shows_link() {
    for (scenario, code) in [
        (on(Host::WorkloadIdentity).rule(refusing(700_299)), 700_299),
        (on(Host::Nothing).program("az", "echo 'ERROR: AADSTS530099: No.' >&2; exit 1"), 530_099),
    ] {
        let report = Report::of(&scenario);
        let detail = report.json["findings"][0]["detail"].as_str().unwrap();
        let link = format!("https://login.microsoftonline.com/error?code={code}");
        assert_eq!(detail.matches(&link).count(), 1, "{detail}");
    }
}

/// The fix removes the deployment's own token file, and the webhook must select its pods.
#[test]
fn pod_token_fix_uses_webhook() {
    let pod = on(Host::WorkloadIdentity).var("HOSTNAME", "my-pod").var("POD_NAMESPACE", "my-namespace");
    let report = Report::of(&pod.rule(refusing(70_023)));
    let commands = report.commands(0);
    assert_eq!(commands[0], "echo \"$AZURE_FEDERATED_TOKEN_FILE\"");
    let of_deployment = "deployment \"$(kubectl --namespace my-namespace get replicaset";
    assert!(commands[1].starts_with(&format!("kubectl --namespace my-namespace set env {of_deployment}")));
    assert!(commands.iter().any(|c| c.contains("kubectl --namespace my-namespace annotate serviceaccount")));
    assert!(commands.iter().any(|c| c.starts_with(&format!("kubectl --namespace my-namespace patch {of_deployment}"))));
}

#[test]
fn credentials_are_listed_in_chain_order() {
    let report = Report::of(&on(Host::AppService));
    let chain = report.json["chain"].as_array().expect("a list");
    let printed = chain.iter().map(|line| {
        let [name, status] = ["credential", "status"].map(|key| line[key].as_str().expect("text"));
        (name, status)
    });
    // The chain's own tests check the order.
    let documented = Selection::names();
    let documented = documented.split(", ").map(|name| match name {
        "ManagedIdentityCredential" => (name, "succeeded"),
        "InteractiveBrowserCredential" => (name, "skipped"),
        other => (other, "unavailable"),
    });
    assert_eq!(printed.collect::<Vec<_>>(), documented.collect::<Vec<_>>());
    assert_eq!(report.credential("ManagedIdentityCredential")["identity"]["objectId"], names::SYSTEM_OBJECT_ID);
}

/// A later credential that the vault would accept as a different identity is a warning while the first one works.
#[test]
fn shadowed_identity_is_a_warning_if_nothing_fails() {
    let scenario = on(Host::AzureCli)
        .fault(Fault::Shadowed)
        .rule(Rule::new(crate::support::VAULT, "/secrets", Action::json(200, r#"{"value":[]}"#)).with_credential());
    let report = Report::with(&scenario, &[]).exits_with(0).has_cause("credential-precedence");
    assert_eq!(report.json["findings"][0]["severity"], "warning");
    assert_eq!(report.json["selected"], "EnvironmentCredential");
    assert_eq!(report.credential("AzureCliCredential")["status"], "succeeded");
    assert_eq!(report.credential("AzureCliCredential")["identity"]["name"], names::USER_PRINCIPAL_NAME);
}

/// The same user twice is not a finding.
#[test]
fn same_identity_of_two_credentials_is_no_finding() {
    let scenario =
        on(Host::AzureCli).program("azd", "exec az account get-access-token --resource https://vault.azure.net");
    let report = Report::of(&scenario).exits_with(0);
    assert!(!report.has("credential-precedence"), "{}", report.text());
}

#[test]
fn selected_credential_is_listed_without_others() {
    let report = Report::with(&on(Host::AppService), &["--credential", "azure-cli"]).exits_with(3);
    assert_eq!(report.credential("ManagedIdentityCredential")["status"], "skipped");
    assert_eq!(report.json["selected"], serde_json::Value::Null);
}

/// A stored secret on a host with a managed identity is a note and changes nothing.
#[test]
fn client_secret_on_host_with_identity_is_a_note() {
    let scenario = on(Host::ServicePrincipal)
        .var("IDENTITY_ENDPOINT", "http://127.0.0.1:1/MSI/token")
        .var("IDENTITY_HEADER", "x")
        .var("WEBSITE_SITE_NAME", "my-app");
    let report = Report::of(&scenario).exits_with(0);
    assert_eq!(report.finding("stored-secret")["severity"], "note");
    assert_eq!(report.finding("stored-secret")["commands"][0], "unset AZURE_CLIENT_SECRET");
}

#[test]
fn unnamed_user_assigned_identity_is_a_note() {
    let scenario = on(Host::Imds).plan(|mut plan| {
        plan.identities.system_assigned = false;
        plan
    });
    let report = Report::of(&scenario).exits_with(0);
    assert_eq!(report.finding("client-id-not-set")["severity"], "note");
}

/// Nothing is to be changed where the recommended credential works.
#[test]
fn no_finding_on_a_host_in_order() {
    // A browser waits for a user, and Azure Arc needs the agent's folder.
    let apart = [Host::Arc, Host::Browser, Host::Nothing];
    for host in HOSTS.iter().map(|row| row.host).filter(|host| !apart.contains(host)) {
        let report = Report::of(&on(host)).exits_with(0);
        assert_eq!(report.json["findings"], serde_json::json!([]), "{host:?}");
    }
}

/// Each setting has its source.
#[test]
fn settings_are_shown_with_source() {
    let scenario = on(Host::AppService).var("AZURE_CLIENT_ID", names::USER_ASSIGNED_CLIENT_ID);
    let report = Report::with(&scenario, &["--secret", SECRET, "--credential", "managed-identity"]).exits_with(0);
    let settings = report.json["settings"].as_array().unwrap();
    let printed: Vec<_> =
        settings.iter().map(|s| (s["name"].as_str().unwrap(), s["source"].as_str().unwrap())).collect();
    assert_eq!(printed, [("vault", "AZFOB_VAULT"), ("credential", "--credential"), ("identity", "AZURE_CLIENT_ID")]);
}

/// The kind of host, how it was detected, its name, and the credentials that fit it.
#[test]
fn each_host_kind_lists_fitting_credentials() {
    for (host, kind, name, group, fits) in [
        (Host::AppService, "appService", Some("my-app"), Some("my-group"), "ManagedIdentityCredential"),
        (Host::Functions, "functionApp", Some("my-app"), Some("my-group"), "ManagedIdentityCredential"),
        (Host::ContainerApps, "containerApp", Some("my-app"), None, "ManagedIdentityCredential"),
        (Host::Imds, "virtualMachine", Some("my-vm"), Some("my-group"), "ManagedIdentityCredential"),
        (Host::ServiceFabric, "serviceFabric", Some("fabric:/my-app"), None, "ManagedIdentityCredential"),
        (Host::Arc, "azureArc", None, None, "ManagedIdentityCredential"),
        (Host::CloudShell, "cloudShell", None, None, "ManagedIdentityCredential"),
        (Host::AzureMl, "azureMl", None, None, "ManagedIdentityCredential"),
        (Host::WorkloadIdentity, "kubernetes", None, None, "WorkloadIdentityCredential"),
        (Host::GithubActions, "githubActions", Some("GitHub Actions 1"), None, "WorkloadIdentityCredential"),
        (Host::AzurePipelines, "azurePipelines", Some("Hosted Agent"), None, "WorkloadIdentityCredential"),
        (Host::Nothing, "machine", None, None, "AzureCliCredential"),
    ] {
        let printed = &Report::with(&on(host), &[]).json["host"];
        assert_eq!((&printed["kind"], &printed["fittingCredential"]), (&kind.into(), &fits.into()), "{host:?}");
        assert_eq!((&printed["name"], &printed["resourceGroup"]), (&name.into(), &group.into()), "{host:?}");
        assert!(printed["knownBy"].as_str().is_some_and(|sign| !sign.is_empty()));
    }
}
