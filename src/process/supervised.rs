//! A command under azfob's eyes: its output passes through here, stdout and stderr apart, and signals are passed on.
//!
//! Where azfob's own output is a terminal, the command's is a pseudoterminal (Unix), so that colours and sizes stay. Its
//! input and its controlling terminal are azfob's own: Ctrl-C, Ctrl-Z and prompts work as without it.

use std::io::{self, Read};
use std::process::{ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, SyncSender};
use std::time::Duration;

use zeroize::Zeroizing;

use crate::background;

use super::signals::SignalGuard;
use super::user_command::{NotStarted, Prepared, code_of};

/// How long the streams may stay quiet once the command has ended: something that it left running can hold them.
const LINGER: Duration = Duration::from_millis(500);

/// Takes what a command prints. An error means that nobody reads it any more.
pub type Sink<'a> = dyn FnMut(&[u8]) -> io::Result<()> + 'a;

enum Event {
    Bytes(usize, Zeroizing<Vec<u8>>),
    Closed(usize),
    Ended(io::Result<ExitStatus>),
}

impl Prepared {
    /// Runs it, hands every piece of its stdout to the first sink and of its stderr to the second, and answers with its
    /// exit code: 128 and the signal's number where one ended it.
    ///
    /// # Errors
    /// It could not be started.
    pub fn supervise(self, sinks: [&mut Sink<'_>; 2]) -> Result<i32, NotStarted> {
        // All before the command starts, so that no signal is lost in between, and no thread is missing when it runs.
        let held = SignalGuard::new();
        super::end_all();
        let code = self.supervised(sinks);
        // Whatever came was the command's, and its end is ours.
        held.forget();
        code
    }

    fn supervised(mut self, sinks: [&mut Sink<'_>; 2]) -> Result<i32, NotStarted> {
        let no_thread = |error: io::Error| NotStarted {
            code: 1,
            program: self.shown.clone(),
            reason: format!("azfob has no room for the threads that watch it: {error}"),
        };
        let (events, inbox) = mpsc::sync_channel(4);
        let [first, second] = [0, 1].map(|which| Reader::start(which, events.clone()));
        let mut readers = [first.map_err(no_thread)?, second.map_err(no_thread)?];
        let guard = Guard::start(events).map_err(no_thread)?;
        let (streams, mut child) = {
            let streams = Streams::attach(&mut self).map_err(|error| self.failed(&error))?;
            let child = self.command.spawn().map_err(|error| self.failed(&error))?;
            (streams, child)
        };
        let (sources, sizes) = streams.into_sources(&mut child);
        // The ends that are the command's own are closed with this; without it the streams would never end.
        drop(self);
        guard.watch(child, sizes);
        let reading = readers.iter_mut().zip(sources);
        let reading = reading.filter_map(|(reader, source)| source.map(|source| reader.read(source))).collect();
        drop(readers);
        Ok(pump(&inbox, reading, sinks).map_or(1, code_of))
    }
}

/// A thread that reads a stream once it is there.
struct Reader {
    which: usize,
    wanted: Arc<AtomicBool>,
    source: mpsc::Sender<Source>,
}

impl Reader {
    fn start(which: usize, events: SyncSender<Event>) -> io::Result<Self> {
        let (source, sources) = mpsc::channel();
        let wanted = Arc::new(AtomicBool::new(true));
        let is_wanted = Arc::clone(&wanted);
        background::thread(move || {
            if let Ok(source) = sources.recv() {
                read(source, which, &is_wanted, &events);
            }
        })?;
        Ok(Reader { which, wanted, source })
    }

    fn read(&mut self, source: Source) -> (usize, Arc<AtomicBool>) {
        let _ = self.source.send(source);
        (self.which, Arc::clone(&self.wanted))
    }
}

/// Moves what comes until the command has ended and its streams are closed or quiet.
fn pump(
    inbox: &Receiver<Event>,
    mut reading: Vec<(usize, Arc<AtomicBool>)>,
    sinks: [&mut Sink<'_>; 2],
) -> Option<ExitStatus> {
    let mut ended = None;
    let mut is_over = false;
    while !(is_over && reading.is_empty()) {
        let event =
            if is_over { inbox.recv_timeout(LINGER) } else { inbox.recv().map_err(|_| RecvTimeoutError::Disconnected) };
        match event {
            Ok(Event::Bytes(which, bytes)) => {
                if sinks[which](&bytes).is_err() {
                    // Read no more: the command shall learn that nobody listens.
                    reading
                        .iter()
                        .filter(|(other, _)| *other == which)
                        .for_each(|(_, w)| w.store(false, Ordering::SeqCst));
                }
            }
            Ok(Event::Closed(which)) => reading.retain(|(other, _)| *other != which),
            Ok(Event::Ended(status)) => {
                ended = status.ok();
                is_over = true;
            }
            Err(_) => break,
        }
    }
    ended
}

fn read(mut reader: Source, which: usize, wanted: &AtomicBool, events: &SyncSender<Event>) {
    let mut buffer = Zeroizing::new([0; 16 << 10]);
    while wanted.load(Ordering::SeqCst) {
        match reader.read(buffer.as_mut()) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            // A pseudoterminal ends with an error where the last of its users has left.
            Ok(0) | Err(_) => break,
            Ok(amount) => {
                if events.send(Event::Bytes(which, Zeroizing::new(buffer[..amount].to_vec()))).is_err() {
                    return;
                }
            }
        }
    }
    drop(reader);
    let _ = events.send(Event::Closed(which));
}

type Source = Box<dyn Read + Send>;
type Sources = [Option<Source>; 2];

#[cfg(unix)]
use unix::{Guard, Streams};

#[cfg(unix)]
mod unix {
    use std::fs::{File, OpenOptions};
    use std::io::{self, IsTerminal};
    use std::os::fd::OwnedFd;
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::fs::OpenOptionsExt;
    use std::process::{Child, ExitStatus};
    use std::sync::mpsc::{self, Sender, SyncSender};
    use std::sync::{Arc, Mutex, PoisonError};

    use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process, waitid};
    use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
    use rustix::termios::{OptionalActions, tcgetattr, tcgetwinsize, tcsetattr, tcsetwinsize};
    use signal_hook::consts::{SIGCONT, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGWINCH};
    use signal_hook::iterator::Signals;

    use super::{Event, Prepared, Sources, Stdio, background};

    /// Where the command prints to: for both streams a pipe, or a pseudoterminal where azfob's own is a terminal. Two
    /// that are terminals share one, as they do without azfob, so that what is printed stays in its order.
    pub(super) struct Streams {
        terminal: Option<OwnedFd>,
        shows: [bool; 2],
    }

    impl Streams {
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

        /// What can be read, and the pseudoterminal whose size follows azfob's.
        pub(super) fn into_sources(self, child: &mut Child) -> (Sources, Option<OwnedFd>) {
            let sizes = self.terminal.as_ref().and_then(|terminal| terminal.try_clone().ok());
            let mut readers: Sources = [None, None];
            if let Some(pipe) = child.stdout.take() {
                readers[0] = Some(Box::new(pipe));
            }
            if let Some(pipe) = child.stderr.take() {
                readers[1] = Some(Box::new(pipe));
            }
            if let Some(terminal) = self.terminal {
                readers[usize::from(!self.shows[0])] = Some(Box::new(File::from(terminal)));
            }
            (readers, sizes)
        }
    }

    /// One that passes bytes on as they are: azfob's own terminal does to them what it always does.
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

    /// The threads that wait for the command and pass signals on to it.
    pub(super) struct Guard {
        command: Sender<(Child, Option<OwnedFd>)>,
    }

    impl Guard {
        /// Catches the signals and starts the threads; the end of the command is sent to `events`.
        pub(super) fn start(events: SyncSender<Event>) -> io::Result<Self> {
            let mut caught = Signals::new([SIGTERM, SIGHUP, SIGINT, SIGQUIT, SIGUSR1, SIGUSR2, SIGWINCH, SIGCONT])?;
            let stopper = caught.handle();
            let (command, commands) = mpsc::channel();
            let (signals, targets) = mpsc::channel();
            background::thread(move || {
                if let Ok((target, terminal)) = targets.recv() {
                    pass_on(&mut caught, &target, &terminal);
                }
            })?;
            background::thread(move || {
                if let Ok((child, sizes)) = commands.recv() {
                    let _ = events.send(Event::Ended(wait(child, sizes, &signals)));
                }
                stopper.close();
            })?;
            Ok(Guard { command })
        }

        /// Hands them the command, and the pseudoterminal whose size follows azfob's.
        pub(super) fn watch(self, child: Child, terminal: Option<OwnedFd>) {
            let _ = self.command.send((child, terminal));
        }
    }

    /// The command, as long as it runs.
    type Target = Arc<Mutex<Option<Pid>>>;

    /// Waits without reaping, so that the id stays the command's while a signal may still be sent to it.
    fn wait(
        mut child: Child,
        terminal: Option<OwnedFd>,
        signals: &Sender<(Target, Option<OwnedFd>)>,
    ) -> io::Result<ExitStatus> {
        let pid = Pid::from_child(&child);
        let target = Arc::new(Mutex::new(Some(pid)));
        let _ = signals.send((Arc::clone(&target), terminal));
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
        while let Err(rustix::io::Errno::INTR) = waitid(WaitId::Pid(pid), options) {}
        *target.lock().unwrap_or_else(PoisonError::into_inner) = None;
        child.wait()
    }

    fn pass_on(signals: &mut Signals, target: &Target, terminal: &Option<OwnedFd>) {
        // On a terminal the keys' signals reach the whole group: passed on they would come twice.
        let has_keys = io::stdin().is_terminal() || io::stdout().is_terminal() || io::stderr().is_terminal();
        for signal in signals.forever() {
            let signal = match signal {
                SIGTERM => Signal::TERM,
                SIGHUP => Signal::HUP,
                SIGUSR1 => Signal::USR1,
                SIGUSR2 => Signal::USR2,
                SIGCONT => Signal::CONT,
                SIGINT if !has_keys => Signal::INT,
                SIGQUIT if !has_keys => Signal::QUIT,
                SIGWINCH => {
                    terminal.iter().for_each(follow_size);
                    Signal::WINCH
                }
                _ => continue,
            };
            // It may just have ended; then there is nobody to tell.
            if let Some(pid) = *target.lock().unwrap_or_else(PoisonError::into_inner) {
                let _ = kill_process(pid, signal);
            }
        }
    }
}

#[cfg(not(unix))]
use other::{Guard, Streams};

#[cfg(not(unix))]
mod other {
    use std::io;
    use std::process::Child;
    use std::sync::mpsc::{self, Sender, SyncSender};

