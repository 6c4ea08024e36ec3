//! Decisions that need more than a match: what was asked, which program answered, and the status of a component.

use std::ops::Range;

use super::component::Component;
use super::endpoint::RequestedHost;
use crate::diagnosis::table::{
    Row, aadsts, ci, identity, identity_binding, network, other_programs, service, sign_in, unauthorized, vault,
};
use crate::env;
use crate::http::status;

/// Returns a more specific row than that of a pattern at `at`, if the text, also given in lower case, calls for one.
pub(super) fn row(row: &'static Row, text: &str, lower: &str, asked_identity: bool, at: &Range<usize>) -> &'static Row {
    let has = |words: &[&str]| words.iter().any(|word| lower.contains(word));
    match row {
        row if row == identity::IDENTITY_NOT_SELECTED && asked_identity => identity::IDENTITY_NOT_ASSIGNED,
        row if row == identity::MANAGED_IDENTITY_UNAVAILABLE && asked_identity => {
            if lower[at.clone()] == *"identity not found" { identity::IDENTITY_NOT_ASSIGNED } else { row }
        }
        row if row == identity::MULTIPLE_IDENTITIES => {
            let is_driver = has(&["rpc error", "secrets-store", "secretproviderclass", "mountvolume"]);
            if is_driver && !has(&["azurerm", "terraform", "external-secrets", "velero", "backup"]) {
                other_programs::DRIVER_IDENTITY_NOT_SELECTED
            } else {
                row
            }
        }
        row if row == sign_in::ENVIRONMENT_INCOMPLETE => {
            // `These variables are set: AZURE_CLIENT_ID`, followed by others.
            let set = &text[at.end..];
            let others = [env::AZURE_TENANT_ID, env::AZURE_CLIENT_SECRET, "AZURE_CLIENT_CERT", env::AZURE_USERNAME];
            let is_alone = set.trim_start().starts_with(env::AZURE_CLIENT_ID)
                && !others.iter().any(|other| set.get(..200).unwrap_or(set).contains(other));
            if is_alone { sign_in::CLIENT_ID_ONLY } else { row }
        }
        row if row == vault::FORBIDDEN => {
            let denied = lower.find("denyassignmentid: ").map(|at| &lower[at + 18..]);
            match () {
                () if denied.is_some_and(|id| !id.starts_with("null")) => vault::FORBIDDEN_DENY_ASSIGNMENT,
                () if is_other_action(lower) => vault::FORBIDDEN_ACTION,
                () => row,
            }
        }
        row => row,
    }
}

/// True if a refusal names an action other than reading secrets: one of keys or certificates, or a change.
fn is_other_action(lower: &str) -> bool {
    let action = lower.split_once("action: 'microsoft.keyvault/vaults/").map(|(_, action)| action);
    action.is_some_and(|action| {
        !["secrets/getsecret/", "secrets/read", "secrets/list"].iter().any(|own| action.starts_with(own))
    })
}

/// True if the text quotes a request for a token that names a user-assigned identity.
pub(super) fn names_identity(lower: &str) -> bool {
    ["metadata/identity", "msi/token"].iter().any(|path| lower.contains(path))
        && ["client_id=", "clientid=", "mi_res_id=", "msi_res_id=", "object_id="].iter().any(|id| lower.contains(id))
}

/// Returns the row of an AADSTS code in a text in lower case. An outer code gives way to the code of the reason.
pub(super) fn aadsts(number: u32, is_outer: bool, lower: &str) -> Option<&'static Row> {
    // The text names the audience of the assertion, and only a bound pod's has this one.
    if number == 700_212 && lower.contains("'api://aksidentitybinding'") {
        return Some(identity_binding::NOT_USED);
    }
    // az in a pipeline signed in with a token that is valid for minutes.
    if number == 700_024 && lower.contains("##[error]error: aadsts") {
        return Some(ci::JOB_TOKEN_EXPIRED);
    }
    // The resource of a token is the domain of the vault's name.
    if number == 500_011 && lower.contains("named https://privatelink.vaultcore.") {
        return Some(network::PRIVATELINK_NAME);
    }
    let number = match number {
        // A personal account signs in to the tenant of all personal accounts.
        70_002 if lower.contains("not enabled for consumers") => 700_016,
        // Entra ID used this code for secrets, too.
        50_012 if lower.contains("invalid client secret") => 7_000_215,
        number => number,
    };
    if is_outer { None } else { Some(aadsts::row(number).unwrap_or(sign_in::SIGN_IN_REFUSED)) }
}

/// Returns the row for a refusal by the host of another Azure service.
pub(super) fn status_of_other(code: u16, endpoint: &RequestedHost) -> Option<&'static Row> {
    let service = endpoint.other_service()?;
    match code {
        status::FORBIDDEN => Some(other_programs::OTHER_SERVICE_FORBIDDEN),
        // A registry answers the first request so, with the address of its token service.
        status::UNAUTHORIZED if !service.challenges => Some(other_programs::OTHER_SERVICE_TOKEN),
        _ => None,
    }
}

/// Returns the row for an HTTP status of a component, if the status alone says something.
pub(super) fn status(code: u16, component: Component, lower: &str) -> Option<&'static Row> {
    let is_page = ["<html", "<!doctype", "text/html"].iter().any(|mark| lower.contains(mark));
    let is_answer = !matches!(component, Component::IdentityEndpoint | Component::Management);
    if is_page && is_answer {
        return Some(network::WEB_PAGE);
    }
    match (component, code) {
        // The token endpoint answers 401 to wrong client authentication, and 400 to anything else. A program can drop the
        // body with the reason (RFC 6749, section 5.2).
        (Component::EntraId, status::UNAUTHORIZED) => Some(sign_in::SIGN_IN_REFUSED),
        (Component::EntraId, status::BAD_REQUEST) => Some(other_programs::NOT_RECOGNIZED),
        (Component::KeyVault, status::TOO_MANY_REQUESTS) => Some(service::THROTTLED),
        (Component::KeyVault, status::UNAUTHORIZED) => Some(unauthorized::UNAUTHORIZED),
        (Component::KeyVault, status::FORBIDDEN) if !lower.contains("authorizationfailed") => {
            Some(vault::FORBIDDEN_OTHER)
        }
        (Component::KeyVault, status::INTERNAL_SERVER_ERROR..) => Some(service::VAULT_UNAVAILABLE),
        (Component::IdentityEndpoint, status::TOO_MANY_REQUESTS) => Some(identity::IDENTITY_ENDPOINT_THROTTLED),
        (Component::IdentityEndpoint, status::INTERNAL_SERVER_ERROR..) => Some(identity::IDENTITY_ENDPOINT_FAILED),
        // The service itself describes an error in JSON.
        (Component::IdentityEndpoint, status::NOT_FOUND)
            if lower.contains("//169.254.169.254/metadata/identity") && !lower.contains("error_description") =>
        {
            Some(identity::METADATA_NOT_IMDS)
        }
        (_, status::PROXY_AUTHENTICATION_REQUIRED) => Some(network::PROXY_REFUSED),
        _ => None,
    }
}
