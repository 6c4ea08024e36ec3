//! Reads the output of a program from its pipes.

use std::io::{self, Read};
use std::process::{ChildStderr, ChildStdout};

use zeroize::Zeroizing;

/// A piece of output, wiped when dropped.
pub(super) type OutputBytes = Zeroizing<Vec<u8>>;

/// A stream that a program prints to.
pub(super) type OutputSource = Box<dyn Read + Send>;

/// A program's stdout and stderr, if they are pipes.
pub(super) type Pipes = [Option<OutputSource>; 2];

pub(super) fn pipes(stdout: Option<ChildStdout>, stderr: Option<ChildStderr>) -> Pipes {
    [stdout.map(|pipe| Box::new(pipe) as OutputSource), stderr.map(|pipe| Box::new(pipe) as OutputSource)]
}

/// Reads a stream to its end and passes on each piece, then `None`. Stops once `pass_on` returns false.
pub(super) fn read(mut stream: OutputSource, pass_on: &dyn Fn(Option<OutputBytes>) -> bool) {
    let mut buffer = Zeroizing::new([0; 16 << 10]);
    loop {
        match stream.read(buffer.as_mut()) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            // A pseudoterminal ends with an error when its last user has closed it.
            Ok(0) | Err(_) => break,
            Ok(length) if pass_on(Some(Zeroizing::new(buffer[..length].to_vec()))) => {}
            Ok(_) => break,
        }
    }
    drop(stream);
    pass_on(None);
}
