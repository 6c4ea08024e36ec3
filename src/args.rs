//! What can be typed: clap types and help text. Decides nothing and reads nothing.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::builder::NonEmptyStringValueParser;
#[cfg(feature = "sandbox")]
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

use crate::deadline::parse_duration;
use crate::glob::Glob;
#[cfg(feature = "sandbox")]
use crate::sandbox;

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
    after_help = "Options of a command may stand before or after it. Exit codes: 0 done, 1 other, 2 usage, 3 no credential, \
                  4 authentication failed, 5 forbidden, 6 not found, 7 unreachable, 8 throttled."
)]
pub struct Args {
    #[command(flatten)]
    #[allow(missing_docs)]
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
    /// Try azfob against an emulated Azure on this machine
    #[cfg(feature = "sandbox")]
    Sandbox(Box<SandboxArgs>),
    /// Print the completion script for a shell
    Completions {
        /// Which shell
        shell: Shell,
    },
}

/// The options of every command that asks Azure.
#[derive(Clone, Debug, Default, ClapArgs)]
#[command(next_help_heading = "Azure options")]
pub struct AzureOptions {
    /// The vault, by name or address [env: AZFOB_VAULT, AZURE_KEYVAULT_URL, AZURE_KEY_VAULT_ENDPOINT, KEY_VAULT_NAME]
    #[arg(long, value_name = "NAME|URL", value_parser = NonEmptyStringValueParser::new())]
    pub vault: Option<String>,

    /// Allow vaults under this suffix too, as for a private cloud [env: AZFOB_VAULT_SUFFIX]
    #[arg(long, value_name = "SUFFIX", value_parser = NonEmptyStringValueParser::new(), hide_short_help = true)]
    pub vault_suffix: Option<String>,

    /// Use this credential alone, by its class name or short form [env: AZURE_TOKEN_CREDENTIALS]
    #[arg(long, value_name = "NAME", value_parser = NonEmptyStringValueParser::new())]
    pub credential: Option<String>,

    /// The user-assigned identity, by its client id [env: AZURE_CLIENT_ID]
    #[arg(long, value_name = "ID", value_parser = NonEmptyStringValueParser::new(), conflicts_with_all = ["object_id", "resource_id"])]
    pub client_id: Option<String>,

    /// The user-assigned identity, by its object id
    #[arg(long, value_name = "ID", value_parser = NonEmptyStringValueParser::new(), conflicts_with = "resource_id")]
    pub object_id: Option<String>,

    /// The user-assigned identity, by its resource id
    #[arg(long, value_name = "ID", value_parser = NonEmptyStringValueParser::new())]
    pub resource_id: Option<String>,

    /// The tenant to sign in to [env: AZURE_TENANT_ID]
    #[arg(long, value_name = "ID", value_parser = NonEmptyStringValueParser::new())]
    pub tenant: Option<String>,

    /// Let a person sign in with a browser, where no other credential has a token
    #[arg(long)]
    pub interactive: bool,
    /// The profile of the configuration file to use [env: AZFOB_PROFILE]
    #[arg(long, value_name = "NAME", value_parser = NonEmptyStringValueParser::new())]
    pub profile: Option<String>,

    /// The longest that all of it may take, as 20, 90s or 5m
    #[arg(long, value_name = "TIME", value_parser = timeout)]
    pub timeout: Option<std::time::Duration>,

    /// Keep warnings to yourself
    #[arg(short, long, conflicts_with = "verbose")]
    pub quiet: bool,

    /// Tell each step on stderr, never a value or a token
    #[arg(short, long)]
    pub verbose: bool,

    /// Tell on stderr at the end how long each step took
    #[arg(long)]
    pub timings: bool,

    /// When to use colour
    #[arg(long, value_name = "WHEN", value_enum)]
    pub color: Option<ColorWhen>,
}

/// When to use colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ColorWhen {
    /// On a terminal, unless NO_COLOR is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// `azfob get`.
