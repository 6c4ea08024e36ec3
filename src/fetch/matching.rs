//! `get --match`: the secrets of a vault whose names match.

use std::collections::BTreeSet;

use crate::error::Error;
use crate::vault::error::Operation;
use crate::vault::glob::Glob;
use crate::vault::list::Listing;
use crate::vault::reference::{SecretName, SecretRef};
use crate::vault::secret_bundle::Properties;
use crate::vault::url::VaultUrl;

use super::Wanted;
use super::pages;
use super::role_wait::AccessWait;
use super::vault_sessions::VaultSessions;

/// Lists the vault and adds the secrets whose names match, sorted, to those that were named. What cannot be read, and what
/// belongs to a certificate, is left out and told.
pub fn add_matching(
    secrets: &mut Vec<Wanted>,
    vault: &VaultUrl,
    glob: &Glob,
    vaults: &mut VaultSessions<'_>,
    access: &mut AccessWait,
) -> Result<Vec<String>, Error> {
    let mut matching = loop {
        match listed(vault, glob, vaults) {
            Err(error) if vaults.renew(&error)? || access.again(&error) => {}
            ended => break ended?,
        }
    };
    if matching.is_empty() {
        return Err(pages::missing(vaults.open(vault, Operation::List)?, &glob.to_string()));
    }
    matching.sort_by_cached_key(|secret| secret.name().to_ascii_lowercase());
    let (managed, others): (Vec<_>, Vec<_>) = matching.iter().partition(|secret| secret.is_managed());
    let (enabled, disabled): (Vec<_>, Vec<_>) = others.into_iter().partition(|secret| secret.is_enabled());
    let named: BTreeSet<_> = secrets.iter().map(Wanted::key).collect();
    let mut added = Vec::with_capacity(enabled.len());
    for secret in enabled {
        let name = SecretName::parse(secret.name()).map_err(|reason| Error::Machine(format!("{vault}: {reason}")))?;
        let secret = SecretRef { vault: Some(vault.clone()), name, version: None, alias: None };
        let wanted = Wanted { vault: vault.clone(), secret, place: None };
        if !named.contains(&wanted.key()) {
            added.push(wanted);
        }
    }
    drop(named);
    secrets.extend(added);
    let note = |left: &[&Properties], what: &str, how: &str| {
        let names = left.iter().map(|secret| secret.name()).collect::<Vec<_>>().join(", ");
        (!left.is_empty()).then(|| format!("left out, {what}: {names}{how}"))
    };
    let notes = [note(&disabled, "disabled", ""), note(&managed, "of a certificate", " (get them by name)")];
    Ok(notes.into_iter().flatten().collect())
}

fn listed(vault: &VaultUrl, glob: &Glob, vaults: &mut VaultSessions<'_>) -> Result<Vec<Properties>, Error> {
    let session = vaults.session();
    let opened = vaults.open(vault, Operation::List)?;
    let mut matching = Vec::new();
    for page in pages::pages(session, opened, &Listing::Secrets) {
        matching.extend(page?.into_iter().filter(|secret| glob.matches(secret.name())));
    }
    Ok(matching)
}
