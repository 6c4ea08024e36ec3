//! An address on loopback that takes no connection: what a client meets where a network drops its packets.

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

/// A listener whose queue is full, so that the system answers no further attempt to connect.
pub struct Silent {
    address: SocketAddr,
    _listener: TcpListener,
    _queue: Vec<TcpStream>,
}

impl Silent {
    /// Fills a queue.
    pub fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("its address");
        let mut queue = Vec::new();
        // The first attempt that is not answered at once is the sign; every system's queue ends before this.
        while let Ok(stream) = TcpStream::connect_timeout(&address, Duration::from_millis(200)) {
            queue.push(stream);
            assert!(queue.len() < 1000, "the queue does not end");
        }
        Silent { address, _listener: listener, _queue: queue }
    }

    /// Its port, on 127.0.0.1.
    #[cfg(target_os = "linux")]
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// `http://127.0.0.1:PORT`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}
