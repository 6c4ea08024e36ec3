//! Key Vault's secrets: where a vault is, what names a secret.

pub mod reference;
pub mod url;
