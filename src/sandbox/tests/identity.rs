//! The managed identity endpoints.

use super::*;

#[test]
fn an_identity_that_is_not_assigned_is_refused() {
    let sandbox = Sandbox::start(on_app_service()).unwrap();
    assert_eq!(
        identity_answer(&sandbox, "&client_id=nobody").json()["message"],
        "Unable to load the proper Managed Identity."
    );
    let named = format!("&client_id={}", names::USER_ASSIGNED_CLIENT_ID);
    assert_eq!(identity_answer(&sandbox, &named).status, 200);
    let wrong = identity_answer(&sandbox, "&resource=x").json();
    assert!(wrong["access_token"].is_string(), "the first of two parameters counts");
}

#[test]
fn the_metadata_service_wants_its_header_and_tells_of_the_machine() {
    let sandbox = Sandbox::start(Plan::new(Host::Imds)).unwrap();
    let base = variable(&sandbox, "AZURE_POD_IDENTITY_AUTHORITY_HOST");
    let address = base.strip_prefix("http://").unwrap();
    let ask = |target: &str, header: &str| {
        plain(address, &format!("GET {target} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n{header}\r\n"))
    };
    let token = "/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https://vault.azure.net";
    assert_eq!(ask(token, "").json()["error"], "bad_request_102");
    let given = ask(token, "Metadata: true\r\n").json();
    assert!(given["expires_on"].is_string() && given["access_token"].is_string());
    let missing = ask(&format!("{token}&client_id=nobody"), "Metadata: true\r\n");
    assert_eq!((missing.status, &missing.json()["error_description"]), (400, &Value::from("Identity not found")));
    let machine = ask("/metadata/instance?api-version=2021-02-01", "Metadata: true\r\n").json();
    assert_eq!(machine["compute"]["resourceGroupName"], names::RESOURCE_GROUP);
}

#[test]
fn machine_learning_tells_the_expiry_in_seconds_as_the_official_sdks_want_it() {
    let sandbox = Sandbox::start(Plan::new(Host::AzureMl)).unwrap();
    let (endpoint, secret) = (variable(&sandbox, "MSI_ENDPOINT"), variable(&sandbox, "MSI_SECRET"));
    let (address, path) = endpoint.strip_prefix("http://").unwrap().split_once('/').unwrap();
    let target = format!("/{path}?api-version=2017-09-01&resource=https://vault.azure.net");
    let request = format!("GET {target} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nsecret: {secret}\r\n\r\n");
    let given = plain(address, &request).json();
    assert!(given["expires_on"].as_str().is_some_and(|expiry| expiry.parse::<u64>().is_ok()), "expires_on");
}
