//! `azfob diagnose`: runs all checks and combines them to a report.
//!
//! The vault's connectivity and every credential that needs no user are checked at the same time. The report takes as long as
//! its slowest check, within its time limit.

mod permissions;

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use crate::args::{DiagnoseArgs, ReportFormat};
use crate::background::Background;
use crate::credential::chain::{self, Attempt, ChainOutcome, NotAsked, Probe, Selected};
use crate::credential::{Failure, NoToken, Reason, TokenRequest};
use crate::diagnosis::connectivity::{self, Connectivity};
use crate::diagnosis::context::Context;
use crate::diagnosis::explain::failed;
use crate::diagnosis::findings::{Observations, assess};
use crate::diagnosis::report::{Check, CheckStatus, CredentialOutcome, CredentialReport, Report, VaultReport};
use crate::entra::Scope;
use crate::entra::cloud::PUBLIC;
use crate::env::Env;
use crate::error::{Error, NoCredential, UsageError, exit_code};
use crate::fetch::session::Session;
use crate::fetch::vaults::Vaults;
use crate::http::error::{NetworkError, NetworkErrorKind, Phase};
use crate::output::{Finished, diagnose as rendered, value};
use crate::settings::Settings;
use crate::time::deadline::{Deadline, Stopwatch};
use crate::time::timestamp::Timestamp;
use crate::token::identity::Identity;
use crate::token::{AccessToken, Claims};
use crate::vault::Probed;
use crate::vault::reference::SecretRef;
use crate::vault::url::VaultUrl;

use permissions::Permissions;

/// The time limit without `--timeout`.
pub const BUDGET: Duration = Duration::from_secs(20);
/// The share of it for the chain. The rest is for the requests to the vault.
const CHAIN_SHARE: f64 = 0.8;
/// The time limit for the requests to the vault, with retries: a report does not wait until throttling ends.
const ACCESS: Duration = Duration::from_secs(5);
/// The time after its limit in which a credential may stop its programs, before it is abandoned.
const GRACE: Duration = Duration::from_millis(300);

/// The vault and the secret to check, validated before any request.
struct DiagnosePlan {
    secret: Option<SecretRef>,
    vault: Option<VaultUrl>,
    format: ReportFormat,
    redact: rendered::Redaction,
}

impl DiagnosePlan {
    /// Parses the secret's reference. It needs a vault.
    fn from_args(args: &DiagnoseArgs, settings: &Settings) -> Result<Self, Error> {
        let (secret, vault) = match &args.secret {
            None => (None, settings.default_vault()),
            Some(text) => {
                let (secret, vault) = settings.parse_reference("--secret", text)?;
                let no_vault = || settings.unused_vault_variables.no_vault("use --vault or set AZFOB_VAULT");
                let vault = vault.ok_or_else(|| UsageError::new("--secret", text, no_vault()))?;
                (Some(secret), Some(vault))
            }
        };
        vault.as_ref().map(|vault| settings.authority_for(vault)).transpose()?;
        let redact = if args.redact { rendered::Redaction::On } else { rendered::Redaction::Off };
        Ok(DiagnosePlan { secret, vault, format: args.output, redact })
    }
}

/// Runs `azfob diagnose`. Its exit code is the one that `get` would have.
///
/// # Errors
/// An argument or a setting is malformed.
pub fn command(args: &DiagnoseArgs, settings: Settings, env: &Env) -> Result<Finished, Error> {
    let plan = DiagnosePlan::from_args(args, &settings)?;
    let budget = settings.timeout.unwrap_or(BUDGET);
    let deadline = Deadline::after(budget);
    // The chain gets a share of the time, and no cached tokens.
    let chain_settings = Settings { timeout: Some(budget.mul_f64(CHAIN_SHARE)), token_cache: None, ..settings.clone() };
    let session = Session::new(chain_settings, env, BUDGET, None)?;
    if settings.interactive {
        session.notices.note(["diagnose opens no browser; azfob whoami --interactive signs in with one"]);
    }
    let report = session.timed(|| examine(&plan, &settings, &session, &deadline))?;
    let answer = rendered::report(&report, plan.format, plan.redact, settings.verbosity, settings.color);
    Ok(Finished { code: report.exit_code.into(), ..Finished::with(answer, session.notices) })
}

