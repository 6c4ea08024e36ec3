//! What stands below every agent: names looked up once, and connections that are timed.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, mpsc};

use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{self, ConnectionDetails, Connector, NextTimeout, Transport};

use crate::background;
use crate::time::deadline::Stopwatch;
use crate::time::timings::{TimedStep, Timings};

/// Looks each name up once: ureq would do it for every request. Its copies share what they found.
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
    fn resolve(&self, uri: &Uri, config: &Config, timeout: NextTimeout) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let key = format!("{:?} {:?}", uri.scheme(), uri.authority());
        let seen = || self.seen.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(hit) = seen().get(&key) {
            return Ok(hit.clone());
        }
        let watch = Stopwatch::start();
        let found = look_up(uri, config, timeout)
            .map_err(|too_late| too_late.map_or(ureq::Error::HostNotFound, ureq::Error::Timeout));
        self.timings.add(TimedStep::Name, watch.elapsed(), || uri.host().unwrap_or_default().to_owned());
        let found = found?;
        seen().insert(key, found.clone());
        Ok(found)
    }
}

/// Asks the system's resolver, which cannot be interrupted: a thread of its own asks it, and is left behind where it takes
/// too long. An address needs none, and where the system has no room for another thread, this one waits.
fn look_up(uri: &Uri, config: &Config, timeout: NextTimeout) -> Result<ResolvedSocketAddrs, Option<ureq::Timeout>> {
    let is_address = |host: &str| host.trim_matches(['[', ']']).parse::<IpAddr>().is_ok();
    let (limit, reason) = (*timeout.after, timeout.reason);
    let (uri, config) = (uri.clone(), config.clone());
    let asked = uri.clone();
    let resolve = move |uri: &Uri| {
        let endless = NextTimeout { after: transport::time::Duration::NotHappening, ..timeout };
        DefaultResolver::default().resolve(uri, &config, endless).map_err(|_| None)
    };
    if asked.host().is_some_and(is_address) {
        return resolve(&asked);
    }
    let (answer, inbox) = mpsc::sync_channel(1);
    let inline = resolve.clone();
    match background::thread(move || answer.send(resolve(&uri)).is_ok()) {
        Err(_) => inline(&asked),
        Ok(_) => inbox.recv_timeout(limit).unwrap_or(Err(Some(reason))),
    }
}

/// Measures how long the connector inside takes: TCP, proxy and TLS together.
#[derive(Debug)]
pub(super) struct Timed<C> {
    pub(super) connector: C,
    pub(super) timings: Arc<Timings>,
}

impl<In: Transport, C: Connector<In>> Connector<In> for Timed<C> {
    type Out = C::Out;

    fn connect(&self, details: &ConnectionDetails<'_>, below: Option<In>) -> Result<Option<C::Out>, ureq::Error> {
        let watch = Stopwatch::start();
        let connected = self.connector.connect(details, below);
        self.timings.add(TimedStep::Connection, watch.elapsed(), || details.uri.host().unwrap_or_default().to_owned());
        connected
    }
}
