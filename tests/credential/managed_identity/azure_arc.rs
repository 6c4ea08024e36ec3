//! Azure Arc: which challenges are followed. Unit tests cover reading and sending the key, because only the agent's own
//! folder is accepted, and tests cannot write there.

use super::query;
use crate::support::{Action, Host, IDENTITY, Outcome, Rule, Scenario, names};

fn challenged(realm: &str) -> Outcome {
    let challenge = Action::json(401, "{}").header("WWW-Authenticate", realm);
    Scenario::on(Host::Arc).rule(Rule::new(IDENTITY, "/", challenge)).azfob(["get", "ApiKey"])
}

#[test]
fn first_request_has_no_key() {
    let outcome = Scenario::on(Host::Arc).azfob(["get", "ApiKey", "--object-id", names::USER_ASSIGNED_OBJECT_ID]);
    let request = outcome.requests_to(IDENTITY)[0];
    assert_eq!((request.method.as_str(), request.path.as_str()), ("GET", "/metadata/identity/oauth2/token"));
    assert_eq!(
        query(request),
        [
            ("api-version", "2020-06-01"),
            ("resource", "https://vault.azure.net"),
            ("object_id", names::USER_ASSIGNED_OBJECT_ID)
        ]
    );
    super::has_only_header(request, "metadata");
}

#[cfg(target_os = "linux")]
#[test]
fn only_agent_folder_is_read() {
    for path in [
        "/etc/passwd",
        "/tmp/x.key",
        "/var/opt/azcmagent/tokens/../../../../etc/x.key",
        "/var/opt/azcmagent/tokens/sub/x.key",
        "/var/opt/azcmagent/tokensx/x.key",
        "tokens/x.key",
        "file:///var/opt/azcmagent/tokens/x.key",
    ] {
        let outcome = challenged(&format!("Basic realm={path}")).fails(4);
        assert_eq!(outcome.requests_to(IDENTITY).len(), 1, "{path}");
        outcome.shows(&format!("the key file {path} of the Azure Arc agent is not in the agent's token folder"));
    }
    challenged("Basic realm=/var/opt/azcmagent/tokens/x.pem")
        .fails(4)
        .shows("x.pem of the Azure Arc agent does not end in .key");
    challenged("Basic realm=/var/opt/azcmagent/tokens/no.key")
        .fails(4)
        .shows("no.key of the Azure Arc agent cannot be read");
}

#[test]
fn malformed_challenge_is_a_failure() {
    for realm in ["Basic", "Basic realm=", "Bearer realm=/x.key", "Basic realm=\"/x.key\"", "Basic realm=/x.key, a=b"] {
        let outcome = challenged(realm).fails(4);
        assert_eq!(outcome.requests_to(IDENTITY).len(), 1, "{realm}");
        outcome.shows("the response from the Azure Arc agent is not 401 with a header WWW-Authenticate");
    }
}

#[test]
fn agent_that_requires_no_key_is_refused() {
    let rule = Rule::new(IDENTITY, "/", Action::json(200, r#"{"access_token":"x"}"#));
    let outcome = Scenario::on(Host::Arc).rule(rule).azfob(["get", "ApiKey"]).fails(4);
    outcome.shows("the response from the Azure Arc agent is not 401");
}

#[test]
fn agent_refusal_is_quoted() {
    let body = r#"{"error":"invalid_request","error_description":"the agent is not connected"}"#;
    let rule = Rule::new(IDENTITY, "/", Action::json(400, body));
    let outcome = Scenario::on(Host::Arc).rule(rule).azfob(["get", "ApiKey"]).fails(4);
    outcome.shows("the identity endpoint of this Azure Arc server answered 400: the agent is not connected");
}

#[test]
fn silent_and_missing_agent_differ() {
    let gone = Scenario::on(Host::Arc).var("IDENTITY_ENDPOINT", "http://127.0.0.1:1/metadata/identity/oauth2/token");
    gone.azfob(["get", "ApiKey", "--timeout", "1"])
        .fails(3)
        .shows("the identity endpoint of this Azure Arc server does not answer");
    let silent = Scenario::on(Host::Arc).rule(Rule::new(IDENTITY, "/", Action::Hang));
    silent.azfob(["get", "ApiKey", "--timeout", "1"]).fails(7).shows("no answer from 127.0.0.1:");
}
