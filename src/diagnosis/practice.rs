//! Good practice that a host departs from: notes, never failures.
//!
//! <https://learn.microsoft.com/azure/key-vault/general/authentication>

use crate::credential::Credential;
use crate::credential::chain::Selected;
use crate::credential::environment::EnvironmentCredential;
use crate::env::Env;
use crate::host::{self, HostKind};

/// A stored secret where the host offers an identity of its own.
pub fn stored_secret(selected: &Selected, env: &Env) -> Option<String> {
    let stored = selected.credential.name() == EnvironmentCredential.name();
    let kind = host::Host::of(env).kind;
    let announced = env.has("IDENTITY_ENDPOINT") || env.has("MSI_ENDPOINT");
    let offered = announced || matches!(kind, HostKind::VirtualMachine);
    (stored && offered).then(|| {
        "a client secret from the environment was used, and this host offers a managed identity, which needs none: \
         remove AZURE_CLIENT_SECRET and give the identity the role"
            .to_owned()
    })
}
