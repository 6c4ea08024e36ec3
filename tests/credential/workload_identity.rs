//! WorkloadIdentityCredential with a federated token file: its request, and every problem with the file.

mod runners;

use std::fs;
use std::process::Stdio;
use std::time::Duration;

use crate::support::{Action, Fault, Host, LOGIN, Outcome, Rule, Scenario, names};

const FILE: &str = "AZURE_FEDERATED_TOKEN_FILE";

#[test]
fn the_assertion_is_posted_as_a_form() {
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
fn blanks_around_the_assertion_do_not_matter() {
    let scenario = Scenario::on(Host::WorkloadIdentity);
    let sandbox = scenario.sandbox();
    let (_, file) = sandbox.variables().iter().find(|(name, _)| name == FILE).expect("the file is named");
    let text = fs::read_to_string(file).unwrap();
    fs::write(file, format!("\n {text}\r\n")).unwrap();
    scenario.azfob_in(&sandbox, ["get", "ApiKey"], Stdio::piped()).succeeds();
}

#[test]
fn what_is_missing_is_named_beside_what_is_set() {
    let scenario = Scenario::on(Host::WorkloadIdentity).without("AZURE_CLIENT_ID");
    let outcome = scenario.azfob(["get", "ApiKey"]).fails(3);
    outcome.tells("AZURE_FEDERATED_TOKEN_FILE and AZURE_TENANT_ID are set; AZURE_CLIENT_ID is not set");
}

#[test]
fn the_application_that_is_named_comes_before_the_variable() {
    let other = "99999999-0000-1111-2222-333333333333";
    let client = |outcome: &Outcome| outcome.requests_to(LOGIN)[0].field("client_id").map(str::to_owned);
    let named = Scenario::on(Host::WorkloadIdentity).azfob(["get", "ApiKey", "--client-id", other]);
    assert_eq!(client(&named).as_deref(), Some(other));
    // Without a variable the option is enough.
    let asked = ["get", "ApiKey", "--client-id", names::USER_ASSIGNED_CLIENT_ID];
    let alone = Scenario::on(Host::WorkloadIdentity).without("AZURE_CLIENT_ID").azfob(asked).succeeds();
    assert_eq!(client(&alone).as_deref(), Some(names::USER_ASSIGNED_CLIENT_ID));
}

#[test]
fn an_id_that_names_no_application_is_a_failure_and_nobody_else_signs_in() {
    for (option, id, kind) in [
        ("--object-id", names::USER_ASSIGNED_OBJECT_ID, "object ID"),
        ("--resource-id", names::USER_ASSIGNED_RESOURCE_ID, "resource ID"),
    ] {
        let outcome = Scenario::on(Host::WorkloadIdentity).azfob(["get", "ApiKey", option, id]).fails(4);
        assert_eq!(outcome.requests_to(LOGIN).len(), 0);
        outcome.tells("cause: Workload identity federation requires a client ID").tells(&format!(
            "error: WorkloadIdentityCredential authentication failed: this workload cannot select an identity by {kind}; it accepts the client ID of its application (--client-id)"
        ));
    }
}

#[test]
fn a_file_that_cannot_be_used_is_a_failure_that_says_why() {
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
        let outcome = outcome.tells(&format!("{FILE} names ")).tells(expected);
        assert_eq!(outcome.requests_to(LOGIN).len(), 0);
    }
}

#[test]
fn a_refused_assertion_is_laid_open_beside_the_refusal() {
    let scenario = Scenario::on(Host::WorkloadIdentity).fault(Fault::ExpiredAssertion);
    let outcome = scenario.azfob(["get", "ApiKey"]).fails(4).tells("WorkloadIdentityCredential: AADSTS700024");
    let outcome = outcome.tells(&format!("assertion issuer: {}", names::FEDERATED_ISSUER));
    let outcome = outcome.tells(&format!("assertion subject: {}", names::FEDERATED_SUBJECT));
    outcome.tells(&format!("assertion audience: {}", names::FEDERATED_AUDIENCE)).tells("assertion expires: 20");
}

#[test]
fn what_is_no_assertion_is_refused_without_being_shown() {
    let scenario = Scenario::on(Host::WorkloadIdentity);
    let path = scenario.home().join("token");
    fs::write(&path, "not-a-token-but-perhaps-a-password").unwrap();
    let outcome = scenario.var(FILE, path).azfob(["get", "ApiKey", "-v"]).fails(4);
    outcome.tells("AADSTS50027").never_tells("perhaps-a-password");
}

#[test]
fn an_answer_without_a_token_is_malformed() {
    let scenario = Scenario::on(Host::WorkloadIdentity).rule(Rule::new(LOGIN, "/", Action::json(200, "[]")));
    scenario.azfob(["get", "ApiKey"]).fails(4).tells("the response from Entra ID is not JSON with an access_token");
}

#[test]
fn an_authority_that_never_answers_is_out_of_reach() {
    let scenario = Scenario::on(Host::WorkloadIdentity).rule(Rule::new(LOGIN, "/", Action::Hang));
    let outcome = scenario.azfob(["get", "ApiKey", "--timeout", "1"]).fails(7).within(Duration::from_secs(5));
    outcome.tells("WorkloadIdentityCredential: no answer from login.microsoftonline.com");
}
