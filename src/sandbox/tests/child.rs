//! The command inside a sandbox. One test: the signals that it sends reach the whole process.

use std::{thread, time::Duration};

use super::*;
use crate::sandbox::child::{NOT_EXECUTABLE, NOT_FOUND, NotStarted, run, wait};

fn ran(sandbox: &Sandbox, command: &[&str]) -> Result<u8, NotStarted> {
    let command: Vec<OsString> = command.iter().map(OsString::from).collect();
    run(sandbox, &command, Signals::catch().unwrap())
}

/// Raises a signal in this process once a file is there.
fn raise_after(file: &Path, signal: i32) -> thread::JoinHandle<()> {
    let file = file.to_owned();
    thread::spawn(move || {
        // Ends at once when the file appears; the whole test fails long before these tries are over.
        for _ in 0..2000 {
            if file.exists() {
                break;
            }
            thread::sleep(Duration::from_millis(5));
        }
        signal_hook::low_level::raise(signal).unwrap();
    })
}

#[test]
fn a_command_runs_in_the_sandbox_and_its_end_is_told() {
    let sandbox = Sandbox::start(Plan::new(Host::AzureCli)).unwrap();
    let code = |command: &[&str]| ran(&sandbox, command).unwrap();
    assert_eq!(code(&["sh", "-c", "exit 42"]), 42);
    assert_eq!(code(&["sh", "-c", "kill -9 $$"]), 137);
    let variables = "test \"$AZFOB_VAULT\" = my-vault && test -n \"$SSL_CERT_FILE\" && test -z \"$SSL_CERT_DIR\"";
    assert_eq!(code(&["sh", "-c", variables]), 0);
    assert_eq!(code(&["sh", "-c", "az version >/dev/null"]), 0, "the sandbox's az is on PATH");
    let refused = |command: &[&str]| ran(&sandbox, command).unwrap_err();
    assert_eq!(refused(&["no-such-command"]).code, NOT_FOUND);
    assert_eq!(refused(&["no-such-command"]).message, "no-such-command: command not found");
    assert_eq!(refused(&[sandbox.authority_file().to_str().unwrap()]).code, NOT_EXECUTABLE);

    let ready = sandbox.authority_file().with_file_name("ready");
    let patient = format!("trap 'exit 3' TERM; : >'{}'; while :; do sleep 0.01; done", ready.display());
    let raised = raise_after(&ready, signal_hook::consts::SIGTERM);
    assert_eq!(code(&["sh", "-c", &patient]), 3, "SIGTERM is passed on");
    raised.join().unwrap();

    std::fs::remove_file(&ready).unwrap();
    let careless = format!(": >'{}'; sleep 0.2; exit 4", ready.display());
    let raised = raise_after(&ready, signal_hook::consts::SIGINT);
    assert_eq!(code(&["sh", "-c", &careless]), 4, "SIGINT is the terminal's to send");
    raised.join().unwrap();

    let signals = Signals::catch().unwrap();
    signal_hook::low_level::raise(signal_hook::consts::SIGTERM).unwrap();
    let mut lines = Vec::new();
    assert_eq!(wait(&sandbox, &mut lines, signals).unwrap(), 143, "one that came early is kept");
    assert!(String::from_utf8(lines).unwrap().contains("export PATH="));
}
