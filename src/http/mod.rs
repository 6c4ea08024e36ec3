//! Sends HTTP requests: the only user of ureq. Agents, limits on size and time, no redirects, typed failures.
//!
//! Each request names its route. [`Route::Internet`] is https only, through the proxy that the environment names.
//! [`Route::Machine`] and [`Route::Pinned`] are for the host's identity endpoints, [`Route::Private`] for a server of its
//! cluster; they never use a proxy. Redirects are not followed: a token or an identity header must reach only the host it
//! was sent to.

mod certificate;
mod connection;
pub mod error;
mod handshake;
pub mod happy_eyeballs;
mod limited_stream;
mod preconnect;
pub mod probe;
pub mod proxy;
mod proxy_answer;
mod request;
pub mod retry;
mod root_store;
mod socks;
pub mod status;
mod throttle;
pub mod tls;
mod tunnel;
pub mod web_page;

use std::io::Read;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use ring::rand::{SecureRandom, SystemRandom};
use ureq::config::{Config, ConfigBuilder};
use ureq::http::request::Builder;
use ureq::http::{Request as HttpRequest, Response as HttpResponse, Uri};
use ureq::typestate::AgentScope;
use ureq::unversioned::transport::Connector;
use ureq::{Agent, AsSendBody, Body};
use zeroize::Zeroizing;

use crate::background::progress;
use crate::env::Env;
use crate::time::deadline::{Deadline, Stopwatch};
use crate::time::timings::{TimedStep, Timings};

use connection::{CachingResolver, RacingTcp, Timed};
use error::{NetworkError, NetworkErrorKind};
use happy_eyeballs::Tcp;
use preconnect::Preconnector;
use proxy::{MalformedProxy, Proxy, ProxyRules};
use retry::{Outcome, Schedule};
use root_store::UnusableStore;
use throttle::Throttle;
use tls::SharedTls;

use request::{HTTPS, USER_AGENT};
pub use request::{Limits, Reply, Request, Route, fits_a_header};
pub use tls::{NotAServer, PrivateServer};

/// The largest body that is read. A secret has at most 25 KB, and a page of a list 25 entries.
const BODY_LIMIT: u64 = 4 << 20;

/// A setting with which no request can be made.
#[derive(Debug, thiserror::Error)]
pub enum Misconfigured {
    #[error("{0}")]
    Proxy(MalformedProxy),
    #[error("{0}")]
    Store(UnusableStore),
}

/// The HTTP agents, created on first use: no root certificates are read before a request needs them.
pub struct Http {
    proxies: ProxyRules,
    trust: Arc<rustls::ClientConfig>,
    throttle: Throttle,
    tcp: Arc<Tcp>,
    timings: Arc<Timings>,
    internet: OnceLock<(Agent, Preconnector)>,
    machine: OnceLock<Agent>,
}

impl Http {
    /// Reads the proxy settings and the file of `SSL_CERT_FILE`. Opens no connection.
    ///
    /// # Errors
    /// A proxy variable is malformed, or the certificate file cannot be used.
    pub fn new(env: &Env) -> Result<Self, Misconfigured> {
        Ok(Http {
            proxies: ProxyRules::from_env(env).map_err(Misconfigured::Proxy)?,
            trust: tls::trusting_the_system(env).map_err(Misconfigured::Store)?,
            throttle: Throttle::default(),
            tcp: Arc::default(),
            timings: Arc::default(),
            internet: OnceLock::new(),
            machine: OnceLock::new(),
        })
    }

    /// Returns the TLS configuration. It reads the roots when the first server presents its certificate.
    pub fn trust(&self) -> Arc<rustls::ClientConfig> {
        Arc::clone(&self.trust)
    }

    /// Describes a server that is trusted only through a CA in `authority` (PEM), or through the system's roots without
    /// one. It is verified, and selected by SNI, as `name`, or as its host without one.
    ///
    /// # Errors
    /// The text has no certificate, or the name is no DNS name.
    pub fn private_server(&self, authority: Option<&[u8]>, name: Option<&str>) -> Result<PrivateServer, NotAServer> {
        let trust = authority.map_or_else(|| Some(self.trust()), tls::trusting_only);
        PrivateServer::new(trust.ok_or(NotAServer::NoCertificate)?, name)
    }

