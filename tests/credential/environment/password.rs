//! EnvironmentCredential with a username and password: it signs in with a warning.

use crate::support::{Host, LOGIN, Scenario, names};

fn person() -> Scenario {
    Scenario::on(Host::Nothing)
        .var("AZURE_TENANT_ID", names::TENANT_ID)
        .var("AZURE_CLIENT_ID", names::AZURE_CLI_CLIENT_ID)
        .var("AZURE_USERNAME", names::USER_PRINCIPAL_NAME)
}

#[test]
fn username_and_password_sign_in_with_warning() {
    let outcome =
        person().var("AZURE_PASSWORD", names::USER_PASSWORD).azfob(["get", "ApiKey"]).succeeds_with_messages();
    let outcome = outcome.shows("AZURE_USERNAME and AZURE_PASSWORD are deprecated");
    let request = outcome.requests_to(LOGIN)[0];
    let fields: Vec<_> = request.form.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(fields, ["client_id", "username", "password", "grant_type", "scope", "client_info"]);
    assert_eq!((request.field("grant_type"), request.field("client_info")), (Some("password"), Some("1")));
    assert_eq!(request.field("scope"), Some("https://vault.azure.net/.default"));
}

#[test]
fn wrong_password_is_refused_and_not_retried() {
    let outcome = person().var("AZURE_PASSWORD", "not the password").azfob(["get", "ApiKey"]).fails(4);
    outcome.shows("EnvironmentCredential: AADSTS50126").never_shows("not the password");
    person().azfob(["get", "ApiKey"]).fails(3).shows("AZURE_USERNAME are set; AZURE_PASSWORD is not set");
}
