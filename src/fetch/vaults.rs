//! Opens vaults: finds tokens, shares them, renews them and waits for access. Every command gets to its vaults through here.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::background::Background;
use crate::credential::chain::{ChainOutcome, Selected};
use crate::credential::{Group, TokenRequest};
use crate::diagnosis::findings::stored_secret;
use crate::entra::cloud::PUBLIC;
use crate::entra::{Authority, Scope, TenantId};
use crate::error::{Denied, Error};
use crate::time::deadline::{Deadline, Stopwatch};
use crate::time::timestamp::Timestamp;
use crate::vault::error::{Operation, Unauthorized, VaultError, VaultErrorKind};
use crate::vault::url::VaultUrl;
use crate::vault::{Probed, UnauthenticatedResponse, Vault};

use super::open_vault::OpenVault;
use super::rate_limit::RateLimit;
use super::role_wait::{RoleWait, is_missing_role};
use super::session::{Session, vault_tenant};

/// A token that expires sooner than this is replaced before the next request.
const TOKEN_MARGIN_SECS: i64 = 60;

/// The vaults of one run.
pub struct Vaults<'a> {
    pub(super) session: &'a Session,
    /// When requests to a vault end.
    deadline: Deadline,
    vaults: BTreeMap<VaultUrl, VaultState>,
    tokens: Vec<SharedToken>,
    role_wait: RoleWait,
}

struct VaultState {
    probe: Background<Probed>,
    rate_limit: RateLimit,
    access: Option<Selected>,
    /// True after the one renewal that a vault gets, also if a later token expired.
    is_renewed: bool,
}

impl VaultState {
    fn new(probe: Background<Probed>) -> Self {
        VaultState { probe, rate_limit: RateLimit::default(), access: None, is_renewed: false }
    }
}

/// The result of one run of the chain, for every vault with the same sign-in authority, resource and tenant.
struct SharedToken {
    target: (Authority, Scope),
    /// The tenant of the vault that it was requested for; `None` if no credential needed the tenant.
    tenant: Option<Option<TenantId>>,
    result: Result<Selected, Error>,
}

impl<'a> Vaults<'a> {
    /// Starts with no vault open.
    pub fn new(session: &'a Session) -> Self {
        let role_wait = RoleWait::new(session.wait_for_access, session.notices);
        let deadline = session.context.deadline;
        Vaults { session, deadline, vaults: BTreeMap::new(), tokens: Vec::new(), role_wait }
    }

    /// Starts with one vault open, from its response and a token for it. Requests to it end at `deadline`.
    pub fn with_open_vault(
        session: &'a Session,
        vault: &VaultUrl,
        probe: Background<Probed>,
        selected: Selected,
        deadline: Deadline,
    ) -> Self {
        let mut vaults = Vaults { deadline, ..Vaults::new(session) };
        vaults.vaults.insert(vault.clone(), VaultState { access: Some(selected), ..VaultState::new(probe) });
        vaults
    }

    /// Opens connections to a vault in the background, and prepares the request without a token that reads its challenge. Does
    /// nothing on later calls for the same vault.
    ///
    /// The suffix of a vault in a known cloud says which resource its tokens are for, so that the request is sent only if
    /// the vault's tenant is needed: some credentials have only one tenant. For another suffix it is sent at once.
    pub(super) fn preconnect(&mut self, vault: &VaultUrl, connections: usize) {
        if self.vaults.contains_key(vault) {
            return;
        }
        let (context, url) = (Arc::clone(&self.session.context), vault.clone());
        let probe = move || Vault { url: &url, http: &context.http, deadline: &context.deadline }.probe();
        let probe = if vault.cloud().is_some() {
            let context = &self.session.context;
            context.http.preconnect(&vault.host(), connections, &context.deadline);
            Background::lazy(probe)
        } else {
            Background::start(probe)
        };
        self.vaults.insert(vault.clone(), VaultState::new(probe));
    }

    /// Runs the chain without opening a vault: in the tenant of this vault, or without one.
    ///
    /// # Errors
    /// No credential has a token, or the sign-in authority is of another cloud than the vault.
    pub fn sign_in(&mut self, vault: Option<&VaultUrl>) -> Result<(Selected, ChainOutcome), Error> {
        let (authority, cloud) = self.session.settings.sign_in_for(vault)?;
        vault.inspect(|vault| self.preconnect(vault, 1));
        let probe = vault.map(|vault| &self.vaults[vault].probe);
        let request = self.session.request(Scope::of_vaults(cloud.unwrap_or(PUBLIC)), authority, vault, probe);
        let outcome = self.session.find_token(&request);
        match outcome.selected() {
            Some(selected) => Ok((selected, outcome)),
            None => Err(self.session.no_credential(outcome, vault, None, probe)),
        }
    }

    /// Opens a vault and runs `work` on it. Runs it again with a new token if the session was revoked, and after each wait
    /// for a role assignment (`--wait-for-access`).
    ///
    /// # Errors
    /// No credential has a token, or `work` fails for another reason.
    pub fn with_access<T>(
        &mut self,
        vault: &VaultUrl,
        operation: Operation,
        mut work: impl FnMut(OpenVault<'_>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        loop {
            let mut error = match work(self.open(vault, operation.clone())?) {
                Err(error) => error,
                done => return done,
            };
            if !self.regain_access([&mut error]) {
                return Err(error);
            }
        }
    }

