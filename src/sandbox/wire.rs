//! Reads HTTP/1.1 requests from a stream and writes replies, with limits of size.

use std::io::{self, Read, Write};

use super::message::{HttpReply, HttpRequest, first, pairs};

/// Size limit of a request's head in bytes. App Service allows 16 KiB for all headers. A token has about 2 KiB.
const HEAD_LIMIT: usize = 64 << 10;
/// Size limit of a request's body in bytes. A token request is under 8 KiB.
const BODY_LIMIT: usize = 1 << 20;

/// The first line and the headers of a request.
pub(super) struct Head {
    pub(super) method: String,
    /// `/path?query`, `host:443`, or an absolute URL.
    pub(super) target: String,
    /// Names are in lower case.
    pub(super) headers: Vec<(String, String)>,
}

impl Head {
    fn header(&self, name: &str) -> Option<&str> {
        first(&self.headers, name)
    }
}

/// An HTTP/1.1 connection.
pub(super) struct Connection<S> {
    stream: S,
    unread: Vec<u8>,
}

impl<S: Read + Write> Connection<S> {
    pub(super) fn new(stream: S) -> Connection<S> {
        Connection { stream, unread: Vec::new() }
    }

    /// Returns the stream. Bytes already read from it are lost.
    pub(super) fn into_stream(self) -> S {
        self.stream
    }

    pub(super) fn stream(&mut self) -> &mut S {
        &mut self.stream
    }

    /// Reads the head of the next request; `None` if the client has closed the connection.
    pub(super) fn read_head(&mut self) -> io::Result<Option<Head>> {
        loop {
            if let Some((head, length)) = parse(&self.unread)? {
                self.unread.drain(..length);
                return Ok(Some(head));
            }
            if self.unread.len() > HEAD_LIMIT {
                return Err(io::Error::new(io::ErrorKind::InvalidData, "a request head above 64 KiB"));
            }
            if !self.fill()? {
                return Ok(None);
            }
        }
    }

    fn read_body(&mut self, head: &Head) -> io::Result<Vec<u8>> {
        let length = head.header("content-length").map_or(Ok(0), str::parse::<usize>);
        let length = length.ok().filter(|length| *length <= BODY_LIMIT && head.header("transfer-encoding").is_none());
        let length = length.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "a body of no usable length"))?;
        if head.header("expect").is_some() && length > self.unread.len() {
            self.stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n")?;
            self.stream.flush()?;
        }
        while self.unread.len() < length {
            if !self.fill()? {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
        Ok(self.unread.drain(..length).collect())
    }

    /// Reads the rest of a request to `host`.
    pub(super) fn read_request(&mut self, head: Head, host: &str) -> io::Result<HttpRequest> {
        let body = self.read_body(&head)?;
        let (path, query) = head.target.split_once('?').unwrap_or((&head.target, ""));
        Ok(HttpRequest {
            host: host.into(),
            path: path.into(),
            query: pairs(query.as_bytes()),
            method: head.method,
            headers: head.headers,
            body,
        })
    }

    /// Writes a whole reply and keeps the connection open.
    pub(super) fn write_reply(&mut self, reply: &HttpReply) -> io::Result<()> {
        let mut bytes = head_of(reply, Some(reply.body.len()));
        bytes.extend_from_slice(&reply.body);
        self.stream.write_all(&bytes)?;
        self.stream.flush()
    }

    /// Writes a reply that announces its whole body but contains half of it.
    pub(super) fn write_half(&mut self, reply: &HttpReply) -> io::Result<()> {
        let mut bytes = head_of(reply, Some(reply.body.len()));
        bytes.extend_from_slice(&reply.body[..reply.body.len() / 2]);
        self.stream.write_all(&bytes)?;
        self.stream.flush()
    }

    /// Reads more into the buffer. Returns false at the end of the stream.
    fn fill(&mut self) -> io::Result<bool> {
        let mut chunk = [0; 16 << 10];
        let count = match self.stream.read(&mut chunk) {
            // A client may close the connection without TLS's close_notify.
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => 0,
            other => other?,
        };
        self.unread.extend_from_slice(&chunk[..count]);
        Ok(count > 0)
    }
}

/// Returns the first line and headers of a reply. Without a `length`, the body ends with the connection.
pub(super) fn head_of(reply: &HttpReply, length: Option<usize>) -> Vec<u8> {
    let mut head = format!("HTTP/1.1 {} {}\r\n", reply.status, reason(reply.status));
    for (name, value) in &reply.headers {
        head += &format!("{name}: {value}\r\n");
    }
    match length {
        Some(length) => head += &format!("Content-Length: {length}\r\n\r\n"),
        None => head += "Connection: close\r\n\r\n",
    }
    head.into_bytes()
}

/// Parses a head. Returns it with its length if it is complete.
fn parse(bytes: &[u8]) -> io::Result<Option<(Head, usize)>> {
    let mut headers = [httparse::EMPTY_HEADER; 100];
    let mut request = httparse::Request::new(&mut headers);
    let status = request.parse(bytes).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
    let httparse::Status::Complete(length) = status else {
        return Ok(None);
    };
    let headers = request
        .headers
        .iter()
        .map(|header| (header.name.to_ascii_lowercase(), String::from_utf8_lossy(header.value).trim().to_owned()))
        .collect();
    let head = Head {
        method: request.method.unwrap_or_default().into(),
        target: request.path.unwrap_or_default().into(),
        headers,
    };
    Ok(Some((head, length)))
}

fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        302 => "Found",
        307 => "Temporary Redirect",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        407 => "Proxy Authentication Required",
        408 => "Request Timeout",
        410 => "Gone",
        421 => "Misdirected Request",
        429 => "Too Many Requests",
        500 => "Internal Server Error",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        _ => "Status",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn requests(bytes: &[u8]) -> Vec<HttpRequest> {
        let mut connection = Connection::new(io::Cursor::new(bytes.to_vec()));
        let mut requests = Vec::new();
        while let Some(head) = connection.read_head().unwrap() {
            requests.push(connection.read_request(head, "here").unwrap());
        }
        requests
    }

    #[test]
    fn two_requests_on_one_connection_are_read() {
        let two = requests(
            b"POST /a?x=%31 HTTP/1.1\r\nHost: h\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 3\r\n\r\nk=vGET /b HTTP/1.1\r\nHOST: h\r\n\r\n",
        );
        assert_eq!(two.len(), 2);
        assert_eq!((two[0].path.as_str(), two[0].parameter("x")), ("/a", Some("1")));
        assert_eq!(two[0].form(), [("k".to_owned(), "v".to_owned())]);
        assert_eq!((two[1].method.as_str(), two[1].header("host")), ("GET", Some("h")));
    }

    #[test]
    fn body_too_large_is_refused() {
        let bytes = b"POST / HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n".to_vec();
        let mut connection = Connection::new(io::Cursor::new(bytes));
        let head = connection.read_head().unwrap().unwrap();
        assert!(connection.read_request(head, "here").is_err());
    }
}
