//! TCP as ureq wants it: a connector that lets the addresses of a host race, and the transport over what it opened.
//!
//! ureq's own connector tries one address after the other and gives a dead one half of all the time there is.

use std::fmt;
use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

use ureq::unversioned::transport::{
    Buffers, ConnectionDetails, Connector, Either, LazyBuffers, NextTimeout, Transport,
};
use ureq::{Error, Timeout};

use super::happy_eyeballs::{NotOpened, Tcp};

/// Opens a connection to one of the addresses, where nobody before it in the chain has opened one.
#[derive(Debug)]
pub(super) struct RacingTcp(pub(super) Arc<Tcp>);

impl<In: Transport> Connector<In> for RacingTcp {
    type Out = Either<In, TcpPipe>;

    fn connect(&self, details: &ConnectionDetails<'_>, below: Option<In>) -> Result<Option<Self::Out>, Error> {
        if let Some(below) = below {
            return Ok(Some(Either::A(below)));
        }
        let opened = self.0.open(&details.addrs, *details.timeout.after).map_err(|error| match error {
            NotOpened::TimedOut(_) => Error::Timeout(Timeout::Connect),
            NotOpened::Refused(error) => Error::Io(error),
        })?;
        let buffers = LazyBuffers::new(details.config.input_buffer_size(), details.config.output_buffer_size());
        Ok(Some(Either::B(TcpPipe { stream: opened.stream, buffers, read: None, write: None })))
    }
}

/// An open connection with its buffers.
pub(super) struct TcpPipe {
    stream: TcpStream,
    buffers: LazyBuffers,
    /// The limits that the system was told last.
    read: Option<Duration>,
    write: Option<Duration>,
}

impl Transport for TcpPipe {
    fn buffers(&mut self) -> &mut dyn Buffers {
        &mut self.buffers
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        let limit = limit(timeout)?;
        if limit != self.write {
            self.stream.set_write_timeout(limit)?;
            self.write = limit;
        }
        self.stream.write_all(&self.buffers.output()[..amount]).map_err(|error| timed(error, timeout))
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        let limit = limit(timeout)?;
        if limit != self.read {
            self.stream.set_read_timeout(limit)?;
            self.read = limit;
        }
        let amount = loop {
            match self.stream.read(self.buffers.input_append_buf()) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                read => break read.map_err(|error| timed(error, timeout))?,
            }
        };
        self.buffers.input_appended(amount);
        Ok(amount > 0)
    }

    /// Open and with nothing to say: whatever comes unasked belongs to no request.
    fn is_open(&mut self) -> bool {
        let quiet = |stream: &TcpStream| {
            stream.set_nonblocking(true)?;
            let peeked = stream.peek(&mut [0]);
            stream.set_nonblocking(false)?;
            Ok::<_, io::Error>(peeked.is_err_and(|error| error.kind() == io::ErrorKind::WouldBlock))
        };
        quiet(&self.stream).unwrap_or(false)
    }
}

impl fmt::Debug for TcpPipe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TcpPipe")
    }
}

/// What the system is told of a limit; it takes none of nothing.
fn limit(timeout: NextTimeout) -> Result<Option<Duration>, Error> {
    if timeout.after.is_not_happening() {
        return Ok(None);
    }
    if timeout.after.is_zero() {
        return Err(Error::Timeout(timeout.reason));
    }
    Ok(Some((*timeout.after).max(Duration::from_millis(1))))
}

fn timed(error: io::Error, timeout: NextTimeout) -> Error {
    match error.kind() {
        io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock => Error::Timeout(timeout.reason),
        _ => Error::Io(error),
    }
}
