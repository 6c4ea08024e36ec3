//! The tokens of CI jobs: the exact request to each runner's service, and each of its refusals.

use azfob::testing::sandbox::EmulatedCloud;

use crate::support::{Action, Fault, Host, LOGIN, Outcome, Recorded, Rule, Scenario, in_parallel, names};

const RUNNERS: [(Host, &str); 2] =
    [(Host::GithubActions, names::GITHUB_RUNNER_HOST), (Host::AzurePipelines, names::AZURE_DEVOPS_HOST)];

fn only_request_to<'a>(outcome: &'a Outcome, host: &str) -> &'a Recorded {
    let requests = outcome.requests_to(host);
    assert_eq!(requests.len(), 1, "{requests:?}");
    requests[0]
}

#[test]
fn assertion_of_each_runner_is_exchanged() {
    for host in [Host::WorkloadIdentity, Host::GithubActions, Host::AzurePipelines] {
        let outcome = Scenario::on(host).azfob(["get", "ApiKey"]).succeeds();
        let request = only_request_to(&outcome, LOGIN);
        assert_eq!(request.path, format!("/{}/oauth2/v2.0/token", names::TENANT_ID));
        let fields: Vec<_> = request.form.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(fields, ["client_id", "client_assertion", "client_assertion_type", "grant_type", "scope"], "{host}");
        assert_eq!(request.field("client_id"), Some(names::USER_ASSIGNED_CLIENT_ID));
        assert_eq!(request.field("grant_type"), Some("client_credentials"));
        assert_eq!(request.field("scope"), Some("https://vault.azure.net/.default"));
        let whoami = Scenario::on(host).azfob(["whoami", "-o", "json"]).succeeds().json();
        assert_eq!(whoami["credential"], "WorkloadIdentityCredential", "{host}");
    }
}

#[test]
fn github_request_names_audience_of_cloud() {
    let outcome = Scenario::on(Host::GithubActions).azfob(["get", "ApiKey"]).succeeds();
    let request = only_request_to(&outcome, names::GITHUB_RUNNER_HOST);
    assert_eq!((request.method.as_str(), request.path.as_str()), ("GET", "/abc//idtoken/def/ghi"));
    let query: Vec<_> = request.query.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    assert_eq!(query, [("api-version", "2.0"), ("audience", "api://AzureADTokenExchange")]);
    assert!(request.header("authorization").is_some_and(|value| value.starts_with("Bearer ")));
    assert_eq!(request.header("accept"), Some("application/json"));
}

#[test]
fn audience_follows_cloud() {
    for (cloud, audience) in [
        (EmulatedCloud::UsGovernment, "api://AzureADTokenExchangeUSGov"),
        (EmulatedCloud::China, "api://AzureADTokenExchangeChina"),
    ] {
        let scenario = Scenario::on(Host::GithubActions).plan(|mut plan| {
            plan.cloud = cloud;
            plan
        });
        let outcome = scenario.azfob(["get", "ApiKey"]).succeeds();
        let request = only_request_to(&outcome, names::GITHUB_RUNNER_HOST);
        assert_eq!(request.parameter("audience"), Some(audience));
        assert_eq!(outcome.requests_to(cloud.authorities()[0]).len(), 1);
    }
}

#[test]
fn azure_pipelines_request_names_service_connection() {
    let outcome = Scenario::on(Host::AzurePipelines).azfob(["get", "ApiKey"]).succeeds();
    let request = only_request_to(&outcome, names::AZURE_DEVOPS_HOST);
    assert_eq!(request.method, "POST");
    assert!(request.path.starts_with("/contoso/") && request.path.ends_with("/oidctoken"), "{}", request.path);
    let query: Vec<_> = request.query.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    assert_eq!(query, [("api-version", "7.1"), ("serviceConnectionId", names::SERVICE_CONNECTION_ID)]);
    assert_eq!(request.header("x-tfs-fedauthredirect"), Some("Suppress"));
    assert_eq!(request.header("content-type"), Some("application/json"));
    assert!(request.header("authorization").is_some_and(|value| value.starts_with("Bearer ")));
    assert!(request.body.is_empty());
}

#[test]
fn job_without_permission_is_unavailable_with_hint() {
    let github = Scenario::on(Host::GithubActions).fault(Fault::NoIdentity).azfob(["get", "ApiKey"]).fails(3);
    github.shows(
        "AZURE_TENANT_ID and AZURE_CLIENT_ID are set; ACTIONS_ID_TOKEN_REQUEST_URL and \
         ACTIONS_ID_TOKEN_REQUEST_TOKEN are not set: the job needs 'permissions: id-token: write'",
    );
    let pipelines = Scenario::on(Host::AzurePipelines).fault(Fault::NoIdentity).azfob(["get", "ApiKey"]).fails(3);
    pipelines.shows("SYSTEM_ACCESSTOKEN is not set: the step needs 'env: SYSTEM_ACCESSTOKEN: $(System.AccessToken)'");
}

