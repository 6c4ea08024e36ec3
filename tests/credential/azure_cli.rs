//! AzureCliCredential: works, not signed in, not installed, hangs, prints garbage or endless output, refuses.
#![cfg(unix)]

use std::fs;
use std::time::Duration;

use crate::support::{Fault, Host, Scenario, names, wait_until_ended, with_longer_limits};

/// Calls the sandbox's az, which is in the last folder of PATH.
const REAL_AZ: &str = "\"${outer##*:}/az\" \"$@\"";

#[test]
fn az_gets_resource_and_tenant_of_vault() {
    let guest = format!("--tenant\n{}\n", names::OTHER_TENANT_ID);
    for (fault, tenant) in [(None, ""), (Some(Fault::Guest), guest.as_str())] {
        let scenario = fault.into_iter().fold(Scenario::on(Host::AzureCli), Scenario::fault);
        let noting = "printf '%s\\n' \"$@\" >\"$HOME/arguments\"; { pwd; readlink /proc/self/fd/0; } >\"$HOME/place\"";
        let scenario =
            scenario.program("az", &format!("{noting}; echo $AZURE_CORE_NO_COLOR >\"$HOME/color\"; {REAL_AZ}"));
        scenario.azfob(["get", "ApiKey"]).succeeds().prints("sandbox-api-key-of-february");
        let expected =
            format!("account\nget-access-token\n--output\njson\n--resource\nhttps://vault.azure.net\n{tenant}");
        assert_eq!(scenario.recorded("arguments"), expected);
        assert_eq!(scenario.recorded("color"), "true\n");
        if cfg!(target_os = "linux") {
            let place = scenario.recorded("place");
            assert!(place == "/bin\n/dev/null\n" || place == "/usr/bin\n/dev/null\n", "{place}");
        }
    }
}

#[test]
fn tenant_option_overrides_vault_tenant() {
    let scenario = Scenario::on(Host::AzureCli).fault(Fault::Guest);
    scenario.azfob(["get", "ApiKey", "--tenant", names::TENANT_ID]).fails(4).shows("AKV10032");
}

#[test]
fn old_and_new_output_are_read() {
    for left_out in ["\"expires_on\"", "\"expiresOn\""] {
        let scenario = Scenario::on(Host::AzureCli).program("az", &format!("{REAL_AZ} | grep -v '{left_out}'"));
        scenario.azfob(["get", "ApiKey"]).succeeds().prints("sandbox-api-key-of-february");
    }
}

#[test]
fn az_warnings_are_ignored() {
    let scenario = Scenario::on(Host::AzureCli).program("az", &format!("echo 'WARNING: upgrade me' >&2; {REAL_AZ}"));
    scenario.azfob(["get", "ApiKey"]).succeeds();
}

#[test]
fn not_signed_in_is_unavailable() {
    let outcome = Scenario::on(Host::AzureCli).fault(Fault::NoIdentity).azfob(["get", "ApiKey"]).fails(3);
    let _ = outcome
        .shows("error: CredentialUnavailableError: AzureCliCredential: az is not signed in; run 'az login'")
        .shows("\n       7 other credentials are not configured (-v shows why)\n")
        .shows("\n       az login --tenant ");
}

#[test]
fn not_signed_in_is_unavailable_if_selected() {
    let outcome = Scenario::on(Host::AzureCli).fault(Fault::NoIdentity);
    outcome.azfob(["get", "ApiKey", "--credential", "azure-cli"]).fails(3).shows("az is not signed in");
}

#[test]
fn not_installed_is_unavailable_with_install_link() {
    let outcome = Scenario::on(Host::Nothing).azfob(["get", "ApiKey", "-v"]).fails(3);
    outcome.shows("az is not in ").shows("pip install azure-cli");
}

#[test]
fn az_outside_path_is_unavailable_with_its_location() {
    let scenario = Scenario::on(Host::Nothing);
    let folder = scenario.home().join(".local/bin");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("az"), "").unwrap();
    scenario.azfob(["get", "ApiKey"]).fails(3).shows("az is not in ").shows("; it was found at ");
}

