//! EnvironmentCredential with a username and password: it signs in with a warning.

use crate::support::{Host, LOGIN, Scenario, names};

fn person() -> Scenario {
    Scenario::on(Host::Nothing)
        .var("AZURE_TENANT_ID", names::TENANT_ID)
        .var("AZURE_CLIENT_ID", names::AZURE_CLI_CLIENT_ID)
        .var("AZURE_USERNAME", names::USER_PRINCIPAL_NAME)
}

#[test]
fn a_name_and_password_sign_in_with_a_warning() {
    let outcome = person().var("AZURE_PASSWORD", names::USER_PASSWORD).azfob(["get", "ApiKey"]).succeeds_with_words();
    let outcome = outcome.tells("AZURE_USERNAME and AZURE_PASSWORD are deprecated");
    let request = outcome.requests_to(LOGIN)[0];
    let fields: Vec<_> = request.form.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(fields, ["client_id", "username", "password", "grant_type", "scope", "client_info"]);
    assert_eq!((request.field("grant_type"), request.field("client_info")), (Some("password"), Some("1")));
    assert_eq!(request.field("scope"), Some("https://vault.azure.net/.default"));
}

#[test]
fn a_wrong_password_is_refused_and_not_repeated() {
    let outcome = person().var("AZURE_PASSWORD", "not the password").azfob(["get", "ApiKey"]).fails(4);
    outcome.tells("EnvironmentCredential: AADSTS50126").never_tells("not the password");
    person().azfob(["get", "ApiKey"]).fails(3).tells("AZURE_USERNAME are set; AZURE_PASSWORD is not set");
}
