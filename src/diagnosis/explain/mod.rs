//! From a typed failure to its row, with what is known about this very case and the commands that mend it.

mod chain;
mod vault;

use crate::entra::TenantId;
use crate::env::Env;
use crate::error::Error;
use crate::host::Host;
use crate::http::error::{NetworkError, NetworkErrorKind};
use crate::vault::url::VaultUrl;

use super::remedy::{self, Shell};
use super::table::{self, Row};

pub(super) use chain::{failed, unavailable};

/// A row of the table, filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The row.
    pub row: &'static Row,
    /// The error that it is told under, where that is another than the row's own: the chain's, for a tool in it that
    /// failed.
    pub under: Option<&'static str>,
    /// What happened, in one line behind the error.
    pub what: String,
    /// Whom or what it concerns, in a few words behind the row's cause.
    pub aside: Option<String>,
    /// What else is known, a line each.
    pub details: Vec<String>,
    /// What to paste.
    pub commands: Vec<String>,
}

impl Finding {
    pub(super) fn of(row: &'static Row, what: String, details: Vec<String>, commands: Vec<String>) -> Self {
        Finding { row, under: None, what, aside: None, details, commands }
    }
}

/// Where the failure happened, as far as a remedy depends on it.
#[derive(Clone, Debug)]
pub struct Place {
    /// The host.
    pub host: Host,
    /// The shell.
    pub shell: Shell,
    /// The application or identity that the environment names.
    pub client_id: Option<String>,
}

impl Place {
    /// The place that the environment tells of.
    pub fn of(env: &Env) -> Self {
        let client_id = env.first(&["AZURE_CLIENT_ID", "AZURESUBSCRIPTION_CLIENT_ID"]);
        let client_id = client_id.map(|(_, id)| id.to_owned());
        Place { host: Host::detect(env), shell: Shell::of(env), client_id }
    }
}

/// Explains a failure; nothing where its one line says all there is to say.
pub fn explain(error: &Error, place: &Place) -> Vec<Finding> {
    match error {
        Error::NoToken(none) => vec![chain::no_token(none, place)],
        Error::Vault(denied) => vec![vault::denied(denied, place)],
        Error::Several(errors) => errors.iter().flat_map(|e| explain(e, place)).collect(),
        Error::Usage(_)
        | Error::Decode { .. }
        | Error::Unrepresentable { .. }
        | Error::Write { .. }
        | Error::NotStarted(_)
        | Error::Machine(_) => Vec::new(),
    }
}

/// What the token was for, as far as a sign-in depends on it.
pub(super) struct Wish<'a> {
    /// The vault.
    pub(super) vault: Option<&'a VaultUrl>,
    /// The tenant it is in.
    pub(super) vault_tenant: Option<&'a TenantId>,
}

/// A failure of the network; `vault` where it was the vault that was asked.
pub(super) fn network(error: &NetworkError, vault: Option<&VaultUrl>, place: &Place) -> Finding {
    use NetworkErrorKind::*;
    let row = match &error.kind {
        Name if error.proxy.is_none() && vault.is_some() => table::VAULT_NAME_UNKNOWN,
        Name | Connect(_) | TimedOut(..) | CutOff(_) | Tls(_) => table::UNREACHABLE,
        ProxyRefused(_) => table::PROXY_REFUSED,
        BeyondProxy(_) => table::BEYOND_PROXY,
        Certificate(_) => table::CERTIFICATE_NOT_TRUSTED,
        TooLarge(_) | NotHttp(_) => table::UNEXPECTED_ANSWER,
    };
    let host = error.host.as_str();
    let mut commands = match row.code {
        "certificate-not-trusted" => remedy::trust_authority(host, error.proxy.as_deref()),
        "unreachable" | "beyond-proxy" | "proxy-refused" => remedy::try_to_reach(host),
        _ => Vec::new(),
    };
    match (row.code, vault) {
        ("vault-name-unknown", Some(_)) => {
            commands.extend(remedy::find_vault());
            commands.push(format!("nslookup {host}"));
        }
        ("beyond-proxy", Some(_)) => commands.extend(remedy::find_vault()),
        ("proxy-refused", _) => commands.push(remedy::spare_proxy(host, place.shell)),
        _ => {}
    }
    let names_proxy = matches!(error.kind, ProxyRefused(_) | BeyondProxy(_) | Connect(_) | Name);
    let aside = error.proxy.as_ref().filter(|_| !names_proxy).map(|proxy| format!("through the proxy {proxy}"));
    Finding { aside, ..Finding::of(row, error.to_string(), Vec::new(), commands) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entra::cloud::PUBLIC;
    use crate::vault::url::Suffixes;

    /// The first finding of a failure on the way to `my-vault`: its row and its commands.
    fn told(kind: NetworkErrorKind, proxy: Option<&str>) -> (&'static str, Vec<String>) {
        let vault = VaultUrl::parse("my-vault", &Suffixes { cloud: PUBLIC, extra: None }).unwrap();
        let error = NetworkError { host: vault.host(), proxy: proxy.map(str::to_owned), kind };
        let finding = network(&error, Some(&vault), &Place::of(&Env::default()));
        (finding.row.code, finding.commands)
    }

    #[test]
    fn a_name_that_leads_nowhere_is_the_vaults_unless_a_proxy_has_it() {
        let (code, commands) = told(NetworkErrorKind::Name, None);
        assert_eq!(code, "vault-name-unknown");
        assert_eq!(commands[0], "az keyvault list --query '[].properties.vaultUri' -o tsv");
        assert_eq!(commands[1], "nslookup my-vault.vault.azure.net");
        assert_eq!(told(NetworkErrorKind::Name, Some("proxy.example:3128")).0, "unreachable");
    }

    #[test]
    fn what_a_proxy_says_is_told_from_what_it_does_not_reach() {
        assert_eq!(told(NetworkErrorKind::BeyondProxy(502), Some("p:1")).0, "beyond-proxy");
        assert_eq!(told(NetworkErrorKind::ProxyRefused(Some(407)), Some("p:1")).0, "proxy-refused");
    }
}
