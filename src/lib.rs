#![forbid(unsafe_code)]
//! azfob reads Azure Key Vault secrets from the command line with the identity that it finds.
//!
//! This crate is a program, not a library. `main` uses [`run`] and [`Env`]; tests and fuzzers use `testing`. Both can change
//! at any time.
//!
//! ```text
//! args ─> settings ─> command ─> fetch ─────> vault ──────> output: stdout or a file
//! env ───────┘                     │            │
//!                                  └─> credential::chain ─> token
//!                                               │
//!                                entra, host, process, http
//!
//! a failure ─> error ─> diagnosis: cause, fix, commands ──> output::error: stderr
//! ```
//!
//! | module | does |
//! |---|---|
//! | `args`, `env`, `settings` | parse arguments and variables, and decide defaults, precedence and usage errors |
//! | `command` | has one file or folder per command, which returns a result and prints nothing |
//! | `fetch` | opens vaults, renews tokens, retries and keeps the rate limit, for every command |
//! | `credential` | has one file or folder per credential; `chain` decides what to try and when to stop |
//! | `entra`, `token`, `host` | get tokens from Entra ID, cache them and read their claims, detect the platform |
//! | `certificate` | reads PEM and PKCS#12 files, and converts one to the other |
//! | `azure_resource_manager`, `kubernetes` | read the resources of Azure and the pods of a cluster, for `--for` |
//! | `vault` | is the client of Key Vault secrets |
//! | `http`, `process` | are the only users of the network and the only starters of programs |
//! | `error`, `diagnosis` | define failures and exit codes, and turn a failure or a log into findings with commands |
//! | `output` | has one file per format, and is the only writer of stdout and stderr |
//! | `redact` | is the only place that hides secrets |
//! | `time`, `background`, `bounded_file` | have the deadline, abandonable threads and the reader of files |
//! | `sandbox` | is an emulated Azure, for users and tests |

mod args;
mod env;
mod settings;

mod command;
mod fetch;

mod azure_resource_manager;
mod certificate;
mod credential;
mod entra;
mod host;
mod kubernetes;
mod token;
mod vault;

mod http;
mod process;

mod diagnosis;
mod error;
mod output;

mod background;
mod bounded_file;
mod redact;
mod time;

#[cfg(feature = "sandbox")]
mod sandbox;

#[cfg(feature = "sandbox")]
#[doc(hidden)]
pub mod testing;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Parser;

use args::Args;
use diagnosis::context::Context;
pub use env::Env;
use error::Error;

/// Runs a command line, writes its result or failure, and returns the exit code.
pub fn run(arguments: impl IntoIterator<Item = OsString>, env: &Env) -> ExitCode {
    match process::check_stack() {
        Ok(()) => run_command(arguments.into_iter().collect(), env),
        Err(reason) => {
            output::error::write_error(&reason, args::ColorWhen::Never);
            ExitCode::from(error::exit_code::OTHER)
        }
    }
}

/// Has a frame of its own: its variables take more than a small stack has.
#[inline(never)]
fn run_command(arguments: Vec<OsString>, env: &Env) -> ExitCode {
    redact::secret::keep_memory_private();
    process::signals::ignore_sigxfsz();
    process::signals::end_as_init();
    let _programs = process::KillChildrenOnExit;
    redact::register_env_secrets(env);
    let args = match Args::try_parse_from(&arguments) {
        Ok(args) => args,
        Err(error) => return output::notices::write_usage(&args::with_tip(error, &arguments)),
    };
    let color = args.color();
    let written = command::run(args, env).and_then(|finished| Ok(finished.write()?));
    match written.map_err(anyhow::Error::downcast::<Error>) {
        Ok(code) => u8::try_from(code).map_or_else(|_| exit(code), ExitCode::from),
        Err(Ok(error)) => {
            let here = Context::detect(env);
            output::error::write(&error, &here, color);
            ExitCode::from(error.exit_code())
        }
        // A failure of this machine, not of Azure.
        Err(Err(other)) => {
            output::error::write_error(&format!("{other:#}"), color);
            ExitCode::from(error::exit_code::OTHER)
        }
    }
}

/// Exits with a code that does not fit into an [`ExitCode`], as a Windows program's can.
#[allow(clippy::exit, reason = "ExitCode has only eight bits")]
fn exit(code: i32) -> ExitCode {
    process::end_all();
    std::process::exit(code)
}
