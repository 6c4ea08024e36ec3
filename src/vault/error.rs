//! Classifies a vault's errors by their codes: the only reader of its error bodies.
//!
//! Forms and codes: <https://learn.microsoft.com/azure/key-vault/general/rest-error-codes> and answers that users
//! reported. Messages are read for facts (an address, an action, an ID), and classify an error only if no code does.

use serde_json::Value;

use crate::entra::TenantId;
use crate::http::Reply;
use crate::http::error::NetworkError;
use crate::http::status;
use crate::redact;

use super::challenge::Challenge;
use super::url::VaultUrl;

/// The maximum length of an ID, a path or an address.
const LONGEST_FACT: usize = 1_000;

/// The code of a vault that has no such secret.
pub const SECRET_NOT_FOUND: &str = "SecretNotFound";

/// A request to a vault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Operation {
    Get(String),
    List,
    GetCertificate(String),
    ListCertificates,
}

impl Operation {
    /// Returns the requested secret, if there is one.
    pub fn secret(&self) -> Option<&str> {
        match self {
            Operation::Get(name) => Some(name),
            Operation::List | Operation::GetCertificate(_) | Operation::ListCertificates => None,
        }
    }

    /// Returns true if the request is for certificates.
    pub fn is_of_certificates(&self) -> bool {
        matches!(self, Operation::GetCertificate(_) | Operation::ListCertificates)
    }

    /// Returns the action's name: `secrets/get`.
    pub fn action(&self) -> &'static str {
        match self {
            Operation::Get(_) => "secrets/get",
            Operation::List => "secrets/list",
            Operation::GetCertificate(_) => "certificates/get",
            Operation::ListCertificates => "certificates/list",
        }
    }
}

/// A failed request to a vault.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{}", self.text())]
pub struct VaultError {
    pub vault: VaultUrl,
    pub operation: Operation,
    pub kind: VaultErrorKind,
    /// The vault's request ID, for a support ticket.
    pub request_id: Option<String>,
}

impl VaultError {
    /// Returns the error of a vault that could not be reached.
    pub fn unreachable(vault: &VaultUrl, operation: Operation, error: NetworkError) -> Self {
        VaultError { vault: vault.clone(), operation, kind: VaultErrorKind::Network(error), request_id: None }
    }

    /// Returns true if the vault itself answered that it has no such secret.
    pub fn is_secret_not_found(&self) -> bool {
        matches!(&self.kind, VaultErrorKind::NotFound { code } if code == SECRET_NOT_FOUND)
    }

    fn text(&self) -> String {
        let vault = self.vault.name();
        let action = match &self.operation {
            Operation::Get(name) | Operation::GetCertificate(name) => {
                format!("{} on '{name}'", self.operation.action())
            }
            Operation::List | Operation::ListCertificates => self.operation.action().to_owned(),
        };
        match &self.kind {
            VaultErrorKind::Network(error) => error.to_string(),
            VaultErrorKind::Unauthorized(reason) => {
                let text = format!("{vault} rejected the token for {action}");
                // The finding for this cause names both tenants: the vault's message adds nothing.
                match redact::first_line(&reason.message) {
                    message if !message.is_empty() && reason.cause != UnauthorizedCause::Issuer => {
                        format!("{text}: {message}")
                    }
                    _ => text,
                }
            }
            VaultErrorKind::Forbidden(_) => format!("{vault} refused {action}"),
            VaultErrorKind::NotFound { .. } => match &self.operation {
                Operation::Get(name) => format!("{vault} has no secret '{name}'"),
                _ => format!("{vault} answered 404 to {action}"),
            },
            VaultErrorKind::Throttled => format!("{vault} throttled {action} (429) after all retries"),
            VaultErrorKind::ChallengeMismatch(resource) => {
                let host = self.vault.host();
                format!("{host} requested a token for a different resource, {resource}; no token was sent")
            }
            VaultErrorKind::Malformed(expected) => format!("the response from {vault} to {action} is not {expected}"),
            VaultErrorKind::Other { status, code, message } => {
                let reasons = [code, message].into_iter().filter(|text| !text.is_empty());
                reasons.fold(format!("{vault} answered {status} to {action}"), |text, reason| text + ": " + reason)
            }
        }
    }
}

/// The reason why a request to a vault failed.
#[derive(Clone, Debug)]
pub enum VaultErrorKind {
    /// The vault could not be reached.
    Network(NetworkError),
    /// 401: the token is not accepted.
    Unauthorized(Unauthorized),
    /// 403: the identity lacks permission.
    Forbidden(Box<Forbidden>),
    /// 404. It does not show that a secret was deleted: "Deleted Secret not found" refers to the deleted secrets.
    NotFound {
        /// Error code; empty if another server answered than a vault.
        code: String,
    },
    /// 429 after all retries.
    Throttled,
    /// The challenge names a resource of another host. No token was sent.
    ChallengeMismatch(String),
    /// A successful answer without the expected content.
    Malformed(&'static str),
    /// Another error.
    Other {
        /// HTTP status.
        status: u16,
        /// Error code; may be empty.
        code: String,
        /// First line of the message; may be empty.
        message: String,
    },
}

/// A 401, with the facts of its message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unauthorized {
    pub cause: UnauthorizedCause,
    pub vault_tenant: Option<String>,
    pub token_tenant: Option<String>,
    pub message: String,
    /// The claims that a new token must satisfy, if the session was revoked.
    pub claims: Option<String>,
}

