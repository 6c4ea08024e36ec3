//! Sends Key Vault requests: get the challenge, get a secret, list secrets.
//!
//! A token is sent only over https, only to a [`url::VaultUrl`], and only if the vault's challenge names a resource of
//! its host.

pub mod challenge;
pub mod document;
pub mod error;
pub mod glob;
pub mod list;
pub mod reference;
pub mod secret_bundle;
mod service_workarounds;
pub mod similar_names;
pub mod url;

use crate::http::error::{NetworkError, NetworkErrorKind};
use crate::http::retry::{CLOUD, ONCE};
use crate::http::status;
use crate::http::web_page::WebPage;
use crate::http::{Http, Reply, Request, Route, random_uuid};
use crate::redact;
use crate::time::deadline::Deadline;
use crate::time::timestamp::Timestamp;
use crate::token::AccessToken;

use challenge::Challenge;
use error::{Operation, VaultError, VaultErrorKind};
use reference::{SecretName, SecretRef};
use secret_bundle::{Properties, SecretBundle};
use url::VaultUrl;

/// Supported by every cloud. Later versions add nothing that azfob reads.
const API_VERSION: &str = "7.4";

/// A client for a vault.
#[derive(Clone, Copy)]
pub struct Vault<'a> {
    pub url: &'a VaultUrl,
    pub http: &'a Http,
    pub deadline: &'a Deadline,
}

/// A vault's answer to a request without a token.
#[derive(Clone, Debug, Default)]
pub struct UnauthenticatedResponse {
    /// 401 from every vault.
    pub status: u16,
    pub challenge: Option<Challenge>,
    /// The region that answered.
    pub region: Option<String>,
    pub network: NetworkInfo,
    /// The vault's clock.
    pub date: Option<Timestamp>,
    /// The `Server` header.
    pub server: Option<String>,
}

/// The answer to a request without a token.
pub type Probed = Result<UnauthenticatedResponse, NetworkError>;

/// How a vault decides who may read it, as far as its answer shows it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PermissionModel {
    /// The answer names the role assignment that allowed the request.
    Rbac,
    /// It is Key Vault's answer and names none, as with access policies.
    AccessPolicies,
    #[default]
    Unknown,
}

impl PermissionModel {
    /// Reads the headers of a successful answer. They are not documented; the recorded answers in the tests of the Azure SDKs
    /// for JavaScript (`sdk/keyvault/*/recordings`), from vaults with RBAC, have the first one since 2021.
    fn of(reply: &Reply) -> Self {
        if reply.header("x-ms-keyvault-rbac-assignment-id").is_some() {
            PermissionModel::Rbac
        } else if reply.header("x-ms-keyvault-service-version").is_some() {
            PermissionModel::AccessPolicies
        } else {
            PermissionModel::Unknown
        }
    }
}

/// How the vault sees the client: `conn_type=Ipv4;addr=203.0.113.25;act_addr_fam=InterNetwork;`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NetworkInfo {
    /// The type of the connection: `Ipv4`, `PrivateLink`.
    pub connection: Option<String>,
    /// The client address that the firewall checks.
    pub address: Option<String>,
}

impl NetworkInfo {
    fn parse(text: &str) -> Self {
        let field = |name: &str| {
            let pairs = text.split(';').filter_map(|pair| pair.split_once('='));
            pairs.filter(|(key, _)| key.trim() == name).map(|(_, value)| value.trim().to_owned()).next()
        };
        NetworkInfo { connection: field("conn_type"), address: field("addr") }
    }

    /// Returns true if the request came through a private endpoint.
    pub fn is_private_link(&self) -> bool {
        self.connection.as_deref().is_some_and(|kind| kind.eq_ignore_ascii_case("PrivateLink"))
    }
}

impl<'a> Vault<'a> {
    /// Sends a request without a token to get the challenge. It also opens the connection for the secret.
    ///
    /// # Errors
    /// The vault cannot be reached.
    pub fn probe(&self) -> Probed {
        let url = format!("{}/secrets?api-version={API_VERSION}&maxresults=1", self.url);
        let request = self.request(&url);
        let reply = self.http.send_patiently(&request, &ONCE, self.deadline)?;
        if let Some(error) = self.web_page(&reply) {
            return Err(error);
        }
        let own = |name: &str| reply.header(name).map(redact::sanitize_field);
        let challenge = (reply.status == status::UNAUTHORIZED)
            .then(|| Challenge::parse(reply.headers("www-authenticate")))
            .flatten();
        Ok(UnauthenticatedResponse {
            status: reply.status,
            challenge,
            region: own("x-ms-keyvault-region"),
            network: own("x-ms-keyvault-network-info").map(|info| NetworkInfo::parse(&info)).unwrap_or_default(),
            date: reply.header("date").and_then(Timestamp::from_http_date),
            server: own("server"),
        })
    }

    /// Requests the first secret of the list, to test if listing is allowed.
    ///
    /// # Errors
    /// Listing is forbidden, or the request failed.
    pub fn try_list(&self, token: &AccessToken) -> Result<PermissionModel, Box<VaultError>> {
        let url = format!("{}/secrets?api-version={API_VERSION}&maxresults=1", self.url);
        let reply = self.send(&url, token).map_err(|kind| self.error(Operation::List, kind, None))?;
        if reply.status == status::OK && self.web_page(&reply).is_none() {
            return Ok(PermissionModel::of(&reply));
        }
        Err(self.refused(Operation::List, &reply))
    }

