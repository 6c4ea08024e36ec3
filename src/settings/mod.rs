//! Resolves the settings before any request is sent. Options take precedence over variables, and these over the
//! configuration file.

pub mod config;
pub mod env_file;
pub mod json_file;
mod switches;
pub mod vault_variables;

use std::fmt;
use std::time::Duration;

use crate::args::{AzureOptions, ColorWhen};
use crate::credential::selection::Selection;
use crate::credential::{Group, IdKind, ManagedIdentityId};
use crate::entra::cloud::{Cloud, PUBLIC};
use crate::entra::{Authority, TenantId};
use crate::env::{self, Env, Source, Sourced};
use crate::error::UsageError;
use crate::redact::identifiers::is_guid;
use crate::time::deadline::Stopwatch;
use crate::vault::reference::SecretRef;
use crate::vault::url::{Suffixes, VaultUrl, is_suffix};

use config::Config;
use vault_variables::UnusedVaultVariables;

/// The settings of one run.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The vault for references without one.
    pub vault: Option<Sourced<VaultUrl>>,
    pub unused_vault_variables: UnusedVaultVariables,
    /// The host suffixes that count as a vault.
    pub suffixes: Suffixes,
    /// The credentials of the chain to try.
    pub selection: Sourced<Selection>,
    /// The user-assigned managed identity to use.
    pub identity: Option<Sourced<ManagedIdentityId>>,
    /// The tenant of the option or the configuration file. `AZURE_TENANT_ID` is not included.
    pub tenant: Option<Sourced<TenantId>>,
    /// The sign-in authority, if it was set.
    pub authority: Option<Sourced<Authority>>,
    /// True if a browser may be opened for sign-in.
    pub interactive: bool,
    /// True if the tokens of az, pwsh and azd are cached for later runs.
    pub token_cache: Option<Sourced<bool>>,
    /// True if a pod's AKS identity binding is used in the chain too, false if it is never used.
    pub identity_binding: Option<Sourced<bool>>,
    /// True if `run` masks values in the command's output.
    pub mask: Option<Sourced<bool>>,
    /// The variable that shows the session of a coding agent.
    pub agent: Option<Source>,
    /// The time limit for the whole command, if it was set.
    pub timeout: Option<Duration>,
    /// The start of the time limit.
    pub started: Stopwatch,
    pub verbosity: Verbosity,
    pub timings: ShowTimings,
    pub color: ColorWhen,
    pub config: Config,
}

/// The output of `--timings`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShowTimings {
    AtTheEnd,
    Never,
}

/// The amount of messages on stderr beside errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verbosity {
    Quiet,
    /// Warnings and notes.
    Normal,
    /// Each step, too.
    Verbose,
}

impl Settings {
    /// Resolves every setting from options, environment and configuration file, in this order.
    ///
    /// # Errors
    /// A setting is malformed.
    pub fn resolve(options: &AzureOptions, env: &Env, config: Config) -> Result<Self, UsageError> {
        let authority = given(None, env, &[env::AZURE_AUTHORITY_HOST])
            .map(|(source, text)| checked(source, text, Authority::parse(text)))
            .transpose()?;
        let suffixes = suffixes(options, env, authority.as_ref())?;
        let vault = given(option("--vault", &options.vault), env, &vault_variables::NAMES)
            .or_else(|| from_file("vault", &config.keys.vault))
            .map(|(source, text)| checked(source, text, VaultUrl::parse(text, &suffixes)))
            .transpose()?;
        // Reads every variable, so only if they are shown.
        let shows_unused = vault.is_none() || options.verbose;
        let unused = shows_unused.then(|| UnusedVaultVariables::find(env, vault.as_ref()));
        Ok(Settings {
            unused_vault_variables: unused.unwrap_or_default(),
            vault,
            suffixes,
            selection: selection(options, env, &config)?,
            identity: identity(options, env)?,
            tenant: tenant(options, env, &config)?,
            authority,
            interactive: options.interactive,
            token_cache: switches::token_cache(env, &config)?,
            identity_binding: switches::identity_binding(env)?,
            mask: switches::mask(env, &config)?,
            agent: switches::agent(env),
            timeout: options.timeout,
            started: Stopwatch::start(),
            verbosity: match (options.quiet, options.verbose) {
                (true, _) => Verbosity::Quiet,
                (_, true) => Verbosity::Verbose,
                _ => Verbosity::Normal,
            },
            timings: if options.timings { ShowTimings::AtTheEnd } else { ShowTimings::Never },
            color: options.color.unwrap_or(ColorWhen::Auto),
            config,
        })
    }

