#![forbid(unsafe_code)]
//! azfob fetches secrets from Azure Key Vault by who you are, and says why when it cannot.
//!
//! The flow, in the order of the modules:
//!
//! ```text
//! args ──> settings ──> credential::chain ──> token ──> vault ──> output
//!   env ──────┘           │   one file each      identity   │
//!                         entra, process ─> http <──────────┘
//!                                 any failure ─> error ─> diagnosis ─> output::error
//! ```

pub mod args;
pub mod config;
pub mod env;
pub mod settings;

pub mod background;
pub mod deadline;
pub mod glob;
pub mod secret;
pub mod timestamp;
pub mod timings;

pub mod command;
pub mod error;

pub mod credential;
pub mod entra;
pub mod host;
pub mod identity;
pub mod token;
pub mod vault;

pub mod http;
pub mod process;

pub mod diagnosis;
pub mod output;

#[cfg(feature = "sandbox")]
pub mod sandbox;

use std::ffi::OsString;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;

use args::{Args, AzureOptions, ColorWhen, Command};
use command::Session;
use config::Config;
use diagnosis::explain::Place;
use diagnosis::remedy::Shell;
use entra::cloud::PUBLIC;
use env::Env;
use error::Error;
use host::Host;
use output::Answer;
use settings::{Settings, UsageError, Verbosity};
use vault::url::VaultUrl;

/// Does what the command line says, prints the answer or the failure, and answers with the exit code.
pub fn run(arguments: impl IntoIterator<Item = OsString>, env: &Env) -> ExitCode {
    let args = match Args::try_parse_from(arguments) {
        Ok(args) => args,
        Err(error) => {
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    let color = args.color();
    match dispatch(args, env) {
        Ok(code) => code,
        Err(error) => {
            let place = Place { host: Host::of(env), shell: Shell::of(env) };
            output::error::write(&error, &place, more(&error).as_deref(), color);
            ExitCode::from(error.exit_code())
        }
    }
}

fn dispatch(args: Args, env: &Env) -> Result<ExitCode, Error> {
    let azure = args.azure;
    match args.command {
        Command::Get(get) => {
            let settings = settings(get.azure.clone().over(azure), env)?;
            let plan = command::get::Plan::of(&get, &settings, env)?;
            let session = session(settings, env, plan.budget(), get.wait_for_access)?;
            session.timed(|| command::get::run(plan, &session)).and_then(|answer| finish(answer, &session.settings))
        }
        Command::List(list) => {
            let settings = settings(list.azure.clone().over(azure), env)?;
            let plan = command::list::Plan::of(&list, &settings)?;
            let session = session(settings, env, command::list::BUDGET, list.wait_for_access)?;
            session.timed(|| command::list::run(&plan, &session)).map(|()| ExitCode::SUCCESS)
        }
        Command::Run(run) => {
            let settings = settings(run.azure.clone().over(azure), env)?;
            let plan = command::run::Plan::of(&run, &settings, env)?;
            let session = session(settings, env, command::run::BUDGET, run.wait_for_access)?;
            command::run::run(plan, &session).map(ExitCode::from)
        }
        Command::Whoami(whoami) => {
            let settings = settings(whoami.azure.clone().over(azure), env)?;
            let session = Session::new(settings, env, command::whoami::BUDGET)?;
            let answer = session.timed(|| command::whoami::run(whoami.output, &session))?;
            finish(answer, &session.settings)
        }
        Command::Diagnose(diagnose) => {
            let settings = settings(diagnose.azure.clone().over(azure), env)?;
            if diagnose.log.is_some() || diagnose.explain.is_some() {
                let place = Place { host: Host::of(env), shell: Shell::of(env) };
                command::explain::run(&diagnose, &settings, &place)?.write()?;
                return Ok(ExitCode::SUCCESS);
            }
            let plan = command::diagnose::Plan::of(&diagnose, &settings)?;
            let (answer, code) = command::diagnose::run(&plan, settings, env)?;
            answer.write()?;
            Ok(ExitCode::from(code))
        }
        Command::Completions { shell } => {
            without_azure(&azure, "completions")?;
            command::completions::run(shell).write()?;
            Ok(ExitCode::SUCCESS)
        }
        #[cfg(feature = "sandbox")]
        Command::Sandbox(mut sandbox) => {
            let vault = azure.vault.clone();
            without_azure(&AzureOptions { vault: None, ..azure }, "sandbox")?;
            if let Some(vault) = vault {
                sandbox.vault = vault;
            }
            Ok(ExitCode::from(command::sandbox::run(*sandbox)?))
        }
    }
}

fn settings(options: AzureOptions, env: &Env) -> Result<Settings, UsageError> {
    let config = Config::load(options.profile.as_deref(), env)?;
    let settings = Settings::resolve(&options, env, config)?;
    output::log::start(settings.verbosity);
    Ok(settings)
}

/// A session with all the time that a wait for access may take.
fn session(mut settings: Settings, env: &Env, budget: Duration, wait: Option<Duration>) -> Result<Session, UsageError> {
    settings.timeout = command::access::timeout(settings.timeout, wait, budget);
    Session::new(settings, env, budget)
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
fn without_azure(options: &AzureOptions, command: &str) -> Result<(), UsageError> {
    match options.first_given() {
        Some(option) => Err(UsageError(format!("{option} means nothing to `azfob {command}`"))),
        None => Ok(()),
    }
}

/// Where to look further.
fn more(error: &Error) -> Option<String> {
    let vault = match error {
        Error::NoToken(none) => none.vault.as_ref(),
        Error::Vault(denied) => Some(&denied.error.vault),
        Error::Several(errors) => return errors.first().and_then(more),
        Error::Usage(_)
        | Error::Decode { .. }
        | Error::Unfit { .. }
        | Error::Write { .. }
        | Error::NotStarted(_)
        | Error::Machine(_) => return None,
    };
    Some(vault.map_or_else(|| "azfob diagnose".to_owned(), |vault| format!("azfob diagnose --vault {}", named(vault))))
}

/// A vault as it is named on a command line: its name is enough in the public cloud.
fn named(vault: &VaultUrl) -> String {
    if vault.cloud() == Some(PUBLIC) { vault.name().to_owned() } else { vault.to_string() }
}

impl Args {
    fn color(&self) -> ColorWhen {
        let own = match &self.command {
            Command::Get(get) => get.azure.color,
            Command::List(list) => list.azure.color,
            Command::Run(run) => run.azure.color,
            Command::Whoami(whoami) => whoami.azure.color,
            Command::Diagnose(diagnose) => diagnose.azure.color,
            _ => None,
        };
        own.or(self.azure.color).unwrap_or(ColorWhen::Auto)
    }
}
