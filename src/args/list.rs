//! The arguments of `azfob list`.

use std::time::Duration;

use clap::{Args as ClapArgs, ValueEnum};

use crate::vault::glob::Glob;

use super::azure::{AzureOptions, WaitArgs, duration, glob};
use super::examples::below;

/// The help below the options.
const HELP: &str = "\
-o name and -o tsv print each page when it arrives, in the vault's order. The columns of tsv are name, enabled, updated, \
expires, content type and tags. With --versions, the name is NAME/VERSION, and created replaces updated. With --deleted, the \
columns are name, deleted, scheduled purge, content type and tags. Times are RFC 3339. A value that is not set is empty.

-o json prints the format of `az keyvault secret list`, with the secrets of certificates (\"managed\": true). If the list \
breaks off, the command fails, even if it printed lines before.";

/// `azfob list`.
#[derive(Debug, ClapArgs)]
#[command(after_long_help = below(HELP, "list"))]
pub struct ListArgs {
    /// Output format
    #[arg(short, long, value_name = "FORMAT", value_enum, default_value_t = ListFormat::Table)]
    pub output: ListFormat,

    /// List only secrets with a matching name
    ///
    /// GLOB can contain *, ? and [a-z], and ignores case
    #[arg(long = "match", value_name = "GLOB", id = "matching", value_parser = glob)]
    pub matching: Option<Glob>,

    /// List only secrets that expire within TIME (48h, 30d) or are expired
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub expiring: Option<Duration>,

    /// List only disabled secrets
    #[arg(long)]
    pub disabled: bool,

    /// List the versions of a secret, newest first
    #[arg(long, value_name = "NAME", conflicts_with_all = ["matching", "deleted"])]
    pub versions: Option<String>,

    /// Print all columns in full, also on a narrow terminal
    #[arg(long)]
    pub wide: bool,

    /// List soft-deleted secrets, which can be recovered
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
    /// Sorted table
    Table,
    /// The format of `az keyvault secret list`
    Json,
    /// Tab-separated columns without a header
    Tsv,
    /// Only the names
    Name,
}
