//! Scenarios and assertions for the tests.

mod alone;
mod at_once;
mod chain_lines;
mod listener;
mod missing;
mod outcome;
mod program;
mod scenario;
#[cfg(unix)]
mod signals;
#[cfg(unix)]
mod terminal;

pub use alone::Alone;
pub use at_once::at_once;
pub use azfob::testing::sandbox::{
    Action, EmulatedCloud, EmulatedHost as Host, Fault, IDENTITY, Recorded, Rule, SandboxPlan, SecretSpec, names,
};
pub use chain_lines::without_the_rest_of_the_chain;
pub use listener::{Silent, Trickle};
pub use missing::missing;
pub use outcome::{Outcome, normalised};
pub use program::install;
pub use scenario::Scenario;
#[cfg(unix)]
pub use terminal::Terminal;

/// The vault of a scenario.
pub const VAULT: &str = "my-vault.vault.azure.net";
/// The sign-in authority of a scenario.
pub const LOGIN: &str = "login.microsoftonline.com";
