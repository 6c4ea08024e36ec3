//! Uses a service principal, or a user, from `AZURE_*` variables.
//!
//! <https://learn.microsoft.com/dotnet/api/azure.identity.environmentcredential>. With `AZURE_TENANT_ID` and
//! `AZURE_CLIENT_ID`, a client secret (`AZURE_CLIENT_SECRET`) takes precedence over a certificate
//! (`AZURE_CLIENT_CERTIFICATE_PATH`), and that over a user name and password (`AZURE_USERNAME`, `AZURE_PASSWORD`).
//! `AZURE_CLIENT_ID` without these, even with a tenant, names the user-assigned managed identity or the application of
//! a workload identity.

use std::path::Path;

use crate::bounded_file;
use crate::entra::assertion::{self, CertificateChain};
use crate::entra::certificate::Certificate;
use crate::entra::{self, TenantId};
use crate::env::{self, Env};
use crate::time::timestamp::Timestamp;
use crate::token::AccessToken;

use super::allowed_tenants::tenant_for;
use super::error::FileProblem;
use super::{
    Credential, CredentialContext, CredentialInfo, Failure, Group, NoToken, Reason, TokenRequest, workload_identity,
};

/// A service principal with a secret or certificate in the environment.
pub struct EnvironmentCredential;

/// The largest certificate file that is read. One with a long chain has about 20 KB.
const FILE_LIMIT: u64 = 1 << 20;

/// The client authentication.
enum Proof<'a> {
    Secret(&'a str),
    Certificate(&'a Path),
    Password { user: &'a str, password: &'a str },
}

impl Credential for EnvironmentCredential {
    fn info(&self) -> CredentialInfo {
        CredentialInfo { name: "EnvironmentCredential", short_name: "environment", group: Group::Production }
    }

    fn accepts_claims(&self) -> bool {
        true
    }

    fn get_token(&self, request: &TokenRequest, context: &CredentialContext) -> Result<AccessToken, NoToken> {
        let env = &context.env;
        let requested_tenant = request.tenant.requested.as_ref().map(TenantId::as_str);
        let (Some(tenant), Some(client), Some(proof)) =
            (requested_tenant.or(env.get(env::AZURE_TENANT_ID)), env.get(env::AZURE_CLIENT_ID), Proof::detect(env))
        else {
            return Err(NoToken::Unavailable(incomplete(env, requested_tenant.is_some())));
        };
        let configured = TenantId::parse(tenant)
            .map_err(|e| NoToken::Failed(Failure::Setting { variable: env::AZURE_TENANT_ID, expected: e.0 }))?;
        let sign_in = ServicePrincipalSignIn { request, context, configured, client };
        match proof {
            Proof::Secret(secret) => sign_in.with_secret(secret),
            Proof::Certificate(path) => sign_in.with_certificate(path),
            Proof::Password { user, password } => sign_in.with_password(user, password),
        }
    }
}

/// A sign-in with all its settings.
struct ServicePrincipalSignIn<'a> {
    request: &'a TokenRequest,
    context: &'a CredentialContext,
    configured: TenantId,
    client: &'a str,
}

impl ServicePrincipalSignIn<'_> {
    fn with_secret(&self, secret: &str) -> Result<AccessToken, NoToken> {
        self.post(&[
            ("client_id", self.client),
            ("client_secret", secret),
            ("grant_type", "client_credentials"),
            ("scope", &self.request.scope.to_string()),
        ])
    }

    fn with_certificate(&self, path: &Path) -> Result<AccessToken, NoToken> {
        let (env, authority) = (&self.context.env, &self.request.authority);
        let unusable = |problem| {
            let (variable, path) = (env::AZURE_CLIENT_CERTIFICATE_PATH, path.to_owned());
            NoToken::Failed(Failure::File { variable, path, problem })
        };
        if is_in_store(path) {
            return Err(unusable(FileProblem::InCertificateStore));
        }
        let password = env.get(env::AZURE_CLIENT_CERTIFICATE_PASSWORD);
        let certificate = read_certificate(path, password).map_err(unusable)?;
        let tenant = self.tenant()?;
        let (chain, now) = (chain_wanted(env), Timestamp::now());
        let assertion = assertion::of_certificate(&certificate, chain, self.client, authority, &tenant, now)
            .map_err(|damaged| unusable(FileProblem::Certificate(damaged)))?;
        let (http, deadline) = (&self.context.http, &self.context.deadline);
        let scope = self.request.scope.to_string();
        let requested = assertion::RequestedToken { scope: &scope, claims: self.request.claims.as_deref() };
        assertion::exchange(http, authority, &tenant, self.client, &assertion, &requested, deadline)
            .map_err(NoToken::from_grant)
    }

    fn with_password(&self, user: &str, password: &str) -> Result<AccessToken, NoToken> {
        log::warn!(
            target: "azfob",
            "{} and {} are deprecated: this sign-in does not support multi-factor authentication (MFA) \
             (https://aka.ms/azsdk/identity/mfa)",
            env::AZURE_USERNAME,
            env::AZURE_PASSWORD,
        );
        self.post(&[
            ("client_id", self.client),
            ("username", user),
            ("password", password),
            ("grant_type", "password"),
            ("scope", &self.request.scope.to_string()),
            ("client_info", "1"),
        ])
    }

    /// Requests a token with this form, and with the claims that the vault requires.
    fn post(&self, form: &[(&str, &str)]) -> Result<AccessToken, NoToken> {
        let tenant = self.tenant()?;
        let claims = self.request.claims.as_deref().map(|claims| ("claims", claims));
        let form: Vec<_> = form.iter().copied().chain(claims).collect();
        let (http, deadline) = (&self.context.http, &self.context.deadline);
        entra::request_token(http, &self.request.authority, &tenant, &form, deadline).map_err(NoToken::from_grant)
    }

    fn tenant(&self) -> Result<TenantId, NoToken> {
        tenant_for(self.configured.clone(), &self.request.tenant, &self.context.env).map_err(NoToken::Failed)
    }
}

