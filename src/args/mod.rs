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
mod workload;

use std::ffi::OsString;

use clap::builder::{PossibleValue, PossibleValuesParser};
use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};

pub use azure::{AzureOptions, ColorWhen, MissingArgs, OutFile};
use deferred::Deferred;
pub use diagnose::{DiagnoseArgs, ExplainArgs, ReportFormat};
pub use dialect::Dialect;
pub use get::{CertificatePart, Decoding, Encoding, GetArgs, GetFormat};
pub use inject::{InjectArgs, InjectFormat};
pub use list::{ListArgs, ListFormat, TagFilter};
pub use run::RunArgs;
#[cfg(feature = "sandbox")]
pub use sandbox::SandboxArgs;
pub use tips::with_tip;
pub use whoami::{WhoamiArgs, WhoamiFormat};
pub use workload::WorkloadArgs;

/// The layout of azfob's own help, which has the commands in groups. 23 lines for `-h`, so that the prompt fits below.
macro_rules! template {
    ($sandbox:literal) => {
        concat!(
            "{about-with-newline}\n{usage-heading} {usage}\n\n",
            "\x1b[1;4mSecrets:\x1b[0m\n",
            "  get          Print the value of one or more secrets\n",
            "  list         List the secrets of a vault, without values\n",
            "  run          Run a command with secrets in its environment\n",
            "  inject       Replace the references in a file with values\n",
            "\x1b[1;4mTroubleshooting:\x1b[0m\n",
            "  whoami       Show the selected credential and the identity it signs in as\n",
            "  diagnose     Check every credential and the vault; show causes and fixes\n",
            "  explain      Explain an error code, HTTP status or exit code, offline\n",
            $sandbox,
            "\x1b[1;4mOther:\x1b[0m\n",
            "  logout       Delete azfob's cached tokens; does not sign out of az\n",
            "  completions  Print the completion script for a shell\n",
            "  help         Help on a command, options, exit-codes, credentials or references\n",
            "  version      Print the version\n",
            "\x1b[1;4mOptions\x1b[0m (Azure options such as --vault: `azfob help options`):\n",
            "{options}{after-help}",
        )
    };
}

#[cfg(feature = "sandbox")]
const TEMPLATE: &str =
    template!("\x1b[1;4mTry it:\x1b[0m\n  sandbox      Run a command against an emulated Azure on this machine\n");
#[cfg(not(feature = "sandbox"))]
const TEMPLATE: &str = template!("");

/// The text below the options in `azfob --help`.
const LONG_HELP: &str = "\
Azure options can be before or after the command. Help topics: `azfob help options`, exit-codes, credentials, references.

Exit codes: 0 success, 1 other error, 2 usage error, 3 no credential, 4 authentication failed, 5 forbidden, 6 not found, \
7 unreachable, 8 throttled, 9 `list --fail` listed a secret.";

/// The command line.
#[derive(Debug, Parser)]
#[command(
    name = "azfob",
    version,
    about = "Read Azure Key Vault secrets with the identity you already have",
    long_about = "azfob reads Azure Key Vault secrets from the command line with the identity you already have: managed \
                  identity, workload identity or `az login`. It uses the same credential chain as DefaultAzureCredential \
                  in the Azure SDKs. When authentication or access fails, it shows the cause and the command that fixes it.",
    subcommand_required = true,
    arg_required_else_help = true,
    disable_help_subcommand = true,
    max_term_width = 80,
    help_template = TEMPLATE,
    after_long_help = examples::below(LONG_HELP, "azfob"),
    after_help = None::<&str>,
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
    /// Show the selected credential and the identity it signs in as
    Whoami(Deferred<WhoamiArgs>),
    /// Check every credential and the vault; show causes and fixes
    Diagnose(Deferred<DiagnoseArgs>),
    /// List the secrets of a vault, without values
    List(Deferred<ListArgs>),
    /// Run a command with secrets in its environment
    Run(Deferred<RunArgs>),
    /// Explain an error code, HTTP status or exit code, offline
    Explain(Deferred<ExplainArgs>),
    /// Replace the references in a file with values
    Inject(Deferred<InjectArgs>),
    /// Run a command against an emulated Azure on this machine
    #[cfg(feature = "sandbox")]
    Sandbox(Deferred<SandboxArgs>),
    /// Delete azfob's cached tokens; does not sign out of az
    #[command(after_long_help = examples::below("", "logout"))]
    Logout,
    /// Print the completion script for a shell
    #[command(after_long_help = examples::below("", "completions"))]
    Completions {
        /// Shell
        shell: CompletionShell,
    },
    /// Help on a command, options, exit-codes, credentials or references
    Help(Deferred<HelpArgs>),
    /// Print the version
    #[command(after_long_help = examples::below("", "version"))]
    Version,
    /// Print the completions at the cursor for a completion script
    #[command(name = "__complete", hide = true)]
    Complete {
        /// The word at the cursor is empty and left out
        #[arg(long)]
        empty: bool,
        /// The words after the program's name, up to the cursor
        #[arg(value_name = "WORD", last = true)]
        words: Vec<OsString>,
    },
}

/// `azfob help`.
#[derive(Debug, ClapArgs)]
#[command(after_long_help = examples::below(&topics::all(), "help"))]
pub struct HelpArgs {
    /// Topic or command
    #[arg(value_name = "TOPIC", value_parser = topics())]
    pub about: Option<String>,
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
    fn template_has_every_command() {
        for command in Args::command().get_subcommands().filter(|command| !command.is_hide_set()) {
            let line = format!("\n  {:<11}  {}\n", command.get_name(), command.get_about().unwrap());
            assert!(TEMPLATE.contains(&line), "{line}");
        }
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
