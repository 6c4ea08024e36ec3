//! Gets many secrets at once: over a bounded number of connections, in the requested order, with all failures in one error.
//!
//! A failing vault does not stop the others: an unknown host name or a refused token ends only the requests to that vault.
//! The error names every secret that was not requested.

mod failures;
pub mod matching;
pub mod open_vault;
mod rate_limit;
mod requests_at_once;
mod role_wait;
mod secret_request;
pub mod session;
pub mod suggestions;
pub mod vaults;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use crate::args::MissingArgs;
use crate::error::Error;
use crate::redact::{self, secret::Secret};
use crate::time::deadline::Deadline;
use crate::vault::document::NotInDocument;
use crate::vault::error::Operation;
use crate::vault::secret_bundle::SecretBundle;
use crate::vault::url::VaultUrl;

use failures::{Failed, combine, ends_vault};
use rate_limit::time_for;
use requests_at_once::{concurrent, in_threads};
use suggestions::suggest;
use vaults::Vaults;

pub use rate_limit::RateLimit;
pub use secret_request::SecretRequest;

/// A wait for the rate limit that is longer than this is reported.
const REPORT_AFTER: Duration = Duration::from_secs(1);

/// What to do if a vault has no such secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IfMissing {
    Fail,
    /// The secret is left out, with a note (`--allow-missing`).
    LeaveOut,
}

impl IfMissing {
    /// Reads the option.
    pub fn from_args(args: &MissingArgs) -> Self {
        if args.allow_missing { IfMissing::LeaveOut } else { IfMissing::Fail }
    }
}

/// Gets all secrets, in the requested order. A secret that is requested twice is fetched once. `None` is a secret that was not
/// found and may be missing.
///
/// # Errors
/// The one failure, or all of them if several secrets failed.
pub fn get_all(
    requests: &[SecretRequest],
    if_missing: IfMissing,
    vaults: &mut Vaults<'_>,
) -> Result<Vec<Option<SecretBundle>>, Error> {
    let mut indices: BTreeMap<_, usize> = BTreeMap::new();
    let mut distinct: Vec<&SecretRequest> = Vec::new();
    let order: Vec<usize> = requests
        .iter()
        .map(|one| {
            *indices.entry(one.key()).or_insert_with(|| {
                distinct.push(one);
                distinct.len() - 1
            })
        })
        .collect();

    let mut found: Vec<Option<SecretBundle>> = vec![None; distinct.len()];
    let mut absent: BTreeMap<usize, Error> = BTreeMap::new();
    loop {
        let wanted = (0..distinct.len()).filter(|index| found[*index].is_none() && !absent.contains_key(index));
        let failed = get_missing(wanted.collect(), &mut found, &distinct, vaults);
        let (missing, mut failed): (Vec<_>, Vec<_>) =
            failed.into_iter().partition(|(_, error)| if_missing == IfMissing::LeaveOut && is_not_found(error));
        absent.extend(missing);
        if failed.is_empty() {
            break;
        }
        if !vaults.regain_access(failed.iter_mut().map(|(_, error)| error)) {
            failed.extend(absent);
            suggest(failed.iter_mut().map(|(_, error)| error), vaults);
            redact::mask_fetched(failed.iter_mut().flat_map(|(_, error)| match error {
                Error::Vault(denied) => denied.error.untrusted_texts(),
                _ => Vec::new(),
            }));
            return Err(combine(failed, &found, &distinct, order.iter().copied().zip(requests)));
        }
    }
    let mut uses: Vec<usize> = vec![0; distinct.len()];
    order.iter().for_each(|index| uses[*index] += 1);
    let take = |index: &usize| {
        uses[*index] -= 1;
        if uses[*index] == 0 { found[*index].take() } else { found[*index].clone() }
    };
    let (mut values, mut wrong) = (Vec::with_capacity(requests.len()), Vec::new());
    for (request, bundle) in requests.iter().zip(order.iter().map(take)) {
        match bundle.map(|bundle| part(bundle, request)).transpose() {
            Ok(bundle) => values.push(bundle),
            Err(reason) => wrong.push(reason),
        }
    }
    if wrong.is_empty() { Ok(values) } else { Err(Error::Document(wrong)) }
}

/// Returns the secret with the value that the reference names: the whole one, or a part of a document.
fn part(bundle: SecretBundle, request: &SecretRequest) -> Result<SecretBundle, NotInDocument> {
    let Some(path) = &request.secret.path else { return Ok(bundle) };
    let wrong = |reason| NotInDocument { name: request.secret.to_string(), path: path.clone(), reason };
    let value = Secret::from(path.find(bundle.value.expose()).map_err(wrong)?.to_string());
    redact::register_fetched(&value);
    Ok(SecretBundle { value, ..bundle })
}

/// Returns a note for each secret that was left out.
pub fn missing_notes(requests: &[SecretRequest], bundles: &[Option<SecretBundle>]) -> Vec<String> {
    let missing = requests.iter().zip(bundles).filter(|(_, bundle)| bundle.is_none()).map(|(request, _)| request);
    let place = |request: &SecretRequest| request.place.as_ref().map(|place| format!(" ({place})")).unwrap_or_default();
    missing.map(|one| format!("{} has no secret '{}'; left out{}", one.vault.name(), one.secret, place(one))).collect()
}

fn is_not_found(error: &Error) -> bool {
    matches!(error, Error::Vault(denied) if denied.error.is_secret_not_found())
}

