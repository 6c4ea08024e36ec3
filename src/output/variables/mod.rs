//! Secrets as variables: how a variable is named, which names are refused, and one file for each dialect.
//!
//! A dialect is a pure function from variables to bytes. Whatever it cannot carry to the byte is refused, never bent.

pub mod azure_pipelines;
pub mod dotenv;
pub mod github;
pub mod shell;

use std::fmt;

use crate::vault::reference::is_variable;

/// The end of a line in files that a runner of this platform reads.
pub const END_OF_LINE: &str = if cfg!(windows) { "\r\n" } else { "\n" };

/// Lines shorter than this are not masked in a log: masking one or two characters would hide half of it.
pub const SHORTEST_MASK: usize = 3;

/// A variable and its value.
#[derive(Clone, Copy)]
pub struct Variable<'a> {
    /// Its name, which `check` has passed.
    pub name: &'a str,
    /// Its value, a secret's.
    pub value: &'a str,
}

/// Who reads the variables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// Readers of `.env` files.
    Dotenv,
    /// A POSIX shell.
    Shell,
    /// A runner of GitHub Actions.
    Github,
    /// An agent of Azure Pipelines.
    AzurePipelines,
    /// A program's environment.
    Environment,
}

/// Who chose a variable's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chosen {
    /// The user, as an alias.
    ByAlias,
    /// The rule, out of the secret's name.
    ByRule,
}

/// Why a name is none for a variable, with one that would be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotAVariable {
    name: String,
    reason: &'static str,
    suggestion: String,
    reference: String,
}

impl NotAVariable {
    /// The same, with the reference that the suggestion is for.
    pub fn for_reference(self, reference: &str) -> Self {
        NotAVariable { reference: reference.to_owned(), ..self }
    }
}

impl fmt::Display for NotAVariable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "'{}' {}; name it yourself: {}={}", self.name, self.reason, self.suggestion, self.reference)
    }
}

/// The variable for a secret that has no alias: in upper case, with `_` for `-`. A name with `--` keeps its case, and
/// `--` becomes `__`, which .NET reads as the `:` of a configuration key
/// (<https://learn.microsoft.com/aspnet/core/security/key-vault-configuration>).
pub fn name_of(secret: &str) -> String {
    let name = secret.replace('-', "_");
    if secret.contains("--") { name } else { name.to_ascii_uppercase() }
}

/// Variables that make programs load or run something. A secret's name alone must not set one: whoever may write to the
/// vault would run code wherever its secrets are read.
const POWERFUL: &[&str] = &[
    "BASHOPTS",
    "BASH_ENV",
    "ENV",
    "GIT_EXTERNAL_DIFF",
    "GIT_SSH",
    "GIT_SSH_COMMAND",
    "IFS",
    "JAVA_TOOL_OPTIONS",
    "NODE_OPTIONS",
    "PATH",
    "PERL5LIB",
    "PERL5OPT",
    "PROMPT_COMMAND",
    "PS4",
    "PYTHONHOME",
    "PYTHONPATH",
    "PYTHONSTARTUP",
    "RUBYLIB",
    "RUBYOPT",
    "SHELLOPTS",
];
const POWERFUL_PREFIXES: &[&str] = &["DYLD_", "LD_"];

/// Checks a variable's name for whoever is to read it.
///
/// # Errors
/// It is none, or it is not ours to set.
pub fn check(name: &str, chosen: Chosen, dialect: Dialect) -> Result<(), NotAVariable> {
    let refuse = |reason, suggestion| {
        Err(NotAVariable { name: name.to_owned(), reason, suggestion, reference: "REF".to_owned() })
    };
    if !is_variable(name) {
        return refuse("is not a variable's name (letters, digits and _, no digit first)", suggestion(name));
    }
    let upper = name.to_ascii_uppercase();
    let begins = |prefixes: &[&str]| prefixes.iter().any(|prefix| upper.starts_with(prefix));
    let apart = || format!("KV_{name}");
    match dialect {
        // <https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands#setting-an-environment-variable>
        Dialect::Github if upper == "NODE_OPTIONS" => refuse("is refused by the runner", apart()),
        Dialect::Github if begins(&["GITHUB_", "RUNNER_"]) => {
            refuse("begins as the runner's own variables do", apart())
        }
        // <https://learn.microsoft.com/azure/devops/pipelines/process/variables#variable-naming-restrictions>
        Dialect::AzurePipelines if begins(&["ENDPOINT", "INPUT", "PATH", "SECRET", "SECUREFILE"]) => {
            refuse("begins with a word that the agent keeps from scripts", apart())
        }
        _ if chosen == Chosen::ByRule && (POWERFUL.contains(&upper.as_str()) || begins(POWERFUL_PREFIXES)) => {
            refuse("decides what programs load and run, so a secret's name alone does not set it", name.to_owned())
        }
        _ => Ok(()),
    }
}

