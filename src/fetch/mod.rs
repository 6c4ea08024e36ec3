//! Many secrets at once: a bounded number of threads over pooled connections, the answers in the order asked, and the
//! failures of all together.
//!
//! What fails one vault is no reason to leave another alone: a name that is unknown or a token that is refused ends the
//! asking of that vault only. Whatever was not asked for is told as such.

pub mod matching;
pub mod pages;
mod rate_limit;
pub mod role_wait;
pub mod session;
pub mod suggestions;
pub mod vault_sessions;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use crate::background;
use crate::error::{Denied, Error, Several, UsageError};
use crate::http::error::NetworkErrorKind;
use crate::output::notices::Notices;
use crate::redact;
use crate::settings::Settings;
use crate::vault::error::{Operation, VaultErrorKind};
use crate::vault::reference::SecretRef;
use crate::vault::secret_bundle::SecretBundle;
use crate::vault::url::VaultUrl;

use self::rate_limit::time_for;
use self::role_wait::{AccessWait, is_missing_role};
use self::suggestions::suggest;
use self::vault_sessions::VaultSessions;

/// The most requests at once. Each needs a connection, which is opened while the token is fetched.
const MOST_AT_ONCE: usize = 25;
/// A wait for the vault's pace that is longer than this is told.
const TELL_AFTER: Duration = Duration::from_secs(1);

/// How many of these requests go at once: as many rounds as the most allows, each of the same size.
fn at_once(requests: usize) -> usize {
    requests.div_ceil(requests.div_ceil(MOST_AT_ONCE).max(1))
}

/// A secret and the vault it is in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// The vault.
    pub vault: VaultUrl,
    /// The secret.
    pub secret: SecretRef,
    /// Where its value is to go: a variable, or a place in a file.
    pub place: Option<String>,
}

impl Wanted {
    /// Reads a reference; one without a vault is in the vault in use. `source` is who named it.
    ///
    /// # Errors
    /// It is malformed, or has no vault.
    pub fn parse(source: &str, text: &str, settings: &Settings) -> Result<Self, UsageError> {
        let secret =
            SecretRef::parse(text, &settings.suffixes).map_err(|reason| UsageError::new(source, text, reason))?;
        let vault = secret.vault.clone().or_else(|| settings.vault.as_ref().map(|v| v.value.clone()));
        let vault = vault.ok_or_else(|| {
            UsageError::new(
                source,
                text,
                "no vault is named: give --vault or set AZFOB_VAULT, or use a whole identifier",
            )
        })?;
        settings.authority_for(&vault)?;
        Ok(Wanted { vault, place: secret.alias.clone(), secret })
    }

    /// The same, for a value that is to go there.
    pub fn at(self, place: impl Into<String>) -> Self {
        Wanted { place: Some(place.into()), ..self }
    }

    /// What is the same for the same secret, whatever it is called by.
    pub fn key(&self) -> (&VaultUrl, String, Option<&str>) {
        let version = self.secret.version.as_ref().map(|version| version.as_str());
        (&self.vault, self.secret.name.as_str().to_ascii_lowercase(), version)
    }
}

