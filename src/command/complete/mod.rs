//! `azfob __complete -- WORD...`: prints completions for the scripts in completions/.
//!
//! Each line is a word, a tab and a description. `:files` and `:command` let the shell complete a path or another command.

mod cursor;
mod names;
mod values;

use std::ffi::OsString;

use clap::CommandFactory;

use crate::args::Args;
use crate::env::Env;
use crate::output::CommandResult;
use crate::redact;

use cursor::{Cursor, Expected};
use values::{Candidate, Offer};

/// Returns the completions for the last of these words, which ends at the cursor. Errors only mean fewer completions.
pub fn run(words: &[OsString], env: &Env) -> CommandResult {
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
    CommandResult::text(text)
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

/// Formats a completion as the whole word, with the text before the value, as `--vault=`.
fn line(cursor: &Cursor<'_>, candidate: &Candidate) -> String {
    let help = candidate.help.lines().next().unwrap_or_default();
    let line = format!("{}{}\t{help}", cursor.before, candidate.word);
    line.split('\t').map(redact::sanitize_line).collect::<Vec<_>>().join("\t") + "\n"
}
