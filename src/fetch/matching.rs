//! `--match`: adds the secrets with matching names.

use std::collections::BTreeSet;

use crate::error::{Error, UsageError};
use crate::settings::Settings;
use crate::vault::error::Operation;
use crate::vault::glob::Glob;
use crate::vault::list::Listing;
use crate::vault::reference::{SecretName, SecretRef};
use crate::vault::secret_bundle::Properties;
use crate::vault::url::VaultUrl;

use super::IfMissing;
use super::secret_request::SecretRequest;
use super::vaults::Vaults;

/// The secrets of the configured vault with a matching name.
pub struct Matching {
    vault: VaultUrl,
    pub glob: Glob,
}

impl Matching {
    /// Reads `--match`.
    ///
    /// # Errors
    /// No vault is configured.
    pub fn from_arg(glob: Option<&Glob>, settings: &Settings) -> Result<Option<Self>, UsageError> {
        let Some(glob) = glob else { return Ok(None) };
        let no_vault = || settings.unused_vault_variables.no_vault("use --vault or set AZFOB_VAULT");
        let vault = settings.default_vault().ok_or_else(|| UsageError(format!("--match: {}", no_vault())))?;
        settings.authority_for(&vault)?;
        Ok(Some(Matching { vault, glob: glob.clone() }))
    }
}

/// Lists the vault and adds the secrets with matching names, sorted, to the named ones. Returns a note for the disabled
/// secrets and one for the secrets of certificates, which are left out.
///
/// # Errors
/// The list fails, or no name in it matches.
pub fn add_matching(
    secrets: &mut Vec<SecretRequest>,
    Matching { vault, glob }: &Matching,
    if_missing: IfMissing,
    vaults: &mut Vaults<'_>,
) -> Result<Vec<String>, Error> {
    let mut matching = vaults.with_access(vault, Operation::List, |open| {
        let mut matching = Vec::new();
        for page in open.pages(&Listing::Secrets) {
            matching.extend(page?.into_iter().filter(|secret| glob.matches(secret.name())));
        }
        Ok(matching)
    })?;
    if matching.is_empty() && if_missing == IfMissing::LeaveOut {
        return Ok(vec![format!("{} has no secret '{glob}'", vault.name())]);
    }
    if matching.is_empty() {
        return Err(vaults.opened(vault).not_found(&glob.to_string()));
    }
    matching.sort_by_cached_key(|secret| secret.name().to_ascii_lowercase());
    let (managed, others): (Vec<_>, Vec<_>) = matching.iter().partition(|secret| secret.is_managed());
    let (enabled, disabled): (Vec<_>, Vec<_>) = others.into_iter().partition(|secret| secret.is_enabled());
    let named: BTreeSet<_> = secrets.iter().filter(|one| one.secret.path.is_none()).map(SecretRequest::key).collect();
    let mut added = Vec::with_capacity(enabled.len());
    for secret in enabled {
        let name = SecretName::parse(secret.name()).map_err(|reason| Error::Machine(format!("{vault}: {reason}")))?;
        let secret = SecretRef { vault: Some(vault.clone()), name, version: None, alias: None, path: None };
        let request = SecretRequest { vault: vault.clone(), secret, place: None };
        if !named.contains(&request.key()) {
            added.push(request);
        }
    }
    drop(named);
    secrets.extend(added);
    let note = |left: &[&Properties], what: &str, how: &str| {
        let names = left.iter().map(|secret| secret.name()).collect::<Vec<_>>().join(", ");
        (!left.is_empty()).then(|| format!("skipped {what}: {names}{how}"))
    };
    let notes = [note(&disabled, "disabled secrets", ""), note(&managed, "certificates", " (get them by name)")];
    Ok(notes.into_iter().flatten().collect())
}
