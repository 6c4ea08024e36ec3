//! What the identity may do in the vault: list, and read where a secret is named. The value is discarded unread.

use std::time::Duration;

use crate::credential::chain::{Attempt, Selected};
use crate::diagnosis::connectivity::Connectivity;
use crate::diagnosis::report::{Check, CheckStatus};
use crate::error::{Denied, Error};
use crate::time::deadline::Stopwatch;
use crate::vault::Vault;
use crate::vault::error::{Operation, VaultError, VaultErrorKind};
use crate::vault::reference::{SecretName, SecretRef};
use crate::vault::secret_bundle::Properties;
use crate::vault::similar_names::{List, suggest};

/// What the selected identity may do in the vault.
#[derive(Default)]
pub(super) struct Permissions {
    pub(super) checks: Vec<Check>,
    pub(super) denied: Option<Error>,
    pub(super) list_denied: Option<Error>,
    pub(super) read: Option<Properties>,
    pub(super) admitted: Option<Selected>,
}

impl Permissions {
    /// Lists, and reads where a secret is named.
    pub(super) fn try_out(
        vault: &Vault<'_>,
        selected: &Selected,
        secret: Option<&SecretRef>,
        connectivity: &Connectivity,
    ) -> Self {
        let mut permissions = Permissions::default();
        let challenge = connectivity.response.as_ref().and_then(|response| response.challenge.as_ref());
        if let Some(error) = challenge.and_then(|challenge| vault.refuse(Operation::List, challenge)) {
            permissions.checks.push(Check::new("access", CheckStatus::Fail, error.to_string(), Duration::ZERO));
            permissions.denied = Some(Denied::for_identity(selected, *error));
            return permissions;
        }
        let watch = Stopwatch::start();
        let list = vault.try_list(&selected.token);
        let may_list = if list.is_ok() { List::Untried } else { List::Refused };
        permissions.keep("list", list, watch, selected, |()| "allowed".to_owned());
        let Some(secret) = secret else { return permissions };
        // With a secret to read, that is what counts: an identity may read by name without listing.
        permissions.list_denied = permissions.denied.take();
        if let Some(check) = permissions.checks.last_mut().filter(|check| check.status == CheckStatus::Fail) {
            check.status = CheckStatus::Warn;
        }
        let watch = Stopwatch::start();
        // The value is dropped, and wiped, where it arrives.
        let read = vault.get(secret, &selected.token).map(|bundle| bundle.properties);
        let not_found = matches!(&read, Err(error) if matches!(error.kind, VaultErrorKind::NotFound));
        permissions.read = read.as_ref().ok().cloned();
        permissions.keep("get", read, watch, selected, |_| format!("'{secret}' can be read"));
        if not_found {
            permissions.suggest(vault, selected, &secret.name, may_list);
        }
        permissions
    }

    /// Where the selected identity is refused: whether the vault lets in one that a later credential speaks for. It is
    /// asked the same, of the same vault.
    pub(super) fn try_others(
        &mut self,
        vault: &Vault<'_>,
        refused: &Selected,
        attempts: &[Attempt],
        secret: Option<&SecretRef>,
    ) {
        if !matches!(&self.denied, Some(Error::Vault(denied)) if denied.error.kind.is_of_identity()) {
            return;
        }
        let mine = refused.identity();
        let others = attempts.iter().filter(|a| a.credential.name() != refused.credential.name());
        let others = others.filter_map(|a| Some(Selected { credential: a.credential, token: a.result.clone().ok()? }));
        let let_in = |other: &Selected| match secret {
            Some(secret) => vault.get(secret, &other.token).is_ok(),
            None => vault.try_list(&other.token).is_ok(),
        };
        self.admitted = others.filter(|other| other.identity().object_id() != mine.object_id()).find(let_in);
    }

    fn suggest(&mut self, vault: &Vault<'_>, selected: &Selected, secret: &SecretName, list: List) {
        let suggestions = suggest(vault, &selected.token, std::slice::from_ref(secret), list).into_iter().next();
        if let (Some(Error::Vault(denied)), Some(suggestions)) = (&mut self.denied, suggestions) {
            denied.suggestions = suggestions;
        }
    }

    fn keep<T>(
        &mut self,
        name: &'static str,
        result: Result<T, Box<VaultError>>,
        watch: Stopwatch,
        selected: &Selected,
        words: impl FnOnce(T) -> String,
    ) {
        match result {
            Ok(value) => self.checks.push(Check::new(name, CheckStatus::Ok, words(value), watch.elapsed())),
            Err(error) => {
                self.checks.push(Check::new(name, CheckStatus::Fail, error.to_string(), watch.elapsed()));
                self.denied = Some(Denied::for_identity(selected, *error));
            }
        }
    }
}
