//! What can be typed: clap types and help text. Decides nothing and reads nothing.

mod azure;
pub mod examples;
mod help;
#[cfg(feature = "sandbox")]
mod sandbox;
mod tips;
pub mod topics;

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use clap::builder::{NonEmptyStringValueParser, PossibleValue, PossibleValuesParser};
use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};

use crate::output::variables::Dialect;
use crate::time::deadline::parse_duration;
use crate::vault::glob::Glob;

use azure::timeout;

pub use azure::{AzureOptions, ColorWhen};
#[cfg(feature = "sandbox")]
pub use sandbox::SandboxArgs;
pub use tips::with_tip;

/// What stands below azfob's own help.
const AFTER_HELP: &str = "Options of a command may stand before or after it. Exit codes: 0 done, 1 other, 2 usage, 3 no \
                          credential, 4 authentication failed, 5 forbidden, 6 not found, 7 unreachable, 8 throttled. \
                          `azfob help` tells of exit-codes, credentials and references.";

/// The command line.
#[derive(Debug, Parser)]
#[command(
    name = "azfob",
    version,
    about = "Fetch Azure Key Vault secrets by who you are, and learn why it fails when it does",
    long_about = "azfob resolves an identity through the same chain as DefaultAzureCredential and fetches secrets from \
                  Azure Key Vault with it. No stored credential is needed; when something is missing, it says what, and \
                  how to mend it.",
    subcommand_required = true,
    arg_required_else_help = true,
    disable_help_subcommand = true,
    after_long_help = examples::below(AFTER_HELP, "azfob"),
    after_help = AFTER_HELP,
)]
pub struct Args {
    /// How Azure is asked.
    #[command(flatten)]
    pub azure: AzureOptions,

    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Print the value of one or more secrets
    Get(Box<GetArgs>),
    /// Tell who the chain makes you: the credential that wins, and the identity behind it
    Whoami(Box<WhoamiArgs>),
    /// Probe the whole chain and the vault, and say what stands in the way and what mends it
    Diagnose(Box<DiagnoseArgs>),
    /// List the vault's secrets, never a value
    List(Box<ListArgs>),
    /// Run a command with secrets in its environment
    Run(Box<RunArgs>),
    /// Explain an error's code, an HTTP status or an exit code, with the commands that mend it; nothing is probed
    Explain(Box<ExplainArgs>),
    /// Write a file anew with the references in it replaced by the secrets' values
    Inject(Box<InjectArgs>),
    /// Try azfob against an emulated Azure on this machine
    #[cfg(feature = "sandbox")]
    Sandbox(Box<SandboxArgs>),
    /// Drop the tokens that are kept between runs where AZFOB_TOKEN_CACHE=1 asks for it; az and others stay signed in
    #[command(after_long_help = help::below_options("logout"))]
    Logout,
    /// Print the completion script for a shell
    #[command(after_long_help = help::below_options("completions"))]
    Completions {
        /// Which shell
        shell: Shell,
    },
    /// Tell about a topic: exit-codes, credentials or references; or about a command
    #[command(after_long_help = examples::below(&topics::all(), "help"))]
    Help {
        /// The topic or the command
        #[arg(value_name = "TOPIC", value_parser = topics())]
        about: Option<String>,
    },
    /// Print the version
    #[command(after_long_help = help::below_options("version"))]
    Version,
    /// Tell a completion script what fits at the cursor
    #[command(name = "__complete", hide = true)]
    Complete {
        /// The word under the cursor is empty, and not among the words
        #[arg(long)]
        empty: bool,
        /// The words behind the program's name, as far as the cursor
        #[arg(value_name = "WORD", last = true)]
        words: Vec<OsString>,
    },
}

/// A shell that there is a completion script for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Shell {
    /// Bash
    Bash,
    /// Elvish
    Elvish,
    /// Fish
    Fish,
    /// PowerShell
    #[value(name = "powershell", alias = "pwsh")]
    PowerShell,
    /// Zsh
    Zsh,
}

/// `azfob get`.
#[derive(Debug, ClapArgs)]
#[command(after_long_help = help::below_options("get"))]
pub struct GetArgs {
    /// The secrets: NAME, NAME/VERSION, an identifier, or a reference; with ALIAS= before it for a variable's name
    #[arg(value_name = "REF", required_unless_present = "matching", value_parser = NonEmptyStringValueParser::new())]
    pub references: Vec<String>,

    /// Get the enabled secrets whose names match, those of certificates left out
    #[arg(long = "match", value_name = "GLOB", id = "matching", value_parser = glob)]
    pub matching: Option<Glob>,

    /// How to print them
    #[arg(short, long, value_name = "FORMAT", value_enum, default_value_t = GetFormat::Text)]
    pub output: GetFormat,

    /// Never end the value with a newline
    #[arg(short = 'n', long)]
    pub no_newline: bool,

