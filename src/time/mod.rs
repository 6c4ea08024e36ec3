//! Time: deadlines and durations, points in time, and how long each step of a run took.

pub mod deadline;
pub mod timestamp;
pub mod timings;
