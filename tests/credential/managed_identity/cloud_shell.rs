//! Cloud Shell.

use super::{has_alone, only_request, query};
use crate::support::{Action, Host, IDENTITY, Rule, Scenario};

#[test]
fn it_is_asked_by_a_form() {
    let outcome = Scenario::on(Host::CloudShell).azfob(["get", "ApiKey"]).succeeds();
    let request = only_request(&outcome);
    assert_eq!((request.method.as_str(), request.path.as_str()), ("POST", "/oauth2/token"));
    assert_eq!(query(request), []);
    assert_eq!(request.form, [("resource".to_owned(), "https://vault.azure.net".to_owned())]);
    assert_eq!(request.header("content-type"), Some("application/x-www-form-urlencoded"));
    assert_eq!(request.header("metadata"), Some("true"));
    has_alone(request, "metadata");
}

#[test]
fn its_token_is_the_persons() {
    let outcome = Scenario::on(Host::CloudShell).azfob(["whoami", "-o", "json"]).succeeds();
    let whoami = outcome.json();
    assert_eq!(
        (whoami["credential"].as_str(), whoami["identityType"].as_str()),
        (Some("ManagedIdentityCredential"), Some("user"))
    );
}

#[test]
fn an_audience_that_it_does_not_know_is_told_in_its_own_words() {
    let body =
        r#"{"error":{"code":"AudienceNotSupported","message":"Audience x isn't a supported MSI token audience."}}"#;
    let rule = Rule::new(IDENTITY, "/", Action::json(400, body));
    let outcome = Scenario::on(Host::CloudShell).rule(rule).azfob(["get", "ApiKey"]).fails(4);
    outcome.tells("answered 400: Audience x isn't a supported MSI token audience.");
}
