//! Reads what a program prints, up to a limit of size and of time.

use std::io;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, SyncSender};
use std::time::Duration;

use zeroize::Zeroizing;

use crate::background;
use crate::time::deadline::Deadline;

use super::pipes::{OutputBytes, OutputSource, Pipes, read};
use super::running::Running;

/// Limit for one stream of a program. A token has a few KB.
const OUTPUT_LIMIT: usize = 1 << 20;
/// Interval of the checks for the end of the program and for signals.
const POLL_INTERVAL: Duration = Duration::from_millis(50);
/// How long to wait for the rest of the output once the program has ended. A grandchild can keep the streams open forever.
const LINGER: Duration = Duration::from_millis(500);

/// How a run ended.
pub enum RunOutcome {
    /// The program exited, or a signal ended it.
    Exited(Output),
    /// The time limit passed: azfob ended the program.
    TimedOut(Duration),
    /// The output limit in bytes was reached: azfob ended the program.
    TooMuch(usize),
    NotStarted(io::Error),
}

/// The output and the exit code of a program.
pub struct Output {
    /// Its exit code; `None` if a signal ended it.
    pub code: Option<i32>,
    /// It can contain a token.
    pub stdout: Zeroizing<Vec<u8>>,
    /// Its stderr, with invalid UTF-8 replaced.
    pub stderr: String,
}

impl Output {
    /// True if the exit code is 0.
    pub fn succeeded(&self) -> bool {
        self.code == Some(0)
    }
}

/// The number of a stream, and what was read from it; `None` at its end.
type OutputPiece = (usize, Option<OutputBytes>);

/// Reads both streams until the program ends.
///
/// Threads read them, so that neither a slow program nor a grandchild with an open stream blocks azfob beyond the limit.
pub(super) fn watch(
    running: &Running,
    [stdout, stderr]: Pipes,
    deadline: &Deadline,
    limit: Duration,
) -> io::Result<RunOutcome> {
    let (pieces, inbox) = mpsc::sync_channel(4);
    let open = start_reader(0, stdout, pieces.clone())? + start_reader(1, stderr, pieces)?;
    let mut collected = Collected::new(inbox, open);
    // A program usually ends just after it closes its streams.
    let mut pause = Duration::from_millis(1);
    loop {
        Running::heed_signals();
        match collected.next(deadline) {
            Received::Piece => continue,
            Received::TooMuch => return Ok(RunOutcome::TooMuch(OUTPUT_LIMIT)),
            Received::TimeUp => return Ok(RunOutcome::TimedOut(limit)),
            Received::AllClosed if !deadline.pause(pause) => return Ok(RunOutcome::TimedOut(limit)),
            Received::AllClosed => pause = (pause * 2).min(POLL_INTERVAL),
            Received::Nothing => {}
        }
        // The program may have ended while a grandchild keeps its streams open.
        if let Some(status) = running.status()? {
            return Ok(RunOutcome::Exited(collected.finish(status.code(), &deadline.sooner(LINGER))));
        }
    }
}

struct Collected {
    inbox: Receiver<OutputPiece>,
    open: usize,
    printed: [OutputBytes; 2],
}

enum Received {
    Piece,
    Nothing,
    AllClosed,
    TooMuch,
    TimeUp,
}

impl Collected {
    fn new(inbox: Receiver<OutputPiece>, open: usize) -> Self {
        Collected { inbox, open, printed: [0, 1].map(|_| Zeroizing::new(Vec::with_capacity(16 << 10))) }
    }

    fn next(&mut self, deadline: &Deadline) -> Received {
        if self.open == 0 {
            return Received::AllClosed;
        }
        match self.inbox.recv_timeout(deadline.within(POLL_INTERVAL)) {
            Ok((_, None)) => self.open -= 1,
            Ok((stream, Some(bytes))) => {
                let printed = &mut self.printed[stream];
                if printed.len() + bytes.len() > OUTPUT_LIMIT {
                    return Received::TooMuch;
                }
                printed.extend_from_slice(&bytes);
            }
            Err(RecvTimeoutError::Timeout) if deadline.remaining().is_zero() => return Received::TimeUp,
            Err(RecvTimeoutError::Timeout) => return Received::Nothing,
            Err(RecvTimeoutError::Disconnected) => return Received::AllClosed,
        }
        if deadline.remaining().is_zero() { Received::TimeUp } else { Received::Piece }
    }

    /// Collects the rest once the program has ended. On a busy machine the readers may be late.
    fn finish(mut self, code: Option<i32>, deadline: &Deadline) -> Output {
        while matches!(self.next(deadline), Received::Piece | Received::Nothing) {}
        let [stdout, stderr] = self.printed;
        Output { code, stdout, stderr: String::from_utf8_lossy(&stderr).into_owned() }
    }
}

/// Starts a thread that reads a stream. Returns how many threads were started.
fn start_reader(number: usize, stream: Option<OutputSource>, pieces: SyncSender<OutputPiece>) -> io::Result<usize> {
    let Some(stream) = stream else { return Ok(0) };
    background::thread(move || read(stream, &|piece| pieces.send((number, piece)).is_ok()))?;
    Ok(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn output_that_is_read_late_is_kept() {
        let (pieces, inbox) = mpsc::sync_channel(4);
        let collected = Collected::new(inbox, 1);
        let reader = std::thread::spawn(move || {
            assert!(Deadline::after(Duration::from_secs(20)).pause(3 * POLL_INTERVAL));
            pieces.send((0, Some(Zeroizing::new(b"late".to_vec())))).unwrap();
            pieces.send((0, None)).unwrap();
        });
        let output = collected.finish(Some(0), &Deadline::after(Duration::from_secs(20)));
        reader.join().unwrap();
        assert_eq!(*output.stdout, b"late");
    }
}
