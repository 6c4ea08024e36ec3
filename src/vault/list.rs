//! The lists of a vault, page by page
//! (<https://learn.microsoft.com/rest/api/keyvault/secrets/get-secrets/get-secrets>).
//!
//! A next link carries a token with it, so it is followed only over https and only to the same vault, and never twice. A
//! list that breaks off is an error: whoever reads the pages to their end without one has seen all there is.

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

/// What can be listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Listing {
    /// The secrets, without their versions.
    Secrets,
    /// The versions of one secret.
    Versions(SecretName),
    /// The secrets that were deleted and can be recovered.
    Deleted,
}

impl Listing {
    fn path(&self) -> String {
        match self {
            Listing::Secrets => "/secrets".to_owned(),
            Listing::Versions(name) => format!("/secrets/{name}/versions"),
            Listing::Deleted => "/deletedsecrets".to_owned(),
        }
    }

    /// Whether it can stand on a page of this list.
    fn has(&self, item: &Properties) -> bool {
        match self {
            Listing::Versions(of) => item.name().eq_ignore_ascii_case(of.as_str()) && item.version().is_some(),
            Listing::Secrets | Listing::Deleted => SecretName::parse(item.name()).is_ok(),
        }
    }

    fn expected(&self) -> &'static str {
        match self {
            Listing::Secrets | Listing::Deleted => "a page of this vault's secrets",
            Listing::Versions(_) => "a page of this secret's versions",
        }
    }
}

impl<'a> Vault<'a> {
    /// The pages of a list, asked for one by one as they are wanted.
    pub fn list<'t>(&self, listing: &Listing, token: &'t AccessToken) -> Pages<'t>
    where
        'a: 't,
    {
        Pages::new(*self, listing, token)
    }

    /// The names of secrets, up to `limit` of them; what could be had, where a page fails.
    pub fn names(&self, token: &'a AccessToken, limit: usize) -> Vec<String> {
        let pages = self.list(&Listing::Secrets, token).map_while(Result::ok);
        pages.flatten().map(|properties| properties.name().to_owned()).take(limit).collect()
    }
}

/// The pages of a list, each asked for when it is wanted. After an error there are no more.
pub struct Pages<'a> {
    vault: Vault<'a>,
    listing: Listing,
    token: &'a AccessToken,
    next: Option<String>,
    // Hashes, so that the memory for a vault of any size stays small.
    followed: HashSet<u64>,
    hasher: RandomState,
}

/// One page, as the vault writes it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Page {
    /// What is on it.
    pub value: Option<Vec<Properties>>,
    /// Where the next one is.
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
        let error = |kind, reply: Option<&Reply>| self.vault.error(Operation::List, kind, reply.and_then(request_id));
        self.followed.insert(self.hasher.hash_one(url));
        let reply = self.vault.ask(url, self.token).map_err(|kind| error(kind, None))?;
        if reply.status != status::OK {
            return Err(error(VaultErrorKind::from_reply(&reply), Some(&reply)));
        }
        let malformed = |expected| error(VaultErrorKind::Malformed(expected), Some(&reply));
        let page: Page = reply.json().ok_or_else(|| malformed("JSON with a page of secrets"))?;
        let secrets = page.value.unwrap_or_default();
        if secrets.iter().any(|secret| !self.vault.url.owns(&secret.id) || !self.listing.has(secret)) {
            return Err(malformed(self.listing.expected()));
        }
        if let Some(link) = page.next_link.filter(|link| !link.is_empty()) {
            if !leads_to(&link, self.vault.url) {
                return Err(malformed("a page whose next link leads to the same vault over https"));
            }
            if self.followed.contains(&self.hasher.hash_one(link.as_str())) {
                return Err(malformed("a page whose next link is new: the list runs in a circle"));
            }
            // The service names its port; the connection that is open goes by the host alone.
            self.next = Some(link.replacen(":443/", "/", 1));
        }
        Ok(secrets)
    }
}

impl Iterator for Pages<'_> {
    type Item = Result<Vec<Properties>, Box<VaultError>>;

    /// The next page, which may be empty without being the last.
    fn next(&mut self) -> Option<Self::Item> {
        let url = self.next.take()?;
        Some(self.page(&url))
    }
}

/// Whether a token may follow a link: over https, to this very host, on its one port.
pub fn leads_to(link: &str, vault: &VaultUrl) -> bool {
    let Ok(uri) = link.parse::<Uri>() else { return false };
    let host = vault.host();
    let same = |authority: &str| authority.strip_suffix(":443").unwrap_or(authority).eq_ignore_ascii_case(&host);
    uri.scheme_str() == Some("https") && uri.authority().is_some_and(|a| same(a.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entra::cloud::PUBLIC;
    use crate::vault::url::Suffixes;

    #[test]
    fn a_link_is_followed_to_the_same_vault_over_https_alone() {
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
            ("", false),
        ] {
            assert_eq!(leads_to(link, &vault), follows, "{link}");
        }
    }
}