    /// Parses a reference. Returns it with its vault, or else the default vault. `source` names the option or file in errors.
    ///
    /// # Errors
    /// The reference is malformed.
    pub fn parse_reference(
        &self,
        source: impl fmt::Display,
        text: &str,
    ) -> Result<(SecretRef, Option<VaultUrl>), UsageError> {
        let secret = SecretRef::parse(text, &self.suffixes).map_err(|reason| UsageError::new(source, text, reason))?;
        let vault = secret.vault.clone().or_else(|| self.default_vault());
        Ok((secret, vault))
    }

    /// Returns the vault for references without one.
    pub fn default_vault(&self) -> Option<VaultUrl> {
        self.vault.as_ref().map(|vault| vault.value.clone())
    }

    /// Returns every setting that is not a default: name, value and source.
    pub fn effective(&self) -> Vec<(&'static str, String, Source)> {
        let vault = self.vault.as_ref().map(|s| ("vault", s.value.to_string(), s.source));
        let selection = match self.selection.value {
            Selection::All => None,
            Selection::Group(Group::Developer) => Some("dev".to_owned()),
            Selection::Group(_) => Some("prod".to_owned()),
            Selection::One(one) => Some(one.name().to_owned()),
        };
        let selection = selection.map(|value| ("credential", value, self.selection.source));
        let identity = self.identity.as_ref().map(|s| ("identity", s.value.to_string(), s.source));
        let tenant = self.tenant.as_ref().map(|s| ("tenant", s.value.to_string(), s.source));
        let authority = self.authority.as_ref().map(|s| ("authority", s.value.host().to_owned(), s.source));
        let switch = |name, setting: &Option<Sourced<bool>>| {
            setting.as_ref().map(|s| (name, if s.value { "on" } else { "off" }.to_owned(), s.source))
        };
        let (cache, mask) = (switch("token cache", &self.token_cache), switch("mask", &self.mask));
        let binding = switch("AKS binding", &self.identity_binding);
        [vault, selection, identity, tenant, authority, cache, binding, mask].into_iter().flatten().collect()
    }

    /// Returns a warning for each key of the selected profile that a variable overrides.
    pub fn overridden(&self) -> Vec<String> {
        let keys = &self.config.keys;
        let vault = self.vault.as_ref().map(|vault| vault.source);
        let pairs = [("vault", vault, &keys.vault), ("credential", Some(self.selection.source), &keys.credential)];
        let describe = |(key, source, filed): (&str, Option<Source>, &Option<String>)| match (source, filed) {
            (Some(Source::Variable(name)), Some(_)) => {
                Some(format!("{name} takes precedence over the {key} of the profile"))
            }
            _ => None,
        };
        pairs.into_iter().filter_map(describe).collect()
    }

    /// Returns the sign-in authority for a vault or without one, and the cloud if it is known.
    ///
    /// # Errors
    /// The authority that was set is of another cloud than the vault.
    pub fn sign_in_for(&self, vault: Option<&VaultUrl>) -> Result<(Authority, Option<&'static Cloud>), UsageError> {
        if let Some(vault) = vault {
            return Ok((self.authority_for(vault)?, vault.cloud()));
        }
        let authority = self.authority.as_ref().map_or_else(Authority::default, |authority| authority.value.clone());
        let cloud = authority.cloud();
        Ok((authority, cloud))
    }