    /// Returns an open vault, opening it on the first call and after its token has expired.
    ///
    /// # Errors
    /// No credential has a token for it; its challenge is not that of a vault.
    pub fn open(&mut self, vault: &VaultUrl, operation: Operation) -> Result<OpenVault<'_>, Error> {
        self.preconnect(vault, 1);
        self.tokens.retain(|token| !token.result.as_ref().is_ok_and(expires_soon));
        if self.vaults[vault].access.as_ref().is_none_or(expires_soon) {
            let selected = self.shared_token(vault, &operation)?;
            self.accept_token(vault, operation, selected)?;
        }
        Ok(self.opened(vault))
    }

    /// Returns a vault that is open.
    pub fn opened(&self, vault: &VaultUrl) -> OpenVault<'_> {
        let (url, state) = self.vaults.get_key_value(vault).expect("the vault was opened before");
        let selected = state.access.as_ref().expect("the vault was opened before");
        self.opened_with(url, selected)
    }

    /// Returns a vault for requests with this token.
    pub fn opened_with<'v>(&'v self, url: &'v VaultUrl, selected: &'v Selected) -> OpenVault<'v> {
        let vault = Vault { url, http: &self.session.context.http, deadline: &self.deadline };
        OpenVault { vault, selected }
    }

    /// Returns the rate limit of a vault that is open.
    pub(super) fn rate_limit(&self, vault: &VaultUrl) -> &RateLimit {
        &self.vaults[vault].rate_limit
    }

    /// Returns true if failed requests should be sent again: a vault got a new token, or a role was waited for. Replaces an
    /// error by that of the chain if there is no new token. There is at least one error.
    pub fn regain_access<'e>(&mut self, errors: impl IntoIterator<Item = &'e mut Error>) -> bool {
        let (mut renewed, mut failures) = (BTreeSet::new(), Vec::new());
        for error in errors {
            // All requests to a vault had the same token: another rejection must not discard the new one.
            let rejection = rejection(error).filter(|(rejected, _)| !renewed.contains(&rejected.vault));
            if let Some((rejected, answer)) = rejection {
                match self.renew(rejected, answer) {
                    Ok(true) => drop(renewed.insert(rejected.vault.clone())),
                    Ok(false) => {}
                    Err(no_token) => *error = no_token,
                }
            }
            failures.push(&*error);
        }
        // Waiting helps only if nothing but roles is missing.
        !renewed.is_empty() || failures.iter().all(|error| is_missing_role(error)) && self.role_wait.wait(failures[0])
    }

    /// Gets a new token for the vault that refused one as revoked or cached. A vault gets one renewal.
    fn renew(&mut self, error: &VaultError, Unauthorized { claims, .. }: &Unauthorized) -> Result<bool, Error> {
        let (vault, operation) = (&error.vault, &error.operation);
        let Some(VaultState { access: Some(Selected { credential, token }), is_renewed, .. }) =
            self.vaults.get_mut(vault)
        else {
            return Ok(false);
        };
        if let Some(key) = &token.cache_key {
            key.forget();
        }
        if *is_renewed {
            return Ok(false);
        }
        let claims = claims.clone().filter(|_| credential.accepts_claims());
        if token.cached_since.is_some() {
            log::info!(target: "azfob", "{}: rejected the cached token; requesting a new one", vault.host());
        } else if claims.is_some() {
            log::info!(target: "azfob", "{}: the session was revoked; requesting a new token once", vault.host());
        } else {
            return Ok(false);
        }
        *is_renewed = true;
        let selected = self.find_token(vault, operation, self.target(vault, operation)?, claims)?;
        self.accept_token(vault, operation.clone(), selected)?;
        Ok(true)
    }

    /// Returns the token of an earlier vault if it is good for this one too, or else runs the chain.
    fn shared_token(&mut self, vault: &VaultUrl, operation: &Operation) -> Result<Selected, Error> {
        let target = self.target(vault, operation)?;
        let probe = &self.vaults[vault].probe;
        if let Some(shared) = self.tokens.iter().find(|token| token.target == target && token.is_for(probe)) {
            return shared.result.clone();
        }
        let result = self.find_token(vault, operation, target.clone(), None);
        // A cached token goes only to the vault that it was cached for.
        if !result.as_ref().is_ok_and(|selected| selected.token.cached_since.is_some()) {
            let tenant = probe.if_started().map(vault_tenant);
            let mut shared = result.clone();
            if let Ok(selected) = &mut shared {
                selected.token.cache_key = None;
            }
            self.tokens.push(SharedToken { target, tenant, result: shared });
        }
        result
    }

    /// Returns where a token for this vault comes from and which resource it is for. A vault of a known cloud has that in
    /// its suffix; another one names the resource in its challenge.
    fn target(&self, vault: &VaultUrl, operation: &Operation) -> Result<(Authority, Scope), Error> {
        let authority = self.session.settings.authority_for(vault)?;
        if let Some(cloud) = vault.cloud() {
            return Ok((authority, Scope::of_vaults(cloud)));
        }
        let unreachable = |error| VaultError::unreachable(vault, operation.clone(), error);
        let response = self.vaults[vault].probe.wait().map_err(|error| Denied::anonymous(unreachable(error)))?;
        let no_scope = || Error::Machine(format!("the challenge of {} names no resource", vault.host()));
        let scope = response.challenge.and_then(|challenge| challenge.scope).ok_or_else(no_scope)?;
        Ok((authority, scope))
    }

    /// Runs the chain, with the claims of a vault that refused the token before.
    fn find_token(
        &self,
        vault: &VaultUrl,
        operation: &Operation,
        (authority, scope): (Authority, Scope),
        claims: Option<String>,
    ) -> Result<Selected, Error> {
        let (session, probe) = (self.session, &self.vaults[vault].probe);
        let request = TokenRequest { claims, ..session.request(scope, authority, Some(vault), Some(probe)) };
        let watch = Stopwatch::start();
        let outcome = session.find_token(&request);
        session.time_chain(&outcome, watch.elapsed());
        if log::log_enabled!(target: "azfob", log::Level::Info) {
            let note = outcome.selected().and_then(|selected| stored_secret(&selected, &session.context.env));
            note.inspect(|note| log::info!(target: "azfob", "{note}"));
        }
        let secret = operation.secret().map(str::to_owned);
        outcome.selected().ok_or_else(|| session.no_credential(outcome, Some(vault), secret, Some(probe)))
    }

    /// Checks a token against the vault's challenge, if one was read, caches it, and opens the vault with it. A developer's
    /// sign-in can be valid in many tenants, so there the challenge is always read, except for a token that was cached after
    /// this check.
    fn accept_token(&mut self, vault: &VaultUrl, operation: Operation, selected: Selected) -> Result<(), Error> {
        let probe = &self.vaults[vault].probe;
        let probed = match selected.credential.group() {
            Group::Production => probe.if_started(),
            _ if selected.token.cached_since.is_some() => probe.if_started(),
            Group::Developer | Group::Interactive => Some(probe.wait()),
        };
        let open = self.opened_with(vault, &selected);
        match probed {
            Some(Ok(UnauthenticatedResponse { challenge: Some(challenge), .. })) => {
                open.check_challenge(operation, &challenge)?;
                selected.token.cache();
            }
            // The request for the secret would fail in the same way, or there is no time left for it.
            Some(Err(error)) if error.is_final() || self.session.context.deadline.remaining().is_zero() => {
                return Err(open.denied(VaultError::unreachable(vault, operation, error)));
            }
            Some(_) => {}
            // No challenge is read for the token of a managed identity; a refusal by the vault discards it.
            None => selected.token.cache(),
        }
        self.vaults.get_mut(vault).expect("preconnect added the vault").access = Some(selected);
        Ok(())
    }
}

