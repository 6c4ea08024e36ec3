//! The `azfob` command: arguments and environment in, exit code out.

use std::process::ExitCode;

use azfob::Env;

fn main() -> ExitCode {
    azfob::run(std::env::args_os(), &Env::from_process())
}