/// The causes of a 401 that a vault distinguishes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnauthorizedCause {
    /// AKV10032: the token is from another tenant.
    Issuer,
    /// AKV10022: the token is for another resource.
    Audience,
    /// The token has expired, or is not yet valid.
    Expired,
    /// AKV10046: the vault cannot find the token's signing key.
    SigningKey,
    /// The session was revoked; the challenge holds the claims for a new token.
    Revoked,
    Other,
}

/// A 403, with the facts of its message.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Forbidden {
    pub cause: ForbiddenCause,
    pub message: String,
    pub app_id: Option<String>,
    pub object_id: Option<String>,
    pub action: Option<String>,
    pub resource: Option<String>,
    /// The role assignment that was evaluated, or `(not found)`.
    pub assignment: Option<String>,
    /// The deny assignment that applies.
    pub deny_assignment: Option<String>,
    /// The client address that the vault's firewall saw.
    pub client_address: Option<String>,
}

/// The causes of a 403 that a vault distinguishes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum ForbiddenCause {
    /// No role allows the action.
    Rbac,
    /// No access policy allows the action.
    AccessPolicy,
    /// The firewall blocks the client's address.
    Firewall,
    /// Public network access is disabled.
    PrivateLink,
    /// The secret, or this version, is disabled.
    Disabled,
    #[default]
    Other,
}

impl VaultError {
    /// Returns the vault's texts. A text can quote a value that was fetched after it.
    pub fn untrusted_texts(&mut self) -> Vec<&mut String> {
        let mut texts = match &mut self.kind {
            VaultErrorKind::Unauthorized(reason) => vec![&mut reason.message],
            VaultErrorKind::Forbidden(forbidden) => vec![&mut forbidden.message],
            VaultErrorKind::ChallengeMismatch(resource) => vec![resource],
            VaultErrorKind::Other { code, message, .. } => vec![code, message],
            _ => Vec::new(),
        };
        texts.extend(&mut self.request_id);
        texts
    }
}

impl VaultErrorKind {
    /// Returns true if another identity might have been authorized.
    pub fn is_of_identity(&self) -> bool {
        match self {
            VaultErrorKind::Unauthorized(_) => true,
            VaultErrorKind::Forbidden(forbidden) => {
                matches!(forbidden.cause, ForbiddenCause::Rbac | ForbiddenCause::AccessPolicy | ForbiddenCause::Other)
            }
            _ => false,
        }
    }

    /// Classifies an error reply.
    pub fn from_reply(reply: &Reply) -> Self {
        let body: Value = reply.json().unwrap_or_default();
        let error = field(&body, "error").unwrap_or(&body);
        let code = text(error, "code");
        let inner = field(error, "innererror").map(|inner| text(inner, "code")).unwrap_or_default();
        let message = text(error, "message");
        // The challenge that a request without a token would get.
        let challenge = Challenge::parse(reply.headers("www-authenticate")).unwrap_or_default();
        let tenant = challenge.tenant.map(|tenant| tenant.as_str().to_owned());
        match reply.status {
            status::UNAUTHORIZED => VaultErrorKind::Unauthorized(Unauthorized {
                cause: unauthorized_cause(&inner, &message, challenge.claims.is_some()),
                vault_tenant: issuer_after(&message, "Expected one of").or(tenant),
                token_tenant: issuer_after(&message, "found"),
                claims: challenge.claims,
                message: redact::sanitize(&message),
            }),
            status::FORBIDDEN => VaultErrorKind::Forbidden(Box::new(forbidden(&code, &inner, message))),
            status::NOT_FOUND => VaultErrorKind::NotFound { code },
            status::TOO_MANY_REQUESTS => VaultErrorKind::Throttled,
            status => {
                let (code, message) = (redact::sanitize(&code), redact::sanitize(redact::first_line(&message)));
                VaultErrorKind::Other { status, code, message }
            }
        }
    }
}

fn unauthorized_cause(inner: &str, message: &str, with_claims: bool) -> UnauthorizedCause {
    let marked = |mark: &str| inner.contains(mark) || message.contains(mark);
    if marked("AKV10032") {
        UnauthorizedCause::Issuer
    } else if marked("AKV10022") {
        UnauthorizedCause::Audience
    } else if marked("AKV10046") {
        UnauthorizedCause::SigningKey
    } else if with_claims {
        UnauthorizedCause::Revoked
    } else if marked("TokenExpired") || message.contains("Token validation failed") {
        UnauthorizedCause::Expired
    } else {
        UnauthorizedCause::Other
    }
}

