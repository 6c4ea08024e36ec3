//! `NAME=value` lines for `docker run --env-file`.
//!
//! Docker takes everything behind the first `=` as it stands, quotes and blanks included, and knows no way to write a line
//! break (<https://docs.docker.com/reference/cli/docker/container/run/#env>). Podman and nerdctl read the same.

use zeroize::Zeroizing;

use crate::error::Error;

use super::variable::{SecretVariable, refuse};

/// Why a value cannot be written.
const SEVERAL_LINES: &str = "it has several lines, and these files have no way to write one; azfob run carries it, as in \
                             azfob run -e NAME=REF -- docker run -e NAME IMAGE";

/// Refuses values of several lines.
///
/// # Errors
/// All of them, by name.
pub(super) fn check(variables: &[SecretVariable<'_>]) -> Result<(), Error> {
    refuse(variables, |value| value.contains(['\n', '\r']), SEVERAL_LINES)
}

/// A variable as a line of a file for `docker run --env-file`. [`check`] comes first.
pub(super) fn line(variable: &SecretVariable<'_>) -> Zeroizing<Vec<u8>> {
    let mut text = Zeroizing::new(Vec::with_capacity(variable.name.len() + variable.value.len() + 2));
    for part in [variable.name, "=", variable.value, "\n"] {
        text.extend_from_slice(part.as_bytes());
    }
    text
}
