//! Programs that stand in for az and its like: real executables, shell scripts on a PATH of the scenario's own.

use std::fs;
use std::path::Path;

/// Puts a script into a folder. It has the system's folders on its PATH, behind the scenario's own, so that it can
/// `sleep` and `cat`.
///
/// A shell writes it: open for writing here, it would be so in whatever child another test forks meanwhile, and could
/// not be run ("Text file busy").
#[cfg(unix)]
pub fn install(folder: &Path, name: &str, script: &str) {
    use std::io::Write;
    use std::process::{Command, Stdio};

    fs::create_dir_all(folder).expect("a folder for the script");
    let mut shell = Command::new("/bin/sh")
        .args(["-c", "cat >\"$1\" && chmod 755 \"$1\"", "sh"])
        .arg(folder.join(name))
        .env("PATH", "/usr/bin:/bin")
        .stdin(Stdio::piped())
        .spawn()
        .expect("a shell");
    let text = format!("#!/bin/sh\nPATH=\"$PATH:/usr/bin:/bin\"\n{script}\n");
    shell.stdin.take().expect("its input").write_all(text.as_bytes()).expect("a script");
    assert!(shell.wait().expect("its end").success());
}

/// Puts a script into a folder.
#[cfg(not(unix))]
pub fn install(folder: &Path, name: &str, script: &str) {
    fs::create_dir_all(folder).expect("a folder for the script");
    fs::write(folder.join(name), script).expect("a script");
}
