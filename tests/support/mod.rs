//! Scenarios and assertions for the tests.

#[cfg(unix)]
mod ended;
mod isolated;
mod missing;
mod outcome;
mod parallel;
mod program;
mod scenario;
#[cfg(unix)]
mod signals;
mod socks;
#[cfg(unix)]
mod terminal;
mod unconfigured;
mod unresponsive_port;
mod watch;

pub use azfob::testing::sandbox::{
    Action, EmulatedCloud, EmulatedHost as Host, Fault, IDENTITY, Recorded, Rule, SandboxPlan, SecretSpec, names,
};
#[cfg(unix)]
pub use ended::wait_until_ended;
pub use isolated::Isolated;
#[cfg(target_os = "linux")]
pub use missing::can_unshare;
pub use missing::{full_disk, report_missing};
pub use outcome::{Outcome, normalized};
pub use parallel::in_parallel;
pub use program::install;
pub use scenario::Scenario;
#[cfg(target_os = "linux")]
pub use socks::ADDRESSES as SOCKS_ADDRESSES;
pub use socks::{Socks, SocksProxy};
#[cfg(unix)]
pub use terminal::Terminal;
pub use unconfigured::without_unconfigured_credentials;
pub use unresponsive_port::{ResettingProxy, Trickle, UnresponsivePort};
#[cfg(target_os = "linux")]
pub use watch::Watch;
#[cfg(unix)]
pub use watch::{in_some_try, with_longer_limits};

/// The vault of a scenario.
pub const VAULT: &str = "my-vault.vault.azure.net";
/// The sign-in authority of a scenario.
pub const LOGIN: &str = "login.microsoftonline.com";
