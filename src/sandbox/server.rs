//! A TCP listener with a thread for each connection. It stops when dropped.
//!
//! It binds only 127.0.0.1, so that no other machine can reach the emulated Azure.

use std::{
    collections::HashMap,
    io,
    net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

/// Handles a connection on the connection's own thread.
pub(super) type Serve = dyn Fn(TcpStream) + Send + Sync;

/// A running listener.
pub(super) struct Server {
    address: SocketAddr,
    shared: Arc<Shared>,
    listener: Option<thread::JoinHandle<()>>,
}

#[derive(Default)]
struct Shared {
    stopping: AtomicBool,
    open: Mutex<HashMap<u64, TcpStream>>,
}

impl Shared {
    fn open(&self) -> std::sync::MutexGuard<'_, HashMap<u64, TcpStream>> {
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

fn accept(socket: &TcpListener, shared: &Arc<Shared>, serve: &Arc<Serve>) {
    for (number, stream) in (0_u64..).zip(socket.incoming()) {
        if shared.stopping.load(Ordering::SeqCst) {
            return;
        }
        let Ok(stream) = stream else {
            // Probably out of file descriptors: give open connections time to end.
            thread::sleep(Duration::from_millis(10));
            continue;
        };
        let (Ok(()), Ok(copy)) = (stream.set_nodelay(true), stream.try_clone()) else {
            continue;
        };
        shared.open().insert(number, copy);
        let ended = shared.clone();
        let serve = serve.clone();
        let started = thread::Builder::new().name("sandbox connection".into()).spawn(move || {
            serve(stream);
            // Shuts down explicitly: on Windows a program started in the meantime keeps another handle open.
            if let Some(copy) = ended.open().remove(&number) {
                let _ = copy.shutdown(Shutdown::Both);
            }
        });
        if started.is_err() {
            shared.open().remove(&number);
        }
    }
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
            let _ = stream.shutdown(Shutdown::Both);
        }
    }
}