/// Gets all of them, in the order asked.
///
/// # Errors
/// The one failure, or all of them where several secrets failed.
pub fn all(
    wanted: &[Wanted],
    vaults: &mut VaultSessions<'_>,
    access: &mut AccessWait,
) -> Result<Vec<SecretBundle>, Error> {
    // What is asked for twice is fetched once.
    let mut places: BTreeMap<_, usize> = BTreeMap::new();
    let mut distinct: Vec<&Wanted> = Vec::new();
    let order: Vec<usize> = wanted
        .iter()
        .map(|one| {
            *places.entry(one.key()).or_insert_with(|| {
                distinct.push(one);
                distinct.len() - 1
            })
        })
        .collect();

    let session = vaults.session();
    let mut found: Vec<Option<SecretBundle>> = vec![None; distinct.len()];
    for (vault, secrets) in by_vault(&distinct, 0..distinct.len()) {
        vaults.approach(vault, at_once(secrets.len()));
    }
    loop {
        let missing: Vec<usize> = (0..distinct.len()).filter(|place| found[*place].is_none()).collect();
        let (open, closed) = open_all(&missing, &distinct, vaults);
        let mut failed = closed;
        for (place, result) in round(&open, &distinct, vaults) {
            match result {
                Ok(bundle) => found[place] = Some(bundle),
                Err(error) => failed.push((place, error)),
            }
        }
        if failed.is_empty() {
            break;
        }
        let mut renewed = false;
        for (_, error) in &mut failed {
            match vaults.renew(error) {
                Ok(anew) => renewed |= anew,
                Err(no_token) => *error = no_token,
            }
        }
        if renewed {
            continue;
        }
        // Waiting helps only where a role is all that is missing.
        if failed.iter().all(|(_, error)| is_missing_role(error)) && access.again(&failed[0].1) {
            continue;
        }
        suggest(failed.iter_mut().map(|(_, error)| error), session, |vault| &vaults.opened(vault).selected);
        redact::mask_fetched(failed.iter_mut().flat_map(|(_, error)| match error {
            Error::Vault(denied) => denied.error.untrusted_texts(),
            _ => Vec::new(),
        }));
        let places = |place: usize| -> Vec<String> {
            let same = wanted.iter().zip(&order).filter(|(_, other)| **other == place);
            same.filter_map(|(wanted, _)| wanted.place.clone()).collect()
        };
        return Err(together(failed, &found, &distinct, places));
    }
    let mut left: Vec<usize> = vec![0; distinct.len()];
    order.iter().for_each(|place| left[*place] += 1);
    let take = |place: &usize| {
        left[*place] -= 1;
        let bundle = if left[*place] == 0 { found[*place].take() } else { found[*place].clone() };
        bundle.expect("every round ends with all found or with an error")
    };
    Ok(order.iter().map(take).collect())
}

/// The places of the secrets of each vault.
fn by_vault<'a>(distinct: &[&'a Wanted], places: impl Iterator<Item = usize>) -> BTreeMap<&'a VaultUrl, Vec<usize>> {
    let mut vaults: BTreeMap<&VaultUrl, Vec<usize>> = BTreeMap::new();
    places.for_each(|place| vaults.entry(&distinct[place].vault).or_default().push(place));
    vaults
}

type Failed = Vec<(usize, Error)>;

/// Opens the vaults of these secrets: the places of those that can be asked for, and why others cannot, each at the first
/// secret of its vault.
fn open_all(places: &[usize], distinct: &[&Wanted], vaults: &mut VaultSessions<'_>) -> (Vec<usize>, Failed) {
    let (mut open, mut closed) = (Vec::with_capacity(places.len()), Vec::new());
    for (vault, secrets) in by_vault(distinct, places.iter().copied()) {
        let operation = Operation::Get(distinct[secrets[0]].secret.to_string());
        match vaults.open(vault, operation) {
            Ok(_) => open.extend(secrets),
            Err(error) => closed.push((secrets[0], error)),
        }
    }
    open.sort_unstable();
    (open, closed)
}

/// One failure of all that went wrong, with every secret that has no value.
fn together(
    mut failed: Failed,
    found: &[Option<SecretBundle>],
    distinct: &[&Wanted],
    places: impl Fn(usize) -> Vec<String>,
) -> Error {
    failed.sort_by_key(|(place, _)| *place);
    for (place, error) in &mut failed {
        if let Error::Vault(denied) = error {
            denied.places = places(*place);
        }
    }
    let several_vaults = distinct.iter().any(|wanted| wanted.vault != distinct[0].vault);
    let name = |place: usize| {
        let vault = several_vaults.then(|| distinct[place].vault.name().to_owned());
        let beside: Vec<_> = places(place).into_iter().chain(vault).collect();
        let beside = if beside.is_empty() { String::new() } else { format!(" ({})", beside.join(", ")) };
        format!("{}{beside}", distinct[place].secret)
    };
    let was_asked =
        |place: usize| failed.iter().any(|(other, error)| *other == place && !matches!(error, Error::NoToken(_)));
    let lacking = (0..distinct.len()).filter(|place| found[*place].is_none());
    let not_asked: Vec<_> = lacking.filter(|place| !was_asked(*place)).map(name).collect();
    let nothing_was_asked = not_asked.len() == distinct.len();
    let mut told: Vec<Cause> = Vec::new();
    let (mut errors, mut alike) = (Vec::new(), Vec::new());
    for (place, error) in failed {
        match cause(&error) {
            Some(this) if told.contains(&this) => alike.extend(this.is_of_network().then(|| name(place))),
            this => {
                told.extend(this);
                errors.push(error);
            }
        }
    }
    let tells_all = (not_asked.is_empty() || nothing_was_asked) && alike.is_empty();
    if errors.len() == 1 && tells_all { errors.remove(0) } else { Error::Several(Several { errors, alike, not_asked }) }
}

