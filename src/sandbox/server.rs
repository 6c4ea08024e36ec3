//! A TCP listener with a thread for each connection. It stops when dropped.
//!
//! It binds only 127.0.0.1, so that no other machine can reach the emulated Azure. If the process has no more file
//! descriptors or threads, or if too many connections are open, new ones wait until others end.

use std::{
    collections::HashMap,
    io::{self, IoSlice, Read, Write},
    net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

/// Handles a connection on the connection's own thread.
pub(super) type Serve = dyn Fn(ServerStream) + Send + Sync;

/// An accepted connection. The listener holds it too, to shut it down: a copy would take a second file descriptor.
#[derive(Clone)]
pub(super) struct ServerStream(Arc<CountedStream>);

/// A stream that is counted in [`CONNECTIONS`].
struct CountedStream {
    tcp: TcpStream,
}

/// The open connections of all listeners.
static CONNECTIONS: AtomicUsize = AtomicUsize::new(0);

impl CountedStream {
    fn new(tcp: TcpStream) -> CountedStream {
        CONNECTIONS.fetch_add(1, Ordering::SeqCst);
        CountedStream { tcp }
    }
}

impl Drop for CountedStream {
    fn drop(&mut self) {
        CONNECTIONS.fetch_sub(1, Ordering::SeqCst);
    }
}

impl ServerStream {
    /// Waits for the first byte, and leaves it to be read. At the end of the stream it returns at once.
    pub(super) fn wait_for_data(&self) -> io::Result<()> {
        self.0.tcp.peek(&mut [0]).map(drop)
    }
}

impl Read for ServerStream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        (&self.0.tcp).read(buffer)
    }
}

impl Write for ServerStream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        (&self.0.tcp).write(bytes)
    }

    fn write_vectored(&mut self, parts: &[IoSlice<'_>]) -> io::Result<usize> {
        (&self.0.tcp).write_vectored(parts)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A running listener.
pub(super) struct Server {
    address: SocketAddr,
    shared: Arc<Shared>,
    listener: Option<thread::JoinHandle<()>>,
}

#[derive(Default)]
struct Shared {
    stopping: AtomicBool,
    open: Mutex<HashMap<u64, ServerStream>>,
}

impl Shared {
    fn open(&self) -> std::sync::MutexGuard<'_, HashMap<u64, ServerStream>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Server {
    /// Listens on a free port of 127.0.0.1.
    pub(super) fn start(serve: Arc<Serve>) -> io::Result<Server> {
        let socket = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = socket.local_addr()?;
        let shared = Arc::new(Shared::default());
        let listener = {
            let shared = shared.clone();
            thread::Builder::new().name("sandbox".into()).spawn(move || accept(&socket, &shared, &serve))?
        };
        Ok(Server { address, shared, listener: Some(listener) })
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }
}

/// The number of connections served at once. Linux allows a process 65,530 mappings of memory, a thread takes four, and the
/// standard library aborts the process if a new thread gets only some of them.
const MAX_CONNECTIONS: usize = 12_000;
/// The wait for open connections to end, before the listener tries again.
const FULL: Duration = Duration::from_millis(10);

fn accept(socket: &TcpListener, shared: &Arc<Shared>, serve: &Arc<Serve>) {
    for (number, stream) in (0_u64..).zip(socket.incoming()) {
        while CONNECTIONS.load(Ordering::SeqCst) >= MAX_CONNECTIONS && !shared.stopping.load(Ordering::SeqCst) {
            thread::sleep(FULL);
        }
        if shared.stopping.load(Ordering::SeqCst) {
            return;
        }
        let Ok(stream) = stream else {
            thread::sleep(FULL);
            continue;
        };
        if stream.set_nodelay(true).is_err() {
            continue;
        }
        let stream = ServerStream(Arc::new(CountedStream::new(stream)));
        shared.open().insert(number, stream.clone());
        while start_connection(number, stream.clone(), shared, serve).is_err() {
            thread::sleep(FULL);
            if shared.stopping.load(Ordering::SeqCst) {
                return;
            }
        }
    }
}

fn start_connection(
    number: u64,
    stream: ServerStream,
    shared: &Arc<Shared>,
    serve: &Arc<Serve>,
) -> io::Result<thread::JoinHandle<()>> {
    let (shared, serve) = (Arc::clone(shared), Arc::clone(serve));
    thread::Builder::new().name("sandbox connection".into()).spawn(move || {
        serve(stream);
        // Shuts down explicitly: on Windows a program started in the meantime keeps another handle open.
        if let Some(stream) = shared.open().remove(&number) {
            let _ = stream.0.tcp.shutdown(Shutdown::Both);
        }
    })
}

impl Drop for Server {
    fn drop(&mut self) {
        self.shared.stopping.store(true, Ordering::SeqCst);
        // The listener sees the flag only when something connects.
        let woken = TcpStream::connect_timeout(&self.address, Duration::from_secs(1)).is_ok();
        if let (true, Some(listener)) = (woken, self.listener.take()) {
            let _ = listener.join();
        }
        for stream in self.shared.open().values() {
            let _ = stream.0.tcp.shutdown(Shutdown::Both);
        }
    }
}