/// Returns the variable with the stored secret that this credential uses: a client secret, certificate or password.
pub fn stored_secret_variable(env: &Env) -> Option<&'static str> {
    Some(match Proof::detect(env)? {
        Proof::Secret(_) => env::AZURE_CLIENT_SECRET,
        Proof::Certificate(_) => env::AZURE_CLIENT_CERTIFICATE_PATH,
        Proof::Password { .. } => env::AZURE_PASSWORD,
    })
}

/// Returns true for `cert:/CurrentUser/My/THUMBPRINT`, which names a certificate in the store of Windows or macOS
/// (<https://learn.microsoft.com/dotnet/api/azure.identity.clientcertificatecredential>).
fn is_in_store(path: &Path) -> bool {
    let text = path.to_string_lossy();
    let scheme = text.get(..6).unwrap_or_default();
    scheme.eq_ignore_ascii_case("cert:/") || scheme.eq_ignore_ascii_case("cert:\\")
}

impl<'a> Proof<'a> {
    fn detect(env: &'a Env) -> Option<Self> {
        if let Some(secret) = env.get(env::AZURE_CLIENT_SECRET) {
            return Some(Proof::Secret(secret));
        }
        if let Some(path) = env.get_os(env::AZURE_CLIENT_CERTIFICATE_PATH) {
            return Some(Proof::Certificate(Path::new(path)));
        }
        Some(Proof::Password { user: env.get(env::AZURE_USERNAME)?, password: env.get(env::AZURE_PASSWORD)? })
    }
}

/// Only these two values enable it, as in .NET. In Python every value does, even `false`.
fn chain_wanted(env: &Env) -> CertificateChain {
    match env.get(env::AZURE_CLIENT_SEND_CERTIFICATE_CHAIN) {
        Some(value) if value == "1" || value.eq_ignore_ascii_case("true") => CertificateChain::Sent,
        _ => CertificateChain::Omitted,
    }
}

fn read_certificate(path: &Path, password: Option<&str>) -> Result<Certificate, FileProblem> {
    let bytes = bounded_file::read(path, FILE_LIMIT)?;
    if bytes.is_empty() {
        return Err(FileProblem::Empty);
    }
    Certificate::read(&bytes, password).map_err(FileProblem::Certificate)
}

