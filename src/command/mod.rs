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

use crate::args::{Args, AzureOptions, Command};
use crate::env::Env;
use crate::error::{Error, UsageError};
use crate::output::notices::{self, Notices};
use crate::output::{Answer, Finished, progress};
use crate::settings::Settings;
use crate::settings::config::Config;

/// Runs the command. Returns what is left to print, and the exit code.
///
/// # Errors
/// The command fails: with an [`Error`], which has an exit code, or for a reason on this machine.
pub fn run(args: Args, env: &Env) -> anyhow::Result<Finished> {
    let azure = args.azure;
    let settings = |after: &AzureOptions| settings(after.clone().over(azure.clone()), env);
    match args.command {
        Command::Get(args) => Ok(get::command(&args, settings(&args.azure)?, env)?),
        Command::List(args) => Ok(list::command(&args, settings(&args.azure)?, env)?),
        Command::Run(args) => Ok(run::command(&args, settings(&args.azure)?, env)?),
        Command::Inject(args) => Ok(inject::command(&args, settings(&args.azure)?, env)?),
        Command::Whoami(args) => Ok(whoami::command(&args, settings(&args.azure)?, env)?),
        Command::Diagnose(args) if explain::is_asked_for(&args) => {
            Ok(explain::in_place_of_report(&args, &settings(&args.azure)?, env)?)
        }
        Command::Diagnose(args) => Ok(diagnose::command(&args, settings(&args.azure)?, env)?),
        Command::Explain(args) => Ok(explain::command(&args, &settings(&args.azure)?, env)?),
        Command::Logout => {
            reject_azure_options(&azure, "logout")?;
            Ok(Finished::alone(logout::run()))
        }
        Command::Version => {
            reject_azure_options(&azure, "version")?;
            Ok(Finished::alone(Answer::text(concat!("azfob ", env!("CARGO_PKG_VERSION"), "\n"))))
        }
        Command::Completions { shell } => {
            reject_azure_options(&azure, "completions")?;
            Ok(Finished::alone(completions::run(shell)))
        }
        Command::Complete { empty, mut words } => {
            words.extend(empty.then(Default::default));
            Ok(Finished::alone(complete::run(&words, env)))
        }
        Command::Help { about } => {
            reject_azure_options(&azure, "help")?;
            Ok(Finished::alone(help::run(about.as_deref())))
        }
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

fn settings(options: AzureOptions, env: &Env) -> Result<Settings, Error> {
    if let Some(variable) = env.non_unicode_setting() {
        return Err(UsageError(format!("{variable}: its value is not UTF-8")).into());
    }
    let config = Config::load(options.profile.as_deref(), env)?;
    let settings = Settings::resolve(&options, env, config)?;
    notices::start_log(settings.verbosity);
    progress::watch_waits(settings.verbosity);
    if options.profile.is_some() {
        Notices::new(&settings).warn(settings.overridden());
    }
    Ok(settings)
}

/// Rejects the Azure options for a command that sends no requests.
fn reject_azure_options(options: &AzureOptions, command: &str) -> Result<(), Error> {
    match options.first_given() {
        Some(option) => Err(UsageError(format!("{option} means nothing to `azfob {command}`")).into()),
        None => Ok(()),
    }
}
