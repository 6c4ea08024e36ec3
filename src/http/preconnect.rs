//! Connections that are opened before there is a request for them: while the token is being fetched, the name is looked
//! up and TCP, proxy and TLS are done with, and the request finds the connection ready.
//!
//! ureq's pool takes a connection only from a request that has been answered, so one that is to be there before the first
//! request has to come from the connector. That is the one place in which its `unversioned` module is used beyond what its
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
const SHELF_LIFE: Duration = Duration::from_secs(15);
/// Enough for a handshake, in a debug build too.
const STACK: usize = 512 << 10;

type Open = dyn Fn(&ConnectionDetails<'_>) -> Result<Box<dyn Transport>, Error> + Send + Sync;

/// A connector that has some connections ready.
#[derive(Clone)]
pub(super) struct Ahead {
    open: Arc<Open>,
    resolver: CachingResolver,
    shelf: Arc<Shelf>,
}

/// What a connection leads to: host and port, by way of a proxy or not.
type Place = (String, Option<Proxy>);

#[derive(Default)]
struct Shelf {
    stocks: Mutex<HashMap<Place, Stock>>,
    changed: Condvar,
}

#[derive(Default)]
struct Stock {
    /// How many are being opened.
    coming: usize,
    /// How many requests wait for one of them.
    waiting: usize,
    ready: Vec<(Stopwatch, Box<dyn Transport>)>,
    /// What became of others, for whoever waits.
    failed: Vec<Error>,
}

impl Ahead {
    /// Has none ready. `connector` opens them, and `resolver` looks their names up.
    pub(super) fn new(connector: impl Connector, resolver: CachingResolver) -> Self {
        let open = move |details: &ConnectionDetails<'_>| {
            let opened = connector.connect(details, None)?.ok_or(Error::ConnectionFailed)?;
            Ok(Box::new(opened) as Box<dyn Transport>)
        };
        Ahead { open: Arc::new(open), resolver, shelf: Arc::default() }
    }

    /// Opens so many connections to a host, each beside the others and whatever else goes on. What fails is told to the
    /// request that waits for it, and else to nobody.
    pub(super) fn open(&self, uri: &Uri, config: &Config, count: usize, deadline: &Deadline) {
        let place = place(uri, config);
        for _ in 0..count {
            self.shelf.change(&place, |stock| stock.coming += 1);
            let (this, uri, config, to, deadline) =
                (self.clone(), uri.clone(), config.clone(), place.clone(), *deadline);
            let work = move || {
                let opened = this.one(&uri, &config, &deadline);
                this.shelf.arrive(&to, opened);
            };
            if thread::Builder::new().stack_size(STACK).spawn(work).is_err() {
                // No thread to be had: the requests open their own.
                self.shelf.change(&place, |stock| stock.coming -= 1);
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

impl Connector for Ahead {
    type Out = Box<dyn Transport>;

    fn connect(&self, details: &ConnectionDetails<'_>, _: Option<()>) -> Result<Option<Self::Out>, Error> {
        match self.shelf.take(&place(details.uri, details.config), *details.timeout.after)? {
            Some(ready) => Ok(Some(ready)),
            None => (self.open)(details).map(Some),
        }
    }
}

fn place(uri: &Uri, config: &Config) -> Place {
    let authority = uri.authority().map(|authority| authority.as_str().to_ascii_lowercase());
    (authority.unwrap_or_default(), config.proxy().cloned())
}

impl Shelf {
    /// A connection that is ready, or the next to come; none where all that come are spoken for.
    fn take(&self, place: &Place, limit: Duration) -> Result<Option<Box<dyn Transport>>, Error> {
        let deadline = Deadline::after(limit);
        let mut stocks = self.stocks();
        loop {
            let Some(stock) = stocks.get_mut(place) else { return Ok(None) };
            stock.ready.retain(|(since, _)| since.elapsed() < SHELF_LIFE);
            if let Some((_, ready)) = stock.ready.pop() {
                return Ok(Some(ready));
            }
            if let Some(error) = stock.failed.pop() {
                return Err(error);
            }
            if stock.coming <= stock.waiting {
                return Ok(None);
            }
            let left = deadline.remaining();
            if left.is_zero() {
                return Err(Error::Timeout(Timeout::Connect));
            }
            stock.waiting += 1;
            stocks = self.changed.wait_timeout(stocks, left).map_or_else(|e| e.into_inner().0, |(guard, _)| guard);
            if let Some(stock) = stocks.get_mut(place) {
                stock.waiting -= 1;
            }
        }
    }

    fn arrive(&self, place: &Place, opened: Result<Box<dyn Transport>, Error>) {
        self.change(place, |stock| {
            stock.coming -= 1;
            match opened {
                Ok(ready) => stock.ready.push((Stopwatch::start(), ready)),
                Err(error) if stock.waiting > stock.failed.len() => stock.failed.push(error),
                Err(_) => {}
            }
        });
        self.changed.notify_all();
    }

    fn change(&self, place: &Place, change: impl FnOnce(&mut Stock)) {
        change(self.stocks().entry(place.clone()).or_default());
    }

    fn stocks(&self) -> MutexGuard<'_, HashMap<Place, Stock>> {
        self.stocks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Ahead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Ahead")
    }
}
