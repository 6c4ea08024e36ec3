//! Starts an emulated Azure and runs a command in it, or waits until it is interrupted.

mod child;
mod exports;
#[cfg(test)]
#[cfg(unix)]
mod tests;

use std::ffi::OsString;

use anyhow::Context;

use crate::args::{ColorWhen, SandboxArgs};
use crate::bounded_file::{self, PIPE_LIMIT};
use crate::env::Env;
use crate::error::{Error, UsageError};
use crate::output::error::note;
use crate::output::{progress, stream};
use crate::process::signals::SignalGuard;
use crate::process::watcher;
use crate::sandbox::{EmulatedHost, Sandbox, SandboxPlan, numbered_secrets, parse_secret_argument, parse_secrets};
use crate::settings::Verbosity;

/// Size limit of the secrets file: 1,000 secrets of 25 KB.
const SECRETS_LIMIT: u64 = 32 << 20;

/// Runs the command in a sandbox and returns its exit code.
///
/// # Errors
/// The plan contradicts itself, no port or file is available, or the command did not start.
pub fn run(args: SandboxArgs, env: &Env) -> anyhow::Result<i32> {
    let command = args.command.clone();
    let plan = plan(args)?;
    // Before the sandbox exists, so that a signal cannot prevent its cleanup.
    let guard = SignalGuard::new();
    let code = guarded(plan, &command, env, &guard);
    // The command received the signals that came, or the sandbox ended by them.
    guard.forget();
    code
}

fn guarded(plan: SandboxPlan, command: &[OsString], env: &Env, guard: &SignalGuard) -> anyhow::Result<i32> {
    let signals = watcher::catch_signals(&[]).context("cannot catch signals")?;
    let sandbox = Sandbox::start(plan).map_err(|error| match error.kind() {
        std::io::ErrorKind::InvalidInput => Error::from(UsageError(error.to_string())).into(),
        _ => anyhow::Error::new(error).context("cannot start the sandbox"),
    })?;
    if let Some(text) = sandbox.note() {
        note(text, ColorWhen::Auto);
    }
    if command.is_empty() {
        return Ok(stream::while_waiting(|out| child::wait(&sandbox, out, guard, signals))?);
    }
    Ok(child::run(&sandbox, command, env, signals).map_err(Error::NotStarted)?)
}

fn plan(args: SandboxArgs) -> Result<SandboxPlan, Error> {
    let host = args.host.unwrap_or_else(|| match args.workload {
        Some(_) => EmulatedHost::AzureCli,
        None => SandboxPlan::host_for(&args.fault),
    });
    if args.host.is_none() && args.workload.is_none() && host != EmulatedHost::AppService {
        let faults = args.fault.iter().map(|fault| fault.name()).collect::<Vec<_>>().join(", ");
        note(&format!("emulating {host}: {faults} is not possible on app-service"), ColorWhen::Auto);
    }
    let mut plan = SandboxPlan {
        workload: args.workload,
        vault: args.vault,
        faults: args.fault,
        limit: args.limit,
        retry_after: args.retry_after,
        round_trip: args.rtt.unwrap_or_default(),
        ..SandboxPlan::new(host)
    };
    if let Some(path) = &args.secrets {
        progress::watch_waits(Verbosity::Normal);
        let name = path.display();
        let text = bounded_file::read_named(path, SECRETS_LIMIT, PIPE_LIMIT)
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
