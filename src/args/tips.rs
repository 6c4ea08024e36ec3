//! Tips for a command line that does not parse, for users of az and similar tools.

use std::ffi::OsString;

use clap::builder::StyledStr;
use clap::error::{ContextKind, ContextValue, Error, ErrorKind};
use clap::{Arg, CommandFactory};

use super::Args;

/// Commands of other tools, with a tip.
const COMMANDS: &[(&[&str], &str)] = &[
    (
        &["show", "read", "download", "fetch", "keyvault", "secret", "secrets"],
        "`azfob get NAME` prints the value of a secret; -o json prints the format of `az keyvault secret show`",
    ),
    (
        &["ls", "list-deleted", "list-versions"],
        "`azfob list` lists the secrets; see also --versions NAME and --deleted",
    ),
    (&["exec", "env"], "`azfob run -e NAME=REF -- CMD` runs a command with secrets in its environment"),
    (
        &["login", "signin", "sign-in"],
        "azfob needs no login: it uses `az login` on your machine, or the managed identity in Azure; `azfob whoami` shows \
         the identity",
    ),
    (
        &["set", "create", "delete", "purge", "recover"],
        "azfob only reads secrets; use `az keyvault secret` to change them",
    ),
    (
        &["doctor", "check", "status"],
        "`azfob diagnose` checks every credential and the vault, and shows causes and fixes",
    ),
];

/// Options of other tools, with a tip.
const OPTIONS: &[(&[&str], &str)] = &[
    (
        &["--query"],
        "`azfob get NAME` prints only the value, as az does with `--query value -o tsv`; for another field:\n       \
         azfob get NAME -o json | jq -r .attributes.expires",
    ),
    (&["--vault-name"], "use --vault"),
    (&["--name"], "the name needs no option: azfob get NAME"),
    (&["--id"], "the ID needs no option:\n       azfob get https://my-vault.vault.azure.net/secrets/NAME"),
    (&["--version-id"], "the version follows the name: azfob get NAME/VERSION"),
    (&["--match"], "--match works only with get, list and run; `azfob list --match GLOB -o name` prints the names"),
    (&["--subscription"], "leave it out: vault names are unique in Azure"),
    (&["--json"], "use -o json"),
    (&["--debug"], "use --verbose, or `azfob diagnose` for a full report"),
];

/// Options of other tools, with a tip that names an option of these commands.
const OPTIONS_OF: &[(&[&str], &[&str], &str)] = &[
    (&["get"], &["--file"], "use --out-file"),
    (&["get", "inject"], &["--overwrite"], "use --force, which replaces the file of --out-file"),
    (&["get"], &["--encoding"], "use --decode"),
];

/// The tip for `--query` with `list`.
const QUERY_OF_LIST: &str = "`azfob list -o name` prints only the names; for other fields:\n       \
                             azfob list -o json | jq -r '.[].attributes.expires'";

/// Formats of other tools, with a tip for every command.
const FORMATS: &[(&[&str], &str)] = &[(&["yaml", "yml", "yamlc"], "use -o json: JSON is also valid YAML")];

/// Formats of other tools, with a tip for `get`.
const FORMATS_OF_GET: &[(&[&str], &str)] =
    &[(&["tsv"], TSV), (&["env", ".env", "export"], "use -o dotenv for a .env file, or -o shell for a POSIX shell")];

/// The tip for az's format `tsv` with `get`.
const TSV: &str = "`azfob get NAME` prints only the value, as az does with -o tsv; for other fields:\n       \
                   azfob get NAME -o json | jq -r '[.name, .value] | @tsv'";

