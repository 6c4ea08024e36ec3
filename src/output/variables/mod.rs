//! Formats secrets as variables, with one file for each dialect.
//!
//! A dialect is a pure function from variables to bytes. A value that it cannot represent exactly is refused.

pub mod azure_pipelines;
mod docker_env;
pub mod dotenv;
pub mod github;
mod name;
mod reserved_names;
pub mod shell;
mod variable;

use std::path::PathBuf;

use zeroize::Zeroizing;

use crate::args::Dialect;
use crate::env::Env;
use crate::error::Error;
use crate::http::random_uuid;
use crate::vault::reference::is_variable;

use name::begins;

pub use name::{InvalidVariableName, check, misnamed, name_of};
pub use reserved_names::NameOrigin;
pub(super) use variable::END_OF_LINE;
pub use variable::{SecretVariable, refuse_nul, unmasked_warnings};

impl Dialect {
    /// Checks a variable's name for this dialect.
    ///
    /// # Errors
    /// Returns an error if the name is invalid or reserved.
    pub fn check(self, name: &str, origin: NameOrigin) -> Result<(), InvalidVariableName> {
        let upper = name.to_ascii_uppercase();
        let reason = match self {
            Dialect::Dotenv | Dialect::DockerEnv | Dialect::Shell | Dialect::EnvJson => None,
            // <https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands#setting-an-environment-variable>
            Dialect::Github if upper == "NODE_OPTIONS" => Some("is rejected by the runner"),
            Dialect::Github => {
                begins(&upper, &["GITHUB_", "RUNNER_"]).then_some("begins with a prefix that the runner reserves")
            }
            // <https://learn.microsoft.com/azure/devops/pipelines/process/variables#variable-naming-restrictions>
            Dialect::AzurePipelines => begins(&upper, &["ENDPOINT", "INPUT", "PATH", "SECRET", "SECUREFILE"])
                .then_some("begins with a prefix that the agent reserves"),
        };
        match reason.filter(|_| is_variable(name)) {
            Some(reason) => Err(InvalidVariableName::new(name, reason, format!("KV_{name}"))),
            None => check(name, origin),
        }
    }

    /// Returns true if a CI runner reads the variables from stdout.
    pub fn is_for_a_runner(self) -> bool {
        match self {
            Dialect::Dotenv | Dialect::DockerEnv | Dialect::Shell | Dialect::EnvJson => false,
            Dialect::Github | Dialect::AzurePipelines => true,
        }
    }

    /// Returns the file that the CI runner reads after the step, if the dialect has one.
    ///
    /// # Errors
    /// Returns an error if this is not a step of that runner.
    pub fn runner_file(self, env: &Env) -> Result<Option<PathBuf>, String> {
        match self {
            Dialect::Dotenv | Dialect::DockerEnv | Dialect::Shell | Dialect::EnvJson | Dialect::AzurePipelines => {
                Ok(None)
            }
            Dialect::Github => github::file(env).map(Some),
        }
    }

    /// Encodes the variables.
    ///
    /// # Errors
    /// Returns an error that names all values that this dialect cannot represent exactly.
    pub fn encode(self, variables: &[SecretVariable<'_>], env: &Env) -> Result<Encoded, Error> {
        refuse_nul(variables)?;
        let only = |stdout: ForStdout| Encoded { stdout, file: None, warnings: Vec::new() };
        let lines = |line: FormatLine| only(ForStdout::Lines(line));
        match self {
            Dialect::Shell => Ok(lines(shell::line)),
            Dialect::EnvJson => Ok(only(ForStdout::JsonObject)),
            Dialect::Dotenv => dotenv::check(variables).map(|()| lines(dotenv::line)),
            Dialect::DockerEnv => docker_env::check(variables).map(|()| lines(docker_env::line)),
            Dialect::Github => Ok(Encoded {
                stdout: ForStdout::Whole(github::masks(variables)),
                file: Some(github::entries(variables, || format!("azfob_{}", random_uuid()))),
                warnings: unmasked_warnings(variables),
            }),
            Dialect::AzurePipelines => Ok(Encoded {
                stdout: ForStdout::Whole(azure_pipelines::commands(variables, azure_pipelines::Percents::detect(env))?),
                file: None,
                warnings: azure_pipelines::too_many_lines(variables, env)
                    .into_iter()
                    .chain(unmasked_warnings(variables))
                    .collect(),
            }),
        }
    }
}

/// The output of a dialect for stdout.
pub enum ForStdout {
    Whole(Zeroizing<Vec<u8>>),
    /// A function that formats each variable. All of them passed the checks.
    Lines(FormatLine),
    /// One JSON object with all variables.
    JsonObject,
}

type FormatLine = fn(&SecretVariable<'_>) -> Zeroizing<Vec<u8>>;

/// Encoded variables.
pub struct Encoded {
    pub stdout: ForStdout,
    /// Text for the end of the file that the CI runner reads.
    pub file: Option<Zeroizing<Vec<u8>>>,
    pub warnings: Vec<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invalid_names_are_refused_with_a_valid_one() {
        let refused = |name: &str, origin, dialect: Dialect| dialect.check(name, origin).unwrap_err().to_string();
        let text = refused("9LIVES", NameOrigin::Found, Dialect::Dotenv);
        assert!(text.starts_with("'9LIVES' is not a variable name") && text.ends_with("_9LIVES=REF"), "{text}");
        assert!(refused("GITHUB_TOKEN", NameOrigin::Alias, Dialect::Github).ends_with("KV_GITHUB_TOKEN=REF"));
        assert!(refused("Node_Options", NameOrigin::Alias, Dialect::Github).contains("rejected by the runner"));
        assert!(refused("SECRET_1", NameOrigin::Alias, Dialect::AzurePipelines).ends_with("KV_SECRET_1=REF"));
        assert!(refused("LD_PRELOAD", NameOrigin::Found, Dialect::Shell).ends_with("LD_PRELOAD=REF"));
        for (name, origin, dialect) in [
            ("PATH", NameOrigin::Alias, Dialect::Shell),
            ("GITHUB_TOKEN", NameOrigin::Alias, Dialect::Shell),
            ("SECRET_1", NameOrigin::Found, Dialect::Github),
            ("_", NameOrigin::Alias, Dialect::Dotenv),
        ] {
            assert_eq!(dialect.check(name, origin), Ok(()), "{name}");
        }
    }
}