#[derive(Debug, ClapArgs)]
#[command(after_long_help = GET_HELP)]
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

    /// Write to a new file that only you can read, instead of stdout
    #[arg(long, value_name = "PATH", value_parser = clap::value_parser!(PathBuf))]
    pub out_file: Option<PathBuf>,

    /// Replace the file if it exists
    #[arg(long, requires = "out_file")]
    pub force: bool,

    /// Try for this long where a role is missing, as one that was just assigned: 90s, 5m
    #[arg(long, value_name = "TIME", value_parser = timeout)]
    pub wait_for_access: Option<std::time::Duration>,

    #[command(flatten)]
    #[allow(missing_docs)]
    pub azure: AzureOptions,
}

const GET_HELP: &str = "\
A REF is one of
  NAME                                      a secret of the vault in use
  NAME/VERSION                              one version of it
  https://VAULT.vault.azure.net/secrets/NAME[/VERSION]
  @Microsoft.KeyVault(SecretUri=...)        as in an App Service setting
  @Microsoft.KeyVault(VaultName=...;SecretName=...[;SecretVersion=...])
  akvs://SUBSCRIPTION/VAULT/NAME[/VERSION]  as azd writes it
  akv://VAULT/NAME
  ref+azurekeyvault://VAULT/NAME[/VERSION]  as vals writes it

The exact bytes of one value are printed; a newline follows on a terminal only. Several values are printed one a line, in
the order asked, all or none. -o json prints what `az keyvault secret show` prints.

dotenv, shell, github and azure-pipelines set variables. ALIAS=REF names one; without an alias the name is the secret's in
upper case with _ for -, so that api-key becomes API_KEY. A name with -- keeps its case and -- becomes __, as .NET reads
it: ConnectionStrings--Default becomes ConnectionStrings__Default.";

/// How `get` prints.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum GetFormat {
    /// The value and nothing else
    Text,
    /// As `az keyvault secret show` prints it
    Json,
    /// NAME=value lines for a .env file
    Dotenv,
    /// export lines for a POSIX shell: eval "$(azfob get ... -o shell)"
    Shell,
    /// Masks, and variables for the next steps of a GitHub Actions job
    Github,
    /// Masks, and secret variables for the next steps of an Azure Pipelines job
    AzurePipelines,
}

/// `azfob list`.
#[derive(Debug, ClapArgs)]
#[command(after_long_help = LIST_HELP)]
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

    /// The secrets that were deleted and can be recovered
    #[arg(long)]
    pub deleted: bool,

    /// Try for this long where a role is missing, as one that was just assigned: 90s, 5m
    #[arg(long, value_name = "TIME", value_parser = timeout)]
    pub wait_for_access: Option<std::time::Duration>,

    #[command(flatten)]
    #[allow(missing_docs)]
    pub azure: AzureOptions,
}

const LIST_HELP: &str = "\
-o name and -o tsv print each page as it comes, in the vault's order. The columns of tsv are name, enabled, updated,
expires, content type and tags; with --versions updated is when the version was made, and the name is NAME/VERSION; with
--deleted they are name, deleted, purged, content type and tags. Times are RFC 3339, and what is not set is empty.

-o json prints what `az keyvault secret list` prints, certificates' secrets included (\"managed\": true). A list that
breaks off is a failure, whatever was printed before.";

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
#[command(after_long_help = RUN_HELP)]
pub struct RunArgs {
    /// Set this variable to the value of a secret
    #[arg(short, long, value_name = "NAME=REF", value_parser = NonEmptyStringValueParser::new())]
    pub env: Vec<String>,

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

    #[command(flatten)]
    #[allow(missing_docs)]
    pub azure: AzureOptions,
}

const RUN_HELP: &str = "\
Beside --env, every variable of the environment whose value is @Microsoft.KeyVault(...) or akvs://... is replaced by the
secret's value, as App Service does with its settings. All are resolved before the command starts, or it does not start.

On Unix the command takes azfob's place: signals, terminal and exit code are its own. On Windows azfob waits for it.
With --mask azfob stays between: it passes signals on and exits as the command does (128 and the signal's number where
one ended it). Where azfob's output is a terminal the command's is one too, on Unix; on Windows it is a pipe. What a
command writes to /dev/tty itself is not masked, nor are lines of one or two characters. A last line that could be the
beginning of a value is shown once it is not.

