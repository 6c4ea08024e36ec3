//! Reports tests that cannot run on this machine.

use std::fs::{File, OpenOptions};
use std::io::Write;

/// Requirements that cannot be installed: a container or the user's rights can deny them.
const RIGHTS: [&str; 6] = [
    "a mount namespace",
    "a process namespace",
    "the kernel's keyring",
    "a user other than root",
    "the right to read another process's memory",
    "the kernel's list of child processes",
];

/// Large programs, which only the weekly job requires.
const LARGE: [&str; 1] = ["chromium"];

/// Reports on stderr what is not tested because this machine lacks something.
///
/// # Panics
/// A program or file is missing and `AZFOB_STRICT` is 1, as in `.ci/run`, which installs all but large programs, or `all`,
/// as in the weekly job.
pub fn report_missing(what: &str, not_tested: &str) {
    let line = format!("not tested: {not_tested} ({what} is missing)\n");
    let is_required = match std::env::var_os("AZFOB_STRICT") {
        Some(value) if value == "all" => !RIGHTS.contains(&what),
        Some(value) if value == "1" => !RIGHTS.contains(&what) && !LARGE.contains(&what),
        _ => false,
    };
    assert!(!is_required, "{line}");
    // libtest captures what the print macros write, and shows it only if the test fails.
    std::io::stderr().write_all(line.as_bytes()).expect("stderr is open");
}

/// Runs a command that starts with `unshare`, and returns true if it succeeds. Reports what is missing if not.
#[cfg(target_os = "linux")]
pub fn can_unshare(command: &mut std::process::Command, not_tested: &str) -> bool {
    use std::process::Stdio;
    let status = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
    if !status.as_ref().is_ok_and(std::process::ExitStatus::success) {
        report_missing(if status.is_ok() { "a mount namespace" } else { "unshare" }, not_tested);
        return false;
    }
    true
}

/// Opens `/dev/full`, which is like a file on a full disk. Reports it if this system has none.
pub fn full_disk(not_tested: &str) -> Option<File> {
    let opened = OpenOptions::new().write(true).open("/dev/full").ok();
    if opened.is_none() {
        report_missing("/dev/full", not_tested);
    }
    opened
}
