//! App Service, Functions and Container Apps: one protocol with a header that proves that azfob runs on the host.

use std::net::{TcpListener, TcpStream};
use std::process::Stdio;
use std::time::Duration;

use crate::support::{Action, Fault, Host, IDENTITY, Rule, Scenario, in_parallel};

const HOSTS: [Host; 3] = [Host::AppService, Host::Functions, Host::ContainerApps];

#[test]
fn endpoint_gets_one_request_with_header() {
    for host in HOSTS {
        let outcome = Scenario::on(host).azfob(["get", "ApiKey"]).succeeds();
        let requests = outcome.requests_to(IDENTITY);
        let request = requests[0];
        assert_eq!((requests.len(), request.method.as_str()), (1, "GET"));
        assert!(request.path.eq_ignore_ascii_case("/MSI/token"), "{}", request.path);
        assert_eq!(request.query.len(), 2);
        assert_eq!(request.parameter("api-version"), Some("2019-08-01"));
        assert_eq!(request.parameter("resource"), Some("https://vault.azure.net"));
        assert!(request.header("x-identity-header").is_some());
        assert_eq!((request.header("authorization"), request.header("secret")), (None, None));
    }
}

#[test]
fn older_endpoint_variables_have_lower_precedence() {
    for host in HOSTS {
        let scenario = Scenario::on(host).var("MSI_ENDPOINT", "http://127.0.0.1:1/old").var("MSI_SECRET", "old");
        scenario.azfob(["get", "ApiKey"]).succeeds();
    }
}

#[test]
fn query_of_endpoint_is_kept() {
    let scenario = Scenario::on(Host::AppService);
    let sandbox = scenario.sandbox();
    let (_, endpoint) = sandbox.variables().iter().find(|(name, _)| name == "IDENTITY_ENDPOINT").unwrap();
    let scenario = scenario.var("IDENTITY_ENDPOINT", format!("{}?slot=a", endpoint.to_str().unwrap()));
    let outcome = scenario.azfob_in(&sandbox, ["get", "ApiKey"], Stdio::piped()).succeeds();
    let request = outcome.requests_to(IDENTITY)[0];
    assert_eq!((request.parameter("slot"), request.parameter("api-version")), (Some("a"), Some("2019-08-01")));
}

#[test]
fn closed_endpoint_is_unavailable() {
    for host in HOSTS {
        let scenario = Scenario::on(host).var("IDENTITY_ENDPOINT", "http://127.0.0.1:1/MSI/token");
        let outcome = scenario.azfob(["get", "ApiKey", "--timeout", "1"]).fails(3).within(Duration::from_secs(5));
        outcome.shows("ManagedIdentityCredential authentication unavailable").shows("connection refused");
    }
}

#[test]
fn closed_endpoint_is_retried_for_ten_seconds_and_never_called_not_enabled() {
    in_parallel(
        HOSTS.iter().flat_map(|host| [(*host, None), (*host, Some("managed-identity"))]),
        |(host, credential)| {
            let scenario = Scenario::on(host).var("IDENTITY_ENDPOINT", "http://127.0.0.1:1/msi/token");
            let outcome = scenario
                .azfob(["get", "ApiKey"].into_iter().chain(credential.iter().flat_map(|c| ["--credential", *c])));
            assert!(outcome.took.whole > Duration::from_secs(8), "{:?}", outcome.took);
            let outcome = outcome.within(Duration::from_secs(16));
            let outcome = outcome.fails(3);
            let outcome = outcome.shows("is not accepting connections: it starts after the container");
            outcome
                .shows("init containers")
                .never_shows("identity assign")
                .never_shows("not enabled")
                .never_shows("restart");
        },
    );
}

/// A closed endpoint leaves at least half of a short time limit to az.
#[cfg(unix)]
#[test]
fn closed_endpoint_leaves_time_for_the_next_credentials() {
    let scenario = Scenario::on(Host::AzureCli)
        .var("IDENTITY_ENDPOINT", "http://127.0.0.1:1/msi/token")
        .var("IDENTITY_HEADER", "header");
    let outcome = scenario.azfob(["get", "ApiKey", "--timeout", "6"]).succeeds();
    assert!(outcome.took.whole > Duration::from_secs(2), "{:?}", outcome.took);
    let _ = outcome.within(Duration::from_secs(6));
}

/// Nothing else listens there, so that a port can be closed first. macOS has only one address.
const OTHER_LOOPBACK: &str = if cfg!(target_os = "macos") { "127.0.0.1" } else { "127.83.0.1" };

#[test]
fn endpoint_that_opens_after_three_seconds_is_used() {
    in_parallel(HOSTS, |host| {
        let scenario = Scenario::on(host);
        let sandbox = scenario.sandbox();
        let (_, endpoint) = sandbox.variables().iter().find(|(name, _)| name == "IDENTITY_ENDPOINT").unwrap();
        let endpoint = endpoint.to_str().unwrap();
        let address = endpoint.trim_start_matches("http://").split('/').next().unwrap().to_owned();
        let late = TcpListener::bind((OTHER_LOOPBACK, 0)).unwrap().local_addr().unwrap();
        std::thread::spawn({
            let address = address.clone();
            move || {
                std::thread::sleep(Duration::from_secs(3));
                for client in TcpListener::bind(late).unwrap().incoming() {
                    forward(client.unwrap(), TcpStream::connect(&address).unwrap());
                }
            }
        });
        let scenario = scenario.var("IDENTITY_ENDPOINT", endpoint.replace(&address, &late.to_string()));
        let outcome = scenario.azfob_in(&sandbox, ["get", "ApiKey"], Stdio::piped()).succeeds();
        assert!(outcome.took.whole > Duration::from_secs(2), "{:?}", outcome.took);
        let _ = outcome.within(Duration::from_secs(8));
    });
}

