//! Terminal output: no control characters of untrusted text, no token, no secret. Also no program of the current folder
//! is run.

use crate::support::{Action, Host, IDENTITY, LOGIN, Rule, Scenario, VAULT};

/// Clears the screen, sets the title, rings the bell, overwrites the line and changes the text direction.
const NASTY: &str = "\u{1b}[2J\u{1b}]0;owned\u{7}\rerror: none\u{9b}31m\u{202e}";

fn is_harmless(told: &str) {
    for c in told.chars() {
        assert!(c == '\n' || !(c.is_control() || ('\u{202a}'..='\u{202e}').contains(&c)), "{c:?} is in:\n{told}");
    }
}

#[test]
fn control_characters_of_the_vault_are_taken_out() {
    for status in [400, 401, 403, 404, 500] {
        let body = serde_json::json!({ "error": { "code": NASTY, "message": NASTY, "innererror": { "code": NASTY } } });
        let action =
            Action::json(status, body.to_string()).header("Retry-After", "0").header("x-ms-request-id", "\u{9b}x");
        let scenario = Scenario::on(Host::AppService).rule(Rule::new(VAULT, "/secrets/ApiKey", action));
        is_harmless(&scenario.azfob(["get", "ApiKey", "-v", "--timeout", "2"]).stderr);
    }
}

#[test]
fn control_characters_of_a_good_answer_are_taken_out_of_what_is_told() {
    let body = serde_json::json!({
        "value": "v", "id": "https://my-vault.vault.azure.net/secrets/A/0", "attributes": { "exp": 1 },
        "tags": { "file-encoding": NASTY }
    });
    let scenario =
        Scenario::on(Host::AppService).rule(Rule::new(VAULT, "/secrets/A", Action::json(200, body.to_string())));
    let outcome = scenario
        .azfob(["get", "A"])
        .succeeds_with_words()
        .prints("v")
        .tells("warning: the secret")
        .tells("file-encoding");
    is_harmless(&outcome.stderr);
}

#[test]
fn control_characters_of_entra_and_the_identity_endpoint_are_taken_out() {
    let body = serde_json::json!({ "error": NASTY, "error_description": NASTY, "message": NASTY, "trace_id": NASTY });
    for (host, service) in [(Host::ServicePrincipal, LOGIN), (Host::AppService, IDENTITY), (Host::Imds, IDENTITY)] {
        let scenario = Scenario::on(host).rule(Rule::new(service, "/", Action::json(400, body.to_string())));
        is_harmless(&scenario.azfob(["get", "ApiKey", "-v"]).fails_without_answer().stderr);
    }
}

#[cfg(unix)]
#[test]
fn control_characters_of_a_program_are_taken_out() {
    let scenario =
        Scenario::on(Host::Nothing).program("az", "printf 'ERROR: \\033[2J\\033]0;x\\007\\rhi\\n' >&2; exit 1");
    let outcome = scenario.azfob(["get", "ApiKey", "-v"]).fails(3).tells("hi");
    is_harmless(&outcome.stderr);
}

#[test]
fn control_characters_of_an_argument_are_taken_out() {
    let outcome = Scenario::on(Host::AppService).azfob(["get", NASTY]).fails(2);
    is_harmless(&outcome.stderr);
}

/// Every run is searched for tokens and secrets; these runs print the most.
#[test]
fn verbose_output_has_each_step_and_no_token_or_secret() {
    for host in [Host::AppService, Host::Imds, Host::WorkloadIdentity, Host::ServicePrincipal, Host::AzureCli] {
        let outcome = Scenario::on(host).azfob(["get", "ApiKey", "-v"]).succeeds_with_words();
        let outcome = outcome.prints("sandbox-api-key-of-february").tells("Credential: token in ");
        let outcome = outcome.tells(&format!("GET {VAULT}/secrets/ApiKey/ 200")).never_tells("eyJ");
        let _ = outcome.never_tells("Bearer").never_tells("february");
    }
}

#[test]
fn verbose_output_is_told_as_azfobs() {
    let outcome = Scenario::on(Host::AppService).azfob(["get", "ApiKey", "-v"]).succeeds_with_words();
    assert!(outcome.stderr.lines().all(|line| line.starts_with("azfob: ")), "{}", outcome.stderr);
}

#[cfg(unix)]
#[test]
fn a_program_of_the_current_folder_is_never_run() {
    use std::os::unix::fs::PermissionsExt;

    for path in ["", ".", ":", ":.:", "./bin:."] {
        let scenario = Scenario::on(Host::Nothing).var("PATH", path).program("az", "echo run >\"$HOME/was-run\"");
        std::fs::copy(scenario.bin().join("az"), scenario.work().join("az")).unwrap();
        std::fs::set_permissions(scenario.work().join("az"), std::fs::Permissions::from_mode(0o755)).unwrap();
        scenario.azfob(["get", "ApiKey"]).fails(3);
        assert!(scenario.has_no_note("was-run"), "PATH={path}");
    }
}

#[test]
fn nothing_is_written_beside_the_answer() {
    let scenario = Scenario::on(Host::AppService);
    scenario.azfob(["get", "ApiKey"]).succeeds();
    for folder in [scenario.work(), scenario.home()] {
        assert_eq!(std::fs::read_dir(folder).unwrap().count(), 0);
    }
}

#[test]
fn colour_is_for_terminals_and_where_it_was_asked_for() {
    let scenario = Scenario::on(Host::AppService);
    is_harmless(&scenario.azfob(["get", "Missing"]).fails(6).stderr);
    is_harmless(&scenario.azfob(["get", "Missing", "--color", "never"]).fails(6).stderr);
    let coloured = scenario.azfob(["get", "Missing", "--color", "always"]).fails(6);
    assert!(coloured.stderr.contains("\u{1b}["), "{}", coloured.stderr);
}