/// Requests each of these secrets once, and adds what it gets to `found`.
fn get_missing(
    missing: Vec<usize>,
    found: &mut [Option<SecretBundle>],
    distinct: &[&SecretRequest],
    vaults: &mut Vaults<'_>,
) -> Vec<Failed> {
    let mut by_vault: BTreeMap<&VaultUrl, Vec<usize>> = BTreeMap::new();
    for index in missing {
        by_vault.entry(&distinct[index].vault).or_default().push(index);
    }
    for (vault, secrets) in &by_vault {
        vaults.preconnect(vault, concurrent(secrets.len()));
    }
    let (mut requested, mut failed) = (Vec::with_capacity(distinct.len()), Vec::new());
    for (vault, secrets) in by_vault {
        // A vault that cannot be opened is reported at its first secret.
        match vaults.open(vault, Operation::Get(distinct[secrets[0]].secret.to_string())) {
            Ok(_) => requested.extend(secrets),
            Err(error) => failed.push((secrets[0], error)),
        }
    }
    requested.sort_unstable();
    for (index, result) in request_concurrently(&requested, distinct, vaults) {
        match result {
            Ok(bundle) => found[index] = Some(bundle),
            Err(error) => failed.push((index, error)),
        }
    }
    failed
}

type Results = Vec<(usize, Result<SecretBundle, Error>)>;

/// Requests each secret once. Skips the rest of a vault after a failure that every other secret of it would share.
fn request_concurrently(indices: &[usize], distinct: &[&SecretRequest], vaults: &Vaults<'_>) -> Results {
    let next = AtomicUsize::new(0);
    let is_reported = AtomicBool::new(false);
    let ended: BTreeMap<&VaultUrl, AtomicBool> =
        indices.iter().map(|index| (&distinct[*index].vault, AtomicBool::new(false))).collect();
    let work = || -> Results {
        let mut results = Vec::new();
        while let Some(index) = indices.get(next.fetch_add(1, Ordering::Relaxed)) {
            let SecretRequest { vault, secret, .. } = distinct[*index];
            if ended[vault].load(Ordering::Relaxed) {
                continue;
            }
            let left = || indices.iter().filter(|other| *other >= index && distinct[**other].vault == *vault).count();
            wait_for_rate_limit(vaults.rate_limit(vault), &vaults.session.context.deadline, &is_reported, || {
                vaults.session.notices.note([rate_limit_note(vault.name(), left())]);
            });
            let result = vaults.opened(vault).get(secret);
            if result.as_ref().is_err_and(ends_vault) {
                ended[vault].store(true, Ordering::Relaxed);
            }
            results.push((*index, result));
        }
        results
    };
    let mut results: Results = in_threads(concurrent(indices.len()), work);
    results.sort_by_key(|(index, _)| *index);
    results
}

/// Waits until the vault's rate limit allows another request. Reports the first long wait.
fn wait_for_rate_limit(limit: &RateLimit, deadline: &Deadline, is_reported: &AtomicBool, report: impl FnOnce()) {
    let wait = limit.reserve();
    if wait <= REPORT_AFTER || is_reported.swap(true, Ordering::Relaxed) {
        deadline.pause(wait);
        return;
    }
    deadline.pause(REPORT_AFTER);
    report();
    deadline.pause(wait.saturating_sub(REPORT_AFTER));
}

/// Explains the wait before the requests that are left.
fn rate_limit_note(name: &str, left: usize) -> String {
    let seconds = time_for(left).as_secs();
    format!("{name} accepts 4,000 requests in 10 s; the remaining {left} take about {seconds} s")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_long_wait_is_reported() {
        let (limit, is_reported) = (RateLimit::default(), AtomicBool::new(false));
        while limit.reserve().is_zero() {}
        let mut notes = Vec::new();
        for _ in 0..3 {
            let deadline = Deadline::after(2 * REPORT_AFTER);
            wait_for_rate_limit(&limit, &deadline, &is_reported, || notes.push(rate_limit_note("my-vault", 20)));
        }
        assert_eq!(notes, ["my-vault accepts 4,000 requests in 10 s; the remaining 20 take about 10 s"]);
    }

    #[cfg(feature = "sandbox")]
    #[test]
    fn requests_beyond_rate_limit_are_paced() {
        use crate::args::AzureOptions;
        use crate::env::Env;
        use crate::sandbox::{EmulatedHost, Sandbox, SandboxPlan};
        use crate::settings::{Settings, Verbosity, config::Config};
        use crate::time::deadline::Stopwatch;

        let sandbox = Sandbox::start(SandboxPlan::new(EmulatedHost::AppService)).unwrap();
        let variables = sandbox.variables().iter();
        let env: Env = variables.filter_map(|(name, value)| Some((name.as_str(), value.to_str()?))).collect();
        let settings = Settings::resolve(&AzureOptions::default(), &env, Config::default()).unwrap();
        let request = SecretRequest::parse("REF", "ApiKey", &settings).unwrap();
        let settings = Settings { verbosity: Verbosity::Quiet, ..settings };
        // The window of the limit is longer than the time of the command, which ends the wait.
        let session = session::Session::new(settings, &env, 4 * REPORT_AFTER, None).unwrap();
        let mut vaults = Vaults::new(&session);
        vaults.preconnect(&request.vault, 1);
        while vaults.rate_limit(&request.vault).reserve().is_zero() {}
        let watch = Stopwatch::start();
        let found = get_all(&[request], IfMissing::Fail, &mut vaults).unwrap();
        assert!(found[0].is_some());
        assert!(watch.elapsed() >= REPORT_AFTER, "{:?}", watch.elapsed());
    }
}
