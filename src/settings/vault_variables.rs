//! The variables that name the vault: those that azfob reads, and similar ones that it names in messages.

use crate::env::{self, Env, Source, Sourced};
use crate::vault::url::VaultUrl;

/// The variables that name the vault, in their order of precedence.
pub(super) const NAMES: [&str; 7] = [
    env::AZFOB_VAULT,
    env::AZURE_KEYVAULT_URL,
    env::AZURE_KEY_VAULT_URL,
    env::AZURE_KEY_VAULT_ENDPOINT,
    env::AZURE_KEY_VAULT_NAME,
    env::AZURE_KEYVAULT_NAME,
    env::KEY_VAULT_NAME,
];

/// The variables that are set and seem to name a vault, but are not used.
#[derive(Clone, Debug, Default)]
pub struct UnusedVaultVariables(Vec<String>);

impl UnusedVaultVariables {
    /// Finds them. `used` is the configured vault.
    pub(super) fn find(env: &Env, used: Option<&Sourced<VaultUrl>>) -> Self {
        let names = env.iter().filter(|(_, value)| !value.is_empty()).filter_map(|(name, _)| name.to_str());
        let is_used =
            |name: &str| used.is_some_and(|used| matches!(used.source, Source::Variable(other) if other == name));
        let unused = names.filter(|name| names_a_vault(name) && !is_used(name));
        UnusedVaultVariables(unused.map(str::to_owned).collect())
    }

    /// Returns the reason why a command without a vault fails. `ways` is how to name one.
    pub fn no_vault(&self, ways: &str) -> String {
        let unread = match self.0.as_slice() {
            [] => String::new(),
            [one] => format!(" ({one} is set, but azfob does not read it)"),
            several => format!(" ({} are set, but azfob does not read them)", several.join(", ")),
        };
        format!("no vault is configured: {ways}{unread}")
    }

    /// Returns a line for `-v` about the configured vault, if other variables name one too.
    pub fn choice(&self, vault: &Sourced<VaultUrl>) -> Option<String> {
        let others = self.0.join(", ");
        (!others.is_empty()).then(|| format!("vault: {} from {}; not used: {others}", vault.value.name(), vault.source))
    }
}

/// Returns true for a variable that azfob reads, and for one with a similar name, such as `KEYVAULT_URI`.
fn names_a_vault(name: &str) -> bool {
    let letters = name.to_ascii_uppercase().replace('_', "");
    let is_similar =
        || letters.contains("KEYVAULT") && ["NAME", "URL", "URI", "ENDPOINT"].iter().any(|end| letters.ends_with(end));
    NAMES.contains(&name) || is_similar()
}
