//! The vault's error replies, with the texts of the real service.
//!
//! The texts come from public bug reports and <https://learn.microsoft.com/azure/key-vault/general/rest-error-codes>.
//! They are real because azfob and its users have to understand the real ones.

use serde_json::{Value, json};

use crate::sandbox::{
    message::HttpReply,
    names,
    token::{self, IssuedToken},
};

/// An operation on the vault.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum VaultAction {
    /// Reads a value.
    Get,
    /// Reads names and attributes.
    List,
    /// Reads a certificate without its key.
    GetCertificate,
    /// Reads the names and attributes of certificates.
    ListCertificates,
}

impl VaultAction {
    /// Returns the data action of a role (<https://learn.microsoft.com/azure/key-vault/general/rbac-guide>).
    pub(super) fn data_action(self) -> &'static str {
        match self {
            VaultAction::Get => "Microsoft.KeyVault/vaults/secrets/getSecret/action",
            VaultAction::List => "Microsoft.KeyVault/vaults/secrets/readMetadata/action",
            VaultAction::GetCertificate | VaultAction::ListCertificates => {
                "Microsoft.KeyVault/vaults/certificates/read"
            }
        }
    }

    /// Returns the permission of an access policy.
    pub(super) fn permission(self) -> &'static str {
        match self {
            VaultAction::Get => "secrets get",
            VaultAction::List => "secrets list",
            VaultAction::GetCertificate => "certificates get",
            VaultAction::ListCertificates => "certificates list",
        }
    }

    /// Returns the collection in resource IDs.
    fn collection(self) -> &'static str {
        match self {
            VaultAction::Get | VaultAction::List => "secrets",
            VaultAction::GetCertificate | VaultAction::ListCertificates => "certificates",
        }
    }
}

fn error(status: u16, code: &str, message: &str) -> HttpReply {
    HttpReply::json(status, &json!({ "error": { "code": code, "message": message } }))
}

fn forbidden(inner: &str, message: &str) -> HttpReply {
    let body: Value = json!({ "error": { "code": "Forbidden", "message": message, "innererror": { "code": inner } } });
    HttpReply::json(403, &body)
}

pub(super) fn no_token() -> HttpReply {
    error(401, "Unauthorized", "AKV10000: Request is missing a Bearer or PoP token.")
}

pub(super) fn unknown_token() -> HttpReply {
    error(401, "Unauthorized", "AKV10000: Error validating token: 'S2S17001'.")
}

/// The reply contains the header of a sandbox token and no other part of a token.
pub(in crate::sandbox) fn unresolved_key() -> HttpReply {
    let message = format!(
        "AKV10046: Unable to resolve the key used for signature validation. EncodedJwtHeader: '{}'.",
        token::encoded_header()
    );
    error(401, "Unauthorized", &message)
}

pub(super) fn revoked() -> HttpReply {
    error(401, "Unauthorized", "User session has been revoked")
}

pub(super) fn expired_token() -> HttpReply {
    error(401, "Unauthorized", "[TokenExpired] Error validating token: 'S2S12086'.")
}

pub(super) fn wrong_audience(expected: &str, found: &str) -> HttpReply {
    error(401, "Unauthorized", &format!("AKV10022: Invalid audience. Expected {expected}, found: {found}."))
}

pub(super) fn wrong_issuer(expected: &str, found: &str) -> HttpReply {
    let message = format!(
        "AKV10032: Invalid issuer. Expected one of https://sts.windows.net/{expected}/, \
         https://sts.windows.net/f8cdef31-a31e-4b4a-93e4-5f571e91255a/, \
         https://sts.windows.net/e2d54eb5-3869-4f70-8578-dee5fc7331f4/, found https://sts.windows.net/{found}/."
    );
    error(401, "Unauthorized", &message)
}

/// Describes the caller as in a 403: `appid=...;oid=...;iss=...`.
fn describe(caller: &IssuedToken) -> String {
    format!("appid={};oid={};iss=https://sts.windows.net/{}/", caller.client_id, caller.object_id, caller.tenant)
}

pub(super) fn no_role(vault: &str, caller: &IssuedToken, action: VaultAction, secret: Option<&str>) -> HttpReply {
    by_rbac(vault, caller, action, secret, "DenyAssignmentId: null\r\nDecisionReason: 'DeniedWithNoValidRBAC' ")
}

pub(super) fn denied(vault: &str, caller: &IssuedToken, action: VaultAction, secret: Option<&str>) -> HttpReply {
    let decision = format!("DenyAssignmentId: '{}'\r\nDecisionReason: null ", names::DENY_ASSIGNMENT_ID);
    by_rbac(vault, caller, action, secret, &decision)
}

