//! The error table as data: every error that azfob explains, with its cause and its fix.
//!
//! The first four rows are the documented ones and keep their words. `code` is stable: scripts and tickets name it.

/// One row.
#[derive(Debug, PartialEq, Eq)]
pub struct Row {
    /// What scripts know it by; it never changes.
    pub code: &'static str,
    /// The error, as people search for it.
    pub error: &'static str,
    /// Its cause.
    pub cause: &'static str,
    /// Its fix.
    pub fix: &'static str,
    /// Where this is documented.
    pub source: &'static str,
}

macro_rules! rows {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $error:literal, $cause:literal, $fix:literal, $source:literal;)*) => {
        $($(#[$doc])* pub const $name: &Row =
            &Row { code: $code, error: $error, cause: $cause, fix: $fix, source: $source };)*
        /// Every row, in the order in which they are documented.
        pub const TABLE: &[&Row] = &[$($name),*];
    };
}

rows! {
    /// A host without an identity.
    MANAGED_IDENTITY_UNAVAILABLE = "managed-identity-unavailable",
        "ManagedIdentityCredential authentication unavailable",
        "Identity not enabled",
        "Enable managed identity on the resource",
        "https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/overview";
    /// No role.
    FORBIDDEN = "forbidden-rbac",
        "403 Forbidden",
        "Missing RBAC role",
        "Assign Key Vault Secrets User role",
        "https://learn.microsoft.com/azure/key-vault/general/rbac-guide";
    /// No such secret.
    SECRET_NOT_FOUND = "secret-not-found",
        "SecretNotFound",
        "Wrong vault URL or secret name",
        "Verify vault URL and secret name",
        "https://learn.microsoft.com/azure/key-vault/general/rest-error-codes";
    /// Nobody to be.
    CREDENTIAL_UNAVAILABLE = "credential-unavailable",
        "CredentialUnavailableError",
        "No valid credential in chain",
        "Ensure az login locally or identity enabled in Azure",
        "https://aka.ms/azsdk/net/identity/defaultazurecredential/troubleshoot";
    /// An access-policy vault.
    FORBIDDEN_ACCESS_POLICY = "forbidden-access-policy",
        "403 Forbidden",
        "The vault uses access policies, and none allows this",
        "Add an access policy with the permission, or move the vault to RBAC",
        "https://learn.microsoft.com/azure/key-vault/general/assign-access-policy";
    /// The firewall.
    FORBIDDEN_FIREWALL = "forbidden-firewall",
        "403 Forbidden",
        "The vault's firewall does not let this address in",
        "Allow the address, or come over a private endpoint",
        "https://learn.microsoft.com/azure/key-vault/general/network-security";
    /// Private access only.
    FORBIDDEN_PRIVATE_LINK = "forbidden-private-link",
        "403 Forbidden",
        "The vault takes private links only, and this request came over the public network",
        "Run inside the virtual network, or allow public access from this network",
        "https://learn.microsoft.com/azure/key-vault/general/private-link-service";
    /// A switch.
    SECRET_DISABLED = "secret-disabled",
        "403 Forbidden",
        "The secret, or this version of it, is disabled",
        "Enable it, or ask for a version that is enabled",
        "https://learn.microsoft.com/azure/key-vault/secrets/about-secrets#secret-attributes";
    /// Too early.
    SECRET_NOT_YET_VALID = "secret-not-yet-valid",
        "403 Forbidden",
        "The secret is not yet valid",
        "Wait for its start date, or ask for another version",
        "https://learn.microsoft.com/azure/key-vault/secrets/about-secrets#date-time-controlled-operations";
    /// Too late.
    SECRET_EXPIRED = "secret-expired",
        "403 Forbidden",
        "The secret has expired",
        "Store a new version",
        "https://learn.microsoft.com/azure/key-vault/secrets/about-secrets#date-time-controlled-operations";
    /// A 403 of another kind.
    FORBIDDEN_OTHER = "forbidden",
        "403 Forbidden",
        "The vault refused, for a reason that azfob does not know",
        "Read the vault's words below",
        "https://learn.microsoft.com/azure/key-vault/general/rest-error-codes";
    /// An identity that this host does not have.
    IDENTITY_NOT_ASSIGNED = "identity-not-assigned",
        "ManagedIdentityCredential authentication failed",
        "The identity asked for is not assigned to this host",
        "Assign it, or name one that is",
        "https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/how-to-use-vm-token";
    /// Which one of them.
    SEVERAL_IDENTITIES = "several-identities",
        "ManagedIdentityCredential authentication failed",
        "Several user-assigned identities exist, and none was named",
        "Name one with --client-id or AZURE_CLIENT_ID",
        "https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/managed-identities-faq";
    /// The wrong kind of id.
    IDENTITY_ID_NOT_SUPPORTED = "identity-id-not-supported",
        "ManagedIdentityCredential authentication failed",
        "This kind of host cannot select an identity by this kind of id",
        "Name the identity by an id that the host takes",
        "https://learn.microsoft.com/dotnet/api/azure.identity.managedidentityid";
    /// The endpoint said no.
    IDENTITY_ENDPOINT_FAILED = "identity-endpoint-failed",
        "ManagedIdentityCredential authentication failed",
        "The host's identity endpoint refused or is in trouble",
        "Try again in a minute; then restart the app or the host's agent",
        "https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/how-to-use-vm-token#error-handling";
    /// Entra ID said no.
    SIGN_IN_REFUSED = "sign-in-refused",
        "Authentication failed",
        "Entra ID refused the credential",
        "Correct what its code names",
        "https://learn.microsoft.com/entra/identity-platform/reference-error-codes";
    /// A developer's tool said no.
    TOOL_FAILED = "developer-tool-failed",
        "Authentication failed",
        "The tool that is signed in could not give a token",
        "Sign in again with it",
        "https://aka.ms/azsdk/net/identity/azclicredential/troubleshoot";
    /// A developer's tool said nothing.
    TOOL_TIMED_OUT = "developer-tool-timed-out",
        "Authentication failed",
        "The tool did not answer in time",
        "Run it by hand once, then try again with a longer --timeout",
        "https://github.com/Azure/azure-cli/issues/20404";
    /// Another tenant's token.
    WRONG_TENANT = "wrong-tenant",
        "401 Unauthorized (AKV10032: Invalid issuer)",
        "The token is from another tenant than the vault's",
        "Sign in to the vault's tenant",
        "https://learn.microsoft.com/azure/key-vault/general/rest-error-codes";
    /// A token for something else.
    WRONG_AUDIENCE = "wrong-audience",
        "401 Unauthorized (AKV10022: Invalid audience)",
        "The token is for another resource",
        "Check AZURE_AUTHORITY_HOST and the vault's suffix: both belong to one cloud",
        "https://learn.microsoft.com/azure/key-vault/general/rest-error-codes";
    /// A token out of its time.
    TOKEN_EXPIRED = "token-expired",
        "401 Unauthorized (token expired)",
        "The token is past its time, or the clock of this machine is wrong",
        "Set the clock, then try again",
        "https://learn.microsoft.com/azure/key-vault/general/rest-error-codes";
    /// Another 401.
    UNAUTHORIZED = "unauthorized",
        "401 Unauthorized",
        "The vault does not accept the token",
        "Compare the token's tenant and identity with what the vault expects",
        "https://learn.microsoft.com/azure/key-vault/general/rest-error-codes";
    /// A vault that is none.
    CHALLENGE_ELSEWHERE = "challenge-elsewhere",
        "The challenge resource does not match the requested domain",
        "What answers under the vault's name asks for a token of somebody else",
        "Find out who answers there: a proxy, or a changed name",
        "https://aka.ms/azsdk/blog/vault-uri";
    /// Too much of a good thing.
    THROTTLED = "throttled",
        "429 Too Many Requests",
        "The vault's limit of 4,000 requests in 10 s is used up by all its clients together",
        "Fetch less often, or many secrets with one azfob; spread clients over vaults",
        "https://learn.microsoft.com/azure/key-vault/general/service-limits";
    /// No address.
    VAULT_NAME_UNKNOWN = "vault-name-unknown",
        "No such host is known",
        "There is no vault of this name, or its private DNS zone is missing here",
        "Check the vault's name; inside a virtual network, link the zone privatelink.vaultcore.azure.net",
        "https://learn.microsoft.com/azure/key-vault/general/private-link-diagnostics";
    /// No way there.
    UNREACHABLE = "unreachable",
        "The network failed",
        "The host cannot be reached from here, or did not answer in time",
        "Check the network, the firewall and the proxy settings",
        "https://learn.microsoft.com/azure/key-vault/general/access-behind-firewall";
    /// Somebody in between.
    CERTIFICATE_NOT_TRUSTED = "certificate-not-trusted",
        "The certificate is not trusted",
        "The network re-signs TLS with an authority of its own, or the host is not who it says",
        "Add that authority to the system's trust store, or name it in SSL_CERT_FILE",
        "https://learn.microsoft.com/cli/azure/use-azure-cli-successfully-troubleshooting#work-behind-a-proxy";
    /// The proxy said no.
    PROXY_REFUSED = "proxy-refused",
        "The proxy refused the connection",
        "The proxy does not let this host through, or asks for a sign-in",
        "Allow the host on the proxy, or list it in NO_PROXY",
        "https://learn.microsoft.com/azure/key-vault/general/access-behind-firewall";
    /// The proxy did not get there either.
    BEYOND_PROXY = "beyond-proxy",
        "The proxy cannot reach the host",
        "There is no vault of this name, or no way to it from the proxy",
        "Check the vault's name; then ask who runs the proxy",
        "https://learn.microsoft.com/azure/key-vault/general/access-behind-firewall";
    /// A file.
    TOKEN_FILE = "federated-token-file",
        "WorkloadIdentityCredential authentication failed",
        "A file that the environment names cannot be used",
        "Check the file, and that the pod has the label azure.workload.identity/use: \"true\"",
        "https://azure.github.io/azure-workload-identity/docs/troubleshooting.html";
    /// A tenant that is not on the list.
    TENANT_NOT_ALLOWED = "tenant-not-allowed",
        "The current credential is not configured to acquire tokens for tenant",
        "The vault is in another tenant than the application",
        "Add the vault's tenant to AZURE_ADDITIONALLY_ALLOWED_TENANTS",
        "https://aka.ms/azsdk/net/identity/multitenant-authentication/troubleshoot";
    /// A variable.
    SETTING_MALFORMED = "setting-malformed",
        "A setting is malformed",
        "An environment variable does not hold what it should",
        "Correct the variable",
        "https://learn.microsoft.com/dotnet/api/azure.identity.environmentcredential";
    /// Not what was expected.
    UNEXPECTED_ANSWER = "unexpected-answer",
        "Unexpected answer",
        "What answered does not speak the protocol",
        "Find out what answers there: run again with --verbose",
        "https://learn.microsoft.com/azure/key-vault/general/rest-error-codes";
    /// A browser that never came back.
    NOBODY_SIGNED_IN = "nobody-signed-in",
        "InteractiveBrowserCredential authentication failed",
        "Nobody signed in in the browser in time",
        "Open the address that was shown in a browser on this machine, and give it time with --timeout",
        "https://learn.microsoft.com/dotnet/api/azure.identity.interactivebrowsercredential";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documented_rows_keep_their_words() {
        let words: Vec<_> = TABLE[..4].iter().map(|r| (r.error, r.cause, r.fix)).collect();
        assert_eq!(
            words,
            [
                (
                    "ManagedIdentityCredential authentication unavailable",
                    "Identity not enabled",
                    "Enable managed identity on the resource"
                ),
                ("403 Forbidden", "Missing RBAC role", "Assign Key Vault Secrets User role"),
                ("SecretNotFound", "Wrong vault URL or secret name", "Verify vault URL and secret name"),
                (
                    "CredentialUnavailableError",
                    "No valid credential in chain",
                    "Ensure az login locally or identity enabled in Azure"
                ),
            ]
        );
    }

    #[test]
    fn every_code_is_unique_and_every_row_is_sourced() {
        let mut codes: Vec<_> = TABLE.iter().map(|r| r.code).collect();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), TABLE.len());
        assert!(TABLE.iter().all(|r| r.source.starts_with("https://")));
    }
}
