//! The credential chain: its order, when it stops, and how long it takes.

use std::time::Duration;

#[cfg(unix)]
use crate::support::Fault;
#[cfg(target_os = "linux")]
use crate::support::Silent;
use crate::support::{Action, Host, IDENTITY, LOGIN, Rule, Scenario, names};

/// An az that records that it was run, and fails.
#[cfg(unix)]
const NOTING_AZ: &str = "echo asked >\"$HOME/az-was-asked\"; echo 'ERROR: broken' >&2; exit 1";
#[cfg(unix)]
const ASKED: &str = "az-was-asked";

#[cfg(unix)]
#[test]
fn the_environment_comes_before_all_others() {
    let scenario = Scenario::on(Host::ServicePrincipal).program("az", NOTING_AZ);
    let scenario = scenario.var("AZURE_FEDERATED_TOKEN_FILE", "/nonexistent").var("IDENTITY_HEADER", "x");
    let outcome = scenario.var("IDENTITY_ENDPOINT", "http://127.0.0.1:1").azfob(["get", "ApiKey"]).succeeds();
    assert_eq!(outcome.requests_to(LOGIN)[0].field("client_id"), Some(names::SERVICE_PRINCIPAL_CLIENT_ID));
}

#[cfg(unix)]
#[test]
fn workload_identity_comes_before_managed_identity() {
    let scenario = Scenario::on(Host::WorkloadIdentity).program("az", NOTING_AZ).var("IDENTITY_HEADER", "x");
    let outcome = scenario.var("IDENTITY_ENDPOINT", "http://127.0.0.1:1").azfob(["get", "ApiKey"]).succeeds();
    assert!(outcome.requests_to(LOGIN)[0].field("client_assertion").is_some());
}

#[cfg(unix)]
#[test]
fn managed_identity_comes_before_az() {
    let scenario = Scenario::on(Host::AppService).program("az", NOTING_AZ);
    let outcome = scenario.azfob(["get", "ApiKey"]).succeeds();
    assert_eq!(outcome.requests_to(IDENTITY).len(), 1);
    assert!(scenario.has_no_note(ASKED));
}

#[test]
fn az_is_used_where_nothing_else_is_set_up() {
    let outcome = Scenario::on(Host::AzureCli).azfob(["get", "ApiKey"]).succeeds();
    assert_eq!(outcome.requests_to(LOGIN).len() + outcome.requests_to(IDENTITY).len(), 0);
}

#[cfg(unix)]
#[test]
fn a_service_principal_that_is_refused_stops_the_chain() {
    let scenario = Scenario::on(Host::ServicePrincipal).fault(Fault::WrongSecret).program("az", NOTING_AZ);
    let outcome = scenario.azfob(["get", "ApiKey"]).fails(4).tells("EnvironmentCredential: AADSTS7000215");
    assert_eq!(outcome.requests_to(IDENTITY).len(), 0);
    assert!(scenario.has_no_note(ASKED));
}

#[cfg(unix)]
#[test]
fn a_managed_identity_that_is_refused_stops_the_chain() {
    let scenario = Scenario::on(Host::AppService).var("IDENTITY_HEADER", "not-the-header").program("az", NOTING_AZ);
    scenario.azfob(["get", "ApiKey"]).fails(4).tells("ManagedIdentityCredential").never_tells("AzureCliCredential");
    assert!(scenario.has_no_note(ASKED));
}

#[cfg(unix)]
#[test]
fn a_managed_identity_that_is_refused_does_not_wait_for_az() {
    let id = "99999999-0000-1111-2222-333333333333";
    let scenario = Scenario::on(Host::Imds).program("az", "sleep 20");
    let outcome = scenario.azfob(["get", "ApiKey", "--client-id", id]).fails(4).within(Duration::from_secs(10));
    outcome.never_tells("AzureCliCredential");
}

