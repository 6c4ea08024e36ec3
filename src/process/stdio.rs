//! The streams that azfob was started with. Before `main` the standard library opens `/dev/null` in place of one that is
//! closed, so that a value written to it would be lost with exit 0. Whether it was is looked at before that.

use std::process::Command;
#[cfg(unix)]
use std::sync::atomic::{AtomicBool, Ordering};

/// A stream that a program is started with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(not(unix), allow(dead_code, reason = "of the others nobody asks there"))]
pub enum StdStream {
    /// What it reads.
    Stdin,
    /// What it answers.
    Stdout,
    /// What it tells.
    Stderr,
}

#[cfg(unix)]
static CLOSED: [AtomicBool; 3] = [const { AtomicBool::new(false) }; 3];

/// Runs before `main`. It asks the system and nothing of the standard library's.
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
    /// Whether it was closed when azfob was started.
    #[cfg(unix)]
    pub fn was_closed(self) -> bool {
        CLOSED[self as usize].load(Ordering::Relaxed)
    }

    /// Windows gives a program no closed streams, but none at all.
    #[cfg(not(unix))]
    pub fn was_closed(self) -> bool {
        false
    }
}

/// Hands a command the streams as azfob was given them: where one was closed, it is as good as closed for the command.
#[cfg(unix)]
pub fn hand_on(command: &mut Command) -> std::io::Result<()> {
    use std::fs::File;
    const NOTHING: &str = "/dev/null";
    if StdStream::Stdin.was_closed() {
        command.stdin(File::options().write(true).open(NOTHING)?);
    }
    if StdStream::Stdout.was_closed() {
        command.stdout(File::open(NOTHING)?);
    }
    if StdStream::Stderr.was_closed() {
        command.stderr(File::open(NOTHING)?);
    }
    Ok(())
}

/// Windows hands on what there is.
#[cfg(not(unix))]
pub fn hand_on(_: &mut Command) -> std::io::Result<()> {
    Ok(())
}
