//! Terminal output: no control characters of untrusted text, no token, no secret. Also no program of the current folder
//! is run.

use crate::support::{Action, Host, IDENTITY, LOGIN, Rule, Scenario, VAULT};

/// Clears the screen, sets the title, rings the bell, overwrites the line and changes the text direction.
const CONTROL_CHARS: &str = "\u{1b}[2J\u{1b}]0;owned\u{7}\rerror: none\u{9b}31m\u{202e}";

fn assert_no_control_chars(printed: &str) {
    for c in printed.chars() {
        assert!(c == '\n' || !(c.is_control() || ('\u{202a}'..='\u{202e}').contains(&c)), "{c:?} is in:\n{printed}");
    }
}

#[test]
fn vault_errors_have_no_control_chars() {
    for status in [400, 401, 403, 404, 500] {
        let body = serde_json::json!({ "error": { "code": CONTROL_CHARS, "message": CONTROL_CHARS, "innererror": { "code": CONTROL_CHARS } } });
        let action =
            Action::json(status, body.to_string()).header("Retry-After", "0").header("x-ms-request-id", "\u{9b}x");
        let scenario = Scenario::on(Host::AppService).rule(Rule::new(VAULT, "/secrets/ApiKey", action));
        assert_no_control_chars(&scenario.azfob(["get", "ApiKey", "-v", "--timeout", "2"]).stderr);
    }
}

#[test]
fn messages_about_good_responses_have_no_control_chars() {
    let body = serde_json::json!({
        "value": "v", "id": "https://my-vault.vault.azure.net/secrets/A/0", "attributes": { "exp": 1 },
        "tags": { "file-encoding": CONTROL_CHARS }
    });
    let scenario =
        Scenario::on(Host::AppService).rule(Rule::new(VAULT, "/secrets/A", Action::json(200, body.to_string())));
    let outcome = scenario
        .azfob(["get", "A"])
        .succeeds_with_messages()
        .prints("v")
        .shows("warning: the secret")
        .shows("file-encoding");
    assert_no_control_chars(&outcome.stderr);
}

#[test]
fn entra_and_identity_errors_have_no_control_chars() {
    let body = serde_json::json!({ "error": CONTROL_CHARS, "error_description": CONTROL_CHARS, "message": CONTROL_CHARS, "trace_id": CONTROL_CHARS });
    for (host, service) in [(Host::ServicePrincipal, LOGIN), (Host::AppService, IDENTITY), (Host::Imds, IDENTITY)] {
        let scenario = Scenario::on(host).rule(Rule::new(service, "/", Action::json(400, body.to_string())));
        assert_no_control_chars(&scenario.azfob(["get", "ApiKey", "-v"]).fails_without_token().stderr);
    }
}

#[cfg(unix)]
#[test]
fn program_errors_have_no_control_chars() {
    let scenario =
        Scenario::on(Host::Nothing).program("az", "printf 'ERROR: \\033[2J\\033]0;x\\007\\rhi\\n' >&2; exit 1");
    let outcome = scenario.azfob(["get", "ApiKey", "-v"]).fails(3).shows("hi");
    assert_no_control_chars(&outcome.stderr);
}

#[test]
fn argument_errors_have_no_control_chars() {
    let outcome = Scenario::on(Host::AppService).azfob(["get", CONTROL_CHARS]).fails(2);
    assert_no_control_chars(&outcome.stderr);
}

/// Every run is searched for tokens and secrets; these runs print the most.
#[test]
fn verbose_output_has_each_step_and_no_token_or_secret() {
    for host in [Host::AppService, Host::Imds, Host::WorkloadIdentity, Host::ServicePrincipal, Host::AzureCli] {
        let outcome = Scenario::on(host).azfob(["get", "ApiKey", "-v"]).succeeds_with_messages();
        let outcome = outcome.prints("sandbox-api-key-of-february").shows("Credential: token in ");
        let outcome = outcome.shows(&format!("GET {VAULT}/secrets/ApiKey/ 200")).never_shows("eyJ");
        let _ = outcome.never_shows("Bearer").never_shows("february");
    }
}

#[test]
fn verbose_lines_begin_with_azfob() {
    let outcome = Scenario::on(Host::AppService).azfob(["get", "ApiKey", "-v"]).succeeds_with_messages();
    assert!(outcome.stderr.lines().all(|line| line.starts_with("azfob: ")), "{}", outcome.stderr);
}

#[cfg(unix)]
#[test]
fn program_in_current_folder_is_never_run() {
    use std::os::unix::fs::PermissionsExt;

    for path in ["", ".", ":", ":.:", "./bin:."] {
        let scenario = Scenario::on(Host::Nothing).var("PATH", path).program("az", "echo run >\"$HOME/was-run\"");
        std::fs::copy(scenario.bin().join("az"), scenario.work().join("az")).unwrap();
        std::fs::set_permissions(scenario.work().join("az"), std::fs::Permissions::from_mode(0o755)).unwrap();
        scenario.azfob(["get", "ApiKey"]).fails(3);
        assert!(scenario.has_no_record("was-run"), "PATH={path}");
    }
}

#[test]
fn no_file_is_written() {
    let scenario = Scenario::on(Host::AppService);
    scenario.azfob(["get", "ApiKey"]).succeeds();
    for folder in [scenario.work(), scenario.home()] {
        assert_eq!(std::fs::read_dir(folder).unwrap().count(), 0);
    }
}

#[test]
fn color_is_used_on_terminals_or_on_request() {
    let scenario = Scenario::on(Host::AppService);
    assert_no_control_chars(&scenario.azfob(["get", "Missing"]).fails(6).stderr);
    assert_no_control_chars(&scenario.azfob(["get", "Missing", "--color", "never"]).fails(6).stderr);
    let coloured = scenario.azfob(["get", "Missing", "--color", "always"]).fails(6);
    assert!(coloured.stderr.contains("\u{1b}["), "{}", coloured.stderr);
}
