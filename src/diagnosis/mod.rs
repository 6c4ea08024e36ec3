//! Explains failures: from a typed error, a log or a code to its cause, its fix and the commands that fix it.
//!
//! Each failure becomes a [`context::Context`]. A row of the error [`table`] and a context make a [`finding::Finding`].

pub mod classify;
pub mod connectivity;
pub mod context;
mod example;
pub mod explain;
pub mod finding;
pub mod findings;
pub mod fix_command;
mod line_breaks;
pub mod log;
pub mod report;
pub mod shell;
pub mod table;
mod verdict;
pub mod workload;
