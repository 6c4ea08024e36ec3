//! Writes files into the sandbox's folder: credentials that only the owner can read, and programs.

use std::{fs::OpenOptions, io, io::Write, path::Path};

/// Writes a new file that only the owner can read.
pub(super) fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    write(path, bytes, 0o600)
}

/// Writes a new file that only the owner can write, whatever the umask.
pub(super) fn write_readable(path: &Path, bytes: &[u8]) -> io::Result<()> {
    write(path, bytes, 0o644)
}

#[cfg_attr(not(unix), allow(unused_variables, reason = "Windows has no modes"))]
fn write(path: &Path, bytes: &[u8], mode: u32) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, mode);
    options.open(path)?.write_all(bytes)
}

/// Writes a new program with mode 0700. A shell does it.
///
/// If this process wrote the file, running it could fail ("Text file busy"): a child that another thread starts at that
/// moment keeps the file open for writing until it execs. The shell starts only `cat`, and both have ended.
#[cfg(unix)]
#[allow(clippy::disallowed_methods, reason = "a file that is to be run must not be open for writing here")]
pub(super) fn write_program(path: &Path, bytes: &[u8]) -> io::Result<()> {
    use std::process::{Command, Stdio};

    let mut shell = Command::new("/bin/sh")
        .args(["-c", "umask 077; cat >\"$1\" && chmod 700 \"$1\"", "sh"])
        .arg(path)
        .env("PATH", "/usr/bin:/bin")
        .stdin(Stdio::piped())
        .spawn()?;
    let written = shell.stdin.take().map_or(Ok(()), |mut stdin| stdin.write_all(bytes));
    let status = shell.wait()?;
    if status.success() { written } else { Err(io::Error::other(format!("{} could not be written", path.display()))) }
}

/// Writes a new program.
#[cfg(not(unix))]
pub(super) fn write_program(path: &Path, bytes: &[u8]) -> io::Result<()> {
    write_private(path, bytes)
}
