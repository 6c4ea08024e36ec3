//! The arguments of `azfob sandbox`.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args as ClapArgs;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};

use crate::sandbox;
use crate::time::deadline::parse_duration;

use super::examples::below;

/// The help below the options, before the hosts and the faults.
const HELP: &str = "\
No request leaves this machine. CMD uses the real host names of Azure. A proxy on loopback connects them to the emulated services, and \
refuses all other hosts. A temporary CA signs the certificates, and only CMD trusts it. azfob, the official SDKs and az \
send the same requests as to Azure.

--fault throttled refuses all reads. With --limit, the vault answers that many reads in each period. Refused reads do not \
count. The limit of a real vault is 4000/10s. --fault flaky is for load tests: one in ten answers of the vault fails. It \
is a 503, a 429, incomplete or missing, in turn.

--rtt 20ms delays the vault, Entra ID and all other hosts, as a network does: each connection, TLS handshake and request takes \
that time. The managed identity endpoint is on the host and answers at once.

The exit code is that of CMD.";

/// Returns the help below the options. `-h` has no room for the hosts and the faults.
fn help() -> String {
    let hosts: String = sandbox::HOSTS.iter().map(|host| row(host.name, host.help)).collect();
    let list =
        |faults: &[sandbox::FaultRow]| faults.iter().map(|row_of| row(row_of.name, row_of.help)).collect::<String>();
    let (faults, of_workloads) = (list(sandbox::FAULTS), list(sandbox::FAULTS_OF_WORKLOADS));
    let text = format!(
        "{HELP}\n\nHosts (--as):{hosts}\n\nFaults (--fault):{faults}\n\nFaults with --workload (--fault):{of_workloads}"
    );
    below(&text, "sandbox")
}

/// Returns a row of a list with two columns, in lines of 80 columns.
fn row(name: &str, help: &str) -> String {
    let (mut text, mut length) = (format!("\n  {name:<19}"), 21);
    for word in help.split(' ') {
        if length + 1 + word.len() > 80 {
            text.push_str(&format!("\n{:21}", ""));
            length = 21;
        }
        text.push_str(&format!(" {word}"));
        length += 1 + word.len();
    }
    text
}

/// `azfob sandbox`.
#[derive(Debug, ClapArgs)]
#[command(after_help = "Hosts and faults: `azfob sandbox --help`", after_long_help = help())]
pub struct SandboxArgs {
    /// Host to emulate: imds, azure-cli, ... [default: app-service]
    ///
    /// If the fault of --fault cannot occur there, the default is a host on which it can
    #[arg(long = "as", value_name = "HOST", value_parser = sandbox_hosts(), hide_possible_values = true)]
    pub host: Option<sandbox::EmulatedHost>,

    /// Workload my-app in Azure
    ///
    /// `azfob diagnose --for my-app` examines it. The faults concern the workload, and not the host, which is azure-cli
    #[arg(long, value_name = "KIND", value_parser = sandbox_workloads(), hide_short_help = true)]
    pub workload: Option<sandbox::EmulatedWorkload>,

    /// Name of the vault
    #[arg(long, value_name = "NAME", default_value = sandbox::names::VAULT_NAME)]
    pub vault: String,

    /// Add a secret to the vault
    // Parsed later: clap would quote the value in its error.
    #[arg(long, value_name = "NAME=VALUE")]
    pub secret: Vec<String>,

    /// Add the secrets of a JSON file to the vault
    ///
    /// The file maps names to values, or to objects
    #[arg(long, value_name = "FILE")]
    pub secrets: Option<PathBuf>,

    /// Add N numbered secrets to the vault
    #[arg(long, value_name = "N", value_parser = count)]
    pub count: Option<u32>,

    /// Make requests fail: forbidden, throttled, mfa, ...
    #[arg(long, value_name = "FAULT", value_parser = sandbox_faults(), hide_possible_values = true)]
    pub fault: Vec<sandbox::Fault>,

    /// Rate of reads that `--fault throttled` answers, for example 4000/10s
    #[arg(long, value_name = "READS/TIME", value_parser = limit)]
    pub limit: Option<sandbox::Limit>,

    /// `Retry-After` of the 429: none, seconds or date
    ///
    /// With date, it is the time when the vault answers reads again
    #[arg(long, value_name = "WHEN", default_value = "none")]
    pub retry_after: sandbox::RetryAfter,

    /// Network latency of the vault and Entra ID
    ///
    /// It delays each connection, each TLS handshake and each answer
    #[arg(long, value_name = "TIME", value_parser = short_time)]
    pub rtt: Option<Duration>,

    /// Command to run; without it, azfob prints the variables to set
    #[arg(value_name = "CMD", last = true)]
    pub command: Vec<OsString>,
}

fn sandbox_hosts() -> impl TypedValueParser<Value = sandbox::EmulatedHost> {
    PossibleValuesParser::new(sandbox::HOSTS.iter().map(|row| PossibleValue::new(row.name).help(row.help)))
        .try_map(|name| name.parse::<sandbox::EmulatedHost>())
}

fn sandbox_workloads() -> impl TypedValueParser<Value = sandbox::EmulatedWorkload> {
    PossibleValuesParser::new(sandbox::WORKLOADS.iter().map(|row| PossibleValue::new(row.name).help(row.help)))
        .try_map(|name| name.parse::<sandbox::EmulatedWorkload>())
}

fn sandbox_faults() -> impl TypedValueParser<Value = sandbox::Fault> {
    PossibleValuesParser::new(sandbox::all_faults().map(|row| PossibleValue::new(row.name).help(row.help)))
        .try_map(|name| name.parse::<sandbox::Fault>())
}

/// Reads a whole number of milliseconds or seconds, up to an hour: `20ms`, `10s`.
fn short_time(text: &str) -> Result<Duration, &'static str> {
    let is_whole = text.ends_with('s') && !text.contains('.');
    let sensible = Duration::from_millis(1)..=Duration::from_secs(60 * 60);
    let time = parse_duration(text).filter(|time| is_whole && sensible.contains(time));
    time.ok_or("expected a time, for example 20ms or 10s")
}

fn count(text: &str) -> Result<u32, &'static str> {
    text.parse().ok().filter(|count| (1..=100_000).contains(count)).ok_or("expected a number from 1 to 100000")
}

/// Reads a number of reads and a time: `4000/10s`.
fn limit(text: &str) -> Result<sandbox::Limit, &'static str> {
    let limit = text.split_once('/').and_then(|(reads, window)| {
        let reads = reads.parse().ok().filter(|reads| *reads > 0)?;
        Some(sandbox::Limit { reads, window: short_time(window).ok()? })
    });
    limit.ok_or("expected READS/TIME, for example 4000/10s or 20/500ms")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn count_is_a_number_in_its_range() {
        assert_eq!(count("100000"), Ok(100_000));
        for wrong in ["", "x", "0", "-1", "100001", "1.5", "99999999999"] {
            assert_eq!(count(wrong), Err("expected a number from 1 to 100000"), "{wrong}");
        }
    }

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
