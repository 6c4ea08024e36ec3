#![forbid(unsafe_code)]
//! azfob
#[cfg(feature = "sandbox")]
pub mod sandbox;
