//! What there is in the place of a secret that was not found: looked for within a moment, for whoever mistyped its name.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::credential::chain::Selected;
use crate::error::{Denied, Error};
use crate::settings::Verbosity;
use crate::vault::Vault;
use crate::vault::error::VaultErrorKind;
use crate::vault::reference::SecretName;
use crate::vault::similar_names::{self, List};
use crate::vault::url::VaultUrl;

use super::session::Session;

/// How much longer a failure may take for it, all vaults together.
const LIMIT: Duration = Duration::from_millis(300);

/// Looks suggestions every secret among these failures that was not found, unless nothing more is to be told. `selected` is who
/// was let into a vault.
pub fn suggest<'e, 's>(
    errors: impl Iterator<Item = &'e mut Error>,
    session: &Session,
    selected: impl Fn(&VaultUrl) -> &'s Selected,
) {
    if session.settings.verbosity == Verbosity::Quiet {
        return;
    }
    let mut vaults: BTreeMap<VaultUrl, Vec<(SecretName, &mut Denied)>> = BTreeMap::new();
    for error in errors {
        let Error::Vault(denied) = error else { continue };
        if let Some(secret) = not_found(denied) {
            vaults.entry(denied.error.vault.clone()).or_default().push((secret, denied));
        }
    }
    let deadline = session.context.deadline.sooner(LIMIT);
    for (url, missing) in vaults {
        let vault = Vault { url: &url, http: &session.context.http, deadline: &deadline };
        let (secrets, denied): (Vec<_>, Vec<_>) = missing.into_iter().unzip();
        let suggestions = similar_names::suggest(&vault, &selected(&url).token, &secrets, List::Untried);
        denied.into_iter().zip(suggestions).for_each(|(denied, suggestions)| denied.suggestions = suggestions);
    }
}

/// The secret that was not found. A pattern is none: what it was held against was a list already.
fn not_found(denied: &Denied) -> Option<SecretName> {
    let name = denied.error.operation.secret()?.split('/').next()?;
    matches!(denied.error.kind, VaultErrorKind::NotFound).then(|| SecretName::parse(name).ok())?
}
