//! A variable and its value, and what is refused or noted about values.

use crate::error::Error;
use crate::redact::stream::{SHORTEST_LINE, lines_to_mask};

/// The end of a line in files that a runner of this platform reads.
pub(crate) const END_OF_LINE: &str = if cfg!(windows) { "\r\n" } else { "\n" };

/// A variable and its value.
#[derive(Clone, Copy)]
pub struct SecretVariable<'a> {
    /// Its name, which `check` has passed.
    pub name: &'a str,
    /// Its value, a secret's.
    pub value: &'a str,
}

/// Checks that a system can hold the values in variables.
///
/// # Errors
/// Some hold a NUL.
pub fn refuse_nul(variables: &[SecretVariable<'_>]) -> Result<(), Error> {
    refuse(variables, |value| value.contains('\0'), "it holds a NUL, which ends a variable")
}

/// Refuses the values that `is_wrong`, all of them by name.
///
/// # Errors
/// There are some.
pub(super) fn refuse(
    variables: &[SecretVariable<'_>],
    is_wrong: impl Fn(&str) -> bool,
    reason: &'static str,
) -> Result<(), Error> {
    let wrong = variables.iter().filter(|variable| is_wrong(variable.value));
    let names: Vec<_> = wrong.map(|variable| variable.name.to_owned()).collect();
    if names.is_empty() { Ok(()) } else { Err(Error::Unrepresentable { names, reason }) }
}

/// A note for each variable with lines that cannot be masked in a log.
pub fn unmasked(variables: &[SecretVariable<'_>]) -> Vec<String> {
    variables.iter().filter_map(|v| unmasked_note(v.name, lines_to_mask(v.value).1)).collect()
}

fn unmasked_note(name: &str, too_short: usize) -> Option<String> {
    let lines = match too_short {
        0 => return None,
        1 => "a line".to_owned(),
        many => format!("{many} lines"),
    };
    Some(format!(
        "{lines} of the value of {name} with fewer than {SHORTEST_LINE} characters cannot be masked in the log"
    ))
}
