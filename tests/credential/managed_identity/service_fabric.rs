//! Service Fabric, with its self-signed certificate.

use super::{has_only_header, only_request, query};
use crate::support::{Action, Host, IDENTITY, Rule, Scenario};

#[test]
fn request_has_header_over_tls() {
    let outcome = Scenario::on(Host::ServiceFabric).azfob(["get", "ApiKey"]).succeeds();
    let request = only_request(&outcome);
    assert_eq!((request.method.as_str(), request.path.as_str()), ("GET", "/metadata/identity/oauth2/token"));
    assert_eq!(query(request), [("api-version", "2019-07-01-preview"), ("resource", "https://vault.azure.net")]);
    has_only_header(request, "secret");
}

#[test]
fn other_certificate_gets_no_header() {
    let other = "AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD";
    let outcome = Scenario::on(Host::ServiceFabric).var("IDENTITY_SERVER_THUMBPRINT", other).azfob(["get", "ApiKey"]);
    let outcome = outcome.fails(4).shows("does not have the certificate in IDENTITY_SERVER_THUMBPRINT");
    assert!(outcome.requests_to(IDENTITY).is_empty());
}

#[test]
fn malformed_thumbprint_failure_names_variable() {
    for value in ["AABB", "not hexadecimal", &"A".repeat(64)] {
        let outcome =
            Scenario::on(Host::ServiceFabric).var("IDENTITY_SERVER_THUMBPRINT", value).azfob(["get", "ApiKey"]);
        outcome.fails(4).shows("IDENTITY_SERVER_THUMBPRINT is malformed: expected the 40 hex digits");
    }
}

#[test]
fn application_without_identity_is_unavailable() {
    let body =
        r#"{"error":{"correlationId":"c","code":"ManagedIdentityNotFound","message":"Managed identity not found"}}"#;
    let rule = Rule::new(IDENTITY, "/", Action::json(404, body));
    let outcome = Scenario::on(Host::ServiceFabric).rule(rule).azfob(["get", "ApiKey"]).fails(3);
    outcome.shows("no managed identity on this Service Fabric application (Managed identity not found)");
}

#[test]
fn refusal_is_quoted() {
    let body = r#"{"error":{"correlationId":"c","code":"SecretHeaderNotFound","message":"Secret is not found"}}"#;
    let rule = Rule::new(IDENTITY, "/", Action::json(400, body));
    let outcome = Scenario::on(Host::ServiceFabric).rule(rule).azfob(["get", "ApiKey"]).fails(4);
    outcome.shows("the identity endpoint of this Service Fabric application answered 400: Secret is not found");
}
