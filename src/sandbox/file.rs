//! Creates the sandbox's folders, and writes files into them: credentials that only the owner can read, and programs.
//!
//! With any umask, the owner can use them. No other user can write to them, and so replace a program.

use std::{
    fs::{self, OpenOptions},
    io,
    io::Write,
    path::Path,
};

use tempfile::TempDir;

/// Creates the temporary folder of a sandbox.
pub(super) fn create_temporary_folder() -> io::Result<TempDir> {
    let mut builder = tempfile::Builder::new();
    builder.prefix("azfob-sandbox-");
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(FOLDER_MODE));
    let folder = builder.tempdir()?;
    permit_owner(folder.path(), 0o700)?;
    Ok(folder)
}

/// Creates a folder, and those above it that do not exist.
pub(super) fn create_folder(path: &Path) -> io::Result<()> {
    match path.parent() {
        Some(parent) if !parent.exists() => create_folder(parent)?,
        _ => {}
    }
    if !path.is_dir() {
        #[cfg_attr(not(unix), allow(unused_mut, reason = "Windows has no modes"))]
        let mut builder = fs::DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, FOLDER_MODE);
        builder.create(path)?;
    }
    permit_owner(path, 0o700)
}

/// Only the owner can write to a folder.
#[cfg(unix)]
const FOLDER_MODE: u32 = 0o755;

/// Adds permissions of the owner that the umask took away.
#[cfg_attr(not(unix), allow(unused_variables, clippy::unnecessary_wraps, reason = "Windows has no modes"))]
pub(super) fn permit_owner(path: &Path, mode: u32) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mut permissions = fs::metadata(path)?.permissions();
        if permissions.mode() & mode != mode {
            permissions.set_mode(permissions.mode() | mode);
            fs::set_permissions(path, permissions)?;
        }
    }
    Ok(())
}

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
    options.open(path)?.write_all(bytes)?;
    permit_owner(path, 0o600)
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