    /// Returns the proxy for an https request to `host`.
    pub fn proxy_for(&self, host: &str) -> Option<&Proxy> {
        self.proxies.for_host(host, HTTPS)
    }

    /// Returns the opener of TCP connections.
    pub fn tcp(&self) -> &Tcp {
        &self.tcp
    }

    /// Returns the recorded duration of each step.
    pub fn timings(&self) -> &Timings {
        &self.timings
    }

    fn agent(&self, route: Route<'_>) -> Agent {
        match route {
            Route::Internet => self.internet().0.clone(),
            Route::Machine => self
                .machine
                .get_or_init(|| {
                    let connector = RacingTcp(Arc::clone(&self.tcp));
                    Agent::with_parts(common().build(), self.timed(connector), self.resolver())
                })
                .clone(),
            // Not stored: a process sends one such request.
            Route::Pinned(thumbprint) => self.direct(SharedTls::new(tls::trusting_one(thumbprint))),
            Route::Private(server) => self.direct(server.tls()),
        }
    }

    /// Returns an agent for https without a proxy.
    fn direct(&self, tls: SharedTls) -> Agent {
        let connector = self.timed(RacingTcp(Arc::clone(&self.tcp)).chain(tls));
        Agent::with_parts(common().https_only(true).build(), connector, self.resolver())
    }

    fn internet(&self) -> &(Agent, Preconnector) {
        self.internet.get_or_init(|| {
            let connector = RacingTcp(Arc::clone(&self.tcp)).chain(SharedTls::new(self.trust()));
            let resolver = self.resolver();
            let preconnector = Preconnector::new(self.timed(connector), resolver.clone());
            let config = common().https_only(true).max_idle_connections(64).max_idle_connections_per_host(32).build();
            (Agent::with_parts(config, preconnector.clone(), resolver), preconnector)
        })
    }

    fn timed<C: Connector>(&self, connector: C) -> Timed<C> {
        Timed { connector, timings: Arc::clone(&self.timings) }
    }

    fn resolver(&self) -> CachingResolver {
        CachingResolver::new(Arc::clone(&self.timings))
    }

    /// Opens connections to an https host in the background, for the requests that follow. Sends nothing over them.
    /// Those requests report what fails.
    pub fn preconnect(&self, host: &str, count: usize, deadline: &Deadline) {
        let Ok(uri) = format!("https://{host}/").parse::<Uri>() else { return };
        let proxy = self.proxy_for(host).map(|proxy| proxy.inner.clone());
        let config = common().https_only(true).proxy(proxy).build();
        self.internet().1.open(&uri, &config, count, &deadline.sooner(request::CONNECT_LIMIT));
    }

    /// Sends a request once. Repeats a GET or a query at once, on a new connection, if the pooled connection was closed.
    fn send_nth(&self, request: &Request<'_>, deadline: &Deadline, number: u32) -> Result<Reply, NetworkError> {
        match self.attempt(request, deadline, number) {
            Err(NetworkError { kind: NetworkErrorKind::CutOff(_), .. }) if request.form.is_none() => {
                self.attempt(request, deadline, number)
            }
            answer => answer,
        }
    }