    /// Returns the sign-in authority for a vault: the one that was set, or else that of the vault's cloud.
    ///
    /// # Errors
    /// The authority that was set is of another cloud, and the vault would not accept its tokens.
    pub fn authority_for(&self, vault: &VaultUrl) -> Result<Authority, UsageError> {
        let Some(Sourced { value: authority, source }) = &self.authority else {
            return Ok(vault.cloud().map_or_else(Authority::default, Authority::for_cloud));
        };
        match (authority.cloud(), vault.cloud()) {
            (Some(signs_in), Some(holds)) if signs_in != holds => Err(UsageError::new(
                source,
                authority.host(),
                format!("it signs in to {}, but {} is a vault in {}", signs_in.name, vault.host(), holds.name),
            )),
            _ => Ok(authority.clone()),
        }
    }
}

fn option<'a>(name: &'static str, value: &'a Option<String>) -> Option<(Source, &'a str)> {
    value.as_deref().map(|value| (Source::Option(name), value))
}

fn from_file<'a>(key: &'static str, value: &'a Option<String>) -> Option<(Source, &'a str)> {
    value.as_deref().map(|value| (Source::File(key), value))
}

/// Returns the option, or else the first variable that is set.
fn given<'a>(option: Option<(Source, &'a str)>, env: &'a Env, variables: &[&'static str]) -> Option<(Source, &'a str)> {
    option.or_else(|| env.first(variables).map(|(name, value)| (Source::Variable(name), value)))
}

fn checked<T>(source: Source, text: &str, parsed: Result<T, impl fmt::Display>) -> Result<Sourced<T>, UsageError> {
    parsed.map(|value| Sourced { value, source }).map_err(|reason| UsageError::new(source, text, reason))
}

fn suffixes(options: &AzureOptions, env: &Env, authority: Option<&Sourced<Authority>>) -> Result<Suffixes, UsageError> {
    let cloud = authority.and_then(|a| a.value.cloud()).unwrap_or(PUBLIC);
    let extra = given(option("--vault-suffix", &options.vault_suffix), env, &[env::AZFOB_VAULT_SUFFIX]);
    let extra = extra.map(|(source, text)| match text.trim_start_matches('.') {
        suffix if is_suffix(suffix) => Ok(suffix.to_ascii_lowercase()),
        _ => Err(UsageError::new(source, text, "expected a domain, for example vault.contoso.example")),
    });
    Ok(Suffixes { cloud, extra: extra.transpose()? })
}

/// Returns the option, or else the key of the configuration file if `AZURE_TENANT_ID` is not set. Each credential reads
/// that variable in its own way.
fn tenant(options: &AzureOptions, env: &Env, config: &Config) -> Result<Option<Sourced<TenantId>>, UsageError> {
    // A malformed variable is an error before any credential is tried.
    if let Some((source, text)) = given(None, env, &[env::AZURE_TENANT_ID]) {
        checked(source, text, TenantId::parse(text))?;
    }
    let asked = option("--tenant", &options.tenant);
    let asked = asked.or_else(|| from_file("tenant", &config.keys.tenant).filter(|_| !env.has(env::AZURE_TENANT_ID)));
    asked.map(|(source, text)| checked(source, text, TenantId::parse(text))).transpose()
}

