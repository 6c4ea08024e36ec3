//! A step of a request to the vault, and what it results in.

use super::super::context::Context;
use super::super::table::Row;

/// The result of a step.
pub(super) enum Step {
    Allowed(String),
    /// The vault refuses the request at this step.
    Refused(Box<StepRefusal>),
    /// Allowed, unless a condition is met that cannot be read. The finding is a warning.
    Unless(&'static str, Box<StepRefusal>),
    /// It is not known, and a row explains why. The finding is a warning.
    Depends(Box<StepRefusal>),
    NotKnown(String),
}

/// A refusal: its row, its facts and the exit code that `get` has then.
pub(super) struct StepRefusal {
    pub(super) row: &'static Row,
    pub(super) message: String,
    pub(super) details: Vec<String>,
    pub(super) context: Context,
    pub(super) exit_code: u8,
}
