//! Refusals of a vault that azfob works around: an unknown signing key, an unknown API version, a revoked session.

use crate::support::{Action, Fault, Host, IDENTITY, LOGIN, Rule, Scenario, VAULT};

#[test]
fn unknown_signing_key_is_retried_a_few_times() {
    let outcome = Scenario::on(Host::AppService).fault(Fault::SigningKeyOnce).azfob(["get", "ApiKey"]).succeeds();
    let statuses: Vec<_> = outcome.requests_to(VAULT).iter().map(|request| request.status).collect();
    assert_eq!(statuses, [Some(401), Some(401), Some(200)]);
    assert_eq!(outcome.requests_to(IDENTITY).len(), 1, "the same token");
    let outcome = Scenario::on(Host::AppService).fault(Fault::SigningKey).azfob(["get", "ApiKey"]).fails(4);
    let outcome = outcome.shows("AKV10046").shows("which is a failure of the service");
    assert!(!outcome.stderr.contains("eyJ"), "{}", outcome.stderr);
    assert_eq!(outcome.requests_to(VAULT).iter().filter(|request| request.authorized).count(), 4);
}

#[test]
fn api_version_named_by_old_vault_is_tried_once() {
    let scenario = Scenario::on(Host::AppService).fault(Fault::OldApi);
    let outcome = scenario.azfob(["get", "ApiKey"]).succeeds();
    let versions: Vec<_> = outcome.requests_to(VAULT).iter().filter_map(|r| r.parameter("api-version")).collect();
    assert_eq!(versions.last(), Some(&"7.1"));
    scenario.azfob(["list", "-o", "name"]).succeeds();
    // A vault that rejects the other version too gets no further requests.
    let text = "The specified version (7.4) is not recognized. Consider using the latest supported version (7.0).";
    let refusal = format!(r#"{{"error":{{"code":"BadParameter","message":"{text}"}}}}"#);
    let scenario =
        Scenario::on(Host::AppService).rule(Rule::new(VAULT, "/", Action::json(400, refusal)).with_credential());
    let outcome = scenario.azfob(["get", "ApiKey"]).fails(1).shows("is not recognized");
    assert_eq!(outcome.requests_to(VAULT).iter().filter(|request| request.authorized).count(), 2);
}

#[test]
fn revoked_session_is_renewed_once() {
    for host in [Host::ServicePrincipal, Host::WorkloadIdentity] {
        let scenario = Scenario::on(host).fault(Fault::Revoked);
        for arguments in [&["get", "ApiKey"][..], &["get", "--match", "Api*"], &["list", "-o", "name"]] {
            let outcome = scenario.azfob(arguments).succeeds();
            let grants = outcome.requests_to(LOGIN);
            let claims: Vec<_> = grants.iter().map(|request| request.field("claims")).collect();
            let wanted = r#"{"access_token":{"nbf":{"essential":true,"value":"1735689600"}}}"#;
            assert_eq!(claims, [None, Some(wanted)], "{host} {arguments:?}");
        }
        let outcome = scenario.azfob(["diagnose", "--secret", "ApiKey", "-v"]).succeeds_with_messages();
        let report = String::from_utf8_lossy(&outcome.stdout);
        let renewal = "the session was revoked; a new token was requested once";
        assert_eq!((report.matches(renewal).count(), outcome.requests_to(LOGIN).len()), (1, 2), "{report}");
    }
    // A vault that revokes the second token too gets no further requests.
    let challenge =
        r#"Bearer authorization="https://login.microsoftonline.com/t", error="invalid_token", claims="e30=""#;
    let refusal = Action::json(401, r#"{"error":{"code":"Unauthorized","message":"User session has been revoked"}}"#);
    let rule = Rule::new(VAULT, "/secrets/", refusal.header("WWW-Authenticate", challenge)).with_credential();
    let refused = || Scenario::on(Host::ServicePrincipal).rule(rule.clone());
    // A token of 30 seconds is replaced before each request, which is not a second renewal.
    let short = Action::json(200, r#"{"token_type":"Bearer","expires_in":30,"access_token":"e30.e30.e30"}"#);
    let short = Rule::new(LOGIN, "/", short);
    for (scenario, tokens) in [(refused(), 2), (refused().rule(short), 3)] {
        let outcome = scenario.azfob(["get", "ApiKey", "--timeout", "5"]).fails(4);
        let outcome = outcome.shows("User session has been revoked");
        assert_eq!(outcome.requests_to(LOGIN).len(), tokens);
        assert_eq!(outcome.requests_to(VAULT).iter().filter(|request| request.authorized).count(), 2);
    }
}

#[test]
fn revoked_session_without_renewal_is_reported() {
    for host in [Host::AppService, Host::AzureCli] {
        let outcome = Scenario::on(host).fault(Fault::Revoked).azfob(["get", "ApiKey"]).fails(4);
        let outcome = outcome
            .shows("User session has been revoked")
            .shows("cause: The session was revoked (continuous access evaluation)");
        assert_eq!(outcome.requests_to(VAULT).iter().filter(|request| request.authorized).count(), 1, "{host}");
    }
}
