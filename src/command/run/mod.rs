//! `azfob run`: runs a command with secrets in its environment. It starts only if all of them were fetched.

use std::ffi::{OsStr, OsString};
use std::io;
use std::path::Path;
use std::time::Duration;

use zeroize::Zeroizing;

use crate::args::RunArgs;
use crate::env::{self, Env};
use crate::error::{Error, UsageError};
use crate::fetch::session::Session;
use crate::fetch::vaults::Vaults;
use crate::fetch::{SecretRequest, get_all};
use crate::output::variables::{self, NameOrigin, SecretVariable};
use crate::output::{Finished, stream, value};
use crate::process::user_command::UserCommand;
use crate::redact::stream::{MaskingWriter, Masks};
use crate::settings::{Settings, env_file};
use crate::time::timestamp::Timestamp;
use crate::vault::reference::SecretRef;
use crate::vault::secret_bundle::SecretBundle;

use super::get::BUDGET;
use super::text_file;

/// The command to run and the secrets that it needs, checked before any request.
struct RunPlan {
    variables: Vec<(OsString, SecretRequest)>,
    /// The variables of `--env-file` that are not references.
    plain: Vec<(OsString, Zeroizing<String>)>,
    command: Vec<OsString>,
    removed: Vec<&'static str>,
    output: CommandOutput,
    wait: Option<Duration>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum CommandOutput {
    Untouched,
    Masked,
}

impl RunPlan {
    /// Parses the references of `--env`, `--env-file` and the environment, in this order of precedence.
    fn from_args(args: &RunArgs, settings: &Settings, env: &Env) -> Result<Self, Error> {
        let mut variables: Vec<(OsString, SecretRequest)> = Vec::new();
        for text in &args.env {
            let malformed = |reason: String| UsageError::new("--env", text, reason);
            if let Some(reason) = variables::misnamed(text) {
                return Err(malformed(reason.to_string()).into());
            }
            let request = SecretRequest::parse("--env", text, settings)?;
            let Some(name) = request.secret.alias.clone() else {
                return Err(malformed("expected NAME=REF".to_owned()).into());
            };
            variables::check(&name, NameOrigin::Alias).map_err(|e| malformed(e.to_string()))?;
            if is_set(OsStr::new(&name), &variables, &[]) {
                return Err(malformed(format!("{name} is set twice")).into());
            }
            variables.push((name.into(), request));
        }
        let mut plain = Vec::new();
        // If a name is in several files, the last one counts.
        for path in args.env_file.iter().rev() {
            from_file(path, settings, &mut variables, &mut plain)?;
        }
        let removed = if args.clean_env { env::sign_in_names().collect() } else { Vec::new() };
        for (name, value) in env.iter() {
            let is_set = is_set(name, &variables, &plain);
            let is_removed = removed.iter().any(|other| env::is_same_name(OsStr::new(other), name));
            let text = value.to_string_lossy();
            if !is_set && !is_removed && SecretRef::is_setting_reference(&text) {
                let source = name.to_string_lossy();
                let reference =
                    value.to_str().ok_or_else(|| UsageError(format!("{source}: the value is not UTF-8")))?;
                let request = SecretRequest::parse(&source, reference.trim(), settings)?.at(source);
                variables.push((name.to_owned(), request));
            }
        }
        let output = if args.mask { CommandOutput::Masked } else { CommandOutput::Untouched };
        Ok(RunPlan { variables, plain, command: args.command.clone(), removed, output, wait: args.wait.for_access })
    }
}

fn is_set(name: &OsStr, variables: &[(OsString, SecretRequest)], plain: &[(OsString, Zeroizing<String>)]) -> bool {
    let set = variables.iter().map(|(name, _)| name).chain(plain.iter().map(|(name, _)| name));
    set.into_iter().any(|other| env::is_same_name(other, name))
}

/// Adds the variables of a file that are not set yet. No message shows a value.
fn from_file(
    path: &Path,
    settings: &Settings,
    variables: &mut Vec<(OsString, SecretRequest)>,
    plain: &mut Vec<(OsString, Zeroizing<String>)>,
) -> Result<(), UsageError> {
    let named = || format!("--env-file {}", path.display());
    let malformed = |reason: &dyn std::fmt::Display| UsageError(format!("{}: {reason}", named()));
    let text = text_file::read(path, settings).map_err(|reason| malformed(&reason))?;
    for (name, value) in env_file::parse(&text).map_err(|reason| malformed(&reason))? {
        let reference = SecretRef::is_setting_reference(&value);
        let name = OsString::from(name);
        if is_set(&name, variables, plain) {
            continue;
        }
        if reference {
            let source = format!("{}: {}", named(), name.display());
            let request = SecretRequest::parse(&source, value.trim(), settings)?.at(name.to_string_lossy());
            variables.push((name, request));
        } else {
            plain.push((name, value));
        }
    }
    Ok(())
}

/// Runs `azfob run`. Returns the command's exit code, unless the command replaced the process.
///
/// # Errors
/// The arguments are wrong, a secret cannot be fetched, or the command cannot be started.
pub fn command(args: &RunArgs, settings: Settings, env: &Env) -> Result<Finished, Error> {
    let plan = RunPlan::from_args(args, &settings, env)?;
    let session = Session::new(settings, env, BUDGET, plan.wait)?;
    Ok(Finished::code(run(plan, session)?))
}

fn run(plan: RunPlan, session: Session) -> Result<i32, Error> {
    let (names, requests): (Vec<_>, Vec<_>) = plan.variables.into_iter().unzip();
    let plain = plan.plain;
    let bundles = session.timed(|| get_all(&requests, &mut Vaults::new(&session)))?;
    let shown: Vec<_> = names.iter().map(|name| name.to_string_lossy()).collect();
    let variables: Vec<_> = shown
        .iter()
        .zip(&bundles)
        .map(|(name, bundle)| SecretVariable { name, value: bundle.value.expose() })
        .collect();
    variables::refuse_nul(&variables)?;
    if plan.output == CommandOutput::Masked && cfg!(windows) {
        refuse_non_ascii(&variables)?;
    }
    warn(&bundles, &variables, plan.output, &session);

    let mut words = plan.command.into_iter();
    let command = UserCommand {
        program: words.next().unwrap_or_default(),
        arguments: words.collect(),
        set: names
            .iter()
            .zip(&bundles)
            .map(|(name, bundle)| (name.clone(), Zeroizing::new(bundle.value.expose().to_owned())))
            .chain(plain)
            .collect(),
        removed: plan.removed,
    };
    let ready = command.prepare(&session.context.programs).map_err(Error::NotStarted)?;
    match plan.output {
        CommandOutput::Untouched => Err(Error::NotStarted(ready.replace())),
        CommandOutput::Masked => {
            let masks = Masks::new(bundles.iter().map(|bundle| bundle.value.expose()));
            // While the command runs, this process has no token, and each line of a value only once, in its mask.
            drop((command, bundles, session));
            let (out, err) = stream::streams();
            let (mut out, mut err) = (MaskingWriter::new(out, masks.clone()), MaskingWriter::new(err, masks));
            let mut passed_on = Ok(());
            let mut push = |bytes: &[u8]| {
                let pushed = out.push(bytes);
                if let Err(error) = &pushed {
                    passed_on = Err(io::Error::new(error.kind(), error.to_string()));
                }
                pushed
            };
            let code = ready.supervise([&mut push, &mut |bytes| err.push(bytes)]).map_err(Error::NotStarted)?;
            let _ = err.finish();
            // A closed pipe is not an error.
            stream::passed_on(passed_on.and_then(|()| out.finish()))?;
            Ok(code)
        }
    }
}

/// Refuses values that `--mask` could miss: many programs on Windows print in a code page, with similar letters for those
/// that it lacks.
fn refuse_non_ascii(variables: &[SecretVariable<'_>]) -> Result<(), UsageError> {
    match variables.iter().find(|variable| !variable.value.is_ascii()) {
        None => Ok(()),
        Some(SecretVariable { name, .. }) => Err(UsageError(format!(
            "--mask: the value of {name} has non-ASCII characters. Windows programs can print them in another code page, \
             so azfob could not mask them; run the command without --mask if its output is private"
        ))),
    }
}

fn warn(bundles: &[SecretBundle], variables: &[SecretVariable<'_>], how: CommandOutput, session: &Session) {
    let now = Timestamp::now();
    let mut warnings: Vec<_> = bundles.iter().filter_map(|bundle| value::dates(&bundle.properties, now)).collect();
    if how == CommandOutput::Masked {
        warnings.extend(variables::unmasked_warnings(variables));
    }
    session.notices.warn(warnings);
    session.notices.note(bundles.iter().filter_map(value::byte_order_mark));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refused_value_is_named_but_not_shown() {
        let of = |value| [SecretVariable { name: "A", value: "hunter2" }, SecretVariable { name: "B", value }];
        assert!(refuse_non_ascii(&of("p@ss\nword")).is_ok());
        let refused = refuse_non_ascii(&of("pässwörd")).unwrap_err().to_string();
        assert!(refused.starts_with("--mask: the value of B has") && !refused.contains("ssw"), "{refused}");
    }

    #[test]
    fn help_names_every_variable_that_clean_env_removes() {
        use clap::CommandFactory;
        let mut command = crate::args::Args::command();
        let run = command.find_subcommand_mut("run").unwrap();
        let help = run.render_long_help().to_string();
        for name in env::sign_in_names() {
            assert!(help.contains(name), "{name}");
        }
    }
}
