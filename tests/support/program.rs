//! Programs that stand in for az and its like: real executables, shell scripts on a PATH of the scenario's own.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

/// Puts a script into a folder. It has the system's folders on its PATH, behind the scenario's own, so that it can
/// `sleep` and `cat`; the PATH it was given is `$outer`.
///
/// A shell writes it: a file that this process had open for writing could not be run for a moment ("Text file busy"),
/// because a child that another test starts meanwhile holds it open until it execs.
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