#[test]
fn a_client_id_alone_names_the_managed_identity() {
    let scenario = Scenario::on(Host::AppService).var("AZURE_CLIENT_ID", names::USER_ASSIGNED_CLIENT_ID);
    for scenario in [scenario, tenant_too()] {
        let outcome = scenario.azfob(["get", "ApiKey"]).succeeds();
        let request = outcome.requests_to(IDENTITY)[0];
        assert_eq!(request.parameter("client_id"), Some(names::USER_ASSIGNED_CLIENT_ID));
        assert_eq!(outcome.requests_to(LOGIN).len(), 0);
    }
}

fn tenant_too() -> Scenario {
    let scenario = Scenario::on(Host::AppService).var("AZURE_TENANT_ID", names::TENANT_ID);
    scenario.var("AZURE_CLIENT_ID", names::USER_ASSIGNED_CLIENT_ID)
}

#[test]
fn a_client_id_alone_is_said_to_name_the_managed_identity() {
    let scenario = Scenario::on(Host::Nothing).var("AZURE_CLIENT_ID", names::USER_ASSIGNED_CLIENT_ID);
    scenario.azfob(["get", "ApiKey"]).fails(3).tells("it selects the user-assigned identity");
}

#[cfg(unix)]
#[test]
fn a_broken_az_is_reported_and_stops_nothing() {
    let scenario = Scenario::on(Host::Nothing).program("az", NOTING_AZ);
    let outcome = scenario.azfob(["get", "ApiKey"]).fails(3).tells("error: CredentialUnavailableError: ");
    for name in ["EnvironmentCredential", "WorkloadIdentityCredential", "ManagedIdentityCredential"] {
        assert!(outcome.stderr.contains(name), "{}", outcome.stderr);
    }
    outcome.tells("error: CredentialUnavailableError: AzureCliCredential: az: broken");
}

/// Each host with the credential that works on it, in two spellings.
const WORKING: [(Host, [&str; 2]); 4] = [
    (Host::ServicePrincipal, ["EnvironmentCredential", "environment"]),
    (Host::WorkloadIdentity, ["WorkloadIdentityCredential", "workload-identity"]),
    (Host::AppService, ["ManagedIdentityCredential", "managed-identity"]),
    (Host::AzureCli, ["AzureCliCredential", "azure-cli"]),
];

#[test]
fn a_credential_is_selected_by_either_name_in_any_case() {
    for (host, names) in WORKING {
        for name in names.iter().flat_map(|n| [(*n).to_owned(), n.to_uppercase(), n.to_lowercase()]) {
            Scenario::on(host).azfob(["get", "ApiKey", "--credential", &name]).succeeds();
        }
        let spaced = format!(" {} ", names[0].to_lowercase());
        Scenario::on(host).var("AZURE_TOKEN_CREDENTIALS", spaced).azfob(["get", "ApiKey"]).succeeds();
    }
}

#[test]
fn the_option_comes_before_the_variable() {
    let scenario = Scenario::on(Host::AppService).var("AZURE_TOKEN_CREDENTIALS", "dev");
    scenario.azfob(["get", "ApiKey", "--credential", "managed-identity"]).succeeds();
}

#[cfg(unix)]
#[test]
fn a_selected_credential_is_asked_alone_and_its_failure_is_the_answer() {
    for (option, credential) in [
        ("environment", "EnvironmentCredential"),
        ("workload-identity", "WorkloadIdentityCredential"),
        ("azure-cli", "AzureCliCredential"),
    ] {
        let scenario =
            Scenario::on(Host::AppService).program("az", "echo \"ERROR: Please run 'az login'\" >&2; exit 1");
        let outcome = scenario.azfob(["get", "ApiKey", "--credential", option]).fails(3).tells(credential);
        assert_eq!(outcome.requests_to(IDENTITY).len(), 0);
        for (_, [other, _]) in WORKING.iter().filter(|(_, names)| names[0] != credential) {
            assert!(!outcome.stderr.contains(other), "{other} was asked:\n{}", outcome.stderr);
        }
    }
    let scenario = Scenario::on(Host::Nothing).program("az", NOTING_AZ);
    scenario.azfob(["get", "ApiKey", "--credential", "managed-identity"]).fails(3).never_tells("AzureCliCredential");
    assert!(scenario.has_no_note(ASKED));
}

