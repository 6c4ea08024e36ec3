//! The errors of Azure Resource Manager
//! (<https://learn.microsoft.com/azure/azure-resource-manager/troubleshooting/common-deployment-errors>).

use serde_json::Value;

use crate::http::Reply;
use crate::http::error::NetworkError;
use crate::http::status;
use crate::redact;
use crate::redact::identifiers::is_guid;

/// A failed request to Azure Resource Manager.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{}", self.text())]
pub struct ManagementError {
    /// The path of the request.
    pub path: String,
    pub kind: ManagementErrorKind,
    /// The correlation ID, for a support ticket.
    pub request_id: Option<String>,
}

/// The reason why a request to Azure Resource Manager failed.
#[derive(Clone, Debug)]
pub enum ManagementErrorKind {
    /// It could not be reached.
    Network(Box<NetworkError>),
    /// 401: the token is not accepted.
    Unauthorized(String),
    /// 401: the subscription belongs to this tenant, and the token to another one.
    OtherTenant(String),
    /// 403: the caller has no role with the action on the scope, or the scope does not exist.
    Forbidden(MissingPermission),
    /// 404: the resource or the subscription does not exist.
    NotFound,
    /// 429 after all retries.
    Throttled,
    /// An answer without the expected content.
    Malformed,
    /// None of the named subscriptions exists, or the caller may not read them.
    NoSubscription,
    /// Another error: status, code and message.
    Other(u16, String),
}

/// The permission that a 403 names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MissingPermission {
    pub action: Option<String>,
    pub scope: Option<String>,
}

impl ManagementError {
    pub(super) fn malformed(path: &str) -> Self {
        ManagementError { path: path.to_owned(), kind: ManagementErrorKind::Malformed, request_id: None }
    }

    pub(super) fn from_reply(path: &str, reply: &Reply) -> Self {
        let body: Value = reply.json().unwrap_or_default();
        let text = |name: &str| body["error"][name].as_str().map(redact::sanitize).unwrap_or_default();
        let (code, message) = (text("code"), text("message"));
        let kind = match reply.status {
            status::UNAUTHORIZED if subscription_tenant(&message).is_some() => {
                ManagementErrorKind::OtherTenant(subscription_tenant(&message).unwrap_or_default())
            }
            status::UNAUTHORIZED => ManagementErrorKind::Unauthorized(redact::first_line(&message).to_owned()),
            status::FORBIDDEN => ManagementErrorKind::Forbidden(missing_permission(&message)),
            status::NOT_FOUND => ManagementErrorKind::NotFound,
            status::TOO_MANY_REQUESTS => ManagementErrorKind::Throttled,
            // https://github.com/Azure/azure-cli-extensions/issues/3325
            _ if has_detail(&body, "NoValidSubscriptionsInQueryRequest") => ManagementErrorKind::NoSubscription,
            other => ManagementErrorKind::Other(other, format!("{code}: {}", redact::first_line(&message))),
        };
        let request_id = reply.header("x-ms-correlation-request-id").map(redact::sanitize);
        ManagementError { path: path.to_owned(), kind, request_id }
    }

    /// Returns true if the resource does not exist.
    pub fn is_not_found(&self) -> bool {
        matches!(self.kind, ManagementErrorKind::NotFound)
    }

    fn text(&self) -> String {
        let path = &self.path;
        match &self.kind {
            ManagementErrorKind::Network(error) => error.to_string(),
            ManagementErrorKind::Unauthorized(message) => {
                format!("Azure Resource Manager rejected the token: {message}")
            }
            ManagementErrorKind::OtherTenant(tenant) => {
                format!("the subscription belongs to the tenant {tenant}; run az login --tenant {tenant}")
            }
            ManagementErrorKind::Forbidden(missing) => {
                let action = missing.action.as_deref().unwrap_or("*/read");
                let scope = missing.scope.as_deref().unwrap_or(path);
                format!("no permission {action} on {scope}; the role Reader on it has this permission")
            }
            ManagementErrorKind::NotFound => format!("Azure Resource Manager has no /{path}"),
            ManagementErrorKind::NoSubscription => {
                "your sign-in cannot read the subscription of --subscription, or it does not exist in the tenant"
                    .to_owned()
            }
            ManagementErrorKind::Throttled => {
                "Azure Resource Manager is throttling requests (429), also after all retries".to_owned()
            }
            ManagementErrorKind::Malformed => format!("the answer of Azure Resource Manager to {path} is not valid"),
            ManagementErrorKind::Other(status, message) => {
                format!("Azure Resource Manager answered {status} to {path}: {message}")
            }
        }
    }
}

/// Returns true if a detail of the error has this code.
fn has_detail(body: &Value, code: &str) -> bool {
    body["error"]["details"].as_array().is_some_and(|details| details.iter().any(|detail| detail["code"] == code))
}

/// Reads action and scope of the message of `AuthorizationFailed`
/// (<https://learn.microsoft.com/azure/role-based-access-control/troubleshooting>).
fn missing_permission(message: &str) -> MissingPermission {
    let quoted = |before: &str| {
        let quote = message.split_once(before)?.1.split('\'').next()?;
        let fits = |c: char| c.is_alphanumeric() || "-_./()* ".contains(c);
        (!quote.is_empty() && quote.chars().all(fits)).then(|| quote.to_owned())
    };
    MissingPermission { action: quoted("perform action '"), scope: quoted("over scope '") }
}

/// Reads the tenant of the subscription from the message of `InvalidAuthenticationTokenTenant`
/// (<https://github.com/Azure/azure-cli/issues/28496>).
fn subscription_tenant(message: &str) -> Option<String> {
    let url = message.split_once("must match the tenant '")?.1.split('\'').next()?;
    url.trim_end_matches('/').rsplit('/').next().filter(|id| is_guid(id)).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn action_and_scope_are_read_from_refusal() {
        let message = "The client 'alex@contoso.example' with object id 'o' does not have authorization to perform action \
                       'Microsoft.KeyVault/vaults/read' over scope '/subscriptions/s/resourceGroups/g' or the scope is \
                       invalid. If access was recently granted, please refresh your credentials.";
        let missing = missing_permission(message);
        assert_eq!(missing.action.as_deref(), Some("Microsoft.KeyVault/vaults/read"));
        assert_eq!(missing.scope.as_deref(), Some("/subscriptions/s/resourceGroups/g"));
        let message = "The access token is from the wrong issuer 'https://sts.windows.net/a/'. It must match the tenant \
                       'https://sts.windows.net/bbbbcccc-1111-dddd-2222-eeee3333ffff/' associated with this subscription.";
        assert_eq!(subscription_tenant(message).as_deref(), Some("bbbbcccc-1111-dddd-2222-eeee3333ffff"));
        assert_eq!(missing_permission("perform action '$(x)' over scope ''"), MissingPermission::default());
    }
}
