//! What was asked of the sandbox: every request served, every connection made, every host refused.
//! Holds tokens and secrets, so that tests can look; prints none of them.

use std::{
    fmt,
    sync::{Mutex, PoisonError},
};

use super::message::HttpRequest;

/// A request that was served.
#[derive(Clone)]
pub struct Recorded {
    /// The host it was meant for; [`IDENTITY`](super::IDENTITY) for the managed identity endpoint.
    pub host: String,
    /// `GET`, `POST`, ...
    pub method: String,
    /// The path as sent, without the query.
    pub path: String,
    /// The query's pairs, decoded.
    pub query: Vec<(String, String)>,
    /// The headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The form's pairs, decoded, where the body is a form.
    pub form: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
    /// What was answered; `None` where a rule let it hang or closed the connection.
    pub status: Option<u16>,
    /// Whether it carried a proof: a bearer token, an identity header, a client secret or an assertion.
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
            authorized: request.presents_proof(),
        }
    }

    /// The first header of this (lower-case) name.
    pub fn header(&self, name: &str) -> Option<&str> {
        super::message::first(&self.headers, name)
    }

    /// The first parameter of this name in the query.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        super::message::first(&self.query, name)
    }

    /// The first field of this name in the form.
    pub fn field(&self, name: &str) -> Option<&str> {
        super::message::first(&self.form, name)
    }
}

/// Prints `GET my-vault.vault.azure.net/secrets/A -> 200 with proof`, and no value, header or body.
impl fmt::Debug for Recorded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}{}", self.method, self.host, self.path)?;
        match self.status {
            Some(status) => write!(f, " -> {status}")?,
            None => f.write_str(" -> no answer")?,
        }
        f.write_str(if self.authorized { " with proof" } else { " without proof" })
    }
}

/// What was asked so far.
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
