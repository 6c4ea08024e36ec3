//! Multiple secrets: all or none, every failed name listed, one exit code.

use crate::support::{Action, Host, Rule, Scenario, SecretSpec, VAULT, in_parallel};

/// A vault in which each secret except `Good` fails, named for its exit code.
fn scenario() -> Scenario {
    let answer = |name: &str, action: Action| Rule::new(VAULT, format!("/secrets/{name}/"), action);
    Scenario::on(Host::AppService)
        .secret("Good", "good-value")
        .secret_spec(SecretSpec::new("Code5", "disabled-value").disabled())
        .rule(answer("Code1", Action::json(400, r#"{"error":{"code":"BadParameter","message":"no"}}"#)))
        .rule(answer("Code4", Action::json(401, r#"{"error":{"code":"Unauthorized","message":"no"}}"#)))
        .rule(answer("Code7", Action::Raw(b"no HTTP\r\n\r\n".to_vec())))
        .rule(answer("Code8", Action::json(429, "{}").header("Retry-After", "3600")))
}

#[test]
fn one_failure_fails_all_and_prints_nothing() {
    for arguments in [["get", "Good", "Code6"], ["get", "Code6", "Good"]] {
        let outcome = scenario().azfob(arguments).fails(6).shows("'Code6'");
        outcome.never_shows("'Good'").never_shows("good-value");
    }
    scenario().azfob(["get", "Good", "Code6", "-o", "json"]).fails(6);
}

#[test]
fn every_failed_name_is_listed() {
    let outcome = scenario().azfob(["get", "Code6", "Good", "Missing", "Code5"]).fails(5);
    for name in ["Code6", "Missing", "Code5"] {
        assert!(outcome.stderr.contains(&format!("'{name}'")), "{name} is not in:\n{}", outcome.stderr);
    }
    assert_eq!(outcome.stderr.matches("error: SecretNotFound: ").count(), 2);
    assert_eq!(
        outcome.stderr.matches("cause: Wrong vault URL or secret name").count(),
        1,
        "the same cause is reported once"
    );
}

#[test]
fn most_severe_failure_sets_exit_code() {
    // 3 precedes these and needs no vault.
    let cases = [
        (["Code1", "Code6"], 6),
        (["Code6", "Code5"], 5),
        (["Code5", "Code8"], 8),
        (["Code8", "Code7"], 7),
        (["Code4", "Code8"], 4),
        (["Code1", "Code1b"], 6),
    ];
    in_parallel(cases, |(names, code)| {
        for [first, second] in [names, [names[1], names[0]]] {
            scenario().azfob(["get", first, second, "--timeout", "2"]).fails(code);
        }
    });
}

#[test]
fn failure_leaves_no_file() {
    let scenario = scenario();
    scenario.azfob(["get", "Good", "Code6", "--out-file", "secrets"]).fails(6);
    assert_eq!(std::fs::read_dir(scenario.work()).unwrap().count(), 0);
}

#[test]
fn out_file_has_one_line_per_secret() {
    let scenario = scenario().secret("B", "other");
    scenario.azfob(["get", "Good", "B", "--out-file", "secrets"]).succeeds().prints("");
    assert_eq!(std::fs::read(scenario.work().join("secrets")).unwrap(), b"good-value\nother\n");
}

#[test]
fn missing_credential_is_reported_once() {
    let outcome = Scenario::on(Host::Nothing).azfob(["get", "A", "B", "C"]).fails(3);
    assert_eq!(outcome.stderr.matches("error: ").count(), 1, "{}", outcome.stderr);
}

#[test]
fn fifty_secrets_keep_requested_order() {
    let names: Vec<String> = (0..50).map(|n| format!("s{}", (n * 7) % 50)).collect();
    let scenario = names.iter().fold(Scenario::on(Host::AppService), |s, name| s.secret(name, &format!("of {name}")));
    let expected: String = names.iter().map(|name| format!("of {name}\n")).collect();
    let arguments: Vec<&str> = std::iter::once("get").chain(names.iter().map(String::as_str)).collect();
    scenario.azfob(arguments).succeeds().prints(expected);
}
