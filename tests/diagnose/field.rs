//! Public reports whose first answer was wrong once: hosts, CI systems and advice that fits. Each stands for its kind.

use super::{Report, on};
use crate::support::{
    Action, Fault, Host, IDENTITY, LOGIN, Rule, Scenario, VAULT, names, without_unconfigured_credentials,
};

/// Advice that makes no sense in a CI job.
const BY_HAND: [&str; 6] =
    ["pip install", "az login", "azd auth login", "Connect-AzAccount", "CLIENT_SECRET", "client secret"];

fn never(report: &Report, words: &[&str]) {
    let findings = report.json["findings"].to_string();
    for word in words {
        assert!(!findings.contains(word), "{word} is in {:#}", report.json["findings"]);
    }
}

/// "Please run az login" in a GitLab job: the first finding is how that system issues a token.
#[test]
fn ci_systems_are_hosts_and_say_how_they_issue_a_token() {
    for (variables, kind, code, parts) in [
        (&[("GITLAB_CI", "true")][..], "gitlab", "gitlab-job-not-set-up", &["id_tokens", "AZFOB_ID_TOKEN"][..]),
        (
            &[("JENKINS_URL", "http://j/"), ("BUILD_NUMBER", "4")],
            "jenkins",
            "jenkins-build-not-set-up",
            &["OpenID Connect id token", "AZFOB_ID_TOKEN"],
        ),
        (&[("CIRCLECI", "true")], "circleci", "circleci-job-not-set-up", &["circleci run oidc get", "names the user"]),
        (
            &[("BITBUCKET_BUILD_NUMBER", "7")],
            "bitbucketPipelines",
            "bitbucket-step-not-set-up",
            &["self-hosted runner"],
        ),
        (&[("BUILDKITE", "true")], "buildkite", "buildkite-job-not-set-up", &["oidc request-token", "pipeline_id"]),
        (&[], "ci", "ci-job-not-set-up", &["AZFOB_ID_TOKEN", "probably a CI job"]),
    ] {
        let in_job = |scenario: Scenario| {
            variables.iter().fold(scenario.var("CI", "true"), |scenario, (name, value)| scenario.var(name, *value))
        };
        let nothing = || in_job(on(Host::Nothing));
        let ids =
            nothing().var("AZURE_TENANT_ID", names::TENANT_ID).var("AZURE_CLIENT_ID", names::USER_ASSIGNED_CLIENT_ID);
        let signed_out = nothing().program("az", "echo \"ERROR: Please run 'az login' to setup account.\" >&2; exit 1");
        for scenario in [nothing(), ids, signed_out] {
            let report = Report::of(&scenario).exits_with(3).has_cause(code);
            assert_eq!(report.json["host"]["kind"], kind);
            let first = report.json["findings"][0].to_string();
            parts.iter().for_each(|part| assert!(first.contains(part), "{part} is not in {first}"));
            never(&report, &BY_HAND);
            // The other credentials' lines name what each of them lacks.
            let printed =
                without_unconfigured_credentials(&scenario.azfob(["get", "ApiKey"]).fails(3).normalized_stderr());
            let printed: String = printed.lines().filter(|line| !line.contains("AzureCliCredential  ")).collect();
            assert!(printed.contains(parts[0]) && !BY_HAND.iter().any(|words| printed.contains(words)), "{printed}");
        }
    }
}

/// The job's variables are enough where they are all set.
#[test]
fn token_file_of_a_ci_job_is_used() {
    let scenario = on(Host::WorkloadIdentity).without("KUBERNETES_SERVICE_HOST").var("GITLAB_CI", "true");
    assert_eq!(Report::of(&scenario).exits_with(0).json["host"]["kind"], "gitlab");
}

