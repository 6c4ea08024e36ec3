//! `azfob logout`: removes the cached tokens.

use crate::output::Answer;
use crate::token::cache;

/// Removes the cached tokens.
pub fn run() -> Answer {
    Answer::text(match cache::clear() {
        0 => "no token was kept\n".to_owned(),
        1 => "1 token dropped\n".to_owned(),
        several => format!("{several} tokens dropped\n"),
    })
}
