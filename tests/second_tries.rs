//! What a vault refuses and another try mends: a signing key that it could not find, a version of the API that it lacks.

use crate::support::{Act, Fault, Host, IDENTITY, Rule, Scenario, VAULT};

#[test]
fn a_signing_key_that_the_vault_cannot_find_is_asked_for_a_few_times_more() {
    let outcome = Scenario::on(Host::AppService).fault(Fault::SigningKeyOnce).azfob(["get", "ApiKey"]).succeeds();
    let statuses: Vec<_> = outcome.requests_to(VAULT).iter().map(|request| request.status).collect();
    assert_eq!(statuses, [Some(401), Some(401), Some(401), Some(200)], "the first had no token");
    assert_eq!(outcome.requests_to(IDENTITY).len(), 1, "with the same token");
    let outcome = Scenario::on(Host::AppService).fault(Fault::SigningKey).azfob(["get", "ApiKey"]).fails(4);
    let outcome = outcome.tells("AKV10046");
    assert!(!outcome.stderr.contains("eyJ"), "{}", outcome.stderr);
    assert_eq!(outcome.requests_to(VAULT).iter().filter(|request| request.authorized).count(), 4);
}

#[test]
fn the_version_that_an_old_vault_names_is_tried_once() {
    let scenario = Scenario::on(Host::AppService).fault(Fault::OldApi);
    let outcome = scenario.azfob(["get", "ApiKey"]).succeeds();
    let versions: Vec<_> = outcome.requests_to(VAULT).iter().filter_map(|r| r.parameter("api-version")).collect();
    assert_eq!(versions.last(), Some(&"7.1"));
    scenario.azfob(["list", "-o", "name"]).succeeds();
    // A vault that does not know that one either is not asked for ever.
    let text = "The specified version (7.4) is not recognized. Consider using the latest supported version (7.0).";
    let refusal = format!(r#"{{"error":{{"code":"BadParameter","message":"{text}"}}}}"#);
    let scenario = Scenario::on(Host::AppService).rule(Rule::new(VAULT, "/", Act::json(400, refusal)).with_proof());
    let outcome = scenario.azfob(["get", "ApiKey"]).fails(1).tells("is not recognized");
    assert_eq!(outcome.requests_to(VAULT).iter().filter(|request| request.authorized).count(), 2);
}
