//! VisualStudioCredential, with token services that work, refuse, hang or do not exist.

use std::fs;
use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{Host, Outcome, Scenario, names};

use super::{KEEP_ARGUMENTS, TOKEN, arguments};

const ANSWER: &str = r#"printf '{"access_token":"%s","expires_on":"2100-01-01T00:00:00+00:00"}' "$token""#;

/// Writes the file that lists token services.
fn list(scenario: &Scenario, providers: &Value) {
    let folder = scenario.home().join(".IdentityService/AzureServiceAuth");
    fs::create_dir_all(&folder).expect("a folder in the home");
    fs::write(folder.join("tokenprovider.json"), json!({ "TokenProviders": providers }).to_string())
        .expect("a file in it");
}

/// A scenario with one token service.
fn service(script: &str) -> Scenario {
    let scenario = Scenario::on(Host::AzureCli).program("TokenService", script);
    list(
        &scenario,
        &json!([{ "Path": scenario.bin().join("TokenService"), "Arguments": ["vs", "17.0"], "Preference": 1 }]),
    );
    scenario
}

fn get(scenario: &Scenario) -> Outcome {
    scenario.azfob(["get", "ApiKey", "--credential", "visual-studio"])
}

#[test]
fn signed_in_account_is_used_in_vault_tenant() {
    let scenario = service(&format!("{KEEP_ARGUMENTS}\n{TOKEN}\n{ANSWER}"));
    get(&scenario).succeeds().prints("sandbox-api-key-of-february");
    let expected = ["vs", "17.0", "--resource", "https://vault.azure.net", "--tenant", names::TENANT_ID];
    assert_eq!(arguments(&scenario), expected);
}

#[test]
fn next_token_service_is_tried_after_refusal() {
    let scenario = Scenario::on(Host::AzureCli)
        .program("first", "echo first >>\"$HOME/asked\"; echo TS005 >&2; exit 1")
        .program("second", &format!("echo second >>\"$HOME/asked\"\n{TOKEN}\n{ANSWER}"));
    let entry = |name: &str, preference: i32| json!({ "Path": scenario.bin().join(name), "Arguments": [], "Preference": preference });
    list(&scenario, &json!([entry("second", 20), entry("gone", 1), entry("first", 10)]));
    get(&scenario).succeeds().prints("sandbox-api-key-of-february");
    assert_eq!(fs::read_to_string(scenario.home().join("asked")).unwrap(), "first\nsecond\n");
}

/// azfob gives a program that ignores SIGTERM a moment to end.
#[cfg(unix)]
#[test]
fn many_hanging_token_services_share_time_limit() {
    let scenario = Scenario::on(Host::Nothing).program("hangs", "trap '' TERM; while :; do sleep 600; done");
    let entry = json!({ "Path": scenario.bin().join("hangs"), "Arguments": [], "Preference": 1 });
    list(&scenario, &json!(vec![entry; 40]));
    let outcome = scenario.azfob(["get", "ApiKey", "--credential", "visual-studio", "--timeout", "1"]);
    outcome.fails(4).shows("did not answer").within(Duration::from_secs(5));
}

#[test]
fn not_configured_is_unavailable() {
    let scenario = Scenario::on(Host::Nothing).program("TokenService", "touch \"$HOME/ran\"");
    get(&scenario).fails(3).shows("no Visual Studio sign-in found: ").shows("tokenprovider.json does not exist");
    // Neither from PATH nor from the folder that azfob runs in.
    fs::copy(scenario.bin().join("TokenService"), scenario.work().join("TokenService")).unwrap();
    for path in ["TokenService", "./TokenService", "/no/such/program"] {
        list(&scenario, &json!([{ "Path": path, "Arguments": [], "Preference": 1 }]));
        get(&scenario).fails(3).shows(&format!("names no program that exists: {path}"));
    }
    list(&scenario, &json!({}));
    get(&scenario).fails(3).shows("is not a list of token providers");
    assert!(!scenario.home().join("ran").exists());
}

#[test]
fn missing_account_differs_from_refusal() {
    let none = service("echo 'TS005: No account was found.' >&2; exit 1");
    get(&none).fails(3).shows("no account is signed in to Visual Studio; choose one in Visual Studio under Tools");
    let refused = service("echo 'TS003: Error, AADSTS50076: Use MFA.' >&2; exit 1");
    get(&refused).fails(4).shows("Visual Studio's token service: AADSTS50076: Use MFA.");
}

#[test]
fn hang_garbage_and_endless_output_are_failures() {
    let hangs = service("sleep 60");
    let outcome = hangs.azfob(["get", "A", "--credential", "visual-studio", "--timeout", "1"]).fails(4);
    let _ = outcome.shows("Visual Studio's token service did not answer within ");
    for garbage in ["", "{}", "TS005", r#"{"access_token":""}"#] {
        get(&service(&format!("printf '{garbage}'"))).fails(4).shows("is not JSON with an access_token");
    }
    get(&service("yes")).fails(4).shows("printed more than 1048576 bytes");
}