    /// Returns true if the secret is deleted and the identity may read deleted secrets.
    pub fn is_deleted(&self, name: &SecretName, token: &AccessToken) -> bool {
        let url = format!("{}/deletedsecrets/{name}?api-version={API_VERSION}", self.url);
        self.send(&url, token).is_ok_and(|reply| reply.status == status::OK)
    }

    /// Gets a secret: the named version or the latest.
    ///
    /// # Errors
    /// The request failed, or the answer is not this secret.
    pub fn get(&self, secret: &SecretRef, token: &AccessToken) -> Result<SecretBundle, Box<VaultError>> {
        let operation = || Operation::Get(secret.to_string());
        let version = secret.version.as_ref().map_or("", |v| v.as_str());
        let url = format!("{}/secrets/{}/{version}?api-version={API_VERSION}", self.url, secret.name);
        let reply = self.send(&url, token).map_err(|kind| self.error(operation(), kind, None))?;
        if reply.status != status::OK || self.web_page(&reply).is_some() {
            return Err(self.refused(operation(), &reply));
        }
        let malformed = |expected| self.error(operation(), VaultErrorKind::Malformed(expected), request_id(&reply));
        let bundle: SecretBundle = reply.json().ok_or_else(|| malformed("JSON with a value and an id"))?;
        // A cache, or a faulty service, could answer with another secret.
        if !self.url.owns(&bundle.properties.id) || !bundle.properties.answers(secret) {
            return Err(malformed("the requested secret"));
        }
        redact::register_fetched(&bundle.value);
        Ok(bundle)
    }

    /// Gets the current version of a certificate, with its policy
    /// (<https://learn.microsoft.com/rest/api/keyvault/certificates/get-certificate/get-certificate>).
    ///
    /// # Errors
    /// The request failed, or the answer is not this certificate.
    pub fn certificate(&self, name: &str, token: &AccessToken) -> Result<Properties, Box<VaultError>> {
        let operation = || Operation::GetCertificate(name.to_owned());
        let url = format!("{}/certificates/{name}/?api-version={API_VERSION}", self.url);
        let reply = self.send(&url, token).map_err(|kind| self.error(operation(), kind, None))?;
        if reply.status != status::OK || self.web_page(&reply).is_some() {
            return Err(self.refused(operation(), &reply));
        }
        let found: Option<Properties> = reply.json();
        let found = found.filter(|one| self.url.owns(&one.id) && one.is_certificate());
        found.filter(|one| one.name().eq_ignore_ascii_case(name)).ok_or_else(|| {
            self.error(operation(), VaultErrorKind::Malformed("the requested certificate"), request_id(&reply))
        })
    }

    /// Returns an error if the challenge names a resource of another host: then no token is sent.
    pub fn refuse(&self, operation: Operation, challenge: &Challenge) -> Option<Box<VaultError>> {
        if challenge.permits(self.url) {
            return None;
        }
        let resource = redact::sanitize(challenge.resource.as_deref().unwrap_or_default());
        Some(self.error(operation, VaultErrorKind::ChallengeMismatch(resource), None))
    }

    fn request<'r>(&self, url: &'r str) -> Request<'r> {
        Request::get(Route::Internet, url)
            .header("accept", "application/json")
            .header("x-ms-client-request-id", random_uuid())
    }

    fn send(&self, url: &str, token: &AccessToken) -> Result<Reply, VaultErrorKind> {
        let mut waits = service_workarounds::KEY_WAITS.into_iter();
        let mut reply = self.send_once(url, token)?;
        while service_workarounds::is_key_unresolved(&reply)
            && waits.next().is_some_and(|wait| self.deadline.pause(wait))
        {
            reply = self.send_once(url, token)?;
        }
        match service_workarounds::supported_version(&reply) {
            Some(version) => self.send_once(
                &url.replacen(&format!("api-version={API_VERSION}"), &format!("api-version={version}"), 1),
                token,
            ),
            None => Ok(reply),
        }
    }

    fn send_once(&self, url: &str, token: &AccessToken) -> Result<Reply, VaultErrorKind> {
        let authorization = zeroize::Zeroizing::new(format!("Bearer {}", token.expose()));
        let request = self.request(url).header("authorization", authorization.as_str());
        self.http.send_patiently(&request, &CLOUD, self.deadline).map_err(VaultErrorKind::Network)
    }

    /// Returns the error in an answer.
    fn refused(&self, operation: Operation, reply: &Reply) -> Box<VaultError> {
        let page = self.web_page(reply).map(VaultErrorKind::Network);
        self.error(operation, page.unwrap_or_else(|| VaultErrorKind::from_reply(reply)), request_id(reply))
    }

    /// Returns the error of an answer that is a web page: then the vault received no request.
    fn web_page(&self, reply: &Reply) -> Option<NetworkError> {
        let page = WebPage::in_reply(reply)?;
        let (host, proxy) = (self.url.host(), None);
        Some(NetworkError { proxy, kind: NetworkErrorKind::WebPage(page), host })
    }

    fn error(&self, operation: Operation, kind: VaultErrorKind, request_id: Option<String>) -> Box<VaultError> {
        Box::new(VaultError { vault: self.url.clone(), operation, kind, request_id })
    }
}

/// Returns the vault's request ID.
fn request_id(reply: &Reply) -> Option<String> {
    reply.header("x-ms-request-id").map(redact::sanitize)
}