#[test]
fn non_executable_file_is_not_az() {
    let scenario = Scenario::on(Host::Nothing);
    fs::write(scenario.bin().join("az"), "#!/bin/sh\necho '{}'\n").unwrap();
    scenario.azfob(["get", "ApiKey"]).fails(3).shows("az could not be started: permission denied: /").shows("/az");
}

#[test]
fn hanging_az_is_ended_with_its_children() {
    let scenario = Scenario::on(Host::Nothing).program("az", "sleep 600 & echo $! >\"$HOME/pid\"; wait");
    let child = with_longer_limits(|limit| {
        let outcome = scenario.azfob(["get", "ApiKey", "--credential", "azure-cli", "--timeout", limit]).fails(4);
        let soon = Duration::from_secs(limit.parse().unwrap()) + Duration::from_secs(4);
        outcome.within(soon).shows("az did not answer within ");
        scenario.finished_record("pid")
    });
    wait_until_ended(&child, "what az started");
}

#[test]
fn malformed_token_is_not_shown() {
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
        let outcome = outcome.shows("the response from az is not JSON with an accessToken");
        let _ = outcome.never_shows("garbage-of-az").never_shows("\u{1b}");
    }
}

#[test]
fn endless_output_is_cut_off() {
    for script in ["exec yes", "exec yes >&2"] {
        let scenario = Scenario::on(Host::Nothing).program("az", script);
        let outcome = scenario.azfob(["get", "ApiKey", "--credential", "azure-cli"]).fails(4);
        outcome.within(Duration::from_secs(10)).shows("az printed more than 1048576 bytes");
    }
}

#[test]
fn refused_sign_in_shows_code() {
    for (fault, code) in [(Fault::ExpiredLogin, "AADSTS700082"), (Fault::Mfa, "AADSTS50076")] {
        let scenario = Scenario::on(Host::AzureCli).fault(fault);
        scenario.azfob(["get", "ApiKey"]).fails(3).shows(&format!("az: {code}: ")).never_shows("Trace ID");
        let outcome = scenario.azfob(["get", "ApiKey", "--credential", "azure-cli"]).fails(4);
        outcome.shows(&format!("AzureCliCredential: az: {code}: ")).shows("az login");
    }
}

#[test]
fn exit_without_message_is_reported() {
    for (script, expected) in
        [("exit 7", "az exited with code 7 and no message"), ("kill -9 $$", "az was terminated by a signal")]
    {
        let scenario = Scenario::on(Host::Nothing).program("az", script);
        scenario.azfob(["get", "ApiKey", "--credential", "azure-cli"]).fails(4).shows(expected);
    }
}

#[test]
fn token_in_az_output_is_masked() {
    let token = "eyJ0eXAiOiJKV1QiLCJhbGciOiJSUzI1NiJ9.eyJvaWQiOiIxIn0.c2lnbmF0dXJl";
    let script = format!("echo 'ERROR: cannot refresh {{\"accessToken\": \"{token}\"}} sorry' >&2; exit 1");
    let scenario = Scenario::on(Host::Nothing).program("az", &script);
    let outcome =
        scenario.azfob(["get", "ApiKey", "-v"]).fails(3).shows("cannot refresh {\"accessToken\": \"***\"} sorry");
    let _ = outcome.never_shows("eyJ").never_shows("c2lnbmF0dXJl");
}

#[test]
fn az_that_cannot_start_is_a_failure() {
    let scenario = Scenario::on(Host::Nothing).program("az", "true");
    let path = scenario.bin().join("az");
    let text = fs::read_to_string(&path).unwrap().replace("/bin/sh", "/nonexistent/python");
    fs::write(&path, text).unwrap();
    let outcome = scenario.azfob(["get", "ApiKey", "--credential", "azure-cli"]).fails(4);
    outcome.shows("az could not be started");
}
