//! A request for a secret, as a command needs it.

use crate::error::UsageError;
use crate::settings::Settings;
use crate::vault::reference::SecretRef;
use crate::vault::url::VaultUrl;

/// A request for a secret, and where its value goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecretRequest {
    pub vault: VaultUrl,
    pub secret: SecretRef,
    /// The variable, or the line of a file, that gets the value.
    pub place: Option<String>,
}

impl SecretRequest {
    /// Parses a reference. One without a vault means the default vault. `source` names the option or file in errors.
    ///
    /// # Errors
    /// It is malformed, or has no vault.
    pub fn parse(source: &str, text: &str, settings: &Settings) -> Result<Self, UsageError> {
        let (secret, vault) = settings.parse_reference(source, text)?;
        let no_vault =
            || settings.unused_vault_variables.no_vault("use --vault, set AZFOB_VAULT, or use a full secret URL");
        let vault = vault.ok_or_else(|| UsageError::new(source, text, no_vault()))?;
        settings.authority_for(&vault)?;
        Ok(SecretRequest { vault, place: secret.alias.clone(), secret })
    }

    /// Returns the same secret with a place for its value.
    pub fn at(self, place: impl Into<String>) -> Self {
        SecretRequest { place: Some(place.into()), ..self }
    }

    /// Returns a key that is equal for the same version of the same secret.
    pub fn key(&self) -> (&VaultUrl, String, Option<&str>) {
        let version = self.secret.version.as_ref().map(|version| version.as_str());
        (&self.vault, self.secret.name.as_str().to_ascii_lowercase(), version)
    }
}
