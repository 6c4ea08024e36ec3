//! Requests tokens from Entra ID's token endpoint, and reads its refusals with their AADSTS codes.
//!
//! <https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow>

pub mod assertion;
pub mod certificate;
pub mod cloud;

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde_json::Value;

use crate::http::error::{NetworkError, NetworkErrorKind};
use crate::http::retry::CLOUD;
use crate::http::status;
use crate::http::web_page::WebPage;
use crate::http::{Http, Reply, Request, Route};
use crate::redact;
use crate::redact::secret::Secret;
use crate::time::deadline::Deadline;
use crate::time::timestamp::Timestamp;
use crate::token::{AccessToken, Claims};

use cloud::{Cloud, PUBLIC};

/// A tenant: its ID or one of its domain names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TenantId(String);

/// The resource of a token, from which the scope of Entra ID's version 2 follows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope {
    resource: String,
}

/// The host to sign in at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authority {
    host: String,
}

/// A malformed value; holds what was expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected {0}")]
pub struct MalformedValue(pub &'static str);

impl TenantId {
    /// Parses a tenant: letters, digits, dots and dashes, as in every SDK, at most as many as a domain name has.
    ///
    /// # Errors
    /// The text has other characters, or too many.
    pub fn parse(text: &str) -> Result<Self, MalformedValue> {
        let fits = (1..=253).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'.' || b == b'-')
            && !text.starts_with(['.', '-'])
            && !text.contains("..");
        if fits {
            Ok(TenantId(text.to_owned()))
        } else {
            Err(MalformedValue("a tenant ID or a domain name: letters, digits, dots and dashes"))
        }
    }

    /// Returns the tenant as it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns true if both name the same tenant. Case does not matter.
    pub fn is(&self, other: &str) -> bool {
        self.0.eq_ignore_ascii_case(other)
    }
}

impl fmt::Display for TenantId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Scope {
    /// Parses a resource, with or without `/.default`. Accepts only the characters that every SDK accepts, so that it
    /// can be an argument of a program.
    ///
    /// # Errors
    /// The text has other characters.
    pub fn parse(text: &str) -> Result<Self, MalformedValue> {
        let resource = text.strip_suffix("/.default").unwrap_or(text);
        let fits = |b: u8| b.is_ascii_alphanumeric() || b"_.:/-".contains(&b);
        if resource.is_empty() || resource.starts_with('-') || !resource.bytes().all(fits) {
            return Err(MalformedValue("a resource: letters, digits and _ . : / -"));
        }
        Ok(Scope { resource: resource.to_owned() })
    }

    /// Returns the scope for the vaults of a cloud.
    pub fn of_vaults(cloud: &Cloud) -> Self {
        Scope { resource: cloud.vault_resource() }
    }

    /// Returns the scope for Azure Resource Manager of a cloud.
    pub fn of_management(cloud: &Cloud) -> Self {
        Scope { resource: format!("https://{}", cloud.management) }
    }

    /// Returns the resource, as managed identities and `az --resource` expect it: `https://vault.azure.net`.
    pub fn resource(&self) -> &str {
        &self.resource
    }
}

/// The form that Entra ID and azd expect: `https://vault.azure.net/.default`.
impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/.default", self.resource)
    }
}

impl Authority {
    /// Parses `https://login.microsoftonline.com/` or a host.
    ///
    /// # Errors
    /// The text has another scheme, or no valid host.
    pub fn parse(text: &str) -> Result<Self, MalformedValue> {
        const EXPECTED: MalformedValue = MalformedValue("an address like https://login.microsoftonline.com");
        let host = match text.trim().split_once("://") {
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("https") => rest,
            Some(_) => return Err(EXPECTED),
            None => text.trim(),
        };
        let host = host.trim_end_matches('/');
        let name = host.split_once(':').map_or(host, |(name, _)| name);
        let port = host.split_once(':').map_or(Ok(443), |(_, port)| port.parse::<u16>());
        let fits = !name.is_empty()
            && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'.' || b == b'-')
            && !name.starts_with(['.', '-'])
            && port.is_ok();
        if fits { Ok(Authority { host: host.to_ascii_lowercase() }) } else { Err(EXPECTED) }
    }

    /// Returns the authority of a cloud.
    pub fn for_cloud(cloud: &Cloud) -> Self {
        Authority { host: cloud.authority.to_owned() }
    }

    /// Returns the host.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Returns the cloud of this authority, if it is known.
    pub fn cloud(&self) -> Option<&'static Cloud> {
        Cloud::of_authority(&self.host)
    }

    fn token_url(&self, tenant: &TenantId) -> String {
        self.endpoint(tenant, "token")
    }

    /// Returns the URL of the sign-in page.
    pub fn authorize_url(&self, tenant: &TenantId) -> String {
        self.endpoint(tenant, "authorize")
    }

    /// Returns the path of the token endpoint, beginning with a slash.
    pub fn token_path(&self, tenant: &TenantId) -> String {
        Self::path(tenant, "token")
    }

    fn endpoint(&self, tenant: &TenantId, name: &str) -> String {
        format!("https://{}{}", self.host, Self::path(tenant, name))
    }

    fn path(tenant: &TenantId, name: &str) -> String {
        // AD FS has no version 2 (https://learn.microsoft.com/windows-server/identity/ad-fs/overview/ad-fs-openid-connect-oauth-concepts).
        let version = if tenant.is("adfs") { "" } else { "/v2.0" };
        format!("/{tenant}/oauth2{version}/{name}")
    }
}

