//! A TCP stream with an absolute deadline. A time limit of the socket starts again with each byte that a slow peer sends.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use ureq::unversioned::transport::{ConnectionDetails, NextTimeout, time};

use crate::time::deadline::Deadline;

/// Reads and writes until the deadline. Repeats what a signal interrupted.
pub(super) struct LimitedStream<'a> {
    pub(super) stream: &'a TcpStream,
    pub(super) deadline: Deadline,
}

impl LimitedStream<'_> {
    fn until_deadline<T>(
        &mut self,
        set_limit: impl Fn(&TcpStream, Option<Duration>) -> io::Result<()>,
        mut transfer: impl FnMut(&TcpStream) -> io::Result<T>,
    ) -> io::Result<T> {
        /// The system accepts no limit of zero, and counts in milliseconds.
        const SHORTEST: Duration = Duration::from_millis(1);
        loop {
            let left = self.deadline.remaining();
            if left.is_zero() {
                return Err(io::ErrorKind::TimedOut.into());
            }
            set_limit(self.stream, Some(left.max(SHORTEST)))?;
            match transfer(self.stream).map_err(|error| (error.kind(), error)) {
                Err((io::ErrorKind::Interrupted, _)) => {}
                Err((io::ErrorKind::WouldBlock, _)) => return Err(io::ErrorKind::TimedOut.into()),
                ended => return ended.map_err(|(_, error)| error),
            }
        }
    }
}

impl Read for LimitedStream<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.until_deadline(TcpStream::set_read_timeout, |mut stream| stream.read(buffer))
    }
}

impl Write for LimitedStream<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.until_deadline(TcpStream::set_write_timeout, |mut stream| stream.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Returns the rest of the time for a connection: all steps share one limit, which started at `details.now`.
pub(super) fn time_left(details: &ConnectionDetails<'_>) -> NextTimeout {
    let mut timeout = details.timeout;
    let times = (timeout.after, details.now, (details.current_time)());
    if let (time::Duration::Exact(limit), time::Instant::Exact(start), time::Instant::Exact(now)) = times {
        timeout.after = limit.saturating_sub(now.saturating_duration_since(start)).into();
    }
    timeout
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    #[test]
    fn bytes_do_not_extend_the_deadline() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let stream = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (mut peer, _) = listener.accept().unwrap();
        let mut limited = LimitedStream { stream: &stream, deadline: Deadline::after(Duration::from_secs(20)) };
        peer.write_all(b"ab").unwrap();
        let mut byte = [0];
        assert_eq!((limited.read(&mut byte).unwrap(), byte), (1, *b"a"));
        limited.deadline = Deadline::after(Duration::ZERO);
        assert_eq!(limited.read(&mut byte).unwrap_err().kind(), io::ErrorKind::TimedOut);
        assert_eq!(limited.write(b"x").unwrap_err().kind(), io::ErrorKind::TimedOut);
    }

    #[test]
    fn silent_peer_is_a_timeout() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let stream = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let mut limited = LimitedStream { stream: &stream, deadline: Deadline::after(Duration::from_millis(20)) };
        assert_eq!(limited.read(&mut [0]).unwrap_err().kind(), io::ErrorKind::TimedOut);
    }

    /// A signal to the thread ends a blocking read early, as the end of a child process can.
    #[test]
    fn interrupted_transfer_is_repeated() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let stream = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let mut limited = LimitedStream { stream: &stream, deadline: Deadline::after(Duration::from_secs(20)) };
        let mut results = [Err(io::ErrorKind::Interrupted.into()), Ok(7)].into_iter();
        let transferred = limited.until_deadline(TcpStream::set_read_timeout, |_| results.next().unwrap());
        assert_eq!(transferred.unwrap(), 7);
    }
}
