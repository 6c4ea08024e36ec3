//! A pseudo-terminal.

use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::process::Stdio;

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

/// The controlling end of a terminal.
pub struct Terminal(File);

impl Terminal {
    /// Opens a terminal, and returns the end that a program writes to.
    pub fn new() -> (Self, Stdio) {
        // Programs that other tests start must not inherit it.
        #[cfg(target_os = "linux")]
        let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC;
        #[cfg(not(target_os = "linux"))]
        let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY;
        let ours = openpt(flags).expect("a terminal");
        grantpt(&ours).expect("it is ours");
        unlockpt(&ours).expect("it opens");
        let name = ptsname(&ours, Vec::new()).expect("it has a name");
        let path = Path::new(std::ffi::OsStr::from_bytes(name.as_bytes()));
        let theirs = OpenOptions::new().read(true).write(true).open(path).expect("its other end");
        (Terminal(ours.into()), theirs.into())
    }

    /// Opens a terminal with this many columns.
    pub fn with_columns(columns: u16) -> (Self, Stdio) {
        let (ours, theirs) = Self::new();
        let size = rustix::termios::Winsize { ws_row: 50, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
        rustix::termios::tcsetwinsize(&ours.0, size).expect("it takes a size");
        (ours, theirs)
    }

    /// Types a text.
    pub fn type_text(&mut self, text: &str) {
        self.0.write_all(text.as_bytes()).expect("it takes text");
    }

    /// Returns everything that was written, when all writers have closed it. Lines end with CRLF.
    pub fn shown(mut self) -> String {
        let mut bytes = Vec::new();
        // Linux reports the closed end as an error, other systems as the end.
        let _ = self.0.read_to_end(&mut bytes);
        String::from_utf8(bytes).expect("text")
    }
}
