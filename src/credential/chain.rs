//! The chain at work: who is asked and when, and what ends it. Nothing else knows of that.

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

/// One credential that was asked, and how that ended.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// Which one.
    pub credential: &'static dyn Credential,
    /// The token, or why not.
    pub result: Result<AccessToken, NoToken>,
    /// How long it took.
    pub took: Duration,
}

/// Who was asked, up to where the chain stopped.
#[derive(Clone, Debug)]
pub struct ChainOutcome {
    /// Everybody that was asked, in order; where the last one has a token, it is the one to use.
    pub attempts: Vec<Attempt>,
    /// How many were to be asked.
    pub members: usize,
}

/// The credential that won.
#[derive(Clone, Debug)]
pub struct Selected {
    /// Which one.
    pub credential: &'static dyn Credential,
    /// Its token.
    pub token: AccessToken,
}

impl Selected {
    /// Who the token speaks for.
    pub fn identity(&self) -> Identity {
        let managed = self.credential.name() == ManagedIdentityCredential.name();
        Identity::from_claims(self.token.claims(), if managed { Origin::ManagedIdentity } else { Origin::Other })
    }
}

impl ChainOutcome {
    /// The outcome that these attempts would have had in the chain: up to the first that ends it.
    pub fn from_attempts(attempts: &[Attempt]) -> Self {
        let members = attempts.len();
        let end = attempts.iter().position(|attempt| stops(attempt, members)).map_or(members, |at| at + 1);
        ChainOutcome { attempts: attempts[..end].to_vec(), members }
    }

    /// The credential to use, where there is one.
    pub fn selected(&self) -> Option<Selected> {
        let last = self.attempts.last()?;
        let token = last.result.as_ref().ok()?.clone();
        Some(Selected { credential: last.credential, token })
    }

    /// The failure that stopped the chain: of a credential that is set up and was refused.
    pub fn stopped_by(&self) -> Option<&Attempt> {
        let last = self.attempts.last()?;
        stops(last, self.members).then_some(last).filter(|a| matches!(a.result, Err(NoToken::Failed(_))))
    }
}

/// The members of the chain that a selection leaves.
pub struct Chain {
    members: Vec<&'static dyn Credential>,
}

impl Chain {
    /// The members that were asked for, in the documented order.
    pub fn new(selection: &Selection, interaction: Interaction) -> Self {
        Chain { members: CHAIN.into_iter().filter(|c| selection.includes(*c, interaction)).collect() }
    }

    /// Asks one after the other until one has a token or one that is set up was refused. While one waits for an
    /// endpoint that may not exist, those behind it are asked already, persons excepted; the order still decides.
    pub fn find_token(&self, request: &TokenRequest, context: &Arc<CredentialContext>) -> ChainOutcome {
        // Asked for by name, a credential gets all the time that there is.
        let patience = if self.members.len() == 1 { Patience::Full } else { Patience::Brief };
        let request = TokenRequest { patience, ..request.clone() };
        ChainOutcome { attempts: ask_in_order(&self.members, &request, context), members: self.members.len() }
    }
}

/// A member of the chain in a report that asks everybody.
pub enum Probe {
    /// It was asked, and may still be at it.
    Asked(&'static dyn Credential, Background<Attempt>),
    /// It was not.
    NotAsked(&'static dyn Credential, NotAsked),
}

/// Why a credential was not asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotAsked {
    /// The selection leaves it out.
    NotSelected,
    /// It would open a browser.
    NeedsPerson,
}

/// Asks every credential that the selection leaves and that needs no person, all at once, each to its end.
pub fn probe(selection: &Selection, request: &TokenRequest, context: &Arc<CredentialContext>) -> Vec<Probe> {
    let patience = if matches!(selection, Selection::One(_)) { Patience::Full } else { Patience::Brief };
    let request = TokenRequest { patience, ..request.clone() };
    let one = |credential: &'static dyn Credential| {
        if credential.group() == Group::Interactive {
            return Probe::NotAsked(credential, NotAsked::NeedsPerson);
        }
        if !selection.includes(credential, Interaction::Never) {
            return Probe::NotAsked(credential, NotAsked::NotSelected);
        }
        let (request, context) = (request.clone(), Arc::clone(context));
        Probe::Asked(credential, Background::start(move || ask(credential, &request, &context)))
    };
    CHAIN.into_iter().map(one).collect()
}

/// Asks the members of a chain, up to the one that ends it.
fn ask_in_order(
    members: &[&'static dyn Credential],
    request: &TokenRequest,
    context: &Arc<CredentialContext>,
) -> Vec<Attempt> {
    let in_all = members.len();
    let mut attempts = Vec::new();
    let mut left = members;
    while let Some((credential, behind)) = left.split_first() {
        // A person is bothered only when everybody before has ended.
        let machines = behind.iter().take_while(|c| c.group() != Group::Interactive).count();
        let head_start = (machines > 0).then(|| credential.head_start(context)).flatten();
        let ahead =
            head_start.map(|head_start| HeadStart::start(head_start, &behind[..machines], in_all, request, context));
        let attempt = ask(*credential, request, context);
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

/// The asking of those behind a credential that may wait, begun after its head start or when it has ended. Dropped, it
/// asks nobody more.
struct HeadStart {
    go: Sender<()>,
    attempts: Background<Vec<Attempt>>,
}

impl HeadStart {
    /// Asks these members of a chain that has so many in all.
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
                attempts.push(ask(credential, &request, &context));
                if attempts.last().is_some_and(|last| stops(last, in_all)) {
                    break;
                }
            }
            attempts
        });
        HeadStart { go, attempts }
    }

    /// The one before has ended, and these decide.
    fn finish(self) -> Vec<Attempt> {
        let _ = self.go.send(());
        self.attempts.wait()
    }
}

