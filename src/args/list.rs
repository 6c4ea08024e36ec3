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
columns are name, deleted, scheduled purge, content type and tags. With --certificates, the thumbprint replaces the content \
type; --wide adds subject and auto-renewal. Times are RFC 3339. A value that is not set is empty.

-o json prints the format of `az keyvault secret list`, with the secrets of certificates (\"managed\": true). If the list \
breaks off, the command fails, even if it printed lines before.

--fail is for checks in CI: exit code 0 means that no secret is listed, 9 that at least one is. Any other code is an error.";

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

    /// List only secrets without an expiry date
    #[arg(long, conflicts_with = "expiring")]
    pub no_expiry: bool,

    /// List only secrets with this tag
    ///
    /// Names and values are compared exactly. Without =VALUE, the tag can have any value. If the option is repeated, a secret
    /// needs all of the tags
    #[arg(long = "tag", value_name = "NAME[=VALUE]", value_parser = tag)]
    pub tags: Vec<TagFilter>,

    /// List only disabled secrets
    #[arg(long)]
    pub disabled: bool,

    /// List the versions of a secret, newest first
    #[arg(long, value_name = "NAME", conflicts_with_all = ["matching", "deleted"])]
    pub versions: Option<String>,

    /// Exit with code 9 if a secret is listed
    #[arg(long)]
    pub fail: bool,

    /// Print all columns in full
    ///
    /// With --certificates, it adds subject and auto-renewal, with one more request for each certificate
    #[arg(long)]
    pub wide: bool,

    /// List the certificates with their thumbprints
    #[arg(long, conflicts_with_all = ["versions", "deleted"])]
    pub certificates: bool,

    /// List soft-deleted secrets
    #[arg(long)]
    pub deleted: bool,

    #[command(flatten)]
    pub wait: WaitArgs,

    #[command(flatten)]
    pub azure: AzureOptions,
}

/// A tag to list secrets by: its name, and its value if that is compared too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TagFilter {
    pub name: String,
    pub value: Option<String>,
}

/// Parses `NAME` or `NAME=VALUE`. `NAME=` means an empty value.
fn tag(text: &str) -> Result<TagFilter, String> {
    let (name, value) = text.split_once('=').map_or((text, None), |(name, value)| (name, Some(value)));
    if name.is_empty() {
        return Err("expected a tag, for example owner or owner=me".to_owned());
    }
    Ok(TagFilter { name: name.to_owned(), value: value.map(str::to_owned) })
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
