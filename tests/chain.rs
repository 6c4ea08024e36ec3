//! The credential chain: its order, when it stops, and how long it takes.

use std::time::Duration;

#[cfg(unix)]
use crate::support::Fault;
#[cfg(target_os = "linux")]
use crate::support::UnresponsivePort;
#[cfg(unix)]
use crate::support::in_some_try;
use crate::support::{Action, Host, IDENTITY, LOGIN, Rule, Scenario, names};

/// An az that records that it was run, and fails.
#[cfg(unix)]
const RECORDING_AZ: &str = "echo asked >\"$HOME/az-was-asked\"; echo 'ERROR: broken' >&2; exit 1";
#[cfg(unix)]
const ASKED: &str = "az-was-asked";

#[cfg(unix)]
#[test]
fn environment_credential_is_first() {
    let scenario = Scenario::on(Host::ServicePrincipal).program("az", RECORDING_AZ);
    let scenario = scenario.var("AZURE_FEDERATED_TOKEN_FILE", "/nonexistent").var("IDENTITY_HEADER", "x");
    let outcome = scenario.var("IDENTITY_ENDPOINT", "http://127.0.0.1:1").azfob(["get", "ApiKey"]).succeeds();
    assert_eq!(outcome.requests_to(LOGIN)[0].field("client_id"), Some(names::SERVICE_PRINCIPAL_CLIENT_ID));
}

#[cfg(unix)]
#[test]
fn workload_identity_precedes_managed_identity() {
    let scenario = Scenario::on(Host::WorkloadIdentity).program("az", RECORDING_AZ).var("IDENTITY_HEADER", "x");
    let outcome = scenario.var("IDENTITY_ENDPOINT", "http://127.0.0.1:1").azfob(["get", "ApiKey"]).succeeds();
    assert!(outcome.requests_to(LOGIN)[0].field("client_assertion").is_some());
}

#[cfg(unix)]
#[test]
fn managed_identity_precedes_az() {
    let scenario = Scenario::on(Host::AppService).program("az", RECORDING_AZ);
    let outcome = scenario.azfob(["get", "ApiKey"]).succeeds();
    assert_eq!(outcome.requests_to(IDENTITY).len(), 1);
    assert!(scenario.has_no_record(ASKED));
}

#[test]
fn az_is_used_if_nothing_else_is_configured() {
    let outcome = Scenario::on(Host::AzureCli).azfob(["get", "ApiKey"]).succeeds();
    assert_eq!(outcome.requests_to(LOGIN).len() + outcome.requests_to(IDENTITY).len(), 0);
}

#[cfg(unix)]
#[test]
fn refused_service_principal_stops_chain() {
    let scenario = Scenario::on(Host::ServicePrincipal).fault(Fault::WrongSecret).program("az", RECORDING_AZ);
    let outcome = scenario.azfob(["get", "ApiKey"]).fails(4).shows("EnvironmentCredential: AADSTS7000215");
    assert_eq!(outcome.requests_to(IDENTITY).len(), 0);
    assert!(scenario.has_no_record(ASKED));
}

#[cfg(unix)]
#[test]
fn refused_managed_identity_stops_chain() {
    let scenario = Scenario::on(Host::AppService).var("IDENTITY_HEADER", "not-the-header").program("az", RECORDING_AZ);
    scenario.azfob(["get", "ApiKey"]).fails(4).shows("ManagedIdentityCredential").never_shows("AzureCliCredential");
    assert!(scenario.has_no_record(ASKED));
}

#[cfg(unix)]
#[test]
fn refused_managed_identity_does_not_wait_for_az() {
    let id = "99999999-0000-1111-2222-333333333333";
    let scenario = Scenario::on(Host::Imds).program("az", "sleep 20");
    let outcome = scenario.azfob(["get", "ApiKey", "--client-id", id]).fails(4).within(Duration::from_secs(10));
    outcome.never_shows("AzureCliCredential");
}

