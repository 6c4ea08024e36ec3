//! Secrets of multiple vaults: tokens are shared, and errors of one vault hide none of another.

use crate::support::{Action, Fault, Host, IDENTITY, LOGIN, Outcome, Rule, Scenario, VAULT};

const OTHER: &str = "other-vault.vault.azure.net";
const ELSEWHERE: &str = "https://other-vault.vault.azure.net/secrets";

/// The names after a label on stderr.
fn listed(outcome: &Outcome, label: &str) -> Vec<String> {
    let line = outcome.stderr.lines().find_map(|line| line.strip_prefix(label));
    line.map(|names| names.trim().split(", ").map(str::to_owned).collect()).unwrap_or_default()
}

#[test]
fn unreachable_vault_hides_no_error_of_other_vault() {
    let scenario = Scenario::on(Host::AppService);
    let (x, y) = (format!("{ELSEWHERE}/X"), format!("{ELSEWHERE}/Y"));
    let outcome = scenario.azfob(["get", &x, &y, "ApiKey", "None", "--timeout", "20"]).fails(7);
    let outcome = outcome.shows("other-vault.vault.azure.net: it answered 502");
    let outcome = outcome.shows("error: SecretNotFound: my-vault has no secret 'None'");
    // The two requests to the other vault may run at the same time.
    let named = [listed(&outcome, "also failed:"), listed(&outcome, "not requested:")].concat();
    assert!(named == ["Y (other-vault)"] || named == ["X (other-vault)"], "{}", outcome.stderr);
    assert_eq!(outcome.requests_to(IDENTITY).len(), 1, "one token for both");
}

#[test]
fn untrusted_vault_hides_no_error_of_other_vault() {
    let scenario = Scenario::on(Host::AppService).rule(Rule::connecting(OTHER, Action::Intercept));
    let names = ["A", "B", "C", "D"].map(|name| format!("{ELSEWHERE}/{name}"));
    let arguments = ["get"].into_iter().chain(names.iter().map(String::as_str)).chain(["ApiKey", "None"]);
    let outcome = scenario.azfob(arguments.collect::<Vec<_>>()).fails(7);
    let outcome = outcome.shows("error: The TLS certificate is not trusted: the certificate of other-vault");
    let outcome = outcome.shows("error: SecretNotFound: my-vault has no secret 'None'");
    let left = [listed(&outcome, "also failed:"), listed(&outcome, "not requested:")].concat();
    assert_eq!(left.len(), 3, "each secret of the other vault is named once: {}", outcome.stderr);
    assert_eq!(outcome.requests_to(IDENTITY).len(), 1);
}

#[test]
fn rejected_token_hides_no_error_of_other_vault() {
    let body = r#"{"error":{"code":"Unauthorized","message":"AKV10000: Error validating token."}}"#;
    let scenario = Scenario::on(Host::AppService).rule(Rule::new(OTHER, "/", Action::json(401, body)));
    let (x, y) = (format!("{ELSEWHERE}/X"), format!("{ELSEWHERE}/Y"));
    let outcome = scenario.azfob(["get", &x, &y, "ApiKey", "None"]).fails(4);
    let outcome = outcome.shows("AKV10000").shows("SecretNotFound: my-vault has no secret 'None'");
    for name in ["X", "Y"] {
        let printed = [format!("on '{name}'"), format!("{name} (other-vault)")];
        assert!(printed.iter().any(|printed| outcome.stderr.contains(printed)), "{}", outcome.stderr);
    }
}

#[test]
fn rejected_token_ends_requests_and_lists_the_rest() {
    let body = r#"{"error":{"code":"Unauthorized","message":"AKV10000: Error validating token."}}"#;
    let scenario = Scenario::on(Host::AppService).rule(Rule::new(VAULT, "/secrets/", Action::json(401, body)));
    let names: Vec<String> = (0..200).map(|n| format!("s{n}")).collect();
    let arguments: Vec<&str> = ["get"].into_iter().chain(names.iter().map(String::as_str)).collect();
    let outcome = scenario.azfob(&arguments).fails(4);
    let requested = outcome.requests_to(VAULT).len();
    let not_asked = listed(&outcome, "not requested:");
    assert!(requested <= 50 && requested + not_asked.len() == 200, "{requested} {}", not_asked.len());
    for name in names.iter().filter(|name| !not_asked.contains(name)) {
        let _ = outcome.stderr.find(&format!("'{name}'")).unwrap_or_else(|| panic!("{name}: {}", outcome.stderr));
    }
}

#[test]
fn failed_renewal_hides_no_error_of_other_vault() {
    let gone = r#"{"error":"invalid_client","error_description":"AADSTS7000222: The provided client secret keys are expired."}"#;
    let scenario = Scenario::on(Host::ServicePrincipal)
        .fault(Fault::Revoked)
        .rule(Rule::new(LOGIN, "/", Action::json(401, gone)).skip(1));
    let outcome = scenario.azfob(["get", "ApiKey", &format!("{ELSEWHERE}/X"), "--timeout", "20"]).fails(4);
    outcome.shows("AADSTS7000222").shows("other-vault.vault.azure.net: it answered 502");
}

#[test]
fn missing_token_is_reported_once_for_all_vaults() {
    let outcome = Scenario::on(Host::Nothing).azfob(["get", "A", &format!("{ELSEWHERE}/X")]).fails(3);
    assert_eq!(outcome.stderr.matches("error: ").count(), 1, "{}", outcome.stderr);
}

#[cfg(unix)]
#[test]
fn az_runs_once_per_tenant() {
    let scenario =
        Scenario::on(Host::AzureCli).program("az", "echo asked >>\"$HOME/asked\"; exec \"${outer##*:}/az\" \"$@\"");
    let third = "https://third-vault.vault.azure.net/secrets/Z";
    scenario.azfob(["get", "ApiKey", &format!("{ELSEWHERE}/X"), third, "--timeout", "20"]).fails(7);
    assert_eq!(scenario.recorded("asked"), "asked\n");
}
