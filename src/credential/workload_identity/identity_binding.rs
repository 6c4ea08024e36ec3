//! Exchanges a pod's token at the token proxy of its cluster: an AKS identity binding.
//!
//! Applies if `AZURE_KUBERNETES_TOKEN_PROXY` is set, as by AKS's webhook, and the credential is selected by name or
//! `AZFOB_IDENTITY_BINDING` is 1: the SDKs use a binding only in `WorkloadIdentityCredential` itself, never in a chain
//! (<https://github.com/Azure/azure-sdk-for-go/issues/26399>). The proxy is trusted through its own CA only, and selected
//! by SNI. Page: <https://learn.microsoft.com/azure/aks/identity-bindings-concepts>; the reference is azidentity's
//! `internal/customtokenproxy`
//! (<https://github.com/Azure/azure-sdk-for-go/tree/main/sdk/azidentity/internal/customtokenproxy>).

use std::path::PathBuf;

use crate::bounded_file;
use crate::entra::{self, NoGrant, TenantId};
use crate::env::{self, Env};
use crate::http::web_page::WebPage;
use crate::http::{NotAServer, PrivateServer, Route, status};
use crate::token::AccessToken;

use super::super::error_message::error_message;
use super::super::{BindingFailure, CredentialContext, Failure, FileProblem, NoToken, Patience, TokenRequest};
use super::runner::https_url;

/// The largest CA file that is read. That of a cluster has about 2 KB.
const AUTHORITY_LIMIT: u64 = 1 << 20;

/// Returns true if the pod's token is exchanged at the proxy.
pub(super) fn applies(request: &TokenRequest, env: &Env) -> bool {
    let is_used = match env.get(env::AZFOB_IDENTITY_BINDING) {
        Some(switch) => switch == "1",
        None => request.patience == Patience::Full,
    };
    is_used && VARIABLES.iter().any(|variable| env.has(variable))
}

/// The variables of a binding, that of the proxy first.
const VARIABLES: [&str; 4] = [
    env::AZURE_KUBERNETES_TOKEN_PROXY,
    env::AZURE_KUBERNETES_CA_FILE,
    env::AZURE_KUBERNETES_CA_DATA,
    env::AZURE_KUBERNETES_SNI_NAME,
];

/// Posts a grant to the proxy, under the path that it has at Entra ID.
pub(super) fn exchange(
    request: &TokenRequest,
    context: &CredentialContext,
    tenant: &TenantId,
    form: &[(&str, &str)],
) -> Result<AccessToken, NoToken> {
    let proxy = proxy_url(&context.env)?;
    let server = server(context)?;
    let url = format!("{proxy}{}", request.authority.token_path(tenant));
    let reply = entra::post(&context.http, Route::Private(&server), &url, form, &context.deadline);
    let reply = reply.map_err(|error| failed(BindingFailure::Network(error)))?;
    // A page of a gateway, or the JSON of Kubernetes.
    let page = WebPage::in_reply(&reply).map(|page| page.to_string());
    match entra::token_in(&reply) {
        Ok(token) => Ok(token),
        Err(NoGrant::Refused(refusal)) if refusal.code.is_some() => Err(failed(BindingFailure::Entra(refusal))),
        Err(NoGrant::Malformed) if page.is_none() && reply.status == status::OK => {
            let expected = "JSON with an access_token";
            Err(NoToken::Failed(Failure::Malformed { from: "the token proxy of the cluster", expected }))
        }
        Err(_) => {
            let message = page.or_else(|| error_message(&reply)).unwrap_or_default();
            Err(failed(BindingFailure::Refused { status: reply.status, message }))
        }
    }
}

fn failed(failure: BindingFailure) -> NoToken {
    NoToken::Failed(Failure::IdentityBinding(failure, None))
}

/// Returns the proxy's URL without its last slash.
fn proxy_url(env: &Env) -> Result<&str, NoToken> {
    let variable = VARIABLES[0];
    if let Some(other) = VARIABLES.into_iter().find(|name| env.has(name)).filter(|first| *first != variable) {
        return Err(failed(BindingFailure::NoProxy(other)));
    }
    let url = env.get(variable).and_then(https_url).filter(|url| !url.contains('?'));
    let expected = "an https:// URL without user name, query or fragment";
    url.map(|url| url.strip_suffix('/').unwrap_or(url)).ok_or(setting(variable, expected))
}

fn setting(variable: &'static str, expected: &'static str) -> NoToken {
    NoToken::Failed(Failure::Setting { variable, expected })
}

