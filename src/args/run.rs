//! The arguments of `azfob run`.

use clap::Args as ClapArgs;
use clap::builder::NonEmptyStringValueParser;
use std::ffi::OsString;
use std::path::PathBuf;

use crate::env;

use crate::vault::glob::Glob;

use super::azure::{AzureOptions, MissingArgs, WaitArgs, glob};
use super::examples::below;

/// The help below the options, without the variables at its end.
const HELP: &str = "\
In addition to --env, azfob resolves each environment variable that contains only a reference, as App Service does with its settings: \
@Microsoft.KeyVault(...), akvs://..., akv://... and ref+azurekeyvault://.... The same applies to the variables of \
--env-file. --env takes precedence over --match, --match over --env-file, and --env-file over inherited variables. CMD starts \
only if all references are resolved. With --allow-missing, CMD starts without the variable of a secret that is not found.

On Unix, CMD replaces azfob, and has its own signals, terminal and exit code. On Windows, azfob waits for CMD.

With --mask, AZFOB_MASK=1, mask = true in the configuration file, or in the session of a coding agent, azfob reads the output of CMD and replaces secrets with ***. It forwards signals to CMD. If azfob's output is a \
terminal, CMD also has a terminal on Unix, and a pipe on Windows. azfob does not mask what CMD writes to /dev/tty, nor lines \
of one or two characters. It delays an unfinished line while that could be the start of a value.

The exit code is that of CMD: 128 + the signal number if a signal ended it, 127 if CMD is not found, 126 if it cannot be run. \
--clean-env removes these variables: ";

/// Returns the help below the options.
fn help() -> String {
    below(&format!("{HELP}{}.", env::sign_in_names().collect::<Vec<_>>().join(", ")), "run")
}

/// `azfob run`.
#[derive(Debug, ClapArgs)]
#[command(after_long_help = help())]
pub struct RunArgs {
    /// Set variables to the values of secrets
    ///
    /// One option can have several. Without NAME=, the secret's name in upper case is used, with _ for -, as by `azfob get -o shell`
    #[arg(short, long, value_name = "[NAME=]REF", num_args = 1.., value_parser = NonEmptyStringValueParser::new())]
    pub env: Vec<String>,

    /// Set variables to all matching secrets
    ///
    /// All enabled secrets with a matching name. GLOB can contain *, ? and [a-z], and ignores case. Secrets of certificates are skipped. --env takes precedence
    #[arg(long = "match", value_name = "GLOB", id = "matching", value_parser = glob)]
    pub matching: Option<Glob>,

    /// Set the variables of a .env or JSON file
    ///
    /// References in it are resolved. A JSON file is one object of names and values, or local.settings.json of Azure Functions, of which azfob reads Values.
    /// azfob reads no such file without this option
    #[arg(long, value_name = "FILE", value_parser = clap::value_parser!(PathBuf))]
    pub env_file: Vec<PathBuf>,

    /// Also resolve variables with a secret's URL
    ///
    /// The URL is the whole value: https://VAULT.vault.azure.net/secrets/NAME[/VERSION], in the environment and in --env-file
    #[arg(long)]
    pub resolve_urls: bool,

    /// Remove azfob's authentication variables from the command's environment
    #[arg(long)]
    pub clean_env: bool,

    /// Replace values with *** in the output of CMD
    ///
    /// Each line of a value, also its base64, URL and JSON encodings
    #[arg(long, overrides_with = "no_mask")]
    pub mask: bool,

    /// Do not mask, whatever the settings are
    ///
    /// The settings are AZFOB_MASK, mask in the configuration file, and the session of a coding agent
    #[arg(long, overrides_with = "mask")]
    pub no_mask: bool,

    #[command(flatten)]
    pub missing: MissingArgs,

    #[command(flatten)]
    pub wait: WaitArgs,

    /// Command to run
    #[arg(value_name = "CMD", last = true, required = true)]
    pub command: Vec<OsString>,

    #[command(flatten)]
    pub azure: AzureOptions,
}
