//! What `azfob run` sets and runs, checked before any request is sent.

use std::ffi::{OsStr, OsString};
use std::path::Path;
use std::time::Duration;

use zeroize::Zeroizing;

use crate::args::RunArgs;
use crate::env::{self, Env};
use crate::error::{Error, UsageError};
use crate::fetch::matching::{Matching, add_matching};
use crate::fetch::vaults::Vaults;
use crate::fetch::{IfMissing, SecretRequest};
use crate::output::variables::{self, InvalidVariableName, NameOrigin};
use crate::settings::{Settings, env_file, json_file};
use crate::vault::reference::{SecretRef, unquoted};

use super::super::{get, list, text_file};

/// The command to run and the secrets that it needs.
pub(super) struct RunPlan {
    /// The variables with secrets. Those of `--env` come first.
    pub variables: Vec<(OsString, SecretRequest)>,
    /// The number of variables of `--env`.
    from_options: usize,
    matching: Option<Matching>,
    /// The variables of `--env-file` that are not references.
    pub plain: Vec<(OsString, Zeroizing<String>)>,
    pub command: Vec<OsString>,
    pub removed: Vec<&'static str>,
    pub output: CommandOutput,
    pub wait: Option<Duration>,
    pub if_missing: IfMissing,
    pub notes: Vec<String>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum CommandOutput {
    Untouched,
    Masked,
}

impl CommandOutput {
    /// Reads `--mask` and `--no-mask`, or else the setting.
    fn from_args(args: &RunArgs, settings: &Settings) -> Self {
        let is_set = settings.mask.as_ref().is_some_and(|mask| mask.value);
        if args.mask || !args.no_mask && is_set { CommandOutput::Masked } else { CommandOutput::Untouched }
    }
}

/// Returns the reason for masking that the user did not request.
fn agent_note(args: &RunArgs, settings: &Settings) -> Option<String> {
    let agent = settings.agent.filter(|_| !args.mask && !args.no_mask)?;
    let is_reason = settings.mask.as_ref().is_some_and(|mask| mask.source == agent);
    is_reason.then(|| format!("the output is masked, because {agent} shows a coding agent's session; see --no-mask"))
}

impl RunPlan {
    /// Parses the references of `--env`, `--env-file` and the environment, in this order of precedence.
    ///
    /// # Errors
    /// A usage error, for a malformed reference or a name that is set twice.
    pub fn from_args(args: &RunArgs, settings: &Settings, env: &Env) -> Result<Self, Error> {
        let mut variables: Vec<(OsString, SecretRequest)> = Vec::new();
        for text in &args.env {
            let (name, request) = from_option(text, settings)?;
            if is_set(&name, &variables, &[]) {
                return Err(UsageError::new("--env", text, format!("{} is set twice", name.display())).into());
            }
            variables.push((name, request));
        }
        let from_options = variables.len();
        let urls = if args.resolve_urls { UrlsOfSecrets::Resolved } else { UrlsOfSecrets::Text };
        let mut plain = Vec::new();
        // If a name is in several files, the last one counts.
        for path in args.env_file.iter().rev() {
            from_file(path, settings, urls, &mut variables, &mut plain)?;
        }
        // The token is only for azfob.
        let removed = if args.clean_env { env::sign_in_names().collect() } else { vec![env::AZFOB_ID_TOKEN] };
        for (name, value) in env.iter() {
            let is_set = is_set(name, &variables, &plain);
            let is_removed = removed.iter().any(|other| env::is_same_name(OsStr::new(other), name));
            let text = value.to_string_lossy();
            if !is_set && !is_removed && urls.is_reference(&text, settings) {
                let source = name.to_string_lossy();
                let reference =
                    value.to_str().ok_or_else(|| UsageError(format!("{source}: the value is not UTF-8")))?;
                let request = SecretRequest::parse(&source, reference.trim(), settings)?.at(source);
                variables.push((name.to_owned(), request));
            }
        }
        Ok(RunPlan {
            variables,
            from_options,
            matching: Matching::from_arg(args.matching.as_ref(), settings)?,
            plain,
            command: args.command.clone(),
            removed,
            output: CommandOutput::from_args(args, settings),
            notes: agent_note(args, settings).into_iter().collect(),
            wait: args.wait.for_access,
            if_missing: IfMissing::from_args(&args.missing),
        })
    }

    /// Returns the time limit without `--timeout`. A list has its own.
    pub fn budget(&self) -> Duration {
        if self.matching.is_some() { get::BUDGET + list::BUDGET } else { get::BUDGET }
    }

