//! The names of variables: the one that a secret has where nobody named it, and those that are refused.

use crate::vault::reference::is_variable;

use super::reserved_names::is_reserved;

/// Who chose a variable's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chosen {
    /// The user, as an alias.
    ByAlias,
    /// The rule, out of the secret's name.
    ByRule,
}

/// Why a name is none for a variable, with one that would be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("'{name}' {reason}; name it yourself: {suggestion}={reference}")]
pub struct InvalidVariableName {
    name: String,
    reason: &'static str,
    suggestion: String,
    reference: String,
}

impl InvalidVariableName {
    pub(super) fn new(name: &str, reason: &'static str, suggestion: String) -> Self {
        InvalidVariableName { name: name.to_owned(), reason, suggestion, reference: "REF".to_owned() }
    }

    /// The same, with the reference that the suggestion is for.
    pub fn for_reference(self, reference: &str) -> Self {
        InvalidVariableName { reference: reference.to_owned(), ..self }
    }
}

/// The variable for a secret that has no alias: in upper case, with `_` for `-`. A name with `--` keeps its case, and
/// `--` becomes `__`, which .NET reads as the `:` of a configuration key
/// (<https://learn.microsoft.com/aspnet/core/security/key-vault-configuration>).
pub fn name_of(secret: &str) -> String {
    let name = secret.replace('-', "_");
    if secret.contains("--") { name } else { name.to_ascii_uppercase() }
}

/// Checks a variable's name for a program's environment.
///
/// # Errors
/// It is none, or it is not a secret's to set.
pub fn check(name: &str, chosen: Chosen) -> Result<(), InvalidVariableName> {
    if !is_variable(name) {
        let reason = "is not a variable's name (letters, digits and _, no digit first)";
        return Err(InvalidVariableName::new(name, reason, suggestion(name)));
    }
    if chosen == Chosen::ByRule && is_reserved(name) {
        let reason = "decides what programs run or whom they trust, so a secret's name alone does not set it";
        return Err(InvalidVariableName::new(name, reason, name.to_owned()));
    }
    Ok(())
}

/// Whether a name in upper case begins with one of these.
pub(super) fn begins(name: &str, prefixes: &[&str]) -> bool {
    prefixes.iter().any(|prefix| name.starts_with(prefix))
}

/// `NAME=` before a reference that is not a variable's name, and so was meant to be one.
pub fn misnamed(text: &str) -> Option<InvalidVariableName> {
    let (name, reference) = text.split_once('=')?;
    let meant = !name.is_empty() && !name.contains(['(', ':', '/', '@', '+']) && !is_variable(name);
    meant.then(|| check(name, Chosen::ByAlias).err()).flatten().map(|not| not.for_reference(reference))
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
    fn what_was_meant_as_a_name_is_told_from_a_reference() {
        assert!(misnamed("MY-VAR=a").unwrap().to_string().ends_with("MY_VAR=a"));
        for text in ["A=b", "a", "@Microsoft.KeyVault(VaultName=a;SecretName=b)", "=a"] {
            assert_eq!(misnamed(text), None, "{text}");
        }
    }
}
