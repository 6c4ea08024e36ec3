//! AzureDeveloperCliCredential, with an `azd` that works, refuses, hangs, prints garbage or endless output.

use crate::support::{Host, Outcome, Scenario, names};

use super::{KEEP_ARGUMENTS, TOKEN, arguments};

fn azd(script: &str) -> Scenario {
    Scenario::on(Host::AzureCli).program("azd", script)
}

fn get(scenario: &Scenario) -> Outcome {
    scenario.azfob(["get", "ApiKey", "--credential", "azure-developer-cli"])
}

#[test]
fn signed_in_account_is_used_in_vault_tenant() {
    let script = format!(
        "{KEEP_ARGUMENTS}\n{TOKEN}\nprintf '{{\"token\":\"%s\",\"expiresOn\":\"2100-01-01T00:00:00Z\"}}' \"$token\""
    );
    let scenario = azd(&format!("[ \"$NO_COLOR\" = true ] || exit 9\n{script}"));
    get(&scenario).succeeds().prints("sandbox-api-key-of-february");
    let scope = "https://vault.azure.net/.default";
    let expected =
        ["auth", "token", "--output", "json", "--no-prompt", "--scope", scope, "--tenant-id", names::TENANT_ID];
    assert_eq!(arguments(&scenario), expected);
}

#[test]
fn missing_azd_is_unavailable_and_its_location_is_named() {
    let scenario = Scenario::on(Host::Nothing);
    let searched = format!("azd is not in {}, the only folder on PATH", scenario.bin().display());
    get(&scenario).fails(3).shows(&searched);
    let elsewhere = scenario.home().join(".local/bin");
    std::fs::create_dir_all(&elsewhere).unwrap();
    std::fs::write(elsewhere.join("azd"), "").unwrap();
    get(&scenario).fails(3).shows(&format!("it was found at {}", elsewhere.join("azd").display()));
}

#[test]
fn azd_in_current_folder_is_never_run() {
    for path in ["", ".", ":.:", "work"] {
        let scenario = azd("exit 0").var("PATH", path);
        std::fs::rename(scenario.bin().join("azd"), scenario.work().join("azd")).unwrap();
        get(&scenario).fails(3).shows("azd was not found: PATH contains no folder");
    }
}

#[test]
fn not_signed_in_is_unavailable_in_every_form() {
    let message = r#"{"type":"consoleMessage","timestamp":"t","data":{"message":"\nERROR: fetching token: not logged in, run `azd auth login` to login\n"}}"#;
    let newest = r#"{"error":"not logged in, run `azd auth login` to login"}"#;
    for (text, stream) in [(message, ">&2"), (message, ""), (newest, ">&2"), (newest, "")] {
        let scenario = azd(&format!("cat {stream} <<'END'\n{text}\nEND\nexit 1"));
        get(&scenario)
            .fails(3)
            .shows("azd is not signed in; run 'azd auth login'")
            .shows("\n       azd auth login --tenant-id ");
    }
}

#[test]
fn refusal_is_a_failure_with_its_code() {
    let scenario = azd(r#"cat <<'END'
{"type":"consoleMessage","data":{"message":"\nERROR: fetching token: AADSTS70043: The refresh token has expired.\r\nTrace ID: t\nSuggestion: login expired, run `azd auth login` to acquire a new token.\n"}}
END
exit 1"#);
    let outcome = get(&scenario).fails(4);
    let again = format!("\n       azd auth login --tenant-id {}\n", names::TENANT_ID);
    let _ = outcome.shows("azd: AADSTS70043: The refresh token has expired.\n").shows(&again);
}

#[test]
fn hang_garbage_and_endless_output_are_failures() {
    let hangs = azd("sleep 60");
    let outcome = hangs.azfob(["get", "A", "--credential", "AzureDeveloperCliCredential", "--timeout", "1"]).fails(4);
    let _ = outcome.shows("azd did not answer within ");
    for garbage in ["", "token", r#"{"token":""}"#, "\\033[31m{", "{}"] {
        let scenario = azd(&format!("printf '{garbage}'"));
        get(&scenario).fails(4).shows("the response from azd is not JSON with a token").never_shows("\u{1b}");
    }
    get(&azd("yes")).fails(4).shows("azd printed more than 1048576 bytes");
}

#[test]
fn chain_continues_after_every_azd_failure() {
    let scenario = Scenario::on(Host::Nothing).program("az", "echo AADSTS50076 >&2; exit 1").program("azd", "exit 7");
    let outcome = scenario.azfob(["get", "ApiKey"]).fails(3);
    let _ = outcome
        .shows("az: AADSTS50076")
        .shows("azd exited with code 7 and no message")
        .never_shows("InteractiveBrowser");
}
