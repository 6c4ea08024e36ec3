//! Finds the row for a typed failure, and fills it in.

mod causes;
mod chain;
pub mod code;
mod identity_binding;
mod network;
mod refusal;
mod vault;

use crate::azure_resource_manager::error::ManagementErrorKind;
use crate::error::{Error, WorkloadError};

use super::context::Context;
use super::finding::Finding;
use super::table::configuration::MANAGEMENT_FORBIDDEN;

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
        Error::Workload(error) => workload(error, context).into_iter().collect(),
        Error::Usage(_)
        | Error::Decode { .. }
        | Error::Certificate { .. }
        | Error::Document(_)
        | Error::Unrepresentable { .. }
        | Error::Write { .. }
        | Error::NotStarted(_)
        | Error::Machine(_) => Vec::new(),
    }
}

/// Explains why a workload was not read.
fn workload(error: &WorkloadError, context: &Context) -> Option<Finding> {
    let WorkloadError::Management(error) = error else { return None };
    match &error.kind {
        ManagementErrorKind::Network(network) => Some(self::network(network, None, context)),
        ManagementErrorKind::Forbidden(_) => Some(Finding::new(MANAGEMENT_FORBIDDEN, error.to_string(), context)),
        _ => None,
    }
}
