//! The tenants of the emulated Entra ID.

use super::refusal::{self, EntraRefusal};
use crate::sandbox::{azure::Azure, cloud::EmulatedCloud, fault::Fault, names};

/// Checks that this cloud has the tenant: the sandbox's own, or the vault's.
pub(super) fn check_tenant(azure: &Azure, cloud: EmulatedCloud, tenant: &str) -> Result<(), EntraRefusal> {
    let shared = ["common", "organizations"].contains(&tenant);
    let known = tenant.eq_ignore_ascii_case(names::TENANT_ID) || tenant.eq_ignore_ascii_case(azure.plan.vault_tenant());
    if cloud == azure.plan.cloud && (shared || known) {
        Ok(())
    } else if !is_guid(tenant) && !tenant.contains('.') && !shared {
        Err(refusal::malformed_tenant(tenant))
    } else {
        Err(refusal::unknown_tenant(tenant))
    }
}

/// True if the sandbox's applications exist in the tenant. Under the fault `guest` they exist in the other tenant too.
pub(super) fn tenant_has_clients(azure: &Azure, tenant: &str) -> bool {
    tenant.eq_ignore_ascii_case(names::TENANT_ID) || azure.plan.has(Fault::Guest)
}

/// Returns the tenant's ID as in tokens.
pub(super) fn canonical(tenant: &str) -> &'static str {
    if tenant.eq_ignore_ascii_case(names::OTHER_TENANT_ID) { names::OTHER_TENANT_ID } else { names::TENANT_ID }
}

pub(super) fn is_guid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}
