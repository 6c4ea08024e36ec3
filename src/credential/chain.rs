//! Runs the chain: tries the credentials in order, and decides what ends it.

use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError, Sender, TryRecvError};
use std::time::Duration;

use crate::background::Background;
use crate::time::deadline::Stopwatch;
use crate::token::AccessToken;
use crate::token::identity::{Identity, Origin};

use super::managed_identity::ManagedIdentityCredential;
use super::selection::{CHAIN, Selection};
use super::{Credential, CredentialContext, Group, Interaction, NoToken, Patience, TokenRequest};

/// An attempt of a credential.
#[derive(Clone, Debug)]
pub struct Attempt {
    pub credential: &'static dyn Credential,
    pub result: Result<AccessToken, NoToken>,
    pub took: Duration,
}

/// The attempts of a chain, up to the one that ended it.
#[derive(Clone, Debug)]
pub struct ChainOutcome {
    /// In order. If the last one has a token, it is the selected one.
    pub attempts: Vec<Attempt>,
    /// The number of credentials in the chain.
    pub members: usize,
}

/// The selected credential.
#[derive(Clone, Debug)]
pub struct Selected {
    pub credential: &'static dyn Credential,
    pub token: AccessToken,
}

impl Selected {
    /// Returns the identity of the token.
    pub fn identity(&self) -> Identity {
        let managed = self.credential.name() == ManagedIdentityCredential.name();
        Identity::from_claims(self.token.claims(), if managed { Origin::ManagedIdentity } else { Origin::Other })
    }
}

impl ChainOutcome {
    /// Returns the outcome of a chain with these attempts: up to the first that ends it.
    pub fn from_attempts(attempts: &[Attempt]) -> Self {
        let members = attempts.len();
        let end = attempts.iter().position(|attempt| stops(attempt, members)).map_or(members, |at| at + 1);
        ChainOutcome { attempts: attempts[..end].to_vec(), members }
    }

    /// Returns the selected credential, if there is one.
    pub fn selected(&self) -> Option<Selected> {
        let last = self.attempts.last()?;
        let token = last.result.as_ref().ok()?.clone();
        Some(Selected { credential: last.credential, token })
    }

    /// Returns the failed attempt that stopped the chain.
    pub fn stopped_by(&self) -> Option<&Attempt> {
        let last = self.attempts.last()?;
        stops(last, self.members).then_some(last).filter(|a| matches!(a.result, Err(NoToken::Failed(_))))
    }
}

/// The credentials of a selection.
pub struct Chain {
    members: Vec<&'static dyn Credential>,
}

impl Chain {
    /// Selects credentials, in the documented order.
    pub fn new(selection: &Selection, interaction: Interaction) -> Self {
        Chain { members: CHAIN.into_iter().filter(|c| selection.includes(*c, interaction)).collect() }
    }

    /// Tries one credential after the other until one has a token, or one that is configured fails. While one waits for
    /// an endpoint that may not exist, the next ones are tried already, except interactive ones. The order still
    /// decides.
    pub fn find_token(&self, request: &TokenRequest, context: &Arc<CredentialContext>) -> ChainOutcome {
        // A credential selected by name gets all the time.
        let patience = if self.members.len() == 1 { Patience::Full } else { Patience::Brief };
        let request = TokenRequest { patience, ..request.clone() };
        ChainOutcome { attempts: try_in_order(&self.members, &request, context), members: self.members.len() }
    }
}

/// A credential in a report that tries all of them.
pub enum Probe {
    /// Was tried; the attempt may still be running.
    Asked(&'static dyn Credential, Background<Attempt>),
    NotAsked(&'static dyn Credential, NotAsked),
}

/// The reason why a credential was not tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotAsked {
    NotSelected,
    /// It would open a browser.
    NeedsUser,
}

/// Tries all selected credentials at once, except interactive ones. None ends another.
pub fn probe(selection: &Selection, request: &TokenRequest, context: &Arc<CredentialContext>) -> Vec<Probe> {
    let patience = if matches!(selection, Selection::One(_)) { Patience::Full } else { Patience::Brief };
    let request = TokenRequest { patience, ..request.clone() };
    let one = |credential: &'static dyn Credential| {
        if credential.group() == Group::Interactive {
            return Probe::NotAsked(credential, NotAsked::NeedsUser);
        }
        if !selection.includes(credential, Interaction::Never) {
            return Probe::NotAsked(credential, NotAsked::NotSelected);
        }
        let (request, context) = (request.clone(), Arc::clone(context));
        Probe::Asked(credential, Background::start(move || try_credential(credential, &request, &context)))
    };
    CHAIN.into_iter().map(one).collect()
}

