//! Starts an emulated Azure around a command, or around nothing until it is interrupted.

use std::fs;

use anyhow::Context;

use crate::args::{ColorWhen, SandboxArgs};
use crate::error::Error;
use crate::output;
use crate::sandbox::{Plan, Sandbox, Signals, child, numbered_secrets, parse_secret_argument, parse_secrets};
use crate::settings::UsageError;

/// Runs the command in a sandbox and answers with its exit code.
///
/// # Errors
/// The plan contradicts itself; no port or file was to be had; the command never ran.
pub fn run(args: SandboxArgs) -> anyhow::Result<u8> {
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
    match child::run(&sandbox, &command, signals) {
        Ok(code) => Ok(code),
        Err(never) => {
            drop(sandbox);
            output::error::complain(&never.message, ColorWhen::Auto);
            Ok(never.code)
        }
    }
}

fn plan(args: SandboxArgs) -> Result<Plan, Error> {
    let mut plan = Plan {
        vault: args.vault,
        faults: args.fault,
        limit: args.limit,
        retry_after: args.retry_after,
        round_trip: args.rtt.unwrap_or_default(),
        ..Plan::new(args.host)
    };
    if let Some(path) = &args.secrets {
        let name = path.display();
        let text = fs::read_to_string(path).map_err(|error| UsageError(format!("--secrets {name}: {error}")))?;
        let secrets = parse_secrets(&text).map_err(|reason| UsageError(format!("--secrets {name}: {reason}")))?;
        plan = plan.with_secrets(secrets);
    }
    let given: Result<Vec<_>, _> = args.secret.iter().map(|text| parse_secret_argument(text)).collect();
    plan = plan.with_secrets(given.map_err(|reason| UsageError(format!("--secret: {reason}")))?);
    plan.secrets.extend(numbered_secrets(args.count.unwrap_or(0) as usize));
    Ok(plan)
}