/// `NAME=` before a reference that is not a variable's name, and so was meant to be one.
pub fn misnamed(text: &str) -> Option<NotAVariable> {
    let (name, reference) = text.split_once('=')?;
    let meant = !name.is_empty() && !name.contains(['(', ':', '/', '@', '+']) && !is_variable(name);
    meant
        .then(|| check(name, Chosen::ByAlias, Dialect::Environment).err())
        .flatten()
        .map(|not| not.for_reference(reference))
}

fn suggestion(name: &str) -> String {
    let fits = |c: char| if c.is_ascii_alphanumeric() || c == '_' { c } else { '_' };
    let fitting: String = name.chars().map(fits).collect();
    if fitting.starts_with(|c: char| c.is_ascii_digit()) || fitting.is_empty() {
        format!("_{fitting}")
    } else {
        fitting
    }
}

/// The lines of a value that a log must not show, without the blanks around them, so that they are found however they are
/// printed. `too_short` counts those that cannot be masked.
pub fn lines_to_mask(value: &str) -> (Vec<&str>, usize) {
    let lines: Vec<_> = value.split(['\n', '\r']).map(str::trim).filter(|line| !line.is_empty()).collect();
    let long = lines.iter().copied().filter(|line| line.chars().count() >= SHORTEST_MASK).collect::<Vec<_>>();
    let short = lines.len() - long.len();
    (long, short)
}

/// What to say where lines could not be masked.
pub fn unmasked_note(name: &str, too_short: usize) -> Option<String> {
    let lines = match too_short {
        0 => return None,
        1 => "a line".to_owned(),
        many => format!("{many} lines"),
    };
    Some(format!(
        "{lines} of the value of {name} with fewer than {SHORTEST_MASK} characters cannot be masked in the log"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secrets_name_becomes_a_variables() {
        for (secret, variable) in [
            ("ConnectionStrings--Default", "ConnectionStrings__Default"),
            ("Logging--Log-Level--Default", "Logging__Log_Level__Default"),
            ("api-key", "API_KEY"),
            ("ApiKey", "APIKEY"),
            ("-x", "_X"),
        ] {
            assert_eq!(name_of(secret), variable);
        }
    }

    #[test]
    fn names_that_are_none_are_refused_with_one_that_is() {
        let refused = |name: &str, chosen, dialect| check(name, chosen, dialect).unwrap_err().to_string();
        let text = refused("9LIVES", Chosen::ByRule, Dialect::Dotenv);
        assert!(text.starts_with("'9LIVES' is not a variable's name") && text.ends_with("_9LIVES=REF"), "{text}");
        assert!(refused("GITHUB_TOKEN", Chosen::ByAlias, Dialect::Github).ends_with("KV_GITHUB_TOKEN=REF"));
        assert!(refused("Node_Options", Chosen::ByAlias, Dialect::Github).contains("refused by the runner"));
        assert!(refused("SECRET_1", Chosen::ByAlias, Dialect::AzurePipelines).ends_with("KV_SECRET_1=REF"));
        assert!(refused("LD_PRELOAD", Chosen::ByRule, Dialect::Shell).ends_with("LD_PRELOAD=REF"));
        for (name, chosen, dialect) in [
            ("PATH", Chosen::ByAlias, Dialect::Shell),
            ("GITHUB_TOKEN", Chosen::ByAlias, Dialect::Shell),
            ("SECRET_1", Chosen::ByRule, Dialect::Github),
            ("_", Chosen::ByRule, Dialect::Dotenv),
        ] {
            assert_eq!(check(name, chosen, dialect), Ok(()), "{name}");
        }
        assert!(misnamed("MY-VAR=a").unwrap().to_string().ends_with("MY_VAR=a"));
        for text in ["A=b", "a", "@Microsoft.KeyVault(VaultName=a;SecretName=b)", "=a"] {
            assert_eq!(misnamed(text), None, "{text}");
        }
    }

    #[test]
    fn every_line_is_masked_without_its_blanks() {
        assert_eq!(lines_to_mask("one\r\n  two \n\n{\n\rab\n"), (vec!["one", "two"], 2));
        assert_eq!(lines_to_mask(" \n "), (vec![], 0));
        assert_eq!(lines_to_mask("äöü"), (vec!["äöü"], 0));
    }
}
