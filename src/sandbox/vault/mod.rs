//! The emulated Key Vault: the reading half of the secrets data plane, in the shapes of the real one.
//! <https://learn.microsoft.com/rest/api/keyvault/secrets/operation-groups>. Nothing can be written.

pub(super) mod authorization;
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
use store::SecretState;

/// Most items of a page (<https://learn.microsoft.com/rest/api/keyvault/secrets/get-secrets/get-secrets>).
const PAGE_LIMIT: usize = 25;

/// The versions of the API that the service knows, previews aside.
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
    // Of a vault with roles: the assignment by which the caller was let in, and the age of what is known of it.
    let let_in = matches!(reply.status, 200 | 404) && !azure.plan.has(Fault::AccessPolicy);
    let reply = if let_in {
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
    if request.presents_proof() {
        azure.admit().map_err(|again| match again {
            Some(again) => refusal::throttled().with("Retry-After", again),
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
            page(azure, request, |after, count| azure.store.secrets(SecretState::Live, after, count))
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
        ["deletedsecrets"] => {
            authorize(VaultAction::List, None)?;
            page(azure, request, |after, count| azure.store.secrets(SecretState::Deleted, after, count))
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

/// One page: at most `maxresults` items from where `$skiptoken` says, and the link to the next. The second page of a list
/// is empty and has a link all the same, as the service's are from time to time
/// (<https://learn.microsoft.com/rest/api/keyvault/secrets/get-secrets/get-secrets> speaks of the link alone).
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
    let place =
        request.parameter("$skiptoken").map(|token| PageMarker::read(token).ok_or_else(refusal::bad_skip_token));
    let place = place.transpose()?;
    let (items, next) = match place {
        Some(PageMarker { after, pause: true }) => (Vec::new(), Some(PageMarker { after, pause: false })),
        place => {
            let is_first = place.is_none();
            let (items, last) = items(place.as_ref().map(|place| place.after.as_str()), count);
            (items, last.map(|after| PageMarker { after, pause: is_first }))
        }
    };
    let next = next.map(|place| {
        let asked = request.parameter("maxresults").map(|count| format!("&maxresults={count}")).unwrap_or_default();
        format!(
            "https://{}:443{}?api-version={}&$skiptoken={}{asked}",
            azure.plan.vault_host(),
            request.path,
            request.parameter("api-version").unwrap_or_default(),
            place.written()
        )
    });
    Ok(json!({ "value": items, "nextLink": next }))
}
