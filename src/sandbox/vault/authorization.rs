//! Checks a token and the permissions of its identity.
//!
//! <https://learn.microsoft.com/azure/key-vault/general/authentication-requests-and-responses>

use super::challenge::{challenge, claims_challenge};
use super::refusal::{self, VaultAction};
use crate::sandbox::{
    azure::Azure,
    fault::Fault,
    message::{HttpReply, HttpRequest},
    names,
    token::IssuedToken,
};

/// Returns the token of a request, or a 401 if the vault does not accept it.
pub(super) fn caller(azure: &Azure, request: &HttpRequest) -> Result<IssuedToken, HttpReply> {
    let refuse = |reply: HttpReply| reply.with("WWW-Authenticate", challenge(&azure.plan));
    let token = request.bearer().ok_or_else(|| refuse(refusal::no_token()))?;
    let claims = azure.tokens.claims(token).ok_or_else(|| refuse(refusal::unknown_token()))?;
    let expected = azure.plan.cloud.vault_resource();
    if claims.audience != expected && claims.audience != names::KEY_VAULT_APPLICATION_ID {
        return Err(refuse(refusal::wrong_audience(expected, &claims.audience)));
    }
    if claims.tenant != azure.plan.vault_tenant() {
        return Err(refuse(refusal::wrong_issuer(azure.plan.vault_tenant(), &claims.tenant)));
    }
    if claims.expires <= azure.now() {
        return Err(refuse(refusal::expired_token()));
    }
    if azure.plan.has(Fault::Revoked) && !claims.renewed {
        return Err(refusal::revoked().with("WWW-Authenticate", claims_challenge(&azure.plan)));
    }
    Ok(claims)
}

/// Returns a 403 if the caller lacks the permission for a secret, or for all secrets if there is no name.
pub(super) fn authorize(
    azure: &Azure,
    caller: &IssuedToken,
    action: VaultAction,
    name: Option<&str>,
) -> Result<(), HttpReply> {
    let vault = &azure.plan.vault;
    if azure.plan.has(Fault::Firewall) {
        return Err(refusal::firewall(vault, caller));
    }
    if azure.plan.has(Fault::PrivateLink) {
        return Err(refusal::private_link(vault, caller));
    }
    if azure.plan.has(Fault::Perimeter) {
        return Err(refusal::perimeter(vault, caller));
    }
    if azure.plan.has(Fault::AccessPolicy) || azure.plan.has(Fault::PolicyApplication) {
        return Err(refusal::no_policy(vault, caller, action));
    }
    let is_of_certificates = matches!(action, VaultAction::GetCertificate | VaultAction::ListCertificates);
    let reader_only = azure.plan.has(Fault::Reader) && action == VaultAction::Get;
    let secrets_only = azure.plan.has(Fault::SecretsUser) && is_of_certificates;
    let other_identity = azure.plan.has(Fault::Shadowed) && caller.object_id != names::USER_OBJECT_ID;
    let without_role = [Fault::Forbidden, Fault::OtherScope, Fault::EligibleRole];
    let without_role = without_role.iter().any(|fault| azure.plan.has(*fault));
    let other_secret = azure.plan.has(Fault::OtherSecret) && name != Some(names::OTHER_SECRET);
    if azure.plan.has(Fault::DenyAssignment) {
        return Err(refusal::denied(vault, caller, action, name));
    }
    if without_role || reader_only || secrets_only || other_identity || other_secret {
        return Err(refusal::no_role(vault, caller, action, name));
    }
    Ok(())
}
