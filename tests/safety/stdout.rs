//! A stdout that cannot be written: closed, full or read-only. The exit code is not 0.

use std::process::Stdio;

use crate::support::{Host, Isolated, Scenario};

const NOT_WRITABLE: [&str; 3] = [">&-", ">/dev/full", "1</dev/null"];
/// The caller discards the output; Python and Node open it for reading and writing.
const DISCARDED: [&str; 2] = [">/dev/null", "1<>/dev/null"];

/// Runs azfob with redirected stdout in a shell, and returns its exit code and messages.
fn ended(scenario: &Scenario, arguments: &str, to: &str) -> (Option<i32>, String) {
    let sandbox = scenario.sandbox();
    let script = format!("exec {} {arguments} {to}", env!("CARGO_BIN_EXE_azfob"));
    let mut shell = scenario.command(&sandbox, "/bin/sh".as_ref());
    let output = shell.args(["-c", &script]).stdin(Stdio::null()).output().unwrap();
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn write_error_fails_every_command() {
    for arguments in [
        "get ApiKey",
        "get ApiKey -o json",
        "list",
        "list -o json",
        "whoami",
        "diagnose",
        "diagnose -o json",
        "diagnose --explain AADSTS50034",
        "run --mask --env A=ApiKey -- /bin/echo hello",
        "completions bash",
        "--help",
        "get --help",
        "--version",
    ] {
        let scenario = Scenario::on(Host::AppService);
        for to in NOT_WRITABLE {
            let (code, printed) = ended(&scenario, arguments, to);
            assert_eq!(code, Some(1), "{arguments} {to}: {printed}");
            assert!(printed.contains("error: stdout could not be written: "), "{arguments} {to}: {printed}");
        }
        for to in DISCARDED {
            let (code, printed) = ended(&scenario, arguments, to);
            assert_eq!((code, printed.as_str()), (Some(0), ""), "{arguments} {to}");
        }
    }
}

#[test]
fn command_inherits_streams_unchanged() {
    let scenario = Scenario::on(Host::AppService);
    let (code, printed) = ended(&scenario, "run -- /bin/echo hello", ">&-");
    assert!(code != Some(0) && printed.contains("echo: write error"), "{code:?}: {printed}");
    let (code, printed) = ended(&scenario, "sandbox -- /bin/echo hello", ">&-");
    assert!(code != Some(0) && printed.contains("echo: write error"), "{code:?}: {printed}");
    let (code, _) = ended(&scenario, "run -- /bin/echo hello", "2>&-");
    assert_eq!(code, Some(0));
}

#[test]
fn sandbox_exits_if_stdout_fails() {
    let isolated = Isolated::new();
    let script = format!("exec {} sandbox >&-", env!("CARGO_BIN_EXE_azfob"));
    let mut shell = std::process::Command::new("/bin/sh");
    shell.args(["-c", &script]).env_clear().env("TMPDIR", isolated.work());
    assert_eq!(shell.output().unwrap().status.code(), Some(1));
}
