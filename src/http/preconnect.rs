//! Connections that are opened before there is a request for them: while the token is being fetched, the name is looked
//! up and TCP, proxy and TLS are done with, and the request finds the connection ready.
//!
//! ureq's pool takes a connection only from a request that has been answered, so one that is to be there before the first
//! request has to come from the connector. That is the one key in which its `unversioned` module is used beyond what its
//! own examples show; any minor release of it may change that, which is why Cargo.toml has `~3.5`.

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

/// As long as ureq keeps a connection that nobody uses: servers close them not much later.
const IDLE_LIMIT: Duration = Duration::from_secs(15);
/// Enough for a handshake, in a debug build too.
const STACK: usize = 512 << 10;

type OpenConnection = dyn Fn(&ConnectionDetails<'_>) -> Result<Box<dyn Transport>, Error> + Send + Sync;

/// A connector that has some connections ready.
#[derive(Clone)]
pub(super) struct Preconnector {
    open: Arc<OpenConnection>,
    resolver: CachingResolver,
    pool: Arc<IdlePool>,
}

/// What a connection leads to: host and port, by way of a proxy or not.
type PoolKey = (String, Option<Proxy>);

#[derive(Default)]
struct IdlePool {
    hosts: Mutex<HashMap<PoolKey, HostPool>>,
    changed: Condvar,
}

#[derive(Default)]
struct HostPool {
    /// How many are being opened.
    coming: usize,
    /// How many requests wait for one of them.
    waiting: usize,
    ready: Vec<(Stopwatch, Box<dyn Transport>)>,
    /// What became of others, for whoever waits.
    failed: Vec<Error>,
}

impl Preconnector {
    /// Has none ready. `connector` opens them, and `resolver` looks their names up.
    pub(super) fn new(connector: impl Connector, resolver: CachingResolver) -> Self {
        let open = move |details: &ConnectionDetails<'_>| {
            let opened = connector.connect(details, None)?.ok_or(Error::ConnectionFailed)?;
            Ok(Box::new(opened) as Box<dyn Transport>)
        };
        Preconnector { open: Arc::new(open), resolver, pool: Arc::default() }
    }

    /// Opens so many connections to a host, each beside the others and whatever else goes on. What fails is told to the
    /// request that waits for it, and else to nobody.
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
                // No thread to be had: the requests open their own.
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
    /// A connection that is ready, or the next to come; none where all that come are spoken for.
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
