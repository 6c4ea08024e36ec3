//! Explains a network error: DNS, connection, proxy or certificate.

use crate::entra::cloud::Cloud;
use crate::http::error::{NetworkError, NetworkErrorKind};
use crate::vault::url::VaultUrl;

use super::super::classify::{NetworkFailure, network_row};
use super::super::finding::Finding;
use super::super::table::{network, service};
use crate::diagnosis::context::Context;

/// Explains a network error. `vault` is set if the request was for the vault.
pub(in crate::diagnosis) fn network(error: &NetworkError, vault: Option<&VaultUrl>, base: &Context) -> Finding {
    use NetworkErrorKind::*;
    let failure = match &error.kind {
        Name | Connect(_) | NoRoute(_) if error.proxy.is_some() => NetworkFailure::ProxyDown,
        Name => NetworkFailure::Name,
        Connect(_) => NetworkFailure::Connect,
        NoRoute(_) => NetworkFailure::NoRoute,
        TimedOut(..) | Silent(..) => NetworkFailure::TimedOut,
        CutOff(_) => NetworkFailure::CutOff,
        HandshakeCut(_) => NetworkFailure::Handshake,
        Tls(_) | TooLarge(_) | NotHttp(_) | WebPage(_) => NetworkFailure::Other,
        ProxyRefused(_) => NetworkFailure::ProxyRefused,
        ProxyClosed => NetworkFailure::ProxyClosed,
        BeyondProxy(_) => NetworkFailure::BeyondProxy,
        Certificate(_) => NetworkFailure::Certificate,
        CertificateName => NetworkFailure::CertificateName,
    };
    let row = match (failure, vault) {
        (NetworkFailure::Name, Some(_)) => network::VAULT_NAME_UNKNOWN,
        (NetworkFailure::Name, None) if Cloud::of_authority(&error.host).is_none() => network::UNREACHABLE,
        _ if matches!(error.kind, WebPage(_)) => network::WEB_PAGE,
        _ if matches!(error.kind, TooLarge(_) | NotHttp(_)) => service::UNEXPECTED_ANSWER,
        (failure, _) => network_row(failure),
    };
    let endpoint = Some(error.host.clone()).filter(|host| !host.is_empty());
    let context = Context { vault: vault.cloned(), endpoint, proxy: error.proxy.clone(), ..base.clone() };
    let names_proxy = matches!(
        error.kind,
        ProxyRefused(_) | ProxyClosed | BeyondProxy(_) | Connect(_) | NoRoute(_) | Silent(..) | Name
    );
    let qualifier = error.proxy.as_ref().filter(|_| !names_proxy).map(|proxy| format!("through proxy {proxy}"));
    Finding { qualifier, ..Finding::new(row, error.to_string(), &context) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entra::cloud::PUBLIC;
    use crate::env::Env;
    use crate::http::error::ProxyAnswer;
    use crate::vault::url::Suffixes;

    /// Explains a network error of `my-vault`: the row's code and the commands.
    fn explained(kind: NetworkErrorKind, proxy: Option<&str>) -> (&'static str, Vec<String>) {
        let vault = VaultUrl::parse("my-vault", &Suffixes { cloud: PUBLIC, extra: None }).unwrap();
        let error = NetworkError { host: vault.host(), proxy: proxy.map(str::to_owned), kind };
        let finding = network(&error, Some(&vault), &Context::detect(&Env::default()));
        (finding.row.code, finding.commands.into_iter().map(|command| command.text).collect())
    }

    #[test]
    fn unresolved_name_means_unknown_vault_without_a_proxy() {
        let (code, commands) = explained(NetworkErrorKind::Name, None);
        assert_eq!(code, "vault-name-unknown");
        assert_eq!(commands[0], "az keyvault list --query '[].properties.vaultUri' -o tsv");
        assert_eq!(commands[1], "nslookup my-vault.vault.azure.net");
        assert_eq!(explained(NetworkErrorKind::Name, Some("proxy.example:3128")).0, "proxy-unreachable");
    }

    #[test]
    fn proxy_refusal_differs_from_host_unreachable_by_proxy() {
        assert_eq!(
            explained(NetworkErrorKind::BeyondProxy(ProxyAnswer::Status(502)), Some("p:1")).0,
            "proxy-connect-failed"
        );
        assert_eq!(explained(NetworkErrorKind::ProxyRefused(ProxyAnswer::Status(407)), Some("p:1")).0, "proxy-refused");
    }
}