    /// Sends a request, and repeats it as `schedule` says while the deadline allows. If time runs out in a later
    /// attempt, returns the answer before it: it says why there was a retry.
    ///
    /// # Errors
    /// The last attempt failed without an answer.
    pub fn send_patiently(
        &self,
        request: &Request<'_>,
        schedule: &Schedule,
        deadline: &Deadline,
    ) -> Result<Reply, NetworkError> {
        let host = host_of(&request.url);
        let waiting = progress::wait_for(&host, deadline.remaining());
        let watch = Stopwatch::start();
        let mut attempt = 1;
        let mut throttled = 0;
        let mut earlier: Option<Result<Reply, NetworkError>> = None;
        loop {
            let round = self.throttle.pass(&host, deadline);
            let answer = self.send_nth(request, deadline, attempt);
            let outcome = match &answer {
                Ok(reply) => Outcome::Answered(reply.status, reply.retry_after()),
                Err(error) => error.outcome(),
            };
            let again = match outcome {
                Outcome::Answered(status::TOO_MANY_REQUESTS, requested) if schedule.waits_for_throttling() => {
                    throttled += 1;
                    waiting.because("is throttling requests (429)");
                    // The throttle delays this request and all others to the host.
                    let pause = self.throttle.close(&host, round, requested, random_fraction(), deadline.remaining());
                    pause < deadline.remaining()
                }
                _ => {
                    let pause = schedule.pause(attempt - throttled, outcome, random_fraction());
                    let is_over = outcome == Outcome::Refused && watch.elapsed() > schedule.refused_time;
                    pause.filter(|_| !is_over).is_some_and(|pause| {
                        waiting.because("failed to answer");
                        deadline.pause(pause)
                    })
                }
            };
            if !again {
                // The deadline cut the last attempt short: the answer before it says more.
                let cut_short = answer.is_err() && deadline.remaining() < END;
                return if cut_short { earlier.unwrap_or(answer) } else { answer };
            }
            attempt += 1;
            earlier = match (earlier, answer) {
                (Some(Ok(reply)), Err(_)) => Some(Ok(reply)),
                (_, answer) => Some(answer),
            };
        }
    }

    fn attempt(&self, request: &Request<'_>, deadline: &Deadline, number: u32) -> Result<Reply, NetworkError> {
        let uri: Uri = request.url.parse().map_err(|_| NetworkError {
            host: String::new(),
            proxy: None,
            kind: NetworkErrorKind::NotHttp("malformed URL".to_owned()),
        })?;
        let host = uri.host().unwrap_or_default().to_owned();
        let path = uri.path().to_owned();
        let watch = Stopwatch::start();
        let answer = self.exchange(request, uri, &host, deadline);
        let took = watch.elapsed();
        // The query can name an identity: never log it, nor a header or a body.
        let line = |end: &str| format!("{} {host}{path} {end}", request.method());
        let attempt = || if number > 1 { format!(", attempt {number}") } else { String::new() };
        let ms = took.as_millis();
        match &answer {
            Ok(reply) => {
                log::info!(target: "azfob", "{} in {ms} ms{}", line(&reply.status.to_string()), attempt());
            }
            Err(error) => log::info!(target: "azfob", "{} in {ms} ms{}: {error}", line("failed"), attempt()),
        }
        self.timings.add(TimedStep::Request, took, || match &answer {
            Ok(reply) => format!("{}{}", line(&reply.status.to_string()), attempt()),
            Err(_) => format!("{}{}", line("failed"), attempt()),
        });
        answer
    }

    fn exchange(
        &self,
        request: &Request<'_>,
        uri: Uri,
        host: &str,
        deadline: &Deadline,
    ) -> Result<Reply, NetworkError> {
        let proxy = match request.route {
            Route::Internet => self.proxies.for_host(host, uri.port_u16().unwrap_or(HTTPS)),
            Route::Machine | Route::Pinned(_) | Route::Private(_) => None,
        };
        let proxy_address = proxy.map(|p| p.address.clone());
        let left = deadline.remaining();
        let limit = |phase| match phase {
            ureq::Timeout::Connect => request.limits.connect.min(left),
            ureq::Timeout::RecvResponse => request.limits.answer.min(left),
            _ => left,
        };
        // The port of an identity endpoint tells which program should answer.
        let named = match (request.route, uri.port_u16()) {
            (Route::Machine | Route::Pinned(_) | Route::Private(_), Some(port)) => format!("{host}:{port}"),
            _ => host.to_owned(),
        };
        let failed = |error| NetworkError::classify(error, &named, proxy_address.clone(), limit);
        if left.is_zero() {
            return Err(failed(ureq::Error::Timeout(ureq::Timeout::Global)));
        }

        let mut builder = HttpRequest::builder().method(request.method()).uri(uri);
        for (name, value) in &request.headers {
            builder = builder.header(*name, value.as_ref());
        }
        let form = request.form.map(encode_form);
        if form.as_ref().is_some_and(|form| !form.is_empty()) {
            builder = builder.header("content-type", "application/x-www-form-urlencoded");
        }
        if request.json.is_some() {
            builder = builder.header("content-type", "application/json");
        }
        let config = Exchange { agent: self.agent(request.route), proxy, limits: request.limits, left };
        let reply = match (&form, request.json) {
            (Some(form), _) => config.run(builder, form.as_bytes()),
            (None, Some(json)) => config.run(builder, json.as_bytes()),
            (None, None) => config.run(builder, ()),
        };
        let (parts, mut body) = reply.map_err(failed)?.into_parts();
        let expected = body.content_length().unwrap_or(0).min(BODY_LIMIT);
        // Reserve the whole body at once, so that growing leaves no copies in memory.
        let mut bytes = Vec::with_capacity(usize::try_from(expected).unwrap_or(0) + 1);
        let mut reader = body.with_config().limit(BODY_LIMIT).reader();
        reader.read_to_end(&mut bytes).map_err(|error| match error.downcast::<ureq::Error>() {
            Ok(error) => failed(error),
            Err(error) => failed(ureq::Error::Io(error)),
        })?;
        Ok(Reply { status: parts.status.as_u16(), headers: parts.headers, body: bytes })
    }
}