/// "AADSTS700024" of az in an Azure Pipelines job that ran longer than its token.
#[cfg(unix)]
#[test]
fn expired_job_token_of_az_points_to_the_steps_own_connection() {
    let text = "AADSTS700024: Client assertion is not within its valid time range. Current time: 2026-11-03T10:25:02Z, \
                assertion valid from 2026-11-03T10:15:02Z, expiry time of assertion 2026-11-03T10:20:02Z.";
    let az = format!("echo 'ERROR: {text}' >&2; exit 1");
    let scenario = on(Host::Nothing).var("TF_BUILD", "True").program("az", &az);
    let report =
        Report::of(&scenario).exits_with(3).has_cause("job-token-expired").has_command("az devops service-endpoint");
    let first = report.json["findings"][0].to_string();
    assert!(first.contains("SYSTEM_ACCESSTOKEN") && first.contains("service connection's ID"), "{first}");
    never(&report, &["AZURE_FEDERATED_TOKEN_FILE", "clock"]);
    // The files of GitHub say nothing about a job of GitLab.
    let report = Report::of(&on(Host::Nothing).var("GITLAB_CI", "true").program("az", &az));
    let report = report.exits_with(3).has_cause("job-token-expired").has_command("az identity list");
    never(&report, &[".github/workflows"]);
}

/// A prompt for the secret fixes nothing if the secret is what is set.
#[test]
fn secret_that_is_set_is_not_asked_for() {
    let report = Report::of(&on(Host::Nothing).var("AZURE_CLIENT_SECRET", "hunter2"));
    never(&report.has_cause("environment-incomplete"), &["read -r AZURE_CLIENT_SECRET"]);
    let text = "Incomplete environment configuration for EnvironmentCredential. These variables are set:";
    for (set, is_asked_for) in [("AZURE_TENANT_ID, AZURE_CLIENT_ID", true), ("AZURE_CLIENT_SECRET", false)] {
        let printed = on(Host::Nothing).azfob(["explain", &format!("{text} {set}")]).succeeds().text();
        assert_eq!(printed.contains("read -r AZURE_CLIENT_SECRET"), is_asked_for, "{printed}");
    }
}

/// "AADSTS53003: Access has been blocked by Conditional Access policies", over SSH and in a container: the policies block
/// device codes too.
#[cfg(unix)]
#[test]
fn conditional_access_never_suggests_a_device_code() {
    for code in
        [50005, 50097, 50131, 50155, 50187, 53000, 53001, 53002, 53003, 53009, 530_003, 530_031, 530_036, 530_084]
    {
        let az = format!("echo 'ERROR: AADSTS{code}: Access has been blocked.' >&2; exit 1");
        let report = Report::of(&on(Host::Nothing).var("SSH_CONNECTION", "1").program("az", &az));
        let report = report.exits_with(3).has_cause(&format!("AADSTS{code}")).has_command("az login");
        never(&report, &["--use-device-code"]);
    }
    let log = on(Host::Nothing).var("CODESPACES", "true");
    let printed = log.azfob(["explain", "ERROR: AADSTS53003: Access has been blocked by Conditional Access policies."]);
    assert!(!printed.succeeds().text().contains("--use-device-code"));
    let printed = log.azfob(["explain", "AADSTS53003"]).succeeds();
    assert!(
        printed.text().contains("compliant device") && printed.text().contains("tenant administrator"),
        "{}",
        printed.text()
    );
}

