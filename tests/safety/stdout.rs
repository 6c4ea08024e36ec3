//! A stdout that cannot be written: closed, full or read-only. The exit code is not 0.

use std::process::Stdio;

use crate::support::{Alone, Host, Scenario};

const TAKES_NOTHING: [&str; 3] = [">&-", ">/dev/full", "1</dev/null"];
/// The caller discards the output; Python and Node open it for reading and writing.
const THROWN_AWAY: [&str; 2] = [">/dev/null", "1<>/dev/null"];

/// Runs azfob with redirected stdout in a shell, and returns its exit code and messages.
fn ended(scenario: &Scenario, arguments: &str, to: &str) -> (Option<i32>, String) {
    let sandbox = scenario.sandbox();
    let script = format!("exec {} {arguments} {to}", env!("CARGO_BIN_EXE_azfob"));
    let mut shell = scenario.command(&sandbox, "/bin/sh".as_ref());
    let output = shell.args(["-c", &script]).stdin(Stdio::null()).output().unwrap();
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn what_could_not_be_written_is_an_error_of_every_command() {
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
        for to in TAKES_NOTHING {
            let (code, told) = ended(&scenario, arguments, to);
            assert_eq!(code, Some(1), "{arguments} {to}: {told}");
            assert!(told.contains("error: stdout could not be written: "), "{arguments} {to}: {told}");
        }
        for to in THROWN_AWAY {
            let (code, told) = ended(&scenario, arguments, to);
            assert_eq!((code, told.as_str()), (Some(0), ""), "{arguments} {to}");
        }
    }
}

#[test]
fn a_command_is_handed_the_streams_as_they_are() {
    let scenario = Scenario::on(Host::AppService);
    let (code, told) = ended(&scenario, "run -- /bin/echo hello", ">&-");
    assert!(code != Some(0) && told.contains("echo: write error"), "{code:?}: {told}");
    let (code, told) = ended(&scenario, "sandbox -- /bin/echo hello", ">&-");
    assert!(code != Some(0) && told.contains("echo: write error"), "{code:?}: {told}");
    let (code, _) = ended(&scenario, "run -- /bin/echo hello", "2>&-");
    assert_eq!(code, Some(0));
}

#[test]
fn a_sandbox_that_cannot_say_what_to_set_does_not_wait() {
    let alone = Alone::new();
    let script = format!("exec {} sandbox >&-", env!("CARGO_BIN_EXE_azfob"));
    let mut shell = std::process::Command::new("/bin/sh");
    shell.args(["-c", &script]).env_clear().env("TMPDIR", alone.work());
    assert_eq!(shell.output().unwrap().status.code(), Some(1));
}
