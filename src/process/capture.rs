//! What a program prints, read while it is watched: both streams at once, up to a limit of size and one of time.

use std::io::{self, Read};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::Duration;

use zeroize::Zeroizing;

use crate::background;
use crate::time::deadline::Deadline;

use super::running::{Running, Streams};

/// The most that is read from one stream of a program. A token has a few KB.
pub(super) const OUTPUT_LIMIT: usize = 1 << 20;
/// How often it is looked whether a program has ended, or a signal has come.
const MOMENT: Duration = Duration::from_millis(50);
/// How long the streams may stay open once the program has ended: a grandchild can hold them forever.
const LINGER: Duration = Duration::from_millis(500);

/// How the watch over a program ended.
pub(super) enum Watched {
    /// It ended by itself: its exit code, and what it printed on stdout and on stderr.
    Ended(Option<i32>, Zeroizing<Vec<u8>>, Zeroizing<Vec<u8>>),
    /// Its time is up.
    TimedOut,
    /// It has printed more than [`OUTPUT_LIMIT`].
    TooMuch,
}

/// Reads both streams until the program ends. The readers live in threads of their own, so that neither a slow program nor
/// a grandchild that keeps a stream open can hold us beyond the limit.
pub(super) fn watch(running: &Running, (stdout, stderr): Streams, deadline: &Deadline) -> io::Result<Watched> {
    let (events, inbox) = mpsc::channel();
    let out = drain(stdout, Stream::Out, events.clone())?;
    let err = drain(stderr, Stream::Err, events)?;
    let mut collected = Collected { inbox, open: u8::from(out) + u8::from(err), ..Collected::default() };
    // Who closes its streams is about to end, as a rule.
    let mut closing = Duration::from_millis(1);
    loop {
        Running::heed_signals();
        match collected.next(deadline) {
            Step::More => continue,
            Step::TooMuch => return Ok(Watched::TooMuch),
            Step::TimeUp => return Ok(Watched::TimedOut),
            Step::AllClosed if !deadline.pause(closing) => return Ok(Watched::TimedOut),
            Step::AllClosed => closing = (closing * 2).min(MOMENT),
            Step::Quiet => {}
        }
        // Where nothing was printed for a moment, it may have ended while a grandchild holds its streams.
        if let Some(status) = running.status()? {
            collected.rest(&deadline.sooner(LINGER));
            return Ok(Watched::Ended(status.code(), collected.out, collected.err));
        }
    }
}

#[derive(Clone, Copy)]
enum Stream {
    Out,
    Err,
}

enum Event {
    Bytes(Stream, Zeroizing<Vec<u8>>),
    Closed,
}

struct Collected {
    inbox: Receiver<Event>,
    open: u8,
    out: Zeroizing<Vec<u8>>,
    err: Zeroizing<Vec<u8>>,
}

impl Default for Collected {
    fn default() -> Self {
        let room = || Zeroizing::new(Vec::with_capacity(16 << 10));
        Collected { inbox: mpsc::channel().1, open: 0, out: room(), err: room() }
    }
}

enum Step {
    More,
    Quiet,
    AllClosed,
    TooMuch,
    TimeUp,
}

impl Collected {
    fn next(&mut self, deadline: &Deadline) -> Step {
        if self.open == 0 {
            return Step::AllClosed;
        }
        match self.inbox.recv_timeout(deadline.within(MOMENT)) {
            Ok(Event::Closed) => self.open -= 1,
            Ok(Event::Bytes(stream, bytes)) => {
                let kept = match stream {
                    Stream::Out => &mut self.out,
                    Stream::Err => &mut self.err,
                };
                if kept.len() + bytes.len() > OUTPUT_LIMIT {
                    return Step::TooMuch;
                }
                kept.extend_from_slice(&bytes);
            }
            Err(RecvTimeoutError::Timeout) if deadline.remaining().is_zero() => return Step::TimeUp,
            Err(RecvTimeoutError::Timeout) => return Step::Quiet,
            Err(RecvTimeoutError::Disconnected) => return Step::AllClosed,
        }
        if deadline.remaining().is_zero() { Step::TimeUp } else { Step::More }
    }

    /// What is still on its way once the child has ended: on a busy machine the readers may need longer than a moment.
    fn rest(&mut self, deadline: &Deadline) {
        while matches!(self.next(deadline), Step::More | Step::Quiet) {}
    }
}

fn drain(stream: Option<impl Read + Send + 'static>, which: Stream, events: mpsc::Sender<Event>) -> io::Result<bool> {
    let Some(mut stream) = stream else { return Ok(false) };
    background::thread(move || {
        let mut buffer = Zeroizing::new([0; 8192]);
        while let Ok(amount @ 1..) = stream.read(buffer.as_mut()) {
            if events.send(Event::Bytes(which, Zeroizing::new(buffer[..amount].to_vec()))).is_err() {
                return;
            }
        }
        let _ = events.send(Event::Closed);
    })?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_reader_brings_late_is_not_lost() {
        let (events, inbox) = mpsc::channel();
        let mut collected = Collected { inbox, open: 1, ..Collected::default() };
        let reader = std::thread::spawn(move || {
            assert!(Deadline::after(Duration::from_secs(20)).pause(3 * MOMENT));
            events.send(Event::Bytes(Stream::Out, Zeroizing::new(b"late".to_vec()))).unwrap();
            events.send(Event::Closed).unwrap();
        });
        collected.rest(&Deadline::after(Duration::from_secs(20)));
        reader.join().unwrap();
        assert_eq!(*collected.out, b"late");
    }
}
