//! What a 401 says of the vault that gives it: its tenant, its audience, and the claims that it wants
//! (<https://learn.microsoft.com/entra/identity-platform/claims-challenge>).

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use crate::sandbox::plan::SandboxPlan;

/// The challenge, which names the vault's tenant and its audience.
pub(in crate::sandbox) fn challenge(plan: &SandboxPlan) -> String {
    format!(
        "Bearer authorization=\"https://{}/{}\", resource=\"{}\"",
        plan.cloud.authorities()[0],
        plan.vault_tenant(),
        plan.cloud.vault_resource()
    )
}

/// The challenge of a revoked session, with the claims that a new token has to be asked for with
/// (<https://learn.microsoft.com/entra/identity-platform/claims-challenge>).
pub(super) fn claims_challenge(plan: &SandboxPlan) -> String {
    let claims = STANDARD.encode(revocation().to_string());
    format!(
        "{}, error=\"invalid_token\", error_description=\"User session has been revoked\", claims=\"{claims}\"",
        challenge(plan)
    )
}

/// The claims of a revoked session: a token from after this moment.
fn revocation() -> Value {
    json!({ "access_token": { "nbf": { "essential": true, "value": REVOKED_AT } } })
}

/// Whether a token request has the claims of the revoked session.
pub(in crate::sandbox) fn answers_revocation(claims: &str) -> bool {
    let asked: Value = serde_json::from_str(claims).unwrap_or_default();
    asked["access_token"]["nbf"] == revocation()["access_token"]["nbf"]
}

/// When the session was revoked under the fault `revoked`, as a claims challenge has it.
const REVOKED_AT: &str = "1735689600";