/// Copies both directions until the client closes.
fn forward(client: TcpStream, server: TcpStream) {
    let (mut from_client, mut to_client) = (client.try_clone().unwrap(), client);
    let (mut from_server, mut to_server) = (server.try_clone().unwrap(), server);
    std::thread::spawn(move || std::io::copy(&mut from_client, &mut to_server));
    std::thread::spawn(move || std::io::copy(&mut from_server, &mut to_client));
}

#[test]
fn throttled_endpoint_is_reported_as_throttled() {
    let body = r#"{"error":"invalid_request","error_description":"Temporarily throttled, too many requests"}"#;
    in_parallel([Host::AppService, Host::Imds], |host| {
        let throttled = Rule::new(IDENTITY, "/", Action::json(429, body).header("Server", "IMDS/150.870.65.1103"));
        let outcome = Scenario::on(host).rule(throttled).azfob(["get", "ApiKey", "--timeout", "3"]).fails(8);
        let outcome = outcome.shows("throttling this host").shows("one azfob get A B C");
        outcome.shows("AZFOB_TOKEN_CACHE=1").never_shows("restart").never_shows("AADSTS");
    });
}

#[test]
fn trouble_at_the_endpoint_is_waited_for_and_then_a_failure() {
    let trouble =
        || Action::json(500, r#"{"statusCode":500,"message":"An internal error"}"#).header("Retry-After", "0");
    let scenario = Scenario::on(Host::AppService).rule(Rule::new(IDENTITY, "/", trouble()).times(1));
    assert_eq!(scenario.azfob(["get", "ApiKey"]).succeeds().requests_to(IDENTITY).len(), 2);
    let scenario = Scenario::on(Host::AppService).rule(Rule::new(IDENTITY, "/", trouble()));
    let outcome = scenario.azfob(["get", "ApiKey"]).fails(4);
    outcome.shows("the identity endpoint of this App Service app answered 500: An internal error");
}

#[test]
fn invalid_header_failure_names_variable() {
    for (host, variable) in [
        (Host::AppService, "IDENTITY_HEADER"),
        (Host::ServiceFabric, "IDENTITY_HEADER"),
        (Host::AzureMl, "MSI_SECRET"),
        (Host::GithubActions, "ACTIONS_ID_TOKEN_REQUEST_TOKEN"),
        (Host::AzurePipelines, "SYSTEM_ACCESSTOKEN"),
    ] {
        let outcome = Scenario::on(host).var(variable, "gar\nbage é").azfob(["get", "ApiKey"]).fails(4);
        outcome
            .shows(&format!("{variable} is malformed: expected"))
            .shows("a valid HTTP header value")
            .never_shows("gar\nbage");
    }
}

#[test]
fn refusal_is_not_retried() {
    let scenario = Scenario::on(Host::AppService).var("IDENTITY_HEADER", "not-the-header");
    let outcome = scenario.azfob(["get", "ApiKey"]).fails(4).shows("answered 403");
    assert_eq!(outcome.requests_to(IDENTITY).len(), 1);
}

#[test]
fn response_without_token_is_malformed() {
    for body in ["", "{}", "<html>proxy</html>", r#"{"access_token":""}"#, r#"{"access_token":{}}"#, "\0"] {
        let scenario = Scenario::on(Host::AppService).rule(Rule::new(IDENTITY, "/", Action::reply(200, body)));
        let outcome = scenario.azfob(["get", "ApiKey"]).fails(4);
        outcome.shows("the response from the identity endpoint is not JSON with an access_token");
    }
}

#[test]
fn silent_endpoint_is_unreachable() {
    let scenario = Scenario::on(Host::AppService).rule(Rule::new(IDENTITY, "/", Action::Hang));
    let outcome = scenario.azfob(["get", "ApiKey", "--timeout", "1"]).fails(7).within(Duration::from_secs(5));
    outcome
        .shows("ManagedIdentityCredential: no answer from 127.0.0.1:")
        .shows("curl -sSi --noproxy '*' \"$IDENTITY_ENDPOINT\"");
}

#[test]
fn chain_continues_if_identity_must_be_named() {
    let words = "No User Assigned or Delegated Managed Identity found for specified ClientId/ResourceId/PrincipalId.";
    for host in HOSTS {
        let outcome = Scenario::on(host).fault(Fault::MultipleIdentities).azfob(["get", "ApiKey"]).fails(3);
        outcome.shows("ManagedIdentityCredential authentication unavailable").shows(words);
    }
    // Unknown messages are read in the same way.
    let new = || Rule::new(IDENTITY, "/", Action::json(400, r#"{"statusCode":400,"message":"In other words."}"#));
    Scenario::on(Host::AppService).rule(new()).azfob(["get", "ApiKey"]).fails(3).shows("In other words.");
    let id = "99999999-0000-1111-2222-333333333333";
    let outcome = Scenario::on(Host::AppService).rule(new()).azfob(["get", "ApiKey", "--client-id", id]).fails(4);
    outcome.shows(id).shows("In other words.");
    // Messages of Entra ID are passed on.
    let entra = r#"{"statusCode":400,"message":"AADSTS500011: The resource principal was not found."}"#;
    let scenario = Scenario::on(Host::AppService).rule(Rule::new(IDENTITY, "/", Action::json(400, entra)));
    scenario.azfob(["get", "ApiKey"]).fails(4).shows("AADSTS500011");
}
