//! Parses a vault's address: a name under a known suffix.
//!
//! Tokens are sent only to a [`VaultUrl`], and parsing is the only way to create one.

use std::fmt;

use crate::entra::cloud::{CLOUDS, Cloud};

/// The suffixes of vault hosts.
#[derive(Clone, Debug)]
pub struct Suffixes {
    /// The cloud that a bare name is completed with.
    pub cloud: &'static Cloud,
    /// The suffix of `--vault-suffix`: a private or new sovereign cloud.
    pub extra: Option<String>,
}

/// A vault: its name and suffix, in lower case.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VaultUrl {
    name: String,
    suffix: String,
}

/// The reason why a text names no vault.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAVault {
    #[error("a vault URL begins with https://")]
    NotHttps,
    #[error("a vault URL has no user name or password")]
    UserInfo,
    #[error("a vault URL can use only port 443")]
    Port,
    /// A path follows the host.
    #[error("expected only a vault URL, like https://my-vault.vault.azure.net")]
    Trailing,
    /// The host is under no known suffix.
    #[error("{}", unknown_suffix(.0))]
    UnknownSuffix(String),
    /// The host is the internal name behind the vault's address, which it holds.
    #[error("vaultcore is the domain of Key Vault's DNS aliases and has no certificate for vaults; use {0}")]
    VaultCore(String),
    /// The host is the name of a private endpoint; holds the vault's address.
    #[error(
        "a privatelink name has no certificate; use {0}, which resolves to the private endpoint if the private DNS \
         zone is linked"
    )]
    PrivateLink(String),
    #[error("a managed HSM contains keys, not secrets")]
    ManagedHsm,
    #[error(
        "'{0}' is not a vault name: 3 to 24 letters, digits and single dashes, beginning with a letter and ending \
         with a letter or digit"
    )]
    Name(String),
    #[error("expected a vault name or URL")]
    Empty,
}

fn unknown_suffix(host: &str) -> String {
    if let Some(meant) = nearly(host) {
        return format!("'{host}' is not under a known vault suffix; did you mean {meant}?");
    }
    let known = CLOUDS.each_ref().map(|cloud| cloud.vault_suffix).join(", ");
    format!("'{host}' is not under a known vault suffix ({known}); use --vault-suffix to allow another")
}

/// Returns the vault's address for the name of its private endpoint: `NAME.privatelink.vaultcore.azure.net`
/// (<https://learn.microsoft.com/azure/private-link/private-endpoint-dns>).
fn behind_private_link(name: &str, suffix: &str) -> Option<String> {
    let suffix = suffix.to_ascii_lowercase();
    let domain = suffix.strip_prefix("privatelink.vaultcore.").or(suffix.strip_prefix("privatelink.vault."))?;
    Some(format!("https://{}.vault.{domain}", name.to_ascii_lowercase()))
}

/// Returns the vault's address for `NAME.vaultcore.azure.net`, which its public name is an alias of.
fn behind_alias(name: &str, suffix: &str) -> Option<String> {
    let suffix = suffix.to_ascii_lowercase();
    let cloud = CLOUDS.iter().find(|cloud| {
        let domain = cloud.vault_suffix.strip_prefix("vault.").unwrap_or(cloud.vault_suffix);
        suffix.strip_prefix("vaultcore.") == Some(domain)
    })?;
    Some(format!("https://{}.{}", name.to_ascii_lowercase(), cloud.vault_suffix))
}

/// Returns the host that was meant, if its suffix is almost that of a cloud.
fn nearly(host: &str) -> Option<String> {
    /// `vault.azure.com` and `vaults.azure.net` are that close; `vault.contoso.net` is not.
    const MAX_DISTANCE: usize = 3;
    let (name, suffix) = host.split_once('.')?;
    let close = CLOUDS.iter().find(|cloud| strsim::levenshtein(cloud.vault_suffix, suffix) <= MAX_DISTANCE)?;
    (!name.is_empty()).then(|| format!("{name}.{}", close.vault_suffix))
}

impl VaultUrl {
    /// Parses a vault's name (`my-vault`), host or URL (`https://my-vault.vault.azure.net`, with an optional slash) in
    /// any case.
    ///
    /// # Errors
    /// The text is malformed, or its host is under no known suffix.
    pub fn parse(text: &str, suffixes: &Suffixes) -> Result<Self, NotAVault> {
        if text.is_empty() {
            return Err(NotAVault::Empty);
        }
        if !text.contains(['.', ':', '/', '\\']) {
            return Self::new(text, suffixes.cloud.vault_suffix);
        }
        match Self::split(text, suffixes)? {
            (vault, "" | "/") => Ok(vault),
            _ => Err(NotAVault::Trailing),
        }
    }

