//! The arguments of `azfob list`.

use std::time::Duration;

use clap::{Args as ClapArgs, ValueEnum};

use crate::vault::glob::Glob;

use super::azure::{AzureOptions, WaitArgs, duration, glob};
use super::examples::below;

/// The help below the options.
const HELP: &str = "\
-o name and -o tsv print each page as it comes, in the vault's order. The columns of tsv are name, enabled, updated, \
expires, content type and tags; with --versions updated is when the version was made, and the name is NAME/VERSION; with \
--deleted they are name, deleted, purged, content type and tags. Times are RFC 3339, and what is not set is empty.

-o json prints what `az keyvault secret list` prints, certificates' secrets included (\"managed\": true). A list that \
breaks off is a failure, whatever was printed before.";

/// `azfob list`.
#[derive(Debug, ClapArgs)]
#[command(after_long_help = below(HELP, "list"))]
pub struct ListArgs {
    /// How to print them
    #[arg(short, long, value_name = "FORMAT", value_enum, default_value_t = ListFormat::Table)]
    pub output: ListFormat,

    /// Only secrets whose names match: * and ? and [a-z], without regard to case
    #[arg(long = "match", value_name = "GLOB", id = "matching", value_parser = glob)]
    pub matching: Option<Glob>,

    /// Only secrets that expire within this time, or have expired: 48h, 30d
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub expiring: Option<Duration>,

    /// Only disabled secrets
    #[arg(long)]
    pub disabled: bool,

    /// The versions of one secret, newest first
    #[arg(long, value_name = "NAME", conflicts_with_all = ["matching", "deleted"])]
    pub versions: Option<String>,

    /// Every column in full, however narrow the terminal is
    #[arg(long)]
    pub wide: bool,

    /// The secrets that were deleted and can be recovered
    #[arg(long)]
    pub deleted: bool,

    #[command(flatten)]
    pub wait: WaitArgs,

    #[command(flatten)]
    pub azure: AzureOptions,
}

/// A format of `list`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ListFormat {
    /// A table for people, sorted
    Table,
    /// As `az keyvault secret list` prints it
    Json,
    /// Tab-separated columns, without a header
    Tsv,
    /// The names alone
    Name,
}
