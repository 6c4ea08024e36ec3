//! The completion script for one shell, made from the same definitions as the command line itself.

use clap::CommandFactory;
use clap_complete::{Shell, generate};

use crate::args::Args;
use crate::output::Answer;

/// The completion script of a shell.
pub fn run(shell: Shell) -> Answer {
    let mut script = Vec::new();
    generate(shell, &mut Args::command(), "azfob", &mut script);
    Answer::text(script)
}
