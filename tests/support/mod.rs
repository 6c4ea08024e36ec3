//! What the tests are written with.

mod listener;
mod outcome;
mod program;
mod scenario;

pub use azfob::sandbox::{Act, Fault, Host, IDENTITY, Recorded, Rule, SecretSpec, names};
pub use listener::Silent;
pub use outcome::Outcome;
pub use scenario::Scenario;

/// The vault's host in a scenario.
pub const VAULT: &str = "my-vault.vault.azure.net";
/// The authority's host.
pub const LOGIN: &str = "login.microsoftonline.com";
