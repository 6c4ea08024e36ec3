//! AzureCliCredential: works, not signed in, not installed, hangs, prints garbage or endless output, refuses.
#![cfg(unix)]

use std::fs;
use std::time::Duration;

use crate::support::{Fault, Host, Scenario, names};

/// Calls the sandbox's az, which is in the last folder of PATH.
const REAL_AZ: &str = "\"${outer##*:}/az\" \"$@\"";

#[test]
fn az_is_asked_for_the_vaults_resource_in_the_vaults_tenant() {
    let guest = format!("--tenant\n{}\n", names::OTHER_TENANT_ID);
    for (fault, tenant) in [(None, ""), (Some(Fault::Guest), guest.as_str())] {
        let scenario = fault.into_iter().fold(Scenario::on(Host::AzureCli), Scenario::fault);
        let noting = "printf '%s\\n' \"$@\" >\"$HOME/arguments\"; { pwd; readlink /proc/self/fd/0; } >\"$HOME/place\"";
        let scenario =
            scenario.program("az", &format!("{noting}; echo $AZURE_CORE_NO_COLOR >\"$HOME/color\"; {REAL_AZ}"));
        scenario.azfob(["get", "ApiKey"]).succeeds().prints("sandbox-api-key-of-february");
        let expected =
            format!("account\nget-access-token\n--output\njson\n--resource\nhttps://vault.azure.net\n{tenant}");
        assert_eq!(scenario.note("arguments"), expected);
        assert_eq!(scenario.note("color"), "true\n");
        if cfg!(target_os = "linux") {
            let place = scenario.note("place");
            assert!(place == "/bin\n/dev/null\n" || place == "/usr/bin\n/dev/null\n", "{place}");
        }
    }
}

#[test]
fn the_tenant_of_the_option_comes_before_the_vaults() {
    let scenario = Scenario::on(Host::AzureCli).fault(Fault::Guest);
    scenario.azfob(["get", "ApiKey", "--tenant", names::TENANT_ID]).fails(4).tells("AKV10032");
}

#[test]
fn both_ages_of_output_are_read() {
    for left_out in ["\"expires_on\"", "\"expiresOn\""] {
        let scenario = Scenario::on(Host::AzureCli).program("az", &format!("{REAL_AZ} | grep -v '{left_out}'"));
        scenario.azfob(["get", "ApiKey"]).succeeds().prints("sandbox-api-key-of-february");
    }
}

#[test]
fn warnings_of_az_do_not_matter() {
    let scenario = Scenario::on(Host::AzureCli).program("az", &format!("echo 'WARNING: upgrade me' >&2; {REAL_AZ}"));
    scenario.azfob(["get", "ApiKey"]).succeeds();
}

#[test]
fn not_signed_in_is_unavailable() {
    let outcome = Scenario::on(Host::AzureCli).fault(Fault::NoIdentity).azfob(["get", "ApiKey"]).fails(3);
    let _ = outcome
        .tells("AzureCliCredential           az is not signed in; run 'az login'")
        .tells("\n       az login --tenant ");
}

#[test]
fn not_signed_in_is_unavailable_by_name_too() {
    let outcome = Scenario::on(Host::AzureCli).fault(Fault::NoIdentity);
    outcome.azfob(["get", "ApiKey", "--credential", "azure-cli"]).fails(3).tells("az is not signed in");
}

#[test]
fn not_installed_is_unavailable_and_says_where_az_is_to_be_had() {
    let outcome = Scenario::on(Host::Nothing).azfob(["get", "ApiKey"]).fails(3);
    outcome.tells("az is not in ").tells("pip install azure-cli");
}

#[test]
fn installed_elsewhere_is_unavailable_and_says_where() {
    let scenario = Scenario::on(Host::Nothing);
    let folder = scenario.home().join(".local/bin");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("az"), "").unwrap();
    scenario.azfob(["get", "ApiKey"]).fails(3).tells("az is not in ").tells("; it was found at ");
}

#[test]
fn a_file_that_is_not_a_program_is_not_az() {
    let scenario = Scenario::on(Host::Nothing);
    fs::write(scenario.bin().join("az"), "#!/bin/sh\necho '{}'\n").unwrap();
    scenario.azfob(["get", "ApiKey"]).fails(3).tells("az could not be started: permission denied: /").tells("/az");
}