    use super::{Event, Prepared, Sources, Stdio, background};

    /// Pipes: there is no pseudoterminal without code of ours that the compiler cannot check.
    pub(super) struct Streams;

    impl Streams {
        pub(super) fn attach(prepared: &mut Prepared) -> io::Result<Self> {
            prepared.command.stdout(Stdio::piped()).stderr(Stdio::piped());
            Ok(Streams)
        }

        pub(super) fn into_sources(self, child: &mut Child) -> (Sources, ()) {
            let mut readers: Sources = [None, None];
            if let Some(pipe) = child.stdout.take() {
                readers[0] = Some(Box::new(pipe));
            }
            if let Some(pipe) = child.stderr.take() {
                readers[1] = Some(Box::new(pipe));
            }
            (readers, ())
        }
    }

    /// The thread that waits for the command. Ctrl-C reaches both; what it means is the command's to say.
    pub(super) struct Guard(Sender<Child>);

    impl Guard {
        pub(super) fn start(events: SyncSender<Event>) -> io::Result<Self> {
            let (command, commands) = mpsc::channel::<Child>();
            background::thread(move || {
                if let Ok(mut child) = commands.recv() {
                    let _ = events.send(Event::Ended(child.wait()));
                }
            })?;
            Ok(Guard(command))
        }

        pub(super) fn watch(self, child: Child, _sizes: ()) {
            let _ = self.0.send(child);
        }
    }
}
