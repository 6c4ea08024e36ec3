//! Starts an emulated Azure around a command, or around nothing until it is interrupted.

mod child;
mod exports;
mod signals;
#[cfg(test)]
#[cfg(unix)]
mod tests;

use std::time::Duration;

use anyhow::Context;

use crate::args::SandboxArgs;
use crate::bounded_file;
use crate::error::{Error, UsageError};
use crate::output::{self, progress};
use crate::sandbox::{Sandbox, SandboxPlan, numbered_secrets, parse_secret_argument, parse_secrets};
use crate::settings::Verbosity;

use signals::Signals;

/// The largest file of secrets: 25 KB each, and 1,000 of them.
const SECRETS_LIMIT: u64 = 32 << 20;
/// How long a pipe may take to bring it.
const PATIENCE: Duration = Duration::from_secs(60);

/// Runs the command in a sandbox and answers with its exit code.
///
/// # Errors
/// The plan contradicts itself; no port or file was to be had; the command never ran.
pub fn run(args: SandboxArgs) -> anyhow::Result<i32> {
    let command = args.command.clone();
    let plan = plan(args)?;
    // Caught before anything is made, so that whatever comes then is cleaned up after.
    let signals = Signals::catch().context("signals cannot be caught")?;
    let sandbox = Sandbox::start(plan).map_err(|error| match error.kind() {
        std::io::ErrorKind::InvalidInput => Error::from(UsageError(error.to_string())).into(),
        _ => anyhow::Error::new(error).context("the sandbox cannot be started"),
    })?;
    if command.is_empty() {
        return Ok(output::while_waiting(|out| child::wait(&sandbox, out, signals))?);
    }
    Ok(child::run(&sandbox, &command, signals).map_err(Error::NotStarted)?)
}

fn plan(args: SandboxArgs) -> Result<SandboxPlan, Error> {
    let mut plan = SandboxPlan {
        vault: args.vault,
        faults: args.fault,
        limit: args.limit,
        retry_after: args.retry_after,
        round_trip: args.rtt.unwrap_or_default(),
        ..SandboxPlan::new(args.host)
    };
    if let Some(path) = &args.secrets {
        progress::watch_waits(Verbosity::Normal);
        let name = path.display();
        let text = bounded_file::read_named(path, SECRETS_LIMIT, PATIENCE)
            .map_err(|unread| UsageError(format!("--secrets {name}: {unread}")))?;
        let text = bounded_file::text(&text).map_err(|unread| UsageError(format!("--secrets {name}: {unread}")))?;
        let secrets = parse_secrets(&text).map_err(|reason| UsageError(format!("--secrets {name}: {reason}")))?;
        plan = plan.with_secrets(secrets);
    }
    let given: Result<Vec<_>, _> = args.secret.iter().map(|text| parse_secret_argument(text)).collect();
    plan = plan.with_secrets(given.map_err(|reason| UsageError(format!("--secret: {reason}")))?);
    plan.secrets.extend(numbered_secrets(args.count.unwrap_or(0) as usize));
    Ok(plan)
}
