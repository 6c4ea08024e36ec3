//! `azfob run`: runs a command with secrets in its environment. It starts only if all of them were fetched.

mod plan;

use std::ffi::OsString;
use std::io;

use zeroize::Zeroizing;

use crate::args::RunArgs;
use crate::env::Env;
use crate::error::{Error, UsageError};
use crate::fetch::session::Session;
use crate::fetch::vaults::Vaults;
use crate::fetch::{SecretRequest, get_all, missing_notes};
use crate::output::variables::{self, SecretVariable};
use crate::output::{Finished, stream, value};
use crate::process::user_command::UserCommand;
use crate::redact::stream::{MaskingWriter, Masks};
use crate::settings::Settings;
use crate::time::timestamp::Timestamp;
use crate::vault::secret_bundle::SecretBundle;

use plan::{CommandOutput, RunPlan};

/// Runs `azfob run`. Returns the command's exit code, unless the command replaced the process.
///
/// # Errors
/// The arguments are wrong, a secret cannot be fetched, or the command cannot be started.
pub fn command(args: &RunArgs, settings: Settings, env: &Env) -> Result<Finished, Error> {
    let plan = RunPlan::from_args(args, &settings, env)?;
    let session = Session::new(settings, env, plan.budget(), plan.wait)?;
    Ok(Finished::code(run(plan, session)?))
}

/// The secrets of the variables, as far as they were found.
struct Fetched {
    names: Vec<OsString>,
    bundles: Vec<SecretBundle>,
    /// The variables of secrets that were left out.
    missing: Vec<OsString>,
    notes: Vec<String>,
}

fn fetch(plan: &mut RunPlan, session: &Session) -> Result<Fetched, Error> {
    let mut vaults = Vaults::new(session);
    let mut notes = std::mem::take(&mut plan.notes);
    notes.extend(plan.add_matching(&mut vaults)?);
    let (names, requests): (Vec<_>, Vec<SecretRequest>) = std::mem::take(&mut plan.variables).into_iter().unzip();
    let found = get_all(&requests, plan.if_missing, &mut vaults)?;
    notes.extend(missing_notes(&requests, &found));
    let mut fetched = Fetched { names: Vec::new(), bundles: Vec::new(), missing: Vec::new(), notes };
    for (name, bundle) in names.into_iter().zip(found) {
        match bundle {
            Some(bundle) => {
                fetched.names.push(name);
                fetched.bundles.push(bundle);
            }
            None => fetched.missing.push(name),
        }
    }
    Ok(fetched)
}

fn run(mut plan: RunPlan, session: Session) -> Result<i32, Error> {
    let Fetched { names, bundles, missing, notes } = session.timed(|| fetch(&mut plan, &session))?;
    session.notices.note(notes);
    let plain = plan.plain;
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
        removed: plan.removed.into_iter().map(OsString::from).chain(missing).collect(),
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
        use crate::env;
        use clap::CommandFactory;
        let mut command = crate::args::Args::command();
        let run = command.find_subcommand_mut("run").unwrap();
        let help = run.render_long_help().to_string();
        for name in env::sign_in_names() {
            assert!(help.contains(name), "{name}");
        }
    }
}
