//! Records what clients did: requests, connections and refused hosts.
//!
//! The records contain tokens and secrets for tests to inspect. Their `Debug` output contains none.

use std::{
    fmt,
    sync::{Mutex, PoisonError},
};

use super::message::HttpRequest;

/// A request that the sandbox received.
#[derive(Clone)]
pub struct Recorded {
    /// The host it was sent to; [`IDENTITY`](super::IDENTITY) for the managed identity endpoint.
    pub host: String,
    /// The method, such as `GET`.
    pub method: String,
    /// The path without the query, as sent.
    pub path: String,
    /// The decoded pairs of the query.
    pub query: Vec<(String, String)>,
    /// The headers, with names in lower case.
    pub headers: Vec<(String, String)>,
    /// The decoded pairs of the body, if it is a form.
    pub form: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
    /// The status of the reply; `None` if a rule sent none.
    pub status: Option<u16>,
    /// True if it carried a credential: a bearer token, an identity header, a client secret or an assertion.
    pub authorized: bool,
}

impl Recorded {
    pub(super) fn new(request: &HttpRequest, status: Option<u16>) -> Recorded {
        Recorded {
            host: request.host.clone(),
            method: request.method.clone(),
            path: request.path.clone(),
            query: request.query.clone(),
            headers: request.headers.clone(),
            form: request.form(),
            body: request.body.clone(),
            status,
            authorized: request.has_credential(),
        }
    }

    /// Returns the first header of this name, which is in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        super::message::first(&self.headers, name)
    }

    /// Returns the first query parameter of this name.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        super::message::first(&self.query, name)
    }

    /// Returns the first form field of this name.
    pub fn field(&self, name: &str) -> Option<&str> {
        super::message::first(&self.form, name)
    }
}

/// Prints `GET my-vault.vault.azure.net/secrets/A -> 200 with credential`, without values, headers or body.
impl fmt::Debug for Recorded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}{}", self.method, self.host, self.path)?;
        match self.status {
            Some(status) => write!(f, " -> {status}")?,
            None => f.write_str(" -> no answer")?,
        }
        f.write_str(if self.authorized { " with credential" } else { " without credential" })
    }
}

/// The log of a sandbox.
#[derive(Default)]
pub(super) struct RequestLog {
    requests: Mutex<Vec<Recorded>>,
    tunnels: Mutex<Vec<String>>,
    refused: Mutex<Vec<String>>,
}

impl RequestLog {
    pub(super) fn request(&self, request: &HttpRequest, status: Option<u16>) {
        push(&self.requests, Recorded::new(request, status));
    }

    pub(super) fn tunnel(&self, host: &str) {
        push(&self.tunnels, host.to_owned());
    }

    pub(super) fn refusal(&self, host: &str) {
        push(&self.refused, host.to_owned());
    }

    pub(super) fn requests(&self) -> Vec<Recorded> {
        copy(&self.requests)
    }

    pub(super) fn tunnels(&self) -> Vec<String> {
        copy(&self.tunnels)
    }

    pub(super) fn refused(&self) -> Vec<String> {
        copy(&self.refused)
    }
}

fn push<T>(list: &Mutex<Vec<T>>, item: T) {
    list.lock().unwrap_or_else(PoisonError::into_inner).push(item);
}

fn copy<T: Clone>(list: &Mutex<Vec<T>>) -> Vec<T> {
    list.lock().unwrap_or_else(PoisonError::into_inner).clone()
}