/// "AADSTS700213: No matching federated identity record found", after a repository was renamed; and the other way round.
#[test]
fn both_forms_of_githubs_subject_are_explained() {
    let body = r#"{"error":"invalid_client","error_description":"AADSTS700213: No matching federated identity record found for presented assertion subject","error_codes":[700213]}"#;
    let refused = |host| on(host).rule(Rule::new(LOGIN, "/", Action::json(401, body)));
    let prefix = "gh api repos/contoso/my-repository/actions/oidc/customization/sub";
    for (scenario, subject, words) in [
        (refused(Host::GithubActions), names::GITHUB_SUBJECT, "this subject has no IDs"),
        (
            refused(Host::GithubActions).fault(Fault::ImmutableSubject),
            names::GITHUB_IMMUTABLE_SUBJECT,
            "this subject has the IDs of owner and repository",
        ),
    ] {
        let report = Report::of(&scenario).exits_with(4).has_cause("AADSTS700213");
        let report = report.has_command(subject).has_command(prefix);
        let detail = report.json["findings"][0]["detail"].to_string();
        assert!(detail.contains(words) && detail.contains("15 July 2026"), "{detail}");
    }
    let pipeline = refused(Host::AzurePipelines).fault(Fault::ImmutableSubject);
    Report::of(&pipeline).has_cause("AADSTS700213").has_command(names::AZURE_PIPELINES_ENTRA_SUBJECT);
    let log = format!("{body} presented assertion subject 'repo:contoso@9876543/shop@123456789:ref:refs/heads/main'");
    let printed = on(Host::Nothing).azfob(["explain", &log]).succeeds().text();
    assert!(printed.contains("has the IDs of owner and repository"), "{printed}");
}

/// Both forms sign in where the federated credential has the same.
#[test]
fn both_forms_of_subject_sign_in() {
    for host in [Host::GithubActions, Host::AzurePipelines] {
        on(host).fault(Fault::ImmutableSubject).azfob(["get", "ApiKey"]).succeeds();
    }
}

/// A forgotten client secret beside a federated credential that works: unset it, and only then make a new one.
#[test]
fn refused_secret_beside_a_working_credential_is_unset_first() {
    for host in [Host::GithubActions, Host::WorkloadIdentity] {
        let report = Report::of(&on(host).var("AZURE_CLIENT_SECRET", "x")).exits_with(4);
        report.has_cause("stored-secret-refused").has_command("unset AZURE_CLIENT_SECRET");
    }
    let app = on(Host::AppService)
        .var("AZURE_CLIENT_SECRET", "x")
        .var("AZURE_TENANT_ID", names::TENANT_ID)
        .var("AZURE_CLIENT_ID", names::USER_ASSIGNED_CLIENT_ID);
    let report = Report::of(&app).exits_with(4);
    if report.credential("ManagedIdentityCredential")["status"] == "skipped" {
        report.has_cause("stored-secret-refused");
    }
    let alone = on(Host::ServicePrincipal).fault(Fault::WrongSecret);
    assert!(!Report::of(&alone).exits_with(4).has_cause("AADSTS7000215").has("stored-secret-refused"));
}

/// The note on a stored secret names what was used, also on pods and in CI jobs.
#[test]
fn note_on_a_stored_secret_names_the_secret() {
    let with_file = on(Host::ServicePrincipal).var("AZURE_FEDERATED_TOKEN_FILE", "/nonexistent");
    let with_job = on(Host::ServicePrincipal).var("ACTIONS_ID_TOKEN_REQUEST_URL", "https://runner.example/");
    for scenario in [with_file, with_job] {
        let note = Report::of(&scenario).exits_with(0).finding("stored-secret").to_string();
        assert!(note.contains("used a client secret") && note.contains("workload identity"), "{note}");
        assert!(note.contains("unset AZURE_CLIENT_SECRET"), "{note}");
    }
    let user = on(Host::ServicePrincipal)
        .without("AZURE_CLIENT_SECRET")
        .var("AZURE_USERNAME", names::USER_PRINCIPAL_NAME)
        .var("AZURE_PASSWORD", names::USER_PASSWORD)
        .var("IDENTITY_ENDPOINT", "http://127.0.0.1:1");
    let outcome = user.azfob(["whoami"]).succeeds_with_messages();
    outcome.shows("used a password").shows("managed identity").shows("unset AZURE_PASSWORD");
}

