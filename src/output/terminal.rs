//! Detects terminals, and decides on colour.

use std::io::{self, IsTerminal};

use crate::args::ColorWhen;

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
