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

const ONLY_AZ: [&str; 4] = ["get", "ApiKey", "--credential", "azure-cli"];

#[test]
fn az_without_execute_permission_is_reported() {
    let scenario = with_az("#!/bin/sh\n", 0o644);
    let outcome = scenario.azfob(ONLY_AZ).fails(4).shows("az could not be started: permission denied: /");
    outcome.never_shows("is not on PATH").never_shows("az login");
    scenario.azfob(["get", "ApiKey"]).fails(3);
    let report = scenario.azfob(["diagnose", "--credential", "azure-cli"]).text();
    assert!(report.contains("permission denied: /") && report.contains("/bin/az"), "{report}");
}

#[test]
fn az_with_missing_interpreter_is_reported() {
    let scenario = with_az("#!/opt/az/bin/python9 -Es\n", 0o755);
    let printed = "az could not be started: /opt/az/bin/python9, the interpreter of /";
    scenario.azfob(ONLY_AZ).fails(4).shows(printed).shows("/bin/az, does not exist").never_shows("az login");
    let scenario = with_az("#!/bin/sh\r\nexit 0\r\n", 0o755);
    let printed = "/bin/az has CRLF line endings";
    scenario.azfob(ONLY_AZ).fails(4).shows(printed).never_shows("does not exist");
}
