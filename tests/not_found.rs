//! A secret that does not exist: similar names are suggested if the vault returns them quickly.

use std::fs;
use std::time::Duration;

use crate::support::{Action, Fault, Host, Outcome, Rule, Scenario, VAULT};

fn vault() -> Scenario {
    Scenario::on(Host::AppService).secret("DbPassword", "a").secret("ApiKey", "b")
}

/// The authorized requests to other paths than those of the secrets.
fn extra_requests(outcome: &Outcome) -> Vec<String> {
    let paths = outcome.requests_to(VAULT).into_iter().filter(|request| request.authorized).map(|r| r.path.clone());
    paths.filter(|path| path == "/secrets" || path.starts_with("/deletedsecrets")).collect()
}

#[test]
fn similar_name_is_suggested() {
    let near = "my-vault has no secret 'DbPasswrd'; did you mean DbPassword?";
    vault().azfob(["get", "DbPasswrd"]).fails(6).shows(near);
    vault().azfob(["list", "--versions", "DbPasswrd"]).fails(6).shows(near);
    let outcome = vault().azfob(["get", "ApiKey/0123456789abcdef0123456789abcdef"]).fails(6);
    outcome.shows("; ApiKey exists, but not in this version\n").shows("az keyvault secret list-versions ");
    // A name unlike all others gets no suggestion.
    vault().azfob(["get", "Unlike"]).fails(6).never_shows("did you mean");
}

#[test]
fn error_names_variable_or_line() {
    let outcome =
        vault().azfob(["get", "-o", "dotenv", "PW=DbPasswrd", "ALSO=DbPasswrd", "K=ApiKy", "ApiKey"]).fails(6);
    let outcome = outcome.shows("no secret 'DbPasswrd', needed for PW and ALSO; did you mean DbPassword?");
    outcome
        .shows("no secret 'ApiKy', needed for K; did you mean ApiKey?")
        .shows("more:  azfob diagnose --vault my-vault --secret DbPasswrd");
    let scenario = vault();
    let text = "a: 1\nkey: akv://my-vault/ApiKy\n";
    fs::write(scenario.work().join("app.yaml"), text).unwrap();
    let outcome = scenario.azfob(["inject", "app.yaml"]).fails(6);
    outcome.shows("no secret 'ApiKy', needed for app.yaml, line 2; did you mean ApiKey?");
}

#[cfg(unix)]
#[test]
fn run_errors_name_variables() {
    let scenario = vault().var("CONNECTION", "akv://my-vault/Missing");
    fs::write(scenario.work().join(".env"), "KEY=akv://my-vault/ApiKy\n").unwrap();
    let outcome = scenario.azfob(["run", "--env-file", ".env", "--env", "PW=DbPasswrd", "--", "true"]).fails(6);
    let outcome = outcome.shows("no secret 'DbPasswrd', needed for PW; did you mean DbPassword?");
    outcome
        .shows("no secret 'ApiKy', needed for KEY; did you mean ApiKey?")
        .shows("no secret 'Missing', needed for CONNECTION\n");
    // Every kind of refusal names the variables, also for secrets that were not requested.
    let outcome = vault().fault(Fault::Forbidden).azfob(["run", "--env", "PW=DbPassword", "--", "true"]).fails(5);
    outcome.shows("error: 403 Forbidden: my-vault refused secrets/get on 'DbPassword', needed for PW\n");
    let refused = Rule::new(VAULT, "/secrets/", Action::json(401, "{}")).with_credential();
    let arguments = ["run", "--env", "PW=DbPassword", "--env", "KEY=ApiKey", "--env", "K=Other", "--", "true"];
    let outcome = vault().rule(refused).azfob(arguments).fails(4);
    assert!(outcome.stderr.contains(", needed for "), "{}", outcome.stderr);
}

#[test]
fn deleted_secret_is_reported_as_deleted() {
    let outcome = vault().fault(Fault::SoftDeleted).azfob(["get", "ApiKey"]).fails(6);
    let outcome = outcome.shows("cause: The secret is soft-deleted and can be recovered\n");
    let outcome = outcome.shows("az keyvault secret recover --vault-name my-vault --name ApiKey\n");
    assert_eq!(extra_requests(&outcome), ["/deletedsecrets/ApiKey"]);
}

#[test]
fn quiet_sends_no_extra_requests() {
    let outcome = vault().azfob(["get", "-q", "DbPasswrd"]).fails(6).never_shows("did you mean");
    assert_eq!(extra_requests(&outcome), [""; 0]);
}

#[test]
fn refused_list_keeps_original_error() {
    let refused = |path| Rule::new(VAULT, path, Action::json(403, "{}")).with_credential();
    let get = ["get", "DbPasswrd"];
    vault().rule(refused("/secrets").skip(1)).azfob(get).fails(6).never_shows("did you mean");
    vault().rule(refused("/deletedsecrets")).azfob(get).fails(6).shows("did you mean DbPassword?");
}

/// Suggestions have 300 ms; the bound allows for a busy machine.
#[test]
fn slow_vault_does_not_delay_error() {
    let slow = |path| Rule::new(VAULT, path, Action::Late(Duration::from_secs(20))).with_credential();
    for rule in [slow("/deletedsecrets"), slow("/secrets").skip(3)] {
        let outcome = vault().rule(rule).azfob(["get", "DbPasswrd", "ApiKy", "Other"]).fails(6);
        outcome.never_shows("did you mean").within(Duration::from_secs(3));
    }
    let throttled =
        Rule::new(VAULT, "/deletedsecrets", Action::json(429, "{}").header("Retry-After", "9")).with_credential();
    let outcome = vault().rule(throttled).azfob(["get", "DbPasswrd"]).fails(6);
    outcome.within(Duration::from_secs(3));
}