impl Default for Authority {
    fn default() -> Self {
        Authority::for_cloud(PUBLIC)
    }
}

/// A refusal by Entra ID.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.text())]
pub struct Refusal {
    /// The HTTP status; 0 if a browser returned the refusal.
    pub status: u16,
    /// The OAuth error: `invalid_client`.
    pub error: String,
    /// The number of the `AADSTS` code.
    pub code: Option<u32>,
    /// The first line of the description, without IDs.
    pub description: String,
    /// Entra ID's trace ID, for a support ticket.
    pub trace_id: Option<String>,
    /// The claims of the refused assertion, if there was one.
    pub assertion: Option<Box<Claims>>,
}

impl Refusal {
    fn text(&self) -> Cow<'_, str> {
        match (self.description.as_str(), self.error.as_str(), self.status) {
            ("", "", status) => format!("Entra ID answered {status} without a message").into(),
            ("", error, 0) => format!("Entra ID answered '{error}'").into(),
            ("", error, status) => format!("Entra ID answered {status} ({error})").into(),
            (description, ..) => description.into(),
        }
    }

    /// Creates a refusal that a browser brought back from the sign-in page.
    pub fn from_browser(error: String, description: &str) -> Self {
        let body = OAuthError { error, error_description: description.to_owned(), ..OAuthError::default() };
        refusal(0, body)
    }
}

/// The reason why the token endpoint issued no token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoGrant {
    Refused(Refusal),
    Network(NetworkError),
    /// The answer holds no token.
    Malformed,
}

