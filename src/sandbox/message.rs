//! One HTTP request and one reply, as values: what the handlers take and give. No bytes are read or written here.

use percent_encoding::percent_decode_str;
use serde_json::Value;

/// A request that arrived whole.
pub(super) struct HttpRequest {
    /// The host it was meant for: a name of Azure's, or [`IDENTITY`](super::rule::IDENTITY).
    pub(super) host: String,
    /// `GET`, `POST`, ...
    pub(super) method: String,
    /// The path as sent, without the query.
    pub(super) path: String,
    /// The query's pairs, decoded.
    pub(super) query: Vec<(String, String)>,
    /// Its headers, names in lower case.
    pub(super) headers: Vec<(String, String)>,
    /// Its body.
    pub(super) body: Vec<u8>,
}

impl HttpRequest {
    /// The first header of this (lower-case) name.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        first(&self.headers, name)
    }

    /// The first parameter of this name in the query.
    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        first(&self.query, name)
    }

    /// The path's segments, decoded; empty ones dropped, as Key Vault does with a trailing slash.
    pub(super) fn segments(&self) -> Vec<String> {
        let segments = self.path.split('/').filter(|segment| !segment.is_empty());
        segments.map(|segment| percent_decode_str(segment).decode_utf8_lossy().into_owned()).collect()
    }

    /// The body's pairs, where it is a form.
    pub(super) fn form(&self) -> Vec<(String, String)> {
        let form =
            self.header("content-type").is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"));
        if form { pairs(&self.body) } else { Vec::new() }
    }

    /// The token it presents (RFC 6750).
    pub(super) fn bearer(&self) -> Option<&str> {
        let (scheme, token) = self.header("authorization")?.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
    }

    /// Whether it carries what its endpoint wants for proof: a bearer token, the header of a managed identity
    /// endpoint, a client secret or an assertion.
    pub(super) fn presents_proof(&self) -> bool {
        self.header("authorization").is_some()
            || self.header("x-identity-header").is_some()
            || self.header("secret").is_some()
            || self.header("metadata").is_some()
            || self.form().iter().any(|(name, _)| name == "client_secret" || name == "client_assertion")
    }

    /// Whether the client will not use the connection again.
    pub(super) fn wants_close(&self) -> bool {
        self.header("connection").is_some_and(|value| value.eq_ignore_ascii_case("close"))
    }
}

/// Decodes the pairs of a query or of a form body, in their order. A malformed escape stays as it is.
pub(super) fn pairs(encoded: &[u8]) -> Vec<(String, String)> {
    form_urlencoded::parse(encoded).into_owned().collect()
}

/// The first value of a name among pairs.
pub(super) fn first<'a>(pairs: &'a [(String, String)], name: &str) -> Option<&'a str> {
    pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
}

/// What is answered.
#[derive(Clone)]
pub(super) struct HttpReply {
    /// The status code.
    pub(super) status: u16,
    /// The headers; length and connection are added when it is written.
    pub(super) headers: Vec<(String, String)>,
    /// The body.
    pub(super) body: Vec<u8>,
}

/// Prints the status, and nothing that may hold a token or a value.
impl std::fmt::Debug for HttpReply {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Reply({})", self.status)
    }
}

impl HttpReply {
    /// A JSON answer.
    pub(super) fn json(status: u16, body: &Value) -> HttpReply {
        let headers = vec![("Content-Type".into(), "application/json; charset=utf-8".into())];
        HttpReply { status, headers, body: body.to_string().into_bytes() }
    }

    /// An answer in plain text.
    pub(super) fn text(status: u16, body: impl Into<String>) -> HttpReply {
        let headers = vec![("Content-Type".into(), "text/plain; charset=utf-8".into())];
        HttpReply { status, headers, body: body.into().into_bytes() }
    }

    /// This answer with one header more.
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
