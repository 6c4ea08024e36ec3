//! A secret that does not exist: similar names are suggested if the vault returns them quickly.

use std::fs;
use std::time::Duration;

use crate::support::{Action, Fault, Host, Outcome, Rule, Scenario, VAULT};

fn vault() -> Scenario {
    Scenario::on(Host::AppService).secret("DbPassword", "a").secret("ApiKey", "b")
}

/// The authorized requests to other paths than those of the secrets.
fn asked_beside(outcome: &Outcome) -> Vec<String> {
    let paths = outcome.requests_to(VAULT).into_iter().filter(|request| request.authorized).map(|r| r.path.clone());
    paths.filter(|path| path == "/secrets" || path.starts_with("/deletedsecrets")).collect()
}

#[test]
fn the_near_name_is_told_by_whoever_asks_for_a_secret() {
    let near = "my-vault has no secret 'DbPasswrd'; did you mean DbPassword?";
    vault().azfob(["get", "DbPasswrd"]).fails(6).tells(near);
    vault().azfob(["list", "--versions", "DbPasswrd"]).fails(6).tells(near);
    let outcome = vault().azfob(["get", "ApiKey/0123456789abcdef0123456789abcdef"]).fails(6);
    outcome.tells("; ApiKey exists, but not in this version\n").tells("az keyvault secret list-versions ");
    // A name unlike all others gets no suggestion.
    vault().azfob(["get", "Unlike"]).fails(6).never_tells("did you mean");
}

#[test]
fn the_variable_or_the_place_is_told_beside_the_secret() {
    let outcome = vault().azfob(["get", "-o", "dotenv", "PW=DbPasswrd", "ALSO=DbPasswrd", "ApiKy", "ApiKey"]).fails(6);
    let outcome = outcome.tells("no secret 'DbPasswrd', needed for PW and ALSO; did you mean DbPassword?");
    outcome
        .tells("no secret 'ApiKy'; did you mean ApiKey?")
        .tells("more:  azfob diagnose --vault my-vault --secret DbPasswrd");
    let scenario = vault();
    let text = "a: 1\nkey: akv://my-vault/ApiKy\n";
    fs::write(scenario.work().join("app.yaml"), text).unwrap();
    let outcome = scenario.azfob(["inject", "app.yaml"]).fails(6);
    outcome.tells("no secret 'ApiKy', needed for app.yaml, line 2; did you mean ApiKey?");
}

#[cfg(unix)]
#[test]
fn run_names_every_variable_however_it_was_set() {
    let scenario = vault().var("CONNECTION", "akv://my-vault/Missing");
    fs::write(scenario.work().join(".env"), "KEY=akv://my-vault/ApiKy\n").unwrap();
    let outcome = scenario.azfob(["run", "--env-file", ".env", "--env", "PW=DbPasswrd", "--", "true"]).fails(6);
    let outcome = outcome.tells("no secret 'DbPasswrd', needed for PW; did you mean DbPassword?");
    outcome
        .tells("no secret 'ApiKy', needed for KEY; did you mean ApiKey?")
        .tells("no secret 'Missing', needed for CONNECTION\n");
    // Every kind of refusal names the variables, also for secrets that were not requested.
    let outcome = vault().fault(Fault::Forbidden).azfob(["run", "--env", "PW=DbPassword", "--", "true"]).fails(5);
    outcome.tells("error: 403 Forbidden: my-vault refused secrets/get on 'DbPassword', needed for PW\n");
    let refused = Rule::new(VAULT, "/secrets/", Action::json(401, "{}")).with_credential();
    let arguments = ["run", "--env", "PW=DbPassword", "--env", "KEY=ApiKey", "--env", "K=Other", "--", "true"];
    let outcome = vault().rule(refused).azfob(arguments).fails(4);
    assert!(outcome.stderr.contains(", needed for "), "{}", outcome.stderr);
}

#[test]
fn a_deleted_secret_is_told_as_deleted() {
    let outcome = vault().fault(Fault::SoftDeleted).azfob(["get", "ApiKey"]).fails(6);
    let outcome = outcome.tells("cause: The secret is soft-deleted and can be recovered\n");
    let outcome = outcome.tells("az keyvault secret recover --vault-name my-vault --name ApiKey\n");
    assert_eq!(asked_beside(&outcome), ["/deletedsecrets/ApiKey"]);
}

#[test]
fn nothing_more_is_asked_with_quiet() {
    let outcome = vault().azfob(["get", "-q", "DbPasswrd"]).fails(6).never_tells("did you mean");
    assert_eq!(asked_beside(&outcome), [""; 0]);
}

#[test]
fn a_list_that_is_refused_leaves_the_failure_as_it_was() {
    let refused = |path| Rule::new(VAULT, path, Action::json(403, "{}")).with_credential();
    let get = ["get", "DbPasswrd"];
    vault().rule(refused("/secrets").skip(1)).azfob(get).fails(6).never_tells("did you mean");
    vault().rule(refused("/deletedsecrets")).azfob(get).fails(6).tells("did you mean DbPassword?");
}

/// Suggestions have 300 ms; the bound allows for a busy machine.
#[test]
fn a_vault_that_takes_its_time_is_not_waited_for() {
    let slow = |path| Rule::new(VAULT, path, Action::Late(Duration::from_secs(20))).with_credential();
    for rule in [slow("/deletedsecrets"), slow("/secrets").skip(3)] {
        let outcome = vault().rule(rule).azfob(["get", "DbPasswrd", "ApiKy", "Other"]).fails(6);
        outcome.never_tells("did you mean").within(Duration::from_secs(3));
    }
    let throttled =
        Rule::new(VAULT, "/deletedsecrets", Action::json(429, "{}").header("Retry-After", "9")).with_credential();
    let outcome = vault().rule(throttled).azfob(["get", "DbPasswrd"]).fails(6);
    outcome.within(Duration::from_secs(3));
}