fn selection(options: &AzureOptions, env: &Env, config: &Config) -> Result<Sourced<Selection>, UsageError> {
    if let Some((source, text)) = option("--credential", &options.credential) {
        let value = Selection::parse_name(text).map(Selection::One);
        let reason = || match Selection::parse(text) {
            Some(Selection::Group(_)) => {
                let variable = env::AZURE_TOKEN_CREDENTIALS;
                let only = format!("dev and prod work only in {variable} and the configuration file");
                format!("{only}; expected one of {}", Selection::names())
            }
            _ => not_known("unknown credential; expected one of", text, Selection::nearest(text)),
        };
        return value.map(|value| Sourced { value, source }).ok_or_else(|| UsageError::new(source, text, reason()));
    }
    // Blanks only count as unset, as in most of the SDKs.
    let text = env.get(env::AZURE_TOKEN_CREDENTIALS).map(str::trim).filter(|text| !text.is_empty());
    let named = text.map(|text| (Source::Variable(env::AZURE_TOKEN_CREDENTIALS), text));
    let Some((source, text)) = named.or_else(|| from_file("credential", &config.keys.credential)) else {
        return Ok(Sourced { value: Selection::All, source: Source::Default });
    };
    let meant = || Selection::nearest_group(text).or_else(|| Selection::nearest(text));
    let reason = || not_known("expected dev, prod or one of", text, meant());
    Selection::parse(text).map(|value| Sourced { value, source }).ok_or_else(|| UsageError::new(source, text, reason()))
}

/// Returns a reason with the names of all credentials and the name that was meant.
fn not_known(reason: &str, text: &str, meant: Option<&str>) -> String {
    // https://learn.microsoft.com/dotnet/azure/sdk/authentication/credential-chains
    if text.trim().eq_ignore_ascii_case("BrokerCredential") {
        return "BrokerCredential signs in through the operating system's authentication broker, which azfob does not \
                support; sign in with az login and use azure-cli"
            .to_owned();
    }
    let meant = meant.map(|name| format!("; did you mean {name}?")).unwrap_or_default();
    format!("{reason} {}{meant}", Selection::names())
}

fn identity(options: &AzureOptions, env: &Env) -> Result<Option<Sourced<ManagedIdentityId>>, UsageError> {
    let named = [
        (IdKind::Client, option("--client-id", &options.client_id)),
        (IdKind::Object, option("--object-id", &options.object_id)),
        (IdKind::Resource, option("--resource-id", &options.resource_id)),
    ]
    .into_iter()
    .find_map(|(kind, option)| option.map(|(source, text)| (kind, source, text)))
    .or_else(|| env.get(env::AZURE_CLIENT_ID).map(|t| (IdKind::Client, Source::Variable(env::AZURE_CLIENT_ID), t)));
    let Some((kind, source, text)) = named else { return Ok(None) };
    let text = text.trim();
    let (fits, expected) = match kind {
        IdKind::Client | IdKind::Object => {
            (is_guid(text), "expected a GUID, for example 00000000-0000-0000-0000-000000000000")
        }
        IdKind::Resource => (
            is_resource_id(text),
            "expected /subscriptions/ID/resourceGroups/GROUP/providers/Microsoft.ManagedIdentity/userAssignedIdentities/NAME",
        ),
    };
    if !fits {
        return Err(UsageError::new(source, text, expected));
    }
    Ok(Some(Sourced { value: ManagedIdentityId { kind, value: text.to_owned(), source: Some(source) }, source }))
}

