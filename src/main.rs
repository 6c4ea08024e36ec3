//! Passes arguments and environment to [`azfob::run`] and returns its exit code.

use std::process::ExitCode;

use azfob::Env;

fn main() -> ExitCode {
    azfob::run(std::env::args_os(), &Env::from_process())
}
