//! Suggestions for secrets that were not found: similar names, and whether they were deleted.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::error::{Denied, Error};
use crate::settings::Verbosity;
use crate::vault::Vault;
use crate::vault::error::VaultErrorKind;
use crate::vault::reference::SecretName;
use crate::vault::similar_names::{self, List};
use crate::vault::url::VaultUrl;

use super::open_vault::OpenVault;
use super::vaults::Vaults;

/// The extra time that a failing command spends on suggestions, for all vaults together.
const LIMIT: Duration = Duration::from_millis(300);

/// Adds suggestions to each error about a secret that was not found. Does nothing with `--quiet`.
pub fn suggest<'e>(errors: impl Iterator<Item = &'e mut Error>, vaults: &Vaults<'_>) {
    let session = vaults.session;
    if session.settings.verbosity == Verbosity::Quiet {
        return;
    }
    let mut by_vault: BTreeMap<VaultUrl, Vec<&mut Error>> = BTreeMap::new();
    for error in errors {
        if let Some((_, denied)) = not_found(error) {
            by_vault.entry(denied.error.vault.clone()).or_default().push(error);
        }
    }
    let deadline = session.context.deadline.sooner(LIMIT);
    for (url, errors) in by_vault {
        let open = vaults.opened(&url);
        let vault = Vault { deadline: &deadline, ..open.vault };
        suggest_from(OpenVault { vault, ..open }, errors.into_iter(), List::Untried);
    }
}

/// Adds suggestions to the errors about secrets that this vault does not have.
pub fn suggest_from<'e>(open: OpenVault<'_>, errors: impl Iterator<Item = &'e mut Error>, list: List) {
    let (names, denied): (Vec<_>, Vec<_>) = errors.filter_map(not_found).unzip();
    let suggestions = similar_names::suggest(&open.vault, &open.selected.token, &names, list);
    denied.into_iter().zip(suggestions).for_each(|(denied, suggestions)| denied.suggestions = suggestions);
}

/// Returns the name of the secret that was not found. A pattern has none: it was compared with the names that exist.
fn not_found(error: &mut Error) -> Option<(SecretName, &mut Denied)> {
    let Error::Vault(denied) = error else { return None };
    if !matches!(denied.error.kind, VaultErrorKind::NotFound { .. }) {
        return None;
    }
    let name = denied.error.operation.secret()?.split('/').next()?;
    Some((SecretName::parse(name).ok()?, denied))
}
