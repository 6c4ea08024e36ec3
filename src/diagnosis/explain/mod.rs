//! Finds the row for a typed failure, and fills it in.

mod causes;
mod chain;
pub mod code;
mod network;
mod vault;

use crate::error::Error;

use super::context::Context;
use super::finding::Finding;

pub(super) use causes::causes;
pub(super) use chain::imds_probe_timed_out;
pub use chain::{failed, unavailable};
pub(super) use network::network;

/// Explains a failure. Returns no finding if the error's own message is enough.
pub fn explain(error: &Error, context: &Context) -> Vec<Finding> {
    match error {
        Error::NoToken(none) => {
            let first = causes::causes(none, context).into_iter().next();
            let with_others = |mut finding: Finding| {
                let others = causes::others(none, &finding);
                finding.details.extend(others);
                finding
            };
            first.map(with_others).into_iter().collect()
        }
        Error::Vault(denied) => vec![vault::denied(denied, context)],
        Error::Several(several) => several.errors.iter().flat_map(|e| explain(e, context)).collect(),
        Error::Usage(_)
        | Error::Decode { .. }
        | Error::Document(_)
        | Error::Unrepresentable { .. }
        | Error::Write { .. }
        | Error::NotStarted(_)
        | Error::Machine(_) => Vec::new(),
    }
}
