//! HTTP requests and replies as values, for the handlers. This module does no I/O.

use percent_encoding::percent_decode_str;
use serde_json::Value;

/// A complete request.
pub(super) struct HttpRequest {
    /// The host it was sent to: a host name of Azure, or [`IDENTITY`](super::rule::IDENTITY).
    pub(super) host: String,
    pub(super) method: String,
    /// The path without the query, as sent.
    pub(super) path: String,
    /// The decoded pairs of the query.
    pub(super) query: Vec<(String, String)>,
    /// Names are in lower case.
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
}

impl HttpRequest {
    /// Returns the first header of this name, which is in lower case.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        first(&self.headers, name)
    }

    /// Returns the first query parameter of this name.
    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        first(&self.query, name)
    }

    /// Returns the decoded segments of the path. Drops empty ones, as Key Vault does with a trailing slash.
    pub(super) fn segments(&self) -> Vec<String> {
        let segments = self.path.split('/').filter(|segment| !segment.is_empty());
        segments.map(|segment| percent_decode_str(segment).decode_utf8_lossy().into_owned()).collect()
    }

    /// Returns the decoded pairs of the body, if it is a form.
    pub(super) fn form(&self) -> Vec<(String, String)> {
        let form =
            self.header("content-type").is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"));
        if form { pairs(&self.body) } else { Vec::new() }
    }

    /// Returns the bearer token (RFC 6750).
    pub(super) fn bearer(&self) -> Option<&str> {
        let (scheme, token) = self.header("authorization")?.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
    }

    /// True if it carries a credential: a bearer token, the header of a managed identity endpoint, a client secret or
    /// an assertion.
    pub(super) fn has_credential(&self) -> bool {
        self.header("authorization").is_some()
            || self.header("x-identity-header").is_some()
            || self.header("secret").is_some()
            || self.header("metadata").is_some()
            || self.form().iter().any(|(name, _)| name == "client_secret" || name == "client_assertion")
    }

    /// True if the client will not use the connection again.
    pub(super) fn wants_close(&self) -> bool {
        self.header("connection").is_some_and(|value| value.eq_ignore_ascii_case("close"))
    }
}

/// Decodes the pairs of a query or of a form body, in their order. A malformed escape stays as it is.
pub(super) fn pairs(encoded: &[u8]) -> Vec<(String, String)> {
    form_urlencoded::parse(encoded).into_owned().collect()
}

/// Returns the first value of a name.
pub(super) fn first<'a>(pairs: &'a [(String, String)], name: &str) -> Option<&'a str> {
    pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
}

/// A reply of an emulated service.
#[derive(Clone)]
pub(super) struct HttpReply {
    pub(super) status: u16,
    /// Without length and connection, which are added on writing.
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
}

/// Prints only the status: headers and body can contain a token or a secret value.
impl std::fmt::Debug for HttpReply {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Reply({})", self.status)
    }
}

impl HttpReply {
    /// Creates a JSON reply.
    pub(super) fn json(status: u16, body: &Value) -> HttpReply {
        let headers = vec![("Content-Type".into(), "application/json; charset=utf-8".into())];
        HttpReply { status, headers, body: body.to_string().into_bytes() }
    }

    /// Creates a plain text reply.
    pub(super) fn text(status: u16, body: impl Into<String>) -> HttpReply {
        let headers = vec![("Content-Type".into(), "text/plain; charset=utf-8".into())];
        HttpReply { status, headers, body: body.into().into_bytes() }
    }

    /// Creates a web page.
    pub(super) fn html(status: u16, page: String) -> HttpReply {
        let headers = vec![("Content-Type".into(), "text/html; charset=utf-8".into())];
        HttpReply { status, headers, body: page.into_bytes() }
    }

    /// Adds a header.
    pub(super) fn with(mut self, name: &str, value: impl Into<String>) -> HttpReply {
        self.headers.push((name.into(), value.into()));
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_decode_escapes_and_keep_malformed_ones() {
        let form = pairs(b"scope=https%3A%2F%2Fvault.azure.net%2F.default&a=x+y&empty=&&flag&bad=%zz%4");
        let form: Vec<_> = form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let scope = "https://vault.azure.net/.default";
        assert_eq!(form, [("scope", scope), ("a", "x y"), ("empty", ""), ("flag", ""), ("bad", "%zz%4")]);
    }
}
