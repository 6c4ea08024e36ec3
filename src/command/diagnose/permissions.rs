//! Tests what the identity may do in the vault: list, and read if a secret is named. The value is dropped unread.

use std::time::Duration;

use crate::credential::chain::{Attempt, Selected};
use crate::diagnosis::connectivity::Connectivity;
use crate::diagnosis::report::{Check, CheckStatus};
use crate::error::Error;
use crate::fetch::open_vault::OpenVault;
use crate::fetch::suggestions::suggest_from;
use crate::fetch::vaults::Vaults;
use crate::time::deadline::Stopwatch;
use crate::vault::PermissionModel;
use crate::vault::error::Operation;
use crate::vault::reference::SecretRef;
use crate::vault::secret_bundle::Properties;
use crate::vault::similar_names::List;
use crate::vault::url::VaultUrl;

/// The permissions of the selected identity in the vault.
#[derive(Default)]
pub(super) struct Permissions {
    pub(super) checks: Vec<Check>,
    pub(super) denied: Option<Error>,
    pub(super) list_denied: Option<Error>,
    pub(super) read: Option<Properties>,
    /// How the vault decides who may list, if listing is allowed.
    pub(super) model: PermissionModel,
    /// A later credential of the chain that the vault accepts, if it refuses the selected one.
    pub(super) admitted: Option<Selected>,
}

impl Permissions {
    /// Lists, and reads the secret if there is one. Tests once more with a new token if the session was revoked, as `get`
    /// does.
    pub(super) fn test(
        vaults: &mut Vaults<'_>,
        vault: &VaultUrl,
        secret: Option<&SecretRef>,
        connectivity: &Connectivity,
    ) -> Self {
        let mut permissions = Self::test_once(vaults.opened(vault), secret, connectivity);
        let watch = Stopwatch::start();
        if permissions.denied.is_some() && vaults.regain_access(&mut permissions.denied) {
            let message = "the session was revoked; a new token was requested once";
            let check = Check::new("renewal", CheckStatus::Ok, message.to_owned(), watch.elapsed());
            permissions = Self::test_once(vaults.opened(vault), secret, connectivity);
            permissions.checks.insert(0, check);
        }
        permissions
    }

    fn test_once(open: OpenVault<'_>, secret: Option<&SecretRef>, connectivity: &Connectivity) -> Self {
        let mut permissions = Permissions::default();
        let challenge = connectivity.response.as_ref().and_then(|response| response.challenge.as_ref());
        if let Some(Err(error)) = challenge.map(|challenge| open.check_challenge(Operation::List, challenge)) {
            permissions.checks.push(Check::new("access", CheckStatus::Fail, error.to_string(), Duration::ZERO));
            permissions.denied = Some(error);
            return permissions;
        }
        let watch = Stopwatch::start();
        let listed = permissions.add("list", open.try_list(), watch, |_| "allowed".to_owned());
        permissions.model = listed.unwrap_or_default();
        let Some(secret) = secret else { return permissions };
        // Only the read counts then: an identity may read by name without being allowed to list.
        permissions.list_denied = permissions.denied.take();
        if let Some(check) = permissions.checks.last_mut().filter(|check| check.status == CheckStatus::Fail) {
            check.status = CheckStatus::Warn;
        }
        let watch = Stopwatch::start();
        // The value is dropped, and wiped, here.
        let read = open.get(secret).map(|bundle| bundle.properties);
        permissions.read = permissions.add("get", read, watch, |_| format!("'{secret}' can be read"));
        let list = if listed.is_some() { List::Untried } else { List::Refused };
        suggest_from(open, permissions.denied.iter_mut(), list);
        permissions
    }

    /// Finds a later credential of the chain that the vault accepts, if it refuses the identity of the selected one.
    pub(super) fn with_others(
        mut self,
        vaults: &Vaults<'_>,
        vault: &VaultUrl,
        refused: &Selected,
        attempts: &[Attempt],
        secret: Option<&SecretRef>,
    ) -> Self {
        if !matches!(&self.denied, Some(Error::Vault(denied)) if denied.error.kind.is_of_identity()) {
            return self;
        }
        let identity = refused.identity();
        let others = attempts.iter().filter(|a| a.credential.name() != refused.credential.name());
        let others = others.filter_map(|a| Some(Selected { credential: a.credential, token: a.result.clone().ok()? }));
        let is_admitted = |selected: &Selected| {
            let open = vaults.opened_with(vault, selected);
            secret.map_or_else(|| open.try_list().is_ok(), |secret| open.get(secret).is_ok())
        };
        self.admitted = others.filter(|other| other.identity().object_id() != identity.object_id()).find(is_admitted);
        self
    }

    /// Adds a check, and returns the result if it succeeded.
    fn add<T>(
        &mut self,
        name: &'static str,
        result: Result<T, Error>,
        watch: Stopwatch,
        message: impl FnOnce(&T) -> String,
    ) -> Option<T> {
        let (status, message) = match &result {
            Ok(value) => (CheckStatus::Ok, message(value)),
            Err(error) => (CheckStatus::Fail, error.to_string()),
        };
        self.checks.push(Check::new(name, status, message, watch.elapsed()));
        result.map_err(|error| self.denied = Some(error)).ok()
    }
}
