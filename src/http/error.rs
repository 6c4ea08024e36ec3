//! Classifies failed requests while the original error is at hand.
//!
//! No other code searches error messages: each distinction is a variant here.

use std::io;
use std::net::IpAddr;
use std::time::Duration;

use rustls::CertificateError;

use crate::redact;

use super::handshake;
use super::happy_eyeballs::{NotOpened, is_private};
use super::proxy_answer::NoTunnel;
use super::retry::Outcome;
use super::status;
use super::tls::UntrustedIssuer;
use super::web_page::WebPage;

pub use super::proxy_answer::ProxyAnswer;

/// A request without a complete answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.text())]
pub struct NetworkError {
    pub host: String,
    /// The proxy's address, if one was used.
    pub proxy: Option<String>,
    pub kind: NetworkErrorKind,
}

/// The cause of a network failure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NetworkErrorKind {
    /// The name of the host, or of the proxy, has no address.
    Name,
    /// No address accepted the connection.
    Connect(String),
    /// This machine has no route to the address.
    NoRoute(String),
    /// The proxy refused the tunnel.
    ProxyRefused(ProxyAnswer),
    /// The proxy closed the connection without an answer.
    ProxyClosed,
    /// The proxy could not reach the host: 502, 503 or 504 in HTTP.
    BeyondProxy(ProxyAnswer),
    /// The server's certificate is not trusted, or is not valid at this time.
    Certificate(String),
    /// The server's certificate is for another name.
    CertificateName,
    /// TLS failed in another way.
    Tls(String),
    TimedOut(Phase, Duration),
    /// None of these addresses of the host answered in this time.
    Silent(Vec<IpAddr>, Duration),
    /// The connection ended before the answer did.
    CutOff(String),
    /// The connection ended during the TLS handshake, after the host's name was sent.
    HandshakeCut(String),
    /// A web page answered where a service of Azure answers in JSON.
    WebPage(WebPage),
    /// The answer exceeds this many bytes.
    TooLarge(u64),
    /// The answer is not HTTP.
    NotHttp(String),
}

/// The phase of a request in which time ran out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    Name,
    /// TCP, proxy and TLS.
    Connect,
    Answer,
}

impl Phase {
    fn text(self) -> &'static str {
        match self {
            Phase::Name => "no DNS answer for",
            Phase::Connect => "no connection to",
            Phase::Answer => "no answer from",
        }
    }

    fn from_ureq(timeout: ureq::Timeout) -> Self {
        match timeout {
            ureq::Timeout::Resolve => Phase::Name,
            ureq::Timeout::Connect => Phase::Connect,
            _ => Phase::Answer,
        }
    }
}

impl NetworkError {
    fn text(&self) -> String {
        use NetworkErrorKind::*;
        let (host, proxy) = (&self.host, self.proxy.as_deref());
        let in_use = proxy.unwrap_or("in use");
        match (&self.kind, proxy) {
            (Name, Some(proxy)) => format!("DNS has no address for the proxy {proxy}"),
            (Name, None) => format!("DNS has no address for {host}"),
            (Connect(detail) | NoRoute(detail), Some(proxy)) => {
                format!("the proxy {proxy} could not be reached: {detail}")
            }
            (Connect(detail) | NoRoute(detail), None) => format!("{host} could not be reached: {detail}"),
            (ProxyRefused(ProxyAnswer::Status(status::PROXY_AUTHENTICATION_REQUIRED)), _) => {
                format!("the proxy {in_use} requires authentication (407) to connect to {host}")
            }
            (ProxyRefused(answer), _) => format!("the proxy {in_use} refused to connect to {host}{answer}"),
            (ProxyClosed, _) => format!("the proxy {in_use} closed the connection without an answer, for {host}"),
            (BeyondProxy(answer), _) => format!("the proxy {in_use} could not reach {host}{answer}"),
            (Certificate(detail), _) => format!("the certificate of {host} is not accepted: {detail}"),
            (CertificateName, _) => {
                format!("the certificate of {host} is not accepted: it is for a different host name")
            }
            (Tls(detail), _) => format!("TLS with {host} failed: {detail}"),
            (TimedOut(phase, limit), _) if limit.is_zero() => {
                format!("{} {host}: the time limit was already reached", phase.text())
            }
            (TimedOut(phase, limit), _) => format!("{} {host} within {}", phase.text(), seconds(*limit)),
            (HandshakeCut(detail), _) => {
                format!(
                    "TLS to {host} was cut during the handshake: a firewall or proxy that filters by name ({detail})"
                )
            }
            (WebPage(page), _) => format!("{host} was answered by a web page: {page}"),
            (Silent(tried, limit), _) => {
                let named = proxy.map_or_else(|| host.clone(), |proxy| format!("the proxy {proxy}"));
                format!("no connection to {named} at {} within {}", addresses(tried), seconds(*limit))
            }
            (CutOff(detail), _) => format!("{host} closed the connection before its response ended: {detail}"),
            (TooLarge(limit), _) => format!("the response from {host} is larger than {limit} bytes"),
            (NotHttp(detail), _) => format!("{host} sent an invalid HTTP response: {detail}"),
        }
    }

