//! What all hosts have in common: works, unavailable, failing, malformed responses, no response.

use std::time::Duration;

use azfob::testing::sandbox::HOSTS;

use crate::support::{Action, Fault, Host, IDENTITY, Rule, Scenario, in_parallel, names};

/// The variable that sets the endpoint of a host, if there is one.
fn variable(host: Host) -> Option<&'static str> {
    match host {
        Host::AppService | Host::Functions | Host::ContainerApps | Host::ServiceFabric => Some("IDENTITY_ENDPOINT"),
        Host::CloudShell | Host::AzureMl => Some("MSI_ENDPOINT"),
        // The metadata address is fixed, and Arc's key is a file.
        Host::Imds | Host::Arc => None,
        Host::WorkloadIdentity | Host::IdentityBinding | Host::GithubActions | Host::AzurePipelines => None,
        Host::GitLab | Host::CircleCi | Host::Buildkite => None,
        Host::ServicePrincipal | Host::AzureCli | Host::AzurePowershell | Host::AzureDeveloperCli => None,
        Host::VisualStudio | Host::Browser | Host::Nothing => None,
    }
}

/// The hosts whose endpoint is set by a variable, with that variable.
fn named() -> impl Iterator<Item = (Host, &'static str)> {
    HOSTS.iter().filter_map(|row| Some((row.host, variable(row.host)?)))
}

#[test]
fn every_host_returns_token_without_other_requests() {
    for host in named().map(|(host, _)| host).chain([Host::Imds]) {
        let outcome = Scenario::on(host).azfob(["get", "ApiKey"]).succeeds();
        assert!(!outcome.tunnels.iter().any(|tunnel| tunnel.starts_with("login.")), "{host}");
    }
}

#[test]
fn host_without_identity_is_unavailable() {
    for host in named().map(|(host, _)| host).chain([Host::Arc]) {
        let outcome = Scenario::on(host).fault(Fault::NoIdentity).azfob(["get", "ApiKey", "-v"]).fails(3);
        assert!(outcome.requests_to(IDENTITY).is_empty(), "{host}");
        outcome.shows("ManagedIdentityCredential");
    }
}

#[test]
fn closed_endpoint_is_unavailable() {
    for (host, variable) in named() {
        let scheme = if host == Host::ServiceFabric { "https" } else { "http" };
        let scenario = Scenario::on(host).var(variable, format!("{scheme}://127.0.0.1:1/token"));
        let outcome = scenario.azfob(["get", "ApiKey", "--timeout", "1"]).fails(3);
        outcome.shows("does not answer: 127.0.0.1:1 could not be reached").never_shows("identity assign");
    }
}

#[test]
fn malformed_endpoint_failure_names_variable() {
    for (host, variable) in named() {
        let wrong = if host == Host::ServiceFabric { "http://127.0.0.1:1/" } else { "https://127.0.0.1:1/" };
        let outcome = Scenario::on(host).var(variable, wrong).azfob(["get", "ApiKey"]).fails(4);
        outcome.shows(&format!("{variable} is malformed"));
    }
}

#[test]
fn response_without_token_is_a_failure() {
    for (host, _) in named() {
        for body in ["{}", r#"{"access_token":""}"#, "<html>", r#"{"access_token":7}"#] {
            let rule = Rule::new(IDENTITY, "/", Action::json(200, body));
            let outcome = Scenario::on(host).rule(rule).azfob(["get", "ApiKey"]).fails(4);
            outcome.shows("is not JSON with an access_token");
        }
    }
}

#[test]
fn failing_endpoint_is_retried_then_a_failure() {
    in_parallel(named(), |(host, _)| {
        let trouble = || Action::json(503, r#"{"message":"in trouble"}"#).header("Retry-After", "0");
        let outcome =
            Scenario::on(host).rule(Rule::new(IDENTITY, "/", trouble()).times(1)).azfob(["get", "ApiKey"]).succeeds();
        assert_eq!(outcome.requests_to(IDENTITY).len(), 2, "{host}");
        // Within the limit each retry schedule sends four requests.
        let scenario = Scenario::on(host).rule(Rule::new(IDENTITY, "/", trouble()));
        let outcome = scenario.azfob(["get", "ApiKey", "--timeout", "9"]).fails(4);
        assert!(outcome.requests_to(IDENTITY).len() >= 4, "{host}");
        outcome.shows("answered 503: in trouble");
    });
}

#[test]
fn silent_endpoint_ends_at_time_limit() {
    in_parallel(named(), |(host, _)| {
        let scenario = Scenario::on(host).rule(Rule::new(IDENTITY, "/", Action::Hang));
        let outcome = scenario.azfob(["get", "ApiKey", "--timeout", "1"]).fails(7).within(Duration::from_secs(5));
        outcome.shows("no answer from 127.0.0.1:");
    });
}

#[test]
fn endpoint_uses_no_proxy_and_no_redirect() {
    for (host, _) in named().chain([(Host::Imds, "")]) {
        // NO_PROXY is not the reason: the proxy would get the endpoint's own address.
        let scenario = Scenario::on(host).without("NO_PROXY").without("no_proxy");
        scenario.azfob(["get", "ApiKey"]).succeeds();
        let away = Action::json(302, "{}").header("Location", "http://127.0.0.1:1/elsewhere");
        let rule = Rule::new(IDENTITY, "/", away).with_credential();
        let outcome = Scenario::on(host).rule(rule).azfob(["get", "ApiKey"]);
        assert_ne!(outcome.code, Some(0), "{host}");
        assert!(outcome.requests_to(IDENTITY).iter().all(|r| r.path != "/elsewhere"), "{host}");
    }
}

#[test]
fn unsupported_id_failure_lists_supported_kinds() {
    for (host, option, takes) in [
        (Host::ServiceFabric, "--client-id", "it accepts no ID: its application manifest defines the identity"),
        (Host::ServiceFabric, "--object-id", "this Service Fabric application cannot select an identity by object ID"),
        (Host::ServiceFabric, "--resource-id", "it accepts no ID"),
        (Host::CloudShell, "--client-id", "it accepts no ID: it uses the signed-in user"),
        (Host::CloudShell, "--object-id", "it accepts no ID"),
        (Host::CloudShell, "--resource-id", "it accepts no ID"),
        (
            Host::AzureMl,
            "--object-id",
            "cannot select an identity by object ID (from --object-id); it accepts a client ID",
        ),
        (
            Host::AzureMl,
            "--resource-id",
            "cannot select an identity by resource ID (from --resource-id); it accepts a client ID",
        ),
    ] {
        let id =
            if option == "--resource-id" { names::USER_ASSIGNED_RESOURCE_ID } else { names::USER_ASSIGNED_OBJECT_ID };
        let outcome = Scenario::on(host).azfob(["get", "ApiKey", option, id]).fails(4);
        assert!(outcome.requests_to(IDENTITY).is_empty(), "{host} {option}");
        outcome.shows(takes).shows("cause: This host does not support selecting a user-assigned identity");
    }
}
