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
        "`azfob get NAME` prints the value of a secret; with -o json it prints what `az keyvault secret show` prints",
    ),
    (&["ls", "list-deleted", "list-versions"], "`azfob list` lists the secrets; it has --versions NAME and --deleted"),
    (&["exec", "env"], "`azfob run -e NAME=REF -- CMD` runs a command with secrets in its environment"),
    (
        &["login", "signin", "sign-in"],
        "azfob signs in by what is there, as DefaultAzureCredential does: `az login` on your machine, an identity in Azure; \
         `azfob whoami` tells who that is",
    ),
    (&["set", "create", "delete", "purge", "recover"], "azfob only reads: `az keyvault secret` writes"),
    (&["doctor", "check", "status"], "`azfob diagnose` tells what works, what does not, and what mends it"),
];

/// Options of other tools, with a tip.
const OPTIONS: &[(&[&str], &str)] = &[
    (
        &["--query"],
        "`azfob get NAME` prints the value alone, as `--query value -o tsv` does with az; for another field: \
         azfob get NAME -o json | jq -r .attributes.expires",
    ),
    (&["--vault-name"], "azfob calls it --vault"),
    (&["--name"], "the name stands by itself: azfob get NAME"),
    (&["--id"], "an identifier stands by itself: azfob get https://my-vault.vault.azure.net/secrets/NAME"),
    (&["--version-id"], "the version follows the name: azfob get NAME/VERSION"),
    (&["--file"], "azfob calls it --out-file"),
    (&["--encoding"], "azfob calls it --decode"),
    (&["--subscription"], "a vault's name is enough: no two vaults have the same"),
    (&["--json"], "azfob calls it -o json"),
    (&["--debug"], "azfob calls it --verbose; `azfob diagnose` tells the most"),
];

/// The tip for `--query` with `list`.
const QUERY_OF_LIST: &str = "`azfob list -o name` prints the names alone; for other fields: \
                             azfob list -o json | jq -r '.[].attributes.expires'";

/// The tip for az's format `tsv` with `get`.
const TSV: &str = "`azfob get NAME` prints the value alone, which is what -o tsv is for with az; for other fields: \
                   azfob get NAME -o json | jq -r '[.name, .value] | @tsv'";

/// Adds a tip to the error, if there is one.
pub fn with_tip(mut error: Error, arguments: &[OsString]) -> Error {
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
                Some(name) => Some(format!("your command stands behind --: azfob {name} -- {word} ...")),
                None if command("list") && word.starts_with("--query") => Some(QUERY_OF_LIST.to_owned()),
                None => among(OPTIONS, &word),
            }
        }),
        ErrorKind::InvalidValue if command("get") => {
            let named = text(ContextKind::InvalidArg).is_some_and(|argument| argument.starts_with("--output"));
            let tsv = text(ContextKind::InvalidValue).is_some_and(|value| value == "tsv");
            (named && tsv).then(|| TSV.to_owned())
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
    }
    error
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
