//! The syntax of the command line.

use crate::support::{Host, Scenario, names};

#[test]
fn no_arguments_prints_short_help() {
    let scenario = Scenario::on(Host::AppService);
    let short = scenario.azfob(["-h"]).succeeds().text();
    scenario.azfob::<_, &str>([]).sends_no_request().succeeds().prints(&short);
    let usage = format!("\nUsage: azfob{} [OPTIONS] <COMMAND>\n", std::env::consts::EXE_SUFFIX);
    assert!(short.contains(&usage) && short.contains("\nSecrets:\n  get  "), "{short}");
    scenario.azfob(["--quiet"]).fails(2).sends_no_request().shows("Usage: azfob");
}

#[test]
fn misspelled_option_gets_suggestion() {
    let scenario = Scenario::on(Host::AppService);
    for (typo, meant) in [
        ("--valt", "--vault"),
        ("--vault-sufix", "--vault-suffix"),
        ("--credentials", "--credential"),
        ("--clientid", "--client-id"),
        ("--objectid", "--object-id"),
        ("--resource", "--resource-id"),
        ("--tennant", "--tenant"),
        ("--time-out", "--timeout"),
        ("--quite", "--quiet"),
        ("--verbos", "--verbose"),
        ("--colour", "--color"),
        ("--ouput", "--output"),
        ("--no-new-line", "--no-newline"),
        ("--decod", "--decode"),
        ("--outfile", "--out-file"),
        ("--forse", "--force"),
    ] {
        let outcome = scenario.azfob(["get", "ApiKey", typo]).fails(2).sends_no_request();
        let first = outcome.stderr.lines().next().unwrap_or_default().to_owned();
        assert!(first.starts_with("error: ") && first.contains(typo), "{first}");
        outcome.shows(meant);
    }
    scenario.azfob(["sandbx"]).fails(2).sends_no_request().shows("'sandbx'").shows("'sandbox'");
}

#[test]
fn invalid_value_error_lists_valid_values() {
    let scenario = Scenario::on(Host::AppService);
    for (option, value, list) in [
        ("--output", "yaml", "text, json"),
        ("--decode", "rot13", "base64"),
        ("--color", "sometimes", "auto, always, never"),
    ] {
        scenario.azfob(["get", "ApiKey", option, value]).fails(2).sends_no_request().shows(option).shows(list);
    }
}

#[test]
fn identity_ids_exclude_each_other() {
    let ids = [
        ("--client-id", names::USER_ASSIGNED_CLIENT_ID),
        ("--object-id", names::USER_ASSIGNED_OBJECT_ID),
        ("--resource-id", names::USER_ASSIGNED_RESOURCE_ID),
    ];
    for (first, second) in [(0, 1), (0, 2), (1, 2)] {
        let ((a, id_a), (b, id_b)) = (ids[first], ids[second]);
        let outcome = Scenario::on(Host::AppService).azfob(["get", "ApiKey", a, id_a, b, id_b]);
        outcome.fails(2).sends_no_request().shows(a).shows(b);
    }
}

#[test]
fn quiet_and_verbose_exclude_each_other() {
    Scenario::on(Host::AppService).azfob(["get", "ApiKey", "-q", "-v"]).fails(2).sends_no_request().shows("--verbose");
}

#[test]
fn conflicting_options_are_refused() {
    let scenario = Scenario::on(Host::AppService);
    scenario.azfob(["get", "ApiKey", "--force"]).fails(2).sends_no_request().shows("--out-file");
    scenario.azfob(["get", "ApiKey", "--decode", "base64", "-o", "json"]).has_usage_error(&["--decode", "-o text"]);
    scenario.azfob(["get", "A", "B", "--decode", "base64"]).has_usage_error(&["--decode", "expected only one REF"]);
    scenario.azfob(["get"]).fails(2).sends_no_request().shows("<REF>");
}

#[test]
fn inapplicable_option_is_refused() {
    let scenario = Scenario::on(Host::AppService);
    for command in [["completions", "bash"], ["sandbox", "--count=1"]] {
        for option in ["--tenant=x", "--credential=environment", "--timeout=5", "--client-id=x", "--vault-suffix=a.b"] {
            let name = option.split('=').next().unwrap();
            let outcome = scenario.azfob([option, command[0], command[1]]);
            outcome.has_usage_error(&[name, &format!("`azfob {}` does not accept", command[0])]);
        }
    }
}

#[test]
fn options_are_accepted_before_and_after_command() {
    let scenario = Scenario::on(Host::AppService).var("AZFOB_VAULT", "other-vault");
    scenario.azfob(["--vault", "my-vault", "get", "ApiKey"]).succeeds();
    scenario.azfob(["get", "--vault", "my-vault", "ApiKey"]).succeeds();
    scenario.azfob(["--vault", "other-vault", "get", "ApiKey", "--vault", "my-vault"]).succeeds();
}

#[test]
fn help_and_version_print_to_stdout_without_requests() {
    let scenario = Scenario::on(Host::AppService);
    let version = scenario.azfob(["--version"]).sends_no_request().succeeds();
    assert_eq!(version.text(), format!("azfob {}\n", env!("CARGO_PKG_VERSION")));
    for arguments in [&["--help"][..], &["-h"], &["get", "--help"], &["get", "-h"], &["sandbox", "--help"]] {
        let help = scenario.azfob(arguments).sends_no_request().succeeds();
        assert!(help.text().contains("Usage: azfob"), "{}", help.text());
    }
}
