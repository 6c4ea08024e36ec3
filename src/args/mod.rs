//! The command line: clap types and help text. Decides nothing and reads nothing.
//!
//! Each command has a file with its arguments and its help. A paragraph of help is one line, which clap wraps to the
//! terminal.

mod azure;
mod deferred;
mod diagnose;
mod dialect;
pub mod examples;
mod get;
mod inject;
mod list;
mod run;
#[cfg(feature = "sandbox")]
mod sandbox;
mod tips;
pub mod topics;
mod whoami;

use std::ffi::OsString;

use clap::builder::{PossibleValue, PossibleValuesParser};
use clap::{Parser, Subcommand, ValueEnum};

pub use azure::{AzureOptions, ColorWhen, OutFile};
use deferred::Deferred;
pub use diagnose::{DiagnoseArgs, ExplainArgs, ReportFormat};
pub use dialect::Dialect;
pub use get::{Encoding, GetArgs, GetFormat};
pub use inject::{InjectArgs, InjectFormat};
pub use list::{ListArgs, ListFormat};
pub use run::RunArgs;
#[cfg(feature = "sandbox")]
pub use sandbox::SandboxArgs;
pub use tips::with_tip;
pub use whoami::{WhoamiArgs, WhoamiFormat};

/// The text below azfob's own help.
const AFTER_HELP: &str = "Options of a command may stand before or after it. Exit codes: 0 done, 1 other, 2 usage, 3 no \
                          credential, 4 authentication failed, 5 forbidden, 6 not found, 7 unreachable, 8 throttled. \
                          `azfob help` tells of exit-codes, credentials and references.";

/// The command line.
#[derive(Debug, Parser)]
#[command(
    name = "azfob",
    version,
    about = "Fetch Azure Key Vault secrets by who you are, and learn why it fails when it does",
    long_about = "azfob resolves an identity through the same chain as DefaultAzureCredential and fetches secrets from \
                  Azure Key Vault with it. No stored credential is needed; when something is missing, it says what, and \
                  how to mend it.",
    subcommand_required = true,
    arg_required_else_help = true,
    disable_help_subcommand = true,
    after_long_help = examples::below(AFTER_HELP, "azfob"),
    after_help = AFTER_HELP,
)]
pub struct Args {
    #[command(flatten)]
    pub azure: AzureOptions,

    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Print the value of one or more secrets
    Get(Deferred<GetArgs>),
    /// Tell who the chain makes you: the credential that wins, and the identity behind it
    Whoami(Deferred<WhoamiArgs>),
    /// Probe the whole chain and the vault, and say what stands in the way and what mends it
    Diagnose(Deferred<DiagnoseArgs>),
    /// List the vault's secrets, never a value
    List(Deferred<ListArgs>),
    /// Run a command with secrets in its environment
    Run(Deferred<RunArgs>),
    /// Explain an error's code, an HTTP status or an exit code, with the commands that mend it; nothing is probed
    Explain(Deferred<ExplainArgs>),
    /// Write a file anew with the references in it replaced by the secrets' values
    Inject(Deferred<InjectArgs>),
    /// Try azfob against an emulated Azure on this machine
    #[cfg(feature = "sandbox")]
    Sandbox(Deferred<SandboxArgs>),
    /// Drop the tokens that are kept between runs where AZFOB_TOKEN_CACHE=1 asks for it; az and others stay signed in
    #[command(after_long_help = examples::below("", "logout"))]
    Logout,
    /// Print the completion script for a shell
    #[command(after_long_help = examples::below("", "completions"))]
    Completions {
        /// Which shell
        shell: CompletionShell,
    },
    /// Tell about a topic: exit-codes, credentials or references; or about a command
    #[command(after_long_help = examples::below(&topics::all(), "help"))]
    Help {
        /// The topic or the command
        #[arg(value_name = "TOPIC", value_parser = topics())]
        about: Option<String>,
    },
    /// Print the version
    #[command(after_long_help = examples::below("", "version"))]
    Version,
    /// Tell a completion script what fits at the cursor
    #[command(name = "__complete", hide = true)]
    Complete {
        /// The word under the cursor is empty, and not among the words
        #[arg(long)]
        empty: bool,
        /// The words behind the program's name, as far as the cursor
        #[arg(value_name = "WORD", last = true)]
        words: Vec<OsString>,
    },
}

/// A shell with a completion script.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum CompletionShell {
    /// Bash
    Bash,
    /// Elvish
    Elvish,
    /// Fish
    Fish,
    /// PowerShell
    #[value(name = "powershell", alias = "pwsh")]
    PowerShell,
    /// Zsh
    Zsh,
}

/// Parses the argument of `azfob help`: a topic or a command.
fn topics() -> PossibleValuesParser {
    let topics = topics::TOPICS.iter().map(|topic| PossibleValue::new(topic.name).help(topic.about));
    let commands =
        ["get", "whoami", "diagnose", "list", "run", "inject", "explain", "logout", "completions", "help", "version"]
            .into_iter();
    let sandbox = cfg!(feature = "sandbox").then_some("sandbox");
    topics.chain(commands.chain(sandbox).map(PossibleValue::new)).collect::<Vec<_>>().into()
}

impl Args {
    /// Returns the `--color` of the command, or that before the command.
    pub fn color(&self) -> ColorWhen {
        let own = match &self.command {
            Command::Get(get) => get.azure.color,
            Command::List(list) => list.azure.color,
            Command::Run(run) => run.azure.color,
            Command::Inject(inject) => inject.azure.color,
            Command::Whoami(whoami) => whoami.azure.color,
            Command::Diagnose(diagnose) => diagnose.azure.color,
            Command::Explain(explain) => explain.azure.color,
            _ => None,
        };
        own.or(self.azure.color).unwrap_or(ColorWhen::Auto)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn clap_accepts_the_definitions() {
        Args::command().debug_assert();
    }

    #[test]
    fn options_after_the_command_take_precedence() {
        let args = Args::try_parse_from([
            "azfob",
            "--vault",
            "a",
            "--tenant",
            "t",
            "--client-id",
            "c",
            "get",
            "--vault",
            "b",
            "--object-id",
            "o",
            "X",
        ]);
        let Args { azure, command: Command::Get(get) } = args.unwrap() else { panic!("get") };
        let merged = get.0.azure.over(azure);
        assert_eq!((merged.vault.as_deref(), merged.tenant.as_deref()), (Some("b"), Some("t")));
        assert_eq!((merged.client_id, merged.object_id.as_deref()), (None, Some("o")));
    }
}
