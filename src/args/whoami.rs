//! The arguments of `azfob whoami`.

use clap::{Args as ClapArgs, ValueEnum};

use super::azure::AzureOptions;
use super::examples::below;

/// The help below the options.
const HELP: &str = "\
A vault is not needed; where one is named, the token is asked for in its tenant. The token is never shown.";

/// `azfob whoami`.
#[derive(Debug, ClapArgs)]
#[command(after_long_help = below(HELP, "whoami"))]
pub struct WhoamiArgs {
    /// How to print it
    #[arg(short, long, value_name = "FORMAT", value_enum, default_value_t = WhoamiFormat::Table)]
    pub output: WhoamiFormat,

    #[command(flatten)]
    pub azure: AzureOptions,
}

/// A format of `whoami`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum WhoamiFormat {
    /// For people
    Table,
    /// For programs
    Json,
}
