//! Parses secret references in all forms into vault, name and version.
//!
//! It reads no environment and sends no request. Its errors are one line.

use std::fmt;

use super::document::DocumentPath;
use super::url::{NotAVault, Suffixes, VaultUrl};

/// A secret reference from the command line or a setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecretRef {
    /// The vault, if the reference names one.
    pub vault: Option<VaultUrl>,
    /// The secret's name.
    pub name: SecretName,
    /// The version; `None` for the latest.
    pub version: Option<Version>,
    /// The variable name of `ALIAS=REF`.
    pub alias: Option<String>,
    /// The value to read in the secret, if that is a document.
    pub path: Option<DocumentPath>,
}

/// A secret's name: 1 to 127 letters, digits and dashes. Azure ignores its case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecretName(String);

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version(String);

/// The reason why a text is no reference to a secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotARef {
    #[error(transparent)]
    Vault(#[from] NotAVault),
    #[error(
        "'{}' is not a secret name: 1 to 127 letters, digits and dashes{}",
        .0,
        meant(.0).map(|meant| format!("; did you mean {meant}?")).unwrap_or_default()
    )]
    Name(String),
    #[error("'{0}' is not a version: 32 hexadecimal digits")]
    Version(String),
    /// `VAULT/NAME` without `akv://`.
    #[error(
        "'{}' is not a version: 32 hexadecimal digits; did you mean akv://{}?",
        .0.rsplit_once('/').unwrap_or_default().1,
        .0
    )]
    VaultFirst(String),
    #[error("'{0}' is a key, which cannot be read; a secret identifier is https://VAULT/secrets/NAME")]
    Key(String),
    #[error("it names two vaults; a reference names only one")]
    TwoVaults,
    /// Parts are missing, or there are too many.
    #[error("expected {0}")]
    Shape(&'static str),
}

impl SecretName {
    /// Parses a name (<https://learn.microsoft.com/azure/key-vault/general/about-keys-secrets-certificates>).
    ///
    /// # Errors
    /// The text has other characters, or too many.
    pub fn parse(text: &str) -> Result<Self, NotARef> {
        if Self::fits(text) { Ok(SecretName(text.to_owned())) } else { Err(NotARef::Name(text.to_owned())) }
    }

    /// Returns true if the text is a name.
    pub fn fits(text: &str) -> bool {
        (1..=127).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    }

    /// Returns the name in its original case.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Returns the name that was meant by one in the style of variables and settings. A secret's name has no `_` or `.`,
/// and .NET writes the `:` of a configuration key as `--`
/// (<https://learn.microsoft.com/aspnet/core/security/key-vault-configuration>).
fn meant(name: &str) -> Option<String> {
    let meant = name.trim().replace("__", "--").replace(':', "--").replace(['_', '.', ' '], "-");
    let begins_well = meant.starts_with(|c: char| c.is_ascii_alphanumeric());
    (begins_well && SecretName::parse(&meant).is_ok()).then_some(meant)
}

impl Version {
    /// Parses a version: 32 hexadecimal digits.
    ///
    /// # Errors
    /// The text is anything else.
    pub fn parse(text: &str) -> Result<Self, NotARef> {
        let fits = text.len() == 32 && text.bytes().all(|b| b.is_ascii_hexdigit());
        if fits { Ok(Version(text.to_ascii_lowercase())) } else { Err(NotARef::Version(text.to_owned())) }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SecretName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

const IDENTIFIER: &str = "https://VAULT/secrets/NAME or https://VAULT/secrets/NAME/VERSION";
const KEY_VAULT: &str = "@Microsoft.KeyVault(SecretUri=...) or \
                         @Microsoft.KeyVault(VaultName=...;SecretName=...[;SecretVersion=...])";
const AKVS: &str = "akvs://SUBSCRIPTION/VAULT/NAME[/VERSION]";
const AKV: &str = "akv://VAULT/NAME";
const VALS: &str = "ref+azurekeyvault://VAULT/NAME[/VERSION]";
const PATH: &str = "REF#/KEY or REF#/KEY/KEY";
const BARE: &str = "NAME or NAME/VERSION";

impl SecretRef {
    /// Parses a reference, with an optional alias.
    ///
    /// # Errors
    /// The text is malformed, or names no vault or secret.
    pub fn parse(text: &str, suffixes: &Suffixes) -> Result<Self, NotARef> {
        let (alias, text) = match text.split_once('=') {
            Some((alias, rest)) if is_variable(alias) => (Some(alias.to_owned()), rest),
            _ => (None, text),
        };
        let (text, path) = match unquoted(text).split_once('#') {
            Some((text, path)) => (text, Some(DocumentPath::parse(path).ok_or(NotARef::Shape(PATH))?)),
            None => (unquoted(text), None),
        };
        let (vault, name, version) = parts(text, suffixes)?;
        let name = SecretName::parse(name)?;
        let version = version.map(Version::parse).transpose()?;
        Ok(SecretRef { vault, name, version, alias, path })
    }

    /// Returns true if `text`, as a variable's value or a line of a file, can only be a reference: that of App Service,
    /// azd or vals, or `akv://`. A plain URL may have another meaning.
    pub fn is_setting_reference(text: &str) -> bool {
        let text = text.trim_start();
        starts_with_ignoring_case(text, APP_SERVICE_PREFIX)
            || ["akvs://", "akv://", "ref+azurekeyvault://"].iter().any(|scheme| text.starts_with(scheme))
    }

    /// Returns true if `text` begins with the address of a vault and `/secrets/`. It may name no valid secret.
    pub fn is_secret_url(text: &str, suffixes: &Suffixes) -> bool {
        let text = text.trim();
        let path = VaultUrl::split(text, suffixes).map(|(_, path)| path);
        let is_url = text.contains("://") && !text.contains(char::is_whitespace);
        is_url && path.is_ok_and(|path| starts_with_ignoring_case(path, "/secrets/"))
    }
}

/// The name, and the version if there is one.
impl fmt::Display for SecretRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.version {
            Some(version) => write!(f, "{}/{}", self.name, version.as_str()),
            None => self.name.fmt(f),
        }
    }
}

/// Returns the text without one pair of quotes around it. azd writes every value of its `.env` files in quotes and strips one
/// pair, and `docker run --env-file` keeps them (azure-dev, `pkg/environment`).
pub fn unquoted(text: &str) -> &str {
    let inner = |quote: char| text.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote));
    inner('"').or_else(|| inner('\'')).map_or(text, str::trim)
}

