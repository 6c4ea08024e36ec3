//! The emulated Key Vault: the read operations of the secrets API, and those of the certificates API
//! (<https://learn.microsoft.com/rest/api/keyvault/secrets/operation-groups>,
//! <https://learn.microsoft.com/rest/api/keyvault/certificates/operation-groups>).

pub(super) mod authorization;
mod certificates;
pub(super) mod challenge;
mod page_marker;
pub(super) mod refusal;
pub(super) mod store;

use serde_json::{Value, json};

use super::{
    azure::Azure,
    fault::Fault,
    message::{HttpReply, HttpRequest},
    names, plan, random,
};
use page_marker::PageMarker;
use refusal::VaultAction;
use store::SecretLifecycle;

/// Maximum number of items of a page (<https://learn.microsoft.com/rest/api/keyvault/secrets/get-secrets/get-secrets>).
const PAGE_LIMIT: usize = 25;

/// Supported API versions, without previews.
const API_VERSIONS: &[&str] =
    &["2016-10-01", "7.0", "7.1", "7.2", "7.3", "7.4", "7.5", "7.6", "2025-07-01", "2026-04-01"];

/// Answers a request to the vault.
pub(super) fn answer(azure: &Azure, request: &HttpRequest) -> HttpReply {
    let reply = match serve(azure, request) {
        Ok(body) => HttpReply::json(200, &body),
        Err(refused) => refused,
    };
    let reply = match request.header("x-ms-client-request-id") {
        Some(id) => reply.with("x-ms-client-request-id", id),
        None => reply,
    };
    // A vault with role-based access control reports the role assignment and the age of its cache.
    let has_policies = azure.plan.has(Fault::AccessPolicy) || azure.plan.has(Fault::AllowedByPolicy);
    let authorized = matches!(reply.status, 200 | 404) && !has_policies;
    let reply = if authorized {
        reply.with("x-ms-keyvault-rbac-assignment-id", names::ROLE_ASSIGNMENT_ID).with(
            "x-ms-keyvault-rbac-cache",
            "ra_age=1030;da_age=1030;rd_age=1030;brd_age=11823;ra_notif_age=1500;dec_lev=1;",
        )
    } else {
        reply
    };
    let network = format!("conn_type=Ipv4;addr={};act_addr_fam=InterNetwork;", names::CLIENT_ADDRESS);
    reply
        .with("Cache-Control", "no-cache")
        .with("Pragma", "no-cache")
        .with("Expires", "-1")
        .with("x-ms-keyvault-region", names::REGION)
        .with("x-ms-request-id", random::guid())
        .with("x-ms-keyvault-service-version", "1.9.2505.1")
        .with("x-ms-keyvault-network-info", network)
        .with("X-Content-Type-Options", "nosniff")
        .with("Strict-Transport-Security", "max-age=31536000;includeSubDomains")
}

fn serve(azure: &Azure, request: &HttpRequest) -> Result<Value, HttpReply> {
    if request.has_credential() {
        azure.count_read().map_err(|wait| match wait {
            Some(wait) => refusal::throttled().with("Retry-After", wait),
            None => refusal::throttled(),
        })?;
    }
    let caller = authorization::caller(azure, request)?;
    let version = request.parameter("api-version").ok_or_else(refusal::no_api_version)?;
    if azure.plan.has(Fault::OldApi) && !API_VERSIONS.iter().take_while(|one| **one != "7.2").any(|one| *one == version)
    {
        return Err(refusal::unknown_api_version(version, "7.1"));
    }
    if !API_VERSIONS.contains(&version) && !version.ends_with("-preview") && !version.contains("-preview.") {
        return Err(refusal::unknown_api_version(version, "2026-04-01"));
    }
    if request.method != "GET" {
        return Err(refusal::not_offered(&request.method));
    }
    let segments = request.segments();
    let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
    let authorize = |action: VaultAction, name: Option<&str>| authorization::authorize(azure, &caller, action, name);
    match segments.as_slice() {
        ["secrets"] => {
            authorize(VaultAction::List, None)?;
            page(azure, request, |after, count| azure.store.secrets(SecretLifecycle::Live, after, count))
        }
        ["secrets", name] => {
            authorize(VaultAction::Get, Some(checked(name)?))?;
            azure.store.get(name, None)
        }
        ["secrets", name, "versions"] => {
            authorize(VaultAction::List, Some(checked(name)?))?;
            page(azure, request, |after, count| azure.store.versions(name, after, count))
        }
        ["secrets", name, version] => {
            authorize(VaultAction::Get, Some(checked(name)?))?;
            azure.store.get(name, Some(version))
        }
        ["certificates"] => {
            authorize(VaultAction::ListCertificates, None)?;
            page(azure, request, |after, count| azure.store.certificates(after, count))
        }
        ["certificates", name] => {
            authorize(VaultAction::GetCertificate, Some(checked(name)?))?;
            azure.store.certificate(name, None)
        }
        ["certificates", name, version] => {
            authorize(VaultAction::GetCertificate, Some(checked(name)?))?;
            azure.store.certificate(name, Some(version))
        }
        ["deletedsecrets"] => {
            authorize(VaultAction::List, None)?;
            page(azure, request, |after, count| azure.store.secrets(SecretLifecycle::Deleted, after, count))
        }
        ["deletedsecrets", name] => {
            authorize(VaultAction::List, Some(checked(name)?))?;
            azure.store.get_deleted(name)
        }
        _ => Err(refusal::no_such_path(&request.path)),
    }
}

fn checked(name: &str) -> Result<&str, HttpReply> {
    if plan::is_secret_name(name) { Ok(name) } else { Err(refusal::bad_name(name)) }
}

/// Returns a page of at most `maxresults` items, beginning at `$skiptoken`, and the link to the next page.
///
/// The second page of a list is empty but has a link, as real pages sometimes do
/// (<https://learn.microsoft.com/rest/api/keyvault/secrets/get-secrets/get-secrets> defines the end by the link only).
fn page(
    azure: &Azure,
    request: &HttpRequest,
    items: impl FnOnce(Option<&str>, usize) -> (Vec<Value>, Option<String>),
) -> Result<Value, HttpReply> {
    let count = match request.parameter("maxresults") {
        None => PAGE_LIMIT,
        Some(text) => match text.parse() {
            Ok(count) if (1..=PAGE_LIMIT).contains(&count) => count,
            _ => return Err(refusal::bad_max_results(text)),
        },
    };
    let marker =
        request.parameter("$skiptoken").map(|token| PageMarker::decode(token).ok_or_else(refusal::bad_skip_token));
    let marker = marker.transpose()?;
    let (items, next) = match marker {
        Some(PageMarker { after, pause: true }) => (Vec::new(), Some(PageMarker { after, pause: false })),
        marker => {
            let is_first = marker.is_none();
            let (items, last) = items(marker.as_ref().map(|marker| marker.after.as_str()), count);
            (items, last.map(|after| PageMarker { after, pause: is_first }))
        }
    };
    let next = next.map(|marker| {
        let asked = request.parameter("maxresults").map(|count| format!("&maxresults={count}")).unwrap_or_default();
        format!(
            "https://{}:443{}?api-version={}&$skiptoken={}{asked}",
            azure.plan.vault_host(),
            request.path,
            request.parameter("api-version").unwrap_or_default(),
            marker.encode()
        )
    });
    Ok(json!({ "value": items, "nextLink": next }))
}