/// The remaining time that counts as none: ureq rounds to milliseconds.
const END: Duration = Duration::from_millis(20);

/// The settings of one request.
struct Exchange<'a> {
    agent: Agent,
    proxy: Option<&'a Proxy>,
    limits: Limits,
    left: Duration,
}

impl Exchange<'_> {
    fn run(&self, head: Builder, body: impl AsSendBody) -> Result<HttpResponse<Body>, ureq::Error> {
        let request = self
            .agent
            .configure_request(head.body(body)?)
            .proxy(self.proxy.map(|p| p.inner.clone()))
            .timeout_global(Some(self.left))
            .timeout_connect(Some(self.limits.connect.min(self.left)))
            .timeout_recv_response(Some(self.limits.answer.min(self.left)))
            .build();
        self.agent.run(request)
    }
}

fn common() -> ConfigBuilder<AgentScope> {
    Config::builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .proxy(None)
        .user_agent(USER_AGENT)
        .input_buffer_size(16 << 10)
        .output_buffer_size(16 << 10)
}

fn host_of(url: &str) -> String {
    url.parse::<Uri>().ok().and_then(|uri| uri.host().map(str::to_owned)).unwrap_or_default()
}

fn encode_form(fields: &[(&str, &str)]) -> Zeroizing<String> {
    // Reserve three bytes for each character, so that growing leaves no copy of a client secret in memory.
    let room = fields.iter().map(|(name, value)| 3 * (name.len() + value.len()) + 2).sum();
    let buffer = String::with_capacity(room);
    Zeroizing::new(form_urlencoded::Serializer::new(buffer).extend_pairs(fields).finish())
}

/// Adds parameters to a URL, which may have some already.
pub fn with_query(url: &str, parameters: &[(&str, &str)]) -> String {
    let mut whole = url.to_owned();
    if !url.ends_with(['?', '&']) {
        whole.push(if url.contains('?') { '&' } else { '?' });
    }
    let start = whole.len();
    form_urlencoded::Serializer::for_suffix(whole, start).extend_pairs(parameters).finish()
}

/// Returns a random UUID (RFC 9562, version 4) for request IDs and assertions.
pub fn random_uuid() -> String {
    let mut bytes = [0; 16];
    // Without randomness the ID is fixed, which only makes a support ticket harder to follow.
    let _ = SystemRandom::new().fill(&mut bytes);
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex: String = bytes.iter().map(|b| format!("{b:02x}")).collect();
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}

fn random_fraction() -> f64 {
    let mut bytes = [0; 4];
    let _ = SystemRandom::new().fill(&mut bytes);
    f64::from(u32::from_le_bytes(bytes)) / f64::from(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn with_query_appends_to_existing_query() {
        assert_eq!(with_query("http://h/p", &[("a", "1 &")]), "http://h/p?a=1+%26");
        assert_eq!(with_query("http://h/p?x=y", &[("a", "1")]), "http://h/p?x=y&a=1");
    }

    #[test]
    fn uuids_are_random_and_have_version_4() {
        let (a, b) = (random_uuid(), random_uuid());
        assert!(a != b && a.len() == 36 && a.as_bytes()[14] == b'4', "{a}");
    }
}
