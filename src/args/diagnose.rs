//! The arguments of `azfob diagnose` and `azfob explain`.

use std::path::PathBuf;

use clap::builder::NonEmptyStringValueParser;
use clap::{Args as ClapArgs, ValueEnum};

use super::azure::AzureOptions;
use super::examples::below;

/// The help of `diagnose` below the options.
const DIAGNOSE_HELP: &str = "\
Every credential that needs no person is asked, all at once, and the way to the vault is walked step by step. The exit code \
is that of `azfob get`. Warnings and notes never change it. The report takes 20 s at the most (--timeout).";

/// The help of `explain` below the options.
const EXPLAIN_HELP: &str = "\
A number up to 8 is an exit code of azfob, three digits are an HTTP status, and more of them one of Entra ID's codes. Where \
several causes have one number the likeliest is told whole, and the others by their codes. --vault, --secret, --tenant and \
the ids of an identity are filled into the commands. A message that holds a known error is explained too; for a whole log \
there is `azfob diagnose --log`.

-o json prints {\"about\": ..., \"findings\": [...]}, as `azfob diagnose -o json` prints its findings.";

/// `azfob diagnose`.
#[derive(Debug, ClapArgs)]
#[command(after_long_help = below(DIAGNOSE_HELP, "diagnose"))]
pub struct DiagnoseArgs {
    /// Test reading this secret too; its value is discarded
    #[arg(long, value_name = "REF", value_parser = NonEmptyStringValueParser::new(), conflicts_with = "log")]
    pub secret: Option<String>,

    /// Explain the errors in another program's output instead, from a file or - for stdin; nothing is probed
    #[arg(long, value_name = "FILE", conflicts_with = "explain")]
    pub log: Option<PathBuf>,

    /// Explain one code or message instead, as AADSTS700213, AKV10032 or ForbiddenByFirewall; nothing is probed
    #[arg(long, value_name = "CODE", value_parser = NonEmptyStringValueParser::new())]
    pub explain: Option<String>,

    /// How to print the report
    #[arg(short, long, value_name = "FORMAT", value_enum, default_value_t = ReportFormat::Table)]
    pub output: ReportFormat,

    /// Shorten ids, addresses and names
    #[arg(long, conflicts_with_all = ["log", "explain"])]
    pub redact: bool,

    #[command(flatten)]
    pub azure: AzureOptions,
}

/// `azfob explain`.
#[derive(Debug, ClapArgs)]
#[command(after_long_help = below(EXPLAIN_HELP, "explain"))]
pub struct ExplainArgs {
    /// The code, as AADSTS700213, ForbiddenByFirewall, 403, an exit code like 5, or a message; without one all are listed
    #[arg(value_name = "CODE", value_parser = NonEmptyStringValueParser::new())]
    pub code: Option<String>,

    /// List all codes that azfob explains
    #[arg(long, conflicts_with = "code")]
    pub list: bool,

    /// The secret that it is about, for the commands
    #[arg(long, value_name = "REF", value_parser = NonEmptyStringValueParser::new())]
    pub secret: Option<String>,

    /// How to print it
    #[arg(short, long, value_name = "FORMAT", value_enum, default_value_t = ReportFormat::Table)]
    pub output: ReportFormat,

    #[command(flatten)]
    pub azure: AzureOptions,
}

/// A format of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ReportFormat {
    /// For people
    Table,
    /// For programs
    Json,
    /// For a ticket
    Markdown,
}
