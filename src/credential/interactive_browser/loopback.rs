//! Receives the redirect of a browser after a sign-in, on a port of this machine.
//!
//! It listens on 127.0.0.1 only, limits the size of requests, and accepts a response only with the sign-in's own state,
//! exactly once. Other requests are answered and ignored: every process on this machine can send one. Browsers open
//! connections that they never use, so each connection has a thread and a short time limit.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, OnceLock};
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

/// How long a browser may take to request the result page.
const RESULT_LIMIT: Duration = Duration::from_secs(2);

/// A listening port.
pub(super) struct Loopback {
    listener: TcpListener,
    port: u16,
    events: Sender<Served>,
    inbox: Receiver<Served>,
    /// The number of connections that are served.
    busy: Arc<AtomicUsize>,
    /// The result page, once it is known. A browser can request it on a connection that it opened before.
    result: Arc<OnceLock<String>>,
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
    /// The request is not the response to the sign-in that azfob waits for.
    Unexpected,
}

impl Loopback {
    /// Listens on a port that the system picks.
    pub(super) fn open() -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        listener.set_nonblocking(true)?;
        let port = listener.local_addr()?.port();
        let (events, inbox) = mpsc::channel();
        Ok(Loopback { listener, port, events, inbox, busy: Arc::default(), result: Arc::default() })
    }

    /// Returns the redirect URI. Public clients are registered for this host with any port
    /// (<https://learn.microsoft.com/entra/identity-platform/reply-url#localhost-exceptions>).
    pub(super) fn redirect_uri(&self) -> String {
        format!("http://localhost:{}", self.port)
    }

    /// Waits until a browser brings the response to the sign-in with this state. Calls `on_other_sign_in` for each response to
    /// another sign-in.
    pub(super) fn wait(&self, state: &str, deadline: &Deadline, on_other_sign_in: impl Fn()) -> Option<Callback> {
        self.listen(state, deadline, |served| match served {
            Served::Expected(callback) => Some(callback),
            Served::OtherSignIn => {
                on_other_sign_in();
                None
            }
            Served::Result => None,
        })
    }

    /// Shows the result page, at an address of its own: the browser keeps no form with the code in its history. A browser
    /// that has gone does not matter.
    pub(super) fn show(&self, mut callback: Callback, state: &str, page: &ResultPage, deadline: &Deadline) {
        let _ = self.result.set(page.html());
        if reply(&mut callback.browser, "303 See Other", "Location: /result\r\n", "").is_ok() {
            self.listen(state, &deadline.sooner(RESULT_LIMIT), |served| matches!(served, Served::Result).then_some(()));
        }
    }

    /// Serves connections until `is_end` returns something.
    fn listen<T>(&self, state: &str, deadline: &Deadline, is_end: impl Fn(Served) -> Option<T>) -> Option<T> {
        const MOMENT: Duration = Duration::from_millis(20);
        loop {
            while self.busy.load(Ordering::SeqCst) < CONNECTIONS {
                let Ok((stream, peer)) = self.listener.accept() else { break };
                if peer.ip().is_loopback() {
                    self.start(stream, state);
                }
            }
            match self.inbox.recv_timeout(deadline.within(MOMENT)) {
                Ok(served) => {
                    if let Some(end) = is_end(served) {
                        return Some(end);
                    }
                }
                Err(RecvTimeoutError::Timeout) if !deadline.remaining().is_zero() => {}
                Err(_) => return None,
            }
        }
    }

    /// Serves a connection in a thread.
    fn start(&self, stream: TcpStream, state: &str) {
        self.busy.fetch_add(1, Ordering::SeqCst);
        let spare = stream.try_clone();
        let (events, busy) = (self.events.clone(), Arc::clone(&self.busy));
        let (result, state) = (Arc::clone(&self.result), state.to_owned());
        let answer = move |stream| {
            if let Some(served) = serve(stream, &state, &result) {
                let _ = events.send(served);
            }
            busy.fetch_sub(1, Ordering::SeqCst);
        };
        // Without room for a thread, connections are served one after the other.
        let inline = answer.clone();
        if let (Err(_), Ok(stream)) = (background::thread(move || answer(stream)), spare) {
            inline(stream);
        }
    }
}

/// What a connection brought.
enum Served {
    Expected(Callback),
    /// The response to another sign-in.
    OtherSignIn,
    /// A request for the result page, which was sent.
    Result,
}

/// Serves a connection. Answers every request except the expected response.
fn serve(mut stream: TcpStream, state: &str, result: &OnceLock<String>) -> Option<Served> {
    // On some systems a connection inherits this from its listener.
    stream.set_nonblocking(false).ok()?;
    stream.set_write_timeout(Some(CONNECTION_LIMIT)).ok()?;
    match receive(&mut stream, state).ok()? {
        CallbackOutcome::SignInResponse(answer) => Some(Served::Expected(Callback { answer, browser: stream })),
        CallbackOutcome::OtherSignIn => {
            let _ = reply(&mut stream, BAD_REQUEST, "", &ResultPage::Unexpected.html());
            Some(Served::OtherSignIn)
        }
        CallbackOutcome::Result => match result.get() {
            Some(page) => reply(&mut stream, "200 OK", "", page).ok().map(|()| Served::Result),
            None => reply(&mut stream, NOT_FOUND, "", "").ok().and(None),
        },
        CallbackOutcome::Other(status) => {
            let page = (status == BAD_REQUEST).then(|| ResultPage::Unexpected.html());
            let _ = reply(&mut stream, status, "", &page.unwrap_or_default());
            None
        }
    }
}

