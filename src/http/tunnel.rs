//! Opens a tunnel through a proxy, for requests and for the report. HTTP proxies (RFC 9110, section 9.3.6) are here.

use std::io::{self, Read, Write};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ureq::ProxyProtocol;
use zeroize::Zeroizing;

use super::handshake::is_cut;
use super::proxy_answer::{NoTunnel, ProxyAnswer, TunnelTarget};
use super::request::USER_AGENT;
use super::{socks, status};

/// The largest response head that is read.
const HEAD_LIMIT: usize = 16 << 10;

/// Requests a tunnel.
///
/// # Errors
/// The connection failed, or the proxy opened no tunnel, which is a [`NoTunnel`].
pub(super) fn open(stream: &mut (impl Read + Write), proxy: &ureq::Proxy, target: &TunnelTarget<'_>) -> io::Result<()> {
    let opened = match (proxy.protocol(), target) {
        (ProxyProtocol::Http, TunnelTarget::Name(host, port)) => connect(stream, proxy, host, *port),
        _ => socks::open(stream, proxy, target),
    };
    // Only the proxy has the other end of the connection.
    opened.map_err(|error| if is_cut(&error) { NoTunnel::Closed.into() } else { error })
}

/// Sends a CONNECT request, in one write.
fn connect(stream: &mut (impl Read + Write), proxy: &ureq::Proxy, host: &str, port: u16) -> io::Result<()> {
    let credentials = proxy.username().map(|user| {
        let pair = Zeroizing::new(format!("{user}:{}", proxy.password().unwrap_or_default()));
        Zeroizing::new(format!("Proxy-Authorization: Basic {}\r\n", STANDARD.encode(pair.as_bytes())))
    });
    let credentials = credentials.as_ref().map_or("", |line| line.as_str());
    let request = Zeroizing::new(format!(
        "CONNECT {host}:{port} HTTP/1.1\r\nHost: {host}:{port}\r\nUser-Agent: {USER_AGENT}\r\n{credentials}\r\n"
    ));
    stream.write_all(request.as_bytes())?;
    let no_tunnel = match read_status(stream)? {
        Some(200..=299) => return Ok(()),
        Some(status @ status::BAD_GATEWAY..=status::GATEWAY_TIMEOUT) => {
            NoTunnel::Unreachable(ProxyAnswer::Status(status))
        }
        Some(status) => NoTunnel::Refused(ProxyAnswer::Status(status)),
        None => NoTunnel::Refused(ProxyAnswer::Invalid),
    };
    Err(no_tunnel.into())
}

/// Reads the head of the response byte by byte: what follows it belongs to the tunnel.
fn read_status(stream: &mut impl Read) -> io::Result<Option<u16>> {
    let mut head = Vec::with_capacity(1024);
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") && head.len() < HEAD_LIMIT && stream.read(&mut byte)? > 0 {
        head.push(byte[0]);
    }
    if head.is_empty() {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    let line = String::from_utf8_lossy(&head);
    let is_complete = head.ends_with(b"\r\n\r\n") && head.starts_with(b"HTTP/1.");
    Ok(line.split([' ', '\r']).nth(1).and_then(|status| status.parse().ok()).filter(|_| is_complete))
}

#[cfg(test)]
mod tests {
    use super::*;

    struct HttpPeer {
        answer: io::Cursor<&'static [u8]>,
        writes: Vec<Vec<u8>>,
    }

    impl Read for HttpPeer {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            self.answer.read(buffer)
        }
    }

    impl Write for HttpPeer {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.writes.push(bytes.to_vec());
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn opened(answer: &'static [u8]) -> (io::Result<()>, HttpPeer) {
        let mut peer = HttpPeer { answer: io::Cursor::new(answer), writes: Vec::new() };
        let proxy = ureq::Proxy::new("http://user:secret@127.0.0.1:3128").unwrap();
        (open(&mut peer, &proxy, &TunnelTarget::Name("my-vault.vault.azure.net", 443)), peer)
    }

    #[test]
    fn request_is_one_write_and_the_tunnels_bytes_are_left() {
        let (result, mut peer) = opened(b"HTTP/1.1 200 OK\r\nVia: x\r\n\r\nrest");
        result.unwrap();
        let [request] = peer.writes.as_slice() else { panic!("{} writes", peer.writes.len()) };
        let request = String::from_utf8_lossy(request);
        let start =
            "CONNECT my-vault.vault.azure.net:443 HTTP/1.1\r\nHost: my-vault.vault.azure.net:443\r\nUser-Agent: ";
        assert!(request.starts_with(start), "{request}");
        assert!(request.ends_with("\r\nProxy-Authorization: Basic dXNlcjpzZWNyZXQ=\r\n\r\n"), "{request}");
        let mut rest = String::new();
        peer.read_to_string(&mut rest).unwrap();
        assert_eq!(rest, "rest");
    }

    #[test]
    fn refusal_has_the_status_if_there_is_one() {
        let kind = |answer| {
            let error = opened(answer).0.unwrap_err();
            error.get_ref().and_then(|inner| inner.downcast_ref::<NoTunnel>().copied()).expect("no tunnel")
        };
        let authenticate = kind(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n");
        assert_eq!(authenticate, NoTunnel::Refused(ProxyAnswer::Status(407)));
        assert_eq!(kind(b"HTTP/1.0 502\r\n\r\n"), NoTunnel::Unreachable(ProxyAnswer::Status(502)));
        assert_eq!(kind(b""), NoTunnel::Closed);
        for answer in [&b"SSH-2.0-x\r\n"[..], b"SSH-2.0 200 x\r\n\r\n", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 x\r\n\r\n"] {
            assert_eq!(kind(answer), NoTunnel::Refused(ProxyAnswer::Invalid), "{}", String::from_utf8_lossy(answer));
        }
    }
}
