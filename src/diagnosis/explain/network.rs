//! A failure of the network: whose name, connection, proxy or certificate it was.

use crate::http::error::{NetworkError, NetworkErrorKind};
use crate::vault::url::VaultUrl;

use super::super::finding::Finding;
use super::super::table::{network, service};
use crate::diagnosis::context::Context;

/// A failure of the network; `vault` where it was the vault that was asked.
pub(in crate::diagnosis) fn network(error: &NetworkError, vault: Option<&VaultUrl>, here: &Context) -> Finding {
    use NetworkErrorKind::*;
    let row = match &error.kind {
        Name if error.proxy.is_none() && vault.is_some() => network::VAULT_NAME_UNKNOWN,
        Name | Connect(_) | TimedOut(..) | CutOff(_) | Tls(_) => network::UNREACHABLE,
        ProxyRefused(_) => network::PROXY_REFUSED,
        BeyondProxy(_) => network::BEYOND_PROXY,
        Certificate(_) => network::CERTIFICATE_NOT_TRUSTED,
        TooLarge(_) | NotHttp(_) => service::UNEXPECTED_ANSWER,
    };
    let endpoint = Some(error.host.clone()).filter(|host| !host.is_empty());
    let context = Context { vault: vault.cloned(), endpoint, proxy: error.proxy.clone(), ..here.clone() };
    let names_proxy = matches!(error.kind, ProxyRefused(_) | BeyondProxy(_) | Connect(_) | Name);
    let qualifier = error.proxy.as_ref().filter(|_| !names_proxy).map(|proxy| format!("through the proxy {proxy}"));
    Finding { qualifier, ..Finding::new(row, error.to_string(), &context) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entra::cloud::PUBLIC;
    use crate::env::Env;
    use crate::vault::url::Suffixes;

    /// The first finding of a failure on the way to `my-vault`: its row and its commands.
    fn told(kind: NetworkErrorKind, proxy: Option<&str>) -> (&'static str, Vec<String>) {
        let vault = VaultUrl::parse("my-vault", &Suffixes { cloud: PUBLIC, extra: None }).unwrap();
        let error = NetworkError { host: vault.host(), proxy: proxy.map(str::to_owned), kind };
        let finding = network(&error, Some(&vault), &Context::detect(&Env::default()));
        (finding.row.code, finding.commands.into_iter().map(|command| command.text).collect())
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
