//! Scenarios and assertions for the tests.

mod isolated;
mod missing;
mod outcome;
mod parallel;
mod program;
mod scenario;
#[cfg(unix)]
mod signals;
#[cfg(unix)]
mod terminal;
mod unconfigured;
mod unresponsive_port;

pub use azfob::testing::sandbox::{
    Action, EmulatedCloud, EmulatedHost as Host, Fault, IDENTITY, Recorded, Rule, SandboxPlan, SecretSpec, names,
};
pub use chain_lines::without_the_rest_of_the_chain;
pub use listener::{Silent, Trickle};
pub use missing::missing;
pub use outcome::{Outcome, normalised};
pub use parallel::at_once;
pub use program::install;
pub use scenario::Scenario;
#[cfg(unix)]
pub use terminal::Terminal;
pub use unconfigured::without_unconfigured_credentials;
pub use unresponsive_port::UnresponsivePort;

/// The vault of a scenario.
pub const VAULT: &str = "my-vault.vault.azure.net";
/// The sign-in authority of a scenario.
pub const LOGIN: &str = "login.microsoftonline.com";
