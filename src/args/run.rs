//! The arguments of `azfob run`.

use clap::Args as ClapArgs;
use clap::builder::NonEmptyStringValueParser;
use std::ffi::OsString;
use std::path::PathBuf;

use crate::env;

use super::azure::{AzureOptions, WaitArgs};
use super::examples::below;

/// The help below the options, without the variables at its end.
const HELP: &str = "\
Beside --env, every variable of the environment whose value is a reference is replaced by the secret's value, as App \
Service does with its settings: @Microsoft.KeyVault(...), akvs://..., akv://... and ref+azurekeyvault://.... \
So is one in a file of --env-file; --env comes before such a file, and the file before what is inherited. All are resolved \
before the command starts, or it does not start.

On Unix the command takes azfob's place: signals, terminal and exit code are its own. On Windows azfob waits for it. \
With --mask azfob stays between: it passes signals on and exits as the command does (128 and the signal's number where \
one ended it). Where azfob's output is a terminal the command's is one too, on Unix; on Windows it is a pipe. What a \
command writes to /dev/tty itself is not masked, nor are lines of one or two characters. A last line that could be the \
beginning of a value is shown once it is not.

The exit code is the command's own; 127 where it is not found, 126 where it cannot be run. --clean-env keeps these from \
it: ";

/// Returns the help below the options.
fn help() -> String {
    below(&format!("{HELP}{}.", env::sign_in_names().collect::<Vec<_>>().join(", ")), "run")
}

/// `azfob run`.
#[derive(Debug, ClapArgs)]
#[command(after_long_help = help())]
pub struct RunArgs {
    /// Set this variable to the value of a secret
    #[arg(short, long, value_name = "NAME=REF", value_parser = NonEmptyStringValueParser::new())]
    pub env: Vec<String>,

    /// Set the variables of this .env file, references resolved; none is read by itself
    #[arg(long, value_name = "FILE", value_parser = clap::value_parser!(PathBuf))]
    pub env_file: Vec<PathBuf>,

    /// Keep the variables that azfob signs in with from the command
    #[arg(long)]
    pub clean_env: bool,

    /// Print *** wherever the command prints a line of a value
    #[arg(long)]
    pub mask: bool,

    #[command(flatten)]
    pub wait: WaitArgs,

    /// The command
    #[arg(value_name = "CMD", last = true, required = true)]
    pub command: Vec<OsString>,

    #[command(flatten)]
    pub azure: AzureOptions,
}
