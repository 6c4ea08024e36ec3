//! Opens a tunnel through an HTTP proxy (RFC 9110, section 9.3.6), for requests and for the report.

use std::io::{self, Read, Write};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use super::request::USER_AGENT;

/// The largest response head that is read.
const HEAD_LIMIT: usize = 16 << 10;

/// The proxy's answer if it opened no tunnel: its status, or `None` if it sent none.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the proxy refused the tunnel")]
pub(super) struct TunnelRefused(pub(super) Option<u16>);

/// Requests a tunnel to a host and port, in one write.
///
/// # Errors
/// The connection failed, or the proxy answered with an error, which is a [`TunnelRefused`].
pub(super) fn open(stream: &mut (impl Read + Write), proxy: &ureq::Proxy, host: &str, port: u16) -> io::Result<()> {
    let credentials = proxy.username().map(|user| {
        let pair = Zeroizing::new(format!("{user}:{}", proxy.password().unwrap_or_default()));
        Zeroizing::new(format!("Proxy-Authorization: Basic {}\r\n", STANDARD.encode(pair.as_bytes())))
    });
    let credentials = credentials.as_ref().map_or("", |line| line.as_str());
    let request = Zeroizing::new(format!(
        "CONNECT {host}:{port} HTTP/1.1\r\nHost: {host}:{port}\r\nUser-Agent: {USER_AGENT}\r\n{credentials}\r\n"
    ));
    stream.write_all(request.as_bytes())?;
    match read_status(stream)? {
        Some(200..=299) => Ok(()),
        status => Err(io::Error::other(TunnelRefused(status))),
    }
}

/// Reads the head of the response byte by byte: what follows it belongs to the tunnel.
fn read_status(stream: &mut impl Read) -> io::Result<Option<u16>> {
    let mut head = Vec::with_capacity(1024);
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") && head.len() < HEAD_LIMIT && stream.read(&mut byte)? > 0 {
        head.push(byte[0]);
    }
    let line = String::from_utf8_lossy(&head);
    let is_complete = head.ends_with(b"\r\n\r\n") && head.starts_with(b"HTTP/1.");
    Ok(line.split([' ', '\r']).nth(1).and_then(|status| status.parse().ok()).filter(|_| is_complete))
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Peer {
        answer: io::Cursor<&'static [u8]>,
        writes: Vec<Vec<u8>>,
    }

    impl Read for Peer {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            self.answer.read(buffer)
        }
    }

    impl Write for Peer {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.writes.push(bytes.to_vec());
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn opened(answer: &'static [u8]) -> (io::Result<()>, Peer) {
        let mut peer = Peer { answer: io::Cursor::new(answer), writes: Vec::new() };
        let proxy = ureq::Proxy::new("http://user:secret@127.0.0.1:3128").unwrap();
        (open(&mut peer, &proxy, "my-vault.vault.azure.net", 443), peer)
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
        let status = |answer| {
            let error = opened(answer).0.unwrap_err();
            error.get_ref().and_then(|inner| inner.downcast_ref::<TunnelRefused>()).expect("refused").0
        };
        assert_eq!(status(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n"), Some(407));
        assert_eq!(status(b"HTTP/1.0 502\r\n\r\n"), Some(502));
        for answer in
            [&b""[..], b"SSH-2.0-x\r\n", b"SSH-2.0 200 x\r\n\r\n", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 x\r\n\r\n"]
        {
            assert_eq!(status(answer), None, "{}", String::from_utf8_lossy(answer));
        }
    }
}
