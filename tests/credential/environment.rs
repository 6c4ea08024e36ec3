//! EnvironmentCredential with a client secret: its token request, and every refusal of Entra ID.

mod certificate;
mod password;

use std::time::Duration;

use crate::support::{Action, Fault, Host, LOGIN, Rule, Scenario, names};

#[test]
fn client_secret_is_sent_only_in_form() {
    let outcome = Scenario::on(Host::ServicePrincipal).azfob(["get", "ApiKey"]).succeeds();
    let requests = outcome.requests_to(LOGIN);
    let request = requests[0];
    assert_eq!(requests.len(), 1);
    assert_eq!(request.method, "POST");
    assert_eq!(request.path, format!("/{}/oauth2/v2.0/token", names::TENANT_ID));
    assert_eq!(request.query, []);
    assert_eq!(request.header("content-type"), Some("application/x-www-form-urlencoded"));
    assert_eq!(request.header("authorization"), None);
    let mut fields: Vec<_> = request.form.iter().map(|(name, _)| name.as_str()).collect();
    fields.sort_unstable();
    assert_eq!(fields, ["client_id", "client_secret", "grant_type", "scope"]);
    assert_eq!(request.field("client_id"), Some(names::SERVICE_PRINCIPAL_CLIENT_ID));
    assert_eq!(request.field("grant_type"), Some("client_credentials"));
    assert_eq!(request.field("scope"), Some("https://vault.azure.net/.default"));
}

#[test]
fn tenant_option_overrides_variable() {
    let scenario = Scenario::on(Host::ServicePrincipal).var("AZURE_TENANT_ID", "other.example");
    let outcome = scenario.azfob(["get", "ApiKey", "--tenant", names::TENANT_ID]).succeeds();
    assert!(outcome.requests_to(LOGIN)[0].path.starts_with(&format!("/{}/", names::TENANT_ID)));
}

#[test]
fn missing_and_set_variables_are_named() {
    let scenario = Scenario::on(Host::ServicePrincipal).without("AZURE_TENANT_ID");
    let outcome = scenario.azfob(["get", "ApiKey"]).fails(3);
    outcome.shows("AZURE_CLIENT_ID and AZURE_CLIENT_SECRET are set; AZURE_TENANT_ID is not set");
    let scenario = Scenario::on(Host::ServicePrincipal).var("AZURE_CLIENT_ID", "");
    let outcome = scenario.azfob(["get", "ApiKey"]).fails(3);
    outcome.shows("AZURE_TENANT_ID and AZURE_CLIENT_SECRET are set; AZURE_CLIENT_ID is not set");
}

#[test]
fn refusal_shows_code() {
    let outcome = Scenario::on(Host::ServicePrincipal).fault(Fault::WrongSecret).azfob(["get", "ApiKey"]).fails(4);
    let outcome = outcome.shows("EnvironmentCredential: AADSTS7000215: Invalid client secret provided");
    let outcome = outcome.shows("cause: Invalid client secret").shows("trace ID ");
    assert_eq!(outcome.requests_to(LOGIN).len(), 1, "no retry after a refusal");
}

#[test]
fn unknown_tenant_is_a_refusal() {
    let scenario = Scenario::on(Host::ServicePrincipal).var("AZURE_TENANT_ID", "other.example");
    scenario.azfob(["get", "ApiKey"]).fails(4).shows("AADSTS90002: Tenant 'other.example' not found");
}

#[test]
fn response_without_token_is_malformed() {
    for body in ["", "{}", "Sign in to the hotel's network", r#"{"access_token":""}"#, r#"{"access_token":1}"#] {
        let scenario = Scenario::on(Host::ServicePrincipal).rule(Rule::new(LOGIN, "/", Action::reply(200, body)));
        let outcome = scenario.azfob(["get", "ApiKey"]).fails(4);
        outcome.shows("the response from Entra ID is not JSON with an access_token");
    }
}

#[test]
fn non_json_refusal_shows_status() {
    let rule = Rule::new(LOGIN, "/", Action::reply(400, "Bad Request (oops)"));
    let outcome = Scenario::on(Host::ServicePrincipal).rule(rule).azfob(["get", "ApiKey"]).fails(4);
    outcome.shows("EnvironmentCredential: Entra ID answered 400").never_shows("oops").never_shows("()");
}

#[test]
fn transient_entra_failure_is_retried() {
    let busy = Action::reply(503, "");
    let scenario = Scenario::on(Host::ServicePrincipal).rule(Rule::new(LOGIN, "/", busy).times(1));
    let outcome = scenario.azfob(["get", "ApiKey"]).succeeds();
    assert_eq!(outcome.requests_to(LOGIN).len(), 2);
}

#[test]
fn silent_authority_is_unreachable() {
    let scenario = Scenario::on(Host::ServicePrincipal).rule(Rule::new(LOGIN, "/", Action::Hang));
    let outcome = scenario.azfob(["get", "ApiKey", "--timeout", "1"]).fails(7).within(Duration::from_secs(5));
    outcome.shows("EnvironmentCredential: no answer from login.microsoftonline.com within ");
}

#[test]
fn vault_tenant_is_used_only_if_allowed() {
    let scenario = Scenario::on(Host::ServicePrincipal).fault(Fault::Guest);
    for allowed in [names::OTHER_TENANT_ID, &names::OTHER_TENANT_ID.to_uppercase(), "*", "x; *"] {
        let scenario = Scenario::on(Host::ServicePrincipal).fault(Fault::Guest);
        let outcome = scenario.var("AZURE_ADDITIONALLY_ALLOWED_TENANTS", allowed).azfob(["get", "ApiKey"]).succeeds();
        assert!(outcome.requests_to(LOGIN)[0].path.starts_with(&format!("/{}/", names::OTHER_TENANT_ID)));
    }
    scenario.azfob(["get", "ApiKey"]).fails(4).shows("401 Unauthorized (AKV10032: Invalid issuer)");
    let scenario = scenario.var("AZURE_ADDITIONALLY_ALLOWED_TENANTS", "elsewhere.example");
    let outcome = scenario.azfob(["get", "ApiKey"]).fails(4).shows("not configured to acquire tokens for tenant");
    assert_eq!(outcome.requests_to(LOGIN).len(), 0);
}

#[test]
fn refusal_ids_are_shown_only_with_verbose() {
    let scenario = Scenario::on(Host::ServicePrincipal).fault(Fault::WrongSecret);
    let outcome = scenario.azfob(["get", "ApiKey"]).fails(4);
    assert!(!outcome.stderr.contains("Correlation ID"), "{}", outcome.stderr);
    let outcome = scenario.azfob(["get", "ApiKey", "-v"]).fails(4);
    assert_eq!(outcome.stderr.matches("Correlation ID: ").count(), 1, "{}", outcome.stderr);
}
