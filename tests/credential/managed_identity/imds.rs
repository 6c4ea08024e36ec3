//! The instance metadata service: probed before it gets a request, and distinguished from other servers at its address.

use std::time::Duration;

use crate::support::{Action, Fault, Host, IDENTITY, Rule, Scenario, at_once};

#[test]
fn the_service_is_looked_for_without_its_header_and_then_asked_with_it() {
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
fn asked_for_by_name_it_is_not_looked_for_first() {
    let outcome = Scenario::on(Host::Imds).azfob(["get", "ApiKey", "--credential", "managed-identity"]).succeeds();
    assert_eq!(outcome.requests_to(IDENTITY).len(), 1);
    let scenario = Scenario::on(Host::Imds).var("AZURE_TOKEN_CREDENTIALS", "ManagedIdentityCredential");
    assert_eq!(scenario.azfob(["get", "ApiKey"]).succeeds().requests_to(IDENTITY).len(), 1);
}

#[test]
fn a_closed_address_is_unavailable_even_by_name() {
    let scenario = Scenario::on(Host::Nothing);
    let outcome = scenario.azfob(["get", "ApiKey", "--credential", "managed-identity"]).fails(3);
    outcome.within(Duration::from_secs(5)).tells("no instance metadata service (IMDS): 127.0.0.1 could not be reached");
}

#[test]
fn what_is_not_the_service_is_unavailable_and_described() {
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
        let outcome = scenario.azfob(["get", "ApiKey"]).fails(3).tells("CredentialUnavailableError");
        let outcome = outcome.tells("the IMDS address was answered by another service, not Azure").tells(description);
        assert_eq!(outcome.requests_to(IDENTITY).len(), 1, "it is not asked again: {description}");
    }
}

#[test]
fn what_does_not_speak_http_is_unavailable() {
    for bytes in [&b"SSH-2.0-OpenSSH_9.9\r\n"[..], b"", b"\0\0\0", b"HTTP/9.9 nonsense\r\n\r\n"] {
        let scenario = Scenario::on(Host::Imds).rule(Rule::new(IDENTITY, "/", Action::Raw(bytes.to_vec())));
        scenario.azfob(["get", "ApiKey"]).fails(3).tells("no instance metadata service (IMDS): ");
    }
}

#[test]
fn a_host_without_an_identity_is_unavailable() {
    let outcome = Scenario::on(Host::Imds).fault(Fault::NoIdentity).azfob(["get", "ApiKey"]).fails(3);
    outcome.tells("error: ManagedIdentityCredential authentication unavailable").tells("Identity not found");
}

#[test]
fn several_identities_and_none_named_is_unavailable_and_says_how_to_name_one() {
    let outcome = Scenario::on(Host::Imds).fault(Fault::MultipleIdentities).azfob(["get", "ApiKey"]).fails(3);
    outcome
        .tells("several user-assigned identities")
        .tells("fix:   Select an identity with --client-id or AZURE_CLIENT_ID");
}

#[test]
fn a_service_that_is_being_updated_is_waited_for() {
    at_once([404, 410, 429, 500, 503], |status| {
        let busy = Action::json(status, r#"{"error":"unknown","error_description":"Failed to retrieve token"}"#);
        let rule = Rule::new(IDENTITY, "/", busy.header("Retry-After", "0")).skip(1).times(1);
        let outcome = Scenario::on(Host::Imds).rule(rule).azfob(["get", "ApiKey"]).succeeds();
        assert_eq!(outcome.requests_to(IDENTITY).len(), 3, "{status}");
    });
}

#[test]
fn a_service_that_stays_in_trouble_is_a_failure_with_its_words() {
    let busy = Action::json(500, r#"{"error":"unknown","error_description":"Failed to retrieve token"}"#);
    let rule = Rule::new(IDENTITY, "/", busy.header("Retry-After", "0")).skip(1);
    let outcome = Scenario::on(Host::Imds).rule(rule).azfob(["get", "ApiKey", "--timeout", "3"]).fails(4);
    outcome
        .tells("answered 500: Failed to retrieve token")
        .tells("The host's managed identity endpoint refused the request or is unavailable");
}

#[test]
fn an_answer_without_a_token_is_malformed() {
    for body in [r#"{"access_token":""}"#, r#"{"access_token":7}"#, r#"{"access_token":null}"#] {
        let rule = Rule::new(IDENTITY, "/", Action::json(200, body)).skip(1);
        let outcome = Scenario::on(Host::Imds).rule(rule).azfob(["get", "ApiKey"]).fails(4);
        outcome.tells("the response from the metadata service is not JSON with an access_token");
    }
}

#[test]
fn a_service_that_falls_silent_is_out_of_reach() {
    let scenario = Scenario::on(Host::Imds).rule(Rule::new(IDENTITY, "/", Action::Hang).skip(1));
    let outcome = scenario.azfob(["get", "ApiKey", "--timeout", "1"]).fails(7).within(Duration::from_secs(5));
    outcome.tells("ManagedIdentityCredential: no answer from 127.0.0.1 within");
}