    /// Returns true if a retry cannot help.
    pub fn is_final(&self) -> bool {
        self.outcome() == Outcome::Permanent
    }

    /// Returns what the error means for a retry.
    pub(super) fn outcome(&self) -> Outcome {
        use NetworkErrorKind::*;
        match self.kind {
            TimedOut(..) | Silent(..) | CutOff(_) | HandshakeCut(_) | ProxyClosed => Outcome::Broken,
            Name | Connect(_) | NoRoute(_) | BeyondProxy(_) | ProxyRefused(_) | Tls(_) | NotHttp(_) => Outcome::Refused,
            Certificate(_) | CertificateName | TooLarge(_) | WebPage(_) => Outcome::Permanent,
        }
    }

    /// Converts a ureq error; `limit` returns the time that each phase had.
    pub(super) fn classify(
        error: ureq::Error,
        host: &str,
        proxy: Option<String>,
        limit: impl Fn(ureq::Timeout) -> Duration,
    ) -> Self {
        use NetworkErrorKind::*;
        if let Some(not_opened) = not_opened(&error) {
            let kind = Self::not_opened(not_opened, proxy.as_deref().unwrap_or(host));
            return NetworkError { host: host.to_owned(), proxy, kind };
        }
        let kind = match error {
            // The proxy's own name is a NoTunnel.
            ureq::Error::HostNotFound => return NetworkError { host: host.to_owned(), proxy: None, kind: Name },
            ureq::Error::Timeout(phase) => TimedOut(Phase::from_ureq(phase), limit(phase)),
            ureq::Error::BodyExceedsLimit(limit) => TooLarge(limit),
            ureq::Error::Tls(detail) => Tls(redact::sanitize(detail)),
            ureq::Error::ConnectionFailed => Connect("no address accepted the connection".to_owned()),
            ureq::Error::Io(io) => Self::classify_io(&io, limit),
            other => NotHttp(redact::sanitize(&other.to_string())),
        };
        NetworkError { host: host.to_owned(), proxy, kind }
    }

    /// Classifies an error of a connection that was being opened within `limit`.
    pub(super) fn classify_connect(error: &io::Error, limit: Duration) -> NetworkErrorKind {
        match error.kind() {
            io::ErrorKind::TimedOut => NetworkErrorKind::TimedOut(Phase::Connect, limit),
            _ => Self::classify_io(error, |_| limit),
        }
    }

