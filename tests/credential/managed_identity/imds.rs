//! The instance metadata service: probed before it gets a request, and distinguished from other servers at its address.

use std::time::Duration;

use crate::support::{Action, Fault, Host, IDENTITY, Rule, Scenario, in_parallel};

#[test]
fn probe_has_no_header_and_request_has_it() {
    let outcome = Scenario::on(Host::Imds).azfob(["get", "ApiKey"]).succeeds();
    let requests = outcome.requests_to(IDENTITY);
    assert_eq!(requests.len(), 2);
    for request in &requests {
        assert_eq!((request.method.as_str(), request.path.as_str()), ("GET", "/metadata/identity/oauth2/token"));
        assert_eq!(request.query.len(), 2);
        assert_eq!(request.parameter("api-version"), Some("2018-02-01"));
        assert_eq!(request.parameter("resource"), Some("https://vault.azure.net"));
    }
    assert_eq!(requests.iter().map(|r| r.header("metadata")).collect::<Vec<_>>(), [None, Some("true")]);
}

#[test]
fn selection_by_name_skips_probe() {
    let outcome = Scenario::on(Host::Imds).azfob(["get", "ApiKey", "--credential", "managed-identity"]).succeeds();
    assert_eq!(outcome.requests_to(IDENTITY).len(), 1);
    let scenario = Scenario::on(Host::Imds).var("AZURE_TOKEN_CREDENTIALS", "ManagedIdentityCredential");
    assert_eq!(scenario.azfob(["get", "ApiKey"]).succeeds().requests_to(IDENTITY).len(), 1);
}

#[test]
fn closed_address_is_unavailable_if_selected() {
    let scenario = Scenario::on(Host::Nothing);
    let outcome = scenario.azfob(["get", "ApiKey", "--credential", "managed-identity"]).fails(3);
    outcome
        .within(Duration::from_secs(5))
        .shows("no instance metadata service (IMDS): 127.0.0.1:1 could not be reached");
}

#[test]
fn other_service_is_unavailable_and_described() {
    let page = "<html><title>Sign in</title></html>";
    for (action, description) in [
        (Action::reply(403, page).header("Server", "nginx"), "status 403, Server 'nginx'"),
        (Action::reply(200, page), "status 200"),
        (Action::reply(302, "").header("Location", "http://127.0.0.1:1/"), "status 302"),
        (Action::json(200, r#"{"hello":"world"}"#), "status 200"),
        (Action::reply(404, "no such page"), "status 404"),
        (Action::reply(502, "bad gateway"), "status 502"),
        (Action::json(403, r#"{"message":"169.254.169.254 is unreachable"}"#), "status 403"),
    ] {
        let scenario = Scenario::on(Host::Imds).rule(Rule::new(IDENTITY, "/", action));
        let outcome = scenario.azfob(["get", "ApiKey"]).fails(3);
        let outcome = outcome
            .shows("error: ManagedIdentityCredential authentication unavailable: ")
            .shows("the IMDS address was answered by another service, not Azure")
            .shows(description);
        assert_eq!(outcome.requests_to(IDENTITY).len(), 1, "no retry: {description}");
    }
}

#[test]
fn non_http_service_is_unavailable() {
    for bytes in [&b"SSH-2.0-OpenSSH_9.9\r\n"[..], b"", b"\0\0\0", b"HTTP/9.9 nonsense\r\n\r\n"] {
        let scenario = Scenario::on(Host::Imds).rule(Rule::new(IDENTITY, "/", Action::Raw(bytes.to_vec())));
        scenario.azfob(["get", "ApiKey", "-v"]).fails(3).shows("no instance metadata service (IMDS): ");
    }
}

#[test]
fn host_without_identity_is_unavailable() {
    let outcome = Scenario::on(Host::Imds).fault(Fault::NoIdentity).azfob(["get", "ApiKey"]).fails(3);
    outcome.shows("error: ManagedIdentityCredential authentication unavailable").shows("Identity not found");
}

#[test]
fn several_identities_without_id_are_unavailable_with_hint() {
    let outcome = Scenario::on(Host::Imds).fault(Fault::MultipleIdentities).azfob(["get", "ApiKey"]).fails(3);
    outcome
        .shows("several user-assigned identities")
        .shows("fix:   Select an identity with --client-id or AZURE_CLIENT_ID");
}

#[test]
fn updating_service_is_retried() {
    in_parallel([404, 410, 429, 500, 503], |status| {
        let busy = Action::json(status, r#"{"error":"unknown","error_description":"Failed to retrieve token"}"#);
        let rule = Rule::new(IDENTITY, "/", busy.header("Retry-After", "0")).skip(1).times(1);
        let outcome = Scenario::on(Host::Imds).rule(rule).azfob(["get", "ApiKey"]).succeeds();
        assert_eq!(outcome.requests_to(IDENTITY).len(), 3, "{status}");
    });
}

#[test]
fn failing_service_is_a_failure_with_its_message() {
    let busy = Action::json(500, r#"{"error":"unknown","error_description":"Failed to retrieve token"}"#);
    let rule = Rule::new(IDENTITY, "/", busy.header("Retry-After", "0")).skip(1);
    let outcome = Scenario::on(Host::Imds).rule(rule).azfob(["get", "ApiKey", "--timeout", "3"]).fails(4);
    outcome
        .shows("answered 500: Failed to retrieve token")
        .shows("The host's managed identity endpoint refused the request or is unavailable");
}

#[test]
fn response_without_token_is_malformed() {
    for body in [r#"{"access_token":""}"#, r#"{"access_token":7}"#, r#"{"access_token":null}"#] {
        let rule = Rule::new(IDENTITY, "/", Action::json(200, body)).skip(1);
        let outcome = Scenario::on(Host::Imds).rule(rule).azfob(["get", "ApiKey"]).fails(4);
        outcome.shows("the response from the metadata service is not JSON with an access_token");
    }
}

#[test]
fn silent_service_is_unreachable() {
    let scenario = Scenario::on(Host::Imds).rule(Rule::new(IDENTITY, "/", Action::Hang).skip(1));
    let outcome = scenario.azfob(["get", "ApiKey", "--timeout", "1"]).fails(7).within(Duration::from_secs(5));
    outcome.shows("no answer from 127.0.0.1:").shows("explain metadata-no-answer");
}
