//! Runs a command and passes its output through azfob, with stdout and stderr apart.
//!
//! If azfob's own output is a terminal, the command's is a pseudoterminal (Unix), so that colours and sizes stay. Its
//! input and its controlling terminal are azfob's own: Ctrl-C, Ctrl-Z and prompts work as without azfob.

use std::io;
use std::process::{ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender, SyncSender};
use std::time::Duration;

use crate::background;

use super::pipes::{OutputBytes, OutputSource, Pipes, pipes, read};
use super::signals::SignalGuard;
use super::user_command::{NotStarted, Prepared, code_of};
use super::watcher::Watcher;

/// How long to wait for more output once the command has ended. A process that it left running can keep the streams open.
const LINGER: Duration = Duration::from_millis(500);

/// Receives the output of a command. An error means that the reader closed it.
pub type Sink<'a> = dyn FnMut(&[u8]) -> io::Result<()> + 'a;

enum Event {
    Printed(usize, Option<OutputBytes>),
    Ended(io::Result<ExitStatus>),
}

/// Streams that are still read: a reader stops when its sink has failed, so that the command gets an error too.
type WantedStreams = Arc<[AtomicBool; 2]>;

impl Prepared {
    /// Runs it, passes its stdout to the first sink and its stderr to the second, and returns its exit code.
    ///
    /// # Errors
    /// It could not be started.
    pub fn supervise(self, sinks: [&mut Sink<'_>; 2]) -> Result<i32, NotStarted> {
        // Signals and threads come before the command: no signal is lost, and no thread is missing when it runs.
        let guard = SignalGuard::new();
        super::end_all();
        let code = self.supervised(sinks);
        // The command received the signals that came.
        guard.forget();
        code
    }

    fn supervised(mut self, sinks: [&mut Sink<'_>; 2]) -> Result<i32, NotStarted> {
        let (events, inbox) = mpsc::sync_channel(4);
        let wanted: WantedStreams = Arc::new([const { AtomicBool::new(true) }; 2]);
        let [first, second] = [0, 1].map(|which| start_reader(which, &wanted, events.clone()));
        let readers = [first.map_err(|e| self.no_thread(&e))?, second.map_err(|e| self.no_thread(&e))?];
        let signals = Streams::catch_signals().map_err(|e| self.no_thread(&e))?;
        let streams = Streams::attach(&mut self).map_err(|error| self.failed(&error))?;
        let ended = Box::new(move |status| drop(events.send(Event::Ended(status))));
        let watcher = Watcher::start(signals, streams.passes_signals(), ended).map_err(|e| self.no_thread(&e))?;
        let mut child = self.command.spawn().map_err(|error| self.failed(&error))?;
        let sources = streams.into_sources(&mut child);
        // Closes the command's ends. If they stayed open, the streams would never end.
        drop(self);
        watcher.watch(child);
        let open = sources.into_iter().zip(readers).filter_map(|(source, reader)| reader.send(source?).ok()).count();
        Ok(pump(&inbox, open, &wanted, sinks).map_or(1, code_of))
    }
}

/// Starts a thread that reads a stream as soon as it receives one.
fn start_reader(which: usize, wanted: &WantedStreams, events: SyncSender<Event>) -> io::Result<Sender<OutputSource>> {
    let (source, sources) = mpsc::channel();
    let wanted = Arc::clone(wanted);
    background::thread(move || {
        if let Ok(source) = sources.recv() {
            let pass_on = |piece| events.send(Event::Printed(which, piece)).is_ok();
            read(source, &|piece| pass_on(piece) && wanted[which].load(Ordering::SeqCst));
        }
    })?;
    Ok(source)
}

/// Passes output on until the command has ended and its streams are closed or quiet. Returns the command's status.
fn pump(
    inbox: &Receiver<Event>,
    mut open: usize,
    wanted: &[AtomicBool; 2],
    sinks: [&mut Sink<'_>; 2],
) -> Option<ExitStatus> {
    let mut ended = None;
    while ended.is_none() || open > 0 {
        let event = match ended {
            None => inbox.recv().map_err(|_| RecvTimeoutError::Disconnected),
            Some(_) => inbox.recv_timeout(LINGER),
        };
        match event {
            Ok(Event::Printed(which, Some(bytes))) => {
                if sinks[which](&bytes).is_err() {
                    wanted[which].store(false, Ordering::SeqCst);
                }
            }
            Ok(Event::Printed(_, None)) => open -= 1,
            Ok(Event::Ended(status)) => ended = Some(status.ok()),
            Err(_) => break,
        }
    }
    ended.flatten()
}

#[cfg(unix)]
use unix::Streams;

#[cfg(unix)]
mod unix {
    use std::fs::{File, OpenOptions};
    use std::io::{self, IsTerminal};
    use std::os::fd::OwnedFd;
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::fs::OpenOptionsExt;
    use std::process::Child;

    use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
    use rustix::termios::{OptionalActions, tcgetattr, tcgetwinsize, tcsetattr, tcsetwinsize};
    use signal_hook::consts::{SIGCONT, SIGWINCH};

    use super::{Pipes, Prepared, Stdio, pipes};
    use crate::process::watcher::{Passes, Signals, catch_signals, passes_all_but_keys};

    /// The streams that the command prints to: a pipe, or a pseudoterminal if azfob's own stream is a terminal. Two
    /// terminals share one pseudoterminal, so that the output stays in its order.
    pub(super) struct Streams {
        terminal: Option<OwnedFd>,
        shows: [bool; 2],
    }

    impl Streams {
        pub(super) fn catch_signals() -> io::Result<Signals> {
            catch_signals(&[SIGWINCH, SIGCONT])
        }

        pub(super) fn attach(prepared: &mut Prepared) -> io::Result<Self> {
            let shows = [io::stdout().is_terminal(), io::stderr().is_terminal()];
            let (master, slave) = match shows {
                [false, false] => (None, None),
                _ => pseudoterminal().map(|(master, slave)| (Some(master), Some(slave)))?,
            };
            let end = |shown: bool| match &slave {
                Some(slave) if shown => slave.try_clone().map(Stdio::from),
                _ => Ok(Stdio::piped()),
            };
            prepared.command.stdout(end(shows[0])?).stderr(end(shows[1])?);
            Ok(Streams { terminal: master, shows })
        }

        /// Decides which signals the command gets, and lets the size of the pseudoterminal follow azfob's terminal.
        pub(super) fn passes_signals(&self) -> Passes {
            let terminal = self.terminal.as_ref().and_then(|terminal| terminal.try_clone().ok());
            let passes = passes_all_but_keys();
            Box::new(move |signal| {
                if signal == SIGWINCH {
                    terminal.iter().for_each(follow_size);
                }
                passes(signal)
            })
        }

        /// What can be read from the started command.
        pub(super) fn into_sources(self, child: &mut Child) -> Pipes {
            let mut sources = pipes(child.stdout.take(), child.stderr.take());
            if let Some(terminal) = self.terminal {
                sources[usize::from(!self.shows[0])] = Some(Box::new(File::from(terminal)));
            }
            sources
        }
    }

    /// Creates a pseudoterminal that passes bytes on as they are: azfob's own terminal processes them as usual.
    fn pseudoterminal() -> io::Result<(OwnedFd, OwnedFd)> {
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY)?;
        rustix::io::fcntl_setfd(&master, rustix::io::FdFlags::CLOEXEC)?;
        grantpt(&master)?;
        unlockpt(&master)?;
        let name = ptsname(&master, Vec::new())?;
        let no_ctty = i32::try_from(OpenptFlags::NOCTTY.bits()).unwrap_or_default();
        let path = std::ffi::OsStr::from_bytes(name.as_bytes());
        let slave: OwnedFd = OpenOptions::new().read(true).write(true).custom_flags(no_ctty).open(path)?.into();
        let mut modes = tcgetattr(&slave)?;
        modes.make_raw();
        tcsetattr(&slave, OptionalActions::Now, &modes)?;
        follow_size(&master);
        Ok((master, slave))
    }

    fn follow_size(terminal: &OwnedFd) {
        let size = tcgetwinsize(io::stdout()).or_else(|_| tcgetwinsize(io::stderr()));
        if let Ok(size) = size {
            let _ = tcsetwinsize(terminal, size);
        }
    }
}

/// Pipes. Windows has no pseudoterminal without `unsafe` code.
#[cfg(not(unix))]
struct Streams;

#[cfg(not(unix))]
impl Streams {
    fn catch_signals() -> io::Result<super::watcher::Signals> {
        super::watcher::catch_signals(&[])
    }

    fn attach(prepared: &mut Prepared) -> io::Result<Self> {
        prepared.command.stdout(Stdio::piped()).stderr(Stdio::piped());
        Ok(Streams)
    }

    fn passes_signals(&self) -> super::watcher::Passes {
        Box::new(|_| true)
    }

    fn into_sources(self, child: &mut std::process::Child) -> Pipes {
        pipes(child.stdout.take(), child.stderr.take())
    }
}
