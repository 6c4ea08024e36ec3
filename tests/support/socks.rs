//! A SOCKS proxy on loopback, in front of the sandbox's HTTP proxy.

use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use super::{LOGIN, VAULT};

/// The addresses that the proxy connects to a host of the sandbox, for clients that resolve names themselves.
pub const ADDRESSES: [(&str, &str); 2] = [("127.0.0.2", LOGIN), ("127.0.0.3", VAULT)];

/// How the proxy answers.
#[derive(Clone, Copy)]
pub enum Socks {
    /// It opens every tunnel.
    Open,
    /// It opens a tunnel for this user name and password only.
    Password(&'static str, &'static str),
    /// It answers each request with this code of SOCKS 5.
    Refuses(u8),
}

/// A proxy for SOCKS 4a and 5, and the requests that it received, such as `5 my-vault.vault.azure.net:443`.
pub struct SocksProxy {
    address: SocketAddr,
    requests: Arc<Mutex<Vec<String>>>,
}

impl SocksProxy {
    /// Starts the proxy. It opens its tunnels through `http_proxy`, which is `http://127.0.0.1:PORT`.
    pub fn new(http_proxy: &str, answers: Socks) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("its address");
        let next: SocketAddr = http_proxy.trim_start_matches("http://").parse().expect("an address");
        let requests = Arc::<Mutex<Vec<String>>>::default();
        let seen = Arc::clone(&requests);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let seen = Arc::clone(&seen);
                std::thread::spawn(move || serve(stream, next, answers, &seen));
            }
        });
        SocksProxy { address, requests }
    }

    /// Returns `127.0.0.1:PORT`.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns the requests so far.
    pub fn requests(&self) -> Vec<String> {
        self.requests.lock().expect("no thread panicked").clone()
    }
}

fn serve(mut client: TcpStream, next: SocketAddr, answers: Socks, seen: &Mutex<Vec<String>>) -> io::Result<()> {
    let version = bytes::<1>(&mut client)?[0];
    let target = if version == 5 { target_of_5(&mut client, answers)? } else { target_of_4(&mut client)? };
    let Some(target) = target else { return Ok(()) };
    seen.lock().expect("no thread panicked").push(format!("{version} {target}"));
    let code = if let Socks::Refuses(code) = answers { code } else { 0 };
    match version {
        5 => client.write_all(&[5, code, 0, 1, 0, 0, 0, 0, 0, 0])?,
        _ => client.write_all(&[0, if code == 0 { 90 } else { 91 }, 0, 0, 0, 0, 0, 0])?,
    }
    if code != 0 {
        return Ok(());
    }
    let mut server = TcpStream::connect(next)?;
    let (host, port) = target.rsplit_once(':').expect("a host and a port");
    let named = ADDRESSES.iter().find(|(address, _)| *address == host);
    let target = named.map_or(target.clone(), |(_, name)| format!("{name}:{port}"));
    write!(server, "CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n\r\n")?;
    let head = until(&mut server, b"\r\n\r\n")?;
    assert!(head.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&head));
    let (mut from_client, mut to_server) = (client.try_clone()?, server.try_clone()?);
    std::thread::spawn(move || {
        let _ = io::copy(&mut from_client, &mut to_server);
        let _ = to_server.shutdown(Shutdown::Write);
    });
    io::copy(&mut server, &mut client)?;
    client.shutdown(Shutdown::Write)
}

/// Reads the methods (RFC 1928), the password (RFC 1929) and the request. Returns `None` if the client is refused.
fn target_of_5(client: &mut TcpStream, answers: Socks) -> io::Result<Option<String>> {
    let methods = counted(client)?;
    let wanted = if matches!(answers, Socks::Password(..)) { 2 } else { 0 };
    if !methods.contains(&wanted) {
        client.write_all(&[5, 0xff])?;
        return Ok(None);
    }
    client.write_all(&[5, wanted])?;
    if let Socks::Password(user, password) = answers {
        let [_version] = bytes(client)?;
        let sent = (counted(client)?, counted(client)?);
        let accepted = sent == (user.into(), password.into());
        client.write_all(&[1, u8::from(!accepted)])?;
        if !accepted {
            return Ok(None);
        }
    }
    let [_version, _connect, _reserved, kind] = bytes(client)?;
    let host = match kind {
        1 => std::net::Ipv4Addr::from(bytes::<4>(client)?).to_string(),
        3 => String::from_utf8_lossy(&counted(client)?).into_owned(),
        _ => format!("[{}]", std::net::Ipv6Addr::from(bytes::<16>(client)?)),
    };
    Ok(Some(format!("{host}:{}", u16::from_be_bytes(bytes(client)?))))
}

/// Reads a request of SOCKS 4, whose address 0.0.0.x announces a name (SOCKS 4a).
fn target_of_4(client: &mut TcpStream) -> io::Result<Option<String>> {
    let [_connect] = bytes(client)?;
    let port = u16::from_be_bytes(bytes(client)?);
    let address = bytes::<4>(client)?;
    let _user = until(client, b"\0")?;
    let host = match address {
        [0, 0, 0, _] => {
            let name = until(client, b"\0")?;
            String::from_utf8_lossy(&name[..name.len() - 1]).into_owned()
        }
        address => std::net::Ipv4Addr::from(address).to_string(),
    };
    Ok(Some(format!("{host}:{port}")))
}

fn bytes<const N: usize>(stream: &mut TcpStream) -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    stream.read_exact(&mut bytes)?;
    Ok(bytes)
}

/// Reads bytes after their count.
fn counted(stream: &mut TcpStream) -> io::Result<Vec<u8>> {
    let [count] = bytes(stream)?;
    let mut read = vec![0; count.into()];
    stream.read_exact(&mut read)?;
    Ok(read)
}

fn until(stream: &mut TcpStream, end: &[u8]) -> io::Result<Vec<u8>> {
    let mut read = Vec::new();
    while !read.ends_with(end) {
        read.extend(bytes::<1>(stream)?);
    }
    Ok(read)
}
