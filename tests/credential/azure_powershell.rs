//! AzurePowerShellCredential, with a `pwsh` that works, refuses, hangs, prints garbage or endless output. The
//! PowerShell script itself is not run, only read.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::support::{Host, Outcome, Scenario, names};

use super::{KEEP_ARGUMENTS, TOKEN, arguments};

fn pwsh(script: &str) -> Scenario {
    Scenario::on(Host::AzureCli).program("pwsh", script)
}

fn get(scenario: &Scenario) -> Outcome {
    scenario.azfob(["get", "ApiKey", "--credential", "azure-powershell"])
}

#[test]
fn signed_in_account_is_used_in_vault_tenant() {
    let scenario = pwsh(&format!(
        "[ \"$POWERSHELL_UPDATECHECK\" = Off ] || exit 9\n{KEEP_ARGUMENTS}\n{TOKEN}\n\
         echo 'WARNING: Unable to find type'\n\
         printf 'azfob:token 2100-01-01T00:00:00.0000000+00:00 %s\\r\\n' \"$token\""
    ));
    get(&scenario).succeeds().prints("sandbox-api-key-of-february");
    let arguments = arguments(&scenario);
    let (script, options) = arguments.split_last().unwrap();
    assert_eq!(options, ["-NoProfile", "-NonInteractive", "-OutputFormat", "Text", "-EncodedCommand"]);
    let units: Vec<u16> =
        STANDARD.decode(script).unwrap().chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect();
    let script = String::from_utf16(&units).unwrap();
    for part in [
        "Import-Module Az.Accounts -MinimumVersion 2.2.0",
        "ResourceUrl = 'https://vault.azure.net'",
        &format!("$asked.TenantId = '{}'", names::TENANT_ID),
        "AsSecureString",
    ] {
        assert!(script.contains(part), "{part} is not in:\n{script}");
    }
}

#[test]
fn missing_module_and_missing_account_differ() {
    let nothing = Scenario::on(Host::Nothing);
    let searched = format!("pwsh is not in {}, the only folder on PATH", nothing.bin().display());
    get(&nothing).fails(3).shows(&searched);
    let missing = pwsh("echo azfob:no-module; exit 1");
    get(&missing).fails(3).shows("pwsh does not have the module Az.Accounts 2.2.0 or later");
    let old = pwsh("echo azfob:old-module 1.9.5; exit 1");
    get(&old).fails(3).shows("pwsh has the module Az.Accounts 1.9.5, but 2.2.0 or later is required");
    let policy = pwsh("echo 'azfob:thrown x.psm1 cannot be loaded because running scripts is disabled here.'; exit 1");
    get(&policy).fails(3).shows("prevents pwsh from loading its modules: x.psm1 cannot be loaded");
    let signed_out = pwsh("echo 'azfob:thrown Run Connect-AzAccount to login.'; exit 1");
    get(&signed_out).fails(3).shows("pwsh is not signed in; run 'Connect-AzAccount'");
}

#[test]
fn refusal_is_a_failure_with_its_code() {
    let thrown =
        "azfob:thrown Authentication failed: AADSTS50076: Use MFA. Trace ID: t Run Connect-AzAccount -Tenant x";
    let outcome = get(&pwsh(&format!("echo '{thrown}'; exit 1"))).fails(4);
    let again = format!("\n       Connect-AzAccount -Tenant {}\n", names::TENANT_ID);
    let _ = outcome.shows("pwsh: AADSTS50076: Use MFA.\n").shows(&again);
    get(&pwsh("echo 'segmentation fault' >&2; exit 139")).fails(4).shows("pwsh: segmentation fault");
}

#[test]
fn hang_garbage_and_endless_output_are_failures() {
    let hangs = pwsh("sleep 60");
    let outcome = hangs.azfob(["get", "A", "--credential", "azure-powershell", "--timeout", "1"]).fails(4);
    let _ = outcome.shows("pwsh did not answer within ");
    for garbage in ["", "{}", "azfob:token", "azfob:token x System.Security.SecureString y", "\\377\\376"] {
        get(&pwsh(&format!("printf '{garbage}'")))
            .fails(4)
            .shows("the response from pwsh is not a token and its expiry");
    }
    get(&pwsh("yes")).fails(4).shows("pwsh printed more than 1048576 bytes");
}