#[derive(Deserialize)]
struct TokenResponse {
    access_token: Secret,
    #[serde(default)]
    expires_in: Value,
    #[serde(default)]
    expires_on: Value,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct OAuthError {
    error: String,
    error_description: String,
    error_codes: Vec<u32>,
    trace_id: Option<String>,
}

/// The secret fields of a grant: an answer that quotes one must not show it.
const SECRETS: [&str; 5] = ["client_secret", "client_assertion", "password", "code", "code_verifier"];

/// Posts a grant and returns the token.
///
/// # Errors
/// Entra ID refuses it, cannot be reached, or answers without a token.
pub fn request_token(
    http: &Http,
    authority: &Authority,
    tenant: &TenantId,
    form: &[(&str, &str)],
    deadline: &Deadline,
) -> Result<AccessToken, NoGrant> {
    let reply = post(http, Route::Internet, &authority.token_url(tenant), form, deadline).map_err(NoGrant::Network)?;
    if let Some(page) = WebPage::in_reply(&reply) {
        let (host, proxy) = (authority.host.clone(), None);
        return Err(NoGrant::Network(NetworkError { host, proxy, kind: NetworkErrorKind::WebPage(page) }));
    }
    token_in(&reply)
}

/// Posts a grant to a token endpoint.
///
/// # Errors
/// The endpoint cannot be reached.
pub fn post(
    http: &Http,
    route: Route<'_>,
    url: &str,
    form: &[(&str, &str)],
    deadline: &Deadline,
) -> Result<Reply, NetworkError> {
    form.iter().filter(|(name, _)| SECRETS.contains(name)).for_each(|(_, secret)| redact::register_secret(secret));
    http.send_patiently(&Request::post(route, url, form).header("accept", "application/json"), &CLOUD, deadline)
}

/// Reads the token in an answer of the token endpoint.
///
/// # Errors
/// The answer is a refusal, or holds no token.
pub fn token_in(reply: &Reply) -> Result<AccessToken, NoGrant> {
    if reply.status != status::OK {
        return Err(NoGrant::Refused(refusal_in(reply)));
    }
    let granted: TokenResponse = reply.json().ok_or(NoGrant::Malformed)?;
    let now = Timestamp::now();
    let expires = [&granted.expires_on, &granted.expires_in].into_iter().find_map(|v| Timestamp::from_expiry(v, now));
    AccessToken::new(granted.access_token, expires).ok_or(NoGrant::Malformed)
}

/// Reads the refusal in an answer of the token endpoint.
pub fn refusal_in(reply: &Reply) -> Refusal {
    refusal(reply.status, reply.json().unwrap_or_default())
}

fn refusal(status: u16, body: OAuthError) -> Refusal {
    let (description, trail) = split_trail(&body.error_description);
    let trace_id = body.trace_id.or_else(|| trace_id_in(trail)).map(|id| redact::sanitize(&id));
    if !trail.is_empty() {
        let trail = redact::sanitize(trail);
        log::info!(target: "azfob", "Entra ID request: {}", trail.split_whitespace().collect::<Vec<_>>().join(" "));
    }
    Refusal {
        status,
        code: body.error_codes.first().copied().or_else(|| aadsts_code(&body.error_description)),
        error: redact::sanitize(redact::first_line(&body.error)),
        description: redact::sanitize(without_advice(redact::first_line(description)).trim()),
        trace_id,
        assertion: None,
    }
}

/// Splits a description from the IDs and the time that Entra ID appends to it.
fn split_trail(description: &str) -> (&str, &str) {
    description.split_at(description.find("Trace ID: ").unwrap_or(description.len()))
}

/// Removes Entra ID's guesses and advice from a description: the row of its code has cause and fix.
pub fn without_advice(description: &str) -> &str {
    let advice = [" Review the documentation", " This can happen if "].into_iter().filter_map(|a| description.find(a));
    &description[..advice.min().unwrap_or(description.len())]
}

/// Returns the ID after `Trace ID: `.
fn trace_id_in(trail: &str) -> Option<String> {
    let id = trail.strip_prefix("Trace ID: ")?.split_whitespace().next()?;
    id.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-').then(|| id.to_owned())
}

/// Returns the number of the first `AADSTS` code in a text.
pub fn aadsts_code(text: &str) -> Option<u32> {
    let (_, after) = text.split_once("AADSTS")?;
    let digits = after.find(|c: char| !c.is_ascii_digit()).unwrap_or(after.len());
    after[..digits].parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusal_is_one_line() {
        let text = "one\r\ntwo\nthree".to_owned();
        for body in [
            OAuthError { error: text.clone(), ..OAuthError::default() },
            OAuthError { error_description: text, ..OAuthError::default() },
        ] {
            let message = refusal(400, body).to_string();
            assert!(message.contains("one") && !message.contains('\n'), "{message}");
        }
    }

    #[test]
    fn tenants_scopes_and_authorities_are_validated() {
        assert!(TenantId::parse("contoso.onmicrosoft.com").is_ok());
        for bad in ["", "a b", "a/b", "..", "é", "-x", "a;b"] {
            assert!(TenantId::parse(bad).is_err(), "{bad}");
        }
        let scope = Scope::parse("https://vault.azure.net/.default").unwrap();
        assert_eq!(scope.resource(), "https://vault.azure.net");
        assert_eq!(scope.to_string(), "https://vault.azure.net/.default");
        for bad in ["", "a b", "--x", "a'b", "a&b", "$(x)"] {
            assert!(Scope::parse(bad).is_err(), "{bad}");
        }
        assert_eq!(
            Authority::parse(" https://LOGIN.microsoftonline.us/ ").unwrap().cloud().unwrap().name,
            "AzureUSGovernment"
        );
        for bad in ["http://login.microsoftonline.com", "", "https://a b", "https://u@h", "https://h/p", "https://h:x"]
        {
            assert!(Authority::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn aadsts_code_is_whole_number() {
        assert_eq!(aadsts_code("AADSTS7000215: Invalid client secret"), Some(7_000_215));
        assert_eq!(aadsts_code("AADSTS: none"), None);
        assert_eq!(aadsts_code("nothing"), None);
    }

    #[test]
    fn refusal_keeps_first_line_and_code() {
        let body = r#"{"error":"invalid_client","error_description":"AADSTS7000215: Invalid client secret provided.\r\nTrace ID: t\r\n","error_codes":[7000215],"trace_id":"t"}"#;
        let refusal = refusal(401, serde_json::from_str(body).unwrap());
        assert_eq!(refusal.code, Some(7_000_215));
        assert_eq!(refusal.to_string(), "AADSTS7000215: Invalid client secret provided.");
        let one_line = r#"{"error":"invalid_client","error_description":"AADSTS90002: Not found. Trace ID: a-1 Correlation ID: b-2 Timestamp: 2026-01-01 00:00:00Z"}"#;
        let refusal = super::refusal(400, serde_json::from_str(one_line).unwrap());
        assert_eq!(
            (refusal.to_string().as_str(), refusal.trace_id.as_deref()),
            ("AADSTS90002: Not found.", Some("a-1"))
        );
        let gateway = super::refusal(502, OAuthError::default());
        assert_eq!(gateway.to_string(), "Entra ID answered 502 without a message");
        let browser = Refusal::from_browser("access_denied".into(), "");
        assert_eq!(browser.to_string(), "Entra ID answered 'access_denied'");
    }

    #[test]
    fn ad_fs_has_its_own_endpoint() {
        let authority = Authority::parse("https://adfs.contoso.com").unwrap();
        assert_eq!(authority.token_url(&TenantId("adfs".into())), "https://adfs.contoso.com/adfs/oauth2/token");
    }
}
