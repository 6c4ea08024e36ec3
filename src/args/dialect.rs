//! The formats of `-o` that set variables.

use clap::ValueEnum;

/// A format that sets variables, named as `-o` names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Dialect {
    /// NAME=value lines for a .env file
    Dotenv,
    /// NAME=value lines without quotes, for `docker run --env-file`
    DockerEnv,
    /// export lines to evaluate in a POSIX shell
    Shell,
    /// One JSON object with names and values
    EnvJson,
    /// Masks and variables for the next steps of a GitHub Actions job
    Github,
    /// Masks and secret variables for the next steps of an Azure Pipelines job
    AzurePipelines,
}
