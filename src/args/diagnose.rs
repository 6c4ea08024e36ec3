//! The arguments of `azfob diagnose` and `azfob explain`.

use std::path::PathBuf;

use clap::builder::NonEmptyStringValueParser;
use clap::{Args as ClapArgs, ValueEnum};

use super::azure::AzureOptions;
use super::examples::below;
use super::workload::WorkloadArgs;

/// The help of `diagnose` below the options.
const DIAGNOSE_HELP: &str = "\
azfob tries every credential that needs no user interaction, all at the same time, and checks the connection to the vault \
step by step. The exit code is that of `azfob get`; warnings and notes never change it. The report takes at most 20 s (--timeout).

--for examines an app in Azure from your machine: its identities, the roles, access policies and network rules of the vault, and \
the states of the app's Key Vault references. It needs the role Reader on both. --client-id, --object-id or --resource-id names the \
identity that the app selects; the default is its system-assigned identity. The result is \"can read\" only if azfob could check \
every step. Otherwise the report says what is not known, and the exit code is 1.

--for pod/NAMESPACE/NAME reads the pod and its service account with kubectl, and compares the pod's token with the federated \
credentials of its identity. Your Kubernetes user needs the permission get on both.";

/// The help of `explain` below the options.
const EXPLAIN_HELP: &str = "\
CODE is an exit code of azfob (0 to 9), an HTTP status (three digits), an AADSTS code of Entra ID, the code of a finding, or \
a message that contains a known error. If a code has several causes, azfob explains the most likely one and lists the codes of \
the others. The commands contain the values of --vault, --secret, --tenant and the identity options. To explain a whole log, \
use `azfob diagnose --log`.

-o json prints {\"about\": ..., \"findings\": [...]}. The findings have the same fields as in `azfob diagnose -o json`.";

/// `azfob diagnose`.
#[derive(Debug, ClapArgs)]
#[command(after_long_help = below(DIAGNOSE_HELP, "diagnose"))]
pub struct DiagnoseArgs {
    /// Also read this secret; its value is discarded
    #[arg(long, value_name = "REF", value_parser = NonEmptyStringValueParser::new(), conflicts_with = "log")]
    pub secret: Option<String>,

    /// Explain the errors in a log file (- for stdin)
    ///
    /// The file is the output of another program. azfob sends no requests
    #[arg(long, value_name = "FILE", conflicts_with_all = ["explain", "for"])]
    pub log: Option<PathBuf>,

    /// Explain an error code or message, as `azfob explain`
    ///
    /// Examples: AADSTS700213, AKV10032, ForbiddenByFirewall. azfob sends no requests
    #[arg(long, value_name = "CODE", value_parser = NonEmptyStringValueParser::new(), conflicts_with = "for")]
    pub explain: Option<String>,

    #[command(flatten)]
    pub workload: WorkloadArgs,

    /// Output format
    #[arg(short, long, value_name = "FORMAT", value_enum, default_value_t = ReportFormat::Table)]
    pub output: ReportFormat,

    /// Shorten IDs, addresses and names
    #[arg(long, conflicts_with_all = ["log", "explain"])]
    pub redact: bool,

    #[command(flatten)]
    pub azure: AzureOptions,
}

/// `azfob explain`.
#[derive(Debug, ClapArgs)]
#[command(after_long_help = below(EXPLAIN_HELP, "explain"))]
pub struct ExplainArgs {
    /// Error code, HTTP status, exit code or message; without it, all codes are listed
    ///
    /// Examples: AADSTS700213, ForbiddenByFirewall, 403, 5
    #[arg(value_name = "CODE", value_parser = NonEmptyStringValueParser::new())]
    pub code: Option<String>,

    /// List all codes
    #[arg(long, conflicts_with = "code")]
    pub list: bool,

    /// Name of the secret in the commands
    #[arg(long, value_name = "REF", value_parser = NonEmptyStringValueParser::new())]
    pub secret: Option<String>,

    /// Output format
    #[arg(short, long, value_name = "FORMAT", value_enum, default_value_t = ReportFormat::Table)]
    pub output: ReportFormat,

    #[command(flatten)]
    pub azure: AzureOptions,
}

/// A format of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ReportFormat {
    /// Text and tables
    Table,
    /// JSON
    Json,
    /// Markdown, for example for a ticket
    Markdown,
}