/// "Only AZURE_CLIENT_ID is set" is false where the tenant is set too.
#[test]
fn client_and_tenant_without_a_secret_say_what_is_missing() {
    let scenario = on(Host::AzureCli)
        .var("AZURE_CLIENT_ID", "11111111-2222-3333-4444-555555555555")
        .var("AZURE_TENANT_ID", names::TENANT_ID);
    let report = Report::of(&scenario).exits_with(0);
    never(&report, &["Only AZURE_CLIENT_ID"]);
    assert!(report.finding("environment-incomplete").to_string().contains("AZURE_CLIENT_SECRET is missing"));
}

/// Commands name the subscription where the host does.
#[test]
fn commands_name_the_subscription_of_the_host() {
    for host in [Host::AppService, Host::Functions, Host::Imds] {
        let report = Report::of(&on(host).fault(Fault::NoIdentity)).exits_with(3);
        let report = report.has_command(&format!("--subscription {}", names::SUBSCRIPTION_ID));
        // For several resources that need the same access, as the documentation proposes.
        report.has_command("az identity create --name my-").has_command("--identities \"$(az identity show");
    }
}

/// A container app's variables do not name its subscription; the token of its identity does.
#[test]
fn commands_name_the_subscription_of_the_identity() {
    let scenario = on(Host::ContainerApps).fault(Fault::Revoked);
    let report = Report::of(&scenario).exits_with(4).has_cause("session-revoked");
    report.has_command(&format!("--subscription {}", names::SUBSCRIPTION_ID));
    let shown = scenario.azfob(["get", "ApiKey"]).fails(4);
    shown.shows(&format!("--resource-group {} --subscription {}", names::RESOURCE_GROUP, names::SUBSCRIPTION_ID));
}

/// The setting that gave a refused ID is named.
#[test]
fn refused_id_names_its_setting() {
    let scenario = on(Host::CloudShell).var("AZURE_CLIENT_ID", names::USER_ASSIGNED_CLIENT_ID);
    let report = Report::of(&scenario).has_cause("identity-id-not-supported");
    let first = report.json["findings"][0].to_string();
    assert!(first.contains("(from AZURE_CLIENT_ID)") && !first.contains("identity assign"), "{first}");
}

/// az's sign-in is looked for where az keeps it.
#[test]
fn missing_az_is_noticed_in_its_own_folder() {
    let scenario = on(Host::Nothing);
    let folder = scenario.work().join("azure");
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join("azureProfile.json"), "{}").unwrap();
    Report::of(&scenario.var("AZURE_CONFIG_DIR", folder)).exits_with(3).has_cause("az-login-without-az");
}

#[test]
fn settings_of_other_clients_are_named_as_what_they_are() {
    let broker = on(Host::AzureCli).var("AZURE_TOKEN_CREDENTIALS", "BrokerCredential").azfob(["get", "ApiKey"]);
    broker.has_usage_error(&["AZURE_TOKEN_CREDENTIALS", "authentication broker", "azure-cli"]);
    let store = on(Host::ServicePrincipal)
        .without("AZURE_CLIENT_SECRET")
        .var("AZURE_CLIENT_CERTIFICATE_PATH", "cert:/CurrentUser/My/0123456789ABCDEF0123456789ABCDEF01234567");
    store.azfob(["get", "ApiKey"]).fails(4).shows("certificate store").shows("PEM or PFX");
    let alias = on(Host::AzureCli).azfob(["get", "x", "--vault", "https://my-vault.vaultcore.azure.net"]);
    alias.has_usage_error(&["use https://my-vault.vault.azure.net"]).never_shows("--vault-suffix");
}