#[cfg(unix)]
#[test]
fn dev_asks_the_developers_tools_alone() {
    for value in ["dev", "DEV", " Dev "] {
        let scenario = Scenario::on(Host::AppService).var("AZURE_TOKEN_CREDENTIALS", value).program("az", NOTING_AZ);
        let outcome = scenario.azfob(["get", "ApiKey"]).fails_without_answer().tells("AzureCliCredential");
        let outcome = outcome.never_tells("EnvironmentCredential").never_tells("WorkloadIdentityCredential");
        assert_eq!(outcome.requests_to(IDENTITY).len(), 0);
    }
    Scenario::on(Host::AzureCli).var("AZURE_TOKEN_CREDENTIALS", "dev").azfob(["get", "ApiKey"]).succeeds();
}

#[cfg(unix)]
#[test]
fn prod_asks_what_is_deployed_alone() {
    let scenario = Scenario::on(Host::Nothing).var("AZURE_TOKEN_CREDENTIALS", "Prod").program("az", NOTING_AZ);
    scenario.azfob(["get", "ApiKey"]).fails(3).tells("ManagedIdentityCredential").never_tells("AzureCliCredential");
    assert!(scenario.has_no_note(ASKED));
    for host in [Host::ServicePrincipal, Host::WorkloadIdentity, Host::AppService, Host::Imds] {
        Scenario::on(host).var("AZURE_TOKEN_CREDENTIALS", "prod").azfob(["get", "ApiKey"]).succeeds();
    }
}

#[test]
fn a_chain_with_nothing_in_it_answers_at_once() {
    Scenario::on(Host::Nothing).azfob(["get", "ApiKey"]).fails(3).within(Duration::from_secs(2));
}

/// The shortest of three runs. Each includes the probe of the metadata address, 0.2 s.
fn shortest(scenario: &Scenario, told: &str) -> Duration {
    let run = |_| scenario.azfob(["get", "ApiKey"]).fails(3).tells(told).took;
    (0..3).map(run).min().expect("three runs")
}

#[cfg(target_os = "linux")]
#[test]
fn a_metadata_address_that_drops_packets_costs_little() {
    let silent = Silent::new();
    let scenario = Scenario::on(Host::Nothing).var("AZURE_POD_IDENTITY_AUTHORITY_HOST", silent.url());
    let took = shortest(&scenario, "no instance metadata service (IMDS): no connection to 127.0.0.1 within ");
    assert!(took < Duration::from_millis(600), "{took:?}");
}

#[test]
fn a_metadata_address_that_never_answers_costs_little() {
    let scenario = Scenario::on(Host::Imds).rule(Rule::new(IDENTITY, "/", Action::Hang));
    let took = shortest(&scenario, "if this machine is in Azure, wait longer with --credential managed-identity");
    assert!(took < Duration::from_millis(600), "{took:?}");
    let asked = scenario.azfob(["get", "ApiKey"]).requests_to(IDENTITY).len();
    assert_eq!(asked, 1, "silence is an answer, and is not asked about again");
}

/// If the environment names a metadata service, it is tried before a tool is started.
#[cfg(unix)]
#[test]
fn az_is_not_started_where_the_metadata_service_answers_late_and_in_time() {
    let late = Rule::new(IDENTITY, "/", Action::Late(Duration::from_millis(100))).times(1);
    let scenario = Scenario::on(Host::Imds).rule(late).program("az", NOTING_AZ);
    let outcome = scenario.azfob(["get", "ApiKey"]).succeeds();
    assert_eq!(outcome.requests_to(IDENTITY).len(), 2, "the probe and the request");
    assert!(scenario.has_no_note(ASKED), "az was started");
}