#[test]
fn client_id_without_secret_selects_managed_identity() {
    let scenario = Scenario::on(Host::AppService).var("AZURE_CLIENT_ID", names::USER_ASSIGNED_CLIENT_ID);
    for scenario in [scenario, with_tenant()] {
        let outcome = scenario.azfob(["get", "ApiKey"]).succeeds();
        let request = outcome.requests_to(IDENTITY)[0];
        assert_eq!(request.parameter("client_id"), Some(names::USER_ASSIGNED_CLIENT_ID));
        assert_eq!(outcome.requests_to(LOGIN).len(), 0);
    }
}

fn with_tenant() -> Scenario {
    let scenario = Scenario::on(Host::AppService).var("AZURE_TENANT_ID", names::TENANT_ID);
    scenario.var("AZURE_CLIENT_ID", names::USER_ASSIGNED_CLIENT_ID)
}

#[test]
fn error_explains_client_id_without_secret() {
    let scenario = Scenario::on(Host::Nothing).var("AZURE_CLIENT_ID", names::USER_ASSIGNED_CLIENT_ID);
    scenario.azfob(["get", "ApiKey"]).fails(3).shows("it selects the user-assigned identity");
}

#[cfg(unix)]
#[test]
fn broken_az_is_reported_and_chain_continues() {
    let scenario = Scenario::on(Host::Nothing).program("az", RECORDING_AZ);
    let outcome = scenario.azfob(["get", "ApiKey", "-v"]).fails(3).shows("error: CredentialUnavailableError: ");
    for name in ["EnvironmentCredential", "WorkloadIdentityCredential", "ManagedIdentityCredential"] {
        assert!(outcome.stderr.contains(name), "{}", outcome.stderr);
    }
    outcome.shows("error: CredentialUnavailableError: AzureCliCredential: az: broken");
}

/// Each host with the credential that works on it, in two spellings.
const WORKING: [(Host, [&str; 2]); 4] = [
    (Host::ServicePrincipal, ["EnvironmentCredential", "environment"]),
    (Host::WorkloadIdentity, ["WorkloadIdentityCredential", "workload-identity"]),
    (Host::AppService, ["ManagedIdentityCredential", "managed-identity"]),
    (Host::AzureCli, ["AzureCliCredential", "azure-cli"]),
];

#[test]
fn credential_is_selected_by_either_name_in_any_case() {
    for (host, names) in WORKING {
        for name in names.iter().flat_map(|n| [(*n).to_owned(), n.to_uppercase(), n.to_lowercase()]) {
            Scenario::on(host).azfob(["get", "ApiKey", "--credential", &name]).succeeds();
        }
        let spaced = format!(" {} ", names[0].to_lowercase());
        Scenario::on(host).var("AZURE_TOKEN_CREDENTIALS", spaced).azfob(["get", "ApiKey"]).succeeds();
    }
}

#[test]
fn credential_option_overrides_variable() {
    let scenario = Scenario::on(Host::AppService).var("AZURE_TOKEN_CREDENTIALS", "dev");
    scenario.azfob(["get", "ApiKey", "--credential", "managed-identity"]).succeeds();
}

#[cfg(unix)]
#[test]
fn only_selected_credential_is_tried() {
    for (option, credential) in [
        ("environment", "EnvironmentCredential"),
        ("workload-identity", "WorkloadIdentityCredential"),
        ("azure-cli", "AzureCliCredential"),
    ] {
        let scenario =
            Scenario::on(Host::AppService).program("az", "echo \"ERROR: Please run 'az login'\" >&2; exit 1");
        let outcome = scenario.azfob(["get", "ApiKey", "--credential", option]).fails(3).shows(credential);
        assert_eq!(outcome.requests_to(IDENTITY).len(), 0);
        for (_, [other, _]) in WORKING.iter().filter(|(_, names)| names[0] != credential) {
            assert!(!outcome.stderr.contains(other), "{other} was asked:\n{}", outcome.stderr);
        }
    }
    let scenario = Scenario::on(Host::Nothing).program("az", RECORDING_AZ);
    scenario.azfob(["get", "ApiKey", "--credential", "managed-identity"]).fails(3).never_shows("AzureCliCredential");
    assert!(scenario.has_no_record(ASKED));
}

