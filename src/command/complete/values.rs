//! The completions for each position.

use clap::builder::StyledStr;
use clap::{Arg, Command, ValueHint};

use crate::credential::selection::CHAIN;
use crate::diagnosis::table;
use crate::env::Env;
use crate::settings::config::Config;

use super::cursor::Cursor;
use super::names;

/// The completions at a position.
pub(super) enum Offer {
    Words(Vec<Candidate>),
    /// The shell completes paths.
    Files,
    /// The shell completes the user's command.
    UsersCommand,
}

/// A word and its description.
pub(super) struct Candidate {
    pub word: String,
    pub help: String,
}

impl Candidate {
    pub fn new(word: impl Into<String>, help: impl Into<String>) -> Self {
        Candidate { word: word.into(), help: help.into() }
    }
}

/// Returns azfob's commands.
pub(super) fn commands(command: &Command) -> Vec<Candidate> {
    let shown = command.get_subcommands().filter(|sub| !sub.is_hide_set());
    shown.map(|sub| Candidate::new(sub.get_name(), text(sub.get_about()))).collect()
}

/// Returns the long options of a command.
pub(super) fn options(command: &Command) -> Vec<Candidate> {
    let shown = command.get_arguments().filter(|argument| !argument.is_hide_set());
    shown
        .filter_map(|option| Some(Candidate::new(format!("--{}", option.get_long()?), text(option.get_help()))))
        .collect()
}

/// Returns the values of an option or an argument.
pub(super) fn offer(argument: &Arg, cursor: &Cursor<'_>, env: &Env) -> Offer {
    let words = match (cursor.command.get_name(), argument.get_id().as_str()) {
        (_, "credential") => credentials(&cursor.typed),
        (_, "profile") => profiles(env),
        ("sandbox", "vault") => Vec::new(),
        (_, "vault") => vaults(env),
        ("diagnose", "explain") | ("explain", "code") => {
            table::rows().map(|row| Candidate::new(row.code, row.cause)).collect()
        }
        ("get", "references") | ("diagnose" | "explain", "secret") | ("list", "versions") | ("run", "env") => {
            secrets(cursor, env)
        }
        _ if matches!(argument.get_value_hint(), ValueHint::AnyPath | ValueHint::FilePath) => return Offer::Files,
        _ => argument
            .get_possible_values()
            .iter()
            .filter(|value| !value.is_hide_set())
            .map(|value| Candidate::new(value.get_name(), text(value.get_help())))
            .collect(),
    };
    Offer::Words(words)
}

/// Returns the short names, or the SDKs' class names if the word begins with a capital letter.
fn credentials(typed: &str) -> Vec<Candidate> {
    let names_class = typed.starts_with(|c: char| c.is_ascii_uppercase());
    let both = CHAIN.iter().map(|credential| (credential.short_name(), credential.name()));
    both.map(|(short, class)| if names_class { Candidate::new(class, short) } else { Candidate::new(short, class) })
        .collect()
}

fn profiles(env: &Env) -> Vec<Candidate> {
    let profiles = Config::every_profile(env).into_iter();
    profiles.filter_map(|(name, keys)| Some(Candidate::new(name?, keys.vault.unwrap_or_default()))).collect()
}

fn vaults(env: &Env) -> Vec<Candidate> {
    let mut found: Vec<Candidate> = Vec::new();
    for (profile, keys) in Config::every_profile(env) {
        if let Some(vault) = keys.vault.filter(|vault| found.iter().all(|known| known.word != *vault)) {
            found.push(Candidate::new(vault, profile.map(|name| format!("profile {name}")).unwrap_or_default()));
        }
    }
    found
}

/// Returns the names of secrets, with `ALIAS=` if that is typed.
fn secrets(cursor: &Cursor<'_>, env: &Env) -> Vec<Candidate> {
    let (alias, typed) = match cursor.typed.split_once('=') {
        Some((alias, typed)) => (format!("{alias}="), typed),
        None => (String::new(), cursor.typed.as_str()),
    };
    let names = names::beginning_with(typed, &cursor.given, env);
    names.into_iter().map(|name| Candidate::new(format!("{alias}{name}"), "")).collect()
}

fn text(help: Option<&StyledStr>) -> String {
    help.map(ToString::to_string).unwrap_or_default()
}
