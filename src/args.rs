//! What can be typed: clap types and help text. Decides nothing and reads nothing.

#[cfg(feature = "sandbox")]
use std::ffi::OsString;
use std::path::PathBuf;

use clap::builder::NonEmptyStringValueParser;
#[cfg(feature = "sandbox")]
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

use crate::deadline::parse_duration;
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

    /// The longest that all of it may take, as 20, 90s or 5m
    #[arg(long, value_name = "TIME", value_parser = timeout)]
    pub timeout: Option<std::time::Duration>,

    /// Keep warnings to yourself
    #[arg(short, long, conflicts_with = "verbose")]
    pub quiet: bool,

    /// Tell each step on stderr, never a value or a token
    #[arg(short, long)]
    pub verbose: bool,

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
    /// The secrets: NAME, NAME/VERSION, an identifier, or a reference
    #[arg(value_name = "REF", required = true, value_parser = NonEmptyStringValueParser::new())]
    pub references: Vec<String>,

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
the order asked, all or none. -o json prints what `az keyvault secret show` prints.";

/// How `get` prints.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum GetFormat {
    /// The value and nothing else
    Text,
    /// As `az keyvault secret show` prints it
    Json,
}

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
    #[arg(long, value_name = "NAME=VALUE", value_parser = sandbox::parse_secret_argument)]
    pub secret: Vec<sandbox::SecretSpec>,

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

fn timeout(text: &str) -> Result<std::time::Duration, String> {
    parse_duration(text).filter(|d| !d.is_zero()).ok_or_else(|| "expected a time like 20, 90s or 5m".to_owned())
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
            timeout: self.timeout.or(earlier.timeout),
            quiet: self.quiet || earlier.quiet,
            verbose: self.verbose || earlier.verbose,
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
            ("--timeout", self.timeout.is_some()),
            ("--quiet", self.quiet),
            ("--verbose", self.verbose),
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
