//! Azure Machine Learning, and the App Service protocol of 2017.

use super::{has_only_header, only_request, query};
use crate::support::{Action, Fault, Host, IDENTITY, Rule, Scenario, names};

#[test]
fn request_has_identity_of_compute() {
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
    has_only_header(request, "secret");
}

#[test]
fn no_id_is_sent_if_compute_names_none() {
    let outcome = Scenario::on(Host::AzureMl).without("DEFAULT_IDENTITY_CLIENT_ID").azfob(["get", "ApiKey"]).succeeds();
    assert_eq!(query(only_request(&outcome)), [("api-version", "2017-09-01"), ("resource", "https://vault.azure.net")]);
}

#[test]
fn us_date_format_of_expiry_is_read() {
    let body = r#"{"access_token":"e30.e30.e30","expires_on":"11/26/2099 9:43:03 PM +00:00","token_type":"Bearer"}"#;
    let scenario = Scenario::on(Host::AzureMl).rule(Rule::new(IDENTITY, "/", Action::json(200, body)));
    let whoami = scenario.azfob(["whoami", "-o", "json"]).succeeds().json();
    assert_eq!(whoami["expiresOn"], "2099-11-26T21:43:03+00:00");
}

#[test]
fn function_app_of_2017_is_recognized() {
    let rule = Rule::new(IDENTITY, "/", Action::json(403, r#"{"statusCode":403,"message":"no"}"#));
    let scenario = Scenario::on(Host::AzureMl).var("WEBSITE_SITE_NAME", "f").var("FUNCTIONS_WORKER_RUNTIME", "node");
    scenario
        .rule(rule)
        .azfob(["get", "ApiKey"])
        .fails(4)
        .shows("the identity endpoint of this function app answered 403: no");
}

#[test]
fn plain_text_refusal_is_quoted() {
    let id = "99999999-0000-1111-2222-333333333333";
    let outcome = Scenario::on(Host::AzureMl).azfob(["get", "ApiKey", "--client-id", id]).fails(4);
    outcome.shows(id).shows("InternalError - :{ Info: Request failure status code: 404 }");
    // No identity was requested: this job has none, and the chain continues.
    let rule =
        Rule::new(IDENTITY, "/", Action::reply(404, "InternalError - :{ Info: Request failure status code: 404 }"));
    let outcome = Scenario::on(Host::AzureMl).rule(rule).azfob(["get", "ApiKey"]).fails(3);
    outcome
        .shows("no managed identity on this Azure Machine Learning compute")
        .shows("Request failure status code: 404");
}

#[test]
fn expired_single_sign_on_is_quoted() {
    let outcome = Scenario::on(Host::AzureMl).fault(Fault::ExpiredLogin).azfob(["get", "ApiKey"]).fails(4);
    let outcome = outcome.shows("SSO failure: unable to retrieve a token. Error Token service my-vm. Token not found");
    outcome.shows("cause: The user's single sign-on (SSO) at the compute instance is no longer valid");
}

#[test]
fn disabled_identity_is_not_a_malformed_setting() {
    let outcome = Scenario::on(Host::AzureMl).fault(Fault::NoIdentity).azfob(["get", "ApiKey"]).fails(3);
    assert!(outcome.requests_to(IDENTITY).is_empty());
    outcome
        .shows("no managed identity on this Azure Machine Learning compute (identity-responder-not-enabled)")
        .never_shows("malformed");
}