    /// Returns what kept a connection from opening, with the addresses that were tried unless `named` is an address.
    pub(super) fn not_opened(error: &NotOpened, named: &str) -> NetworkErrorKind {
        let is_address = error.tried.iter().any(|(address, _)| named.contains(&address.to_string()));
        let all_silent = error.tried.iter().all(|(_, refused)| refused.is_none());
        let tried = error.tried.iter().map(|(address, _)| *address).collect::<Vec<_>>();
        match (tried.is_empty(), all_silent, is_address) {
            (true, ..) => NetworkErrorKind::Connect("it has no address".to_owned()),
            (_, true, true) => NetworkErrorKind::TimedOut(Phase::Connect, error.limit),
            (_, true, false) => NetworkErrorKind::Silent(tried, error.limit),
            (_, false, _) if error.tried.iter().all(|(_, refused)| refused.as_ref().is_some_and(is_no_route)) => {
                NetworkErrorKind::NoRoute(refusals(error, is_address))
            }
            (_, false, _) => NetworkErrorKind::Connect(refusals(error, is_address)),
        }
    }

    fn classify_io(error: &io::Error, limit: impl Fn(ureq::Timeout) -> Duration) -> NetworkErrorKind {
        use NetworkErrorKind::*;
        if let Some(tls) = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
            return match tls {
                rustls::Error::InvalidCertificate(
                    CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
                ) => CertificateName,
                rustls::Error::InvalidCertificate(reason) => Certificate(certificate_problem(reason)),
                rustls::Error::Other(other) if other.0.downcast_ref::<UntrustedIssuer>().is_some() => {
                    Certificate(redact::sanitize(&other.0.to_string()))
                }
                other => Tls(redact::sanitize(&other.to_string())),
            };
        }
        if let Some(no_tunnel) = error.get_ref().and_then(|inner| inner.downcast_ref()) {
            return match *no_tunnel {
                NoTunnel::UnknownProxy => Name,
                NoTunnel::Refused(answer) => ProxyRefused(answer),
                NoTunnel::Closed => ProxyClosed,
                NoTunnel::Unreachable(answer) => BeyondProxy(answer),
            };
        }
        if let Some(cut) = error.get_ref().and_then(|inner| inner.downcast_ref::<handshake::HandshakeCut>()) {
            return HandshakeCut(plain_io(&cut.0));
        }
        let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<ureq::Error>());
        if let Some(ureq::Error::Timeout(phase)) = inner {
            return TimedOut(Phase::from_ureq(*phase), limit(*phase));
        }
        match error.kind() {
            io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock => {
                TimedOut(Phase::Answer, limit(ureq::Timeout::RecvResponse))
            }
            _ if handshake::is_cut(error) => CutOff(plain_io(error)),
            _ if is_no_route(error) => NoRoute(plain_io(error)),
            _ => Connect(plain_io(error)),
        }
    }
}

/// Returns true if no route leads to the address: nothing there can have answered.
fn is_no_route(error: &io::Error) -> bool {
    use io::ErrorKind::{HostUnreachable, NetworkDown, NetworkUnreachable};
    matches!(error.kind(), HostUnreachable | NetworkDown | NetworkUnreachable)
}

/// Returns the reason why no connection was opened, if that is the error.
fn not_opened(error: &ureq::Error) -> Option<&NotOpened> {
    match error {
        ureq::Error::Io(io) => io.get_ref()?.downcast_ref(),
        _ => None,
    }
}

/// `connection refused at 10.0.0.4 (private); no answer at 20.50.1.2 (public)`.
fn refusals(error: &NotOpened, is_address: bool) -> String {
    let mut reasons: Vec<(String, Vec<IpAddr>)> = Vec::new();
    for (address, refused) in &error.tried {
        let reason = refused.as_ref().map_or_else(|| "no answer".to_owned(), plain_io);
        match reasons.iter_mut().find(|(other, _)| *other == reason) {
            Some((_, alike)) => alike.push(*address),
            None => reasons.push((reason, vec![*address])),
        }
    }
    let text = |(reason, tried): &(String, Vec<IpAddr>)| match is_address {
        true => reason.clone(),
        false => format!("{reason} at {}", addresses(tried)),
    };
    reasons.iter().map(text).collect::<Vec<_>>().join("; ")
}

/// `10.0.0.4 (private), 20.50.1.2 (public)`.
fn addresses(tried: &[IpAddr]) -> String {
    let kind = |address: &IpAddr| if is_private(*address) { "private" } else { "public" };
    tried.iter().map(|address| format!("{address} ({})", kind(address))).collect::<Vec<_>>().join(", ")
}

