//! `--out-file`: private, complete or absent, and checked before any request.

use std::fs;

use crate::support::{Action, Fault, Host, Rule, Scenario, VAULT, report_missing};

/// The names in a folder.
fn names(folder: &std::path::Path) -> Vec<String> {
    let mut names: Vec<_> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn out_file_has_exact_bytes_and_stdout_is_empty() {
    let scenario = Scenario::on(Host::AppService).secret("A", "a\r\nb\0ü");
    scenario.azfob(["get", "A", "--out-file", "secret"]).succeeds().prints("");
    assert_eq!(fs::read(scenario.work().join("secret")).unwrap(), "a\r\nb\0ü".as_bytes());
    assert_eq!(names(&scenario.work()), ["secret"]);
}

#[cfg(unix)]
#[test]
fn out_file_is_readable_only_by_owner() {
    use std::os::unix::fs::PermissionsExt;

    let scenario = Scenario::on(Host::AppService);
    let path = scenario.work().join("secret");
    let mode = || fs::metadata(&path).unwrap().permissions().mode() & 0o777;
    scenario.azfob(["get", "ApiKey", "--out-file", "secret"]).succeeds();
    assert_eq!(mode(), 0o600);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    scenario.azfob(["get", "ApiKey", "--out-file", "secret", "--force"]).succeeds();
    assert_eq!(mode(), 0o600, "a replaced file does not keep its mode");
}

#[test]
fn existing_file_is_kept_without_requests() {
    let scenario = Scenario::on(Host::AppService);
    let path = scenario.work().join("secret");
    fs::write(&path, "mine").unwrap();
    let outcome = scenario.azfob(["get", "ApiKey", "--out-file", "secret"]).fails(1).sends_no_request();
    outcome.shows("secret could not be written: the file exists (use --force to replace it)");
    assert_eq!(fs::read(&path).unwrap(), b"mine");
    scenario.azfob(["get", "ApiKey", "--out-file", "secret", "--force"]).succeeds();
    assert_eq!(fs::read(&path).unwrap(), b"sandbox-api-key-of-february");
}

/// A file size limit would otherwise end azfob in the middle of a value.
#[cfg(unix)]
#[test]
fn file_size_limit_is_an_error_and_leaves_no_file() {
    let scenario = Scenario::on(Host::AppService).secret("Large", &"v".repeat(20_000));
    let env = scenario.work().join("env");
    fs::write(&env, "A=1\n").unwrap();
    let scenario = scenario.var("GITHUB_ENV", &env);
    for (arguments, printed) in [
        ("get Large --out-file secret", "error: secret could not be written: "),
        ("get A=Large -o github", "/env could not be written: "),
        ("get Large >out", "error: stdout could not be written: "),
        ("run --mask -e X=ApiKey -- /bin/sh -c 'printf %020000d 0' >out", "error: stdout could not be written: "),
    ] {
        let sandbox = scenario.sandbox();
        let script = format!("ulimit -f 8; exec {} {arguments}", env!("CARGO_BIN_EXE_azfob"));
        let output = scenario.command(&sandbox, "/bin/bash".as_ref()).args(["-c", &script]).output().unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(
            output.status.code() == Some(1) && stderr.contains(printed),
            "{arguments}: {:?} {stderr}",
            output.status
        );
    }
    assert_eq!(names(&scenario.work()), ["env", "out"]);
    assert_eq!(fs::read_to_string(&env).unwrap(), "A=1\n");
}

#[cfg(unix)]
#[test]
fn symlink_is_not_followed() {
    let scenario = Scenario::on(Host::AppService);
    let target = scenario.home().join("target");
    for exists in [false, true] {
        if exists {
            fs::write(&target, "mine").unwrap();
        }
        let _ = fs::remove_file(scenario.work().join("secret"));
        std::os::unix::fs::symlink(&target, scenario.work().join("secret")).unwrap();
        scenario.azfob(["get", "ApiKey", "--out-file", "secret"]).fails(1).sends_no_request().shows("the file exists");
        scenario.azfob(["get", "ApiKey", "--out-file", "secret", "--force"]).succeeds();
        assert_eq!(fs::read(&target).ok(), exists.then(|| b"mine".to_vec()), "only the link is replaced");
    }
}

#[test]
fn missing_folder_fails_before_any_request() {
    let scenario = Scenario::on(Host::AppService);
    for (path, reason) in
        [("no/secret", "its folder does not exist"), (".", "it is a folder"), ("..", "it is a folder")]
    {
        for force in [&[][..], &["--force"]] {
            let outcome = scenario.azfob([&["get", "ApiKey", "--out-file", path], force].concat());
            outcome.fails(1).sends_no_request().shows(reason);
        }
    }
}

#[test]
fn failure_leaves_existing_file_unchanged() {
    let scenario = Scenario::on(Host::AppService).fault(Fault::Forbidden);
    scenario.azfob(["get", "ApiKey", "--out-file", "secret"]).fails(5);
    assert_eq!(names(&scenario.work()), [""; 0]);
    fs::write(scenario.work().join("secret"), "mine").unwrap();
    scenario.azfob(["get", "ApiKey", "--out-file", "secret", "--force"]).fails(5);
    assert_eq!(fs::read(scenario.work().join("secret")).unwrap(), b"mine");
    assert_eq!(names(&scenario.work()), ["secret"]);
}

#[test]
fn incomplete_response_leaves_no_file() {
    let body = vec![b' '; 5000];
    let rule = Rule::new(VAULT, "/secrets/ApiKey", Action::CutOff { status: 200, body, after: 100 });
    let scenario = Scenario::on(Host::AppService).rule(rule);
    scenario.azfob(["get", "ApiKey", "--out-file", "secret", "--timeout", "1"]).fails(7);
    assert_eq!(names(&scenario.work()), [""; 0]);
}

#[cfg(unix)]
#[test]
fn unwritable_folder_is_reported() {
    use std::os::unix::fs::PermissionsExt;

    let scenario = Scenario::on(Host::AppService);
    let folder = scenario.work().join("locked");
    fs::create_dir(&folder).unwrap();
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o555)).unwrap();
    // root may write everywhere; for other users the error names the file.
    if fs::write(folder.join("probe"), "").is_ok() {
        return report_missing("a user other than root", "a folder without write permission");
    }
    scenario.azfob(["get", "ApiKey", "--out-file", "locked/secret"]).fails(1).shows("locked/secret could not be");
}
