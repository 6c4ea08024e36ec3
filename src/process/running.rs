//! The running programs of azfob, each with the processes that it started. None outlives azfob.
//!
//! On Unix a program is a process group: a grandchild that leaves it by `setsid` is out of reach. On Windows it is a
//! job object.

use std::io;
use std::process::{Command, ExitStatus};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::time::deadline::Deadline;

use super::pipes::Pipes;
use super::signals::{SignalGuard, keep_exit_statuses};

#[cfg(unix)]
use unix::Tree;
#[cfg(windows)]
use windows::Tree;

/// How long a program may take to end by itself before it is killed: it may be writing its token cache.
const GRACE_PERIOD: Duration = Duration::from_millis(250);
/// Interval of the checks for its end.
const POLL_INTERVAL: Duration = Duration::from_millis(5);

/// A running program. It ends when this is dropped.
pub(super) struct Running(u64);

struct All {
    trees: Vec<(u64, Tree)>,
    next: u64,
    /// Signals wait while a program runs: programs end first.
    guard: Option<SignalGuard>,
    /// No program is started any more.
    closed: bool,
}

static ALL: Mutex<All> = Mutex::new(All { trees: Vec::new(), next: 0, guard: None, closed: false });

fn all() -> MutexGuard<'static, All> {
    ALL.lock().unwrap_or_else(PoisonError::into_inner)
}

impl All {
    fn tree(&mut self, key: u64) -> io::Result<&mut Tree> {
        let tree = self.trees.iter_mut().find(|(other, _)| *other == key).map(|(_, tree)| tree);
        tree.ok_or_else(|| io::ErrorKind::Interrupted.into())
    }

    fn remove(&mut self, key: u64) {
        self.trees.retain(|(other, _)| *other != key);
        if self.trees.is_empty() {
            self.guard = None;
        }
    }
}

impl Running {
    pub(super) fn start(command: Command) -> io::Result<(Self, Pipes)> {
        let mut all = all();
        if all.closed {
            return Err(io::ErrorKind::Interrupted.into());
        }
        keep_exit_statuses();
        if all.guard.is_none() {
            all.guard = Some(SignalGuard::new());
        }
        match Tree::start(command) {
            Ok(mut tree) => {
                let pipes = tree.pipes();
                let key = all.next;
                all.next += 1;
                all.trees.push((key, tree));
                Ok((Running(key), pipes))
            }
            Err(error) => {
                all.remove(u64::MAX);
                Err(error)
            }
        }
    }

    /// Returns how the program ended, if it has. Its children may still run.
    pub(super) fn status(&self) -> io::Result<Option<ExitStatus>> {
        all().tree(self.0)?.status()
    }

    /// Ends all programs, then azfob, if a signal has come.
    pub(super) fn heed_signals() {
        if all().guard.as_ref().is_some_and(|guard| guard.came().is_some()) {
            let mut all = close();
            // The lock stays: a thread that waits for a program must not report its end.
            if let Some(guard) = all.guard.take() {
                guard.end();
            }
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let grace = Deadline::after(GRACE_PERIOD);
        let mut is_signalled = false;
        loop {
            let mut all = all();
            let Ok(tree) = all.tree(self.0) else { return };
            if !is_signalled {
                tree.terminate();
                is_signalled = true;
            }
            let gone = tree.is_gone();
            if gone || grace.remaining().is_zero() {
                if !gone {
                    tree.kill();
                }
                all.remove(self.0);
                return;
            }
            drop(all);
            grace.pause(POLL_INTERVAL);
        }
    }
}

/// Ends all programs when dropped.
pub struct KillChildrenOnExit;

impl Drop for KillChildrenOnExit {
    fn drop(&mut self) {
        end_all();
    }
}

/// Ends all programs and starts none any more.
pub fn end_all() {
    close().guard = None;
}

fn close() -> MutexGuard<'static, All> {
    let mut all = all();
    all.closed = true;
    all.trees.iter_mut().for_each(|(_, tree)| tree.terminate());
    let grace = Deadline::after(GRACE_PERIOD);
    while !all.trees.iter_mut().all(|(_, tree)| tree.is_gone()) && grace.pause(POLL_INTERVAL) {}
    all.trees.drain(..).for_each(|(_, mut tree)| {
        if !tree.is_gone() {
            tree.kill();
        }
    });
    all
}

#[cfg(unix)]
mod unix {
    use std::io;
    use std::process::{Child, Command, ExitStatus};

    use rustix::io::Errno;
    use rustix::process::{Pid, Signal, kill_process_group, test_kill_process_group};

    use crate::process::pipes::{Pipes, pipes};

    /// A program and its process group.
    pub(super) struct Tree {
        child: Child,
        group: Option<Pid>,
    }

    impl Tree {
        pub(super) fn start(mut command: Command) -> io::Result<Self> {
            std::os::unix::process::CommandExt::process_group(&mut command, 0);
            let child = command.spawn()?;
            Ok(Tree { group: Some(Pid::from_child(&child)), child })
        }

        pub(super) fn pipes(&mut self) -> Pipes {
            pipes(self.child.stdout.take(), self.child.stderr.take())
        }

        pub(super) fn status(&mut self) -> io::Result<Option<ExitStatus>> {
            let status = self.child.try_wait()?;
            if status.is_some() {
                // Checked now, while the group ID cannot belong to another group.
                self.is_gone();
            }
            Ok(status)
        }

        pub(super) fn terminate(&mut self) {
            self.signal(Signal::TERM);
        }

        pub(super) fn kill(&mut self) {
            self.signal(Signal::KILL);
            // It ends in a moment. If it is not reaped here, it is when azfob exits.
            let _ = self.child.try_wait();
        }

        /// True if no process of the group is left. While there is one, its ID is not given to another group.
        pub(super) fn is_gone(&mut self) -> bool {
            let reaped = !matches!(self.child.try_wait(), Ok(None));
            let gone = self.group.is_none_or(|group| test_kill_process_group(group) == Err(Errno::SRCH));
            if reaped && gone {
                self.group = None;
            }
            self.group.is_none()
        }

        fn signal(&self, signal: Signal) {
            if let Some(group) = self.group {
                let _ = kill_process_group(group, signal);
            }
        }
    }
}

#[cfg(windows)]
mod windows {
    use std::io;
    use std::process::{Command, ExitStatus};

    use process_wrap::std::{ChildWrapper, CommandWrap, JobObject};

    use crate::process::pipes::{Pipes, pipes};

    /// A program and the job object that it runs in.
    pub(super) struct Tree {
        child: Box<dyn ChildWrapper>,
        ended: bool,
    }

    impl Tree {
        pub(super) fn start(command: Command) -> io::Result<Self> {
            Ok(Tree { child: CommandWrap::from(command).wrap(JobObject).spawn()?, ended: false })
        }

        pub(super) fn pipes(&mut self) -> Pipes {
            pipes(self.child.stdout().take(), self.child.stderr().take())
        }

        pub(super) fn status(&mut self) -> io::Result<Option<ExitStatus>> {
            self.child.try_wait()
        }

        /// A job object has no signal that asks for its end.
        pub(super) fn terminate(&mut self) {
            self.kill();
        }

        pub(super) fn kill(&mut self) {
            let _ = self.child.start_kill();
            self.ended = true;
        }

        pub(super) fn is_gone(&mut self) -> bool {
            self.ended
        }
    }
}
