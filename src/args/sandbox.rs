//! What `azfob sandbox` takes.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args as ClapArgs;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};

use crate::sandbox;

use super::help;

/// `azfob sandbox`.
#[derive(Debug, ClapArgs)]
#[command(after_long_help = help::below_options("sandbox"))]
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

    /// How much the vault answers with `--fault throttled`: so many reads in that time, as in 4000/10s
    #[arg(long, value_name = "READS/TIME")]
    pub limit: Option<sandbox::Limit>,

    /// The `Retry-After` of those 429: `none`, seconds, or `date` for the time when a read is answered again
    #[arg(long, value_name = "WHEN", default_value = "none", hide_default_value = true)]
    pub retry_after: sandbox::RetryAfter,

    /// How long the way to the vault and to Entra ID and back takes: once to connect, once for TLS, once for each answer
    #[arg(long, value_name = "TIME", value_parser = sandbox::parse_duration)]
    pub rtt: Option<Duration>,

    /// What to run in it; without it, the variables to set are printed
    #[arg(value_name = "CMD", last = true)]
    pub command: Vec<OsString>,
}

fn sandbox_hosts() -> impl TypedValueParser<Value = sandbox::Host> {
    PossibleValuesParser::new(sandbox::HOSTS.iter().map(|row| PossibleValue::new(row.name).help(row.help)))
        .try_map(|name| name.parse::<sandbox::Host>())
}

fn sandbox_faults() -> impl TypedValueParser<Value = sandbox::Fault> {
    PossibleValuesParser::new(sandbox::FAULTS.iter().map(|row| PossibleValue::new(row.name).help(row.help)))
        .try_map(|name| name.parse::<sandbox::Fault>())
}
