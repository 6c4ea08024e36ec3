//! Good practice that a host departs from: notes, never failures.
//!
//! <https://learn.microsoft.com/azure/key-vault/general/authentication>

use crate::credential::Credential;
use crate::credential::chain::Selected;
use crate::credential::environment::EnvironmentCredential;
use crate::env::Env;
use crate::host::{self, HostKind};
use crate::vault::url::VaultUrl;

/// A stored secret where the host offers an identity of its own.
pub fn stored_secret(selected: &Selected, env: &Env) -> Option<String> {
    let stored = selected.credential.name() == EnvironmentCredential.name();
    let kind = host::Host::detect(env).kind;
    let announced = env.has("IDENTITY_ENDPOINT") || env.has("MSI_ENDPOINT");
    let offered = announced || matches!(kind, HostKind::VirtualMachine);
    (stored && offered).then(|| {
        "a client secret from the environment was used, and this host offers a managed identity, which needs none: \
         remove AZURE_CLIENT_SECRET and give the identity the role"
            .to_owned()
    })
}

/// Whether an SDK on this host would send the metadata service's requests through a proxy, which cannot reach it.
pub fn metadata_is_proxied(env: &Env) -> bool {
    let proxied = env.first(&["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"]).is_some();
    let spared = env.first(&["no_proxy", "NO_PROXY"]).is_some_and(|(_, list)| {
        list.split(',').map(str::trim).any(|entry| entry == "*" || entry.starts_with("169.254."))
    });
    // Where the endpoint is named by a variable, the metadata address is not asked at all.
    let asked = !["IDENTITY_ENDPOINT", "MSI_ENDPOINT", "AZURE_POD_IDENTITY_AUTHORITY_HOST"].iter().any(|v| env.has(v));
    proxied && !spared && asked
}

/// Moves a vault from access policies to roles.
pub fn move_to_rbac(vault: &VaultUrl) -> Vec<String> {
    vec![format!("az keyvault update --name {} --enable-rbac-authorization true", vault.name())]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proxy_for_plain_http_hides_the_metadata_service() {
        let proxied = |pairs: &[(&str, &str)]| metadata_is_proxied(&pairs.iter().copied().collect());
        assert!(proxied(&[("HTTP_PROXY", "http://p:1")]));
        assert!(!proxied(&[("HTTP_PROXY", "http://p:1"), ("NO_PROXY", "localhost, 169.254.169.254")]));
        assert!(!proxied(&[("HTTPS_PROXY", "http://p:1")]));
        assert!(!proxied(&[("HTTP_PROXY", "http://p:1"), ("IDENTITY_ENDPOINT", "http://127.0.0.1:1")]));
    }
}
