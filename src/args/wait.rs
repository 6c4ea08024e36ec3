//! How long is waited for a role that is not there yet.

use std::time::Duration;

use clap::Args as ClapArgs;

use super::values::timeout;

/// What is waited for.
#[derive(Debug, ClapArgs)]
pub struct Wait {
    /// Try for this long where a role is missing, as one that was just assigned: 90s, 5m
    #[arg(long = "wait-for-access", value_name = "TIME", value_parser = timeout)]
    pub for_access: Option<Duration>,
}
