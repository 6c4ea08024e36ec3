//! What stands below every agent: names looked up once, and connections that are timed.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{ConnectionDetails, Connector, NextTimeout, Transport};

use crate::time::deadline::Stopwatch;
use crate::time::timings::{Step, Timings};

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
        let found = DefaultResolver::default().resolve(uri, config, timeout).map_err(|error| match error {
            ureq::Error::Timeout(_) => error,
            _ => ureq::Error::HostNotFound,
        });
        self.timings.add(Step::Name, watch.elapsed(), || uri.host().unwrap_or_default().to_owned());
        let found = found?;
        seen().insert(key, found.clone());
        Ok(found)
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
        self.timings.add(Step::Connection, watch.elapsed(), || details.uri.host().unwrap_or_default().to_owned());
        connected
    }
}
