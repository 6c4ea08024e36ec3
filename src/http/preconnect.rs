//! Opens connections before there is a request for them. While the token is requested, the name is resolved and TCP,
//! proxy and TLS are set up, so that the request finds the connection ready.
//!
//! ureq's pool accepts a connection only from an answered request, so the first request's connection must come from the
//! connector. No other code uses ureq's `unversioned` module beyond what ureq's examples show. A minor release may
//! change it, so Cargo.toml has `~3.5`.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::Resolver;
use ureq::unversioned::transport::time::{Duration as Limit, Instant};
use ureq::unversioned::transport::{ConnectionDetails, Connector, NextTimeout, Transport};
use ureq::{Error, Proxy, Timeout};

use crate::time::deadline::{Deadline, Stopwatch};

use super::connection::CachingResolver;

/// The time for which ureq keeps idle connections: servers close them not much later.
const IDLE_LIMIT: Duration = Duration::from_secs(15);
/// Enough for a TLS handshake, also in a debug build.
const STACK: usize = 512 << 10;

type OpenConnection = dyn Fn(&ConnectionDetails<'_>) -> Result<Box<dyn Transport>, Error> + Send + Sync;

/// A connector with a pool of open connections.
#[derive(Clone)]
pub(super) struct Preconnector {
    open: Arc<OpenConnection>,
    resolver: CachingResolver,
    pool: Arc<IdlePool>,
}

/// Host and port, and the proxy.
type PoolKey = (String, Option<Proxy>);

#[derive(Default)]
struct IdlePool {
    hosts: Mutex<HashMap<PoolKey, HostPool>>,
    changed: Condvar,
}

#[derive(Default)]
struct HostPool {
    /// The connections being opened.
    coming: usize,
    /// The requests that wait for one of them.
    waiting: usize,
    ready: Vec<(Stopwatch, Box<dyn Transport>)>,
    /// The errors of connections that failed, for the waiting requests.
    failed: Vec<Error>,
}

impl Preconnector {
    /// Creates an empty pool. `connector` opens its connections.
    pub(super) fn new(connector: impl Connector, resolver: CachingResolver) -> Self {
        let open = move |details: &ConnectionDetails<'_>| {
            let opened = connector.connect(details, None)?.ok_or(Error::ConnectionFailed)?;
            Ok(Box::new(opened) as Box<dyn Transport>)
        };
        Preconnector { open: Arc::new(open), resolver, pool: Arc::default() }
    }

    /// Opens connections to a host in the background. An error is kept for a request that waits for it, and otherwise
    /// dropped.
    pub(super) fn open(&self, uri: &Uri, config: &Config, count: usize, deadline: &Deadline) {
        let key = key(uri, config);
        for _ in 0..count {
            self.pool.change(&key, |host| host.coming += 1);
            let (this, uri, config, to, deadline) = (self.clone(), uri.clone(), config.clone(), key.clone(), *deadline);
            let work = move || {
                let opened = this.one(&uri, &config, &deadline);
                this.pool.arrive(&to, opened);
            };
            if thread::Builder::new().stack_size(STACK).spawn(work).is_err() {
                // No thread available: requests open their own connections.
                self.pool.change(&key, |host| host.coming -= 1);
                return;
            }
        }
    }

    fn one(&self, uri: &Uri, config: &Config, deadline: &Deadline) -> Result<Box<dyn Transport>, Error> {
        let timeout = || NextTimeout {
            after: Limit::Exact(deadline.remaining()),
            reason: Timeout::Connect,
            ..NextTimeout::default()
        };
        let addrs = match config.proxy() {
            Some(proxy) if !proxy.resolve_target() => self.resolver.empty(),
            _ => self.resolver.resolve(uri, config, timeout())?,
        };
        (self.open)(&ConnectionDetails {
            uri,
            addrs,
            config,
            request_level: true,
            resolver: &self.resolver,
            now: Instant::now(),
            timeout: timeout(),
            current_time: Arc::new(Instant::now),
            run_connector: Arc::clone(&self.open),
            register_shutdown: Arc::new(|_| Ok(())),
        })
    }
}

impl Connector for Preconnector {
    type Out = Box<dyn Transport>;

    fn connect(&self, details: &ConnectionDetails<'_>, _: Option<()>) -> Result<Option<Self::Out>, Error> {
        match self.pool.take(&key(details.uri, details.config), *details.timeout.after)? {
            Some(ready) => Ok(Some(ready)),
            None => (self.open)(details).map(Some),
        }
    }
}

fn key(uri: &Uri, config: &Config) -> PoolKey {
    let authority = uri.authority().map(|authority| authority.as_str().to_ascii_lowercase());
    (authority.unwrap_or_default(), config.proxy().cloned())
}

impl IdlePool {
    /// Returns an open connection, or waits for the next one. Returns `None` if other requests wait for all that are
    /// being opened.
    fn take(&self, key: &PoolKey, limit: Duration) -> Result<Option<Box<dyn Transport>>, Error> {
        let deadline = Deadline::after(limit);
        let mut hosts = self.hosts();
        loop {
            let Some(host) = hosts.get_mut(key) else { return Ok(None) };
            host.ready.retain(|(since, _)| since.elapsed() < IDLE_LIMIT);
            if let Some((_, ready)) = host.ready.pop() {
                return Ok(Some(ready));
            }
            if let Some(error) = host.failed.pop() {
                return Err(error);
            }
            if host.coming <= host.waiting {
                return Ok(None);
            }
            let left = deadline.remaining();
            if left.is_zero() {
                return Err(Error::Timeout(Timeout::Connect));
            }
            host.waiting += 1;
            hosts = self.changed.wait_timeout(hosts, left).map_or_else(|e| e.into_inner().0, |(guard, _)| guard);
            if let Some(host) = hosts.get_mut(key) {
                host.waiting -= 1;
            }
        }
    }

    fn arrive(&self, key: &PoolKey, opened: Result<Box<dyn Transport>, Error>) {
        self.change(key, |host| {
            host.coming -= 1;
            match opened {
                Ok(ready) => host.ready.push((Stopwatch::start(), ready)),
                Err(error) if host.waiting > host.failed.len() => host.failed.push(error),
                Err(_) => {}
            }
        });
        self.changed.notify_all();
    }

    fn change(&self, key: &PoolKey, change: impl FnOnce(&mut HostPool)) {
        change(self.hosts().entry(key.clone()).or_default());
    }

    fn hosts(&self) -> MutexGuard<'_, HashMap<PoolKey, HostPool>> {
        self.hosts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Preconnector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Preconnector")
    }
}
