//! The options that several commands share, and how their values are read.

use std::path::PathBuf;
use std::time::Duration;

use clap::builder::NonEmptyStringValueParser;
use clap::{Args as ClapArgs, ValueEnum};

use crate::time::deadline::parse_duration;
use crate::vault::glob::Glob;

/// The options of every command that sends requests to Azure.
#[derive(Clone, Debug, Default, ClapArgs)]
#[command(next_help_heading = "Azure options")]
pub struct AzureOptions {
    /// The vault, by name or address [env: AZFOB_VAULT, AZURE_KEYVAULT_URL, AZURE_KEY_VAULT_ENDPOINT, KEY_VAULT_NAME]
    #[arg(long, value_name = "NAME|URL", value_parser = NonEmptyStringValueParser::new())]
    pub vault: Option<String>,

    /// Allow vaults under this suffix too, as for a private cloud [env: AZFOB_VAULT_SUFFIX]
    #[arg(long, value_name = "SUFFIX", value_parser = NonEmptyStringValueParser::new(), hide_short_help = true)]
    pub vault_suffix: Option<String>,

    /// Use this credential alone: environment, workload-identity, managed-identity, visual-studio, visual-studio-code,
    /// azure-cli, azure-powershell, azure-developer-cli or interactive-browser, or the SDKs' name of it [default: the chain]
    /// [env: AZURE_TOKEN_CREDENTIALS]
    #[arg(long, value_name = "NAME", value_parser = NonEmptyStringValueParser::new())]
    pub credential: Option<String>,

    /// The user-assigned identity, or the application of a workload, by its client id [default: the host's own] [env: AZURE_CLIENT_ID]
    #[arg(long, value_name = "ID", value_parser = NonEmptyStringValueParser::new(), conflicts_with_all = ["object_id", "resource_id"])]
    pub client_id: Option<String>,

    /// The user-assigned identity, by its object id
    #[arg(long, value_name = "ID", value_parser = NonEmptyStringValueParser::new(), conflicts_with = "resource_id")]
    pub object_id: Option<String>,

    /// The user-assigned identity, by its resource id
    #[arg(long, value_name = "ID", value_parser = NonEmptyStringValueParser::new())]
    pub resource_id: Option<String>,

    /// The tenant to sign in to [default: the vault's] [env: AZURE_TENANT_ID]
    #[arg(long, value_name = "ID", value_parser = NonEmptyStringValueParser::new())]
    pub tenant: Option<String>,

    /// Let a person sign in with a browser, where no other credential has a token
    #[arg(long)]
    pub interactive: bool,

    /// The profile of the configuration file to use [env: AZFOB_PROFILE]
    #[arg(long, value_name = "NAME", value_parser = NonEmptyStringValueParser::new())]
    pub profile: Option<String>,

    /// The longest that all of it may take, as 20, 90s or 5m [default: 60s, of list 2m, of diagnose 20s]
    #[arg(long, value_name = "TIME", value_parser = timeout)]
    pub timeout: Option<Duration>,

    /// Keep warnings to yourself
    #[arg(short, long, conflicts_with = "verbose")]
    pub quiet: bool,

    /// Tell each step on stderr, never a value or a token
    #[arg(short, long)]
    pub verbose: bool,

    /// Tell on stderr at the end how long each step took
    #[arg(long)]
    pub timings: bool,

    /// When to use colour [default: auto]
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

/// The time to wait for a role assignment to take effect.
#[derive(Debug, ClapArgs)]
pub struct WaitArgs {
    /// Try for this long where a role is missing, as one that was just assigned: 90s, 5m
    #[arg(long = "wait-for-access", value_name = "TIME", value_parser = timeout)]
    pub for_access: Option<Duration>,
}

/// A file that takes the output in place of stdout.
#[derive(Debug, ClapArgs)]
pub struct OutFile {
    /// Write to a new file instead of stdout; on Unix only you can read it
    #[arg(long = "out-file", value_name = "PATH", id = "out_file", value_parser = clap::value_parser!(PathBuf))]
    pub path: Option<PathBuf>,

    /// Replace the file if it exists
    #[arg(long, requires = "out_file")]
    pub force: bool,
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
    parse_duration(text).filter(|d| !d.is_zero()).ok_or_else(|| "expected a time like 20, 90s or 5m".to_owned())
}

/// Parses a time.
pub(super) fn duration(text: &str) -> Result<Duration, String> {
    parse_duration(text).ok_or_else(|| "expected a time like 12h or 30d".to_owned())
}

/// Parses a pattern.
pub(super) fn glob(text: &str) -> Result<Glob, String> {
    Glob::parse(text).ok_or_else(|| "expected a pattern like db-* or *-key-[0-9]".to_owned())
}
