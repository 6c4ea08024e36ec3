//! Lists a vault's secrets, page by page
//! (<https://learn.microsoft.com/rest/api/keyvault/secrets/get-secrets/get-secrets>).
//!
//! The token is sent with each next link, so a link is followed only over https, to the same list of the
//! same vault, and once. An
//! incomplete list is an error: without one, the pages hold every secret.

use std::collections::HashSet;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;

use serde::Deserialize;
use ureq::http::Uri;

use crate::http::Reply;
use crate::http::status;
use crate::token::AccessToken;

use super::error::{Operation, VaultError, VaultErrorKind};
use super::reference::SecretName;
use super::secret_bundle::Properties;
use super::url::VaultUrl;
use super::{API_VERSION, Vault, request_id};

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Listing {
    /// The secrets without their versions.
    Secrets,
    /// The versions of a secret.
    Versions(SecretName),
    /// The deleted secrets that can be recovered.
    Deleted,
    /// The certificates without their versions
    /// (<https://learn.microsoft.com/rest/api/keyvault/certificates/get-certificates/get-certificates>).
    Certificates,
}

impl Listing {
    fn path(&self) -> String {
        match self {
            Listing::Secrets => "/secrets".to_owned(),
            Listing::Versions(name) => format!("/secrets/{name}/versions"),
            Listing::Deleted => "/deletedsecrets".to_owned(),
            Listing::Certificates => "/certificates".to_owned(),
        }
    }

    /// Returns the operation, for errors.
    pub fn operation(&self) -> Operation {
        match self {
            Listing::Secrets | Listing::Versions(_) | Listing::Deleted => Operation::List,
            Listing::Certificates => Operation::ListCertificates,
        }
    }

    /// Returns true if the item belongs on a page of this list.
    fn has(&self, item: &Properties) -> bool {
        match self {
            Listing::Versions(of) => item.name().eq_ignore_ascii_case(of.as_str()) && item.version().is_some(),
            Listing::Secrets | Listing::Deleted => !item.is_certificate() && SecretName::fits(item.name()),
            Listing::Certificates => item.is_certificate() && SecretName::fits(item.name()),
        }
    }

    fn expected_json(&self) -> &'static str {
        match self {
            Listing::Certificates => "JSON with a page of certificates",
            _ => "JSON with a page of secrets",
        }
    }

    fn expected(&self) -> &'static str {
        match self {
            Listing::Secrets | Listing::Deleted => "a page of this vault's secrets",
            Listing::Versions(_) => "a page of this secret's versions",
            Listing::Certificates => "a page of this vault's certificates",
        }
    }
}

impl<'a> Vault<'a> {
    /// Returns the pages of a list. Each is requested when it is needed.
    pub fn list<'t>(&self, listing: &Listing, token: &'t AccessToken) -> Pages<'t>
    where
        'a: 't,
    {
        Pages::new(*self, listing, token)
    }

    /// Returns the names of up to `limit` secrets, or fewer if a page fails.
    pub fn names(&self, token: &'a AccessToken, limit: usize) -> Vec<String> {
        let pages = self.list(&Listing::Secrets, token).map_while(Result::ok);
        pages.flatten().map(|properties| properties.name().to_owned()).take(limit).collect()
    }
}

/// An iterator over the pages of a list. It ends after an error.
pub struct Pages<'a> {
    vault: Vault<'a>,
    listing: Listing,
    token: &'a AccessToken,
    next: Option<String>,
    // Hashes, so that a vault of any size needs little memory.
    followed: HashSet<u64>,
    hasher: RandomState,
}

/// A page, as the vault sends it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Page {
    /// The items.
    pub value: Option<Vec<Properties>>,
    /// The URL of the next page.
    pub next_link: Option<String>,
}

impl<'a> Pages<'a> {
    fn new(vault: Vault<'a>, listing: &Listing, token: &'a AccessToken) -> Self {
        let first = format!("{}{}?api-version={API_VERSION}&maxresults=25", vault.url, listing.path());
        Pages {
            vault,
            listing: listing.clone(),
            token,
            next: Some(first),
            followed: HashSet::new(),
            hasher: RandomState::new(),
        }
    }