enum CallbackOutcome {
    SignInResponse(SignInResponse),
    /// A response to another sign-in.
    OtherSignIn,
    /// A request for the result page.
    Result,
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
        CallbackOutcome::SignInResponse(SignInResponse::Refused { .. })
        | CallbackOutcome::OtherSignIn
        | CallbackOutcome::Result
        | CallbackOutcome::Other(_) => None,
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
            ("GET", "/result") => return CallbackOutcome::Result,
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
        match one("state") {
            Some(theirs) if theirs == state => {}
            Some(_) if one("code").or_else(|| one("error")).is_some() => return CallbackOutcome::OtherSignIn,
            _ => return CallbackOutcome::Other(BAD_REQUEST),
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

/// Sends a reply with these headers besides the usual ones.
fn reply(stream: &mut TcpStream, status: &str, headers: &str, body: &str) -> io::Result<()> {
    let head = format!(
        "HTTP/1.1 {status}\r\n\
         Content-Type: text/html; charset=utf-8\r\n\
         Content-Length: {}\r\n\
         Cache-Control: no-store\r\n\
         Content-Security-Policy: default-src 'none'; img-src data:\r\n\
         Referrer-Policy: no-referrer\r\n\
         X-Content-Type-Options: nosniff\r\n\
         {headers}\
         Connection: close\r\n\r\n",
        body.len()
    );
    stream.write_all((head + body).as_bytes())?;
    stream.shutdown(std::net::Shutdown::Write)
}

impl ResultPage {
    /// Returns the page. It loads nothing: an empty icon stops the browser from requesting one.
    fn html(&self) -> String {
        let words = match self {
            ResultPage::SignedIn => "You are signed in. You can close this window.".to_owned(),
            ResultPage::NotSignedIn(reason) => format!("azfob could not sign you in: {}", escaped(reason)),
            ResultPage::Unexpected => {
                "azfob does not wait for this response. Open the address that azfob shows in the terminal.".to_owned()
            }
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
            Ok(Some(CallbackOutcome::OtherSignIn)) => Err("other sign-in"),
            Ok(Some(CallbackOutcome::Result)) => Err("result"),
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
        for body in ["code=c", "code=c&state=", "code=c&state=s1&state=s1", "state=s2"] {
            assert_eq!(post(body).err(), Some(BAD_REQUEST), "{body}");
            assert_eq!(get(&format!("/?{body}")).err(), Some(BAD_REQUEST), "{body}");
        }
        for body in ["code=c&state=s2", "error=x&state=s"] {
            assert_eq!(post(body).err(), Some("other sign-in"), "{body}");
            assert_eq!(get(&format!("/?{body}")).err(), Some("other sign-in"), "{body}");
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
        assert_eq!(get("/result").err(), Some("result"));
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
        for html in [html, ResultPage::SignedIn.html(), ResultPage::Unexpected.html()] {
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
            let early = exchange(port, "GET /result HTTP/1.1\r\n\r\n");
            // Browsers open a second connection before they need it.
            let mut second = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).unwrap();
            let redirect = exchange(port, "POST / HTTP/1.1\r\nContent-Length: 15\r\n\r\ncode=c&state=s1");
            second.write_all(b"GET /result HTTP/1.1\r\n\r\n").unwrap();
            let mut page = String::new();
            second.read_to_string(&mut page).unwrap();
            drop(silent);
            (icon, forged, early, redirect, page)
        });
        let watch = Stopwatch::start();
        let other = std::cell::Cell::new(0);
        let count = || other.set(other.get() + 1);
        let callback = loopback.wait("s1", &Deadline::after(Duration::from_secs(20)), count).expect("an answer");
        assert_eq!(other.get(), 1);
        assert!(matches!(&callback.answer, SignInResponse::Code(code) if code.expose() == "c"));
        loopback.show(callback, "s1", &ResultPage::SignedIn, &Deadline::after(Duration::from_secs(20)));
        let (icon, forged, early, redirect, page) = browser.join().unwrap();
        assert!(early.starts_with("HTTP/1.1 404 "), "{early}");
        assert!(redirect.starts_with("HTTP/1.1 303 ") && redirect.contains("\r\nLocation: /result\r\n"), "{redirect}");
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
        assert!(loopback.wait("s1", &Deadline::after(Duration::from_secs(2)), || ()).is_none());
        assert!(flood.join().unwrap() < 10_000);
    }
}
