//! The arguments of `azfob whoami`.

use clap::{Args as ClapArgs, ValueEnum};

use super::azure::AzureOptions;
use super::examples::below;
use super::workload::WorkloadArgs;

/// The help below the options.
const HELP: &str = "\
No vault is needed. If a vault is set, azfob signs in to its tenant. The token is never shown.

--for shows the managed identities of an app in Azure, from your machine.";

/// `azfob whoami`.
#[derive(Debug, ClapArgs)]
#[command(after_long_help = below(HELP, "whoami"))]
pub struct WhoamiArgs {
    #[command(flatten)]
    pub workload: WorkloadArgs,

    /// Output format
    #[arg(short, long, value_name = "FORMAT", value_enum, default_value_t = WhoamiFormat::Table)]
    pub output: WhoamiFormat,

    #[command(flatten)]
    pub azure: AzureOptions,
}

/// A format of `whoami`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum WhoamiFormat {
    /// Text and tables
    Table,
    /// JSON
    Json,
}
