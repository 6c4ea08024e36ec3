//! What a vault refuses, told apart by its codes; the only reader of its error bodies.
//!
//! Shapes and codes: <https://learn.microsoft.com/azure/key-vault/general/rest-error-codes> and the answers that users
//! report. The texts are read for facts (an address, an action, an id), never to decide what kind of refusal it is where
//! a code says so.

use serde_json::Value;

use crate::entra::TenantId;
use crate::http::Reply;
use crate::http::error::NetworkError;
use crate::http::status;
use crate::redact;

use super::challenge::Challenge;
use super::url::VaultUrl;

/// No id, path or address is longer.
const LONGEST_FACT: usize = 1_000;

/// What was asked of a vault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Operation {
    /// One secret's value.
    Get(String),
    /// The list of secrets.
    List,
}

impl Operation {
    /// The secret that was asked for, where it was one.
    pub fn secret(&self) -> Option<&str> {
        match self {
            Operation::Get(name) => Some(name),
            Operation::List => None,
        }
    }

    /// As people know it: `secrets/get`.
    pub fn action(&self) -> &'static str {
        match self {
            Operation::Get(_) => "secrets/get",
            Operation::List => "secrets/list",
        }
    }
}

/// A request to a vault that got no secret.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{}", self.text())]
pub struct VaultError {
    /// The vault.
    pub vault: VaultUrl,
    /// What was asked of it.
    pub operation: Operation,
    /// Why not.
    pub kind: VaultErrorKind,
    /// The vault's own id of the request, for a support ticket.
    pub request_id: Option<String>,
}

impl VaultError {
    fn text(&self) -> String {
        let vault = self.vault.name();
        let action = match &self.operation {
            Operation::Get(name) => format!("{} on '{name}'", self.operation.action()),
            Operation::List => self.operation.action().to_owned(),
        };
        match &self.kind {
            VaultErrorKind::Network(error) => error.to_string(),
            VaultErrorKind::Unauthorized(reason) => {
                let text = format!("{vault} did not accept the token for {action}");
                // The report of this cause names both tenants, so that the vault's message adds nothing.
                match redact::first_line(&reason.message) {
                    message if !message.is_empty() && reason.cause != UnauthorizedCause::Issuer => {
                        format!("{text}: {message}")
                    }
                    _ => text,
                }
            }
            VaultErrorKind::Forbidden(_) => format!("{vault} refused {action}"),
            VaultErrorKind::NotFound => format!("{vault} has nothing for {action}"),
            VaultErrorKind::Throttled => format!("{vault} still answers 429 to {action} after every retry"),
            VaultErrorKind::ChallengeMismatch(resource) => {
                let host = self.vault.host();
                format!("{host} asks for a token for {resource}, which it does not belong to; none was sent")
            }
            VaultErrorKind::Malformed(expected) => format!("the answer of {vault} to {action} is not {expected}"),
            VaultErrorKind::Other { status, code, message } => {
                let reasons = [code, message].into_iter().filter(|text| !text.is_empty());
                reasons.fold(format!("{vault} answered {status} to {action}"), |text, reason| text + ": " + reason)
            }
        }
    }
}

/// Why a vault gave no secret.
#[derive(Clone, Debug)]
pub enum VaultErrorKind {
    /// It could not be asked.
    Network(NetworkError),
    /// 401: it does not accept the token.
    Unauthorized(Unauthorized),
    /// 403.
    Forbidden(Box<Forbidden>),
    /// Status 404. It never tells that a secret was deleted: "Deleted Secret not found" is said of one that is not among
    /// the deleted.
    NotFound,
    /// 429, still after all retries.
    Throttled,
    /// The challenge names a resource that the host does not belong to: no token was sent.
    ChallengeMismatch(String),
    /// It answered well and not with what was asked for.
    Malformed(&'static str),
    /// Anything else.
    Other {
        /// The HTTP status.
        status: u16,
        /// The error's code.
        code: String,
        /// Its words.
        message: String,
    },
}

/// Why a token was not accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unauthorized {
    /// Which of the known causes.
    pub cause: UnauthorizedCause,
    /// The tenant that the vault trusts, where it names it.
    pub vault_tenant: Option<String>,
    /// The tenant that the token is from, where it names it.
    pub token_tenant: Option<String>,
    /// The vault's words.
    pub message: String,
    /// The claims that a new token has to be asked for with, where the session was revoked.
    pub claims: Option<String>,
}

