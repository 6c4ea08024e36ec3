//! Loopback servers that do not answer: a port that accepts no connection, as if the network dropped packets, a server
//! that sends one byte at a time, and a proxy that resets each connection.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

/// A listener with a full queue, so that the system does not answer further connections.
pub struct UnresponsivePort {
    address: SocketAddr,
    _listener: TcpListener,
    _queue: Vec<TcpStream>,
}

impl UnresponsivePort {
    /// Fills the queue.
    pub fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("its address");
        let mut queue = Vec::new();
        // The first attempt without an immediate answer shows that the queue is full.
        while let Ok(stream) = TcpStream::connect_timeout(&address, Duration::from_millis(200)) {
            queue.push(stream);
            assert!(queue.len() < 1000, "the queue does not end");
        }
        UnresponsivePort { address, _listener: listener, _queue: queue }
    }

    /// Returns the port on 127.0.0.1.
    #[cfg(target_os = "linux")]
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// Returns `http://127.0.0.1:PORT`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

/// A server that sends the beginning of a response at once, and then one byte after the other without end.
pub struct Trickle {
    address: SocketAddr,
}

impl Trickle {
    /// Starts the server. It replies after it has received something.
    pub fn new(first: &'static [u8], rest: &'static [u8]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("its address");
        let send = move |mut stream: TcpStream| {
            let _ = stream.read(&mut [0; 4096]);
            let mut left = stream.write_all(first);
            for byte in rest.iter().cycle() {
                if left.is_err() {
                    return;
                }
                std::thread::sleep(Duration::from_millis(100));
                left = stream.write_all(&[*byte]);
            }
        };
        std::thread::spawn(move || {
            listener.incoming().flatten().for_each(|stream| drop(std::thread::spawn(move || send(stream))))
        });
        Trickle { address }
    }

    /// Returns `http://127.0.0.1:PORT`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

/// A proxy that opens a tunnel and resets it in the TLS handshake, as a firewall does that filters by name.
pub struct ResettingProxy {
    address: SocketAddr,
}

impl ResettingProxy {
    pub fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("its address");
        let reset = |mut stream: TcpStream| {
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                let mut byte = [0];
                if !matches!(stream.read(&mut byte), Ok(1)) {
                    return;
                }
                head.push(byte[0]);
            }
            let _ = stream.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n");
            // The rest of the ClientHello is not read: closing the connection then resets it.
            let _ = stream.read(&mut [0]);
        };
        std::thread::spawn(move || {
            listener.incoming().flatten().for_each(|stream| drop(std::thread::spawn(move || reset(stream))))
        });
        ResettingProxy { address }
    }

    /// Returns `http://127.0.0.1:PORT`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}
