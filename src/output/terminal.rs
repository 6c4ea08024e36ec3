//! Whether a person is looking, whether they want colour, and control characters made harmless.

use std::io::{self, IsTerminal};

use crate::args::ColorWhen;
use crate::redact;

/// Whether stdout is a terminal.
pub fn stdout_is_terminal() -> bool {
    io::stdout().is_terminal()
}

/// Whether colour is wanted on stdout: on a terminal only, and never against `NO_COLOR`, unless it was asked for.
pub fn stdout_has_color(when: ColorWhen) -> bool {
    match when {
        ColorWhen::Auto => anstream::AutoStream::choice(&io::stdout()) != anstream::ColorChoice::Never,
        ColorWhen::Always => true,
        ColorWhen::Never => false,
    }
}

/// Text with the secrets of this run and whatever is not seen taken out, so that it cannot move a terminal's cursor, set
/// its title or forge a line. Line breaks become blanks.
pub fn harmless(text: &str) -> String {
    redact::told(text)
}

/// A stream for errors that keeps or drops colour as asked: on a terminal only, and never against `NO_COLOR`, unless it
/// was asked for.
pub fn stderr(when: ColorWhen) -> anstream::AutoStream<io::Stderr> {
    let choice = match when {
        ColorWhen::Auto => anstream::AutoStream::choice(&io::stderr()),
        ColorWhen::Always => anstream::ColorChoice::Always,
        ColorWhen::Never => anstream::ColorChoice::Never,
    };
    anstream::AutoStream::new(io::stderr(), choice)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_moves_a_terminal_is_left() {
        assert_eq!(harmless("a\u{1b}[31mb\u{7}\r\nc\u{9b}d\u{202e}e"), "a[31mb  cde");
        assert_eq!(harmless("Grüße, 世界"), "Grüße, 世界");
    }
}
