//! The tenants that the emulated Entra ID knows.

use super::refusal::{self, EntraRefusal};
use crate::sandbox::{azure::Azure, cloud::EmulatedCloud, fault::Fault, names};

/// Whether this cloud knows a tenant: the sandbox's own, and the vault's where that is another.
pub(super) fn known_tenant(azure: &Azure, cloud: EmulatedCloud, tenant: &str) -> Result<(), EntraRefusal> {
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

/// Whether a tenant has the clients of the sandbox's own: under the fault `guest` the other one has them too.
pub(super) fn tenant_has_clients(azure: &Azure, tenant: &str) -> bool {
    tenant.eq_ignore_ascii_case(names::TENANT_ID) || azure.plan.has(Fault::Guest)
}

/// The tenant's id as tokens have it.
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