type RefParts<'a> = (Option<VaultUrl>, &'a str, Option<&'a str>);

fn parts<'a>(text: &'a str, suffixes: &Suffixes) -> Result<RefParts<'a>, NotARef> {
    if starts_with_ignoring_case(text, APP_SERVICE_PREFIX) {
        return app_service(text, suffixes);
    }
    // azd writes the subscription first; vault names are unique without it
    // (https://learn.microsoft.com/azure/developer/azure-developer-cli/manage-environment-variables).
    if let Some(rest) = text.strip_prefix("akvs://") {
        let (_subscription, rest) = rest.split_once('/').ok_or(NotARef::Shape(AKVS))?;
        return vault_and_name(rest, suffixes, AKVS);
    }
    if let Some(rest) = text.strip_prefix("akv://") {
        return match vault_and_name(rest, suffixes, AKV)? {
            (_, _, Some(_)) => Err(NotARef::Shape(AKV)),
            found => Ok(found),
        };
    }
    if let Some(rest) = text.strip_prefix("ref+azurekeyvault://") {
        return vault_and_name(rest, suffixes, VALS);
    }
    if text.contains("://") {
        return identifier(text, suffixes);
    }
    let (name, version) = name_and_version(text, BARE)?;
    if let Some(secret) = version.filter(|version| Version::parse(version).is_err()) {
        // `VAULT/NAME` and `NAME/VERSION` look alike: it is a vault if the second part is a name and no version.
        let is_name = SecretName::parse(secret).is_ok() && !is_hexadecimal(secret) && secret != "latest";
        if is_name && VaultUrl::parse(name, suffixes).is_ok() {
            return Err(NotARef::VaultFirst(text.to_owned()));
        }
    }
    Ok((None, name, version))
}

fn is_hexadecimal(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_hexdigit())
}

/// Parses `https://VAULT/secrets/NAME[/VERSION]`, with an optional final slash. A certificate's address also names its
/// secret: both have the same name and version
/// (<https://learn.microsoft.com/azure/key-vault/certificates/about-certificates#composition-of-a-certificate>).
fn identifier<'a>(text: &'a str, suffixes: &Suffixes) -> Result<RefParts<'a>, NotARef> {
    let (vault, path) = VaultUrl::split(text, suffixes)?;
    let kind_and_rest = path.strip_prefix('/').and_then(|p| p.split_once('/'));
    let Some((kind, rest)) = kind_and_rest else { return Err(NotARef::Shape(IDENTIFIER)) };
    if kind.eq_ignore_ascii_case("keys") {
        let (name, _) = rest.split_once('/').unwrap_or((rest, ""));
        return Err(if name.is_empty() { NotARef::Shape(IDENTIFIER) } else { NotARef::Key(name.to_owned()) });
    }
    if !["secrets", "certificates"].iter().any(|known| kind.eq_ignore_ascii_case(known)) {
        return Err(NotARef::Shape(IDENTIFIER));
    }
    let (name, version) = name_and_version(rest.strip_suffix('/').unwrap_or(rest), IDENTIFIER)?;
    Ok((Some(vault), name, version))
}

