//! The bytes of a result, before they go to stdout or to a file.

use std::io::{self, BufWriter, Write};

use zeroize::Zeroizing;

/// The bytes of a result.
pub enum Body {
    Whole(Zeroizing<Vec<u8>>),
    /// Bytes that are produced while they are written, so that many values are never in memory twice.
    Streamed(Box<WriteBody>),
}

type WriteBody = dyn Fn(&mut dyn Write) -> io::Result<()>;

impl Body {
    /// Produces bytes while they are written. Only the writer can fail.
    pub fn streamed(write: impl Fn(&mut dyn Write) -> io::Result<()> + 'static) -> Self {
        Body::Streamed(Box::new(write))
    }

    /// Returns true for the bytes of a decoded file that is no text.
    pub(super) fn is_binary(&self) -> bool {
        matches!(self, Body::Whole(bytes) if std::str::from_utf8(bytes).is_err())
    }

    /// Writes the bytes.
    pub(super) fn write(&self, to: &mut dyn Write) -> io::Result<()> {
        match self {
            Body::Whole(bytes) => to.write_all(bytes),
            Body::Streamed(write) => {
                let mut to = BufWriter::with_capacity(64 << 10, to);
                write(&mut to)?;
                to.flush()
            }
        }
    }
}
