//! The connectors and the resolver of every agent: names resolved once, addresses raced, connections timed.
//!
//! ureq's own connector tries one address after the other, and gives a dead one half of the remaining time.

use std::collections::HashMap;
use std::fmt;
use std::io::{self, Read, Write};
use std::net::{IpAddr, TcpStream};
use std::sync::{Arc, Mutex};

use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::time;
use ureq::unversioned::transport::{Buffers, ConnectionDetails, Connector, LazyBuffers, NextTimeout, Transport};
use ureq::{Error, Timeout};

use crate::background;
use crate::time::deadline::{Deadline, Stopwatch};
use crate::time::timings::{TimedStep, Timings};

use super::happy_eyeballs::Tcp;
use super::limited_stream::{LimitedStream, time_left};
use super::proxy_answer::{NoTunnel, TunnelTarget};
use super::request::HTTPS;
use super::tunnel;

/// Resolves each name once; ureq would do so for every request. Clones share the results.
#[derive(Clone, Debug)]
pub(super) struct CachingResolver {
    seen: Arc<Mutex<HashMap<String, ResolvedSocketAddrs>>>,
    timings: Arc<Timings>,
}

impl CachingResolver {
    pub(super) fn new(timings: Arc<Timings>) -> Self {
        CachingResolver { seen: Arc::default(), timings }
    }
}

impl Resolver for CachingResolver {
    fn resolve(&self, uri: &Uri, config: &Config, timeout: NextTimeout) -> Result<ResolvedSocketAddrs, Error> {
        let key = format!("{:?} {:?}", uri.scheme(), uri.authority());
        let seen = || self.seen.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(hit) = seen().get(&key) {
            return Ok(hit.clone());
        }
        let watch = Stopwatch::start();
        let found =
            look_up(uri, config, timeout).map_err(|too_late| too_late.map_or(Error::HostNotFound, Error::Timeout));
        self.timings.add(TimedStep::Name, watch.elapsed(), || uri.host().unwrap_or_default().to_owned());
        let found = found?;
        seen().insert(key, found.clone());
        Ok(found)
    }
}

/// Asks the system's resolver, which cannot be interrupted. An IP address needs no thread.
fn look_up(uri: &Uri, config: &Config, timeout: NextTimeout) -> Result<ResolvedSocketAddrs, Option<Timeout>> {
    let is_address = uri.host().is_some_and(|host| host.trim_matches(['[', ']']).parse::<IpAddr>().is_ok());
    let (uri, config, limit) = (uri.clone(), config.clone(), *timeout.after);
    let resolve = move || {
        let endless = NextTimeout { after: time::Duration::NotHappening, ..timeout };
        DefaultResolver::default().resolve(&uri, &config, endless).map_err(|_| None)
    };
    if is_address { resolve() } else { background::within(limit, resolve).unwrap_or(Err(Some(timeout.reason))) }
}

/// Measures how long the inner connector takes: TCP, proxy and TLS together.
#[derive(Debug)]
pub(super) struct Timed<C> {
    pub(super) connector: C,
    pub(super) timings: Arc<Timings>,
}

impl<In: Transport, C: Connector<In>> Connector<In> for Timed<C> {
    type Out = C::Out;

    fn connect(&self, details: &ConnectionDetails<'_>, below: Option<In>) -> Result<Option<C::Out>, Error> {
        let watch = Stopwatch::start();
        let connected = self.connector.connect(details, below);
        self.timings.add(TimedStep::Connection, watch.elapsed(), || details.uri.host().unwrap_or_default().to_owned());
        connected
    }
}

/// Connects to one of the addresses, or through the proxy of the request.
#[derive(Debug)]
pub(super) struct RacingTcp(pub(super) Arc<Tcp>);

impl Connector for RacingTcp {
    type Out = TcpPipe;

    fn connect(&self, details: &ConnectionDetails<'_>, _: Option<()>) -> Result<Option<TcpPipe>, Error> {
        let deadline = Deadline::after(*time_left(details).after);
        let proxy = details.config.proxy();
        let of_proxy = proxy.map(|proxy| {
            details.resolver.resolve(proxy.uri(), details.config, time_left(details)).map_err(|error| match error {
                Error::HostNotFound => Error::Io(NoTunnel::UnknownProxy.into()),
                error => error,
            })
        });
        let of_proxy = of_proxy.transpose()?;
        let addresses = of_proxy.as_ref().unwrap_or(&details.addrs);
        // NetworkError::classify reads the addresses.
        let opened =
            self.0.open(addresses, deadline.remaining()).map_err(|error| Error::Io(io::Error::other(error)))?;
        if let Some(proxy) = proxy {
            let mut stream = LimitedStream { stream: &opened.stream, deadline };
            let (host, port) = (details.uri.host().unwrap_or_default(), details.uri.port_u16().unwrap_or(HTTPS));
            let target = TunnelTarget::new(proxy, host, port, &details.addrs);
            tunnel::open(&mut stream, proxy, &target).map_err(|error| timed(error, Timeout::Connect))?;
        }
        let buffers = LazyBuffers::new(details.config.input_buffer_size(), details.config.output_buffer_size());
        Ok(Some(TcpPipe { stream: opened.stream, buffers }))
    }
}

pub(super) struct TcpPipe {
    stream: TcpStream,
    buffers: LazyBuffers,
}

impl Transport for TcpPipe {
    fn buffers(&mut self) -> &mut dyn Buffers {
        &mut self.buffers
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        let mut stream = LimitedStream { stream: &self.stream, deadline: Deadline::after(*timeout.after) };
        stream.write_all(&self.buffers.output()[..amount]).map_err(|error| timed(error, timeout.reason))
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        let mut stream = LimitedStream { stream: &self.stream, deadline: Deadline::after(*timeout.after) };
        let read = stream.read(self.buffers.input_append_buf());
        let amount = read.map_err(|error| timed(error, timeout.reason))?;
        self.buffers.input_appended(amount);
        Ok(amount > 0)
    }

    /// Returns true if the connection is open and has no unread bytes. Unrequested bytes belong to no request.
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

fn timed(error: io::Error, reason: Timeout) -> Error {
    match error.kind() {
        io::ErrorKind::TimedOut => Error::Timeout(reason),
        _ => Error::Io(error),
    }
}