/// Returns the error and the answer of a vault that rejected a token.
fn rejection(error: &Error) -> Option<(&VaultError, &Unauthorized)> {
    match error {
        Error::Vault(denied) => match &denied.error.kind {
            VaultErrorKind::Unauthorized(answer) => Some((&denied.error, answer)),
            _ => None,
        },
        _ => None,
    }
}

fn expires_soon(selected: &Selected) -> bool {
    let is_soon = |end: Timestamp| end.seconds_since(Timestamp::now()) < TOKEN_MARGIN_SECS;
    selected.token.expires_on.is_some_and(is_soon)
}

impl SharedToken {
    /// Returns true if the vault with this probe is in the token's tenant, as far as both are known.
    fn is_for(&self, probe: &Background<Probed>) -> bool {
        self.tenant.as_ref().is_none_or(|tenant| {
            let probed = probe.wait();
            probed.is_err() || vault_tenant(probed) == *tenant
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::error::{NetworkError, NetworkErrorKind};
    use crate::vault::UnauthenticatedResponse;
    use crate::vault::challenge::Challenge;

    fn probe(tenant: &str) -> Background<Probed> {
        let challenge = Challenge { tenant: TenantId::parse(tenant).ok(), ..Challenge::default() };
        let response = UnauthenticatedResponse { challenge: Some(challenge), ..UnauthenticatedResponse::default() };
        Background::start(move || Ok(response))
    }

    #[test]
    fn token_is_shared_only_within_its_tenant() {
        let target = (Authority::default(), Scope::parse("https://vault.azure.net").unwrap());
        let token = |tenant| SharedToken { target: target.clone(), tenant, result: Err(Error::Machine(String::new())) };
        let of_a = token(Some(TenantId::parse("a").ok()));
        assert!(of_a.is_for(&probe("a")) && !of_a.is_for(&probe("b")));
        let not_sent = Background::lazy(|| panic!("a request was sent"));
        assert!(token(None).is_for(&not_sent), "no credential needed the tenant");
        let error = NetworkError { host: String::new(), proxy: None, kind: NetworkErrorKind::Name };
        assert!(of_a.is_for(&Background::start(move || Err(error))), "an unreachable vault names no tenant");
    }
}
