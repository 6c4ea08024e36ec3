//! The commands: options to settings, settings to a plan, the plan carried out, the answer written.

pub mod access_wait;
pub mod completions;
pub mod diagnose;
pub mod explain;
pub mod fetch;
pub mod get;
pub mod list;
mod matching;
pub mod run;
#[cfg(feature = "sandbox")]
pub mod sandbox;
pub mod session;
pub mod whoami;

use std::process::ExitCode;
use std::time::Duration;

use crate::args::{Args, AzureOptions, Command};
use crate::diagnosis::explain::Place;
use crate::env::Env;
use crate::error::Error;
use crate::output::{self, Answer};
use crate::settings::config::Config;
use crate::settings::{Settings, UsageError, Verbosity};

use session::Session;

/// Does what was asked, and answers with the exit code.
///
/// # Errors
/// Whatever the command fails with: an [`Error`], which decides the exit code, or a failure of this machine.
pub fn run(args: Args, env: &Env) -> anyhow::Result<ExitCode> {
    let azure = args.azure;
    match args.command {
        Command::Get(get) => {
            let settings = settings(get.azure.clone().over(azure), env)?;
            let plan = get::Plan::from_args(&get, &settings, env)?;
            let session = session(settings, env, plan.budget(), get.wait_for_access)?;
            Ok(finish(session.timed(|| get::run(plan, &session))?, &session.settings)?)
        }
        Command::List(list) => {
            let settings = settings(list.azure.clone().over(azure), env)?;
            let plan = list::Plan::from_args(&list, &settings)?;
            let session = session(settings, env, list::BUDGET, list.wait_for_access)?;
            session.timed(|| list::run(&plan, &session))?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Run(run) => {
            let settings = settings(run.azure.clone().over(azure), env)?;
            let plan = run::Plan::from_args(&run, &settings, env)?;
            let session = session(settings, env, run::BUDGET, run.wait_for_access)?;
            Ok(ExitCode::from(run::run(plan, &session)?))
        }
        Command::Whoami(whoami) => {
            let settings = settings(whoami.azure.clone().over(azure), env)?;
            let session = session(settings, env, whoami::BUDGET, None)?;
            let answer = session.timed(|| whoami::run(whoami.output, &session))?;
            Ok(finish(answer, &session.settings)?)
        }
        Command::Diagnose(diagnose) => {
            let settings = settings(diagnose.azure.clone().over(azure), env)?;
            if diagnose.log.is_some() || diagnose.explain.is_some() {
                let place = Place::of(env);
                explain::run(&diagnose, &settings, &place)?.write()?;
                return Ok(ExitCode::SUCCESS);
            }
            let plan = diagnose::Plan::of(&diagnose, &settings)?;
            let (answer, code) = diagnose::run(&plan, settings, env)?;
            answer.write()?;
            Ok(ExitCode::from(code))
        }
        Command::Completions { shell } => {
            without_azure(&azure, "completions")?;
            completions::run(shell).write()?;
            Ok(ExitCode::SUCCESS)
        }
        #[cfg(feature = "sandbox")]
        Command::Sandbox(mut sandbox) => {
            let vault = azure.vault.clone();
            without_azure(&AzureOptions { vault: None, ..azure }, "sandbox")?;
            if let Some(vault) = vault {
                sandbox.vault = vault;
            }
            Ok(ExitCode::from(sandbox::run(*sandbox)?))
        }
    }
}

fn settings(options: AzureOptions, env: &Env) -> Result<Settings, Error> {
    let config = Config::load(options.profile.as_deref(), env)?;
    let settings = Settings::resolve(&options, env, config)?;
    output::log::start(settings.verbosity);
    if options.profile.is_some() && settings.verbosity != Verbosity::Quiet {
        settings.overridden().iter().for_each(|text| output::error::warn(text, settings.color));
    }
    Ok(settings)
}

/// A session with all the time that a wait for access may take.
fn session(mut settings: Settings, env: &Env, budget: Duration, wait: Option<Duration>) -> Result<Session, Error> {
    settings.timeout = access_wait::timeout(settings.timeout, wait, budget);
    Ok(Session::new(settings, env, budget)?)
}

/// Writes the answer, and then what there is to warn of.
fn finish(answer: Answer, settings: &Settings) -> Result<ExitCode, Error> {
    answer.write()?;
    if settings.verbosity != Verbosity::Quiet {
        answer.warnings.iter().for_each(|text| output::error::warn(text, settings.color));
        answer.notes.iter().for_each(|text| output::error::note(text, settings.color));
    }
    Ok(ExitCode::SUCCESS)
}

/// The options that say how to ask Azure mean nothing to a command that does not: better told than ignored.
fn without_azure(options: &AzureOptions, command: &str) -> Result<(), Error> {
    match options.first_given() {
        Some(option) => Err(UsageError(format!("{option} means nothing to `azfob {command}`")).into()),
        None => Ok(()),
    }
}