    /// Parses a URL that begins with a vault. Returns the vault and the rest (`/secrets/...`).
    pub(super) fn split<'a>(text: &'a str, suffixes: &Suffixes) -> Result<(Self, &'a str), NotAVault> {
        let after_scheme = match text.split_once("://") {
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("https") => rest,
            Some(_) => return Err(NotAVault::NotHttps),
            None => text,
        };
        let end = after_scheme.find(['/', '?', '#', '\\']).unwrap_or(after_scheme.len());
        let (authority, rest) = after_scheme.split_at(end);
        if authority.contains('@') {
            return Err(NotAVault::UserInfo);
        }
        let host = match authority.split_once(':') {
            Some((host, "443")) => host,
            Some(_) => return Err(NotAVault::Port),
            None => authority,
        };
        Ok((Self::from_host(host, suffixes)?, rest))
    }

    fn from_host(host: &str, suffixes: &Suffixes) -> Result<Self, NotAVault> {
        let unknown = || NotAVault::UnknownSuffix(host.to_owned());
        let (name, suffix) = host.split_once('.').ok_or_else(unknown)?;
        if CLOUDS.iter().any(|cloud| cloud.hsm_suffix.eq_ignore_ascii_case(suffix)) {
            return Err(NotAVault::ManagedHsm);
        }
        if let Some(address) = behind_alias(name, suffix) {
            return Err(NotAVault::VaultCore(address));
        }
        if let Some(address) = behind_private_link(name, suffix) {
            return Err(NotAVault::PrivateLink(address));
        }
        let allowed = suffixes.extra.as_deref().is_some_and(|extra| extra.eq_ignore_ascii_case(suffix));
        if !allowed && Cloud::of_vault_suffix(suffix).is_none() {
            return Err(unknown());
        }
        Self::new(name, suffix)
    }

    /// <https://learn.microsoft.com/azure/key-vault/general/about-keys-secrets-certificates#vault-name-and-object-name>
    fn new(name: &str, suffix: &str) -> Result<Self, NotAVault> {
        let bytes = name.as_bytes();
        let fits = (3..=24).contains(&bytes.len())
            && bytes.iter().all(|b| b.is_ascii_alphanumeric() || *b == b'-')
            && bytes[0].is_ascii_alphabetic()
            && bytes[bytes.len() - 1] != b'-'
            && !name.contains("--");
        if !fits {
            return Err(NotAVault::Name(name.to_owned()));
        }
        Ok(VaultUrl { name: name.to_ascii_lowercase(), suffix: suffix.to_ascii_lowercase() })
    }

    /// Returns the vault's name: `my-vault`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the host: `my-vault.vault.azure.net`.
    pub fn host(&self) -> String {
        format!("{}.{}", self.name, self.suffix)
    }

    /// Returns the private DNS zone of its private endpoint: `privatelink.vaultcore.azure.net`
    /// (<https://learn.microsoft.com/azure/private-link/private-endpoint-dns>).
    pub fn private_zone(&self) -> Option<String> {
        self.suffix.strip_prefix("vault.").map(|domain| format!("privatelink.vaultcore.{domain}"))
    }

    /// Returns true if an identifier from the service is in this vault: `https://HOST/...`, on port 443.
    pub fn owns(&self, id: &str) -> bool {
        let rest = ["https://", &self.name, ".", &self.suffix].iter().try_fold(id, |rest, part| {
            let (head, rest) = rest.split_at_checked(part.len())?;
            // Mostly equal: a list has very many.
            (head == *part || head.eq_ignore_ascii_case(part)).then_some(rest)
        });
        rest.is_some_and(|rest| rest.starts_with('/') || rest.starts_with(":443/"))
    }

    /// Returns the cloud of its suffix, or `None` for the suffix of `--vault-suffix`.
    pub fn cloud(&self) -> Option<&'static Cloud> {
        Cloud::of_vault_suffix(&self.suffix)
    }
}

impl fmt::Display for VaultUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "https://{}.{}", self.name, self.suffix)
    }
}

