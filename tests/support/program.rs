//! Installs replacements of az and other tools: shell scripts on the scenario's PATH.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

/// Writes a script into a folder. Its PATH has the system's folders after the scenario's own, so that it can run
/// `sleep` and `cat`; `$outer` is the PATH that it inherited.
///
/// A shell writes the file. If this process had opened it for writing, a child that another test starts at the same
/// time could hold it open, and running it would fail ("Text file busy").
pub fn install(folder: &Path, name: &str, script: &str) {
    let text = format!("#!/bin/sh\nouter=$PATH\nPATH=\"$PATH:/usr/bin:/bin\"\n{script}\n");
    std::fs::create_dir_all(folder).expect("a folder for the script");
    let mut shell = Command::new("/bin/sh")
        .args(["-c", "cat >\"$1\" && chmod 755 \"$1\"", "sh"])
        .arg(folder.join(name))
        .env("PATH", "/usr/bin:/bin")
        .stdin(Stdio::piped())
        .spawn()
        .expect("a shell");
    shell.stdin.take().expect("a pipe").write_all(text.as_bytes()).expect("a script");
    assert!(shell.wait().expect("the shell ends").success(), "{name} could not be written");
}
