//! Many secrets at once: one token for each vault, a bounded number of threads over pooled connections, the answers in the
//! order asked, and the failures of all together.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use crate::error::{Denied, Error};
use crate::http::error::NetworkErrorKind;
use crate::settings::{Settings, UsageError};
use crate::time::deadline::Stopwatch;
use crate::time::timestamp::Timestamp;
use crate::vault::error::{Operation, VaultErrorKind};
use crate::vault::reference::SecretRef;
use crate::vault::secret_bundle::SecretBundle;
use crate::vault::url::VaultUrl;

use super::access_wait::{AccessWait, is_missing_role};
use super::session::{Opened, Session};

/// The most threads. With an answer in 20 ms, 16 get 50 secrets in 89 ms, where 8 take 148 and 32 save 20 more.
const MOST_THREADS: usize = 16;
/// So many secrets make one more thread worth its while: a new connection takes three round trips, and one is open.
const SECRETS_PER_THREAD: usize = 3;
/// From so many on, requests are spread over time: a vault takes 4,000 in 10 s
/// (<https://learn.microsoft.com/azure/key-vault/general/service-limits>).
const PACED_FROM: usize = 3_000;
/// How many a second then.
const PACE: f64 = 350.0;
/// A token with less time than this is not taken into another round.
const TOKEN_MARGIN_SECS: i64 = 60;

/// A secret and the vault it is in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// The vault.
    pub vault: VaultUrl,
    /// The secret.
    pub secret: SecretRef,
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
        Ok(Wanted { vault, secret })
    }

    /// What is the same for the same secret, whatever it is called by.
    pub fn key(&self) -> (&VaultUrl, String, Option<&str>) {
        let version = self.secret.version.as_ref().map(|version| version.as_str());
        (&self.vault, self.secret.name.as_str().to_ascii_lowercase(), version)
    }
}

/// The vaults that a token was found for, each opened once.
pub struct VaultSessions<'a> {
    session: &'a Session,
    opened: BTreeMap<VaultUrl, Opened>,
}

impl<'a> VaultSessions<'a> {
    /// The vaults of a session, of which none is opened yet.
    pub fn new(session: &'a Session) -> Self {
        VaultSessions { session, opened: BTreeMap::new() }
    }

    /// The run that they belong to.
    pub fn session(&self) -> &'a Session {
        self.session
    }

    /// Opens a vault, or answers with the one that is open.
    ///
    /// # Errors
    /// No credential has a token for it.
    pub fn open(&mut self, vault: &VaultUrl, operation: Operation) -> Result<&Opened, Error> {
        let now = Timestamp::now();
        let ends = |opened: &Opened| opened.selected.token.expires_on;
        if self.opened.get(vault).and_then(ends).is_some_and(|end| end.seconds_since(now) < TOKEN_MARGIN_SECS) {
            self.opened.remove(vault);
        }
        if !self.opened.contains_key(vault) {
            self.opened.insert(vault.clone(), self.session.open(vault, operation)?);
        }
        Ok(&self.opened[vault])
    }
}

impl VaultSessions<'_> {
    /// Whether a vault among these failures was opened with a new token, since the session of the old one was revoked.
    ///
    /// # Errors
    /// There is no new token.
    pub fn renew(&mut self, errors: &[Error]) -> Result<bool, Error> {
        let mut any = false;
        for error in errors {
            let Error::Vault(denied) = error else { continue };
            let Some(opened) = self.opened.get(&denied.error.vault) else { continue };
            if let Some(anew) = self.session.renew(opened, error) {
                self.opened.insert(denied.error.vault.clone(), anew?);
                any = true;
            }
        }
        Ok(any)
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

    let mut found: Vec<Option<SecretBundle>> = vec![None; distinct.len()];
    loop {
        let missing: Vec<usize> = (0..distinct.len()).filter(|place| found[*place].is_none()).collect();
        for place in &missing {
            vaults.open(&distinct[*place].vault, Operation::Get(distinct[*place].secret.to_string()))?;
        }
        let mut errors = Vec::new();
        for (place, result) in round(&missing, &distinct, vaults) {
            match result {
                Ok(bundle) => found[place] = Some(bundle),
                Err(error) => errors.push(error),
            }
        }
        match errors.as_slice() {
            [] => break,
            all if vaults.renew(all)? => {}
            // Waiting helps only where a role is all that is missing.
            all if all.iter().all(is_missing_role) && access.again(&all[0]) => {}
            _ => return Err(together(errors)),
        }
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

fn together(mut errors: Vec<Error>) -> Error {
    if errors.len() == 1 { errors.remove(0) } else { Error::Several(errors) }
}

type Results = Vec<(usize, Result<SecretBundle, Error>)>;

/// Asks for each once. Ends early where the failure of one is the failure of all.
fn round(places: &[usize], distinct: &[&Wanted], vaults: &VaultSessions<'_>) -> Results {
    let next = AtomicUsize::new(0);
    let hopeless = AtomicBool::new(false);
    let since = Stopwatch::start();
    let work = || -> Results {
        let mut results = Vec::new();
        while !hopeless.load(Ordering::Relaxed) {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let Some(place) = places.get(number) else { break };
            if places.len() >= PACED_FROM {
                let due = Duration::from_secs_f64(number as f64 / PACE);
                vaults.session.context.deadline.pause(due.saturating_sub(since.elapsed()));
            }
            let one = distinct[*place];
            let opened = &vaults.opened[&one.vault];
            let result = vaults.session.vault(&one.vault).get(&one.secret, &opened.selected.token);
            if result.as_ref().is_err_and(|error| concerns_all(&error.kind)) {
                hopeless.store(true, Ordering::Relaxed);
            }
            results.push((*place, result.map_err(|error| Denied::to(&opened.selected, *error))));
        }
        results
    };
    let mut results: Results = match places.len().div_ceil(SECRETS_PER_THREAD).min(MOST_THREADS) {
        0 | 1 => work(),
        threads => std::thread::scope(|scope| {
            let threads: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
            threads.into_iter().flat_map(|thread| thread.join().expect("a fetching thread does not panic")).collect()
        }),
    };
    results.sort_by_key(|(place, _)| *place);
    told_once(results)
}

/// Whether a failure is the vault's or the token's, so that every other secret would fail alike.
fn concerns_all(kind: &VaultErrorKind) -> bool {
    use NetworkErrorKind::{Certificate, Connect, Name, ProxyRefused, Tls};
    match kind {
        VaultErrorKind::Unauthorized(_) => true,
        VaultErrorKind::Network(error) => {
            matches!(error.kind, Name | Connect(_) | ProxyRefused(_) | Certificate(_) | Tls(_))
        }
        _ => false,
    }
}

/// A failure to reach a vault names no secret: one of each kind is told.
fn told_once(results: Results) -> Results {
    let mut told = Vec::new();
    let mut again = |result: &Result<SecretBundle, Error>| {
        let Err(Error::Vault(denied)) = result else { return false };
        let VaultErrorKind::Network(error) = &denied.error.kind else { return false };
        let this = (error.host.clone(), std::mem::discriminant(&error.kind));
        let again = told.contains(&this);
        if !again {
            told.push(this);
        }
        again
    };
    results.into_iter().filter(|(_, result)| !again(result)).collect()
}
