//! Completes the names of a vault's secrets: as many as arrive within the time limit.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use clap::Parser;

use crate::args::{Args, Command};
use crate::background::Background;
use crate::env::{self, Env};
use crate::error::Error;
use crate::fetch::session::Session;
use crate::fetch::vaults::Vaults;
use crate::settings::config::Config;
use crate::settings::{Settings, Verbosity};
use crate::time::deadline::Deadline;
use crate::vault::error::Operation;
use crate::vault::list::Listing;

/// The longest delay after a key press. A token of az takes longer, so that az gives no completions.
const LIMIT: Duration = Duration::from_millis(300);

/// Returns the names with a prefix, from the vault of the options before the cursor, the environment or the configuration.
/// Returns none after an error, or if `AZFOB_NO_COMPLETE_NAMES` is set.
pub(super) fn beginning_with(typed: &str, given: &[String], env: &Env) -> Vec<String> {
    let may_be_name = typed.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    if !may_be_name || env.has(env::AZFOB_NO_COMPLETE_NAMES) {
        return Vec::new();
    }
    let Some(settings) = settings(given, env) else { return Vec::new() };
    let found = Arc::new(Mutex::new(Vec::new()));
    let (into, deadline, env) = (Arc::clone(&found), Deadline::after(LIMIT), env.clone());
    // Uses the names that arrived in time. The thread ends with the program.
    let work = Background::start(move || {
        let _ = collect(settings, &env, &into);
    });
    work.wait_until(&deadline);
    let mut names: Vec<String> = std::mem::take(&mut found.lock().unwrap_or_else(PoisonError::into_inner));
    names.retain(|name| name.get(..typed.len()).is_some_and(|start| start.eq_ignore_ascii_case(typed)));
    // A shell needs the prefix exactly as typed; Azure ignores case.
    names.iter_mut().for_each(|name| name.replace_range(..typed.len(), typed));
    names.sort_by_cached_key(|name| name.to_ascii_lowercase());
    names.dedup();
    names
}

/// Resolves the settings with the Azure options before the cursor, without an interactive sign-in.
fn settings(given: &[String], env: &Env) -> Option<Settings> {
    let parse = |option: &String| {
        let args = Args::try_parse_from(["azfob", "whoami", option.as_str()]).ok()?;
        let Command::Whoami(whoami) = args.command else { return None };
        Some(whoami.0.azure)
    };
    let options = given.iter().filter_map(parse).reduce(|earlier, later| later.over(earlier)).unwrap_or_default();
    let config = Config::load(options.profile.as_deref(), env).ok()?;
    let settings = Settings::resolve(&options, env, config).ok()?;
    Some(Settings { interactive: false, verbosity: Verbosity::Quiet, timeout: Some(LIMIT), ..settings })
}

fn collect(settings: Settings, env: &Env, into: &Mutex<Vec<String>>) -> Result<(), Error> {
    let Some(vault) = settings.default_vault() else { return Ok(()) };
    let session = Session::new(settings, env, LIMIT, None)?;
    Vaults::new(&session).with_access(&vault, Operation::List, |open| {
        for page in open.pages(&Listing::Secrets) {
            let names = page?.into_iter().map(|secret| secret.name().to_owned());
            into.lock().unwrap_or_else(PoisonError::into_inner).extend(names);
        }
        Ok(())
    })
}