fn examine(plan: &DiagnosePlan, settings: &Settings, session: &Session, deadline: &Deadline) -> Result<Report, Error> {
    let connectivity = plan.vault.clone().map(|url| {
        let (context, deadline) = (Arc::clone(&session.context), *deadline);
        Background::start(move || Arc::new(connectivity::check(&context.http, &url, &deadline)))
    });
    let request = token_request(plan, settings, session, connectivity.as_ref())?;
    let probes = chain::probe(&settings.selection.value, &request, &session.context);
    let attempts = attempts_of(&probes, &Deadline::after(session.context.deadline.remaining() + GRACE));
    let outcome = ChainOutcome::from_attempts(&attempts);
    let connectivity = connectivity.map(|connectivity| connectivity.wait());
    let vault_tenant = connectivity.as_ref().and_then(|w| w.response.as_ref()?.challenge.as_ref()?.tenant.clone());
    let context = Context {
        host: session.host(&attempts),
        vault: plan.vault.clone(),
        vault_tenant: vault_tenant.as_ref().map(|tenant| tenant.as_str().to_owned()),
        ..Context::detect(&session.context.env)
    };

    let no_token = outcome.selected().is_none().then(|| {
        let secret = plan.secret.as_ref().map(ToString::to_string);
        let (outcome, vault, host) = (outcome.clone(), plan.vault.clone(), context.host.clone());
        let az_folder = session.az_folder();
        Error::NoToken(Box::new(NoCredential { outcome, vault, secret, vault_tenant, host, az_folder }))
    });
    let permissions = match (&plan.vault, outcome.selected(), connectivity.as_deref()) {
        (Some(url), Some(selected), Some(connectivity)) if connectivity.error.is_none() => {
            let secret = plan.secret.as_ref();
            let probe = connectivity.probed();
            let (probe, deadline) = (Background::lazy(move || probe), deadline.sooner(ACCESS));
            let mut vaults = Vaults::with_open_vault(session, url, probe, selected.clone(), deadline);
            let permissions = Permissions::test(&mut vaults, url, secret, connectivity);
            permissions.with_others(&vaults, url, &selected, &attempts, secret)
        }
        _ => Permissions::default(),
    };
    let unreachable =
        connectivity.as_deref().and_then(|connectivity| connectivity.error.as_ref()).map(|_| exit_code::NETWORK);
    let exit_code = no_token
        .as_ref()
        .or(permissions.denied.as_ref())
        .map(Error::exit_code)
        .or(unreachable)
        .unwrap_or(exit_code::OK);
    let findings = assess(&Observations {
        env: &session.context.env,
        context: &context,
        settings,
        attempts: &attempts,
        outcome: &outcome,
        no_token: no_token.as_ref(),
        vault: plan.vault.as_ref(),
        connectivity: connectivity.as_deref(),
        denied: permissions.denied.as_ref(),
        list_denied: permissions.list_denied.as_ref(),
        admitted: permissions.admitted.as_ref(),
        read: permissions.read.as_ref(),
        model: permissions.model,
        value_notes: permissions.read.iter().flat_map(|read| value::notes(read, None)).collect(),
        now: Timestamp::now(),
    });
    let near = match permissions.denied {
        Some(Error::Vault(denied)) => denied.suggestions.near,
        _ => Vec::new(),
    };
    let chain = credential_reports(&probes, &attempts, &outcome, &context);
    let vault = plan.vault.clone().map(|url| vault_report(url, connectivity.as_deref(), permissions.checks, &outcome));
    let names = names_of(plan, session, near);
    Ok(Report {
        host: context.host,
        settings: settings.effective(),
        chain,
        vault,
        workload: None,
        findings,
        names,
        exit_code,
    })
}

/// Returns the names that `--redact` hides: the secret and similar ones, the home folder and the proxy.
fn names_of(plan: &DiagnosePlan, session: &Session, near: Vec<String>) -> Vec<String> {
    let secret = plan.secret.as_ref().map(|secret| secret.name.to_string());
    let home = session.context.home.as_ref().map(|home| home.display().to_string());
    let proxy = plan.vault.as_ref().and_then(|vault| session.context.http.proxy_for(&vault.host()));
    let proxy = proxy.map(|proxy| proxy.host().to_owned()).filter(|host| host.parse::<IpAddr>().is_err());
    near.into_iter().chain(secret).chain(home).chain(proxy).collect()
}

/// Returns the request for a token, in the tenant that the vault's challenge names.
fn token_request(
    plan: &DiagnosePlan,
    settings: &Settings,
    session: &Session,
    connectivity: Option<&Background<Arc<Connectivity>>>,
) -> Result<TokenRequest, Error> {
    let (authority, cloud) = settings.sign_in_for(plan.vault.as_ref())?;
    // The credentials are tried without the vault's tenant if the vault does not answer for half of the time.
    let patience = session.context.deadline.remaining() / 2;
    let response = connectivity.cloned().map(|connectivity| {
        let deadline = Deadline::after(patience);
        Background::lazy(move || {
            connectivity.wait_until(&deadline).map_or_else(|| no_answer(patience), |connectivity| connectivity.probed())
        })
    });
    let scope = match (cloud, &response) {
        // A vault under a suffix of `--vault-suffix` names the resource in its challenge.
        (None, Some(response)) if plan.vault.is_some() => response.wait().ok().and_then(|g| g.challenge?.scope),
        (cloud, _) => Some(Scope::of_vaults(cloud.unwrap_or(PUBLIC))),
    };
    let scope = scope.unwrap_or_else(|| Scope::of_vaults(PUBLIC));
    Ok(session.request(scope, authority, plan.vault.as_ref(), response.as_ref()))
}

/// Returns the error of a vault that has not answered yet.
fn no_answer(waited: Duration) -> Probed {
    let kind = NetworkErrorKind::TimedOut(Phase::Answer, waited);
    Err(NetworkError { host: String::new(), proxy: None, kind })
}