/// The causes of a 401 that the vault tells apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnauthorizedCause {
    /// AKV10032: the token is from another tenant.
    Issuer,
    /// AKV10022: the token is for another resource.
    Audience,
    /// The token is past its time, or ahead of it.
    Expired,
    /// AKV10046: the vault cannot find the key of the token's signature.
    SigningKey,
    /// The session behind the token was revoked; the challenge has the claims that a new one needs.
    Revoked,
    /// Another.
    Other,
}

/// A 403, with the facts that its text holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Forbidden {
    /// Which of the known causes.
    pub cause: ForbiddenCause,
    /// The vault's words.
    pub message: String,
    /// The caller's client id.
    pub app_id: Option<String>,
    /// The caller's object id.
    pub object_id: Option<String>,
    /// The action that was refused.
    pub action: Option<String>,
    /// The resource id it was refused on.
    pub resource: Option<String>,
    /// The role assignment that was looked at, or that there is none.
    pub assignment: Option<String>,
    /// The deny assignment that forbids it.
    pub deny_assignment: Option<String>,
    /// The address that the vault's firewall saw.
    pub client_address: Option<String>,
}

/// The causes of a 403 that the vault tells apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum ForbiddenCause {
    /// No role allows it.
    Rbac,
    /// No access policy of the vault allows it.
    AccessPolicy,
    /// The vault's firewall does not let this address in.
    Firewall,
    /// The vault takes private links only.
    PrivateLink,
    /// The secret, or this version of it, is disabled.
    Disabled,
    /// The secret is not yet valid.
    NotYetValid,
    /// The secret has expired.
    Expired,
    /// Another.
    #[default]
    Other,
}

impl VaultError {
    /// Returns the texts from the vault. One that came before a value was fetched can quote it.
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
    /// Whether somebody else might have been let in.
    pub fn is_of_identity(&self) -> bool {
        match self {
            VaultErrorKind::Unauthorized(_) => true,
            VaultErrorKind::Forbidden(forbidden) => {
                matches!(forbidden.cause, ForbiddenCause::Rbac | ForbiddenCause::AccessPolicy | ForbiddenCause::Other)
            }
            _ => false,
        }
    }

    /// Reads a refusal out of an answer.
    pub fn from_reply(reply: &Reply) -> Self {
        let body: Value = reply.json().unwrap_or_default();
        let error = field(&body, "error").unwrap_or(&body);
        let code = text(error, "code");
        let inner = field(error, "innererror").map(|inner| text(inner, "code")).unwrap_or_default();
        let message = text(error, "message");
        // The one that a request without a token would have drawn.
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
            status::NOT_FOUND => VaultErrorKind::NotFound,
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
    // The management plane puts the same codes one level higher.
    let code = if inner.is_empty() { code } else { inner };
    let cause = match code {
        "ForbiddenByRbac" => ForbiddenCause::Rbac,
        "AccessDenied" | "ForbiddenByPolicy" => ForbiddenCause::AccessPolicy,
        "ForbiddenByFirewall" => ForbiddenCause::Firewall,
        "ForbiddenByConnection" => ForbiddenCause::PrivateLink,
        "SecretDisabled" => ForbiddenCause::Disabled,
        "SecretNotYetValid" => ForbiddenCause::NotYetValid,
        "SecretExpired" => ForbiddenCause::Expired,
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

/// The tenant of the first issuer behind `key`: `https://sts.windows.net/<tenant>/`.
fn issuer_after(message: &str, key: &str) -> Option<String> {
    let (_, after) = message.split_once(key)?;
    let issuer = after.trim_start().strip_prefix("https://sts.windows.net/")?;
    let tenant = issuer.split('/').next()?;
    TenantId::parse(tenant).ok().map(|tenant| tenant.as_str().to_owned())
}

/// The word behind `key`, up to what can end one in these texts. Only what looks like an id, a path or an address is
/// taken: it ends up in a command that a person pastes.
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
    fn the_facts_of_a_403_are_read_out_of_its_text() {
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
    fn both_tenants_are_read_out_of_a_401() {
        let text = "AKV10032: Invalid issuer. Expected one of https://sts.windows.net/a-1/, https://sts.windows.net/x/, \
                    found https://sts.windows.net/b-2/.";
        assert_eq!(issuer_after(text, "Expected one of").as_deref(), Some("a-1"));
        assert_eq!(issuer_after(text, "found").as_deref(), Some("b-2"));
    }

    #[test]
    fn what_could_harm_a_shell_is_not_taken_for_a_fact() {
        for text in ["oid=$(reboot)", "oid=a`b`;", "oid=\"x\"", "oid="] {
            assert_eq!(fact_after(text, "oid="), None, "{text}");
        }
    }
}