The exit code is the command's own; 127 where it is not found, 126 where it cannot be run. --clean-env keeps these from
it: AZURE_CLIENT_ID, AZURE_TENANT_ID, AZURE_CLIENT_SECRET, AZURE_CLIENT_CERTIFICATE_PATH,
AZURE_CLIENT_CERTIFICATE_PASSWORD, AZURE_CLIENT_SEND_CERTIFICATE_CHAIN, AZURE_USERNAME, AZURE_PASSWORD,
AZURE_FEDERATED_TOKEN_FILE, AZURE_TOKEN_CREDENTIALS, IDENTITY_ENDPOINT, IDENTITY_HEADER, IDENTITY_SERVER_THUMBPRINT,
IMDS_ENDPOINT, MSI_ENDPOINT, MSI_SECRET, ACTIONS_ID_TOKEN_REQUEST_URL, ACTIONS_ID_TOKEN_REQUEST_TOKEN,
SYSTEM_ACCESSTOKEN, SYSTEM_OIDCREQUESTURI.";

/// How a value is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Encoding {
    /// Bytes as base64 text, as certificates are
    Base64,
}

/// `azfob whoami`.
#[derive(Debug, ClapArgs)]
#[command(after_long_help = WHOAMI_HELP)]
pub struct WhoamiArgs {
    /// How to print it
    #[arg(short, long, value_name = "FORMAT", value_enum, default_value_t = WhoamiFormat::Table)]
    pub output: WhoamiFormat,

    #[command(flatten)]
    #[allow(missing_docs)]
    pub azure: AzureOptions,
}

const WHOAMI_HELP: &str = "\
A vault is not needed; where one is named, the token is asked for in its tenant. The token is never shown.";

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
#[command(after_long_help = DIAGNOSE_HELP)]
pub struct DiagnoseArgs {
    /// Test reading this secret too; its value is discarded
    #[arg(long, value_name = "REF", value_parser = NonEmptyStringValueParser::new(), conflicts_with_all = ["log", "explain"])]
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
    #[allow(missing_docs)]
    pub azure: AzureOptions,
}

const DIAGNOSE_HELP: &str = "\
Every credential that needs no person is asked, all at once, and the way to the vault is walked step by step. The exit code
is that of `azfob get`. Warnings and notes never change it. The report takes 20 s at the most (--timeout).";

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

/// `azfob sandbox`.
#[cfg(feature = "sandbox")]
#[derive(Debug, ClapArgs)]
#[command(after_long_help = SANDBOX_HELP)]
pub struct SandboxArgs {
    /// The kind of host that CMD finds itself on
    #[arg(long = "as", value_name = "HOST", default_value = "app-service", value_parser = sandbox_hosts())]
    pub host: sandbox::Host,

    /// The vault's name
    #[arg(long, value_name = "NAME", default_value = sandbox::names::VAULT_NAME)]
    pub vault: String,

    /// Put this secret into the vault
    // Read later: clap would quote the value in its complaint.
    #[arg(long, value_name = "NAME=VALUE")]
    pub secret: Vec<String>,

    /// Put the secrets of this JSON file into the vault: names to values, or to objects
    #[arg(long, value_name = "FILE")]
    pub secrets: Option<PathBuf>,

    /// Put this many numbered secrets into the vault
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub count: Option<u32>,

    /// Let this go wrong
    #[arg(long, value_name = "FAULT", value_parser = sandbox_faults())]
    pub fault: Vec<sandbox::Fault>,

    /// What to run in it; without it, the variables to set are printed
    #[arg(value_name = "CMD", last = true)]
    pub command: Vec<OsString>,
}

#[cfg(feature = "sandbox")]
const SANDBOX_HELP: &str = "\
Nothing leaves this machine: CMD reaches the emulated Azure under its real host names, through a proxy on loopback that
refuses every other host, with certificates of a throw-away authority that CMD alone is told to trust. azfob takes the
same path in it as against Azure, and so do the official SDKs and az.