    /// Undo the encoding that the value is stored in
    #[arg(long, value_name = "ENCODING", value_enum)]
    pub decode: Option<Encoding>,

    /// Write to a new file instead of stdout; on Unix only you can read it
    #[arg(long, value_name = "PATH", value_parser = clap::value_parser!(PathBuf))]
    pub out_file: Option<PathBuf>,

    /// Replace the file if it exists
    #[arg(long, requires = "out_file")]
    pub force: bool,

    /// Try for this long where a role is missing, as one that was just assigned: 90s, 5m
    #[arg(long, value_name = "TIME", value_parser = timeout)]
    pub wait_for_access: Option<std::time::Duration>,

    /// How Azure is asked.
    #[command(flatten)]
    pub azure: AzureOptions,
}

/// How `get` prints.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GetFormat {
    /// The value and nothing else.
    Text,
    /// As `az keyvault secret show` prints it.
    Json,
    /// As variables.
    Variables(Dialect),
}

impl ValueEnum for GetFormat {
    fn value_variants<'a>() -> &'a [Self] {
        use Dialect::{AzurePipelines, DockerEnv, Dotenv, Github, Shell};
        use GetFormat::{Json, Text, Variables};
        &[
            Text,
            Json,
            Variables(Dotenv),
            Variables(DockerEnv),
            Variables(Shell),
            Variables(Github),
            Variables(AzurePipelines),
        ]
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        match self {
            GetFormat::Text => Some(PossibleValue::new("text").help("The value and nothing else")),
            GetFormat::Json => Some(PossibleValue::new("json").help("As `az keyvault secret show` prints it")),
            GetFormat::Variables(dialect) => dialect.to_possible_value(),
        }
    }
}

/// `azfob list`.
#[derive(Debug, ClapArgs)]
#[command(after_long_help = help::below_options("list"))]
pub struct ListArgs {
    /// How to print them
    #[arg(short, long, value_name = "FORMAT", value_enum, default_value_t = ListFormat::Table)]
    pub output: ListFormat,

    /// Only secrets whose names match: * and ? and [a-z], without regard to case
    #[arg(long = "match", value_name = "GLOB", id = "matching", value_parser = glob)]
    pub matching: Option<Glob>,

    /// Only secrets that expire within this time, or have expired: 48h, 30d
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub expiring: Option<std::time::Duration>,

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

    /// Try for this long where a role is missing, as one that was just assigned: 90s, 5m
    #[arg(long, value_name = "TIME", value_parser = timeout)]
    pub wait_for_access: Option<std::time::Duration>,

    /// How Azure is asked.
    #[command(flatten)]
    pub azure: AzureOptions,
}

/// How `list` prints.
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

/// `azfob run`.
#[derive(Debug, ClapArgs)]
#[command(after_long_help = help::run())]
pub struct RunArgs {
    /// Set this variable to the value of a secret
    #[arg(short, long, value_name = "NAME=REF", value_parser = NonEmptyStringValueParser::new())]
    pub env: Vec<String>,

    /// Set the variables of this .env file, references resolved; none is read by itself
    #[arg(long, value_name = "FILE", value_parser = clap::value_parser!(PathBuf))]
    pub env_file: Vec<PathBuf>,

    /// Keep the variables that azfob signs in with from the command
    #[arg(long)]
    pub clean_env: bool,

    /// Print *** wherever the command prints a line of a value
    #[arg(long)]
    pub mask: bool,

    /// Try for this long where a role is missing, as one that was just assigned: 90s, 5m
    #[arg(long, value_name = "TIME", value_parser = timeout)]
    pub wait_for_access: Option<std::time::Duration>,

    /// The command
    #[arg(value_name = "CMD", last = true, required = true)]
    pub command: Vec<OsString>,

    /// How Azure is asked.
    #[command(flatten)]
    pub azure: AzureOptions,
}

/// `azfob inject`.
#[derive(Debug, ClapArgs)]
#[command(after_long_help = help::below_options("inject"))]
pub struct InjectArgs {
    /// The file to read, - for stdin
    #[arg(value_name = "FILE", default_value = "-", value_parser = clap::value_parser!(PathBuf))]
    pub file: PathBuf,

    /// How values are written in it [default: by the file's ending, or else raw]
    #[arg(long, value_name = "FORMAT", value_enum)]
    pub format: Option<InjectFormat>,

    /// Write to a new file instead of stdout; on Unix only you can read it
    #[arg(long, value_name = "PATH", value_parser = clap::value_parser!(PathBuf))]
    pub out_file: Option<PathBuf>,

    /// Replace the file if it exists
    #[arg(long, requires = "out_file")]
    pub force: bool,

    /// Try for this long where a role is missing, as one that was just assigned: 90s, 5m
    #[arg(long, value_name = "TIME", value_parser = timeout)]
    pub wait_for_access: Option<std::time::Duration>,

