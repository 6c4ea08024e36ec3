//! Formats `NAME=value` lines for `docker run --env-file`.
//!
//! Docker reads everything after the first `=` literally, quotes and spaces included, and has no escape for a line break
//! (<https://docs.docker.com/reference/cli/docker/container/run/#env>). Podman and nerdctl read the same.

use zeroize::Zeroizing;

use crate::error::Error;

use super::variable::{SecretVariable, refuse};

const SEVERAL_LINES: &str = "Docker env files do not support multi-line values; use azfob run -e NAME=REF -- docker \
                             run -e NAME IMAGE";

/// Checks that no value has several lines.
///
/// # Errors
/// Returns an error that names all values with several lines.
pub(super) fn check(variables: &[SecretVariable<'_>]) -> Result<(), Error> {
    refuse(variables, |value| value.contains(['\n', '\r']), SEVERAL_LINES)
}

/// Formats a variable that passed [`check`].
pub(super) fn line(variable: &SecretVariable<'_>) -> Zeroizing<Vec<u8>> {
    let mut text = Zeroizing::new(Vec::with_capacity(variable.name.len() + variable.value.len() + 2));
    for part in [variable.name, "=", variable.value, "\n"] {
        text.extend_from_slice(part.as_bytes());
    }
    text
}