fn is_resource_id(text: &str) -> bool {
    let parts: Vec<_> = text.split('/').collect();
    parts.len() == 9
        && parts[0].is_empty()
        && parts[1].eq_ignore_ascii_case("subscriptions")
        && parts[6].eq_ignore_ascii_case("Microsoft.ManagedIdentity")
        && parts[7].eq_ignore_ascii_case("userAssignedIdentities")
        && parts[1..].iter().all(|part| !part.is_empty())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.()/".contains(&b))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolve(options: AzureOptions, env: &[(&str, &str)]) -> Result<Settings, UsageError> {
        Settings::resolve(&options, &env.iter().copied().collect(), Config::default())
    }

    #[test]
    fn configuration_file_has_lowest_precedence() {
        let config = Config {
            keys: super::config::Keys {
                vault: Some("filed".into()),
                credential: Some("azure-cli".into()),
                tenant: Some("contoso.com".into()),
                ..Default::default()
            },
            ..Config::default()
        };
        let resolve = |env: &[(&str, &str)]| {
            let settings =
                Settings::resolve(&AzureOptions::default(), &env.iter().copied().collect(), config.clone()).unwrap();
            (settings.vault.unwrap().source, settings.selection.source, settings.tenant.map(|t| t.source))
        };
        let filed = (Source::File("vault"), Source::File("credential"), Some(Source::File("tenant")));
        assert_eq!(resolve(&[]), filed);
        let env = [("AZFOB_VAULT", "set"), ("AZURE_TOKEN_CREDENTIALS", "dev"), ("AZURE_TENANT_ID", "set")];
        let set = (Source::Variable("AZFOB_VAULT"), Source::Variable("AZURE_TOKEN_CREDENTIALS"), None);
        assert_eq!(resolve(&env), set);
    }

    #[test]
    fn options_precede_variables_in_their_order() {
        let env = [("KEY_VAULT_NAME", "third"), ("AZURE_KEYVAULT_URL", "https://second.vault.azure.net/")];
        let vault = resolve(AzureOptions::default(), &env).unwrap().vault.unwrap();
        assert_eq!((vault.value.name(), vault.source), ("second", Source::Variable("AZURE_KEYVAULT_URL")));
        let options = AzureOptions { vault: Some("first".into()), ..AzureOptions::default() };
        let vault = resolve(options, &env).unwrap().vault.unwrap();
        assert_eq!((vault.value.name(), vault.source), ("first", Source::Option("--vault")));
    }

    #[test]
    fn cloud_follows_authority_and_authority_follows_vault() {
        let gov = [("AZURE_AUTHORITY_HOST", "https://login.microsoftonline.us/"), ("AZFOB_VAULT", "my-vault")];
        let settings = resolve(AzureOptions::default(), &gov).unwrap();
        let vault = settings.vault.as_ref().unwrap().value.clone();
        assert_eq!(vault.host(), "my-vault.vault.usgovcloudapi.net");
        assert_eq!(settings.authority_for(&vault).unwrap().host(), "login.microsoftonline.us");

        let china = [("AZFOB_VAULT", "https://my-vault.vault.azure.cn")];
        let settings = resolve(AzureOptions::default(), &china).unwrap();
        let vault = settings.vault.as_ref().unwrap().value.clone();
        assert_eq!(settings.authority_for(&vault).unwrap().host(), "login.chinacloudapi.cn");

        let mixed = [china[0], gov[0]];
        let settings = resolve(AzureOptions::default(), &mixed).unwrap();
        let error = settings.authority_for(&vault).unwrap_err().to_string();
        assert!(error.contains("AzureUSGovernment") && error.contains("AzureChinaCloud"), "{error}");
    }

    #[test]
    fn usage_error_names_malformed_setting() {
        for (name, value) in [
            ("AZFOB_VAULT", "http://my-vault.vault.azure.net"),
            ("KEY_VAULT_NAME", "a"),
            ("AZURE_TOKEN_CREDENTIALS", "production"),
            ("AZURE_CLIENT_ID", "not a guid"),
            ("AZURE_AUTHORITY_HOST", "http://login.microsoftonline.com"),
            ("AZFOB_VAULT_SUFFIX", "com"),
        ] {
            let error = resolve(AzureOptions::default(), &[(name, value)]).unwrap_err().to_string();
            assert!(error.starts_with(&format!("{name} '{value}': ")), "{error}");
        }
        let secret = resolve(AzureOptions::default(), &[("AZFOB_VAULT", "https://u:hunter2@x.vault.azure.net")]);
        assert!(!secret.unwrap_err().to_string().contains("hunter2"));
    }

    #[test]
    fn empty_variables_count_as_unset() {
        let env = [("AZFOB_VAULT", ""), ("AZURE_TOKEN_CREDENTIALS", "  "), ("AZURE_CLIENT_ID", "")];
        let settings = resolve(AzureOptions::default(), &env).unwrap();
        assert!(settings.vault.is_none() && settings.identity.is_none());
        assert_eq!(settings.selection.source, Source::Default);
    }
}