fn ask(credential: &'static dyn Credential, request: &TokenRequest, context: &CredentialContext) -> Attempt {
    let watch = Stopwatch::start();
    let result = credential.get_token(request, context);
    let took = watch.elapsed();
    match &result {
        Ok(_) => log::info!(target: "azfob", "{}: token in {} ms", credential.name(), took.as_millis()),
        Err(error) => log::info!(target: "azfob", "{}: {error}", credential.name()),
    }
    Attempt { credential, result, took }
}

/// The rule of the chain. A token ends it, and so does the failure of a credential that is set up; of the developers'
/// tools any failure lets it go on, unless there is but one member
/// (<https://github.com/Azure/azure-sdk-for-net/blob/main/sdk/identity/Azure.Identity/CHANGELOG.md>, 1.15). A person who
/// was asked and did not sign in has answered for the whole command.
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
    use crate::credential::{Failure, Reason, TenantHint};
    use crate::entra::{Authority, Scope};
    use crate::redact::secret::Secret;

    struct Fake {
        group: Group,
        answer: fn() -> Result<AccessToken, NoToken>,
        waits: bool,
        asked: AtomicUsize,
    }

    impl Credential for Fake {
        fn name(&self) -> &'static str {
            "FakeCredential"
        }
        fn short_name(&self) -> &'static str {
            "fake"
        }
        fn group(&self) -> Group {
            self.group
        }
        fn get_token(&self, _: &TokenRequest, _: &CredentialContext) -> Result<AccessToken, NoToken> {
            self.asked.fetch_add(1, Ordering::SeqCst);
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
        Box::leak(Box::new(Fake { group, answer, waits, asked: AtomicUsize::new(0) }))
    }

    /// Asks a chain of these and answers with how many were asked and whether a token was found.
    fn outcome(members: &[&'static Fake]) -> (usize, bool) {
        let context = Arc::new(credential_context(&[], None));
        let request = TokenRequest {
            scope: Scope::parse("https://vault.azure.net").unwrap(),
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
    fn the_first_token_in_order_wins() {
        let last = fake(Dev, token, false);
        assert_eq!(outcome(&[fake(Prod, unavailable, false), fake(Prod, token, false), last]), (2, true));
        assert_eq!(last.asked.load(Ordering::SeqCst), 0);
    }

    #[test]
    fn a_failed_credential_stops_the_chain() {
        let after = fake(Dev, token, false);
        assert_eq!(outcome(&[fake(Prod, failed, false), after]), (1, false));
        assert_eq!(after.asked.load(Ordering::SeqCst), 0);
    }

    #[test]
    fn a_developers_tool_that_fails_lets_the_chain_go_on() {
        assert_eq!(outcome(&[fake(Dev, failed, false), fake(Dev, token, false)]), (2, true));
        assert_eq!(outcome(&[fake(Dev, failed, false), fake(Dev, unavailable, false)]), (2, false));
    }

    #[test]
    fn one_that_waits_never_changes_who_wins() {
        for (first, expected) in [(unavailable as fn() -> _, (2, true)), (token, (1, true)), (failed, (1, false))] {
            assert_eq!(outcome(&[fake(Prod, first, true), fake(Dev, token, false)]), expected);
        }
    }

    #[test]
    fn a_person_is_asked_last_and_never_while_another_waits() {
        let person = fake(Interactive, token, false);
        assert_eq!(outcome(&[fake(Prod, unavailable, true), fake(Dev, token, false), person]), (2, true));
        assert_eq!(outcome(&[fake(Prod, token, true), person]), (1, true));
        assert_eq!(person.asked.load(Ordering::SeqCst), 0);
        assert_eq!(outcome(&[fake(Prod, unavailable, true), fake(Dev, unavailable, false), person]), (3, true));
        assert_eq!(outcome(&[fake(Prod, unavailable, true), person]), (2, true));
        assert_eq!(person.asked.load(Ordering::SeqCst), 2);
    }

    #[test]
    fn what_needs_a_person_is_a_member_only_where_one_may_be_asked() {
        let members = |selection: &Selection, interaction| -> Vec<_> {
            Chain::new(selection, interaction).members.iter().map(|c| c.name()).collect()
        };
        let allowed = Interaction::Allowed { notify: |_| {} };
        let (person, machines) = CHAIN.split_last().expect("a chain");
        assert_eq!(members(&Selection::All, Interaction::Never), machines.iter().map(|c| c.name()).collect::<Vec<_>>());
        assert_eq!(members(&Selection::All, allowed), CHAIN.map(|c| c.name()));
        let tools = CHAIN.iter().filter(|c| c.group() == Dev).map(|c| c.name()).collect::<Vec<_>>();
        assert_eq!(members(&Selection::Group(Dev), allowed), tools);
        let by_name = Selection::parse("interactive-browser").unwrap();
        assert_eq!(members(&by_name, Interaction::Never), [person.name()]);
    }
}
