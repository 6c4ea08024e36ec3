//! `azfob diagnose --for` and `azfob whoami --for`: a workload in Azure, read from here through Azure Resource Manager.
//!
//! Every request is a GET, or the query of Resource Graph. No data of the vault is requested.

mod examine;
mod identity;
mod located;
mod pod;
mod reader;

use crate::args::{DiagnoseArgs, WhoamiArgs, WhoamiFormat};
use crate::env::Env;
use crate::error::Error;
use crate::output::{Body, CommandResult, Finished, diagnose as rendered, json, workload as output};
use crate::settings::Settings;

use reader::{WorkloadReader, WorkloadTarget};

/// Runs `azfob diagnose --for`. Its exit code is the one that `get` would have in the workload.
///
/// # Errors
/// The workload is not found, or an argument is malformed.
pub fn diagnose(name: &str, args: &DiagnoseArgs, settings: Settings, env: &Env) -> Result<Finished, Error> {
    let target = WorkloadTarget::parse(name, &args.workload)?;
    let plan = examine::ExaminePlan::from_args(target, args, &settings)?;
    let (verbosity, color) = (settings.verbosity, settings.color);
    let reader = WorkloadReader::new(settings, env)?;
    let report = reader.session.timed(|| {
        let (pod, cloud, selected) = located::start(&reader, &plan.target, plan.vault.as_ref())?;
        examine::report(&plan, &reader, &reader.client(cloud, &selected), &selected, pod)
    })?;
    let redaction = if args.redact { rendered::Redaction::On } else { rendered::Redaction::Off };
    let answer = rendered::report(&report, args.output, redaction, verbosity, color);
    Ok(Finished { code: report.exit_code.into(), ..Finished::with(answer, reader.session.notices) })
}

/// Runs `azfob whoami --for`.
///
/// # Errors
/// The workload is not found, or an argument is malformed.
pub fn whoami(name: &str, args: &WhoamiArgs, settings: Settings, env: &Env) -> Result<Finished, Error> {
    let target = WorkloadTarget::parse(name, &args.workload)?;
    let reader = WorkloadReader::new(settings, env)?;
    let workload = reader.session.timed(|| {
        let (pod, cloud, selected) = located::start(&reader, &target, None)?;
        let client = reader.client(cloud, &selected);
        located::locate(&reader, &client, &target, None, pod)?.subject.identities(&client, reader.identity.as_ref())
    })?;
    let answer = match args.output {
        WhoamiFormat::Table => CommandResult::text(output::text(&workload)),
        WhoamiFormat::Json => {
            CommandResult { body: Body::Whole(json::of_report(output::json(&workload))), ..CommandResult::text([]) }
        }
    };
    Ok(Finished::with(answer, reader.session.notices))
}
