//! What is requested from a proxy, and its answer.

use std::fmt;
use std::io;
use std::net::SocketAddr;

use ureq::ProxyProtocol;

/// Where a tunnel ends.
pub(super) enum TunnelTarget<'a> {
    /// The proxy resolves this name.
    Name(&'a str, u16),
    /// The name was resolved here.
    Address(SocketAddr),
}

impl<'a> TunnelTarget<'a> {
    /// Returns the first of the host's `addresses` that the proxy supports, or the name if there are none.
    pub(super) fn new(proxy: &ureq::Proxy, host: &'a str, port: u16, addresses: &[SocketAddr]) -> Self {
        let is_supported = |address: &&SocketAddr| address.is_ipv4() || proxy.protocol() != ProxyProtocol::Socks4;
        let address = addresses.iter().find(is_supported).or(addresses.first());
        address.map_or(TunnelTarget::Name(host, port), |address| TunnelTarget::Address(*address))
    }

    pub(super) fn port(&self) -> u16 {
        match self {
            TunnelTarget::Name(_, port) => *port,
            TunnelTarget::Address(address) => address.port(),
        }
    }
}

/// Why there is no tunnel, as the error of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the proxy opened no tunnel")]
pub(super) enum NoTunnel {
    /// The name of the proxy has no address.
    UnknownProxy,
    Refused(ProxyAnswer),
    /// The proxy closed the connection without an answer.
    Closed,
    /// The proxy could not reach the host.
    Unreachable(ProxyAnswer),
}

impl From<NoTunnel> for io::Error {
    fn from(no_tunnel: NoTunnel) -> Self {
        io::Error::other(no_tunnel)
    }
}

/// The answer to a request for a tunnel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProxyAnswer {
    /// The status of an HTTP proxy.
    Status(u16),
    /// The reason of a SOCKS proxy.
    Reason(&'static str),
    /// Neither HTTP nor SOCKS.
    Invalid,
}

impl fmt::Display for ProxyAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ProxyAnswer::Status(status) => write!(f, ": it answered {status}"),
            ProxyAnswer::Reason(reason) => write!(f, ": {reason}"),
            ProxyAnswer::Invalid => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn target_is_an_address_that_the_proxy_supports_or_the_name() {
        let addresses = ["[::1]:443".parse().unwrap(), "20.50.1.2:443".parse().unwrap()];
        let target = |proxy, addresses: &[SocketAddr]| {
            let proxy = ureq::Proxy::new(proxy).unwrap();
            match TunnelTarget::new(&proxy, "my-vault", 443, addresses) {
                TunnelTarget::Name(name, port) => format!("{name}:{port}"),
                TunnelTarget::Address(address) => address.to_string(),
            }
        };
        assert_eq!(target("socks5h://p", &[]), "my-vault:443");
        assert_eq!(target("socks5://p", &addresses), "[::1]:443");
        assert_eq!(target("socks4://p", &addresses), "20.50.1.2:443");
        assert_eq!(target("socks4://p", &addresses[..1]), "[::1]:443");
    }
}
