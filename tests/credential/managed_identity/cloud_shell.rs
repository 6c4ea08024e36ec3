//! Cloud Shell.

use super::{has_only_header, only_request, query};
use crate::support::{Action, Host, IDENTITY, Rule, Scenario};

#[test]
fn request_is_a_form() {
    let outcome = Scenario::on(Host::CloudShell).azfob(["get", "ApiKey"]).succeeds();
    let request = only_request(&outcome);
    assert_eq!((request.method.as_str(), request.path.as_str()), ("POST", "/oauth2/token"));
    assert_eq!(query(request), []);
    assert_eq!(request.form, [("resource".to_owned(), "https://vault.azure.net".to_owned())]);
    assert_eq!(request.header("content-type"), Some("application/x-www-form-urlencoded"));
    assert_eq!(request.header("metadata"), Some("true"));
    has_only_header(request, "metadata");
}

#[test]
fn token_is_that_of_the_user() {
    let outcome = Scenario::on(Host::CloudShell).azfob(["whoami", "-o", "json"]).succeeds();
    let whoami = outcome.json();
    assert_eq!(
        (whoami["credential"].as_str(), whoami["identityType"].as_str()),
        (Some("ManagedIdentityCredential"), Some("user"))
    );
}

#[test]
fn unknown_audience_refusal_is_quoted() {
    let body =
        r#"{"error":{"code":"AudienceNotSupported","message":"Audience x isn't a supported MSI token audience."}}"#;
    let rule = Rule::new(IDENTITY, "/", Action::json(400, body));
    let outcome = Scenario::on(Host::CloudShell).rule(rule).azfob(["get", "ApiKey"]).fails(4);
    outcome.shows("answered 400: Audience x isn't a supported MSI token audience.");
}
