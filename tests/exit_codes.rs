//! Causes every exit code.

use crate::support::{Fault, Host, Scenario, full_disk};

#[test]
fn usage_error_is_2_before_any_request() {
    Scenario::on(Host::AppService).azfob(["get", "a_b"]).fails(2).sends_no_request().shows("REF 'a_b': ");
}

#[test]
fn no_credential_is_3() {
    Scenario::on(Host::Nothing).azfob(["get", "A"]).fails(3).shows("error: CredentialUnavailableError: ");
}

#[test]
fn refused_sign_in_is_4() {
    let scenario = Scenario::on(Host::ServicePrincipal).fault(Fault::WrongSecret);
    scenario.azfob(["get", "A"]).fails(4).shows("AADSTS7000215");
}

#[test]
fn forbidden_is_5() {
    Scenario::on(Host::AppService).fault(Fault::Forbidden).azfob(["get", "ApiKey"]).fails(5).shows("403 Forbidden");
}

#[test]
fn not_found_is_6() {
    Scenario::on(Host::AppService).azfob(["get", "Missing"]).fails(6).shows("error: SecretNotFound: ");
}

#[test]
fn unreachable_is_7() {
    Scenario::on(Host::AppService).fault(Fault::Unreachable).azfob(["get", "ApiKey"]).fails(7);
}

#[test]
fn throttled_is_8() {
    let scenario = Scenario::on(Host::AppService).fault(Fault::Throttled);
    scenario.azfob(["get", "ApiKey", "--timeout", "1"]).fails(8).shows("error: 429 Too Many Requests: ");
}

#[test]
fn listed_secret_with_fail_is_9() {
    let outcome = Scenario::on(Host::AppService).azfob(["list", "--fail"]);
    assert_eq!((outcome.code, outcome.stderr.as_str()), (Some(9), ""), "it is a result, not an error");
    Scenario::on(Host::AppService).azfob(["list", "--match", "none", "--fail"]).succeeds();
}

#[test]
fn full_disk_is_1() {
    if let Some(full) = full_disk("the exit code for a full disk") {
        let outcome = Scenario::on(Host::AppService).azfob_to(["get", "ApiKey"], full.into());
        outcome.fails(1).shows("stdout could not be written");
    }
}