/// Tries the members of a chain, up to the one that ends it.
fn try_in_order(
    members: &[&'static dyn Credential],
    request: &TokenRequest,
    context: &Arc<CredentialContext>,
) -> Vec<Attempt> {
    let in_all = members.len();
    let mut attempts = Vec::new();
    let mut left = members;
    while let Some((credential, behind)) = left.split_first() {
        // A user is asked to sign in only after all other credentials have ended.
        let machines = behind.iter().take_while(|c| c.group() != Group::Interactive).count();
        let head_start = (machines > 0).then(|| credential.head_start(context)).flatten();
        let ahead =
            head_start.map(|head_start| HeadStart::start(head_start, &behind[..machines], in_all, request, context));
        let attempt = try_credential(*credential, request, context);
        let mut stop = stops(&attempt, in_all);
        attempts.push(attempt);
        left = behind;
        if let (Some(ahead), false) = (ahead, stop) {
            attempts.extend(ahead.finish());
            stop = attempts.last().is_some_and(|last| stops(last, in_all));
            left = &behind[machines..];
        }
        if stop {
            break;
        }
    }
    attempts
}

/// The attempts of the credentials after one that may wait. They begin when its head start is over, or when it has
/// ended. Dropped, it tries no more.
struct HeadStart {
    go: Sender<()>,
    attempts: Background<Vec<Attempt>>,
}

impl HeadStart {
    /// Starts the attempts. `in_all` is the number of credentials in the chain.
    fn start(
        head_start: Duration,
        members: &[&'static dyn Credential],
        in_all: usize,
        request: &TokenRequest,
        context: &Arc<CredentialContext>,
    ) -> Self {
        let (go, going) = mpsc::channel();
        let (members, request, context) = (members.to_vec(), request.clone(), Arc::clone(context));
        let attempts = Background::start(move || {
            let mut attempts = Vec::new();
            if going.recv_timeout(head_start) == Err(RecvTimeoutError::Disconnected) {
                return attempts;
            }
            for credential in members {
                if going.try_recv() == Err(TryRecvError::Disconnected) {
                    break;
                }
                attempts.push(try_credential(credential, &request, &context));
                if attempts.last().is_some_and(|last| stops(last, in_all)) {
                    break;
                }
            }
            attempts
        });
        HeadStart { go, attempts }
    }

    /// Returns the attempts, once the credential before them has ended without deciding.
    fn finish(self) -> Vec<Attempt> {
        let _ = self.go.send(());
        self.attempts.wait()
    }
}

fn try_credential(credential: &'static dyn Credential, request: &TokenRequest, context: &CredentialContext) -> Attempt {
    let watch = Stopwatch::start();
    let result = credential.get_token(request, context);
    let took = watch.elapsed();
    match &result {
        Ok(_) => log::info!(target: "azfob", "{}: token in {} ms", credential.name(), took.as_millis()),
        Err(error) => log::info!(target: "azfob", "{}: {error}", credential.name()),
    }
    Attempt { credential, result, took }
}

/// Returns true if an attempt ends the chain: a token, or the failure of a configured credential. The failure of a
/// developer's tool does so only if it is the only credential
/// (<https://github.com/Azure/azure-sdk-for-net/blob/main/sdk/identity/Azure.Identity/CHANGELOG.md>, 1.15). A user who
/// did not sign in ends it too.
fn stops(attempt: &Attempt, members: usize) -> bool {
    match &attempt.result {
        Ok(_) => true,
        Err(NoToken::Unavailable(_)) => false,
        Err(NoToken::Failed(_)) => attempt.credential.group() != Group::Developer || members == 1,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::credential::testing::credential_context;
    use crate::credential::{CredentialInfo, Failure, Reason, TenantHint};
    use crate::entra::{Authority, Scope};
    use crate::redact::secret::Secret;

    struct Fake {
        group: Group,
        answer: fn() -> Result<AccessToken, NoToken>,
        waits: bool,
        attempts: AtomicUsize,
    }

    impl Credential for Fake {
        fn info(&self) -> CredentialInfo {
            CredentialInfo { name: "FakeCredential", short_name: "fake", group: self.group }
        }
        fn get_token(&self, _: &TokenRequest, _: &CredentialContext) -> Result<AccessToken, NoToken> {
            self.attempts.fetch_add(1, Ordering::SeqCst);
            (self.answer)()
        }
        fn head_start(&self, _: &CredentialContext) -> Option<Duration> {
            self.waits.then_some(Duration::from_millis(1))
        }
    }

    fn token() -> Result<AccessToken, NoToken> {
        Ok(AccessToken::new(Secret::new("t"), None).expect("a token"))
    }
    fn unavailable() -> Result<AccessToken, NoToken> {
        Err(NoToken::Unavailable(Reason::ClientIdNamesIdentity { with_tenant: false }))
    }
    fn failed() -> Result<AccessToken, NoToken> {
        Err(NoToken::Failed(Failure::Malformed { from: "x", expected: "y" }))
    }

    fn fake(group: Group, answer: fn() -> Result<AccessToken, NoToken>, waits: bool) -> &'static Fake {
        Box::leak(Box::new(Fake { group, answer, waits, attempts: AtomicUsize::new(0) }))
    }

    /// Runs a chain, and returns how many credentials were tried and if there is a token.
    fn outcome(members: &[&'static Fake]) -> (usize, bool) {
        let context = Arc::new(credential_context(&[], None));
        let request = TokenRequest {
            scope: Scope::parse("https://vault.azure.net").unwrap(),
            vault: None,
            authority: Authority::default(),
            tenant: TenantHint::none(),
            identity: None,
            claims: None,
            patience: Patience::Brief,
        };
        let chain = Chain { members: members.iter().map(|f| *f as &dyn Credential).collect() };
        let outcome = chain.find_token(&request, &context);
        (outcome.attempts.len(), outcome.selected().is_some())
    }

    use Group::{Developer as Dev, Interactive, Production as Prod};

    #[test]
    fn first_token_in_order_wins() {
        let last = fake(Dev, token, false);
        assert_eq!(outcome(&[fake(Prod, unavailable, false), fake(Prod, token, false), last]), (2, true));
        assert_eq!(last.attempts.load(Ordering::SeqCst), 0);
    }

    #[test]
    fn failed_credential_stops_chain() {
        let after = fake(Dev, token, false);
        assert_eq!(outcome(&[fake(Prod, failed, false), after]), (1, false));
        assert_eq!(after.attempts.load(Ordering::SeqCst), 0);
    }

    #[test]
    fn failed_developer_tool_does_not_stop_chain() {
        assert_eq!(outcome(&[fake(Dev, failed, false), fake(Dev, token, false)]), (2, true));
        assert_eq!(outcome(&[fake(Dev, failed, false), fake(Dev, unavailable, false)]), (2, false));
    }

    #[test]
    fn head_start_does_not_change_selection() {
        for (first, expected) in [(unavailable as fn() -> _, (2, true)), (token, (1, true)), (failed, (1, false))] {
            assert_eq!(outcome(&[fake(Prod, first, true), fake(Dev, token, false)]), expected);
        }
    }

    #[test]
    fn interactive_credential_is_tried_last() {
        let interactive = fake(Interactive, token, false);
        assert_eq!(outcome(&[fake(Prod, unavailable, true), fake(Dev, token, false), interactive]), (2, true));
        assert_eq!(outcome(&[fake(Prod, token, true), interactive]), (1, true));
        assert_eq!(interactive.attempts.load(Ordering::SeqCst), 0);
        assert_eq!(outcome(&[fake(Prod, unavailable, true), fake(Dev, unavailable, false), interactive]), (3, true));
        assert_eq!(outcome(&[fake(Prod, unavailable, true), interactive]), (2, true));
        assert_eq!(interactive.attempts.load(Ordering::SeqCst), 2);
    }

    #[test]
    fn interactive_credential_needs_permission() {
        let members = |selection: &Selection, interaction| -> Vec<_> {
            Chain::new(selection, interaction).members.iter().map(|c| c.name()).collect()
        };
        let allowed = Interaction::Allowed { notify: |_| {} };
        let (interactive, machines) = CHAIN.split_last().expect("a chain");
        assert_eq!(members(&Selection::All, Interaction::Never), machines.iter().map(|c| c.name()).collect::<Vec<_>>());
        assert_eq!(members(&Selection::All, allowed), CHAIN.map(|c| c.name()));
        let tools = CHAIN.iter().filter(|c| c.group() == Dev).map(|c| c.name()).collect::<Vec<_>>();
        assert_eq!(members(&Selection::Group(Dev), allowed), tools);
        let by_name = Selection::parse("interactive-browser").unwrap();
        assert_eq!(members(&by_name, Interaction::Never), [interactive.name()]);
    }
}
