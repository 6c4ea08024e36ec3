//! Detects terminals and decides whether to use color.

use std::io::{self, IsTerminal};

use crate::args::ColorWhen;

/// Returns true if stdout is a terminal.
pub fn stdout_is_terminal() -> bool {
    io::stdout().is_terminal()
}

/// Returns true if stdout gets color: with `--color always`, or on a terminal unless `NO_COLOR` is set.
pub fn stdout_has_color(when: ColorWhen) -> bool {
    match when {
        ColorWhen::Auto => anstream::AutoStream::choice(&io::stdout()) != anstream::ColorChoice::Never,
        ColorWhen::Always => true,
        ColorWhen::Never => false,
    }
}

/// Returns stderr, which removes color unless `--color always` is set, or it is a terminal and `NO_COLOR` is not set.
pub fn stderr(when: ColorWhen) -> anstream::AutoStream<io::Stderr> {
    let choice = match when {
        ColorWhen::Auto => anstream::AutoStream::choice(&io::stderr()),
        ColorWhen::Always => anstream::ColorChoice::Always,
        ColorWhen::Never => anstream::ColorChoice::Never,
    };
    anstream::AutoStream::new(io::stderr(), choice)
}