/// Reads the CA and the name of the proxy. Without a CA, the system's roots count, as in the SDKs.
fn server(context: &CredentialContext) -> Result<PrivateServer, NoToken> {
    let env = &context.env;
    let (variable, data) = (env::AZURE_KUBERNETES_CA_FILE, env.get(env::AZURE_KUBERNETES_CA_DATA));
    let path = env.get_os(variable).map(PathBuf::from);
    if path.is_some() && data.is_some() {
        return Err(failed(BindingFailure::TwoAuthorities));
    }
    let in_file =
        |problem| NoToken::Failed(Failure::File { variable, path: path.clone().unwrap_or_default(), problem });
    let bytes = path.as_ref().map(|path| bounded_file::read(path, AUTHORITY_LIMIT)).transpose();
    let bytes = bytes.map_err(|unread| in_file(FileProblem::from(unread)))?;
    let authority = bytes.as_ref().map(|bytes| bytes.as_slice()).or(data.map(str::as_bytes));
    context.http.private_server(authority, env.get(env::AZURE_KUBERNETES_SNI_NAME)).map_err(|problem| match problem {
        NotAServer::NoCertificate if path.is_some() => in_file(FileProblem::Malformed("a PEM file with a certificate")),
        NotAServer::NoCertificate => setting(env::AZURE_KUBERNETES_CA_DATA, "a certificate in PEM"),
        NotAServer::NoName => {
            setting(env::AZURE_KUBERNETES_SNI_NAME, "a DNS name, with at most 63 characters between two dots")
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::credential::testing::credential_context;

    const PROXY: &str = env::AZURE_KUBERNETES_TOKEN_PROXY;

    fn url(value: &str) -> Option<String> {
        let env: Env = [(PROXY, value)].into_iter().collect();
        proxy_url(&env).ok().map(str::to_owned)
    }

    #[test]
    fn proxy_url_loses_its_last_slash_and_has_no_more_than_a_path() {
        for (value, expected) in [
            ("https://kubernetes.default.svc", "https://kubernetes.default.svc"),
            (" https://10.0.0.1:443/a/ ", "https://10.0.0.1:443/a"),
            ("https://h/a//", "https://h/a/"),
        ] {
            assert_eq!(url(value).as_deref(), Some(expected));
        }
        for bad in ["http://h", "https://u:p@h", "https://h?x=y", "https://h#x", "https://", "h"] {
            assert_eq!(url(bad), None, "{bad}");
        }
    }

    #[test]
    fn other_variables_need_the_proxy() {
        let env: Env = [(env::AZURE_KUBERNETES_SNI_NAME, "a.ests.aks")].into_iter().collect();
        let text = proxy_url(&env).unwrap_err().to_string();
        assert_eq!(text, "AZURE_KUBERNETES_SNI_NAME is set, but AZURE_KUBERNETES_TOKEN_PROXY is not");
    }

    fn problem(variables: &[(&str, &str)]) -> String {
        server(&credential_context(variables, None)).err().map(|error| error.to_string()).unwrap_or_default()
    }

    #[test]
    fn malformed_variables_are_named() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("ca.crt");
        std::fs::write(&file, "not a certificate").unwrap();
        let file = file.to_str().unwrap();
        let (ca_file, ca_data, name) =
            (env::AZURE_KUBERNETES_CA_FILE, env::AZURE_KUBERNETES_CA_DATA, env::AZURE_KUBERNETES_SNI_NAME);
        // Names of the first previews, a SHA-256 digest in hexadecimal, are no DNS names.
        let long = format!("{}.ests.aks", "a".repeat(64));
        for (variables, part) in [
            (
                vec![(ca_file, file), (ca_data, "x")],
                "AZURE_KUBERNETES_CA_FILE and AZURE_KUBERNETES_CA_DATA are both set",
            ),
            (vec![(ca_file, file)], "is not a PEM file with a certificate"),
            (vec![(ca_file, "/nowhere/ca.crt")], "cannot be read: entity not found"),
            (vec![(ca_data, "x")], "AZURE_KUBERNETES_CA_DATA is malformed: expected a certificate in PEM"),
            (vec![(name, "a b")], "AZURE_KUBERNETES_SNI_NAME is malformed: expected a DNS name"),
            (vec![(name, &long)], "at most 63 characters between two dots"),
        ] {
            let text = problem(&variables);
            assert!(text.contains(part), "{text}");
        }
        assert_eq!(problem(&[(name, &format!("{}.ests.aks", "a".repeat(53)))]), "");
    }
}
