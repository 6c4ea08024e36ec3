//! Selects the tenant of a service principal: its own, or the vault's if that is allowed.
//!
//! A server must not be able to make an application send its secret to another tenant:
//! `AZURE_ADDITIONALLY_ALLOWED_TENANTS` lists the allowed ones
//! (<https://aka.ms/azsdk/net/identity/multitenant-authentication/troubleshoot>).

use crate::background::Background;
use crate::entra::TenantId;
use crate::env::{self, Env};

use super::{Failure, TenantHint};

/// Returns the tenant to sign in to. Waits for the vault's challenge only if other tenants are allowed.
///
/// # Errors
/// The vault's tenant is not allowed.
pub(super) fn tenant_for(configured: TenantId, hint: &TenantHint, env: &Env) -> Result<TenantId, Failure> {
    let allowed: Vec<&str> = env
        .get(env::AZURE_ADDITIONALLY_ALLOWED_TENANTS)
        .map(|list| list.split(';').map(str::trim).collect())
        .unwrap_or_default();
    if allowed.is_empty() || configured.is("adfs") || hint.requested.is_some() {
        return Ok(configured);
    }
    match hint.vault.as_ref().and_then(Background::wait) {
        None => Ok(configured),
        Some(wanted) if wanted.is(configured.as_str()) => Ok(configured),
        Some(wanted) if allowed.iter().any(|a| *a == "*" || wanted.is(a)) => Ok(wanted),
        Some(wanted) => Err(Failure::TenantNotAllowed { configured, wanted }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tenant(vault: &str, allowed: &str) -> Result<String, Failure> {
        let vault = TenantId::parse(vault).ok();
        let hint = TenantHint { requested: None, vault: Some(Background::lazy(move || vault)) };
        let env = [(env::AZURE_ADDITIONALLY_ALLOWED_TENANTS, allowed)].into_iter().collect();
        tenant_for(TenantId::parse("home").unwrap(), &hint, &env).map(|t| t.as_str().to_owned())
    }

    #[test]
    fn other_tenant_must_be_allowed() {
        assert_eq!(tenant("guest", "").unwrap(), "home");
        assert_eq!(tenant("guest", "x; GUEST").unwrap(), "guest");
        assert_eq!(tenant("guest", "*").unwrap(), "guest");
        assert_eq!(tenant("HOME", "x").unwrap(), "home");
        assert!(matches!(tenant("guest", "x"), Err(Failure::TenantNotAllowed { .. })));
    }
}
