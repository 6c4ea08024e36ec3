//! Receives the redirect of a browser after a sign-in, on a port of this machine.
//!
//! It listens on 127.0.0.1 only, limits the size of requests, and accepts a response only with the sign-in's own state,
//! exactly once. Other requests are answered and ignored: every process on this machine can send one. Browsers open
//! connections that they never use, so each connection has a thread and a short time limit.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

use zeroize::Zeroizing;

use crate::background;
use crate::redact::secret::Secret;
use crate::time::deadline::Deadline;

/// The largest request that is read. A code has about 2 KB.
const REQUEST_LIMIT: usize = 64 << 10;
/// The time limit of a connection.
const CONNECTION_LIMIT: Duration = Duration::from_secs(10);
/// The maximum number of simultaneous connections.
const CONNECTIONS: usize = 16;

/// A listening port.
pub(super) struct Loopback {
    listener: TcpListener,
    port: u16,
}

/// The response that the browser brings from the sign-in page.
pub(super) enum SignInResponse {
    /// A code to exchange for a token.
    Code(Secret),
    Refused {
        /// The OAuth error: `access_denied`.
        error: String,
        description: String,
    },
}

/// A response, and the browser that waits for the result page.
pub(super) struct Callback {
    pub(super) answer: SignInResponse,
    browser: TcpStream,
}

/// The page that the user sees.
pub(super) enum ResultPage {
    SignedIn,
    /// The sign-in failed for this reason.
    NotSignedIn(String),
}

impl Loopback {
    /// Listens on a port that the system picks.
    pub(super) fn open() -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        listener.set_nonblocking(true)?;
        let port = listener.local_addr()?.port();
        Ok(Loopback { listener, port })
    }

    /// Returns the redirect URI. Public clients are registered for this host with any port
    /// (<https://learn.microsoft.com/entra/identity-platform/reply-url#localhost-exceptions>).
    pub(super) fn redirect_uri(&self) -> String {
        format!("http://localhost:{}", self.port)
    }

    /// Waits until a browser brings the response to the sign-in with this state.
    pub(super) fn wait(&self, state: &str, deadline: &Deadline) -> Option<Callback> {
        const MOMENT: Duration = Duration::from_millis(20);
        let (events, inbox) = mpsc::channel();
        let busy = Arc::new(AtomicUsize::new(0));
        loop {
            while busy.load(Ordering::SeqCst) < CONNECTIONS {
                let Ok((stream, peer)) = self.listener.accept() else { break };
                if !peer.ip().is_loopback() {
                    continue;
                }
                busy.fetch_add(1, Ordering::SeqCst);
                let spare = stream.try_clone();
                let answer = {
                    let (events, busy, state) = (events.clone(), Arc::clone(&busy), state.to_owned());
                    move |stream| {
                        if let Some(callback) = serve(stream, &state) {
                            let _ = events.send(callback);
                        }
                        busy.fetch_sub(1, Ordering::SeqCst);
                    }
                };
                // Without room for a thread, connections are served one after the other.
                let inline = answer.clone();
                if let (Err(_), Ok(stream)) = (background::thread(move || answer(stream)), spare) {
                    inline(stream);
                }
            }
            match inbox.recv_timeout(deadline.within(MOMENT)) {
                Ok(callback) => return Some(callback),
                Err(RecvTimeoutError::Timeout) if !deadline.remaining().is_zero() => {}
                Err(_) => return None,
            }
        }
    }
}

impl Callback {
    /// Sends the result page. A browser that has gone does not matter.
    pub(super) fn show(mut self, page: &ResultPage) {
        let _ = reply(&mut self.browser, "200 OK", Some(page));
    }
}

/// Serves a connection. Answers every request except the expected response.
fn serve(mut stream: TcpStream, state: &str) -> Option<Callback> {
    // On some systems a connection inherits this from its listener.
    stream.set_nonblocking(false).ok()?;
    stream.set_write_timeout(Some(CONNECTION_LIMIT)).ok()?;
    match receive(&mut stream, state).ok()? {
        CallbackOutcome::SignInResponse(answer) => Some(Callback { answer, browser: stream }),
        CallbackOutcome::Other(status) => {
            let _ = reply(&mut stream, status, None);
            None
        }
    }
}