/// A claims challenge is passed on to az; azd replays the one that it saved.
#[cfg(unix)]
#[test]
fn sign_in_after_a_claims_challenge_carries_it() {
    let report = Report::of(&on(Host::AzureCli).fault(Fault::Revoked)).exits_with(4).has_cause("session-revoked");
    report.has_command("--claims-challenge 'eyJ");
    // The other tools have the token of the sandbox's az.
    let token = "\"${outer##*:}/az\" account get-access-token --resource https://vault.azure.net | sed -n 's/.*\"accessToken\": *\"\\([^\"]*\\)\".*/\\1/p'";
    let revoked = |credential: &str, program: &str, script: String| {
        let scenario = on(Host::AzureCli).fault(Fault::Revoked).var("AZURE_TOKEN_CREDENTIALS", credential);
        Report::of(&scenario.program(program, &script)).exits_with(4).has_cause("session-revoked").commands(0)
    };
    let azd = format!("printf '{{\"token\":\"%s\"}}' \"$({token})\"");
    let commands = revoked("AzureDeveloperCliCredential", "azd", azd);
    assert_eq!(commands, [format!("azd auth login --tenant-id {}", names::TENANT_ID)]);
    let pwsh = format!("printf 'azfob:token 2030-01-01T00:00:00.0000000+00:00 %s\\n' \"$({token})\"");
    let commands = revoked("AzurePowerShellCredential", "pwsh", pwsh);
    let sign_in = format!("Connect-AzAccount -Tenant {} -ClaimsChallenge '", names::TENANT_ID);
    assert!(commands[0].starts_with(&sign_in), "{commands:?}");
}