#[test]
fn runner_gets_no_request_without_ids() {
    for (host, client) in
        [(Host::GithubActions, "AZURE_CLIENT_ID"), (Host::AzurePipelines, "AZURESUBSCRIPTION_CLIENT_ID")]
    {
        let outcome = Scenario::on(host).without(client).azfob(["get", "ApiKey"]).fails(3);
        assert!(!outcome.tunnels.iter().any(|tunnel| RUNNERS.iter().any(|(_, runner)| runner == tunnel)));
        outcome.shows(&format!("{client} is not set"));
    }
}

#[test]
fn refused_assertion_is_described_and_not_shown() {
    for (host, issuer, subject) in [
        (Host::WorkloadIdentity, names::FEDERATED_ISSUER, names::FEDERATED_SUBJECT),
        (Host::GithubActions, names::GITHUB_ISSUER, names::GITHUB_SUBJECT),
        (Host::AzurePipelines, names::AZURE_PIPELINES_ISSUER, names::AZURE_PIPELINES_SUBJECT),
    ] {
        let outcome = Scenario::on(host).fault(Fault::ExpiredAssertion).azfob(["get", "ApiKey"]).fails(4);
        let outcome = outcome.shows("WorkloadIdentityCredential: AADSTS700024").shows(issuer).shows(subject);
        outcome.shows("api://AzureADTokenExchange").shows("assertion expires: 20");
    }
    for code in [70021, 700_213] {
        let body = format!(
            r#"{{"error":"invalid_client","error_description":"AADSTS{code}: No matching federated identity record found","error_codes":[{code}]}}"#
        );
        let rule = Rule::new(LOGIN, "/", Action::json(401, body));
        let outcome = Scenario::on(Host::GithubActions).rule(rule).azfob(["get", "ApiKey"]).fails(4);
        outcome.shows(&format!("AADSTS{code}")).shows(names::GITHUB_SUBJECT).shows(names::GITHUB_ISSUER);
    }
}

#[test]
fn runner_refusal_stops_chain() {
    for (host, runner) in RUNNERS {
        let rule = Rule::new(runner, "/", Action::json(403, r#"{"message":"not today"}"#));
        let outcome = Scenario::on(host).rule(rule).azfob(["get", "ApiKey"]).fails(4);
        assert!(outcome.requests_to(LOGIN).is_empty());
        outcome.shows("issued no token for this job: status 403, not today");
    }
}

#[test]
fn malformed_runner_response_is_a_failure() {
    for (host, runner) in RUNNERS {
        for body in ["{}", "<html>", r#"{"value":""}"#, r#"{"oidcToken":null}"#] {
            let outcome = Scenario::on(host)
                .rule(Rule::new(runner, "/", Action::json(200, body)))
                .azfob(["get", "ApiKey"])
                .fails(4);
            outcome.shows("is not JSON with the job's token");
        }
    }
}

#[test]
fn silent_runner_ends_at_time_limit() {
    in_parallel(RUNNERS, |(host, runner)| {
        let scenario = Scenario::on(host).rule(Rule::new(runner, "/", Action::Hang));
        let outcome = scenario.azfob(["get", "ApiKey", "--timeout", "1"]);
        outcome.fails(7).shows(&format!("no answer from {runner} within"));
    });
}

#[test]
fn runner_gets_requests_only_over_https() {
    for (host, variable) in
        [(Host::GithubActions, "ACTIONS_ID_TOKEN_REQUEST_URL"), (Host::AzurePipelines, "SYSTEM_OIDCREQUESTURI")]
    {
        let outcome =
            Scenario::on(host).var(variable, "http://127.0.0.1:1/token?x=y").azfob(["get", "ApiKey"]).fails(4);
        outcome.shows(&format!("{variable} is malformed: expected an https:// URL"));
    }
}

#[test]
fn token_file_precedes_runner() {
    let scenario = Scenario::on(Host::GithubActions);
    let file = scenario.work().join("token");
    std::fs::write(&file, "").unwrap();
    let outcome = scenario.var("AZURE_FEDERATED_TOKEN_FILE", file).azfob(["get", "ApiKey"]).fails(4);
    assert!(!outcome.tunnels.iter().any(|tunnel| tunnel == names::GITHUB_RUNNER_HOST));
    outcome.shows("AZURE_FEDERATED_TOKEN_FILE names ").shows("which is empty");
}

#[test]
fn workload_client_id_is_no_incomplete_service_principal() {
    let outcome = Scenario::on(Host::WorkloadIdentity).without("AZURE_TENANT_ID").azfob(["get", "ApiKey", "-v"]);
    outcome.shows("with AZURE_FEDERATED_TOKEN_FILE it selects a workload identity");
}
