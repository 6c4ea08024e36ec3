//! Explains a code: a row's code, an AADSTS number, an HTTP status, an exit code of azfob, or an error message.

use crate::error::exit_code;
use crate::http::status;
use crate::vault::url::Suffixes;

use crate::diagnosis::context::Context;
use crate::diagnosis::finding::Finding;
use crate::diagnosis::log::explain_code;
use crate::diagnosis::table::{
    Row, advice, federation, identity, network, other_programs, service, sign_in, unauthorized, vault,
};

pub struct CodeExplanation {
    /// The meaning of an exit code or status, which can have several causes.
    pub about: Option<String>,
    /// The possible causes, most likely first.
    pub findings: Vec<Finding>,
}

const FORBIDDEN: &[&Row] = &[
    vault::FORBIDDEN,
    vault::FORBIDDEN_ACCESS_POLICY,
    vault::FORBIDDEN_FIREWALL,
    vault::FORBIDDEN_PRIVATE_LINK,
    other_programs::FORBIDDEN_PERIMETER,
    vault::SECRET_DISABLED,
];
/// Returns the rows of the causes that an exit code of azfob can have.
fn exit_causes(code: u8) -> &'static [&'static Row] {
    match code {
        exit_code::OTHER => &[service::VAULT_UNAVAILABLE, service::UNEXPECTED_ANSWER],
        exit_code::USAGE => &[sign_in::SETTING_MALFORMED],
        exit_code::UNAVAILABLE => &[
            sign_in::CREDENTIAL_UNAVAILABLE,
            identity::MANAGED_IDENTITY_UNAVAILABLE,
            federation::FEDERATION_INCOMPLETE,
        ],
        exit_code::UNAUTHENTICATED => &[
            sign_in::SIGN_IN_REFUSED,
            identity::IDENTITY_NOT_ASSIGNED,
            sign_in::TOOL_FAILED,
            federation::TOKEN_FILE,
            unauthorized::WRONG_TENANT,
        ],
        exit_code::FORBIDDEN => FORBIDDEN,
        exit_code::NOT_FOUND => &[vault::SECRET_NOT_FOUND, vault::SECRET_DELETED],
        exit_code::NETWORK => &[
            network::UNREACHABLE,
            network::VAULT_NAME_UNKNOWN,
            network::CERTIFICATE_NOT_TRUSTED,
            network::PROXY_REFUSED,
            network::PROXY_CONNECT_FAILED,
        ],
        exit_code::THROTTLED => &[service::THROTTLED],
        _ => &[],
    }
}

/// The statuses returned by vaults, Entra ID and identity endpoints
/// (<https://learn.microsoft.com/azure/key-vault/general/rest-error-codes>).
const STATUSES: [(u16, &str); 13] = [
    (status::BAD_REQUEST, "Bad Request: the request is malformed; from an identity endpoint: no matching identity"),
    (status::UNAUTHORIZED, "Unauthorized: the vault does not accept the token"),
    (status::FORBIDDEN, "Forbidden: the identity lacks permission, or a network rule blocks the request"),
    (status::NOT_FOUND, "Not Found: the vault has no such secret"),
    (status::PROXY_AUTHENTICATION_REQUIRED, "Proxy Authentication Required: the proxy requires authentication"),
    (status::REQUEST_TIMEOUT, "Request Timeout: the server did not receive the complete request in time"),
    (status::CONFLICT, "Conflict: the secret is soft-deleted and must be recovered first"),
    (status::GONE, "Gone: the metadata service (IMDS) is being updated, for up to 70 seconds"),
    (status::TOO_MANY_REQUESTS, "Too Many Requests: Key Vault is throttling requests"),
    (status::INTERNAL_SERVER_ERROR, "Internal Server Error: the service failed"),
    (status::BAD_GATEWAY, "Bad Gateway: a gateway or proxy could not reach the service"),
    (status::SERVICE_UNAVAILABLE, "Service Unavailable: the service is temporarily unavailable"),
    (status::GATEWAY_TIMEOUT, "Gateway Timeout: a gateway or proxy received no answer in time"),
];