enum CallbackOutcome {
    SignInResponse(SignInResponse),
    Other(&'static str),
}

fn receive(stream: &mut TcpStream, state: &str) -> io::Result<CallbackOutcome> {
    let deadline = Deadline::after(CONNECTION_LIMIT);
    // Reserved at once, so that growing leaves no copy of the code in memory.
    let mut bytes = Zeroizing::new(Vec::with_capacity(REQUEST_LIMIT));
    let mut piece = Zeroizing::new([0; 4096]);
    loop {
        // A limit of zero would mean no limit.
        stream.set_read_timeout(Some(deadline.remaining().max(Duration::from_millis(1))))?;
        let amount = stream.read(piece.as_mut())?;
        if amount == 0 || deadline.remaining().is_zero() {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        if bytes.len() + amount > REQUEST_LIMIT {
            return Ok(CallbackOutcome::Other(TOO_LARGE));
        }
        bytes.extend_from_slice(&piece[..amount]);
        if let Some(outcome) = read(&bytes, state) {
            return Ok(outcome);
        }
    }
}

/// Interprets a request. Returns `None` if it is incomplete.
fn read(bytes: &[u8], state: &str) -> Option<CallbackOutcome> {
    match CallbackRequest::parse(bytes) {
        Ok(request) => Some(request?.meaning(state)),
        Err(status) => Some(CallbackOutcome::Other(status)),
    }
}

/// Returns the code of a request, if it is the expected response.
#[cfg(feature = "sandbox")]
pub fn code(bytes: &[u8], state: &str) -> Option<Secret> {
    match read(bytes, state)? {
        CallbackOutcome::SignInResponse(SignInResponse::Code(code)) => Some(code),
        CallbackOutcome::SignInResponse(SignInResponse::Refused { .. }) | CallbackOutcome::Other(_) => None,
    }
}

const NO_CONTENT: &str = "204 No Content";
const BAD_REQUEST: &str = "400 Bad Request";
const NOT_FOUND: &str = "404 Not Found";
const WRONG_METHOD: &str = "405 Method Not Allowed";
const NO_LENGTH: &str = "411 Length Required";
const TOO_LARGE: &str = "413 Content Too Large";

struct CallbackRequest<'a> {
    method: &'a str,
    path: &'a str,
    query: &'a str,
    body: &'a [u8],
}

impl<'a> CallbackRequest<'a> {
    /// Parses a request. Returns `None` if it is incomplete, and the status of the answer if it is malformed.
    fn parse(bytes: &'a [u8]) -> Result<Option<Self>, &'static str> {
        let mut headers = [httparse::EMPTY_HEADER; 64];
        let mut head = httparse::Request::new(&mut headers);
        let httparse::Status::Complete(start) = head.parse(bytes).map_err(|_| BAD_REQUEST)? else { return Ok(None) };
        let (Some(method), Some(target)) = (head.method, head.path) else { return Err(BAD_REQUEST) };
        let named = |name: &'static str| head.headers.iter().filter(move |h| h.name.eq_ignore_ascii_case(name));
        if named("transfer-encoding").next().is_some() {
            return Err(NO_LENGTH);
        }
        let mut lengths = named("content-length").map(|h| std::str::from_utf8(h.value).ok()?.trim().parse().ok());
        let length = match (lengths.next(), lengths.next()) {
            (None, _) => 0,
            (Some(Some(length)), None) if length <= REQUEST_LIMIT => length,
            (Some(Some(_)), None) => return Err(TOO_LARGE),
            _ => return Err(BAD_REQUEST),
        };
        let Some(body) = bytes.get(start..start + length) else { return Ok(None) };
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        Ok(Some(CallbackRequest { method, path, query, body }))
    }

    /// Interprets the request. Uses none of it unless it has the expected state.
    fn meaning(&self, state: &str) -> CallbackOutcome {
        let fields = match (self.method, self.path) {
            ("GET", "/favicon.ico") => return CallbackOutcome::Other(NO_CONTENT),
            ("GET", "/") => self.query.as_bytes(),
            ("POST", "/") => self.body,
            (_, "/") => return CallbackOutcome::Other(WRONG_METHOD),
            _ => return CallbackOutcome::Other(NOT_FOUND),
        };
        // Repeated fields are rejected.
        let one = |name: &str| {
            let mut values = form_urlencoded::parse(fields).filter(|(key, _)| key == name).map(|(_, value)| value);
            values.next().filter(|value| values.next().is_none() && !value.is_empty())
        };
        if one("state").is_none_or(|theirs| theirs != state) {
            return CallbackOutcome::Other(BAD_REQUEST);
        }
        if let Some(error) = one("error") {
            let description = one("error_description").unwrap_or_default().into_owned();
            return CallbackOutcome::SignInResponse(SignInResponse::Refused { error: error.into_owned(), description });
        }
        match one("code") {
            Some(code) => CallbackOutcome::SignInResponse(SignInResponse::Code(Secret::new(code))),
            None => CallbackOutcome::Other(BAD_REQUEST),
        }
    }
}

fn reply(stream: &mut TcpStream, status: &str, page: Option<&ResultPage>) -> io::Result<()> {
    let body = page.map(ResultPage::html).unwrap_or_default();
    let head = format!(
        "HTTP/1.1 {status}\r\n\
         Content-Type: text/html; charset=utf-8\r\n\
         Content-Length: {}\r\n\
         Cache-Control: no-store\r\n\
         Content-Security-Policy: default-src 'none'; img-src data:\r\n\
         Referrer-Policy: no-referrer\r\n\
         X-Content-Type-Options: nosniff\r\n\
         Connection: close\r\n\r\n",
        body.len()
    );
    stream.write_all((head + &body).as_bytes())?;
    stream.shutdown(std::net::Shutdown::Write)
}

impl ResultPage {
    /// Returns the page. It loads nothing: an empty icon stops the browser from requesting one.
    fn html(&self) -> String {
        let words = match self {
            ResultPage::SignedIn => "You are signed in. You can close this window.".to_owned(),
            ResultPage::NotSignedIn(reason) => format!("azfob could not sign you in: {}", escaped(reason)),
        };
        format!(
            "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<link rel=\"icon\" href=\"data:,\">\n\
             <title>azfob</title>\n<p>{words}</p>\n"
        )
    }
}

fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            _ => safe.push(c),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::deadline::Stopwatch;

