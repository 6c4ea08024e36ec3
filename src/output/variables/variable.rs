//! A variable with a secret as its value, and the checks of values.

use crate::error::Error;
use crate::redact::stream::{SHORTEST_LINE, lines_to_mask};

/// The line ending in a runner's files on this platform.
pub(crate) const END_OF_LINE: &str = if cfg!(windows) { "\r\n" } else { "\n" };

/// A variable with a secret as its value.
#[derive(Clone, Copy)]
pub struct SecretVariable<'a> {
    /// The name, which passed `check`.
    pub name: &'a str,
    /// The secret.
    pub value: &'a str,
}

/// Checks that no value contains a NUL.
///
/// # Errors
/// Returns an error that names all values with a NUL.
pub fn refuse_nul(variables: &[SecretVariable<'_>]) -> Result<(), Error> {
    refuse(variables, |value| value.contains('\0'), "it contains a NUL character, which ends a variable")
}

/// Checks that no value `is_wrong`.
///
/// # Errors
/// Returns an error that names all wrong values.
pub(super) fn refuse(
    variables: &[SecretVariable<'_>],
    is_wrong: impl Fn(&str) -> bool,
    reason: &'static str,
) -> Result<(), Error> {
    let wrong = variables.iter().filter(|variable| is_wrong(variable.value));
    let names: Vec<_> = wrong.map(|variable| variable.name.to_owned()).collect();
    if names.is_empty() { Ok(()) } else { Err(Error::Unrepresentable { names, reason }) }
}

/// Returns a warning for each variable with lines that are too short to mask.
pub fn unmasked_warnings(variables: &[SecretVariable<'_>]) -> Vec<String> {
    variables.iter().filter_map(|v| unmasked_warning(v.name, lines_to_mask(v.value).1)).collect()
}

fn unmasked_warning(name: &str, too_short: usize) -> Option<String> {
    let lines = match too_short {
        0 => return None,
        1 => "a line".to_owned(),
        many => format!("{many} lines"),
    };
    Some(format!(
        "{lines} of the value of {name} with fewer than {SHORTEST_LINE} characters cannot be masked in the log"
    ))
}
