//! Opens a connection to a host with several addresses, some of which may be dead: RFC 8305, "Happy Eyeballs".
//!
//! Addresses are tried in turn, each 250 ms after the last, and the first that connects wins. Requests and the report
//! both use this, so that they agree. An address that connected is tried first from then on.

use std::io;
use std::net::{IpAddr, SocketAddr, TcpStream};
use std::sync::{Mutex, MutexGuard, PoisonError, mpsc};
use std::thread;
use std::time::Duration;

use crate::time::deadline::{Deadline, Stopwatch};

/// The time before the next address is tried as well (RFC 8305, section 5: "Connection Attempt Delay").
pub const HEAD_START: Duration = Duration::from_millis(250);

/// Opens TCP connections, and remembers the addresses that accepted them.
#[derive(Debug, Default)]
pub struct Tcp {
    winners: Mutex<Vec<SocketAddr>>,
}

/// An open connection.
#[derive(Debug)]
pub struct OpenedStream {
    pub stream: TcpStream,
    pub address: SocketAddr,
    /// The addresses that neither accepted nor refused within [`HEAD_START`].
    pub silent: Vec<SocketAddr>,
}

/// The reason why no address accepted the connection.
#[derive(Debug, thiserror::Error)]
#[error("no address accepted the connection")]
pub struct NotOpened {
    /// The addresses that were tried. Those without an error did not answer.
    pub tried: Vec<(IpAddr, Option<io::Error>)>,
    pub limit: Duration,
}

type AttemptResult = (SocketAddr, io::Result<TcpStream>);

impl Tcp {
    /// Opens a connection to the first address that accepts it.
    ///
    /// # Errors
    /// No address accepts it within `limit`.
    pub fn open(&self, addresses: &[SocketAddr], limit: Duration) -> Result<OpenedStream, NotOpened> {
        let order = self.order(addresses);
        let opened = match order.as_slice() {
            [] => return Err(NotOpened { tried: Vec::new(), limit }),
            [only] => match connect(*only, limit) {
                Ok(stream) => OpenedStream { stream, address: *only, silent: Vec::new() },
                Err(error) => {
                    let refused = Some(error).filter(|error| !is_timeout(error));
                    return Err(NotOpened { tried: vec![(only.ip(), refused)], limit });
                }
            },
            several => race(several, limit)?,
        };
        let mut winners = self.winners();
        if !winners.contains(&opened.address) {
            winners.push(opened.address);
        }
        Ok(opened)
    }

    /// Orders addresses: earlier winners first, then the two families in turn (RFC 8305, section 4).
    fn order(&self, addresses: &[SocketAddr]) -> Vec<SocketAddr> {
        let winners = self.winners();
        let (first, others): (Vec<_>, Vec<_>) = addresses.iter().copied().partition(|a| winners.contains(a));
        let leading = others.first().is_some_and(SocketAddr::is_ipv4);
        let (one, other): (Vec<_>, Vec<_>) = others.into_iter().partition(|a| a.is_ipv4() == leading);
        let (mut one, mut other) = (one.into_iter(), other.into_iter());
        let mut order = first;
        loop {
            let pair = [one.next(), other.next()];
            if pair == [None, None] {
                return order;
            }
            order.extend(pair.into_iter().flatten());
        }
    }