fn vault_and_name<'a>(text: &'a str, suffixes: &Suffixes, shape: &'static str) -> Result<RefParts<'a>, NotARef> {
    let (vault, rest) = text.split_once('/').ok_or(NotARef::Shape(shape))?;
    let vault = VaultUrl::parse(vault, suffixes)?;
    let (name, version) = name_and_version(rest, shape)?;
    Ok((Some(vault), name, version))
}

fn name_and_version<'a>(text: &'a str, shape: &'static str) -> Result<(&'a str, Option<&'a str>), NotARef> {
    match text.split_once('/') {
        None if text.is_empty() => Err(NotARef::Shape(shape)),
        None => Ok((text, None)),
        Some((_, version)) if version.contains('/') => Err(NotARef::Shape(shape)),
        Some((name, version)) => Ok((name, Some(version))),
    }
}

const APP_SERVICE_PREFIX: &str = "@Microsoft.KeyVault(";

/// <https://learn.microsoft.com/azure/app-service/app-service-key-vault-references#source-app-settings-from-key-vault>
fn app_service<'a>(text: &'a str, suffixes: &Suffixes) -> Result<RefParts<'a>, NotARef> {
    let shape = NotARef::Shape(KEY_VAULT);
    let inner = text.get(APP_SERVICE_PREFIX.len()..).and_then(|t| t.trim_end().strip_suffix(')'));
    let (mut uri, mut vault, mut name, mut version) = (None, None, None, None);
    for pair in inner.ok_or(shape.clone())?.split(';') {
        let (key, value) = pair.split_once('=').ok_or(shape.clone())?;
        let (key, value) = (key.trim(), value.trim());
        let slot = match key.to_ascii_lowercase().as_str() {
            "secreturi" => &mut uri,
            "vaultname" => &mut vault,
            "secretname" => &mut name,
            "secretversion" => &mut version,
            _ => return Err(shape),
        };
        if value.is_empty() {
            return Err(shape);
        }
        if slot.replace(value).is_some() {
            return Err(if key.eq_ignore_ascii_case("vaultname") { NotARef::TwoVaults } else { shape });
        }
    }
    match (uri, vault, name, version) {
        (Some(uri), None, None, None) => identifier(uri, suffixes),
        (Some(_), Some(_), ..) => Err(NotARef::TwoVaults),
        (None, Some(vault), Some(name), version) => Ok((Some(VaultUrl::parse(vault, suffixes)?), name, version)),
        _ => Err(shape),
    }
}

/// Returns true if `text` can be a variable name in a POSIX shell.
pub fn is_variable(text: &str) -> bool {
    let word = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
    !text.is_empty() && !text.as_bytes()[0].is_ascii_digit() && text.bytes().all(word)
}