/// Returns the error's text, the same on every system: Windows has its own sentences, in the machine's language, and the
/// TLS library adds a link for programmers. Other kinds of error keep the system's text.
pub(super) fn plain_io(error: &io::Error) -> String {
    use io::ErrorKind::*;
    match error.kind() {
        kind @ (ConnectionRefused | ConnectionReset | ConnectionAborted | HostUnreachable | NetworkUnreachable
        | NetworkDown | NotConnected | AddrInUse | AddrNotAvailable | PermissionDenied | TimedOut
        | UnexpectedEof) => kind.to_string(),
        _ => redact::os_error_text(error),
    }
}

fn certificate_problem(reason: &CertificateError) -> String {
    match reason {
        CertificateError::UnknownIssuer => "its issuer is not trusted on this machine".to_owned(),
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => "it has expired".to_owned(),
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => "it is not yet valid".to_owned(),
        // As after a proxy's CA was replaced by one of the same name.
        CertificateError::BadSignature => "its issuer has the name of a trusted CA, but another key".to_owned(),
        CertificateError::ApplicationVerificationFailure => "its thumbprint is not the expected one".to_owned(),
        other => redact::sanitize(&other.to_string()),
    }
}

/// Formats a time limit: `300 ms`, `10 s`, `1.5 s`.
pub fn seconds(limit: Duration) -> String {
    let tenths = (limit.as_secs_f64() * 10.0).round() / 10.0;
    if tenths < 1.0 { format!("{:.0} ms", limit.as_secs_f64() * 1000.0) } else { format!("{tenths} s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn error_has_no_link_of_the_tls_library() {
        let text =
            "peer closed connection without sending TLS close_notify: https://docs.rs/rustls/latest/rustls/manual";
        let kind = NetworkError::classify_io(&io::Error::new(io::ErrorKind::UnexpectedEof, text), |_| Duration::ZERO);
        assert_eq!(kind, NetworkErrorKind::CutOff("unexpected end of file".to_owned()));
    }

    fn text(tried: &[(&str, Option<io::ErrorKind>)], named: &str) -> String {
        let tried = tried.iter().map(|(address, kind)| (address.parse().unwrap(), kind.map(io::Error::from))).collect();
        let error = io::Error::other(NotOpened { tried, limit: Duration::from_secs(5) });
        NetworkError::classify(ureq::Error::Io(error), named, None, |_| Duration::ZERO).to_string()
    }

    #[test]
    fn tried_addresses_are_named_as_private_or_public() {
        let refused = Some(io::ErrorKind::ConnectionRefused);
        let unreachable = Some(io::ErrorKind::NetworkUnreachable);
        let host = "my-vault.vault.azure.net";
        for (tried, expected) in [
            (vec![("10.0.0.4", refused)], "could not be reached: connection refused at 10.0.0.4 (private)"),
            (
                vec![("2603:1030::1", unreachable), ("20.50.1.2", refused), ("20.50.1.3", refused), ("10.0.0.4", None)],
                "could not be reached: network unreachable at 2603:1030::1 (public); connection refused at \
                 20.50.1.2 (public), 20.50.1.3 (public); no answer at 10.0.0.4 (private)",
            ),
        ] {
            assert_eq!(text(&tried, host), format!("{host} {expected}"));
        }
        assert_eq!(
            text(&[("10.0.0.4", None)], host),
            format!("no connection to {host} at 10.0.0.4 (private) within 5 s")
        );
        assert_eq!(text(&[("127.0.0.1", refused)], "127.0.0.1"), "127.0.0.1 could not be reached: connection refused");
        let no_route = "127.0.0.1 could not be reached: network unreachable";
        assert_eq!(text(&[("127.0.0.1", unreachable)], "127.0.0.1"), no_route);
        assert_eq!(text(&[("127.0.0.1", None)], "127.0.0.1"), "no connection to 127.0.0.1 within 5 s");
    }
}
