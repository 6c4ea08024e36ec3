//! `NAME=value` lines for `docker run --env-file`.
//!
//! Docker takes everything behind the first `=` as it stands, quotes and blanks included, and knows no way to write a line
//! break (<https://docs.docker.com/reference/cli/docker/container/run/#env>). Podman and nerdctl read the same.

use zeroize::Zeroizing;

use crate::error::Error;

use super::variable::{Variable, refuse};

/// Why a value cannot be written.
const SEVERAL_LINES: &str = "it has several lines, and these files have no way to write one; azfob run carries it, as in \
                             azfob run -e NAME=REF -- docker run -e NAME IMAGE";

/// Refuses what [`lines`] does.
///
/// # Errors
/// The same.
pub(super) fn check(variables: &[Variable<'_>]) -> Result<(), Error> {
    refuse(variables, |value| value.contains(['\n', '\r']), SEVERAL_LINES)
}

/// Variables as lines of a file for `docker run --env-file`.
///
/// # Errors
/// Values of several lines; all of them are named.
pub fn lines(variables: &[Variable<'_>]) -> Result<Zeroizing<Vec<u8>>, Error> {
    check(variables)?;
    let room = variables.iter().map(|v| v.name.len() + v.value.len() + 2).sum();
    let mut text = Zeroizing::new(Vec::with_capacity(room));
    for variable in variables {
        for part in [variable.name, "=", variable.value, "\n"] {
            text.extend_from_slice(part.as_bytes());
        }
    }
    Ok(text)
}