fn by_rbac(vault: &str, caller: &IssuedToken, action: VaultAction, secret: Option<&str>, decision: &str) -> HttpReply {
    let resource = format!(
        "/subscriptions/{}/resourcegroups/{}/providers/microsoft.keyvault/vaults/{vault}",
        names::SUBSCRIPTION_ID,
        names::RESOURCE_GROUP
    );
    let resource = secret.map_or_else(|| resource.clone(), |name| format!("{resource}/{}/{name}", action.collection()));
    let message = format!(
        "Caller is not authorized to perform action on resource.\r\nIf role assignments, deny assignments or role \
         definitions were changed recently, please observe propagation time.\r\nCaller: {}\r\nAction: '{}'\r\n\
         Resource: '{resource}'\r\nAssignment: (not found)\r\n{decision}\r\nVault: {vault};location={}\r\n",
        describe(caller),
        action.data_action(),
        names::REGION
    );
    forbidden("ForbiddenByRbac", &message)
}

pub(super) fn no_policy(vault: &str, caller: &IssuedToken, action: VaultAction) -> HttpReply {
    let message = format!(
        "The user, group or application '{}' does not have {} permission on key vault '{vault};location={}'. \
         For help resolving this issue, please see https://go.microsoft.com/fwlink/?linkid=2125287",
        describe(caller),
        action.permission(),
        names::REGION
    );
    forbidden("AccessDenied", &message)
}

pub(super) fn firewall(vault: &str, caller: &IssuedToken) -> HttpReply {
    let message = format!(
        "Client address is not authorized and caller is not a trusted service.\r\nClient address: {}\r\n\
         Caller: {}\r\nVault: {vault};location={}",
        names::CLIENT_ADDRESS,
        describe(caller),
        names::REGION
    );
    forbidden("ForbiddenByFirewall", &message)
}

/// The text of an enforced network security perimeter, as in the logs of Container Apps (tests/catalogue).
pub(super) fn perimeter(vault: &str, caller: &IssuedToken) -> HttpReply {
    let message = format!(
        "Request was not allowed by NSP rules and the client address is not authorized and caller was ignored because \
         bypass is set to None\r\nClient address: {}\r\nCaller: {}\r\nVault: {vault};location={}",
        names::CLIENT_ADDRESS,
        describe(caller),
        names::REGION
    );
    forbidden("ForbiddenByFirewall", &message)
}

pub(super) fn private_link(vault: &str, caller: &IssuedToken) -> HttpReply {
    let message = format!(
        "Public network access is disabled and request is not from a trusted service nor via an approved private \
         link.\r\nCaller: {}\r\nVault: {vault};location={}",
        describe(caller),
        names::REGION
    );
    forbidden("ForbiddenByConnection", &message)
}

pub(super) fn disabled() -> HttpReply {
    forbidden("SecretDisabled", "Operation get is not allowed on a disabled secret.")
}

pub(super) fn not_found(asked: &str) -> HttpReply {
    let message = format!(
        "A secret with (name/id) {asked} was not found in this key vault. If you recently deleted this secret you may \
         be able to recover it using the correct recovery command. For help resolving this issue, please see \
         https://go.microsoft.com/fwlink/?linkid=2125182"
    );
    error(404, "SecretNotFound", &message)
}

/// The text is that of <https://github.com/Azure/azure-sdk-for-js/issues/20930>.
pub(super) fn certificate_not_found(asked: &str) -> HttpReply {
    let message = format!(
        "A certificate with (name/id) {asked} was not found in this key vault. If you recently deleted this certificate \
         you may be able to recover it using the correct recovery command. For help resolving this issue, please see \
         https://go.microsoft.com/fwlink/?linkid=2125182"
    );
    error(404, "CertificateNotFound", &message)
}

pub(super) fn deleted_not_found(name: &str) -> HttpReply {
    error(404, "SecretNotFound", &format!("Deleted Secret not found: {name}"))
}

pub(super) fn bad_name(name: &str) -> HttpReply {
    error(400, "BadParameter", &format!("The request URI contains an invalid name: {name}"))
}

pub(super) fn bad_max_results(text: &str) -> HttpReply {
    let message = format!("Property maxresults has invalid value\r\nmaxresults must be between 1 and 25, found {text}");
    error(400, "BadParameter", &message)
}

pub(super) fn bad_skip_token() -> HttpReply {
    error(400, "BadParameter", "Property $skiptoken has invalid value")
}

pub(super) fn no_api_version() -> HttpReply {
    error(400, "BadParameter", "api-version must be specified")
}

/// The text is that of <https://github.com/Azure/azure-sdk-for-python/issues/28595>.
pub(super) fn unknown_api_version(version: &str, latest: &str) -> HttpReply {
    let message = format!(
        "The specified version ({version}) is not recognized. Consider using the latest supported version ({latest})."
    );
    error(400, "BadParameter", &message)
}

/// The text is the sandbox's own: the real service accepts writes.
pub(super) fn not_offered(method: &str) -> HttpReply {
    error(405, "MethodNotAllowed", &format!("the azfob sandbox's vault is for reading; it does not offer {method}"))
}

pub(super) fn no_such_path(path: &str) -> HttpReply {
    error(404, "NotFound", &format!("the azfob sandbox's vault has secrets and certificates only, not {path}"))
}

/// The reply of a throttled vault (<https://learn.microsoft.com/azure/key-vault/general/overview-throttling>).
pub(in crate::sandbox) fn throttled() -> HttpReply {
    let message =
        "Request was not processed because too many requests were received. Reason: VaultRequestTypeLimitReached";
    error(429, "Throttled", message)
}