The exit code is CMD's own.";

#[cfg(feature = "sandbox")]
fn sandbox_hosts() -> impl TypedValueParser<Value = sandbox::Host> {
    PossibleValuesParser::new(sandbox::HOSTS.iter().map(|row| PossibleValue::new(row.name).help(row.help)))
        .try_map(|name| name.parse::<sandbox::Host>())
}

#[cfg(feature = "sandbox")]
fn sandbox_faults() -> impl TypedValueParser<Value = sandbox::Fault> {
    PossibleValuesParser::new(sandbox::FAULTS.iter().map(|row| PossibleValue::new(row.name).help(row.help)))
        .try_map(|name| name.parse::<sandbox::Fault>())
}

fn duration(text: &str) -> Result<std::time::Duration, String> {
    parse_duration(text).ok_or_else(|| "expected a time like 12h or 30d".to_owned())
}

fn glob(text: &str) -> Result<Glob, String> {
    Glob::parse(text).ok_or_else(|| "expected a pattern like db-* or *-key-[0-9]".to_owned())
}

fn timeout(text: &str) -> Result<std::time::Duration, String> {
    parse_duration(text).filter(|d| !d.is_zero()).ok_or_else(|| "expected a time like 20, 90s or 5m".to_owned())
}

impl Args {
    /// When to use colour, as it was asked for before or after the command.
    pub fn color(&self) -> ColorWhen {
        let own = match &self.command {
            Command::Get(get) => get.azure.color,
            Command::List(list) => list.azure.color,
            Command::Run(run) => run.azure.color,
            Command::Whoami(whoami) => whoami.azure.color,
            Command::Diagnose(diagnose) => diagnose.azure.color,
            _ => None,
        };
        own.or(self.azure.color).unwrap_or(ColorWhen::Auto)
    }
}

impl AzureOptions {
    /// These, and where one was not given, that of `earlier`: what stands after the command comes before what stands
    /// before it.
    pub fn over(self, earlier: AzureOptions) -> AzureOptions {
        // The three ids name one thing: one of them here hides all of them there.
        let names_identity = self.client_id.is_some() || self.object_id.is_some() || self.resource_id.is_some();
        let keep = |id: Option<String>| if names_identity { None } else { id };
        AzureOptions {
            vault: self.vault.or(earlier.vault),
            vault_suffix: self.vault_suffix.or(earlier.vault_suffix),
            credential: self.credential.or(earlier.credential),
            client_id: self.client_id.or(keep(earlier.client_id)),
            object_id: self.object_id.or(keep(earlier.object_id)),
            resource_id: self.resource_id.or(keep(earlier.resource_id)),
            tenant: self.tenant.or(earlier.tenant),
            interactive: self.interactive || earlier.interactive,
            profile: self.profile.or(earlier.profile),
            timeout: self.timeout.or(earlier.timeout),
            quiet: self.quiet || earlier.quiet,
            verbose: self.verbose || earlier.verbose,
            timings: self.timings || earlier.timings,
            color: self.color.or(earlier.color),
        }
    }

    /// The first option that was given, for the commands to which these mean nothing.
    pub fn first_given(&self) -> Option<&'static str> {
        [
            ("--vault", self.vault.is_some()),
            ("--vault-suffix", self.vault_suffix.is_some()),
            ("--credential", self.credential.is_some()),
            ("--client-id", self.client_id.is_some()),
            ("--object-id", self.object_id.is_some()),
            ("--resource-id", self.resource_id.is_some()),
            ("--tenant", self.tenant.is_some()),
            ("--interactive", self.interactive),
            ("--profile", self.profile.is_some()),
            ("--timeout", self.timeout.is_some()),
            ("--quiet", self.quiet),
            ("--verbose", self.verbose),
            ("--timings", self.timings),
            ("--color", self.color.is_some()),
        ]
        .into_iter()
        .find_map(|(name, given)| given.then_some(name))
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