    fn meaning(request: &str) -> Result<SignInResponse, &'static str> {
        match CallbackRequest::parse(request.as_bytes()).map(|whole| whole.map(|request| request.meaning("s1"))) {
            Ok(Some(CallbackOutcome::SignInResponse(answer))) => Ok(answer),
            Ok(Some(CallbackOutcome::Other(status))) | Err(status) => Err(status),
            Ok(None) => Err("not whole"),
        }
    }

    fn get(target: &str) -> Result<SignInResponse, &'static str> {
        meaning(&format!("GET {target} HTTP/1.1\r\nHost: localhost\r\n\r\n"))
    }

    fn post(body: &str) -> Result<SignInResponse, &'static str> {
        meaning(&format!("POST / HTTP/1.1\r\nContent-Length: {}\r\n\r\n{body}", body.len()))
    }

    #[test]
    fn code_is_read_from_form_and_query() {
        for answer in [post("code=c%2B1&state=s1&session_state=x"), get("/?code=c%2B1&state=s1")] {
            assert!(matches!(answer, Ok(SignInResponse::Code(code)) if code.expose() == "c+1"));
        }
        let refused = post("error=access_denied&error_description=AADSTS65004%3A+no&state=s1&code=c");
        let Ok(SignInResponse::Refused { error, description }) = refused else { panic!("refused") };
        assert_eq!((error.as_str(), description.as_str()), ("access_denied", "AADSTS65004: no"));
    }

    #[test]
    fn response_without_expected_state_is_rejected() {
        for body in ["code=c", "code=c&state=", "code=c&state=s2", "code=c&state=s1&state=s1", "error=x&state=s"] {
            assert_eq!(post(body).err(), Some(BAD_REQUEST), "{body}");
            assert_eq!(get(&format!("/?{body}")).err(), Some(BAD_REQUEST), "{body}");
        }
        // A state in the URL does not authenticate a form.
        let mixed = meaning("POST /?state=s1 HTTP/1.1\r\nContent-Length: 6\r\n\r\ncode=c");
        assert_eq!(mixed.err(), Some(BAD_REQUEST));
    }

    #[test]
    fn other_requests_are_answered_and_ignored() {
        assert_eq!(get("/favicon.ico").err(), Some(NO_CONTENT));
        assert_eq!(get("/").err(), Some(BAD_REQUEST));
        assert_eq!(get("/?state=s1").err(), Some(BAD_REQUEST));
        assert_eq!(get("/?state=s1&code=a&code=b").err(), Some(BAD_REQUEST));
        assert_eq!(get("/x?code=c&state=s1").err(), Some(NOT_FOUND));
        assert_eq!(meaning("PUT /?code=c&state=s1 HTTP/1.1\r\n\r\n").err(), Some(WRONG_METHOD));
        assert_eq!(meaning("\0\0\r\n\r\n").err(), Some(BAD_REQUEST));
        assert_eq!(meaning("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n").err(), Some(NO_LENGTH));
        assert_eq!(meaning("POST / HTTP/1.1\r\nContent-Length: 9999999\r\n\r\n").err(), Some(TOO_LARGE));
        assert_eq!(meaning("POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n").err(), Some(BAD_REQUEST));
        assert_eq!(meaning("POST / HTTP/1.1\r\nContent-Length: 4\r\n\r\ncod").err(), Some("not whole"));
        let many = "A: b\r\n".repeat(65);
        assert_eq!(meaning(&format!("GET /?code=c&state=s1 HTTP/1.1\r\n{many}\r\n")).err(), Some(BAD_REQUEST));
    }

    #[test]
    fn page_escapes_message_and_loads_nothing() {
        let html = ResultPage::NotSignedIn("<script>alert('x')</script> & \"y\"".to_owned()).html();
        assert!(html.contains("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; &amp; &quot;y&quot;"), "{html}");
        for html in [html, ResultPage::SignedIn.html()] {
            assert!(!html.contains("http") && !html.contains("<script"), "{html}");
        }
    }

    /// Sends a request and returns the whole answer.
    fn exchange(port: u16, request: &str) -> String {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    #[test]
    fn response_is_found_among_other_connections() {
        let loopback = Loopback::open().unwrap();
        assert!(loopback.listener.local_addr().unwrap().ip().is_loopback());
        let port = loopback.port;
        let browser = std::thread::spawn(move || {
            let silent = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).unwrap();
            let icon = exchange(port, "GET /favicon.ico HTTP/1.1\r\n\r\n");
            let forged = exchange(port, "GET /?code=evil&state=s2 HTTP/1.1\r\n\r\n");
            let page = exchange(port, "POST / HTTP/1.1\r\nContent-Length: 15\r\n\r\ncode=c&state=s1");
            drop(silent);
            (icon, forged, page)
        });
        let watch = Stopwatch::start();
        let callback = loopback.wait("s1", &Deadline::after(Duration::from_secs(20))).expect("an answer");
        assert!(matches!(&callback.answer, SignInResponse::Code(code) if code.expose() == "c"));
        callback.show(&ResultPage::SignedIn);
        let (icon, forged, page) = browser.join().unwrap();
        assert!(icon.starts_with("HTTP/1.1 204 "), "{icon}");
        assert!(forged.starts_with("HTTP/1.1 400 "), "{forged}");
        assert!(page.starts_with("HTTP/1.1 200 OK\r\n") && page.contains("You are signed in"), "{page}");
        assert!(watch.elapsed() < Duration::from_secs(8), "the silent connection held us");
    }

    #[test]
    fn endless_request_is_cut_off() {
        let loopback = Loopback::open().unwrap();
        let port = loopback.port;
        let flood = std::thread::spawn(move || {
            let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).unwrap();
            let piece = [b'a'; 4096];
            (0..10_000).take_while(|_| stream.write_all(&piece).is_ok()).count()
        });
        assert!(loopback.wait("s1", &Deadline::after(Duration::from_secs(2))).is_none());
        assert!(flood.join().unwrap() < 10_000);
    }
}
