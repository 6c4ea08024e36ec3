//! Tests of the command inside a sandbox. The tests of signals use processes of their own: a signal raised here would reach
//! all other tests of this process.

use std::ffi::OsString;

use super::child::run;
use crate::env::Env;
use crate::process::user_command::{NOT_EXECUTABLE, NOT_FOUND, NotStarted};
use crate::process::watcher::catch_signals;
use crate::sandbox::{EmulatedHost, Sandbox, SandboxPlan};

fn ran(sandbox: &Sandbox, command: &[&str]) -> Result<i32, NotStarted> {
    let command: Vec<OsString> = command.iter().map(OsString::from).collect();
    run(sandbox, &command, &Env::from_process(), catch_signals(&[]).unwrap())
}

#[test]
fn command_runs_in_sandbox_and_returns_its_exit_code() {
    let sandbox = Sandbox::start(SandboxPlan::new(EmulatedHost::AzureCli)).unwrap();
    let code = |command: &[&str]| ran(&sandbox, command).unwrap();
    assert_eq!(code(&["sh", "-c", "exit 42"]), 42);
    assert_eq!(code(&["sh", "-c", "kill -9 $$"]), 137);
    let variables = "test \"$AZFOB_VAULT\" = my-vault && test -n \"$SSL_CERT_FILE\" && test -z \"$SSL_CERT_DIR\"";
    assert_eq!(code(&["sh", "-c", variables]), 0);
    assert_eq!(code(&["sh", "-c", "az version >/dev/null"]), 0, "the sandbox's az is on PATH");
    let refused = |command: &[&str]| ran(&sandbox, command).unwrap_err();
    assert_eq!(refused(&["no-such-command"]).code, NOT_FOUND);
    assert_eq!(refused(&["no-such-command"]).to_string(), "no-such-command: command not found");
    assert_eq!(refused(&[sandbox.authority_file().to_str().unwrap()]).code, NOT_EXECUTABLE);
}
