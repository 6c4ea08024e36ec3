//! Stdout for an answer that comes piece by piece: lines go out as they are known.

use std::io::{self, BufWriter, Write};

use crate::error::Error;

use super::not_written;
use super::stdout::Stdout;

/// Stdout, buffered until it is flushed.
pub struct StdoutStream(BufWriter<Stdout>);

/// Whether anybody still reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reader {
    /// Somebody may.
    Open,
    /// Nobody does: what there was is what they wanted.
    Closed,
}

impl StdoutStream {
    /// Stdout, locked for as long as the stream lives.
    pub fn new() -> Self {
        StdoutStream(BufWriter::with_capacity(64 << 10, Stdout::new()))
    }

    /// Writes all of it, now.
    ///
    /// # Errors
    /// It could not be written whole. A reader that went away is none.
    pub fn write(&mut self, text: &str) -> Result<Reader, Error> {
        self.write_by(|stdout| stdout.write_all(text.as_bytes()))
    }

    /// Has all of it written piece by piece, so that it is nowhere whole.
    ///
    /// # Errors
    /// It could not be written whole. A reader that went away is none.
    pub fn write_by(&mut self, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<Reader, Error> {
        match write(&mut self.0).and_then(|()| self.0.flush()) {
            Ok(()) => Ok(Reader::Open),
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(Reader::Closed),
            Err(error) => Err(not_written("stdout", &error)),
        }
    }
}