fn forbidden(code: &str, inner: &str, message: String) -> Forbidden {
    // The management plane has the same codes one level higher.
    let code = if inner.is_empty() { code } else { inner };
    let cause = match code {
        "ForbiddenByRbac" => ForbiddenCause::Rbac,
        "AccessDenied" | "ForbiddenByPolicy" => ForbiddenCause::AccessPolicy,
        "ForbiddenByFirewall" => ForbiddenCause::Firewall,
        "ForbiddenByConnection" => ForbiddenCause::PrivateLink,
        "SecretDisabled" => ForbiddenCause::Disabled,
        _ => ForbiddenCause::Other,
    };
    let fact = |key: &str| fact_after(&message, key);
    let (app_id, object_id) = (fact("appid="), fact("oid="));
    let (action, resource, client_address) = (fact("Action:"), fact("Resource:"), fact("Client address:"));
    let assignment = fact("Assignment:");
    let deny_assignment = fact("DenyAssignmentId:").filter(|id| id != "null");
    let message = redact::sanitize(&message);
    Forbidden { cause, app_id, object_id, action, resource, assignment, deny_assignment, client_address, message }
}

/// Returns the tenant of the first issuer after `key`: `https://sts.windows.net/<tenant>/`.
fn issuer_after(message: &str, key: &str) -> Option<String> {
    let (_, after) = message.split_once(key)?;
    let issuer = after.trim_start().strip_prefix("https://sts.windows.net/")?;
    let tenant = issuer.split('/').next()?;
    TenantId::parse(tenant).ok().map(|tenant| tenant.as_str().to_owned())
}

/// Returns the word after `key`. Accepts only characters of IDs, paths and addresses: users paste it into commands.
fn fact_after(message: &str, key: &str) -> Option<String> {
    let (_, after) = message.split_once(key)?;
    let after = after.trim_start().trim_start_matches('\'');
    let end = after.find([';', '\'', '\r', '\n', ' ']).unwrap_or(after.len());
    let word = &after[..end];
    let safe = |b: u8| b.is_ascii_alphanumeric() || b"-_./:()".contains(&b);
    (!word.is_empty() && word.len() <= LONGEST_FACT && word.bytes().all(safe)).then(|| redact::sanitize_line(word))
}

fn field<'a>(value: &'a Value, name: &str) -> Option<&'a Value> {
    value.as_object()?.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

fn text(value: &Value, name: &str) -> String {
    field(value, name).and_then(Value::as_str).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const RBAC: &str = "Caller is not authorized to perform action on resource.\r\nCaller: appid=a-1;oid=o-1;\
        iss=https://sts.windows.net/t/\r\nAction: 'Microsoft.KeyVault/vaults/secrets/getSecret/action'\r\n\
        Resource: '/subscriptions/s/resourceGroups/g/providers/Microsoft.KeyVault/vaults/v/secrets/n'\r\n\
        Assignment: (not found)\r\nVault: v;location=eastus\r\n";

    #[test]
    fn forbidden_facts_are_read_from_message() {
        let rbac = forbidden("Forbidden", "ForbiddenByRbac", RBAC.to_owned());
        assert_eq!(rbac.cause, ForbiddenCause::Rbac);
        assert_eq!((rbac.app_id.as_deref(), rbac.object_id.as_deref()), (Some("a-1"), Some("o-1")));
        assert_eq!(rbac.action.as_deref(), Some("Microsoft.KeyVault/vaults/secrets/getSecret/action"));
        assert!(rbac.resource.unwrap().ends_with("/vaults/v/secrets/n"));
        let firewall = forbidden("Forbidden", "ForbiddenByFirewall", "Client address: 40.74.28.0\r\nCaller: x".into());
        assert_eq!(firewall.client_address.as_deref(), Some("40.74.28.0"));
        assert_eq!(forbidden("ForbiddenByRbac", "", String::new()).cause, ForbiddenCause::Rbac);
    }

    #[test]
    fn both_tenants_are_read_from_unauthorized_message() {
        let text = "AKV10032: Invalid issuer. Expected one of https://sts.windows.net/a-1/, https://sts.windows.net/x/, \
                    found https://sts.windows.net/b-2/.";
        assert_eq!(issuer_after(text, "Expected one of").as_deref(), Some("a-1"));
        assert_eq!(issuer_after(text, "found").as_deref(), Some("b-2"));
    }

    #[test]
    fn facts_with_shell_characters_are_rejected() {
        for text in ["oid=$(reboot)", "oid=a`b`;", "oid=\"x\"", "oid="] {
            assert_eq!(fact_after(text, "oid="), None, "{text}");
        }
    }
}
