//! Where a setting came from, and what is wrong with one that is malformed.

use std::fmt;

use crate::env;
use crate::redact;

/// Where a setting came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// An option of the command line.
    Option(&'static str),
    /// An environment variable.
    Variable(&'static str),
    /// A key of the configuration file, or of the profile that was chosen in it.
    File(&'static str),
    /// Nobody set it.
    Default,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Source::Option(name) | Source::Variable(name) => f.write_str(name),
            Source::File(key) => write!(f, "{key} in the configuration file"),
            Source::Default => f.write_str("default"),
        }
    }
}

/// A setting and where it came from.
#[derive(Clone, Debug)]
pub struct Sourced<T> {
    /// What it is.
    pub value: T,
    /// Who says so.
    pub source: Source,
}

/// Something on the command line or in a setting is malformed: exit code 2, before anything is asked of anybody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsageError(pub String);

impl UsageError {
    /// Names the setting, its value and what was expected. A secret is not shown, nor is a value that can hold a
    /// password.
    pub fn new(source: impl fmt::Display, value: &str, reason: impl fmt::Display) -> Self {
        // A reason may repeat what it is about.
        let (source, reason) = (source.to_string(), redact::sanitize(&reason.to_string()));
        if !env::is_secret(&source) && !may_hold_password(value) {
            return UsageError(format!("{source} '{}': {reason}", redact::sanitize(value)));
        }
        // A reason may begin with the part of the value that it is about.
        let (it_is, reason) = match reason.strip_prefix('\'').and_then(|rest| rest.split_once("' is ")) {
            Some((_, rest)) => ("a part of it is ", rest),
            None => ("", reason.as_str()),
        };
        UsageError(format!("{source}: {it_is}{reason}"))
    }
}

/// What stands between a colon and an `@` can be a password.
fn may_hold_password(value: &str) -> bool {
    value.rsplit_once('@').is_some_and(|(before, _)| before.contains(':'))
}

impl fmt::Display for UsageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_shown_unless_it_is_or_holds_a_secret() {
        let told = |source, value| UsageError::new(source, value, "expected a reference").to_string();
        assert_eq!(told("DATABASE", "akvs://x"), "DATABASE 'akvs://x': expected a reference");
        assert_eq!(told(env::AZURE_CLIENT_SECRET, "akvs://x"), "AZURE_CLIENT_SECRET: expected a reference");
        assert_eq!(told("DATABASE", "https://me:hunter2@x"), "DATABASE: expected a reference");
    }

    #[test]
    fn neither_a_value_nor_the_reason_that_repeats_it_is_without_end() {
        let long = "v".repeat(30_000);
        let told = UsageError::new("vault", &long, format!("'{long}' is not a vault's name")).to_string();
        assert!(told.len() < 2_200 && told.matches("(300").count() == 2, "{told}");
    }
}
