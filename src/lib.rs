#![forbid(unsafe_code)]
//! azfob fetches secrets from Azure Key Vault by who you are, and says why when it cannot.
//!
//! It is a program, and this crate is no library to build on: it shows [`run`] and [`Env`] to `main`, and behind `testing` what
//! the tests and the fuzzers use. All of it can change with any commit.
//!
//! The flow, in the order of the modules:
//!
//! ```text
//! args ──> settings ──> credential::chain ──> token ──> vault ──> output
//!   env ──────┘           │   one file each      identity   │
//!                         entra, process ─> http <──────────┘
//!                                 any failure ─> error ─> diagnosis ─> output::error
//! ```

mod args;
mod env;
mod settings;

mod background;
mod bounded_file;
mod redact;
mod time;

mod command;
mod fetch;

mod error;

mod credential;
mod entra;
mod host;
mod token;
mod vault;

mod http;
mod process;

mod diagnosis;
mod output;

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

/// Runs the command line, prints the answer or the failure, and answers with the exit code.
pub fn run(arguments: impl IntoIterator<Item = OsString>, env: &Env) -> ExitCode {
    redact::secret::keep_memory_private();
    process::signals::ignore_sigxfsz();
    let _programs = process::KillChildrenOnExit;
    redact::register_env_secrets(env);
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    let args = match Args::try_parse_from(&arguments) {
        Ok(args) => args,
        Err(said) => return output::notices::write_usage(&args::with_tip(said, &arguments)),
    };
    let color = args.color();
    let written = command::run(args, env).and_then(|finished| Ok(finished.write()?));
    match written.map_err(anyhow::Error::downcast::<Error>) {
        Ok(code) => u8::try_from(code).map_or_else(|_| end(code), ExitCode::from),
        Err(Ok(error)) => {
            let here = Context::detect(env);
            output::error::write(&error, &here, color);
            ExitCode::from(error.exit_code())
        }
        // Nothing of Azure's: this machine would not do what was asked of it.
        Err(Err(other)) => {
            output::error::write_error(&format!("{other:#}"), color);
            ExitCode::from(error::exit_code::OTHER)
        }
    }
}

/// Ends with a code that has more than the eight bits of an [`ExitCode`], as a command of Windows can.
#[allow(clippy::exit, reason = "there is no other way to end with it")]
fn end(code: i32) -> ExitCode {
    process::end_all();
    std::process::exit(code)
}