/// Returns true if `--vault-suffix` accepts `text`: at least two labels of letters, digits and dashes.
pub fn is_suffix(text: &str) -> bool {
    let label = |l: &str| {
        !l.is_empty()
            && l.len() <= 63
            && l.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !l.starts_with('-')
    };
    text.contains('.')
        && text.split('.').all(label)
        && text.split('.').any(|l| l.bytes().any(|b| b.is_ascii_alphabetic()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entra::cloud::PUBLIC;

    fn public() -> Suffixes {
        Suffixes { cloud: PUBLIC, extra: None }
    }

    #[test]
    fn identifier_belongs_to_vault_of_its_host() {
        let vault = VaultUrl::parse("my-vault", &public()).unwrap();
        for (id, owned) in [
            ("https://my-vault.vault.azure.net/secrets/a/0", true),
            ("https://MY-VAULT.vault.azure.net:443/secrets/a", true),
            ("https://my-vault.vault.azure.net", false),
            ("https://my-vault.vault.azure.net.evil.example/secrets/a", false),
            ("https://my-vault.vault.azure.net@evil.example/secrets/a", false),
            ("https://other.vault.azure.net/secrets/a", false),
            ("http://my-vault.vault.azure.net/secrets/a", false),
            ("", false),
        ] {
            assert_eq!(vault.owns(id), owned, "{id}");
        }
    }

    #[test]
    fn private_zone_is_in_vaults_cloud() {
        for (host, zone) in [
            ("my-vault.vault.azure.net", "privatelink.vaultcore.azure.net"),
            ("my-vault.vault.azure.cn", "privatelink.vaultcore.azure.cn"),
        ] {
            assert_eq!(VaultUrl::parse(host, &public()).unwrap().private_zone().as_deref(), Some(zone));
        }
    }

    #[test]
    fn name_host_and_url_name_same_vault() {
        for text in [
            "my-vault",
            "My-Vault",
            "my-vault.vault.azure.net",
            "https://my-vault.vault.azure.net",
            "HTTPS://MY-VAULT.vault.azure.net/",
            "https://my-vault.vault.azure.net:443/",
        ] {
            let vault = VaultUrl::parse(text, &public()).unwrap();
            assert_eq!(vault.to_string(), "https://my-vault.vault.azure.net", "{text}");
            assert_eq!(vault.name(), "my-vault");
        }
        assert_eq!(
            VaultUrl::parse("https://v01.vault.azure.cn", &public()).unwrap().cloud().unwrap().name,
            "AzureChinaCloud"
        );
    }

    #[test]
    fn malformed_vaults_are_refused() {
        use NotAVault::*;
        for (text, reason) in [
            ("", Empty),
            ("http://my-vault.vault.azure.net", NotHttps),
            ("ftp://my-vault.vault.azure.net", NotHttps),
            ("https://me@my-vault.vault.azure.net", UserInfo),
            ("https://my-vault.vault.azure.net@evil.example", UserInfo),
            ("https://my-vault.vault.azure.net:8443", Port),
            ("https://my-vault.vault.azure.net:", Port),
            ("https://my-vault.vault.azure.net/secrets", Trailing),
            ("https://my-vault.vault.azure.net\\@evil.example", Trailing),
            ("https://my-vault.vault.azure.net?x", Trailing),
            ("my-vault/..", UnknownSuffix("my-vault".into())),
            ("https://evil.example", UnknownSuffix("evil.example".into())),
            (
                "https://my-vault.vault.azure.net.evil.example",
                UnknownSuffix("my-vault.vault.azure.net.evil.example".into()),
            ),
            ("https://a.my-vault.vault.azure.net", UnknownSuffix("a.my-vault.vault.azure.net".into())),
            ("https://my-hsm.managedhsm.azure.net", ManagedHsm),
            ("v", Name("v".into())),
            ("1vault", Name("1vault".into())),
            ("vault-", Name("vault-".into())),
            ("my--vault", Name("my--vault".into())),
            ("my vault", Name("my vault".into())),
            ("tresör", Name("tresör".into())),
            ("abcdefghijklmnopqrstuvwxy", Name("abcdefghijklmnopqrstuvwxy".into())),
        ] {
            assert_eq!(VaultUrl::parse(text, &public()), Err(reason), "{text}");
        }
    }

    #[test]
    fn custom_suffix_must_be_allowed() {
        let text = "https://my-vault.vault.sovcloud-api.fr";
        assert!(VaultUrl::parse(text, &public()).is_err());
        let allowed = Suffixes { cloud: PUBLIC, extra: Some("vault.sovcloud-api.fr".into()) };
        assert_eq!(VaultUrl::parse(text, &allowed).unwrap().cloud(), None);
        assert!(is_suffix("vault.example") && !is_suffix("example") && !is_suffix("1.2") && !is_suffix("a..b"));
    }
}
