#![forbid(unsafe_code)]
//! azfob fetches secrets from Azure Key Vault by who you are.

pub mod background;
pub mod credential;
pub mod deadline;
pub mod entra;
pub mod env;
pub mod host;
pub mod http;
pub mod identity;
pub mod process;
pub mod secret;
pub mod timestamp;
pub mod token;
pub mod vault;
