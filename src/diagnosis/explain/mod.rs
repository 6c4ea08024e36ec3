//! From a typed failure to its row, with what is known about this very case.

mod chain;
pub mod code;
mod network;
mod vault;

use crate::error::Error;

use super::context::Context;
use super::finding::Finding;

pub use chain::failed;
pub(super) use chain::{imds_probe_timed_out, no_token, unavailable};
pub(super) use network::network;

/// Explains a failure that happened `here`; nothing where its one line says all there is to say.
pub fn explain(error: &Error, here: &Context) -> Vec<Finding> {
    match error {
        Error::NoToken(none) => {
            let mut finding = chain::no_token(none, here);
            let attempts = chain::attempts(none, &finding);
            finding.details.extend(attempts);
            vec![finding]
        }
        Error::Vault(denied) => vec![vault::denied(denied, here)],
        Error::Several(several) => several.errors.iter().flat_map(|e| explain(e, here)).collect(),
        Error::Usage(_)
        | Error::Decode { .. }
        | Error::Unrepresentable { .. }
        | Error::Write { .. }
        | Error::NotStarted(_)
        | Error::Machine(_) => Vec::new(),
    }
}