/// What a failure that names no secret is told by, so that it is told once.
#[derive(PartialEq)]
enum Cause {
    /// A vault, or a proxy on the way to it, could not be reached.
    Network(String, std::mem::Discriminant<NetworkErrorKind>),
    /// There is no token for whatever is in this vault's tenant.
    NoToken(Option<VaultUrl>),
}

impl Cause {
    fn is_of_network(&self) -> bool {
        matches!(self, Cause::Network(..))
    }
}

fn cause(error: &Error) -> Option<Cause> {
    match error {
        Error::NoToken(none) => Some(Cause::NoToken(none.vault.clone())),
        Error::Vault(denied) => match &denied.error.kind {
            VaultErrorKind::Network(error) => {
                Some(Cause::Network(error.host.clone(), std::mem::discriminant(&error.kind)))
            }
            _ => None,
        },
        _ => None,
    }
}

type Results = Vec<(usize, Result<SecretBundle, Error>)>;

/// Asks for each once. Of a vault where the failure of one is the failure of all, the rest is left alone.
fn round(places: &[usize], distinct: &[&Wanted], vaults: &VaultSessions<'_>) -> Results {
    let session = vaults.session();
    let next = AtomicUsize::new(0);
    let told = AtomicBool::new(false);
    let by_vault = by_vault(distinct, places.iter().copied());
    let hopeless: BTreeMap<&VaultUrl, AtomicBool> =
        by_vault.keys().map(|vault| (*vault, AtomicBool::new(false))).collect();
    let work = || -> Results {
        let mut results = Vec::new();
        while let Some(place) = places.get(next.fetch_add(1, Ordering::Relaxed)) {
            let one = distinct[*place];
            let hopeless = &hopeless[&one.vault];
            if hopeless.load(Ordering::Relaxed) {
                continue;
            }
            let wait = vaults.pace(&one.vault).turn();
            if wait > TELL_AFTER && !told.swap(true, Ordering::Relaxed) {
                session.context.deadline.pause(TELL_AFTER);
                let left = by_vault[&one.vault].iter().filter(|other| *other >= place).count();
                Notices::new(&session.settings).note([pace_words(one.vault.name(), left)]);
                session.context.deadline.pause(wait.saturating_sub(TELL_AFTER));
            } else {
                session.context.deadline.pause(wait);
            }
            let opened = vaults.opened(&one.vault);
            let result = session.vault(&one.vault).get(&one.secret, &opened.selected.token);
            if result.as_ref().is_err_and(|error| concerns_all(&error.kind)) {
                hopeless.store(true, Ordering::Relaxed);
            }
            results.push((*place, result.map_err(|error| Denied::for_identity(&opened.selected, *error))));
        }
        results
    };
    let mut results: Results = thread::scope(|scope| {
        // This thread is one of them, and where the system has no room for more it does what is left.
        let start = |_| background::builder().spawn_scoped(scope, work).ok();
        let others: Vec<_> = (1..at_once(places.len())).map_while(start).collect();
        let own = work();
        let others = others.into_iter().flat_map(|thread| thread.join().expect("a fetching thread does not panic"));
        own.into_iter().chain(others).collect()
    });
    results.sort_by_key(|(place, _)| *place);
    results
}

/// Why it takes so long.
fn pace_words(vault: &str, left: usize) -> String {
    let seconds = time_for(left).as_secs();
    format!("{vault} takes 4,000 requests in 10 s; the remaining {left} are spread over about {seconds} s")
}

/// Whether a failure is the vault's or the token's, so that every other secret would fail alike.
fn concerns_all(kind: &VaultErrorKind) -> bool {
    use NetworkErrorKind::{BeyondProxy, Certificate, Connect, Name, ProxyRefused, Tls};
    match kind {
        VaultErrorKind::Unauthorized(_) => true,
        VaultErrorKind::Network(error) => {
            matches!(error.kind, Name | Connect(_) | ProxyRefused(_) | BeyondProxy(_) | Certificate(_) | Tls(_))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rounds_are_of_one_size() {
        let sizes = [0, 1, 3, 20, 25, 26, 50, 51, 60, 10_000].map(at_once);
        assert_eq!(sizes, [0, 1, 3, 20, 25, 13, 25, 17, 20, 25]);
    }
}
