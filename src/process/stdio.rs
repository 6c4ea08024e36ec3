//! Detects which streams were closed when azfob was started.
//!
//! Before `main`, the standard library opens `/dev/null` in place of a closed stream. A value written to it would be
//! lost with exit code 0. So this is checked before that.

use std::process::Command;
#[cfg(unix)]
use std::sync::atomic::{AtomicBool, Ordering};

/// A standard stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(not(unix), allow(dead_code, reason = "Windows code uses only one of them"))]
pub enum StdStream {
    Stdin,
    Stdout,
    Stderr,
}

#[cfg(unix)]
static CLOSED: [AtomicBool; 3] = [const { AtomicBool::new(false) }; 3];

/// Runs before `main`. Calls only the system, not the standard library.
#[cfg(unix)]
#[ctor::ctor]
fn look() {
    use rustix::io::fcntl_getfd;
    use rustix::stdio::{stderr, stdin, stdout};
    for (stream, closed) in [stdin(), stdout(), stderr()].into_iter().zip(&CLOSED) {
        closed.store(fcntl_getfd(stream).is_err(), Ordering::Relaxed);
    }
}

impl StdStream {
    /// True if the stream was closed when azfob was started.
    #[cfg(unix)]
    pub fn was_closed(self) -> bool {
        CLOSED[self as usize].load(Ordering::Relaxed)
    }

    /// Windows gives a program no closed streams.
    #[cfg(not(unix))]
    pub fn was_closed(self) -> bool {
        false
    }
}

/// Gives a command the streams of azfob. A closed stream becomes one that fails when it is used.
///
/// # Errors
/// `/dev/null` cannot be opened.
#[cfg(unix)]
pub fn inherit(command: &mut Command) -> std::io::Result<()> {
    use std::fs::File;
    const NULL_DEVICE: &str = "/dev/null";
    if StdStream::Stdin.was_closed() {
        command.stdin(File::options().write(true).open(NULL_DEVICE)?);
    }
    if StdStream::Stdout.was_closed() {
        command.stdout(File::open(NULL_DEVICE)?);
    }
    if StdStream::Stderr.was_closed() {
        command.stderr(File::open(NULL_DEVICE)?);
    }
    Ok(())
}

/// Does nothing: Windows passes the streams on as they are.
///
/// # Errors
/// None.
#[cfg(not(unix))]
pub fn inherit(_: &mut Command) -> std::io::Result<()> {
    Ok(())
}
