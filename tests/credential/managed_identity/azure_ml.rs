//! Azure Machine Learning, and the App Service protocol of 2017.

use super::{has_alone, only_request, query};
use crate::support::{Action, Fault, Host, IDENTITY, Rule, Scenario, names};

#[test]
fn it_is_asked_for_the_identity_that_the_compute_names() {
    let outcome = Scenario::on(Host::AzureMl).azfob(["get", "ApiKey"]).succeeds();
    let request = only_request(&outcome);
    assert_eq!((request.method.as_str(), request.path.as_str()), ("GET", "/MSI/auth"));
    assert_eq!(
        query(request),
        [
            ("api-version", "2017-09-01"),
            ("resource", "https://vault.azure.net"),
            ("clientid", names::USER_ASSIGNED_CLIENT_ID)
        ]
    );
    has_alone(request, "secret");
}

#[test]
fn where_the_compute_names_none_no_id_is_sent() {
    let outcome = Scenario::on(Host::AzureMl).without("DEFAULT_IDENTITY_CLIENT_ID").azfob(["get", "ApiKey"]).succeeds();
    assert_eq!(query(only_request(&outcome)), [("api-version", "2017-09-01"), ("resource", "https://vault.azure.net")]);
}

#[test]
fn an_expiry_in_the_form_of_the_us_is_read_too() {
    let body = r#"{"access_token":"e30.e30.e30","expires_on":"11/26/2099 9:43:03 PM +00:00","token_type":"Bearer"}"#;
    let scenario = Scenario::on(Host::AzureMl).rule(Rule::new(IDENTITY, "/", Action::json(200, body)));
    let whoami = scenario.azfob(["whoami", "-o", "json"]).succeeds().json();
    assert_eq!(whoami["expiresOn"], "2099-11-26T21:43:03+00:00");
}

#[test]
fn a_function_app_of_2017_is_called_what_it_is() {
    let rule = Rule::new(IDENTITY, "/", Action::json(403, r#"{"statusCode":403,"message":"no"}"#));
    let scenario = Scenario::on(Host::AzureMl).var("WEBSITE_SITE_NAME", "f").var("FUNCTIONS_WORKER_RUNTIME", "node");
    scenario
        .rule(rule)
        .azfob(["get", "ApiKey"])
        .fails(4)
        .tells("the identity endpoint of this function app answered 403: no");
}

#[test]
fn an_identity_that_the_compute_does_not_have_is_told_in_its_own_plain_words() {
    let id = "99999999-0000-1111-2222-333333333333";
    let outcome = Scenario::on(Host::AzureMl).azfob(["get", "ApiKey", "--client-id", id]).fails(4);
    outcome.tells(id).tells("InternalError - :{ Info: Request failure status code: 404 }");
    // No identity was requested: this job has none, and the chain continues.
    let rule =
        Rule::new(IDENTITY, "/", Action::reply(404, "InternalError - :{ Info: Request failure status code: 404 }"));
    let outcome = Scenario::on(Host::AzureMl).rule(rule).azfob(["get", "ApiKey"]).fails(3);
    outcome
        .tells("no managed identity on this Azure Machine Learning compute")
        .tells("Request failure status code: 404");
}

#[test]
fn a_single_sign_on_that_is_gone_is_told_in_its_own_words() {
    let outcome = Scenario::on(Host::AzureMl).fault(Fault::ExpiredLogin).azfob(["get", "ApiKey"]).fails(4);
    let outcome = outcome.tells("SSO failure: unable to retrieve a token. Error Token service my-vm. Token not found");
    outcome.tells("cause: The user's single sign-on (SSO) at the compute instance is no longer valid");
}

#[test]
fn a_compute_whose_identity_is_not_enabled_is_no_malformed_setting() {
    let outcome = Scenario::on(Host::AzureMl).fault(Fault::NoIdentity).azfob(["get", "ApiKey"]).fails(3);
    assert!(outcome.requests_to(IDENTITY).is_empty());
    outcome
        .tells("no managed identity on this Azure Machine Learning compute (identity-responder-not-enabled)")
        .never_tells("malformed");
}
