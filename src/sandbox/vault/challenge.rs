//! The authentication challenge of the vault: its tenant, its audience, and the claims that it requires
//! (<https://learn.microsoft.com/entra/identity-platform/claims-challenge>).

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use crate::sandbox::plan::SandboxPlan;

/// Time of the revocation under the fault `revoked`, in seconds since 1970.
const REVOKED_AT: &str = "1735689600";

/// Returns the challenge with the vault's tenant and audience.
pub(in crate::sandbox) fn challenge(plan: &SandboxPlan) -> String {
    format!(
        "Bearer authorization=\"https://{}/{}\", resource=\"{}\"",
        plan.cloud.authorities()[0],
        plan.vault_tenant(),
        plan.cloud.vault_resource()
    )
}

/// Returns the challenge of a revoked session, with the claims that a request for a new token must have.
pub(super) fn claims_challenge(plan: &SandboxPlan) -> String {
    let claims = STANDARD.encode(revocation().to_string());
    format!(
        "{}, error=\"invalid_token\", error_description=\"User session has been revoked\", claims=\"{claims}\"",
        challenge(plan)
    )
}

/// Returns the claims of a revoked session: a token issued after the revocation.
fn revocation() -> Value {
    json!({ "access_token": { "nbf": { "essential": true, "value": REVOKED_AT } } })
}

/// True if a token request has the claims of the revoked session.
pub(in crate::sandbox) fn answers_revocation(claims: &str) -> bool {
    let claims_value: Value = serde_json::from_str(claims).unwrap_or_default();
    claims_value["access_token"]["nbf"] == revocation()["access_token"]["nbf"]
}
