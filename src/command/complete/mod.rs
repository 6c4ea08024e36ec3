//! What fits at the cursor of a command line, for the scripts in completions/: the hidden `azfob __complete -- WORD...`.
//!
//! Each line is a word, a tab and what it is. Instead of words, `:files` and `:command` leave it to the shell, which
//! knows better what its user calls a file and how another command completes.

mod cursor;
mod names;
mod values;

use std::ffi::OsString;

use clap::CommandFactory;

use crate::args::Args;
use crate::env::Env;
use crate::output::Answer;
use crate::redact;

use cursor::{Cursor, Expected};
use values::{Candidate, Offer};

/// The answer for these words, the last of which is the one under the cursor, up to the cursor. What goes wrong on the
/// way means that nothing is offered: nobody asked for a failure.
pub fn run(words: &[OsString], env: &Env) -> Answer {
    let mut root = Args::command();
    root.build();
    let words: Vec<String> = words.iter().map(|word| word.to_string_lossy().into_owned()).collect();
    let cursor = Cursor::find(&root, &words);
    let text = match offer(&cursor, env) {
        Offer::Files => ":files\n".to_owned(),
        Offer::UsersCommand => ":command\n".to_owned(),
        Offer::Words(candidates) => {
            candidates.iter().filter(|one| one.word.starts_with(&cursor.typed)).map(|one| line(&cursor, one)).collect()
        }
    };
    Answer::text(text)
}

fn offer(cursor: &Cursor<'_>, env: &Env) -> Offer {
    match cursor.expected {
        Expected::Command => Offer::Words(values::commands(cursor.command)),
        Expected::Option => Offer::Words(values::options(cursor.command)),
        Expected::Value(argument) => values::offer(argument, cursor, env),
        Expected::UsersCommand => Offer::UsersCommand,
        Expected::Nothing => Offer::Words(Vec::new()),
    }
}

/// The whole word, whatever of it was typed before the value.
fn line(cursor: &Cursor<'_>, candidate: &Candidate) -> String {
    let help = candidate.help.lines().next().unwrap_or_default();
    let line = format!("{}{}\t{help}", cursor.before, candidate.word);
    line.split('\t').map(redact::sanitize_line).collect::<Vec<_>>().join("\t") + "\n"
}
