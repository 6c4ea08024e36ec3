//! Tells a connection that was closed during the TLS handshake from one that was closed later.

use std::io;

/// A connection that the other side closed during the handshake.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct HandshakeCut(pub(super) io::Error);

impl HandshakeCut {
    /// Marks the error of a handshake if it is that of a closed connection.
    pub(super) fn mark(error: io::Error) -> io::Error {
        if is_cut(&error) { io::Error::other(HandshakeCut(error)) } else { error }
    }
}

/// Returns true if the other side closed the connection.
pub(super) fn is_cut(error: &io::Error) -> bool {
    use io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, UnexpectedEof};
    matches!(error.kind(), UnexpectedEof | ConnectionReset | ConnectionAborted | BrokenPipe)
}
