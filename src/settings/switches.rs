//! The settings that are on or off, and what changes them in the session of a coding agent.

use crate::env::{self, Env, Source, Sourced};
use crate::error::UsageError;

use super::config::Config;

/// Returns the variable that shows the session of a coding agent.
pub(super) fn agent(env: &Env) -> Option<Source> {
    let names: Vec<_> = env::agent_names().collect();
    env.first(&names).map(|(name, _)| Source::Variable(name))
}

/// Returns whether tokens are cached between runs.
pub(super) fn token_cache(env: &Env, config: &Config) -> Result<Option<Sourced<bool>>, UsageError> {
    switch(env, env::AZFOB_TOKEN_CACHE, "token_cache", config.keys.token_cache)
}

/// Returns whether a pod's AKS identity binding is used.
pub(super) fn identity_binding(env: &Env) -> Result<Option<Sourced<bool>>, UsageError> {
    switch(env, env::AZFOB_IDENTITY_BINDING, "", None)
}

/// Returns whether `run` masks values: in an agent's session unless that is turned off.
pub(super) fn mask(env: &Env, config: &Config) -> Result<Option<Sourced<bool>>, UsageError> {
    let mask = switch(env, env::AZFOB_MASK, "mask", config.keys.mask)?;
    Ok(mask.or_else(|| agent(env).map(|source| Sourced { value: true, source })))
}

/// Reads a variable, or else a key of the configuration file.
fn switch(
    env: &Env,
    variable: &'static str,
    key: &'static str,
    filed: Option<bool>,
) -> Result<Option<Sourced<bool>>, UsageError> {
    let source = Source::Variable(variable);
    match env.get(variable) {
        None => Ok(filed.map(|value| Sourced { value, source: Source::File(key) })),
        Some("1") => Ok(Some(Sourced { value: true, source })),
        Some("0") => Ok(Some(Sourced { value: false, source })),
        Some(text) => Err(UsageError::new(source, text, "expected 1 or 0")),
    }
}
