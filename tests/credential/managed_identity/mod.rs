//! The identity of the host: the exact request of each kind of host, and how each can say no.

use crate::support::{Host, IDENTITY, Scenario, names};

#[test]
fn app_service_is_asked_with_its_header() {
    let outcome = Scenario::on(Host::AppService).azfob(["get", "ApiKey"]).succeeds();
    let request = outcome.requests_to(IDENTITY)[0];
    assert_eq!((request.method.as_str(), request.path.as_str()), ("GET", "/MSI/token"));
    assert_eq!(request.parameter("api-version"), Some("2019-08-01"));
    assert_eq!(request.parameter("resource"), Some("https://vault.azure.net"));
    assert_eq!(request.parameter("client_id"), None);
    assert!(request.header("x-identity-header").is_some());
}

#[test]
fn an_identity_that_is_not_assigned_is_a_failure_that_names_it() {
    let id = "99999999-0000-1111-2222-333333333333";
    for host in [Host::AppService, Host::Imds] {
        let outcome = Scenario::on(host).azfob(["get", "ApiKey", "--client-id", id]).fails(4);
        outcome.tells(id).tells("cause: The identity asked for is not assigned to this host");
    }
}

#[test]
fn a_user_assigned_identity_is_chosen_by_any_of_its_ids() {
    for (host, option, id, parameter) in [
        (Host::AppService, "--client-id", names::USER_ASSIGNED_CLIENT_ID, "client_id"),
        (Host::AppService, "--object-id", names::USER_ASSIGNED_OBJECT_ID, "object_id"),
        (Host::AppService, "--resource-id", names::USER_ASSIGNED_RESOURCE_ID, "mi_res_id"),
        (Host::Imds, "--client-id", names::USER_ASSIGNED_CLIENT_ID, "client_id"),
        (Host::Imds, "--object-id", names::USER_ASSIGNED_OBJECT_ID, "object_id"),
        (Host::Imds, "--resource-id", names::USER_ASSIGNED_RESOURCE_ID, "msi_res_id"),
    ] {
        let outcome = Scenario::on(host).azfob(["get", "ApiKey", option, id]).succeeds();
        let request = *outcome.requests_to(IDENTITY).last().unwrap();
        assert_eq!(request.parameter(parameter), Some(id), "{host:?} {option}");
    }
}
