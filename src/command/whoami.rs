//! `azfob whoami`: the selected credential and the identity in its token. The token is not shown.

use std::time::Duration;

use crate::args::{WhoamiArgs, WhoamiFormat};
use crate::credential::Credential;
use crate::credential::azure_cli::AzureCliCredential;
use crate::credential::azure_profile::AzAccount;
use crate::diagnosis::findings::stored_secret;
use crate::env::Env;
use crate::error::Error;
use crate::fetch::session::Session;
use crate::fetch::vaults::Vaults;
use crate::output::table::Width;
use crate::output::{Body, CommandResult, Finished, json, report};
use crate::settings::Settings;
use crate::time::timestamp::Timestamp;

/// The time limit without `--timeout`.
const BUDGET: Duration = Duration::from_secs(60);

/// Runs `azfob whoami`.
///
/// # Errors
/// No credential has a token.
pub fn command(args: &WhoamiArgs, settings: Settings, env: &Env) -> Result<Finished, Error> {
    let session = Session::new(settings, env, BUDGET, None)?;
    let answer = session.timed(|| run(args.output, &session))?;
    Ok(Finished::with(answer, session.notices))
}

fn run(format: WhoamiFormat, session: &Session) -> Result<CommandResult, Error> {
    let settings = &session.settings;
    let (selected, outcome) = Vaults::new(session).sign_in(settings.default_vault().as_ref())?;
    let is_az = selected.credential.name() == AzureCliCredential.name();
    let me = report::Whoami {
        az_account: session.az_folder().filter(|_| is_az).and_then(|folder| AzAccount::read(&folder)),
        identity: selected.identity(),
        skipped: outcome.attempts.iter().filter(|a| a.result.is_err()).collect(),
        settings: settings.effective(),
        selected: &selected,
        now: Timestamp::now(),
    };
    let mut answer = match format {
        WhoamiFormat::Table => CommandResult::text(report::whoami(&me, Width::of_stdout(), settings.verbosity)),
        WhoamiFormat::Json => {
            CommandResult { body: Body::Whole(json::of_report(json::whoami(&me))), ..CommandResult::text([]) }
        }
    };
    answer.warnings.extend(stored_secret(&selected, &session.context.env));
    Ok(answer)
}
