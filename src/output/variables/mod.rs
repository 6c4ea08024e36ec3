//! Secrets as variables: who can read them, and one file for each dialect.
//!
//! A dialect is a pure function from variables to bytes. Whatever it cannot carry to the byte is refused, never bent.

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

pub use name::{Chosen, InvalidVariableName, check, misnamed, name_of};
pub(super) use variable::END_OF_LINE;
pub use variable::{SecretVariable, refuse_nul, unmasked};

impl Dialect {
    /// Checks a variable's name for whoever is to read it.
    ///
    /// # Errors
    /// It is none, or it is not ours to set.
    pub fn check(self, name: &str, chosen: Chosen) -> Result<(), InvalidVariableName> {
        let upper = name.to_ascii_uppercase();
        let reason = match self {
            Dialect::Dotenv | Dialect::DockerEnv | Dialect::Shell => None,
            // <https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands#setting-an-environment-variable>
            Dialect::Github if upper == "NODE_OPTIONS" => Some("is refused by the runner"),
            Dialect::Github => {
                begins(&upper, &["GITHUB_", "RUNNER_"]).then_some("begins as the runner's own variables do")
            }
            // <https://learn.microsoft.com/azure/devops/pipelines/process/variables#variable-naming-restrictions>
            Dialect::AzurePipelines => begins(&upper, &["ENDPOINT", "INPUT", "PATH", "SECRET", "SECUREFILE"])
                .then_some("begins with a word that the agent keeps from scripts"),
        };
        match reason.filter(|_| is_variable(name)) {
            Some(reason) => Err(InvalidVariableName::new(name, reason, format!("KV_{name}"))),
            None => check(name, chosen),
        }
    }

    /// Whether a runner reads them on stdout, and nowhere else.
    pub fn is_for_a_runner(self) -> bool {
        match self {
            Dialect::Dotenv | Dialect::DockerEnv | Dialect::Shell => false,
            Dialect::Github | Dialect::AzurePipelines => true,
        }
    }

    /// The file that its runner reads at the end of the step, where it has one.
    ///
    /// # Errors
    /// It has one, and this is no step of it.
    pub fn runner_file(self, env: &Env) -> Result<Option<PathBuf>, String> {
        match self {
            Dialect::Dotenv | Dialect::DockerEnv | Dialect::Shell | Dialect::AzurePipelines => Ok(None),
            Dialect::Github => github::file(env).map(Some),
        }
    }

    /// Makes ready what whoever is to read the variables is told of them.
    ///
    /// # Errors
    /// Values that this dialect cannot carry to the byte; all of them are named.
    pub fn encode(self, variables: &[SecretVariable<'_>], env: &Env) -> Result<Encoded, Error> {
        refuse_nul(variables)?;
        let lines = |line: Line| Encoded { stdout: ForStdout::Lines(line), file: None, warnings: Vec::new() };
        match self {
            Dialect::Shell => Ok(lines(shell::line)),
            Dialect::Dotenv => dotenv::check(variables).map(|()| lines(dotenv::line)),
            Dialect::DockerEnv => docker_env::check(variables).map(|()| lines(docker_env::line)),
            Dialect::Github => Ok(Encoded {
                stdout: ForStdout::Whole(github::masks(variables)),
                file: Some(github::entries(variables, || format!("azfob_{}", random_uuid()))),
                warnings: unmasked(variables),
            }),
            Dialect::AzurePipelines => Ok(Encoded {
                stdout: ForStdout::Whole(azure_pipelines::commands(variables, azure_pipelines::Percents::detect(env))?),
                file: None,
                warnings: azure_pipelines::too_many_lines(variables, env)
                    .into_iter()
                    .chain(unmasked(variables))
                    .collect(),
            }),
        }
    }
}

/// What a dialect prints.
pub enum ForStdout {
    /// All of it.
    Whole(Zeroizing<Vec<u8>>),
    /// Each variable on its own, in order, by this; none of them is refused any more.
    Lines(Line),
}

type Line = fn(&SecretVariable<'_>) -> Zeroizing<Vec<u8>>;

/// Variables as they are handed over.
pub struct Encoded {
    /// For stdout.
    pub stdout: ForStdout,
    /// For the end of the file that a runner reads.
    pub file: Option<Zeroizing<Vec<u8>>>,
    /// What to tell beside them.
    pub warnings: Vec<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_are_none_are_refused_with_one_that_is() {
        let refused = |name: &str, chosen, dialect: Dialect| dialect.check(name, chosen).unwrap_err().to_string();
        let text = refused("9LIVES", Chosen::ByRule, Dialect::Dotenv);
        assert!(text.starts_with("'9LIVES' is not a variable's name") && text.ends_with("_9LIVES=REF"), "{text}");
        assert!(refused("GITHUB_TOKEN", Chosen::ByAlias, Dialect::Github).ends_with("KV_GITHUB_TOKEN=REF"));
        assert!(refused("Node_Options", Chosen::ByAlias, Dialect::Github).contains("refused by the runner"));
        assert!(refused("SECRET_1", Chosen::ByAlias, Dialect::AzurePipelines).ends_with("KV_SECRET_1=REF"));
        assert!(refused("LD_PRELOAD", Chosen::ByRule, Dialect::Shell).ends_with("LD_PRELOAD=REF"));
        for (name, chosen, dialect) in [
            ("PATH", Chosen::ByAlias, Dialect::Shell),
            ("GITHUB_TOKEN", Chosen::ByAlias, Dialect::Shell),
            ("SECRET_1", Chosen::ByRule, Dialect::Github),
            ("_", Chosen::ByRule, Dialect::Dotenv),
        ] {
            assert_eq!(dialect.check(name, chosen), Ok(()), "{name}");
        }
    }
}
