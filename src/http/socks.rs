//! Opens a tunnel through a SOCKS proxy: version 5 (RFC 1928), with a user name and password (RFC 1929), and versions 4
//! and 4a (<https://www.openssh.com/txt/socks4.protocol>, <https://www.openssh.com/txt/socks4a.protocol>).

use std::io::{self, Read, Write};
use std::net::SocketAddr;

use ureq::ProxyProtocol;
use zeroize::Zeroizing;

use super::proxy_answer::{NoTunnel, ProxyAnswer, TunnelTarget};

/// Requests a tunnel to a host, or to an address of it.
///
/// # Errors
/// The connection failed, or the proxy opened no tunnel, which is a [`NoTunnel`].
pub(super) fn open(stream: &mut (impl Read + Write), proxy: &ureq::Proxy, target: &TunnelTarget<'_>) -> io::Result<()> {
    match proxy.protocol() {
        ProxyProtocol::Socks4 | ProxyProtocol::Socks4A => version_4(stream, proxy.username(), target),
        _ => version_5(stream, proxy.username().map(|user| (user, proxy.password().unwrap_or_default())), target),
    }
}

fn version_4(stream: &mut (impl Read + Write), user: Option<&str>, target: &TunnelTarget<'_>) -> io::Result<()> {
    let (address, name) = match target {
        TunnelTarget::Address(SocketAddr::V4(address)) => (address.ip().octets(), None),
        TunnelTarget::Address(SocketAddr::V6(_)) => return Err(refused("SOCKS 4 has no IPv6 addresses")),
        // An address of this form announces a name.
        TunnelTarget::Name(host, _) => ([0, 0, 0, 1], Some(*host)),
    };
    let mut request = vec![4, 1];
    request.extend(target.port().to_be_bytes());
    request.extend(address);
    for text in [Some(user.unwrap_or_default()), name].into_iter().flatten() {
        request.extend(text.as_bytes());
        request.push(0);
    }
    stream.write_all(&request)?;
    match read::<8>(stream)? {
        [0, 90, ..] => Ok(()),
        [0, 91, ..] => Err(refused("request rejected or failed")),
        [0, 92 | 93, ..] => Err(refused("it could not identify the user (identd)")),
        _ => Err(not_socks()),
    }
}

fn version_5(
    stream: &mut (impl Read + Write),
    login: Option<(&str, &str)>,
    target: &TunnelTarget<'_>,
) -> io::Result<()> {
    // No authentication, and a password if there is one.
    stream.write_all(if login.is_some() { &[5, 2, 0, 2] } else { &[5, 1, 0] })?;
    match (read(stream)?, login) {
        ([5, 0], _) => {}
        ([5, 2], Some((user, password))) => authenticate(stream, user, password)?,
        ([5, _], None) => return Err(refused("it requires authentication")),
        ([5, _], Some(_)) => return Err(refused("it accepts no user name and password")),
        _ => return Err(not_socks()),
    }

    let mut request = vec![5, 1, 0];
    match target {
        TunnelTarget::Address(SocketAddr::V4(address)) => {
            request.push(1);
            request.extend(address.ip().octets());
        }
        TunnelTarget::Address(SocketAddr::V6(address)) => {
            request.push(4);
            request.extend(address.ip().octets());
        }
        TunnelTarget::Name(host, _) => {
            request.push(3);
            push_counted(&mut request, host)?;
        }
    }
    request.extend(target.port().to_be_bytes());
    stream.write_all(&request)?;
    let (code, kind) = match read(stream)? {
        [5, code, _, kind] => (code, kind),
        _ => return Err(not_socks()),
    };
    if code != 0 {
        return Err(failure(code));
    }
    // The address of the proxy's connection, and its port: not used.
    let length = match kind {
        1 => 4,
        3 => usize::from(read::<1>(stream)?[0]),
        4 => 16,
        _ => return Err(not_socks()),
    };
    for _ in 0..length + 2 {
        read::<1>(stream)?;
    }
    Ok(())
}

fn authenticate(stream: &mut (impl Read + Write), user: &str, password: &str) -> io::Result<()> {
    let mut request = Zeroizing::new(Vec::with_capacity(3 + user.len() + password.len()));
    request.push(1);
    push_counted(&mut request, user)?;
    push_counted(&mut request, password)?;
    stream.write_all(&request)?;
    match read(stream)? {
        [1, 0] => Ok(()),
        [1, _] => Err(refused("it does not accept the user name and password")),
        _ => Err(not_socks()),
    }
}

/// Appends a text after its length in one byte.
fn push_counted(request: &mut Vec<u8>, text: &str) -> io::Result<()> {
    request.push(u8::try_from(text.len()).map_err(|_| refused("SOCKS 5 accepts names of at most 255 bytes"))?);
    request.extend(text.as_bytes());
    Ok(())
}

/// Reads the next bytes of the answer, and none that follow: they belong to the tunnel.
fn read<const N: usize>(stream: &mut impl Read) -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    stream.read_exact(&mut bytes)?;
    Ok(bytes)
}

/// RFC 1928, section 6.
fn failure(code: u8) -> io::Error {
    let reason = match code {
        2 => return refused("its rules do not allow the connection"),
        3 => "network unreachable",
        4 => "host unreachable",
        5 => "connection refused",
        6 => "TTL expired",
        8 => return refused("it does not support this type of address"),
        _ => return refused("general failure"),
    };
    NoTunnel::Unreachable(ProxyAnswer::Reason(reason)).into()
}