#[cfg(unix)]
#[test]
fn dev_tries_only_developer_tools() {
    for value in ["dev", "DEV", " Dev "] {
        let scenario = Scenario::on(Host::AppService).var("AZURE_TOKEN_CREDENTIALS", value).program("az", RECORDING_AZ);
        let outcome = scenario.azfob(["get", "ApiKey"]).fails_without_token().shows("AzureCliCredential");
        let outcome = outcome.never_shows("EnvironmentCredential").never_shows("WorkloadIdentityCredential");
        assert_eq!(outcome.requests_to(IDENTITY).len(), 0);
    }
    Scenario::on(Host::AzureCli).var("AZURE_TOKEN_CREDENTIALS", "dev").azfob(["get", "ApiKey"]).succeeds();
}

#[cfg(unix)]
#[test]
fn prod_tries_only_production_credentials() {
    let scenario = Scenario::on(Host::Nothing).var("AZURE_TOKEN_CREDENTIALS", "Prod").program("az", RECORDING_AZ);
    scenario
        .azfob(["get", "ApiKey", "-v"])
        .fails(3)
        .shows("ManagedIdentityCredential")
        .never_shows("AzureCliCredential");
    assert!(scenario.has_no_record(ASKED));
    for host in [Host::ServicePrincipal, Host::WorkloadIdentity, Host::AppService, Host::Imds] {
        Scenario::on(host).var("AZURE_TOKEN_CREDENTIALS", "prod").azfob(["get", "ApiKey"]).succeeds();
    }
}

#[test]
fn unconfigured_chain_fails_at_once() {
    Scenario::on(Host::Nothing).azfob(["get", "ApiKey"]).fails(3).within(Duration::from_secs(2));
}

/// The shortest of three runs. Each includes the probe of the metadata address, 0.2 s.
fn shortest(scenario: &Scenario, printed: &str) -> Duration {
    let run = |_| scenario.azfob(["get", "ApiKey", "-v"]).fails(3).shows(printed).took.undisturbed();
    (0..3).map(run).min().expect("three runs")
}

#[cfg(target_os = "linux")]
#[test]
fn metadata_address_that_drops_packets_adds_little_time() {
    let silent = UnresponsivePort::new();
    let scenario = Scenario::on(Host::Nothing).var("AZURE_POD_IDENTITY_AUTHORITY_HOST", silent.url());
    let took = shortest(&scenario, "no instance metadata service (IMDS): no connection to 127.0.0.1:");
    assert!(took < Duration::from_millis(600), "{took:?}");
}

#[test]
fn silent_metadata_address_adds_little_time() {
    let scenario = Scenario::on(Host::Imds).rule(Rule::new(IDENTITY, "/", Action::Hang));
    let took = shortest(&scenario, "if this machine is in Azure, wait longer with --credential managed-identity");
    assert!(took < Duration::from_millis(600), "{took:?}");
    let requested = scenario.azfob(["get", "ApiKey"]).requests_to(IDENTITY).len();
    assert_eq!(requested, 1, "no retry after silence");
}

/// If the environment names a metadata service, it is tried before a tool is started.
#[cfg(unix)]
#[test]
fn az_is_not_started_if_metadata_service_answers_in_time() {
    in_some_try(|| {
        let late = Rule::new(IDENTITY, "/", Action::Late(Duration::from_millis(100))).times(1);
        let scenario = Scenario::on(Host::Imds).rule(late).program("az", RECORDING_AZ);
        let outcome = scenario.azfob(["get", "ApiKey"]).succeeds();
        assert_eq!(outcome.requests_to(IDENTITY).len(), 2, "the probe and the request");
        scenario.has_no_record(ASKED)
    });
}
