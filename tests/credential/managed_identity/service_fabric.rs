//! Service Fabric, with its self-signed certificate.

use super::{has_alone, only_request, query};
use crate::support::{Action, Host, IDENTITY, Rule, Scenario};

#[test]
fn it_is_asked_with_its_header_over_tls() {
    let outcome = Scenario::on(Host::ServiceFabric).azfob(["get", "ApiKey"]).succeeds();
    let request = only_request(&outcome);
    assert_eq!((request.method.as_str(), request.path.as_str()), ("GET", "/metadata/identity/oauth2/token"));
    assert_eq!(query(request), [("api-version", "2019-07-01-preview"), ("resource", "https://vault.azure.net")]);
    has_alone(request, "secret");
}

#[test]
fn a_server_with_another_certificate_gets_no_header() {
    let other = "AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD";
    let outcome = Scenario::on(Host::ServiceFabric).var("IDENTITY_SERVER_THUMBPRINT", other).azfob(["get", "ApiKey"]);
    let outcome = outcome.fails(4).tells("does not have the certificate in IDENTITY_SERVER_THUMBPRINT");
    assert!(outcome.requests_to(IDENTITY).is_empty());
}

#[test]
fn a_thumbprint_that_is_none_is_a_failure_that_names_its_variable() {
    for value in ["AABB", "not hexadecimal", &"A".repeat(64)] {
        let outcome =
            Scenario::on(Host::ServiceFabric).var("IDENTITY_SERVER_THUMBPRINT", value).azfob(["get", "ApiKey"]);
        outcome.fails(4).tells("IDENTITY_SERVER_THUMBPRINT is malformed: expected the 40 hex digits");
    }
}

#[test]
fn an_application_without_an_identity_is_unavailable() {
    let body =
        r#"{"error":{"correlationId":"c","code":"ManagedIdentityNotFound","message":"Managed identity not found"}}"#;
    let rule = Rule::new(IDENTITY, "/", Action::json(404, body));
    let outcome = Scenario::on(Host::ServiceFabric).rule(rule).azfob(["get", "ApiKey"]).fails(3);
    outcome.tells("no managed identity on this Service Fabric application (Managed identity not found)");
}

#[test]
fn a_refusal_is_told_in_its_own_words() {
    let body = r#"{"error":{"correlationId":"c","code":"SecretHeaderNotFound","message":"Secret is not found"}}"#;
    let rule = Rule::new(IDENTITY, "/", Action::json(400, body));
    let outcome = Scenario::on(Host::ServiceFabric).rule(rule).azfob(["get", "ApiKey"]).fails(4);
    outcome.tells("the identity endpoint of this Service Fabric application answered 400: Secret is not found");
}