    fn page(&mut self, url: &str) -> Result<Vec<Properties>, Box<VaultError>> {
        let operation = || self.listing.operation();
        let error = |kind, reply: Option<&Reply>| self.vault.error(operation(), kind, reply.and_then(request_id));
        self.followed.insert(self.hasher.hash_one(url));
        let reply = self.vault.send(url, self.token).map_err(|kind| error(kind, None))?;
        if reply.status != status::OK || self.vault.web_page(&reply).is_some() {
            return Err(self.vault.refused(operation(), &reply));
        }
        let malformed = |expected| error(VaultErrorKind::Malformed(expected), Some(&reply));
        let page: Page = reply.json().ok_or_else(|| malformed(self.listing.expected_json()))?;
        let secrets = page.value.unwrap_or_default();
        if secrets.iter().any(|secret| !self.vault.url.owns(&secret.id) || !self.listing.has(secret)) {
            return Err(malformed(self.listing.expected()));
        }
        if let Some(link) = page.next_link.filter(|link| !link.is_empty()) {
            if !leads_to(&link, self.vault.url, &self.listing.path()) {
                return Err(malformed("a page with a next link to the same list over https"));
            }
            if self.followed.contains(&self.hasher.hash_one(link.as_str())) {
                return Err(malformed("a page with a new next link: the list repeats"));
            }
            // The service writes the port, but the open connection is stored without it.
            self.next = Some(link.replacen(":443/", "/", 1));
        }
        Ok(secrets)
    }
}

impl Iterator for Pages<'_> {
    type Item = Result<Vec<Properties>, Box<VaultError>>;

    /// Requests the next page. It can be empty without being the last.
    fn next(&mut self) -> Option<Self::Item> {
        let url = self.next.take()?;
        Some(self.page(&url))
    }
}

/// Returns true if a token may be sent to a link: https, the vault's host, port 443, and the path of the list.
pub fn leads_to(link: &str, vault: &VaultUrl, path: &str) -> bool {
    let Ok(uri) = link.parse::<Uri>() else { return false };
    let host = vault.host();
    let same = |authority: &str| authority.strip_suffix(":443").unwrap_or(authority).eq_ignore_ascii_case(&host);
    let is_the_list = uri.path().trim_end_matches('/').eq_ignore_ascii_case(path);
    is_the_list && uri.scheme_str() == Some("https") && uri.authority().is_some_and(|a| same(a.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entra::cloud::PUBLIC;
    use crate::vault::url::Suffixes;

    #[test]
    fn next_link_must_lead_to_same_vault_over_https() {
        let vault = VaultUrl::parse("my-vault", &Suffixes { cloud: PUBLIC, extra: None }).unwrap();
        for (link, follows) in [
            ("https://my-vault.vault.azure.net/secrets?api-version=7.4&$skiptoken=eyJ&maxresults=25", true),
            ("https://MY-VAULT.vault.azure.net:443/secrets?$skiptoken=a", true),
            ("http://my-vault.vault.azure.net/secrets", false),
            ("https://my-vault.vault.azure.net:8443/secrets", false),
            ("https://me@my-vault.vault.azure.net/secrets", false),
            ("https://my-vault.vault.azure.net@evil.example/secrets", false),
            ("https://other.vault.azure.net/secrets", false),
            ("https://evil.example/my-vault.vault.azure.net", false),
            ("/secrets?$skiptoken=a", false),
            ("//my-vault.vault.azure.net/secrets", false),
            ("https://my-vault.vault.azure.net\\@evil.example", false),
            ("https://my-vault.vault.azure.net/keys?$skiptoken=a", false),
            ("https://my-vault.vault.azure.net/secrets/Other?$skiptoken=a", false),
            ("https://my-vault.vault.azure.net/secrets/../keys?$skiptoken=a", false),
            ("https://my-vault.vault.azure.net/?$skiptoken=a", false),
            ("", false),
        ] {
            assert_eq!(leads_to(link, &vault, "/secrets"), follows, "{link}");
        }
    }
}
