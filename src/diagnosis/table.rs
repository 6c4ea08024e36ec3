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
    /// The texts by which other programs' output is recognised as this row, in lower case. Only `log.rs` matches them.
    pub signs: &'static [&'static str],
}

/// Writes rows as they are read: code, error, cause, fix, source, signs.
macro_rules! rows {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $error:literal, $cause:literal, $fix:literal, $source:literal
       $(, [$($sign:literal),* $(,)?])?;)*) => {
        $($(#[$doc])* pub const $name: &Row =
            &Row { code: $code, error: $error, cause: $cause, fix: $fix, source: $source, signs: &[$($($sign),*)?] };)*
        /// The rows that azfob's own failures come to, in the order in which they are documented.
        pub const TABLE: &[&Row] = &[$($name),*];
    };
}

rows! {
    /// A host without an identity.
    MANAGED_IDENTITY_UNAVAILABLE = "managed-identity-unavailable",
        "ManagedIdentityCredential authentication unavailable",
        "Identity not enabled",
        "Enable managed identity on the resource",
        "https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/overview",
        ["managedidentitycredential authentication unavailable", "no managed identity endpoint found", "attempted to use the imds endpoint, but it is not available", "managed identity timed out", "no response from the imds endpoint", "no response received from the managed identity endpoint", "identity not found", "no msi found for specified"];
    /// No role.
    FORBIDDEN = "forbidden-rbac",
        "403 Forbidden",
        "Missing RBAC role",
        "Assign Key Vault Secrets User role",
        "https://learn.microsoft.com/azure/key-vault/general/rbac-guide",
        ["forbiddenbyrbac", "caller is not authorized to perform action on resource", "deniedwithnovalidrbac"];
    /// No such secret.
    SECRET_NOT_FOUND = "secret-not-found",
        "SecretNotFound",
        "Wrong vault URL or secret name",
        "Verify vault URL and secret name",
        "https://learn.microsoft.com/azure/key-vault/general/rest-error-codes",
        ["secretnotfound", "was not found in this key vault", "deleted secret not found"];
    /// Nobody to be.
    CREDENTIAL_UNAVAILABLE = "credential-unavailable",
        "CredentialUnavailableError",
        "No valid credential in chain",
        "Ensure az login locally or identity enabled in Azure",
        "https://aka.ms/azsdk/net/identity/defaultazurecredential/troubleshoot",
        ["credentialunavailableerror", "credentialunavailableexception", "credentialunavailable", "defaultazurecredential failed to retrieve a token", "failed to retrieve a token from the included credentials", "chainedtokencredential authentication failed", "defaultazurecredential: failed to acquire a token", "multiple errors were encountered while attempting to authenticate"];
    /// An access-policy vault.
    FORBIDDEN_ACCESS_POLICY = "forbidden-access-policy",
        "403 Forbidden",
        "The vault uses access policies, and none allows this",
        "Add an access policy with the permission, or move the vault to RBAC",
        "https://learn.microsoft.com/azure/key-vault/general/assign-access-policy",
        ["forbiddenbypolicy", "does not have secrets get permission on key vault", "does not have secrets list permission on key vault", "accessdenied"];
    /// The firewall.
    FORBIDDEN_FIREWALL = "forbidden-firewall",
        "403 Forbidden",
        "The vault's firewall does not let this address in",
        "Allow the address, or come over a private endpoint",
        "https://learn.microsoft.com/azure/key-vault/general/network-security",
        ["forbiddenbyfirewall", "client address is not authorized and caller is not a trusted service"];
    /// Private access only.
    FORBIDDEN_PRIVATE_LINK = "forbidden-private-link",
        "403 Forbidden",
        "The vault takes private links only, and this request came over the public network",
        "Run inside the virtual network, or allow public access from this network",
        "https://learn.microsoft.com/azure/key-vault/general/private-link-service",
        ["forbiddenbyconnection", "public network access is disabled and request is not from a trusted service", "is not an approved private link"];
    /// A switch.
    SECRET_DISABLED = "secret-disabled",
        "403 Forbidden",
        "The secret, or this version of it, is disabled",
        "Enable it, or ask for a version that is enabled",
        "https://learn.microsoft.com/azure/key-vault/secrets/about-secrets#secret-attributes",
        ["secretdisabled", "operation get is not allowed on a disabled secret"];
    /// Too early.
    SECRET_NOT_YET_VALID = "secret-not-yet-valid",
        "403 Forbidden",
        "The secret is not yet valid",
        "Wait for its start date, or ask for another version",
        "https://learn.microsoft.com/azure/key-vault/secrets/about-secrets#date-time-controlled-operations",
        ["secretnotyetvalid"];
    /// Too late.
    SECRET_EXPIRED = "secret-expired",
        "403 Forbidden",
        "The secret has expired",
        "Store a new version",
        "https://learn.microsoft.com/azure/key-vault/secrets/about-secrets#date-time-controlled-operations",
        ["secretexpired"];
    /// A 403 of another kind.
    FORBIDDEN_OTHER = "forbidden",
        "403 Forbidden",
        "The vault refused, for a reason that azfob does not know",
        "Read the vault's words above",
        "https://learn.microsoft.com/azure/key-vault/general/rest-error-codes",
        ["403 (forbidden)", "statuscode: 403", "status code 403", "status: 403"];
    /// An identity that this host does not have.
    IDENTITY_NOT_ASSIGNED = "identity-not-assigned",
        "ManagedIdentityCredential authentication failed",
        "The identity asked for is not assigned to this host",
        "Assign it, or name one that is",
        "https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/how-to-use-vm-token",
        ["the requested identity has not been assigned to this resource", "the requested identity isn't assigned to this resource", "no managed identity found for specified"];
    /// Which one of them.
    SEVERAL_IDENTITIES = "several-identities",
        "ManagedIdentityCredential authentication unavailable",
        "Several user-assigned identities exist, and none was named",
        "Name one with --client-id or AZURE_CLIENT_ID",
        "https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/managed-identities-faq",
        ["multiple user assigned identities exist"];
    /// None of them by itself.
    IDENTITY_NOT_NAMED = "identity-not-named",
        "ManagedIdentityCredential authentication unavailable",
        "The app has no system-assigned identity, and none of its user-assigned ones was named",
        "Name one with --client-id or AZURE_CLIENT_ID, or enable the system-assigned identity",
        "https://learn.microsoft.com/azure/app-service/overview-managed-identity",
        ["unable to load the proper managed identity"];
    /// The wrong kind of id.
    IDENTITY_ID_NOT_SUPPORTED = "identity-id-not-supported",
        "ManagedIdentityCredential authentication failed",
        "This kind of host cannot select an identity by this kind of id",
        "Name the identity by an id that the host takes",
        "https://learn.microsoft.com/dotnet/api/azure.identity.managedidentityid",
        ["does not support specifying a user-assigned", "doesn't support user-assigned managed identities", "user assigned identity is not supported", "specifying a user-assigned managed identity is not supported", "specifying a client_id or identity_config is not supported"];
    /// The endpoint said no.
    IDENTITY_ENDPOINT_FAILED = "identity-endpoint-failed",
        "ManagedIdentityCredential authentication failed",
        "The host's identity endpoint refused or is in trouble",
        "Try again in a minute; then restart the app or the host's agent",
        "https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/how-to-use-vm-token#error-handling",
        ["failed to retrieve token from the active directory", "multiple attempts failed to obtain a token from the managed identity endpoint", "the request failed due to a gateway error"];
    /// Somebody else's token.
    IDENTITY_NOT_CONFIRMED = "identity-not-confirmed",
        "ManagedIdentityCredential authentication failed",
        "The host gave a token without saying that it is for the identity asked for",
        "Update the Azure Arc agent, or leave the id out to use the server's own identity",
        "https://learn.microsoft.com/azure/azure-arc/servers/managed-identity-authentication";
    /// Somebody else's server.
    IDENTITY_ENDPOINT_IMPOSTOR = "identity-endpoint-impostor",
        "ManagedIdentityCredential authentication failed",
        "The server at the identity endpoint does not have the certificate that the host names",
        "Restart the application, which gets its variables anew; then find out who listens on the endpoint's port",
        "https://learn.microsoft.com/azure/service-fabric/how-to-managed-identity-service-fabric-app-code";
    /// A key that is out of reach.
    ARC_KEY_DENIED = "azure-arc-key-denied",
        "ManagedIdentityCredential authentication failed",
        "Only the Azure Arc agent's group may read its keys",
        "Run as root, or as a member of that group",
        "https://learn.microsoft.com/azure/azure-arc/servers/managed-identity-authentication";
    /// A key that is not one.
    ARC_KEY_UNSAFE = "azure-arc-key-unsafe",
        "ManagedIdentityCredential authentication failed",
        "The file named as the Azure Arc agent's key is not one that only the agent could have written",
        "See with 'azcmagent show' that the agent runs, and that nobody else listens on its port",
        "https://learn.microsoft.com/azure/azure-arc/servers/managed-identity-authentication";
    /// Entra ID said no.
    SIGN_IN_REFUSED = "sign-in-refused",
        "Authentication failed",
        "Entra ID refused the credential",
        "Correct what its code names",
        "https://learn.microsoft.com/entra/identity-platform/reference-error-codes",
        ["invalid_client", "clientauthenticationerror", "authenticationfailedexception"];
    /// A developer's tool said no.
    TOOL_FAILED = "developer-tool-failed",
        "Authentication failed",
        "The tool that is signed in could not give a token",
        "Sign in again with it",
        "https://aka.ms/azsdk/net/identity/azclicredential/troubleshoot",
        ["azure cli authentication failed due to an unknown error", "failed to invoke the azure cli", "azure powershell authentication failed"];
    /// A developer's tool said nothing.
    TOOL_TIMED_OUT = "developer-tool-timed-out",
        "Authentication failed",
        "The tool did not answer in time",
        "Run it by hand once, then try again with a longer --timeout",
        "https://github.com/Azure/azure-cli/issues/20404",
        ["azure cli authentication timed out", "azure powershell authentication timed out", "azure cli timed out", "azure developer cli authentication timed out"];
    /// Another tenant's token.
    WRONG_TENANT = "wrong-tenant",
        "401 Unauthorized (AKV10032: Invalid issuer)",
        "The token is from another tenant than the vault's",
        "Sign in to the vault's tenant",
        "https://learn.microsoft.com/azure/key-vault/general/rest-error-codes",
        ["akv10032", "invalid issuer. expected one of"];
    /// A token for something else.
    WRONG_AUDIENCE = "wrong-audience",
        "401 Unauthorized (AKV10022: Invalid audience)",
        "The token is for another resource",
        "Check AZURE_AUTHORITY_HOST and the vault's suffix: both belong to one cloud",
        "https://learn.microsoft.com/azure/key-vault/general/rest-error-codes",
        ["akv10022", "invalid audience. expected"];
    /// A token out of its time.
    TOKEN_EXPIRED = "token-expired",
        "401 Unauthorized (token expired)",
        "The token is past its time, or the clock of this machine is wrong",
        "Set the clock, then try again",
        "https://learn.microsoft.com/azure/key-vault/general/rest-error-codes",
        ["[tokenexpired]", "s2s12086", "tokenexpired"];
    /// Another 401.
    UNAUTHORIZED = "unauthorized",
        "401 Unauthorized",
        "The vault does not accept the token",
        "Compare the token's tenant and identity with what the vault expects",
        "https://learn.microsoft.com/azure/key-vault/general/rest-error-codes",
        ["akv10000", "request is missing a bearer or pop token"];
    /// A vault that is none.
    CHALLENGE_ELSEWHERE = "challenge-elsewhere",
        "The challenge resource does not match the requested domain",
        "What answers under the vault's name asks for a token of somebody else",
        "Find out who answers there: a proxy, or a changed name",
        "https://aka.ms/azsdk/blog/vault-uri",
        ["does not match the requested domain"];
    /// Too much of a good thing.
    THROTTLED = "throttled",
        "429 Too Many Requests",
        "The vault's limit of 4,000 requests in 10 s is used up by all its clients together",
        "Fetch less often, or many secrets with one azfob; spread clients over vaults",
        "https://learn.microsoft.com/azure/key-vault/general/service-limits",
        ["vaultrequesttypelimitreached", "too many requests were received", "429 too many requests", "status code 429", "statuscode: 429"];
    /// No address.
    VAULT_NAME_UNKNOWN = "vault-name-unknown",
        "No such host is known",
        "There is no vault of this name, or its private DNS zone is missing here",
        "Check the vault's name; inside a virtual network, link the zone privatelink.vaultcore.azure.net",
        "https://learn.microsoft.com/azure/key-vault/general/private-link-diagnostics",
        ["no such host is known", "name or service not known", "nodename nor servname provided", "getaddrinfo enotfound", "temporary failure in name resolution", "failed to resolve", "no such host", "unknownhostexception", "dns error"];
    /// No way there.
    UNREACHABLE = "unreachable",
        "The network failed",
        "The host cannot be reached from here, or did not answer in time",
        "Check the network, the firewall and the proxy settings",
        "https://learn.microsoft.com/azure/key-vault/general/access-behind-firewall",
        ["econnrefused", "connection refused", "econnreset", "etimedout", "network is unreachable", "connection timed out"];
    /// Somebody in between.
    CERTIFICATE_NOT_TRUSTED = "certificate-not-trusted",
        "The certificate is not trusted",
        "The network re-signs TLS with an authority of its own, or the host is not who it says",
        "Add that authority to the system's trust store, or name it in SSL_CERT_FILE",
        "https://learn.microsoft.com/cli/azure/use-azure-cli-successfully-troubleshooting#work-behind-a-proxy",
        ["self signed certificate in certificate chain", "self-signed certificate in certificate chain", "certificate_verify_failed", "unable to get local issuer certificate", "pkix path building failed", "x509: certificate signed by unknown authority", "the remote certificate is invalid", "unable_to_verify_leaf_signature"];
    /// The proxy said no.
    PROXY_REFUSED = "proxy-refused",
        "The proxy refused the connection",
        "The proxy does not let this host through, or asks for a sign-in",
        "Allow the host on the proxy, or list it in NO_PROXY",
        "https://learn.microsoft.com/azure/key-vault/general/access-behind-firewall",
        ["proxy authentication required", "407 proxy", "tunnel connection failed: 403", "tunneling socket could not be established"];
    /// The proxy did not get there either.
    BEYOND_PROXY = "beyond-proxy",
        "The proxy cannot reach the host",
        "There is no vault of this name, or no way to it from the proxy",
        "Check the vault's name; then ask who runs the proxy",
        "https://learn.microsoft.com/azure/key-vault/general/access-behind-firewall",
        ["tunnel connection failed: 50"];
    /// A file.
    TOKEN_FILE = "federated-token-file",
        "WorkloadIdentityCredential authentication failed",
        "A file that the environment names cannot be used",
        "Check the file, and that the pod has the label azure.workload.identity/use: \"true\"",
        "https://azure.github.io/azure-workload-identity/docs/troubleshooting.html",
        ["no token file specified", "no content on the file", "azure_federated_token_file"];
    /// Nobody vouches.
    RUNNER_TOKEN = "ci-token-refused",
        "WorkloadIdentityCredential authentication failed",
        "The CI runner gave no token for this job",
        "Give the job the permission: 'id-token: write' on GitHub, System.AccessToken and a federated service connection on Azure Pipelines",
        "https://learn.microsoft.com/entra/workload-id/workload-identity-federation";
    /// A certificate.
    CERTIFICATE_FILE = "certificate-file",
        "EnvironmentCredential authentication failed",
        "The certificate that the environment names cannot be used",
        "Name a PEM or PKCS#12 file that holds the certificate with its RSA key, and set its password if it has one",
        "https://aka.ms/azsdk/net/identity/environmentcredential/troubleshoot";
    /// A tenant that is not on the list.
    TENANT_NOT_ALLOWED = "tenant-not-allowed",
        "The current credential is not configured to acquire tokens for tenant",
        "The vault is in another tenant than the application",
        "Add the vault's tenant to AZURE_ADDITIONALLY_ALLOWED_TENANTS",
        "https://aka.ms/azsdk/net/identity/multitenant-authentication/troubleshoot",
        ["the current credential is not configured to acquire tokens for tenant"];
    /// A variable.
    SETTING_MALFORMED = "setting-malformed",
        "A setting is malformed",
        "An environment variable does not hold what it should",
        "Correct the variable",
        "https://learn.microsoft.com/dotnet/api/azure.identity.environmentcredential",
        ["invalid value for azure_token_credentials", "invalid azure_token_credentials value", "invalid value for environment variable azure_token_credentials", "invalid tenant id provided", "is an invalid authority", "authority host must be a tls protected"];
    /// The service itself.
    VAULT_IN_TROUBLE = "vault-in-trouble",
        "Key Vault is in trouble",
        "The service failed, and still did after every retry",
        "Try again in some minutes; https://azure.status.microsoft tells of outages",
        "https://learn.microsoft.com/azure/key-vault/general/rest-error-codes";
    /// Not what was expected.
    UNEXPECTED_ANSWER = "unexpected-answer",
        "Unexpected answer",
        "What answered does not speak the protocol",
        "Find out what answers there: run again with --verbose",
        "https://learn.microsoft.com/azure/key-vault/general/rest-error-codes",
        ["unexpected output from azure cli"];
    /// A metadata service that is there, or should be.
    METADATA_TIMED_OUT = "metadata-timed-out",
        "ManagedIdentityCredential authentication unavailable",
        "The metadata service did not answer in time: it is slow to come up at boot, or a rule of the network drops it",
        "Try again with a longer --timeout; then see that nothing on this machine blocks 169.254.169.254",
        "https://learn.microsoft.com/azure/virtual-machines/instance-metadata-service#troubleshooting",
        ["imds token request timed out"];
    /// Not Azure's metadata service.
    METADATA_IMPOSTOR = "metadata-impostor",
        "ManagedIdentityCredential authentication unavailable",
        "Something that is not Azure answers at the metadata address: a container runtime, a VPN, a proxy",
        "Sign in with az login here, and leave the managed identity to Azure: set AZURE_TOKEN_CREDENTIALS=dev",
        "https://github.com/Azure/azure-sdk-for-net/issues/38218",
        ["a socket operation was attempted to an unreachable network", "connecting to 169.254.169.254:80: connecting to 169.254.169.254:80"];
    /// A slow look for a service that is not there.
    METADATA_SLOW = "metadata-slow",
        "The chain is slow",
        "The managed identity is looked for where nothing answers",
        "Set AZURE_TOKEN_CREDENTIALS=dev on a developer's machine",
        "https://github.com/Azure/azure-sdk-for-net/issues/39295";
    /// A proxy in front of what must not have one.
    METADATA_PROXIED = "metadata-proxied",
        "502, 503 or a hang from the metadata service",
        "A proxy is set for plain http, and NO_PROXY does not name the metadata address: SDKs send its requests there",
        "Add 169.254.169.254 to NO_PROXY",
        "https://github.com/Azure/azure-sdk-for-net/issues/18362";
    /// A variable with two meanings.
    CLIENT_ID_ALONE = "client-id-alone",
        "Incomplete environment configuration. These variables are set: AZURE_CLIENT_ID",
        "Only AZURE_CLIENT_ID is set; it names the user-assigned identity",
        "Nothing, where an identity with this client id is assigned; else unset it, or set the tenant and the secret too",
        "https://github.com/Azure/azure-sdk-for-python/issues/30214",
        ["incomplete environment configuration", "environment variables are not fully configured", "incomplete environment variable configuration", "missing environment variable azure_"];
    /// Half a service principal.
    ENVIRONMENT_INCOMPLETE = "environment-incomplete",
        "EnvironmentCredential authentication unavailable",
        "Some of the variables of a service principal are set, and others are not",
        "Set AZURE_TENANT_ID, AZURE_CLIENT_ID and a secret or certificate, or none of them",
        "https://aka.ms/azsdk/net/identity/environmentcredential/troubleshoot";
    /// No resolver.
    RESOLVER_DEAD = "resolver-dead",
        "No such host is known",
        "The name service answers for no name at all: it is this machine's, and not the vault",
        "Check the resolver of this machine, or of its container",
        "https://learn.microsoft.com/azure/key-vault/general/private-link-diagnostics";
    /// Patience.
    ROLE_PROPAGATION = "role-propagation",
        "A role was just assigned, and 403 all the same",
        "A role assignment takes up to ten minutes to be seen everywhere",
        "Wait for it, or let azfob wait: --wait-for-access 10m",
        "https://learn.microsoft.com/azure/role-based-access-control/troubleshooting";
    /// Two identities for one machine.
    IDENTITY_SHADOWED = "identity-shadowed",
        "Works on one machine, 403 on another",
        "An earlier credential wins over one that is somebody else",
        "Name the credential that is meant, with AZURE_TOKEN_CREDENTIALS or --credential",
        "https://github.com/Azure/azure-sdk-for-net/issues/27872";
    /// az is somewhere else.
    TOOL_NOT_ON_PATH = "developer-tool-not-on-path",
        "Azure CLI not found on path",
        "The tool is installed, and its folder is not on this process's PATH",
        "Add its folder to PATH",
        "https://github.com/Azure/azure-cli/issues/12446",
        ["azure cli not found on path", "azure cli not installed", "azure cli could not be found", "executable not found on path", "az not found on path", "azure developer cli could not be found", "powershell is not installed"];
    /// A login that nobody can read.
    AZ_LOGIN_WITHOUT_AZ = "az-login-without-az",
        "Azure CLI not found on path",
        "A login of az lies in the home folder, and az, which alone can use it, is not installed here",
        "Install az here, as in the container's image, or use the credential that fits this host",
        "https://github.com/Azure/azure-sdk-for-net/issues/19167";
    /// Nobody is signed in.
    NOT_SIGNED_IN = "not-signed-in",
        "Please run 'az login' to set up an account",
        "The tool is installed, and nobody is signed in to it",
        "Sign in",
        "https://learn.microsoft.com/cli/azure/authenticate-azure-cli",
        ["please run 'az login'", "please run \"connect-azaccount\"", "please run 'connect-azaccount'", "please run 'azd auth login'", "does not exist in msal token cache"];
    /// The module is not there.
    POWERSHELL_MODULE = "powershell-module-missing",
        "Az.Account module >= 2.2.0 is not installed",
        "PowerShell is there, and its module Az.Accounts is missing or too old",
        "Install the module",
        "https://learn.microsoft.com/powershell/azure/install-azure-powershell",
        ["az.account module", "az.accounts module not found", "no_az_account_module"];
    /// A slow tool.
    TOOL_SLOW = "developer-tool-slow",
        "Azure CLI timed out after 10 seconds",
        "The tool needs longer to start than the SDKs wait",
        "Raise the SDK's process timeout, or speed the tool up",
        "https://github.com/Azure/azure-cli/issues/20404";
    /// VS Code alone.
    NEEDS_BROKER = "needs-broker",
        "VisualStudioCodeCredential authentication unavailable",
        "The token of Visual Studio Code can be had through the system's broker only, which azfob does not have",
        "Sign in with az login",
        "https://aka.ms/azsdk/net/identity/vscodecredential/troubleshoot",
        ["visualstudiocodecredential requires the", "visual studio code authentication is not available", "visualstudiocodecredential failed to silently authenticate"];
    /// Federation that does not match.
    FEDERATION_INCOMPLETE = "workload-identity-incomplete",
        "WorkloadIdentityCredential authentication unavailable. The workload options are not fully configured",
        "The pod lacks what the workload identity webhook injects",
        "Label the pod azure.workload.identity/use: \"true\", and annotate its service account with the client id",
        "https://azure.github.io/azure-workload-identity/docs/troubleshooting.html",
        ["the workload options are not fully configured", "no client id specified. check pod configuration", "no tenant id specified"];
    /// A clock that is off.
    CLOCK_SKEW = "clock-skew",
        "The token is not yet valid, or has expired",
        "The clock of this machine is off",
        "Set the clock",
        "https://learn.microsoft.com/azure/virtual-machines/linux/time-sync",
        ["clock skew", "token is not yet valid", "is not within its valid time range"];
    /// A vault of another cloud.
    LIST_DENIED = "list-denied",
        "403 Forbidden on secrets/list",
        "The identity may not list the vault's secrets; reading one by name can still work",
        "Give --secret NAME to test reading, or assign Key Vault Secrets User",
        "https://learn.microsoft.com/azure/key-vault/general/rbac-guide";
    /// An old-style vault.
    ACCESS_POLICY_VAULT = "access-policy-vault",
        "The vault uses access policies",
        "Its permissions are not roles, and cannot be given for one secret",
        "Move the vault to RBAC",
        "https://learn.microsoft.com/azure/key-vault/general/rbac-migration";
    /// A key under the mat.
    STORED_SECRET = "stored-secret",
        "A stored client secret is used where a managed identity is offered",
        "AZURE_CLIENT_SECRET comes before the managed identity in the chain",
        "Give the managed identity the role, and remove AZURE_CLIENT_SECRET",
        "https://learn.microsoft.com/azure/key-vault/general/authentication";
    /// Roles that are not.
    MANAGEMENT_ROLE = "management-role",
        "Owner or Contributor, and 403 all the same",
        "Owner, Contributor and Key Vault Reader are not data roles: none of them reads a secret's value",
        "Assign Key Vault Secrets User",
        "https://learn.microsoft.com/azure/key-vault/general/rbac-guide";
    /// Groups travel in tokens.
    TOKEN_AGE = "token-age",
        "A group membership or role change is not seen",
        "A managed identity's token is cached by its host for up to 24 hours, and carries the groups of its issue time",
        "Assign the role to the identity itself, not to a group",
        "https://github.com/Azure/azure-sdk-for-net/issues/27019";
    /// A name within reach.
    IDENTITY_UNNAMED = "identity-unnamed",
        "A user-assigned identity is used without being named",
        "AZURE_CLIENT_ID is not set; a second identity on this host would make the request ambiguous",
        "Set AZURE_CLIENT_ID to the identity's client id",
        "https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/managed-identities-faq";
    /// Not before its time, or after.
    SECRET_PAST_ITS_DATE = "secret-past-its-date",
        "An expired secret is handed out as if good",
        "The vault does not enforce the dates of a secret on reads",
        "Store a new version",
        "https://learn.microsoft.com/azure/key-vault/secrets/about-secrets#date-time-controlled-operations";
    /// Out of time.
    PROBE_TIMED_OUT = "probe-timed-out",
        "A probe did not end in time",
        "It was still waiting when the time for the report was up",
        "Run again with a longer --timeout",
        "https://aka.ms/azsdk/net/identity/defaultazurecredential/troubleshoot";
    /// A browser that never came back.
    NOBODY_SIGNED_IN = "nobody-signed-in",
        "InteractiveBrowserCredential authentication failed",
        "Nobody signed in in the browser in time",
        "Open the address that was shown in a browser on this machine, and give it time with --timeout",
        "https://learn.microsoft.com/dotnet/api/azure.identity.interactivebrowsercredential",
        ["seconds for the user to authenticate"];
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnosis::aadsts::AADSTS;

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
    fn signs_are_lower_case_and_belong_to_one_row() {
        let mut signs: Vec<_> = TABLE.iter().chain(AADSTS).flat_map(|r| r.signs).collect();
        assert!(signs.iter().all(|s| **s == s.to_lowercase()));
        let all = signs.len();
        signs.sort_unstable();
        signs.dedup();
        assert_eq!(signs.len(), all);
    }

    #[test]
    fn every_code_is_unique_and_every_row_is_sourced() {
        let rows = || TABLE.iter().chain(AADSTS);
        let mut codes: Vec<_> = rows().map(|r| r.code).collect();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), rows().count());
        assert!(rows().all(|r| r.source.starts_with("https://")));
    }
}