    fn winners(&self) -> MutexGuard<'_, Vec<SocketAddr>> {
        self.winners.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Tries all addresses, the next one when the last has failed or had its head start.
fn race(addresses: &[SocketAddr], limit: Duration) -> Result<OpenedStream, NotOpened> {
    let deadline = Deadline::after(limit);
    let (sender, ended) = mpsc::channel::<AttemptResult>();
    let mut left = addresses.iter();
    let mut under_way: Vec<(SocketAddr, Stopwatch)> = Vec::new();
    let mut refused: Vec<(IpAddr, Option<io::Error>)> = Vec::new();
    loop {
        if let Some(address) = left.next() {
            under_way.push((*address, Stopwatch::start()));
            begin(*address, &deadline, sender.clone());
        }
        // The last address has the rest of the time.
        let wait = if left.len() > 0 { deadline.within(HEAD_START) } else { deadline.remaining() };
        if let Ok((address, result)) = ended.recv_timeout(wait) {
            under_way.retain(|(other, _)| *other != address);
            match result {
                Ok(stream) => {
                    under_way.retain(|(_, since)| since.elapsed() >= HEAD_START);
                    let silent = under_way.into_iter().map(|(address, _)| address).collect();
                    return Ok(OpenedStream { stream, address, silent });
                }
                Err(error) => refused.push((address.ip(), Some(error).filter(|error| !is_timeout(error)))),
            }
        }
        let nobody_left = under_way.is_empty() && left.len() == 0;
        if nobody_left || deadline.remaining().is_zero() {
            refused.extend(under_way.iter().map(|(address, _)| (address.ip(), None)));
            return Err(NotOpened { tried: refused, limit });
        }
    }
}

/// Tries an address in a thread. Without room for a thread, tries it first.
fn begin(address: SocketAddr, deadline: &Deadline, ended: mpsc::Sender<AttemptResult>) {
    let limit = deadline.remaining();
    let work = {
        let ended = ended.clone();
        // A late connection finds no receiver and is closed.
        move || drop(ended.send((address, connect(address, limit))))
    };
    if thread::Builder::new().stack_size(64 << 10).spawn(work).is_err() {
        let _ = ended.send((address, connect(address, deadline.within(4 * HEAD_START))));
    }
}

fn connect(address: SocketAddr, limit: Duration) -> io::Result<TcpStream> {
    if limit.is_zero() {
        return Err(io::ErrorKind::TimedOut.into());
    }
    let stream = TcpStream::connect_timeout(&address, limit)?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

fn is_timeout(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock)
}

/// Returns true for private addresses: RFC 1918, RFC 6598, RFC 4193, link-local and loopback.
pub fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => {
            let [a, b, ..] = v4.octets();
            v4.is_private() || v4.is_loopback() || v4.is_link_local() || (a == 100 && (64..128).contains(&b))
        }
        IpAddr::V6(v6) => {
            v6.is_loopback() || v6.segments()[0] & 0xfe00 == 0xfc00 || v6.segments()[0] & 0xffc0 == 0xfe80
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    const LIMIT: Duration = Duration::from_secs(20);

    /// Returns an address that neither accepts nor refuses a connection, as if a network dropped its packets.
    fn silent() -> (SocketAddr, TcpListener, Vec<TcpStream>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let mut queue = Vec::new();
        while let Ok(stream) = TcpStream::connect_timeout(&address, Duration::from_millis(200)) {
            queue.push(stream);
        }
        (address, listener, queue)
    }

    fn closed() -> SocketAddr {
        TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
    }

    #[test]
    fn silent_address_delays_first_connection_only() {
        let (silent, _listener, _queue) = silent();
        let live = TcpListener::bind("127.0.0.1:0").unwrap();
        let (tcp, addresses) = (Tcp::default(), [silent, live.local_addr().unwrap()]);
        let watch = Stopwatch::start();
        let opened = tcp.open(&addresses, LIMIT).unwrap();
        assert!(watch.elapsed() >= HEAD_START, "{:?}", watch.elapsed());
        // An attempt that failed, rather than being overtaken, is not listed.
        assert_eq!((opened.address, opened.silent), (addresses[1], vec![silent]));
        let opened = tcp.open(&addresses, LIMIT).unwrap();
        assert_eq!((opened.address, opened.silent), (addresses[1], Vec::new()), "the winner is tried first");
    }

    #[test]
    fn refusing_address_causes_no_delay() {
        let live = TcpListener::bind("127.0.0.1:0").unwrap();
        // So many that a delay for each would be long even for a busy machine.
        let addresses = [vec![closed(); 80], vec![live.local_addr().unwrap()]].concat();
        let watch = Stopwatch::start();
        let opened = Tcp::default().open(&addresses, 100 * HEAD_START).unwrap();
        assert!(watch.elapsed() < 80 * HEAD_START, "{:?}", watch.elapsed());
        assert_eq!((opened.address, opened.silent), (addresses[80], Vec::new()));
    }

    #[test]
    fn unreachable_addresses_fail_within_limit() {
        let is_refused = |error: &Option<io::Error>| {
            error.as_ref().is_some_and(|error| error.kind() == io::ErrorKind::ConnectionRefused)
        };
        for addresses in [vec![closed()], vec![closed(), closed()]] {
            let error = Tcp::default().open(&addresses, LIMIT).unwrap_err();
            assert!(
                error.tried.len() == addresses.len() && error.tried.iter().all(|(_, e)| is_refused(e)),
                "{error:?}"
            );
        }
        let ((one, _a, _b), (two, _c, _d)) = (silent(), silent());
        let limit = Duration::from_millis(600);
        for addresses in [vec![one], vec![one, two]] {
            let error = Tcp::default().open(&addresses, limit).unwrap_err();
            assert!(error.tried.len() == addresses.len() && error.limit == limit, "{error:?}");
            assert!(error.tried.iter().all(|(_, refused)| refused.is_none()), "{error:?}");
        }
    }

    #[test]
    fn address_families_alternate() {
        let parse = |text: &str| text.parse::<SocketAddr>().unwrap();
        let addresses = ["[::1]:1", "[::2]:1", "[::3]:1", "1.1.1.1:1", "1.1.1.2:1"].map(parse);
        let order = Tcp::default().order(&addresses);
        assert_eq!(order, ["[::1]:1", "1.1.1.1:1", "[::2]:1", "1.1.1.2:1", "[::3]:1"].map(parse));
    }
}
