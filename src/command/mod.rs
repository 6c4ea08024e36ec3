//! The commands. Each resolves its settings, checks a plan before any request, and carries it out.

mod complete;
pub mod completions;
pub mod diagnose;
pub mod explain;
pub mod get;
pub mod help;
pub mod inject;
pub mod list;
mod logout;
pub mod run;
#[cfg(feature = "sandbox")]
pub mod sandbox;
mod text_file;
pub mod whoami;
mod workload;

use crate::args::{Args, AzureOptions, Command};
use crate::env::Env;
use crate::error::{Error, UsageError};
use crate::output::notices::{self, Notices};
use crate::output::{CommandResult, Finished, progress};
use crate::settings::Settings;

use crate::settings::config::Config;
use explain::Question;

/// Runs the command. Returns what is left to print, and the exit code.
///
/// # Errors
/// The command fails: with an [`Error`], which has an exit code, or for a reason on this machine.
pub fn run(args: Args, env: &Env) -> anyhow::Result<Finished> {
    let azure = args.azure;
    let settings = |after: &AzureOptions| settings(after.clone().over(azure.clone()), env);
    let without_azure = |command: &str, run: &dyn Fn() -> CommandResult| {
        reject_azure_options(&azure, command)?;
        Ok(Finished::alone(run()))
    };
    match args.command {
        Command::Get(args) => Ok(get::command(&args, settings(&args.azure)?, env)?),
        Command::List(args) => Ok(list::command(&args, settings(&args.azure)?, env)?),
        Command::Run(args) => Ok(run::command(&args, settings(&args.azure)?, env)?),
        Command::Inject(args) => Ok(inject::command(&args, settings(&args.azure)?, env)?),
        Command::Whoami(args) => {
            let settings = settings(&args.azure)?;
            match &args.workload.name {
                Some(name) => Ok(workload::whoami(name, &args, settings, env)?),
                None => Ok(whoami::command(&args, settings, env)?),
            }
        }
        Command::Diagnose(args) => {
            let settings = settings(&args.azure)?;
            if let Some(name) = &args.workload.name {
                return Ok(workload::diagnose(name, &args, settings, env)?);
            }
            match Question::from_diagnose(&args) {
                Some(question) => Ok(explain::command(&question, args.secret.as_deref(), args.output, &settings, env)?),
                None => Ok(diagnose::command(&args, settings, env)?),
            }
        }
        Command::Explain(args) => {
            let (question, settings) = (Question::from_explain(&args), settings(&args.azure)?);
            Ok(explain::command(&question, args.secret.as_deref(), args.output, &settings, env)?)
        }
        Command::Logout => without_azure("logout", &logout::run),
        Command::Version => without_azure("version", &version),
        Command::Completions { shell } => without_azure("completions", &|| completions::run(shell)),
        Command::Complete { empty, mut words } => {
            words.extend(empty.then(Default::default));
            Ok(Finished::alone(complete::run(&words, env)))
        }
        Command::Help(args) => without_azure("help", &|| help::run(args.about.as_deref())),
        #[cfg(feature = "sandbox")]
        Command::Sandbox(args) => {
            let mut args = *args.0;
            reject_azure_options(&AzureOptions { vault: None, ..azure.clone() }, "sandbox")?;
            if let Some(vault) = azure.vault {
                args.vault = vault;
            }
            Ok(Finished::code(sandbox::run(args, env)?))
        }
    }
}

fn version() -> CommandResult {
    CommandResult::text(concat!("azfob ", env!("CARGO_PKG_VERSION"), "\n"))
}

fn settings(options: AzureOptions, env: &Env) -> Result<Settings, Error> {
    if let Some(variable) = env.non_unicode_setting() {
        return Err(UsageError(format!("{variable}: the value is not UTF-8")).into());
    }
    let config = Config::load(options.profile.as_deref(), env)?;
    let settings = Settings::resolve(&options, env, config)?;
    notices::start_log(settings.verbosity);
    progress::watch_waits(settings.verbosity);
    if let Some(choice) = settings.vault.as_ref().and_then(|vault| settings.unused_vault_variables.choice(vault)) {
        log::info!(target: "azfob", "{choice}");
    }
    if options.profile.is_some() {
        Notices::new(&settings).warn(settings.overridden());
    }
    Ok(settings)
}

/// Rejects the Azure options for a command that sends no requests.
fn reject_azure_options(options: &AzureOptions, command: &str) -> Result<(), Error> {
    match options.first_given() {
        Some(option) => Err(UsageError(format!("`azfob {command}` does not accept {option}")).into()),
        None => Ok(()),
    }
}
