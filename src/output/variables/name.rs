//! Derives the names of variables from secrets, and refuses invalid and reserved names.

use crate::vault::reference::is_variable;

use super::reserved_names::{NameOrigin, Reserved, reserved};

/// A name that cannot be used for a variable, with the reason and a valid name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("'{name}' {reason}; choose a name: {suggestion}={reference}")]
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

    /// Adds the reference for the suggestion.
    pub fn for_reference(self, reference: &str) -> Self {
        InvalidVariableName { reference: reference.to_owned(), ..self }
    }

    /// Reports the first of these names with its secret, and of the others what to choose. `None` if there is none.
    pub fn of_secrets(refused: &[InvalidVariableName]) -> Option<String> {
        let (first, others) = refused.split_first()?;
        let mut text = format!("{}: {first}", first.reference);
        if !others.is_empty() {
            text.push_str("; others too:");
        }
        for InvalidVariableName { suggestion, reference, .. } in others {
            text.extend([" ", suggestion, "=", reference]);
        }
        Some(text)
    }
}

/// Returns the variable for a secret without an alias: in upper case, with `_` for `-`. A name with `--` keeps its case, and
/// `--` becomes `__`, which .NET reads as the `:` of a configuration key
/// (<https://learn.microsoft.com/aspnet/core/security/key-vault-configuration>).
pub fn name_of(secret: &str) -> String {
    let name = secret.replace('-', "_");
    if secret.contains("--") { name } else { name.to_ascii_uppercase() }
}

/// Checks a variable's name for a program's environment.
///
/// # Errors
/// Returns an error if the name is invalid, or reserved and derived from a secret's name.
pub fn check(name: &str, origin: NameOrigin) -> Result<(), InvalidVariableName> {
    if !is_variable(name) {
        let reason = "is not a variable name (letters, digits and _, not starting with a digit)";
        return Err(InvalidVariableName::new(name, reason, suggestion(name)));
    }
    let reason = match reserved(name, origin) {
        None => return Ok(()),
        Some(Reserved::Known) => "controls which programs run or what they trust, so it must be named explicitly",
        Some(Reserved::Shape) => {
            "is not formed as the name of a value (API_KEY, DB_PASSWORD, REDIS_URL), so it must be named explicitly"
        }
    };
    Err(InvalidVariableName::new(name, reason, name.to_owned()))
}

pub(super) fn begins(name: &str, prefixes: &[&str]) -> bool {
    prefixes.iter().any(|prefix| name.starts_with(prefix))
}

/// Returns an error for `NAME=` before a reference if it was meant as a variable and is invalid.
pub fn misnamed(text: &str) -> Option<InvalidVariableName> {
    let (name, reference) = text.split_once('=')?;
    let meant = !name.is_empty() && !name.contains(['(', ':', '/', '@', '+']) && !is_variable(name);
    meant.then(|| check(name, NameOrigin::Alias).err()).flatten().map(|not| not.for_reference(reference))
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
    fn names_are_derived_from_secrets() {
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
    fn an_invalid_name_is_not_taken_for_a_reference() {
        assert!(misnamed("MY-VAR=a").unwrap().to_string().ends_with("MY_VAR=a"));
        for text in ["A=b", "a", "@Microsoft.KeyVault(VaultName=a;SecretName=b)", "=a"] {
            assert_eq!(misnamed(text), None, "{text}");
        }
    }
}
