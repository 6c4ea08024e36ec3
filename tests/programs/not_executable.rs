//! An az that exists and cannot be started.

use std::os::unix::fs::PermissionsExt;

use crate::support::{Host, Scenario};

fn with_az(text: &str, mode: u32) -> Scenario {
    let scenario = Scenario::on(Host::Nothing);
    let path = scenario.bin().join("az");
    std::fs::create_dir_all(scenario.bin()).unwrap();
    std::fs::write(&path, text).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
    scenario
}

const AZ_ALONE: [&str; 4] = ["get", "ApiKey", "--credential", "azure-cli"];

#[test]
fn an_az_that_may_not_be_run_is_told_as_that() {
    let scenario = with_az("#!/bin/sh\n", 0o644);
    let outcome = scenario.azfob(AZ_ALONE).fails(4).tells("az could not be started: permission denied: /");
    outcome.never_tells("is not on PATH").never_tells("az login");
    scenario.azfob(["get", "ApiKey"]).fails(3);
    let report = scenario.azfob(["diagnose", "--credential", "azure-cli"]).text();
    assert!(report.contains("permission denied: /") && report.contains("/bin/az"), "{report}");
}

#[test]
fn an_az_whose_interpreter_is_missing_is_told_as_that() {
    let scenario = with_az("#!/opt/az/bin/python9 -Es\n", 0o755);
    let told = "az could not be started: /opt/az/bin/python9, the interpreter of /";
    scenario.azfob(AZ_ALONE).fails(4).tells(told).tells("/bin/az, does not exist").never_tells("az login");
    let scenario = with_az("#!/bin/sh\r\nexit 0\r\n", 0o755);
    let told = "/bin/az has CRLF line endings";
    scenario.azfob(AZ_ALONE).fails(4).tells(told).never_tells("does not exist");
}
