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
fn the_signed_in_account_is_used_in_the_vaults_tenant() {
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
fn an_azd_that_is_not_there_is_unavailable_and_one_elsewhere_is_found() {
    let scenario = Scenario::on(Host::Nothing);
    let searched = format!("azd is not in {}, the only folder on PATH", scenario.bin().display());
    get(&scenario).fails(3).tells(&searched);
    let elsewhere = scenario.home().join(".local/bin");
    std::fs::create_dir_all(&elsewhere).unwrap();
    std::fs::write(elsewhere.join("azd"), "").unwrap();
    get(&scenario).fails(3).tells(&format!("it was found at {}", elsewhere.join("azd").display()));
}

#[test]
fn an_azd_in_the_current_folder_is_never_run() {
    for path in ["", ".", ":.:", "work"] {
        let scenario = azd("exit 0").var("PATH", path);
        std::fs::rename(scenario.bin().join("azd"), scenario.work().join("azd")).unwrap();
        get(&scenario).fails(3).tells("azd was not found: PATH contains no folder");
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
            .tells("azd is not signed in; run 'azd auth login'")
            .tells("\n       azd auth login --tenant-id ");
    }
}

#[test]
fn a_refusal_is_a_failure_with_its_code() {
    let scenario = azd(r#"cat <<'END'
{"type":"consoleMessage","data":{"message":"\nERROR: fetching token: AADSTS70043: The refresh token has expired.\r\nTrace ID: t\nSuggestion: login expired, run `azd auth login` to acquire a new token.\n"}}
END
exit 1"#);
    let outcome = get(&scenario).fails(4);
    let again = format!("\n       azd auth login --tenant-id {}\n", names::TENANT_ID);
    let _ = outcome.tells("azd: AADSTS70043: The refresh token has expired.\n").tells(&again);
}

#[test]
fn one_that_hangs_prints_garbage_or_prints_without_end_is_a_failure() {
    let hangs = azd("sleep 60");
    let outcome = hangs.azfob(["get", "A", "--credential", "AzureDeveloperCliCredential", "--timeout", "1"]).fails(4);
    let _ = outcome.tells("azd did not answer within ");
    for garbage in ["", "token", r#"{"token":""}"#, "\\033[31m{", "{}"] {
        let scenario = azd(&format!("printf '{garbage}'"));
        get(&scenario).fails(4).tells("the response from azd is not JSON with a token").never_tells("\u{1b}");
    }
    get(&azd("yes")).fails(4).tells("azd printed more than 1048576 bytes");
}

#[test]
fn whatever_goes_wrong_with_it_the_chain_goes_on() {
    let scenario = Scenario::on(Host::Nothing).program("az", "echo AADSTS50076 >&2; exit 1").program("azd", "exit 7");
    let outcome = scenario.azfob(["get", "ApiKey"]).fails(3);
    let _ = outcome
        .tells("az: AADSTS50076")
        .tells("azd exited with code 7 and no message")
        .never_tells("InteractiveBrowser");
}