/// Adds a tip to the error, if there is one.
pub fn with_tip(mut error: Error, arguments: &[OsString]) -> Error {
    without_hidden_commands(&mut error);
    let command = |name: &str| arguments.iter().any(|argument| argument == name);
    let text = |kind: ContextKind| match error.get(kind) {
        Some(ContextValue::String(text)) => Some(text.clone()),
        _ => None,
    };
    let tip = match error.kind() {
        ErrorKind::InvalidSubcommand => text(ContextKind::InvalidSubcommand).and_then(|word| among(COMMANDS, &word)),
        ErrorKind::UnknownArgument => text(ContextKind::InvalidArg).and_then(|word| {
            let is_word = !word.starts_with('-');
            match ["run", "sandbox"].into_iter().find(|name| is_word && command(name)) {
                Some(name) => Some(format!("put -- before the command: azfob {name} -- {word} ...")),
                None if command("list") && word.starts_with("--query") => Some(QUERY_OF_LIST.to_owned()),
                None if word == "--format" => {
                    let has_formats = ["get", "list", "whoami", "diagnose", "explain"].into_iter().any(command);
                    has_formats.then(|| "use -o FORMAT".to_owned())
                }
                None => {
                    let of_command =
                        OPTIONS_OF.iter().filter(|(commands, ..)| commands.iter().any(|name| command(name)));
                    let of_command = of_command.map(|(_, words, tip)| (*words, *tip));
                    among(&of_command.collect::<Vec<_>>(), &word).or_else(|| among(OPTIONS, &word))
                }
            }
        }),
        ErrorKind::InvalidValue
            if text(ContextKind::InvalidArg).is_some_and(|argument| argument.starts_with("--output")) =>
        {
            text(ContextKind::InvalidValue).and_then(|value| {
                let of_get = command("get").then(|| among(FORMATS_OF_GET, &value)).flatten();
                of_get.or_else(|| among(FORMATS, &value))
            })
        }
        // The words of the command became further values of --env.
        ErrorKind::MissingRequiredArgument if command("run") && !command("--") => {
            Some("put -- before the command: azfob run -e NAME=REF -- CMD ...".to_owned())
        }
        _ => None,
    };
    if let Some(tip) = tip {
        // clap's suggestion is only similar by its letters; its usage line shows that suggestion.
        let nearest = [ContextKind::SuggestedSubcommand, ContextKind::SuggestedArg, ContextKind::SuggestedValue];
        if nearest.map(|kind| error.remove(kind)).iter().any(Option::is_some) {
            error.remove(ContextKind::Usage);
        }
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![StyledStr::from(tip)]));
    } else if let Some(option) = one_letter_off(&error, arguments) {
        [ContextKind::Suggested, ContextKind::Usage].into_iter().for_each(|kind| {
            error.remove(kind);
        });
        error.insert(ContextKind::SuggestedArg, ContextValue::String(option));
    } else if let Some(command) = command_one_letter_off(&error) {
        error.remove(ContextKind::Suggested);
        error.insert(ContextKind::SuggestedSubcommand, ContextValue::Strings(vec![command]));
    }
    error
}

/// Removes hidden commands from clap's lists of commands.
fn without_hidden_commands(error: &mut Error) {
    let root = Args::command();
    let hidden: Vec<_> =
        root.get_subcommands().filter(|command| command.is_hide_set()).map(clap::Command::get_name).collect();
    for kind in [ContextKind::SuggestedSubcommand, ContextKind::ValidSubcommand] {
        let Some(ContextValue::Strings(names)) = error.get(kind) else { continue };
        let shown: Vec<_> = names.iter().filter(|name| !hidden.contains(&name.as_str())).cloned().collect();
        error.remove(kind);
        if !shown.is_empty() {
            error.insert(kind, ContextValue::Strings(shown));
        }
    }
}

/// Returns the command that differs from an unknown one by one letter or two exchanged letters. clap does not suggest
/// `get` for `gte`.
fn command_one_letter_off(error: &Error) -> Option<String> {
    let Some(ContextValue::String(word)) = error.get(ContextKind::InvalidSubcommand) else { return None };
    if error.get(ContextKind::SuggestedSubcommand).is_some() {
        return None;
    }
    let root = Args::command();
    let mut shown = root.get_subcommands().filter(|command| !command.is_hide_set()).map(clap::Command::get_name);
    shown.find(|name| strsim::damerau_levenshtein(name, word) == 1).map(str::to_owned)
}

/// Returns the option that differs from an unknown one by one letter. clap does not suggest short names.
fn one_letter_off(error: &Error, arguments: &[OsString]) -> Option<String> {
    let Some(ContextValue::String(word)) = error.get(ContextKind::InvalidArg) else { return None };
    let word = word.strip_prefix("--").filter(|_| error.kind() == ErrorKind::UnknownArgument)?;
    let mut root = Args::command();
    root.build();
    let command = arguments.iter().skip(1).find_map(|word| root.find_subcommand(word)).unwrap_or(&root);
    let shown = command.get_arguments().filter(|argument| !argument.is_hide_set());
    let meant = shown.filter_map(Arg::get_long).find(|long| strsim::damerau_levenshtein(long, word) == 1);
    meant.map(|long| format!("--{long}"))
}

fn among(table: &[(&[&str], &str)], word: &str) -> Option<String> {
    let word = word.split(['=', ' ']).next().unwrap_or_default();
    table.iter().find(|(words, _)| words.contains(&word)).map(|(_, tip)| (*tip).to_owned())
}
