//! The command inside a sandbox. What signals do is tested in processes of their own: one that is raised here would reach
//! every other test that runs beside.

use std::ffi::OsString;

use super::child::{NOT_EXECUTABLE, NOT_FOUND, run};
use super::signals::Signals;
use crate::process::user_command::NotStarted;
use crate::sandbox::{EmulatedHost, Sandbox, SandboxPlan};

fn ran(sandbox: &Sandbox, command: &[&str]) -> Result<i32, NotStarted> {
    let command: Vec<OsString> = command.iter().map(OsString::from).collect();
    run(sandbox, &command, Signals::catch().unwrap())
}

#[test]
fn a_command_runs_in_the_sandbox_and_its_end_is_told() {
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
