//! Serves a connection: reads each request, lets a rule or the service answer it, and records it.

use std::{
    io::{self, Read, Write},
    thread,
};

use super::{
    azure::Azure,
    message::{HttpReply, HttpRequest},
    plan::SandboxPlan,
    router,
    rule::{Action, IDENTITY},
    wire::{Connection, head_of},
};

/// How a connection ended.
#[derive(PartialEq, Eq)]
pub(super) enum ConnectionEnd {
    /// As HTTP ends it: TLS can be closed properly.
    Orderly,
    /// In the middle of a reply, by a rule.
    Abrupt,
}

/// Serves the requests of one connection to `host` until either side ends it.
///
/// # Errors
/// Reading or writing failed. The connection is unusable then.
pub(super) fn serve<S: Read + Write>(azure: &Azure, host: &str, stream: S) -> io::Result<ConnectionEnd> {
    let mut connection = Connection::new(stream);
    while let Some(head) = connection.read_head()? {
        let request = connection.read_request(head, host)?;
        // The identity endpoint is on the host itself: no round trip.
        if host != IDENTITY {
            thread::sleep(azure.plan.round_trip);
        }
        let action = azure.action_for_request(&request);
        if let Some(Action::Late(delay)) = action {
            thread::sleep(*delay);
        }
        match action {
            None | Some(Action::Late(_)) => reply(azure, &request, router::answer(azure, &request), &mut connection)?,
            Some(Action::Reply { status, headers, body }) => {
                let staged = HttpReply { status: *status, headers: headers.clone(), body: body.clone() };
                reply(azure, &request, staged, &mut connection)?;
            }
            Some(Action::CutShort) => {
                let whole = azure.with_date(router::answer(azure, &request));
                azure.record.request(&request, Some(whole.status));
                connection.write_half(&whole)?;
                return Ok(ConnectionEnd::Abrupt);
            }
            Some(action) => {
                azure.record.request(&request, status_of(action));
                apply_fault(action, connection.stream())?;
                return Ok(ConnectionEnd::Abrupt);
            }
        }
        if request.wants_close() {
            break;
        }
    }
    Ok(ConnectionEnd::Orderly)
}

/// Returns what the emulated Azure answers to the bytes of a whole connection to `host`, for tests and fuzzers.
///
/// # Panics
/// The plan contradicts itself.
pub fn answer_bytes(plan: SandboxPlan, host: &str, bytes: &[u8]) -> Vec<u8> {
    struct Whole<'a>(&'a [u8], Vec<u8>);
    impl Read for Whole<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            self.0.read(buffer)
        }
    }
    impl Write for Whole<'_> {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.1.write(bytes)
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let mut stream = Whole(bytes, Vec::new());
    let azure = Azure::new(plan).expect("a plan without contradictions");
    // A malformed request ends the connection.
    let _ = serve(&azure, host, &mut stream);
    stream.1
}

/// Records a reply, then writes it: a client that has read the reply finds it in the log.
fn reply<S: Read + Write>(
    azure: &Azure,
    request: &HttpRequest,
    reply: HttpReply,
    connection: &mut Connection<S>,
) -> io::Result<()> {
    azure.record.request(request, Some(reply.status));
    connection.write_reply(&azure.with_date(reply))
}

fn status_of(action: &Action) -> Option<u16> {
    match action {
        Action::Reply { status, .. } | Action::Trickle { status, .. } | Action::CutOff { status, .. } => Some(*status),
        Action::Endless { status } => Some(*status),
        Action::Hang
        | Action::Close
        | Action::Late(_)
        | Action::Raw(_)
        | Action::CutShort
        | Action::InTurn(_)
        | Action::Intercept => None,
    }
}

/// Answers as the action says. The connection is unusable afterwards.
pub(super) fn apply_fault<S: Read + Write>(action: &Action, stream: &mut S) -> io::Result<()> {
    let head = |status: u16, length: Option<usize>| {
        let headers = vec![("Content-Type".into(), "application/json".into())];
        head_of(&HttpReply { status, headers, body: Vec::new() }, length)
    };
    match action {
        Action::Close
        | Action::Late(_)
        | Action::Reply { .. }
        | Action::CutShort
        | Action::InTurn(_)
        | Action::Intercept => Ok(()),
        Action::Hang => {
            let mut ignored = [0; 1024];
            while stream.read(&mut ignored)? > 0 {}
            Ok(())
        }
        Action::Trickle { status, body, pause } => {
            stream.write_all(&head(*status, Some(body.len())))?;
            for byte in body {
                stream.flush()?;
                thread::sleep(*pause);
                stream.write_all(&[*byte])?;
            }
            stream.flush()
        }
        Action::CutOff { status, body, after } => {
            stream.write_all(&head(*status, Some(body.len())))?;
            stream.write_all(&body[..body.len().min(*after)])?;
            stream.flush()
        }
        Action::Endless { status } => {
            stream.write_all(&head(*status, None))?;
            loop {
                stream.write_all(&[b' '; 8192])?;
            }
        }
        Action::Raw(bytes) => {
            stream.write_all(bytes)?;
            stream.flush()
        }
    }
}