/// Waits for all credentials until the deadline, and abandons those that are not done then.
fn attempts_of(probes: &[Probe], deadline: &Deadline) -> Vec<Attempt> {
    let watch = Stopwatch::start();
    let asked = |probe: &Probe| match probe {
        Probe::Asked(credential, attempt) => Some(attempt.wait_until(deadline).unwrap_or_else(|| {
            let took = watch.elapsed();
            Attempt { credential: *credential, result: Err(NoToken::Failed(Failure::StillWaiting(took))), took }
        })),
        Probe::NotAsked(..) => None,
    };
    probes.iter().filter_map(asked).collect()
}

fn credential_reports(
    probes: &[Probe],
    attempts: &[Attempt],
    outcome: &ChainOutcome,
    context: &Context,
) -> Vec<CredentialReport> {
    let selected = outcome.selected();
    let mut attempts = attempts.iter();
    probes
        .iter()
        .map(|probe| match probe {
            Probe::Asked(..) => credential_report(
                attempts.next().expect("one attempt for each credential that was tried"),
                selected.as_ref(),
                context,
            ),
            Probe::NotAsked(credential, why) => CredentialReport {
                credential: *credential,
                outcome: CredentialOutcome::Skipped,
                took: Duration::ZERO,
                identity: None,
                federation: None,
                message: match why {
                    NotAsked::NotSelected => "not selected (--credential)".to_owned(),
                    NotAsked::NeedsUser => "off: requires a user (--interactive)".to_owned(),
                },
                error: None,
                searched: Vec::new(),
            },
        })
        .collect()
}

fn credential_report(attempt: &Attempt, selected: Option<&Selected>, context: &Context) -> CredentialReport {
    let is_selected = selected.is_some_and(|s| s.credential.name() == attempt.credential.name());
    let identity = attempt
        .result
        .as_ref()
        .ok()
        .map(|token| Selected { credential: attempt.credential, token: token.clone() }.identity());
    let (outcome, error) = match &attempt.result {
        Ok(_) if is_selected => (CredentialOutcome::Selected, None),
        Ok(_) => (CredentialOutcome::Shadowed, None),
        Err(NoToken::Unavailable(_)) => (CredentialOutcome::Unavailable, None),
        Err(NoToken::Failed(failure)) => (CredentialOutcome::Failed, Some(failed(attempt, failure, context).row.code)),
    };
    let federation = attempt.result.as_ref().ok().and_then(AccessToken::federation);
    let message = match (&attempt.result, &identity) {
        (Err(reason), _) => reason.to_string(),
        (Ok(_), Some(identity)) => identity_words(identity) + &federation_words(federation.as_ref()),
        (Ok(_), None) => String::new(),
    };
    let searched = match &attempt.result {
        Err(NoToken::Unavailable(Reason::ProgramMissing { searched, .. })) => searched.clone(),
        _ => Vec::new(),
    };
    let (credential, took) = (attempt.credential, attempt.took);
    CredentialReport { credential, outcome, took, identity, federation, message, error, searched }
}

/// Formats an identity as `system-assigned managed identity my-app (object 3f2a...)`.
fn identity_words(identity: &Identity) -> String {
    let kind = crate::output::report::kind(identity.kind);
    let label = identity.label().map(|label| format!(" {label}")).unwrap_or_default();
    let object = identity.object_id().map(|id| format!(" (object {id})")).unwrap_or_default();
    let lifetime = identity.kind.lifetime().map(|lifetime| format!(", {lifetime}")).unwrap_or_default();
    format!("{kind}{label}{object}{lifetime}")
}

/// Formats what the federated credential has, as the token shows it.
fn federation_words(federation: Option<&Claims>) -> String {
    let Some(Claims { iss: Some(issuer), sub: Some(subject), aud: Some(audience), .. }) = federation else {
        return String::new();
    };
    format!("; federated credential: issuer {issuer}, subject {subject}, audience {audience}")
}

fn vault_report(
    url: VaultUrl,
    connectivity: Option<&Connectivity>,
    access: Vec<Check>,
    outcome: &ChainOutcome,
) -> VaultReport {
    let response = connectivity.and_then(|connectivity| connectivity.response.as_ref());
    let tenant = response.and_then(|g| g.challenge.as_ref()?.tenant.clone());
    let mut checks: Vec<Check> =
        connectivity.map(|connectivity| connectivity.checks.iter().map(Check::clone).collect()).unwrap_or_default();
    let ours = outcome.selected().and_then(|selected| selected.identity().tenant().map(str::to_owned));
    if let (Some(tenant), Some(ours)) = (&tenant, ours) {
        let (status, message) = if tenant.is(&ours) {
            (CheckStatus::Ok, "the vault tenant and the token tenant are the same".to_owned())
        } else {
            (CheckStatus::Fail, format!("the vault tenant is {tenant}, the token tenant is {ours}"))
        };
        checks.push(Check::new("tenant", status, message, Duration::ZERO));
    }
    checks.extend(access);
    VaultReport {
        url,
        tenant,
        region: response.and_then(|g| g.region.clone()),
        seen_as: response.and_then(|g| g.network.address.clone()),
        checks,
    }
}