/// The states of App Service's references are codes, and are recognized in a log.
#[test]
fn states_of_app_service_references_are_codes() {
    for (state, code) in [
        ("Initialized", "app-reference-initialized"),
        ("Resolved", "app-reference-resolved"),
        ("InvalidSyntax", "app-reference-syntax"),
        ("MSINotEnabled", "app-reference-identity"),
        ("VaultNotFound", "app-reference-vault"),
        ("SecretNotFound", "secret-not-found"),
        ("SecretVersionNotFound", "app-reference-version"),
        ("AccessToKeyVaultDenied", "app-reference-denied"),
        ("OtherReasons", "app-reference-other"),
        ("FetchTimedOut", "app-reference-timed-out"),
        ("UnauthorizedClient", "app-reference-client"),
    ] {
        let app = on(Host::AppService);
        let found = app.azfob(["explain", state, "-o", "json"]).succeeds().json()["findings"][0].clone();
        assert_eq!(found["code"], code, "{state}");
        if code.starts_with("app-reference") {
            let commands = found["commands"].to_string();
            assert!(
                commands.contains("az webapp show --name my-app") && commands.contains("configreferences"),
                "{commands}"
            );
        }
        if ["Initialized", "Resolved"].contains(&state) {
            continue;
        }
        let log = app.work().join("app.log");
        let entry =
            format!(r#"{{"reference":"@Microsoft.KeyVault(VaultName=my-vault;SecretName=db)","status":"{state}"}}"#);
        std::fs::write(&log, entry).unwrap();
        let log = log.to_str().unwrap().to_owned();
        let found = app.azfob(["diagnose", "--log", &log, "-o", "json"]).json()["findings"][0]["code"].clone();
        assert_eq!(found, code, "{state} in a log");
    }
}

/// The token file is missing, empty, or a folder: what changes the cluster is only for the first.
#[test]
fn unusable_token_file_never_changes_the_cluster() {
    let pod = || on(Host::WorkloadIdentity).var("HOSTNAME", "my-pod");
    let missing = Report::of(&pod().var("AZURE_FEDERATED_TOKEN_FILE", "/no/such/file")).exits_with(4);
    missing.has_cause("federated-token-file").has_command("azure.workload.identity/use");
    let scenario = pod();
    let (folder, empty) = (scenario.work(), scenario.work().join("empty"));
    std::fs::write(&empty, "").unwrap();
    for path in [folder, empty] {
        let report = Report::of(&pod().var("AZURE_FEDERATED_TOKEN_FILE", path)).exits_with(4);
        let report = report.has_cause("federated-token-file-unusable").has_command("\"$AZURE_FEDERATED_TOKEN_FILE\"");
        assert!(!report.json["findings"][0]["commands"].to_string().contains("kubectl"));
    }
}

/// An app with two identities is never said to have none.
#[test]
fn app_with_two_identities_is_not_without_one() {
    let report = Report::of(&on(Host::AppService).fault(Fault::MultipleIdentities)).exits_with(3);
    never(&report, &["has no managed identity", "no managed identity on"]);
    let first = report.json["findings"][0].to_string();
    assert!(first.contains("only user-assigned identities and none selected"), "{first}");
}

#[test]
fn alias_with_json_names_the_output_for_a_flat_object() {
    let outcome = on(Host::AzureCli).azfob(["get", "PW=ApiKey", "-o", "json"]);
    outcome.has_usage_error(&["use -o env-json"]);
}

/// The answers of an identity endpoint have the same row live as in a log.
#[test]
fn answers_of_identity_endpoints_have_their_row() {
    let answers = |host, status, body: &str| on(host).rule(Rule::new(IDENTITY, "/", Action::json(status, body)));
    let none = r#"{"statusCode":400,"message":"No User Assigned or Delegated Managed Identity found for specified ClientId/ResourceId/PrincipalId."}"#;
    let resource = r#"{"error":"invalid_resource","error_description":"AADSTS500011: The resource principal named https://vault.azure.net was not found in the tenant."}"#;
    let application = r#"{"error":"unauthorized_client","error_description":"AADSTS700016: Application with identifier 'x' was not found in the directory."}"#;
    let unsupported = r#"{"error":"invalid_request","error_description":"user assigned identity is not supported in this environment"}"#;
    let id = "99999999-0000-1111-2222-333333333333";
    for host in [Host::AppService, Host::Functions, Host::ContainerApps] {
        Report::of(&answers(host, 400, none)).exits_with(3).has_cause("identity-not-selected");
        let asked = answers(host, 400, none).var("AZURE_CLIENT_ID", id);
        Report::of(&asked).exits_with(4).has_cause("identity-not-assigned");
    }
    for host in [Host::AppService, Host::Imds] {
        Report::of(&answers(host, 400, resource)).exits_with(4).has_cause("AADSTS500011");
        Report::of(&answers(host, 400, application)).exits_with(4).has_cause("AADSTS700016");
        let refused = answers(host, 400, unsupported).var("AZURE_CLIENT_ID", id);
        let report = Report::of(&refused).exits_with(4).has_cause("identity-id-not-supported");
        let first = report.json["findings"][0].to_string();
        assert!(first.contains("AZURE_CLIENT_ID") && !first.contains("identity assign"), "{first}");
    }
}

/// A 403 that names the rules of a network security perimeter is about the perimeter and the firewall.
#[test]
fn perimeter_is_named() {
    let body = r#"{"error":{"code":"Forbidden","message":"Request was not allowed by NSP rules and the client address is not authorized and caller was ignored because bypass is set to None\r\nClient address: 203.0.113.7","innererror":{"code":"ForbiddenByFirewall"}}}"#;
    let scenario =
        on(Host::AppService).rule(Rule { authorized: Some(true), ..Rule::new(VAULT, "/", Action::json(403, body)) });
    Report::of(&scenario).exits_with(5).has_cause("forbidden-perimeter");
}

/// Azure Machine Learning's 404, where the compute names the identity that was requested.
#[test]
fn machine_learning_names_the_requested_identity() {
    let answer = Action::reply(404, "InternalError - :{ Info: Request failure status code: 404 }");
    let scenario = on(Host::AzureMl).rule(Rule::new(IDENTITY, "/", answer));
    let id = "99999999-0000-1111-2222-333333333333";
    let report = Report::of(&scenario.var("DEFAULT_IDENTITY_CLIENT_ID", id));
    let first = report.json["findings"][0].to_string();
    assert!(first.contains(id) && !first.contains("not enabled\""), "{first}");
    assert!(first.contains("azure-ml-identity"), "{first}");
}
