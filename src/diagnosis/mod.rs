//! From a typed failure to what it means and how to mend it: the error table, and the only speaker of it.

pub mod aadsts;
pub mod explain;
pub mod findings;
pub mod log;
pub mod practice;
pub mod remedy;
pub mod report;
pub mod table;
pub mod vault_checks;
