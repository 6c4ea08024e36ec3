//! The Azure CLI's account: works, not signed in, not installed, hangs, prints garbage, prints without end, refuses.

use crate::support::{Fault, Host, Scenario};

#[test]
fn the_signed_in_account_is_used() {
    Scenario::on(Host::AzureCli).azfob(["get", "ApiKey"]).succeeds().prints("sandbox-api-key-of-february");
}

#[test]
fn not_signed_in_is_unavailable() {
    let outcome = Scenario::on(Host::AzureCli).fault(Fault::NoIdentity).azfob(["get", "ApiKey"]).fails(3);
    let _ =
        outcome.tells("AzureCliCredential           az is not signed in; run 'az login'").tells("\n       az login\n");
}

#[cfg(unix)]
#[test]
fn an_az_that_hangs_is_ended() {
    let scenario = Scenario::on(Host::Nothing).program("az", "sleep 60");
    let outcome = scenario.azfob(["get", "ApiKey", "--credential", "azure-cli", "--timeout", "1"]).fails(4);
    outcome.tells("az did not answer within 1 s");
}
