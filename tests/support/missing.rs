//! Reports tests that cannot run on this machine.

use std::io::Write;

/// Requirements that cannot be installed: a container can deny them.
const RIGHTS: [&str; 3] = ["a mount namespace", "a process namespace", "the kernel's keyring"];

/// Reports on stderr what is not tested because this machine lacks something.
///
/// # Panics
/// A program is missing and `AZFOB_STRICT` is 1, as in `.ci/run`, which installs them.
pub fn report_missing(what: &str, not_tested: &str) {
    let line = format!("not tested: {not_tested} ({what} is missing)\n");
    let is_strict = std::env::var_os("AZFOB_STRICT").is_some_and(|value| value == "1");
    assert!(!is_strict || RIGHTS.contains(&what), "{line}");
    // libtest captures what the print macros write, and shows it only if the test fails.
    std::io::stderr().write_all(line.as_bytes()).expect("stderr is open");
}
