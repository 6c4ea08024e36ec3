//! The options that several commands share, and how their values are read.

use std::path::PathBuf;
use std::time::Duration;

use clap::builder::NonEmptyStringValueParser;
use clap::{Args as ClapArgs, Command, ValueEnum};

use crate::time::deadline::parse_duration;
use crate::vault::glob::Glob;

/// The options of every command that sends requests to Azure. `-h` only refers to them.
#[derive(Clone, Debug, Default, ClapArgs)]
#[command(next_help_heading = "Azure options", after_help = SHORT_HELP)]
pub struct AzureOptions {
    /// Vault name or URL [env: AZFOB_VAULT, AZURE_KEYVAULT_URL, AZURE_KEY_VAULT_URL, AZURE_KEY_VAULT_ENDPOINT,
    /// AZURE_KEY_VAULT_NAME, AZURE_KEYVAULT_NAME, KEY_VAULT_NAME]
    #[arg(long, value_name = "NAME|URL", value_parser = NonEmptyStringValueParser::new(), hide_short_help = true)]
    pub vault: Option<String>,

    /// Additional DNS suffix of vaults, for example in a private cloud [env: AZFOB_VAULT_SUFFIX]
    #[arg(long, value_name = "SUFFIX", value_parser = NonEmptyStringValueParser::new(), hide_short_help = true)]
    pub vault_suffix: Option<String>,

    /// Use only this credential: environment, workload-identity, managed-identity, visual-studio, visual-studio-code,
    /// azure-cli, azure-powershell, azure-developer-cli or interactive-browser, or its class name in the SDKs
    /// [default: the whole chain] [env: AZURE_TOKEN_CREDENTIALS]
    #[arg(long, value_name = "NAME", value_parser = NonEmptyStringValueParser::new(), hide_short_help = true)]
    pub credential: Option<String>,

    /// Client ID of the user-assigned managed identity, or of the workload's application [default: the host's identity]
    /// [env: AZURE_CLIENT_ID]
    #[arg(long, value_name = "ID", value_parser = NonEmptyStringValueParser::new(), hide_short_help = true, conflicts_with_all = ["object_id", "resource_id"])]
    pub client_id: Option<String>,

    /// Object (principal) ID of the user-assigned managed identity
    #[arg(long, value_name = "ID", value_parser = NonEmptyStringValueParser::new(), hide_short_help = true, conflicts_with = "resource_id")]
    pub object_id: Option<String>,

    /// Resource ID of the user-assigned managed identity
    #[arg(long, value_name = "ID", value_parser = NonEmptyStringValueParser::new(), hide_short_help = true)]
    pub resource_id: Option<String>,

    /// ID or domain of the tenant to sign in to [default: the vault's tenant] [env: AZURE_TENANT_ID]
    #[arg(long, value_name = "ID", value_parser = NonEmptyStringValueParser::new(), hide_short_help = true)]
    pub tenant: Option<String>,

    /// Allow sign-in with a browser if no other credential has a token
    #[arg(long, hide_short_help = true)]
    pub interactive: bool,

    /// Profile of the configuration file [env: AZFOB_PROFILE]
    #[arg(long, value_name = "NAME", value_parser = NonEmptyStringValueParser::new(), hide_short_help = true)]
    pub profile: Option<String>,

    /// Maximum total time: seconds, or with a unit (90s, 5m) [default: 60s; list: 2m; diagnose: 20s]
    #[arg(long, value_name = "TIME", value_parser = timeout, hide_short_help = true)]
    pub timeout: Option<Duration>,

    /// Suppress warnings and notes
    #[arg(short, long, hide_short_help = true, conflicts_with = "verbose")]
    pub quiet: bool,

    /// Log each step to stderr (never values or tokens)
    #[arg(short, long, hide_short_help = true)]
    pub verbose: bool,

    /// Print the duration of each step to stderr at the end
    #[arg(long, hide_short_help = true)]
    pub timings: bool,

    /// When to use color [default: auto]
    #[arg(long, value_name = "WHEN", value_enum, hide_short_help = true)]
    pub color: Option<ColorWhen>,
}

/// When to use color.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ColorWhen {
    /// On a terminal, unless NO_COLOR is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// The time to wait for a role assignment to take effect.
#[derive(Debug, ClapArgs)]
pub struct WaitArgs {
    /// Retry for up to TIME if a role is missing
    ///
    /// A new role assignment can take minutes to take effect. Only a 403 for a missing role is retried. The command can
    /// take that long, even if --timeout is shorter. TIME: seconds, or with a unit (90s, 5m)
    #[arg(long = "wait-for-access", value_name = "TIME", value_parser = timeout)]
    pub for_access: Option<Duration>,
}

/// What to do about secrets that do not exist.
#[derive(Debug, ClapArgs)]
pub struct MissingArgs {
    /// Leave out secrets that are not found
    ///
    /// A note names each of them. Any other failure still fails the command
    #[arg(long)]
    pub allow_missing: bool,
}

/// A file that takes the output in place of stdout.
#[derive(Debug, ClapArgs)]
pub struct OutFile {
    /// Write to a new file instead of stdout
    ///
    /// On Unix, only you can read the file (mode 0600)
    #[arg(long = "out-file", value_name = "PATH", id = "out_file", value_parser = clap::value_parser!(PathBuf))]
    pub path: Option<PathBuf>,

    /// Replace the file if it exists
    #[arg(long, requires = "out_file")]
    pub force: bool,
}

/// The line of `-h` that refers to the Azure options.
const SHORT_HELP: &str = "Azure options (--vault, --credential, --tenant, -v, ...): `azfob help options`";

/// Returns the help of the Azure options in lines of 80 columns.
pub(super) fn options_help() -> String {
    let options = AzureOptions::augment_args(Command::new("azfob")).mut_args(|option| option.hide_short_help(false));
    let mut options = options.disable_help_flag(true).help_template("{options}").term_width(80);
    options.render_help().to_string()
}

impl AzureOptions {
    /// Adds the options of `earlier` that are missing here: those after the command take precedence over those before it.
    pub fn over(self, earlier: AzureOptions) -> AzureOptions {
        // All three name the identity: one of them here overrides each of them there.
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

    /// Returns the first option that is set, for commands that do not accept these options.
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

/// Parses a time that is not zero.
pub(super) fn timeout(text: &str) -> Result<Duration, String> {
    parse_duration(text).filter(|d| !d.is_zero()).ok_or_else(|| "expected a time, for example 20, 90s or 5m".to_owned())
}

/// Parses a time with a unit. A number without one would mean seconds, where most users mean days.
pub(super) fn duration(text: &str) -> Result<Duration, String> {
    match parse_duration(text) {
        Some(_) if text.ends_with(|c: char| c.is_ascii_digit() || c == '.') => {
            Err(format!("expected a time with a unit, for example {text}d for days"))
        }
        Some(time) => Ok(time),
        None => Err("expected a time with a unit, for example 12h or 30d, and less than 4000d".to_owned()),
    }
}

/// Parses a pattern.
pub(super) fn glob(text: &str) -> Result<Glob, String> {
    Glob::parse(text).ok_or_else(|| {
        "expected a pattern of letters, digits, -, *, ? and [a-z], for example db-* or *-key-[0-9]".to_owned()
    })
}
