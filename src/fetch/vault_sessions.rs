//! The vaults of one run that a token was found for: each opened once, and one token for all of them that it is good for.

use std::collections::BTreeMap;

use crate::background::Background;
use crate::credential::chain::Selected;
use crate::entra::TenantId;
use crate::error::Error;
use crate::time::timestamp::Timestamp;
use crate::vault::Probed;
use crate::vault::error::Operation;
use crate::vault::url::VaultUrl;

use super::rate_limit::Pace;
use super::session::{Opened, Purpose, Session, vault_tenant};

/// A token with less time than this is not taken into another round.
const TOKEN_MARGIN_SECS: i64 = 60;

/// The vaults that a token was found for.
pub struct VaultSessions<'a> {
    session: &'a Session,
    probes: BTreeMap<VaultUrl, Background<Probed>>,
    found: Vec<Found>,
    opened: BTreeMap<VaultUrl, Opened>,
    paces: BTreeMap<VaultUrl, Pace>,
}

/// What became of asking the chain.
struct Found {
    purpose: Purpose,
    /// The tenant of the vault that it was asked for; none where no credential wanted to know it.
    tenant: Option<Option<TenantId>>,
    result: Result<Selected, Error>,
}

impl<'a> VaultSessions<'a> {
    /// The vaults of a session, of which none is opened yet.
    pub fn new(session: &'a Session) -> Self {
        VaultSessions {
            session,
            probes: BTreeMap::new(),
            found: Vec::new(),
            opened: BTreeMap::new(),
            paces: BTreeMap::new(),
        }
    }

    /// The run that they belong to.
    pub fn session(&self) -> &'a Session {
        self.session
    }

    /// Gets ready for a vault that will be asked for much at once, unless that has been done.
    pub fn approach(&mut self, vault: &VaultUrl, connections: usize) {
        let session = self.session;
        self.probes.entry(vault.clone()).or_insert_with(|| session.approach(vault, connections));
        self.paces.entry(vault.clone()).or_default();
    }

    /// Opens a vault, or answers with the one that is open.
    ///
    /// # Errors
    /// No credential has a token for it; it is not who it says it is.
    pub fn open(&mut self, vault: &VaultUrl, operation: Operation) -> Result<&Opened, Error> {
        self.forget_old_tokens();
        if !self.opened.contains_key(vault) {
            self.approach(vault, 1);
            let probe = &self.probes[vault];
            let purpose = self.session.purpose(vault, &operation, probe)?;
            let known = self.found.iter().position(|found| found.purpose == purpose && found.serves(probe));
            let place = known.unwrap_or_else(|| {
                let result = self.session.find_token(vault, &operation, &purpose, None, probe);
                let tenant = probe.if_asked().map(vault_tenant);
                self.found.push(Found { purpose, tenant, result });
                self.found.len() - 1
            });
            let selected = self.found[place].result.clone()?;
            let opened = self.session.admit(vault, operation, selected, probe)?;
            self.opened.insert(vault.clone(), opened);
        }
        Ok(&self.opened[vault])
    }

    /// Whether the vault that failed like this was opened with a new token, since the session of the old one was revoked. It
    /// is tried once.
    ///
    /// # Errors
    /// There is no new token.
    pub fn renew(&mut self, error: &Error) -> Result<bool, Error> {
        let Error::Vault(denied) = error else { return Ok(false) };
        let Some(opened) = self.opened.get_mut(&denied.error.vault) else { return Ok(false) };
        let Some(anew) = self.session.renew(opened, error) else { return Ok(false) };
        opened.renewed = true;
        *opened = anew?;
        Ok(true)
    }

    /// A vault that is open.
    pub(super) fn opened(&self, vault: &VaultUrl) -> &Opened {
        &self.opened[vault]
    }

    /// How fast a vault that is open may be asked.
    pub(super) fn pace(&self, vault: &VaultUrl) -> &Pace {
        &self.paces[vault]
    }

    fn forget_old_tokens(&mut self) {
        let now = Timestamp::now();
        let is_old = |selected: &Selected| {
            selected.token.expires_on.is_some_and(|end| end.seconds_since(now) < TOKEN_MARGIN_SECS)
        };
        self.opened.retain(|_, opened| !is_old(&opened.selected));
        self.found.retain(|found| !found.result.as_ref().is_ok_and(is_old));
    }
}

impl Found {
    /// Whether it answers for this vault too. One that cannot be reached has no tenant that would speak against it.
    fn serves(&self, probe: &Background<Probed>) -> bool {
        match &self.tenant {
            None => true,
            Some(tenant) => {
                let probed = probe.wait();
                probed.is_err() || vault_tenant(probed) == *tenant
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entra::{Authority, Scope};
    use crate::error::Error;
    use crate::http::error::{NetworkError, NetworkErrorKind};
    use crate::vault::UnauthenticatedResponse;
    use crate::vault::challenge::Challenge;

    fn probe(tenant: &str) -> Background<Probed> {
        let challenge = Challenge { tenant: TenantId::parse(tenant).ok(), ..Challenge::default() };
        let response = UnauthenticatedResponse { challenge: Some(challenge), ..UnauthenticatedResponse::default() };
        Background::start(move || Ok(response))
    }

    #[test]
    fn a_token_serves_the_vaults_of_the_tenant_that_it_was_asked_for() {
        let purpose = Purpose::new(Authority::default(), Scope::parse("https://vault.azure.net").unwrap());
        let found = |tenant| Found { purpose: purpose.clone(), tenant, result: Err(Error::Machine(String::new())) };
        let of_a = found(Some(TenantId::parse("a").ok()));
        assert!(of_a.serves(&probe("a")) && !of_a.serves(&probe("b")));
        let unasked = Background::when_asked(|| panic!("nobody has to ask"));
        assert!(found(None).serves(&unasked), "no credential wanted to know the tenant");
        let error = NetworkError { host: String::new(), proxy: None, kind: NetworkErrorKind::Name };
        assert!(of_a.serves(&Background::start(move || Err(error))), "nothing speaks against it");
    }
}
