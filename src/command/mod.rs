//! The commands: options to settings, settings to a plan, the plan carried out, the answer written.

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

/// Runs the command that the arguments name and answers with what is left to print and the exit code.
///
/// # Errors
/// Whatever the command fails with: an [`Error`], which decides the exit code, or a failure of this machine.
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
            without_azure(&azure, "logout")?;
            Ok(Finished::alone(logout::run()))
        }
        Command::Version => {
            without_azure(&azure, "version")?;
            Ok(Finished::alone(Answer::text(concat!("azfob ", env!("CARGO_PKG_VERSION"), "\n"))))
        }
        Command::Completions { shell } => {
            without_azure(&azure, "completions")?;
            Ok(Finished::alone(completions::run(shell)))
        }
        Command::Complete { empty, mut words } => {
            words.extend(empty.then(Default::default));
            Ok(Finished::alone(complete::run(&words, env)))
        }
        Command::Help { about } => {
            without_azure(&azure, "help")?;
            Ok(Finished::alone(help::run(about.as_deref())))
        }
        #[cfg(feature = "sandbox")]
        Command::Sandbox(args) => {
            let mut args = *args.0;
            without_azure(&AzureOptions { vault: None, ..azure.clone() }, "sandbox")?;
            if let Some(vault) = azure.vault {
                args.vault = vault;
            }
            Ok(Finished::code(sandbox::run(args, env)?))
        }
    }
}

fn settings(options: AzureOptions, env: &Env) -> Result<Settings, Error> {
    if let Some(variable) = env.not_text() {
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

/// The options that say how to ask Azure mean nothing to a command that does not: better told than ignored.
fn without_azure(options: &AzureOptions, command: &str) -> Result<(), Error> {
    match options.first_given() {
        Some(option) => Err(UsageError(format!("{option} means nothing to `azfob {command}`")).into()),
        None => Ok(()),
    }
}
