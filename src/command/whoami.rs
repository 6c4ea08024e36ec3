//! `azfob whoami`: the selected credential and the identity in its token. The token is not shown.

use std::time::Duration;

use crate::args::{WhoamiArgs, WhoamiFormat};
use crate::diagnosis::findings::stored_secret;
use crate::entra::Scope;
use crate::entra::cloud::PUBLIC;
use crate::env::Env;
use crate::error::Error;
use crate::output::{Answer, Body, Finished, json, report};
use crate::settings::Settings;
use crate::time::timestamp::Timestamp;

use crate::fetch::session::{Session, no_credential};

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

fn run(format: WhoamiFormat, session: &Session) -> Result<Answer, Error> {
    let settings = &session.settings;
    let vault = settings.vault.as_ref().map(|v| &v.value);
    let (authority, cloud) = settings.sign_in_for(vault)?;
    let probe = vault.map(|vault| session.preconnect(vault, 1));
    let request = session.request(Scope::of_vaults(cloud.unwrap_or(PUBLIC)), authority, probe.as_ref());
    let outcome = session.find_token(&request);
    let Some(selected) = outcome.selected() else { return Err(no_credential(outcome, vault, None, probe.as_ref())) };
    let me = report::Whoami {
        identity: selected.identity(),
        skipped: outcome.attempts.iter().filter(|a| a.result.is_err()).collect(),
        settings: settings.effective(),
        selected: &selected,
        now: Timestamp::now(),
    };
    let mut answer = match format {
        WhoamiFormat::Table => Answer::text(report::whoami(&me)),
        WhoamiFormat::Json => Answer { body: Body::Whole(json::of_report(json::whoami(&me))), ..Answer::text([]) },
    };
    answer.warnings.extend(stored_secret(&selected, &session.context.env));
    Ok(answer)
}
