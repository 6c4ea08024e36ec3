//! What is asked and what is answered.

use std::borrow::Cow;
use std::time::Duration;

use ureq::http::HeaderValue;
use zeroize::Zeroizing;

use crate::time::timestamp::Timestamp;

use super::tls::Sha1Thumbprint;

/// The longest that a connection may take to be made, proxy and TLS included.
pub(super) const CONNECT_LIMIT: Duration = Duration::from_secs(10);
/// The longest that the head of an answer may take.
const ANSWER_LIMIT: Duration = Duration::from_secs(30);

/// Which way a request goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Route {
    /// To a host of Azure: https, verified, through the proxy where one is set.
    Internet,
    /// To an identity endpoint of this machine or its host: directly, over plain http.
    Machine,
    /// To an identity endpoint of this machine: directly, over https, where the server is known by its certificate and
    /// not by what the system trusts.
    Pinned(Sha1Thumbprint),
}

/// How long a request may take beside the deadline.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// For the connection.
    pub connect: Duration,
    /// For the head of the answer, once the request was sent.
    pub answer: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { connect: CONNECT_LIMIT, answer: ANSWER_LIMIT }
    }
}

/// What is asked.
#[derive(Clone)]
pub struct Request<'a> {
    /// The whole address, without a fragment.
    pub url: Cow<'a, str>,
    /// Header names and values. Values can be secrets: a request has no `Debug`.
    pub headers: Vec<(&'static str, Cow<'a, str>)>,
    /// The form to post; a GET where there is none.
    pub form: Option<&'a [(&'a str, &'a str)]>,
    /// Which way it goes.
    pub route: Route,
    /// How long it may take.
    pub limits: Limits,
}

impl<'a> Request<'a> {
    /// A GET of `url`.
    pub fn get(route: Route, url: impl Into<Cow<'a, str>>) -> Self {
        Request { url: url.into(), headers: Vec::new(), form: None, route, limits: Limits::default() }
    }

    /// A POST of `form` to `url`; of nothing, where the form is empty.
    pub fn post(route: Route, url: impl Into<Cow<'a, str>>, form: &'a [(&'a str, &'a str)]) -> Self {
        Request { form: Some(form), ..Request::get(route, url) }
    }

    /// The same with one more header.
    pub fn header(mut self, name: &'static str, value: impl Into<Cow<'a, str>>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// The same with other limits.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    pub(super) fn method(&self) -> &'static str {
        if self.form.is_some() { "POST" } else { "GET" }
    }
}

/// Whether a header's value can be this text: visible ASCII, blanks and tabs.
pub fn fits_a_header(text: &str) -> bool {
    HeaderValue::from_str(text).is_ok()
}

/// What was answered. The body can hold a secret: it is wiped when dropped and has no `Debug`.
pub struct Reply {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: ureq::http::HeaderMap,
    /// The body, whole.
    pub body: Zeroizing<Vec<u8>>,
}

impl Reply {
    /// The first header of this name, where it is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// Every header of this name, text or not: what is not is no reason to overlook it.
    pub fn headers(&self, name: &str) -> Vec<String> {
        let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        self.headers.get_all(name).iter().map(text).collect()
    }

    /// The body read as JSON of this form.
    pub fn json<'a, T: serde::Deserialize<'a>>(&'a self) -> Option<T> {
        serde_json::from_slice(&self.body).ok()
    }

    /// The wait that the answer asks for, in any of the forms in use at Azure.
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