/// Returns the rows of the causes that an HTTP status can have.
fn status_causes(code: u16) -> &'static [&'static Row] {
    match code {
        status::BAD_REQUEST => &[
            other_programs::SECRET_NAME_INVALID,
            identity::MANAGED_IDENTITY_UNAVAILABLE,
            identity::MULTIPLE_IDENTITIES,
        ],
        status::UNAUTHORIZED => &[
            unauthorized::WRONG_TENANT,
            unauthorized::WRONG_AUDIENCE,
            unauthorized::TOKEN_EXPIRED,
            unauthorized::IDENTITY_OF_ANOTHER_TENANT,
            network::CLOCK_SKEW,
            unauthorized::SESSION_REVOKED,
            unauthorized::SIGNING_KEY_UNRESOLVED,
            unauthorized::UNAUTHORIZED,
        ],
        status::FORBIDDEN => FORBIDDEN,
        status::NOT_FOUND => &[vault::SECRET_NOT_FOUND, vault::SECRET_DELETED],
        status::PROXY_AUTHENTICATION_REQUIRED => &[network::PROXY_REFUSED],
        status::REQUEST_TIMEOUT => &[network::UNREACHABLE],
        status::CONFLICT => &[vault::SECRET_DELETED],
        status::GONE => &[identity::METADATA_TIMED_OUT],
        status::TOO_MANY_REQUESTS => &[service::THROTTLED],
        _ => &[service::VAULT_UNAVAILABLE, identity::IDENTITY_ENDPOINT_FAILED, advice::METADATA_PROXIED],
    }
}

/// Explains a code. `None` if it is unknown.
pub fn explain(text: &str, context: &Context, suffixes: &Suffixes) -> Option<CodeExplanation> {
    let (about, rows) = if let Some((code, meaning)) = exit_code(text) {
        (format!("exit code {code}: {meaning}"), exit_causes(code))
    } else if let Some((code, meaning)) = status(text) {
        (format!("HTTP {code}: {meaning}"), status_causes(code))
    } else {
        return Some(CodeExplanation { about: None, findings: vec![explain_code(text, context, suffixes)?] });
    };
    let findings = rows.iter().map(|row| Finding::of_row(row, context, suffixes)).collect();
    Some(CodeExplanation { about: Some(about), findings })
}

/// Returns every row, filled in.
pub fn all(context: &Context, suffixes: &Suffixes) -> Vec<Finding> {
    crate::diagnosis::table::rows().map(|row| Finding::of_row(row, context, suffixes)).collect()
}

/// `5`, `exit 5`, `exit code 5`.
fn exit_code(text: &str) -> Option<(u8, &'static str)> {
    let number: u8 = last_word(text, &["exit", "code", "status"])?.parse().ok()?;
    exit_code::ALL.into_iter().find(|(code, _)| *code == number)
}

/// `403`, `HTTP 403`, `403 Forbidden`.
fn status(text: &str) -> Option<(u16, &'static str)> {
    let number = last_word(text, &["http", "http/1.1", "status", "code"]).and_then(|word| word.parse().ok());
    STATUSES.into_iter().find(|(code, meaning)| {
        let reason = meaning.split(':').next().unwrap_or_default();
        number == Some(*code) || text.trim().eq_ignore_ascii_case(&format!("{code} {reason}"))
    })
}

/// Returns the last word if every word before it is in `before`.
fn last_word<'a>(text: &'a str, before: &[&str]) -> Option<&'a str> {
    let mut words = text.split_whitespace();
    let last = words.next_back()?;
    words.all(|word| before.iter().any(|known| known.eq_ignore_ascii_case(word))).then_some(last)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entra::cloud::PUBLIC;
    use crate::env::Env;

    fn explained(text: &str) -> Option<CodeExplanation> {
        explain(text, &Context::detect(&Env::default()), &Suffixes { cloud: PUBLIC, extra: None })
    }

    #[test]
    fn numbers_are_exit_codes_statuses_or_aadsts_codes() {
        for (text, about, first) in [
            ("5", Some("exit code 5"), "forbidden-rbac"),
            ("exit code 8", Some("exit code 8"), "throttled"),
            ("403", Some("HTTP 403"), "forbidden-rbac"),
            ("HTTP 404", Some("HTTP 404"), "secret-not-found"),
            ("403 forbidden", Some("HTTP 403"), "forbidden-rbac"),
            ("50076", None, "AADSTS50076"),
            ("secret-not-found", None, "secret-not-found"),
        ] {
            let meaning = explained(text).expect(text);
            assert_eq!(meaning.about.is_some(), about.is_some(), "{text}");
            assert!(meaning.about.unwrap_or_default().starts_with(about.unwrap_or_default()), "{text}");
            assert_eq!(meaning.findings[0].row.code, first, "{text}");
        }
        for text in ["10", "999", "418", "hello", ""] {
            assert!(explained(text).is_none(), "{text}");
        }
    }
}
