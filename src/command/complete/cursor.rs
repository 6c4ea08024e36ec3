//! Finds what belongs at the cursor of an unfinished command line, which clap cannot parse.

use clap::{Arg, ArgAction, Command};

/// The position of the cursor.
pub(super) struct Cursor<'a> {
    /// The command before the cursor, or azfob itself.
    pub command: &'a Command,
    pub expected: Expected<'a>,
    /// The start of the word, as typed.
    pub typed: String,
    /// The text before it in the same word: `--vault=`.
    pub before: String,
    /// The options with values before the cursor, as `--vault=my-vault`.
    pub given: Vec<String>,
}

/// The kind of word that belongs at the cursor.
#[derive(Clone, Copy)]
pub(super) enum Expected<'a> {
    Command,
    Option,
    /// The value of an option, or an argument without one.
    Value(&'a Arg),
    /// A word of the user's command, after `--`.
    UsersCommand,
    Nothing,
}

impl<'a> Cursor<'a> {
    /// Finds the cursor in the words after the program's name.
    pub fn find(root: &'a Command, words: &[String]) -> Self {
        let (typed, before) = words.split_last().map(|(last, rest)| (last.as_str(), rest)).unwrap_or(("", &[]));
        let mut at = Cursor {
            command: root,
            expected: Expected::Nothing,
            typed: typed.to_owned(),
            before: String::new(),
            given: Vec::new(),
        };
        let (mut awaited, mut arguments, mut only_arguments) = (None, 0, false);
        // An option with several values, as long as these follow.
        let mut open: Option<&Arg> = None;
        for word in before {
            if let Some(option) = awaited.take().or(open.filter(|_| !word.starts_with('-'))) {
                at.note(option, word);
                open = Some(option).filter(|option| option.get_num_args().is_some_and(|range| range.max_values() > 1));
            } else if !only_arguments && word == "--" {
                open = None;
                if at.command.get_positionals().any(Arg::is_last_set) {
                    at.expected = Expected::UsersCommand;
                    return at;
                }
                only_arguments = true;
            } else if !only_arguments && word.starts_with('-') && word != "-" {
                open = None;
                match option(at.command, word) {
                    Some((option, None)) => awaited = Some(option),
                    Some((option, Some(value))) => at.note(option, value),
                    None => {}
                }
            } else if let Some(command) = at.command.find_subcommand(word).filter(|_| !only_arguments) {
                (at.command, arguments) = (command, 0);
            } else {
                arguments += 1;
            }
        }
        let argument = at.command.get_positionals().filter(|a| !a.is_last_set()).nth(arguments);
        // An argument with several values is always the last one.
        let argument = argument.or_else(|| {
            at.command.get_positionals().find(|a| matches!(a.get_action(), ArgAction::Append) && !a.is_last_set())
        });
        at.expected = match (awaited, argument) {
            (Some(option), _) => Expected::Value(option),
            (None, _) if !only_arguments && typed.starts_with("--") && typed.contains('=') => {
                let (before, value) = typed.split_once('=').unwrap_or((typed, ""));
                (at.before, at.typed) = (format!("{before}="), value.to_owned());
                option(at.command, before).map_or(Expected::Nothing, |(option, _)| Expected::Value(option))
            }
            (None, _) if !only_arguments && typed.starts_with('-') => Expected::Option,
            (None, _) if open.is_some() => open.map_or(Expected::Nothing, Expected::Value),
            (None, _) if at.command.has_subcommands() => Expected::Command,
            (None, Some(argument)) => Expected::Value(argument),
            (None, None) if typed.is_empty() && !only_arguments => Expected::Option,
            (None, None) => Expected::Nothing,
        };
        at
    }

    fn note(&mut self, option: &Arg, value: &str) {
        self.given.extend(option.get_long().map(|name| format!("--{name}={value}")));
    }
}

/// Returns the option in a word if it takes a value, and the value if it is in the same word.
fn option<'a, 'w>(command: &'a Command, word: &'w str) -> Option<(&'a Arg, Option<&'w str>)> {
    let takes_value = |argument: &&Arg| argument.get_action().takes_values();
    if let Some(long) = word.strip_prefix("--") {
        let (name, value) = long.split_once('=').map_or((long, None), |(name, value)| (name, Some(value)));
        let named = command.get_arguments().find(|argument| argument.get_long() == Some(name));
        return named.filter(takes_value).map(|argument| (argument, value));
    }
    // -qo json, -ojson: the rest after the first option with a value is the value.
    let letters = word.strip_prefix('-')?;
    letters.char_indices().find_map(|(at, letter)| {
        let named = command.get_arguments().find(|argument| argument.get_short() == Some(letter));
        let rest = &letters[at + letter.len_utf8()..];
        named.filter(takes_value).map(|argument| (argument, (!rest.is_empty()).then_some(rest)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::Args;
    use clap::CommandFactory;

    /// Describes the position: the command, what belongs there, what is typed.
    fn describe(line: &str) -> String {
        let mut root = Args::command();
        root.build();
        let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
        let cursor = Cursor::find(&root, &words);
        let expected = match cursor.expected {
            Expected::Command => "command".to_owned(),
            Expected::Option => "option".to_owned(),
            Expected::Value(argument) => argument.get_id().to_string(),
            Expected::UsersCommand => "the user's".to_owned(),
            Expected::Nothing => "nothing".to_owned(),
        };
        format!("{} {expected} '{}' {}", cursor.command.get_name(), cursor.typed, cursor.given.join(" "))
    }

    #[test]
    fn cursor_is_found_on_unfinished_lines() {
        for (line, expected) in [
            ("", "azfob command '' "),
            ("ge", "azfob command 'ge' "),
            ("--vault my", "azfob vault 'my' "),
            ("--vault get get -o", "get option '-o' --vault=get"),
            ("get -o ", "get output '' "),
            ("get -qo js", "get output 'js' "),
            ("get -ojson ", "get references '' --output=json"),
            ("get --output=js", "get output 'js' "),
            ("get A B", "get references 'B' "),
            ("get -- -", "get references '-' "),
            ("get -q -v --vault=a -", "get option '-' --vault=a"),
            ("list ", "list option '' "),
            ("list x", "list nothing 'x' "),
            ("list --versions=A", "list versions 'A' "),
            ("run -e A=b -- my --vault ", "run the user's '' --env=A=b"),
            ("run ", "run option '' "),
            ("run -e A B", "run env 'B' --env=A"),
            ("run -e A B --", "run option '--' --env=A --env=B"),
            ("run -e A -q B", "run nothing 'B' --env=A"),
            ("completions ", "completions shell '' "),
            ("get --unknown x", "get references 'x' "),
        ] {
            assert_eq!(describe(line), expected, "{line}");
        }
    }
}