#[test]
fn an_az_that_hangs_is_ended_with_all_it_started() {
    let scenario = Scenario::on(Host::Nothing).program("az", "sleep 600 & echo $! >\"$HOME/pid\"; wait");
    let outcome = scenario.azfob(["get", "ApiKey", "--credential", "azure-cli", "--timeout", "1"]).fails(4);
    let _ = outcome.within(Duration::from_secs(5)).tells("az did not answer within ");
    let state = fs::read_to_string(format!("/proc/{}/stat", scenario.note("pid").trim())).unwrap_or_default();
    assert!(state.is_empty() || state.contains(") Z "), "what az started still runs: {state}");
}

#[test]
fn what_is_no_token_is_malformed_and_never_shown() {
    for output in [
        "",
        "garbage-of-az",
        "{}",
        "[]",
        "{\"accessToken\":\"\"}",
        "{\"accessToken\":7}",
        "{\"accessToken\":\"garbage-of-az é\"}",
        "{\"accessToken\":\"garbage-of-az\\\\n\"}",
        "{\"accessToken\":\"eyJhbGciOiJub25lIn0.garbage-of-az\"",
        "\\033[31mgarbage-of-az\\000",
    ] {
        let scenario = Scenario::on(Host::Nothing).program("az", &format!("printf '{output}'"));
        let outcome = scenario.azfob(["get", "ApiKey", "--credential", "azure-cli", "-v"]).fails(4);
        let outcome = outcome.tells("the response from az is not JSON with an accessToken");
        let _ = outcome.never_tells("garbage-of-az").never_tells("\u{1b}");
    }
}

#[test]
fn output_without_end_is_cut_off() {
    for script in ["exec yes", "exec yes >&2"] {
        let scenario = Scenario::on(Host::Nothing).program("az", script);
        let outcome = scenario.azfob(["get", "ApiKey", "--credential", "azure-cli"]).fails(4);
        outcome.within(Duration::from_secs(10)).tells("az printed more than 1048576 bytes");
    }
}

#[test]
fn a_refused_sign_in_is_told_with_its_code() {
    for (fault, code) in [(Fault::ExpiredLogin, "AADSTS700082"), (Fault::Mfa, "AADSTS50076")] {
        let scenario = Scenario::on(Host::AzureCli).fault(fault);
        scenario.azfob(["get", "ApiKey"]).fails(3).tells(&format!("az: {code}: ")).never_tells("Trace ID");
        let outcome = scenario.azfob(["get", "ApiKey", "--credential", "azure-cli"]).fails(4);
        outcome.tells(&format!("AzureCliCredential: az: {code}: ")).tells("az login");
    }
}

#[test]
fn an_end_without_a_reason_is_told_as_such() {
    for (script, expected) in
        [("exit 7", "az exited with code 7 and no message"), ("kill -9 $$", "az was terminated by a signal")]
    {
        let scenario = Scenario::on(Host::Nothing).program("az", script);
        scenario.azfob(["get", "ApiKey", "--credential", "azure-cli"]).fails(4).tells(expected);
    }
}

#[test]
fn a_token_in_the_words_of_az_is_masked() {
    let token = "eyJ0eXAiOiJKV1QiLCJhbGciOiJSUzI1NiJ9.eyJvaWQiOiIxIn0.c2lnbmF0dXJl";
    let script = format!("echo 'ERROR: cannot refresh {{\"accessToken\": \"{token}\"}} sorry' >&2; exit 1");
    let scenario = Scenario::on(Host::Nothing).program("az", &script);
    let outcome =
        scenario.azfob(["get", "ApiKey", "-v"]).fails(3).tells("cannot refresh {\"accessToken\": \"***\"} sorry");
    let _ = outcome.never_tells("eyJ").never_tells("c2lnbmF0dXJl");
}

#[test]
fn an_az_that_cannot_be_started_is_a_failure() {
    let scenario = Scenario::on(Host::Nothing).program("az", "true");
    let path = scenario.bin().join("az");
    let text = fs::read_to_string(&path).unwrap().replace("/bin/sh", "/nonexistent/python");
    fs::write(&path, text).unwrap();
    let outcome = scenario.azfob(["get", "ApiKey", "--credential", "azure-cli"]).fails(4);
    outcome.tells("az could not be started");
}
