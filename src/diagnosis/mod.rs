//! From a typed failure to what it means and how to mend it: the error table, and the only speaker of it.
//!
//! A failure, a log and a code each become a [`case::Case`]; a row of the [`table`] and a case become a
//! [`finding::Finding`], its commands included. There is no other road.

pub mod connectivity;
pub mod context;
pub mod explain;
pub mod finding;
pub mod findings;
pub mod fix_command;
pub mod log;
pub mod report;
pub mod shell;
pub mod table;
mod verdict;
