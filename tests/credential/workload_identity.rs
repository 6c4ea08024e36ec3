//! WorkloadIdentityCredential with a federated token file: its request, and every problem with the file.

mod ci_jobs;
mod identity_binding;
mod runners;

use std::fs;
use std::process::Stdio;
use std::time::Duration;

use crate::support::{Action, Fault, Host, LOGIN, Outcome, Rule, Scenario, names};

const FILE: &str = "AZURE_FEDERATED_TOKEN_FILE";

#[test]
fn assertion_is_posted_as_form() {
    let outcome = Scenario::on(Host::WorkloadIdentity).azfob(["get", "ApiKey"]).succeeds();
    let request = outcome.requests_to(LOGIN)[0];
    assert_eq!((request.method.as_str(), request.query.len()), ("POST", 0));
    assert_eq!(request.path, format!("/{}/oauth2/v2.0/token", names::TENANT_ID));
    let mut fields: Vec<_> = request.form.iter().map(|(name, _)| name.as_str()).collect();
    fields.sort_unstable();
    assert_eq!(fields, ["client_assertion", "client_assertion_type", "client_id", "grant_type", "scope"]);
    assert_eq!(request.field("client_id"), Some(names::USER_ASSIGNED_CLIENT_ID));
    let kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
    assert_eq!(request.field("client_assertion_type"), Some(kind));
    assert_eq!(request.field("scope"), Some("https://vault.azure.net/.default"));
}

#[test]
fn whitespace_around_assertion_is_ignored() {
    let scenario = Scenario::on(Host::WorkloadIdentity);
    let sandbox = scenario.sandbox();
    let (_, file) = sandbox.variables().iter().find(|(name, _)| name == FILE).expect("the file is named");
    let text = fs::read_to_string(file).unwrap();
    fs::write(file, format!("\n {text}\r\n")).unwrap();
    scenario.azfob_in(&sandbox, ["get", "ApiKey"], Stdio::piped()).succeeds();
}

#[test]
fn missing_and_set_variables_are_named() {
    let scenario = Scenario::on(Host::WorkloadIdentity).without("AZURE_CLIENT_ID");
    let outcome = scenario.azfob(["get", "ApiKey"]).fails(3);
    outcome.shows("AZURE_FEDERATED_TOKEN_FILE and AZURE_TENANT_ID are set; AZURE_CLIENT_ID is not set");
}

#[test]
fn client_id_option_overrides_variable() {
    let other = "99999999-0000-1111-2222-333333333333";
    let client = |outcome: &Outcome| outcome.requests_to(LOGIN)[0].field("client_id").map(str::to_owned);
    let named = Scenario::on(Host::WorkloadIdentity).azfob(["get", "ApiKey", "--client-id", other]);
    assert_eq!(client(&named).as_deref(), Some(other));
    // Without a variable the option is enough.
    let requested = ["get", "ApiKey", "--client-id", names::USER_ASSIGNED_CLIENT_ID];
    let isolated = Scenario::on(Host::WorkloadIdentity).without("AZURE_CLIENT_ID").azfob(requested).succeeds();
    assert_eq!(client(&isolated).as_deref(), Some(names::USER_ASSIGNED_CLIENT_ID));
}

#[test]
fn id_that_names_no_application_stops_chain() {
    for (option, id, kind) in [
        ("--object-id", names::USER_ASSIGNED_OBJECT_ID, "object ID"),
        ("--resource-id", names::USER_ASSIGNED_RESOURCE_ID, "resource ID"),
    ] {
        let outcome = Scenario::on(Host::WorkloadIdentity).azfob(["get", "ApiKey", option, id]).fails(4);
        assert_eq!(outcome.requests_to(LOGIN).len(), 0);
        outcome.shows("cause: Workload identity federation requires a client ID").shows(&format!(
            "error: WorkloadIdentityCredential authentication failed: this workload cannot select an identity by {kind} (from {option}); it accepts the client ID of its application (--client-id)"
        ));
    }
}

#[test]
fn unusable_token_file_is_a_failure_with_reason() {
    let scenario = || Scenario::on(Host::WorkloadIdentity);
    let write = |scenario: &Scenario, name: &str, text: &[u8]| {
        let path = scenario.home().join(name);
        fs::write(&path, text).unwrap();
        path
    };
    let cases: [(&str, Option<&[u8]>, &str); 4] = [
        ("missing", None, "cannot be read: entity not found"),
        ("empty", Some(b" \n"), "is empty"),
        ("large", Some(&[b'a'; 70_000]), "is larger than 65536 bytes"),
        ("binary", Some(&[0xff, 0xfe, 0]), "cannot be read"),
    ];
    for (name, text, expected) in cases {
        let scenario = scenario();
        let path = text.map_or_else(|| scenario.home().join(name), |text| write(&scenario, name, text));
        let outcome = scenario.var(FILE, path).azfob(["get", "ApiKey"]).fails(4);
        let outcome = outcome.shows(&format!("{FILE} names ")).shows(expected);
        assert_eq!(outcome.requests_to(LOGIN).len(), 0);
    }
}

#[test]
fn refused_assertion_claims_are_shown() {
    let scenario = Scenario::on(Host::WorkloadIdentity).fault(Fault::ExpiredAssertion);
    let outcome = scenario.azfob(["get", "ApiKey"]).fails(4).shows("WorkloadIdentityCredential: AADSTS700024");
    let outcome = outcome.shows(&format!("assertion issuer: {}", names::FEDERATED_ISSUER));
    let outcome = outcome.shows(&format!("assertion subject: {}", names::FEDERATED_SUBJECT));
    outcome.shows(&format!("assertion audience: {}", names::FEDERATED_AUDIENCE)).shows("assertion expires: 20");
}

#[test]
fn malformed_assertion_is_not_shown() {
    let scenario = Scenario::on(Host::WorkloadIdentity);
    let path = scenario.home().join("token");
    fs::write(&path, "not-a-token-but-perhaps-a-password").unwrap();
    let outcome = scenario.var(FILE, path).azfob(["get", "ApiKey", "-v"]).fails(4);
    outcome.shows("AADSTS50027").never_shows("perhaps-a-password");
}

#[test]
fn response_without_token_is_malformed() {
    let scenario = Scenario::on(Host::WorkloadIdentity).rule(Rule::new(LOGIN, "/", Action::json(200, "[]")));
    scenario.azfob(["get", "ApiKey"]).fails(4).shows("the response from Entra ID is not JSON with an access_token");
}

#[test]
fn silent_authority_is_unreachable() {
    let scenario = Scenario::on(Host::WorkloadIdentity).rule(Rule::new(LOGIN, "/", Action::Hang));
    let outcome = scenario.azfob(["get", "ApiKey", "--timeout", "1"]).fails(7).within(Duration::from_secs(5));
    outcome.shows("WorkloadIdentityCredential: no answer from login.microsoftonline.com");
}