    /// Adds a variable for each secret that matches `--match`, and returns notes. `--env` takes precedence over them, and they
    /// over `--env-file` and inherited variables.
    ///
    /// # Errors
    /// The vault cannot be listed, no name matches, or two secrets have the same variable.
    pub fn add_matching(&mut self, vaults: &mut Vaults<'_>) -> Result<Vec<String>, Error> {
        let Some(matching) = self.matching.take() else { return Ok(Vec::new()) };
        let others = self.variables.split_off(self.from_options);
        let mut requests: Vec<_> = self.variables.iter().map(|(_, request)| request.clone()).collect();
        let notes = add_matching(&mut requests, &matching, self.if_missing, vaults)?;
        let mut added: Vec<(OsString, SecretRequest)> = Vec::new();
        let mut refused = Vec::new();
        for request in requests.split_off(self.from_options) {
            let secret = request.secret.to_string();
            let name = variables::name_of(&secret);
            if is_set(OsStr::new(&name), &self.variables, &[]) {
                continue;
            }
            if let Err(reason) = variables::check(&name, NameOrigin::of_match(&matching.glob)) {
                refused.push(reason.for_reference(&secret));
            }
            if let Some((_, other)) = added.iter().find(|(other, _)| env::is_same_name(other, OsStr::new(&name))) {
                let reason = format!("--match: {} and {secret} both set {name}", other.secret);
                return Err(UsageError(format!("{reason}; use --env OTHER_NAME={secret}")).into());
            }
            added.push((OsString::from(&name), request.at(name)));
        }
        if let Some(reason) = InvalidVariableName::of_secrets(&refused) {
            return Err(UsageError(format!("--match: {reason}")).into());
        }
        let is_free = |name: &OsStr| !is_set(name, &added, &[]);
        self.plain.retain(|(name, _)| is_free(name));
        self.variables.extend(others.into_iter().filter(|(name, _)| is_free(name)));
        self.variables.extend(added);
        Ok(notes)
    }
}

/// Whether `https://VAULT/secrets/NAME` as a variable's value is a reference (`--resolve-urls`).
#[derive(Clone, Copy, PartialEq, Eq)]
enum UrlsOfSecrets {
    Resolved,
    Text,
}

impl UrlsOfSecrets {
    /// Returns true if the value of a variable is only a reference.
    fn is_reference(self, value: &str, settings: &Settings) -> bool {
        let value = unquoted(value.trim());
        SecretRef::is_setting_reference(value)
            || self == UrlsOfSecrets::Resolved && SecretRef::is_secret_url(value, &settings.suffixes)
    }
}

/// Parses an `--env`: `NAME=REF`, or `REF` with the name that `get` derives.
fn from_option(text: &str, settings: &Settings) -> Result<(OsString, SecretRequest), UsageError> {
    let malformed = |reason: String| UsageError::new("--env", text, reason);
    if let Some(reason) = variables::misnamed(text) {
        return Err(malformed(reason.to_string()));
    }
    let request = SecretRequest::parse("--env", text, settings)?;
    let (name, origin) = match &request.secret.alias {
        Some(alias) => (alias.clone(), NameOrigin::Alias),
        None => (variables::name_of(request.secret.name.as_str()), NameOrigin::Named),
    };
    variables::check(&name, origin).map_err(|reason| malformed(reason.for_reference(text).to_string()))?;
    Ok((OsString::from(&name), request.at(name)))
}

fn is_set(name: &OsStr, variables: &[(OsString, SecretRequest)], plain: &[(OsString, Zeroizing<String>)]) -> bool {
    let set = variables.iter().map(|(name, _)| name).chain(plain.iter().map(|(name, _)| name));
    set.into_iter().any(|other| env::is_same_name(other, name))
}

/// Adds the variables of a file that are not set yet. No message shows a value.
fn from_file(
    path: &Path,
    settings: &Settings,
    urls: UrlsOfSecrets,
    variables: &mut Vec<(OsString, SecretRequest)>,
    plain: &mut Vec<(OsString, Zeroizing<String>)>,
) -> Result<(), UsageError> {
    let named = || format!("--env-file {}", path.display());
    let malformed = |reason: &dyn std::fmt::Display| UsageError(format!("{}: {reason}", named()));
    let text = text_file::read(path, settings).map_err(|reason| malformed(&reason))?;
    let found = match json_file::is_json(&text) {
        true => json_file::parse(&text).map_err(|reason| malformed(&reason))?,
        false => env_file::parse(&text).map_err(|reason| malformed(&reason))?,
    };
    for (name, value) in found {
        let is_reference = urls.is_reference(&value, settings);
        let name = OsString::from(name);
        if is_set(&name, variables, plain) {
            continue;
        }
        if is_reference {
            let source = format!("{}: {}", named(), name.display());
            let request = SecretRequest::parse(&source, value.trim(), settings)?.at(name.to_string_lossy());
            variables.push((name, request));
        } else {
            plain.push((name, value));
        }
    }
    Ok(())
}