    /// How Azure is asked.
    #[command(flatten)]
    pub azure: AzureOptions,
}

/// What a file is that values are written into.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum InjectFormat {
    /// Any text: the value as it is
    Raw,
    /// JSON, with comments or without
    Json,
    /// YAML
    Yaml,
    /// TOML
    Toml,
    /// Java properties
    Properties,
    /// A .env file
    Env,
}

impl InjectFormat {
    /// By the ending of a file's name.
    pub fn from_ending(file: &Path) -> Self {
        let name = file.file_name().and_then(|name| name.to_str()).unwrap_or_default().to_ascii_lowercase();
        match name.rsplit('.').next().unwrap_or_default() {
            "json" | "jsonc" => InjectFormat::Json,
            "yaml" | "yml" => InjectFormat::Yaml,
            "toml" => InjectFormat::Toml,
            "properties" => InjectFormat::Properties,
            "env" => InjectFormat::Env,
            _ => InjectFormat::Raw,
        }
    }
}

/// How a value is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Encoding {
    /// As the tag file-encoding says, which `az keyvault secret set --file` leaves; a PFX from base64
    Auto,
    /// Bytes as base64 text, as certificates are
    Base64,
    /// Bytes as hexadecimal digits
    Hex,
    /// Text of a UTF-16 file, written as one again: in the tag's byte order, or else little-endian
    #[value(name = "utf-16")]
    Utf16,
}

/// `azfob whoami`.
#[derive(Debug, ClapArgs)]
#[command(after_long_help = help::below_options("whoami"))]
pub struct WhoamiArgs {
    /// How to print it
    #[arg(short, long, value_name = "FORMAT", value_enum, default_value_t = WhoamiFormat::Table)]
    pub output: WhoamiFormat,

    /// How Azure is asked.
    #[command(flatten)]
    pub azure: AzureOptions,
}

/// How `whoami` prints.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum WhoamiFormat {
    /// For people
    Table,
    /// For programs
    Json,
}

/// `azfob diagnose`.
#[derive(Debug, ClapArgs)]
#[command(after_long_help = help::below_options("diagnose"))]
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

    /// How Azure is asked.
    #[command(flatten)]
    pub azure: AzureOptions,
}

/// `azfob explain`.
#[derive(Debug, ClapArgs)]
#[command(after_long_help = help::below_options("explain"))]
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

    /// How Azure is asked.
    #[command(flatten)]
    pub azure: AzureOptions,
}

/// How `diagnose` prints.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ReportFormat {
    /// For people
    Table,
    /// For programs
    Json,
    /// For a ticket
    Markdown,
}

/// What `azfob help` can be asked about: the topics, then the commands.
fn topics() -> PossibleValuesParser {
    let topics = topics::TOPICS.iter().map(|topic| PossibleValue::new(topic.name).help(topic.about));
    let commands =
        ["get", "whoami", "diagnose", "list", "run", "inject", "explain", "logout", "completions", "help", "version"]
            .into_iter();
    let sandbox = cfg!(feature = "sandbox").then_some("sandbox");
    topics.chain(commands.chain(sandbox).map(PossibleValue::new)).collect::<Vec<_>>().into()
}

fn duration(text: &str) -> Result<std::time::Duration, String> {
    parse_duration(text).ok_or_else(|| "expected a time like 12h or 30d".to_owned())
}

fn glob(text: &str) -> Result<Glob, String> {
    Glob::parse(text).ok_or_else(|| "expected a pattern like db-* or *-key-[0-9]".to_owned())
}

impl Args {
    /// When to use colour, as it was asked for before or after the command.
    pub fn color(&self) -> ColorWhen {
        let own = match &self.command {
            Command::Get(get) => get.azure.color,
            Command::List(list) => list.azure.color,
            Command::Run(run) => run.azure.color,
            Command::Inject(inject) => inject.azure.color,
            Command::Whoami(whoami) => whoami.azure.color,
            Command::Diagnose(diagnose) => diagnose.azure.color,
            Command::Explain(explain) => explain.azure.color,
            _ => None,
        };
        own.or(self.azure.color).unwrap_or(ColorWhen::Auto)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_definitions_hold_together() {
        Args::command().debug_assert();
    }

    #[test]
    fn an_option_after_the_command_wins_and_one_identity_hides_the_others() {
        let args = Args::try_parse_from([
            "azfob",
            "--vault",
            "a",
            "--tenant",
            "t",
            "--client-id",
            "c",
            "get",
            "--vault",
            "b",
            "--object-id",
            "o",
            "X",
        ]);
        let Args { azure, command: Command::Get(get) } = args.unwrap() else { panic!("get") };
        let merged = get.azure.over(azure);
        assert_eq!((merged.vault.as_deref(), merged.tenant.as_deref()), (Some("b"), Some("t")));
        assert_eq!((merged.client_id, merged.object_id.as_deref()), (None, Some("o")));
    }
}