/// Returns the reason why no sign-in is possible: the settings that are missing.
fn incomplete(env: &Env, tenant_is_known: bool) -> Reason {
    let proof: &[&str] = if env.has(env::AZURE_CLIENT_SECRET) {
        &[env::AZURE_CLIENT_SECRET]
    } else if env.has(env::AZURE_CLIENT_CERTIFICATE_PATH) {
        &[env::AZURE_CLIENT_CERTIFICATE_PATH]
    } else if env.has(env::AZURE_USERNAME) || env.has(env::AZURE_PASSWORD) {
        &[env::AZURE_USERNAME, env::AZURE_PASSWORD]
    } else if env.has(env::AZURE_CLIENT_ID) {
        return match workload_identity::owner_of_client_id(env) {
            Some(variable) => Reason::ClientIdNamesWorkload { variable },
            None => Reason::ClientIdNamesIdentity { with_tenant: env.has(env::AZURE_TENANT_ID) },
        };
    } else {
        &[env::AZURE_CLIENT_SECRET]
    };
    let tenant = (!tenant_is_known).then_some(env::AZURE_TENANT_ID);
    let needed = tenant.into_iter().chain([env::AZURE_CLIENT_ID]).chain(proof.iter().copied());
    let (set, missing) = needed.partition(|variable| env.has(variable));
    Reason::VariablesMissing { set, missing }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn why(names: &[&str]) -> String {
        incomplete(&names.iter().map(|n| (*n, "x")).collect(), false).to_string()
    }

    #[test]
    fn reason_names_missing_variables() {
        assert_eq!(why(&[]), "AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET are not set");
        assert_eq!(
            why(&[env::AZURE_CLIENT_SECRET, env::AZURE_CLIENT_ID]),
            "AZURE_CLIENT_ID and AZURE_CLIENT_SECRET are set; AZURE_TENANT_ID is not set"
        );
        assert_eq!(
            why(&[env::AZURE_CLIENT_CERTIFICATE_PATH, env::AZURE_TENANT_ID]),
            "AZURE_TENANT_ID and AZURE_CLIENT_CERTIFICATE_PATH are set; AZURE_CLIENT_ID is not set"
        );
        assert_eq!(
            why(&[env::AZURE_CLIENT_ID, env::AZURE_TENANT_ID, env::AZURE_USERNAME]),
            "AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_USERNAME are set; AZURE_PASSWORD is not set"
        );
        assert_eq!(
            why(&[env::AZURE_TENANT_ID]),
            "AZURE_TENANT_ID is set; AZURE_CLIENT_ID and AZURE_CLIENT_SECRET are not set"
        );
    }

    #[test]
    fn requested_tenant_is_not_missing() {
        let env = [(env::AZURE_CLIENT_SECRET, "x")].into_iter().collect();
        assert_eq!(incomplete(&env, true).to_string(), "AZURE_CLIENT_SECRET is set; AZURE_CLIENT_ID is not set");
    }

    #[test]
    fn client_id_alone_names_other_identity() {
        assert!(why(&[env::AZURE_CLIENT_ID]).contains("it selects the user-assigned identity"));
        let forgotten = why(&[env::AZURE_CLIENT_ID, env::AZURE_TENANT_ID]);
        assert!(forgotten.ends_with("a secret or certificate is not"), "{forgotten}");
        assert!(
            why(&[env::AZURE_CLIENT_ID, env::AZURE_TENANT_ID, "AZURE_FEDERATED_TOKEN_FILE"])
                .contains("workload identity")
        );
        assert!(why(&[env::AZURE_CLIENT_ID, "ACTIONS_ID_TOKEN_REQUEST_URL"]).contains("workload identity"));
    }

    #[test]
    fn secret_precedes_certificate_and_password() {
        let proof = |names: &[&'static str]| match Proof::detect(&names.iter().map(|n| (*n, *n)).collect()) {
            Some(Proof::Secret(_)) => "secret",
            Some(Proof::Certificate(_)) => "certificate",
            Some(Proof::Password { .. }) => "password",
            None => "none",
        };
        assert_eq!(
            proof(&[
                env::AZURE_PASSWORD,
                env::AZURE_USERNAME,
                env::AZURE_CLIENT_CERTIFICATE_PATH,
                env::AZURE_CLIENT_SECRET
            ]),
            "secret"
        );
        assert_eq!(
            proof(&[env::AZURE_PASSWORD, env::AZURE_USERNAME, env::AZURE_CLIENT_CERTIFICATE_PATH]),
            "certificate"
        );
        assert_eq!(proof(&[env::AZURE_PASSWORD, env::AZURE_USERNAME]), "password");
        assert_eq!(proof(&[env::AZURE_USERNAME]), "none");
    }

    #[test]
    fn certificate_chain_is_sent_for_two_values_only() {
        let wanted = |value: &str| {
            chain_wanted(&[(env::AZURE_CLIENT_SEND_CERTIFICATE_CHAIN, value)].into_iter().collect())
                == CertificateChain::Sent
        };
        for (value, sent) in
            [("1", true), ("true", true), ("TRUE", true), ("0", false), ("false", false), ("yes", false)]
        {
            assert_eq!(wanted(value), sent, "{value}");
        }
    }

    #[test]
    fn certificate_file_is_read_up_to_limit() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("cert.pem");
        assert!(matches!(read_certificate(&path, None), Err(FileProblem::Unreadable(std::io::ErrorKind::NotFound))));
        fs::write(&path, "").unwrap();
        assert!(matches!(read_certificate(&path, None), Err(FileProblem::Empty)));
        fs::write(&path, vec![b' '; FILE_LIMIT as usize + 1]).unwrap();
        assert!(matches!(read_certificate(&path, None), Err(FileProblem::TooLarge(FILE_LIMIT))));
        fs::write(&path, include_bytes!("../../tests/keys/pkcs1.pem")).unwrap();
        assert!(read_certificate(&path, None).is_ok());
    }
}
