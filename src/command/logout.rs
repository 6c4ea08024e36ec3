//! `azfob logout`: removes the cached tokens.

use crate::output::CommandResult;
use crate::token::cache;

/// Removes the cached tokens.
pub fn run() -> CommandResult {
    CommandResult::text(match cache::clear() {
        0 => "no cached tokens\n".to_owned(),
        1 => "1 cached token deleted\n".to_owned(),
        several => format!("{several} cached tokens deleted\n"),
    })
}