fn starts_with_ignoring_case(text: &str, prefix: &str) -> bool {
    text.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entra::cloud::PUBLIC;

    const V: &str = "0123456789abcdef0123456789ABCDEF";

    fn parse(text: &str) -> Result<SecretRef, NotARef> {
        SecretRef::parse(text, &Suffixes { cloud: PUBLIC, extra: None })
    }

    #[test]
    fn every_form_names_same_secret() {
        for text in [
            "https://my-vault.vault.azure.net/secrets/A-1/V".to_owned(),
            "https://my-vault.vault.azure.net:443/Secrets/A-1/V".to_owned(),
            "https://my-vault.vault.azure.net/certificates/A-1/V".to_owned(),
            "@Microsoft.KeyVault(SecretUri=https://my-vault.vault.azure.net/secrets/A-1/V)".to_owned(),
            "@Microsoft.KeyVault(VaultName=my-vault;SecretName=A-1;SecretVersion=V)".to_owned(),
            "@microsoft.keyvault( vaultname = my-vault ; secretname = A-1 ; secretversion = V )".to_owned(),
            "akvs://c1f3/my-vault/A-1/V".to_owned(),
            "\"akvs://c1f3/my-vault/A-1/V\"".to_owned(),
            "' akvs://c1f3/my-vault/A-1/V '".to_owned(),
            "ref+azurekeyvault://my-vault/A-1/V".to_owned(),
            "ref+azurekeyvault://my-vault.vault.azure.net/A-1/V".to_owned(),
        ] {
            let found = parse(
                &text.replace("/V", &format!("/{V}")).replace("=V", &format!("={V}")).replace("= V", &format!("= {V}")),
            );
            let found = found.unwrap_or_else(|e| panic!("{text}: {e}"));
            assert_eq!(found.vault.unwrap().name(), "my-vault", "{text}");
            assert_eq!(found.name.as_str(), "A-1");
            assert_eq!(found.version.unwrap().as_str(), V.to_ascii_lowercase());
        }
    }

    #[test]
    fn names_versions_and_aliases_are_parsed() {
        assert_eq!(parse("A").unwrap().to_string(), "A");
        assert_eq!(parse("9-").unwrap().name.as_str(), "9-");
        assert!(parse(&format!("A/{V}")).unwrap().version.is_some());
        assert!(parse("akv://my-vault/A").unwrap().vault.is_some());
        for text in ["A#/db/password", "A#db/password", "akv://my-vault/A#/db/password", "X=A#/db%2Fpassword"] {
            let found = parse(text).unwrap();
            assert_eq!(
                (found.name.as_str(), found.path.unwrap().to_string().as_str()),
                ("A", "#/db/password"),
                "{text}"
            );
        }
        assert!(parse("@Microsoft.KeyVault(VaultName=my-vault;SecretName=A)#/a").unwrap().path.is_some());
        let aliased = parse("DB=https://my-vault.vault.azure.net/secrets/A/").unwrap();
        assert_eq!((aliased.alias.as_deref(), aliased.name.as_str()), (Some("DB"), "A"));
        let aliased = parse("DB=@Microsoft.KeyVault(VaultName=my-vault;SecretName=A)").unwrap();
        assert_eq!(aliased.alias.as_deref(), Some("DB"));
    }

    #[test]
    fn malformed_references_are_refused_with_a_reason() {
        for (text, part) in [
            ("", "expected NAME"),
            ("a_b", "not a secret name"),
            ("A#", "expected REF#/KEY"),
            ("A#/a//b", "expected REF#/KEY"),
            ("a b", "not a secret name"),
            ("..", "not a secret name"),
            ("é", "not a secret name"),
            ("A=", "expected NAME"),
            ("1=a", "not a secret name"),
            ("A/latest", "not a version"),
            ("my-vault/Name", "did you mean akv://my-vault/Name?"),
            ("my_secret", "did you mean my-secret?"),
            (" my-secret\n", "did you mean my-secret?"),
            ("COSMOSDB_PRIMARY_KEY", "did you mean COSMOSDB-PRIMARY-KEY?"),
            ("ConnectionStrings:Default", "did you mean ConnectionStrings--Default?"),
            ("A/0123/4", "expected NAME"),
            ("A/", "not a version"),
            ("http://my-vault.vault.azure.net/secrets/A", "https"),
            ("https://my-vault.vault.azure.net/keys/A", "'A' is a key"),
            ("https://my-vault.vault.azure.net/keys/", "secrets/NAME"),
            ("https://my-vault.vault.azure.net/storage/A", "secrets/NAME"),
            ("https://my-vault.vault.azure.net/secrets/", "secrets/NAME"),
            ("https://my-vault.vault.azure.net", "secrets/NAME"),
            ("https://my-vault.vault.azure.net/secrets/../keys/A", "secrets/NAME"),
            ("https://evil.example/secrets/A", "suffix"),
            ("https://my-vault.vault.azure.net/secrets/A?x=1", "not a secret name"),
            ("@Microsoft.KeyVault(SecretUri=https://my-vault.vault.azure.net/secrets/A;VaultName=b)", "two vaults"),
            ("@Microsoft.KeyVault(VaultName=a-1;VaultName=b-1;SecretName=x)", "two vaults"),
            ("@Microsoft.KeyVault(VaultName=my-vault)", "SecretName"),
            ("@Microsoft.KeyVault(VaultName=my-vault;SecretName=)", "SecretName"),
            ("@Microsoft.KeyVault(VaultName=my-vault;SecretName=A", "SecretName"),
            ("@Microsoft.KeyVault()", "SecretName"),
            ("akvs://sub/my-vault", "akvs://"),
            ("akv://my-vault/A/0123456789abcdef0123456789abcdef", "akv://"),
            ("ref+azurekeyvault://x/A", "not a vault name"),
            ("vault://x/A", "https"),
        ] {
            let reason = parse(text).expect_err(text).to_string();
            assert!(reason.contains(part), "{text}: {reason}");
        }
        assert!(parse(&"a".repeat(128)).is_err() && parse(&"a".repeat(127)).is_ok());
    }

    #[test]
    fn setting_references_are_recognized() {
        for (value, expected) in [
            ("@Microsoft.KeyVault(SecretUri=https://v.vault.azure.net/secrets/a)", true),
            ("@microsoft.keyvault(vaultname=v;secretname=a)", true),
            (" akvs://sub/vault/a", true),
            ("@Microsoft.KeyVault", false),
            ("see @Microsoft.KeyVault(...)", false),
            ("ref+azurekeyvault://v/a", true),
            ("akv://v/a", true),
            ("ref+awsssm://v/a", false),
            ("https://v.vault.azure.net/secrets/a", false),
            ("", false),
        ] {
            assert_eq!(SecretRef::is_setting_reference(value), expected, "{value}");
        }
    }
}
