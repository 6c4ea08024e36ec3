//! Tests the steps of a connection one by one, for the report. Requests do not use it.

use std::net::{IpAddr, SocketAddr, TcpStream};
use std::sync::Arc;

use dns_lookup::{AddrInfoHints, LookupErrorKind, getaddrinfo};
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, ProtocolVersion};

use crate::background;
use crate::time::deadline::Deadline;

use super::error::{NetworkError, NetworkErrorKind};
use super::handshake::HandshakeCut;
use super::happy_eyeballs::{OpenedStream, Tcp};
use super::limited_stream::LimitedStream;
use super::proxy::Proxy;
use super::proxy_answer::TunnelTarget;
use super::request::HTTPS;
use super::tunnel;

pub use super::happy_eyeballs::is_private;

/// The result of a name lookup.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names {
    /// The addresses in the resolver's order, without duplicates.
    pub addresses: Vec<IpAddr>,
    /// The name at the end of all aliases.
    pub canonical: Option<String>,
}

/// The reason why a name has no address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoName {
    /// The resolver reports that the name does not exist.
    Unknown,
    /// The resolver failed, or did not answer in time.
    Silent,
}

/// `AI_CANONNAME`, which has the same value on all supported platforms.
const WITH_CANONICAL_NAME: i32 = 2;

/// Looks up a name, including its aliases.
///
/// # Errors
/// The name does not exist, or the resolver did not answer.
pub fn look_up(host: &str, deadline: &Deadline) -> Result<Names, NoName> {
    let name = host.to_owned();
    let found = background::within(deadline.remaining(), move || resolve(&name)).unwrap_or(Err(NoName::Silent));
    found.and_then(|names| if names.addresses.is_empty() { Err(NoName::Unknown) } else { Ok(names) })
}

fn resolve(name: &str) -> Result<Names, NoName> {
    let hints = AddrInfoHints { flags: WITH_CANONICAL_NAME, socktype: 1, ..AddrInfoHints::default() };
    let found = getaddrinfo(Some(name), Some("443"), Some(hints)).map(|found| {
        found.filter_map(Result::ok).fold(Names::default(), |mut names, info| {
            if !names.addresses.contains(&info.sockaddr.ip()) {
                names.addresses.push(info.sockaddr.ip());
            }
            names.canonical = names.canonical.or(info.canonname);
            names
        })
    });
    found.map_err(|error| match error.kind() {
        LookupErrorKind::NoName | LookupErrorKind::NoData => NoName::Unknown,
        _ => NoName::Silent,
    })
}

/// Opens a TCP connection as a request would, to the first address that accepts it. The addresses are those of `named`: the
/// host or its proxy.
///
/// # Errors
/// No address accepts it.
pub fn connect(
    tcp: &Tcp,
    host: &str,
    named: &str,
    addresses: &[SocketAddr],
    deadline: &Deadline,
) -> Result<OpenedStream, NetworkError> {
    tcp.open(addresses, deadline.remaining()).map_err(|error| {
        let kind = NetworkError::not_opened(&error, named);
        NetworkError { host: host.to_owned(), proxy: None, kind }
    })
}

/// Opens a tunnel to a host through a proxy, as a request would.
///
/// # Errors
/// The proxy refuses it, or cannot reach the host, or leaves it to this machine to resolve the name, which has no address.
pub fn tunnel(stream: &TcpStream, proxy: &Proxy, host: &str, deadline: &Deadline) -> Result<(), NetworkError> {
    let limit = deadline.remaining();
    let names = if proxy.resolves_names() { Ok(Names::default()) } else { look_up(host, deadline) };
    let unknown = |_| NetworkError { host: host.to_owned(), proxy: None, kind: NetworkErrorKind::Name };
    let addresses: Vec<_> = names.map_err(unknown)?.addresses.iter().map(|a| SocketAddr::new(*a, HTTPS)).collect();
    let mut stream = LimitedStream { stream, deadline: *deadline };
    let target = TunnelTarget::new(&proxy.inner, host, HTTPS, &addresses);
    tunnel::open(&mut stream, &proxy.inner, &target).map_err(|error| {
        let kind = NetworkError::classify_connect(&error, limit);
        NetworkError { host: host.to_owned(), proxy: Some(proxy.address.clone()), kind }
    })
}

/// Performs the TLS handshake and returns the protocol version.
///
/// # Errors
/// The certificate is not accepted, or TLS failed in another way.
pub fn shake_hands(
    stream: &TcpStream,
    config: Arc<ClientConfig>,
    host: &str,
    deadline: &Deadline,
) -> Result<&'static str, NetworkError> {
    let failed = |kind| NetworkError { host: host.to_owned(), proxy: None, kind };
    let limit = deadline.remaining();
    let io = |error: std::io::Error| failed(NetworkError::classify_connect(&error, limit));
    let name = ServerName::try_from(host.to_owned())
        .map_err(|_| failed(NetworkErrorKind::Tls("not a host name".to_owned())))?;
    let mut connection = ClientConnection::new(config, name).map_err(|error| io(std::io::Error::other(error)))?;
    let mut stream = LimitedStream { stream, deadline: *deadline };
    while connection.is_handshaking() {
        connection.complete_io(&mut stream).map_err(HandshakeCut::mark).map_err(io)?;
    }
    Ok(match connection.protocol_version() {
        Some(ProtocolVersion::TLSv1_3) => "TLS 1.3",
        Some(ProtocolVersion::TLSv1_2) => "TLS 1.2",
        _ => "TLS",
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn private_addresses_are_recognized() {
        for private in [
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "100.64.0.1",
            "127.0.0.1",
            "169.254.1.1",
            "fd00::1",
            "fe80::1",
            "::1",
        ] {
            assert!(is_private(private.parse().unwrap()), "{private}");
        }
        for public in ["20.50.1.2", "172.32.0.1", "100.128.0.1", "2603:1030::1"] {
            assert!(!is_private(public.parse().unwrap()), "{public}");
        }
    }

    #[test]
    fn localhost_resolves_to_loopback() {
        let names = look_up("localhost", &Deadline::after(Duration::from_secs(5))).unwrap();
        assert!(names.addresses.iter().all(|a| a.is_loopback()));
    }

    #[test]
    fn closed_port_is_reported_as_refused() {
        let closed = [SocketAddr::from(([127, 0, 0, 1], 1))];
        let error =
            connect(&Tcp::default(), "h", "127.0.0.1", &closed, &Deadline::after(Duration::from_secs(5))).unwrap_err();
        assert_eq!(error.kind, NetworkErrorKind::Connect("connection refused".into()));
    }
}
