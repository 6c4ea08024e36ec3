//! The arguments of `azfob sandbox`.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args as ClapArgs;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};

use crate::sandbox;
use crate::time::deadline::parse_duration;

use super::examples::below;

/// The help below the options.
const HELP: &str = "\
Nothing leaves this machine: CMD reaches the emulated Azure under its real host names, through a proxy on loopback that \
refuses every other host, with certificates of a throw-away authority that CMD alone is told to trust. azfob takes the \
same path in it as against Azure, and so do the official SDKs and az.

--fault throttled refuses every read; with --limit it answers that many in any such time, and what it refuses does not \
count, as in a real vault, whose limit is 4000/10s. --fault flaky is for load tests: every tenth answer of the vault is \
in turn a 503, a body that breaks off, a 429, or none.

--rtt 20ms makes the way to the vault, Entra ID and every other host as long as a network would: what opens a connection \
is answered after that time, so is the first message of TLS, and so is each request. The managed identity endpoint is on \
the host itself and answers at once.

The exit code is CMD's own.";

/// `azfob sandbox`.
#[derive(Debug, ClapArgs)]
#[command(after_long_help = below(HELP, "sandbox"))]
pub struct SandboxArgs {
    /// The kind of host that CMD finds itself on
    #[arg(long = "as", value_name = "HOST", default_value = "app-service", value_parser = sandbox_hosts())]
    pub host: sandbox::EmulatedHost,

    /// The vault's name
    #[arg(long, value_name = "NAME", default_value = sandbox::names::VAULT_NAME)]
    pub vault: String,

    /// Put this secret into the vault
    // Parsed later: clap would quote the value in its error.
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
    #[arg(long, value_name = "READS/TIME", value_parser = limit)]
    pub limit: Option<sandbox::Limit>,

    /// The `Retry-After` of those 429: `none`, seconds, or `date` for the time when a read is answered again
    #[arg(long, value_name = "WHEN", default_value = "none", hide_default_value = true)]
    pub retry_after: sandbox::RetryAfter,

    /// How long the way to the vault and to Entra ID and back takes: once to connect, once for TLS, once for each answer
    #[arg(long, value_name = "TIME", value_parser = short_time)]
    pub rtt: Option<Duration>,

    /// What to run in it; without it, the variables to set are printed
    #[arg(value_name = "CMD", last = true)]
    pub command: Vec<OsString>,
}

fn sandbox_hosts() -> impl TypedValueParser<Value = sandbox::EmulatedHost> {
    PossibleValuesParser::new(sandbox::HOSTS.iter().map(|row| PossibleValue::new(row.name).help(row.help)))
        .try_map(|name| name.parse::<sandbox::EmulatedHost>())
}

fn sandbox_faults() -> impl TypedValueParser<Value = sandbox::Fault> {
    PossibleValuesParser::new(sandbox::FAULTS.iter().map(|row| PossibleValue::new(row.name).help(row.help)))
        .try_map(|name| name.parse::<sandbox::Fault>())
}

/// Reads a whole number of milliseconds or seconds, up to an hour: `20ms`, `10s`.
fn short_time(text: &str) -> Result<Duration, &'static str> {
    let is_whole = text.ends_with('s') && !text.contains('.');
    let sensible = Duration::from_millis(1)..=Duration::from_secs(60 * 60);
    let time = parse_duration(text).filter(|time| is_whole && sensible.contains(time));
    time.ok_or("it must be a time like 20ms or 10s")
}

/// Reads a number of reads and a time: `4000/10s`.
fn limit(text: &str) -> Result<sandbox::Limit, &'static str> {
    let limit = text.split_once('/').and_then(|(reads, window)| {
        let reads = reads.parse().ok().filter(|reads| *reads > 0)?;
        Some(sandbox::Limit { reads, window: short_time(window).ok()? })
    });
    limit.ok_or("it must be a number of reads and a time, as in 4000/10s or 20/500ms")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limit_is_reads_in_a_short_time() {
        let expected = |reads, window| Ok(sandbox::Limit { reads, window });
        assert_eq!(limit("4000/10s"), expected(4000, Duration::from_secs(10)));
        assert_eq!(limit("3/500ms"), expected(3, Duration::from_millis(500)));
        for wrong in ["", "4000", "4000/", "/10s", "0/10s", "4000/0s", "4000/10", "4000/10 s", "-1/10s", "4000/10h"] {
            assert!(limit(wrong).is_err(), "{wrong}");
        }
        for wrong in ["1.5s", "3601s", "0ms", "s"] {
            assert!(short_time(wrong).is_err(), "{wrong}");
        }
    }
}
