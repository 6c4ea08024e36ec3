//! Deadlines, timestamps and the durations of the steps of a run.

pub mod deadline;
pub mod timestamp;
pub mod timings;