fn refused(reason: &'static str) -> io::Error {
    NoTunnel::Refused(ProxyAnswer::Reason(reason)).into()
}

fn not_socks() -> io::Error {
    refused("it sent no valid SOCKS answer")
}

#[cfg(test)]
mod tests {
    use super::*;

    struct SocksPeer {
        answer: io::Cursor<Vec<u8>>,
        sent: Vec<u8>,
    }

    impl Read for SocksPeer {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            self.answer.read(buffer)
        }
    }

    impl Write for SocksPeer {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.sent.extend(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    const NAME: TunnelTarget<'_> = TunnelTarget::Name("my-vault", 443);

    fn address(text: &str) -> TunnelTarget<'static> {
        TunnelTarget::Address(text.parse().unwrap())
    }

    /// Returns what was sent, the unread rest of the answer, and why there is no tunnel.
    fn opened(proxy: &str, target: &TunnelTarget<'_>, answer: &[u8]) -> (Vec<u8>, Vec<u8>, Option<NoTunnel>) {
        let mut peer = SocksPeer { answer: io::Cursor::new([answer, b"rest"].concat()), sent: Vec::new() };
        let result = crate::http::tunnel::open(&mut peer, &ureq::Proxy::new(proxy).unwrap(), target);
        let mut rest = Vec::new();
        peer.answer.read_to_end(&mut rest).unwrap();
        let no_tunnel = result.err().map(|error| *error.get_ref().unwrap().downcast_ref::<NoTunnel>().unwrap());
        (peer.sent, rest, no_tunnel)
    }

    #[test]
    fn every_version_asks_for_the_target_and_leaves_the_tunnels_bytes() {
        let bound = [5, 0, 0, 1, 0, 0, 0, 0, 0, 0];
        for (proxy, target, sent, answer) in [
            (
                "socks4://u@p",
                address("20.50.1.2:443"),
                &[&[4, 1, 1, 187, 20, 50, 1, 2], &b"u\0"[..]][..],
                vec![0, 90, 0, 0, 0, 0, 0, 0],
            ),
            ("socks4a://p", NAME, &[&[4, 1, 1, 187, 0, 0, 0, 1], b"\0my-vault\0"], vec![0, 90, 0, 0, 0, 0, 0, 0]),
            ("socks5h://p", NAME, &[&[5, 1, 0, 5, 1, 0, 3, 8], b"my-vault", &[1, 187]], [&[5, 0][..], &bound].concat()),
            (
                "socks5://p",
                address("[::1]:443"),
                &[&[5, 1, 0, 5, 1, 0, 4], &[0; 15], &[1, 1, 187]],
                [&[5, 0, 5, 0, 0, 3, 2][..], b"ab", &[0, 0]].concat(),
            ),
            (
                "socks5://user:pass@p",
                address("20.50.1.2:443"),
                &[&[5, 2, 0, 2, 1, 4], b"user", &[4], b"pass", &[5, 1, 0, 1, 20, 50, 1, 2, 1, 187]],
                [&[5, 2, 1, 0, 5, 0, 0, 4][..], &[0; 18]].concat(),
            ),
        ] {
            assert_eq!(opened(proxy, &target, &answer), (sent.concat(), b"rest".to_vec(), None), "{proxy}");
        }
    }

    #[test]
    fn refusal_differs_from_host_unreachable_by_proxy() {
        let refused = |reason| NoTunnel::Refused(ProxyAnswer::Reason(reason));
        let invalid = || refused("it sent no valid SOCKS answer");
        for (proxy, answer, kind) in [
            ("socks5h://p", &[5, 0xff][..], refused("it requires authentication")),
            ("socks5h://p", &[5, 2], refused("it requires authentication")),
            ("socks5h://u:p@p", &[5, 0xff], refused("it accepts no user name and password")),
            ("socks5h://u:p@p", &[5, 2, 1, 1], refused("it does not accept the user name and password")),
            ("socks5h://p", &[5, 0, 5, 2, 0, 1], refused("its rules do not allow the connection")),
            ("socks5h://p", &[5, 0, 5, 1, 0, 1], refused("general failure")),
            ("socks5h://p", &[5, 0, 5, 4, 0, 1], NoTunnel::Unreachable(ProxyAnswer::Reason("host unreachable"))),
            ("socks5h://p", b"HTTP/1.1 400 Bad Request", invalid()),
            ("socks5h://p", &[5, 0, 4, 0, 0, 1], invalid()),
            ("socks5h://p", &[5, 0, 5, 0, 0, 9], invalid()),
            ("socks4a://p", &[0, 91, 0, 0, 0, 0, 0, 0], refused("request rejected or failed")),
            ("socks4a://p", b"HTTP/1.1 400 Bad Request", invalid()),
            ("socks4a://p", &[], NoTunnel::Closed),
        ] {
            assert_eq!(opened(proxy, &NAME, answer).2, Some(kind), "{proxy} {answer:?}");
        }
        assert_eq!(
            opened("socks4://p", &address("[::1]:443"), &[]),
            (vec![], b"rest".to_vec(), Some(refused("SOCKS 4 has no IPv6 addresses")))
        );
    }
}
