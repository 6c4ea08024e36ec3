//! ManagedIdentityCredential: which identity is selected, on every host. Each protocol has a file.

mod all_hosts;
mod app_service;
mod azure_arc;
mod azure_ml;
mod cloud_shell;
mod imds;
mod service_fabric;

use crate::support::{Host, IDENTITY, Outcome, Recorded, Scenario, names};

/// The only request to the identity endpoint.
fn only_request(outcome: &Outcome) -> &Recorded {
    let requests = outcome.requests_to(IDENTITY);
    assert_eq!(requests.len(), 1, "{requests:?}");
    requests[0]
}

/// The query parameters as they were sent.
fn query(request: &Recorded) -> Vec<(&str, &str)> {
    request.query.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
}

/// Asserts that a request has this header and no header of another host's protocol.
fn has_only_header(request: &Recorded, header: &str) {
    for name in ["metadata", "x-identity-header", "secret", "authorization"] {
        assert_eq!(request.header(name).is_some(), name == header, "{name}");
    }
}

#[test]
fn unassigned_identity_failure_names_it() {
    let id = "99999999-0000-1111-2222-333333333333";
    for host in [Host::AppService, Host::Functions, Host::ContainerApps, Host::Imds] {
        let outcome = Scenario::on(host).azfob(["get", "ApiKey", "--client-id", id]).fails(4);
        let outcome = outcome
            .shows(id)
            .shows("(from --client-id)")
            .shows("cause: The requested managed identity is not assigned to this host");
        assert_eq!(
            outcome.requests_to(IDENTITY).iter().filter(|r| r.status == Some(200) && r.path.contains("token")).count(),
            0
        );
    }
}

#[test]
fn user_assigned_identity_is_selected_by_each_id() {
    for (host, option, id, parameter) in [
        (Host::AppService, "--client-id", names::USER_ASSIGNED_CLIENT_ID, "client_id"),
        (Host::AppService, "--object-id", names::USER_ASSIGNED_OBJECT_ID, "object_id"),
        (Host::AppService, "--resource-id", names::USER_ASSIGNED_RESOURCE_ID, "mi_res_id"),
        (Host::ContainerApps, "--resource-id", names::USER_ASSIGNED_RESOURCE_ID, "mi_res_id"),
        (Host::Imds, "--client-id", names::USER_ASSIGNED_CLIENT_ID, "client_id"),
        (Host::Imds, "--object-id", names::USER_ASSIGNED_OBJECT_ID, "object_id"),
        (Host::Imds, "--resource-id", names::USER_ASSIGNED_RESOURCE_ID, "msi_res_id"),
    ] {
        let outcome = Scenario::on(host).azfob(["get", "ApiKey", option, id]).succeeds();
        let request = *outcome.requests_to(IDENTITY).last().unwrap();
        assert_eq!(request.parameter(parameter), Some(id), "{host:?} {option}");
        let ids = ["client_id", "object_id", "mi_res_id", "msi_res_id"];
        assert_eq!(ids.iter().filter(|name| request.parameter(name).is_some()).count(), 1);
    }
}

#[test]
fn id_option_overrides_variable() {
    let scenario = Scenario::on(Host::AppService).var("AZURE_CLIENT_ID", "99999999-0000-1111-2222-333333333333");
    let outcome = scenario.azfob(["get", "ApiKey", "--object-id", names::USER_ASSIGNED_OBJECT_ID]).succeeds();
    let request = outcome.requests_to(IDENTITY)[0];
    assert_eq!(request.parameter("client_id"), None);
}

#[test]
fn endpoint_must_be_local_http() {
    for (host, name) in [(Host::AppService, "IDENTITY_ENDPOINT"), (Host::Imds, "AZURE_POD_IDENTITY_AUTHORITY_HOST")] {
        for value in ["https://127.0.0.1/", "http://user:pass-w0rd@127.0.0.1/", "nonsense", "file:///etc/passwd"] {
            let outcome = Scenario::on(host).var(name, value).azfob(["get", "ApiKey"]).fails(4);
            outcome.shows(&format!("{name} is malformed")).never_shows("pass-w0rd");
        }
    }
}
