//! Requests to one vault with one token.

use std::sync::atomic::{AtomicUsize, Ordering};

use crate::credential::chain::Selected;
use crate::error::{Denied, Error};
use crate::vault::challenge::Challenge;
use crate::vault::error::{Operation, SECRET_NOT_FOUND, VaultError, VaultErrorKind};
use crate::vault::list::Listing;
use crate::vault::reference::SecretRef;
use crate::vault::secret_bundle::{Properties, SecretBundle};
use crate::vault::{PermissionModel, Vault};

use super::rate_limit::RateLimit;
use super::requests_at_once::{concurrent, in_threads};

/// A vault and a token for it. Its errors name the identity that was refused.
#[derive(Clone, Copy)]
pub struct OpenVault<'a> {
    pub vault: Vault<'a>,
    pub selected: &'a Selected,
}

impl<'a> OpenVault<'a> {
    /// Checks that the token may be sent to the vault.
    ///
    /// # Errors
    /// The vault's challenge names a resource that its host does not belong to.
    pub fn check_challenge(&self, operation: Operation, challenge: &Challenge) -> Result<(), Error> {
        self.vault.refuse(operation, challenge).map_or(Ok(()), |error| Err(self.denied(*error)))
    }

    /// Gets a secret, the latest version or the given one.
    ///
    /// # Errors
    /// The vault refuses, has no such secret or cannot be reached.
    pub fn get(&self, secret: &SecretRef) -> Result<SecretBundle, Error> {
        self.vault.get(secret, &self.selected.token).map_err(|error| self.denied(*error))
    }

    /// Requests the first secret of the list, to see if listing is allowed.
    ///
    /// # Errors
    /// The vault refuses or cannot be reached.
    pub fn try_list(&self) -> Result<PermissionModel, Error> {
        self.vault.try_list(&self.selected.token).map_err(|error| self.denied(*error))
    }

    /// Returns the pages of a list, each requested when it is needed.
    pub fn pages(self, listing: &Listing) -> impl Iterator<Item = Result<Vec<Properties>, Error>> + 'a {
        let pages = self.vault.list(listing, &self.selected.token);
        pages.map(move |page| page.map_err(|error| self.denied(*error)))
    }

    /// Adds the policies of certificates, with one request each.
    ///
    /// # Errors
    /// The vault refuses one of them, or cannot be reached.
    pub fn add_policies(&self, certificates: &mut [Properties], limit: &RateLimit) -> Result<(), Error> {
        let next = AtomicUsize::new(0);
        let names: Vec<&str> = certificates.iter().map(Properties::name).collect();
        let found = in_threads(concurrent(names.len()), || {
            let mut found = Vec::new();
            loop {
                let at = next.fetch_add(1, Ordering::Relaxed);
                let Some(name) = names.get(at) else { return found };
                self.vault.deadline.pause(limit.reserve());
                let certificate = self.vault.certificate(name, &self.selected.token);
                // The others are not needed after a failure.
                if certificate.is_err() {
                    next.store(names.len(), Ordering::Relaxed);
                }
                found.push((at, certificate));
            }
        });
        for (at, certificate) in found {
            certificates[at].policy = certificate.map_err(|error| self.denied(*error))?.policy;
        }
        Ok(())
    }

    /// Returns the error for a name or a pattern that a complete list does not contain.
    pub fn not_found(&self, name: &str) -> Error {
        let (vault, operation) = (self.vault.url.clone(), Operation::Get(name.to_owned()));
        let kind = VaultErrorKind::NotFound { code: SECRET_NOT_FOUND.to_owned() };
        self.denied(VaultError { vault, operation, kind, request_id: None })
    }

    pub(super) fn denied(&self, error: VaultError) -> Error {
        Denied::for_identity(self.selected, error)
    }
}
