//! Requests and replies.

use std::borrow::Cow;
use std::time::Duration;

use ureq::http::HeaderValue;

use crate::time::timestamp::Timestamp;

use super::tls::{PrivateServer, Sha1Thumbprint};

/// The port of https.
pub(super) const HTTPS: u16 = 443;
/// The name that servers and proxies see.
pub(super) const USER_AGENT: &str = concat!("azfob/", env!("CARGO_PKG_VERSION"));

/// The time limit for opening a connection, including proxy and TLS.
pub(super) const CONNECT_LIMIT: Duration = Duration::from_secs(10);
/// The time limit for the head of an answer.
const ANSWER_LIMIT: Duration = Duration::from_secs(30);

/// The way a request takes.
#[derive(Clone, Copy, Debug)]
pub enum Route<'a> {
    /// To a host of Azure: verified https, through the configured proxy.
    Internet,
    /// To an identity endpoint of this machine or host: direct, plain http.
    Machine,
    /// To an identity endpoint of this machine: direct https, with a pinned server certificate.
    Pinned(Sha1Thumbprint),
    /// To a server inside a cluster: direct https, verified by its own CA and name.
    Private(&'a PrivateServer),
}

/// The time limits of a request, besides the deadline.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    pub connect: Duration,
    /// For the head of the answer, after the request was sent.
    pub answer: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { connect: CONNECT_LIMIT, answer: ANSWER_LIMIT }
    }
}

/// A request. It has no `Debug`, because header values can be secrets.
#[derive(Clone)]
pub struct Request<'a> {
    /// The URL, without a fragment.
    pub url: Cow<'a, str>,
    pub headers: Vec<(&'static str, Cow<'a, str>)>,
    /// The form to post; without one the request is a GET.
    pub form: Option<&'a [(&'a str, &'a str)]>,
    /// The JSON of a query to post instead of a form. The query changes nothing, so that it can be repeated.
    pub json: Option<&'a str>,
    pub route: Route<'a>,
    pub limits: Limits,
}

impl<'a> Request<'a> {
    /// Creates a GET of `url`.
    pub fn get(route: Route<'a>, url: impl Into<Cow<'a, str>>) -> Self {
        Request { url: url.into(), headers: Vec::new(), form: None, json: None, route, limits: Limits::default() }
    }

    /// Creates a POST of `form` to `url`. An empty form is an empty body.
    pub fn post(route: Route<'a>, url: impl Into<Cow<'a, str>>, form: &'a [(&'a str, &'a str)]) -> Self {
        Request { form: Some(form), ..Request::get(route, url) }
    }

    /// Creates a POST of a query, which is JSON.
    pub fn query(route: Route<'a>, url: impl Into<Cow<'a, str>>, json: &'a str) -> Self {
        Request { json: Some(json), ..Request::get(route, url) }
    }

    /// Adds a header.
    pub fn header(mut self, name: &'static str, value: impl Into<Cow<'a, str>>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    pub(super) fn method(&self) -> &'static str {
        if self.form.is_some() || self.json.is_some() { "POST" } else { "GET" }
    }
}

/// Returns true if the text can be a header value: visible ASCII, blanks and tabs.
pub fn fits_a_header(text: &str) -> bool {
    HeaderValue::from_str(text).is_ok()
}

/// An answer. It has no `Debug`, because the body can hold a secret; like all memory it is wiped when freed.
pub struct Reply {
    pub status: u16,
    pub headers: ureq::http::HeaderMap,
    /// The whole body.
    pub body: Vec<u8>,
}

impl Reply {
    /// Returns the first header of this name, if it is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// Returns all headers of this name, with invalid UTF-8 replaced.
    pub fn headers(&self, name: &str) -> Vec<String> {
        let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        self.headers.get_all(name).iter().map(text).collect()
    }

    /// Parses the body as JSON.
    pub fn json<'a, T: serde::Deserialize<'a>>(&'a self) -> Option<T> {
        // UTF-8 is checked once for the whole body: `from_slice` checks each string.
        serde_json::from_str(std::str::from_utf8(&self.body).ok()?).ok()
    }

    /// Returns the wait that the answer requests, in any of the forms that Azure uses.
    pub(super) fn retry_after(&self) -> Option<Duration> {
        if let Some(ms) = self.header("retry-after-ms").or_else(|| self.header("x-ms-retry-after-ms")) {
            return ms.trim().parse().ok().map(Duration::from_millis);
        }
        let text = self.header("retry-after")?.trim();
        if let Ok(seconds) = text.parse() {
            return Some(Duration::from_secs(seconds));
        }
        let seconds = Timestamp::from_http_date(text)?.seconds_since(Timestamp::now());
        Some(Duration::from_secs(seconds.max(0).unsigned_abs()))
    }
}
