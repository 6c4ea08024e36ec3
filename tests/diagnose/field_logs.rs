//! Texts of public reports in `diagnose --log`: the row, what must be in the answer, and what must not.

use super::log::explained;
use super::on;
use crate::support::{Host, ResettingProxy, in_parallel};

/// A report: its repository and number, the text, the row, the parts that are in the first finding, and those that are not.
type Case = (&'static str, &'static str, &'static str, &'static [&'static str], &'static [&'static str]);

const CASES: &[Case] = &[
    (
        "Azure-Functions#1291",
        "AccessToKeyVaultDenied: Key Vault reference was not able to be resolved because site was denied access to Key Vault reference's vault.",
        "app-reference-denied",
        &["identity lacks a role"],
        &["az login"],
    ),
    ("azure-docs#28923", "Status: MSINotEnabled", "app-reference-identity", &["identity"], &["az login"]),
    (
        "azure-docs#33480",
        "ConnectionString=@Microsoft.KeyVault(SecretUri=https://my-vault.vault.azure.net/secrets/Db/) does not conform",
        "app-reference",
        &["reference"],
        &["az login"],
    ),
    (
        "databricks/cli#1338",
        r#"Unable to grant read/list permission to Databricks service principal to KeyVault 'https://my-vault.vault.azure.net/': Status code 403, {"odata.error":{"code":"Authorization_RequestDenied"}}"#,
        "databricks-scope",
        &["2ff814a6-3304-4ab8-85cb-cd0e6f879c1d"],
        &["The vault refused"],
    ),
    (
        "azure-sdk-for-java#45263",
        "Failed to configure KeyVault property source\nCaused by: com.azure.identity.CredentialUnavailableException: Managed Identity authentication is not available.",
        "managed-identity-unavailable",
        &["Identity not enabled"],
        &["chain", "az login"],
    ),
    (
        "terraform-provider-azurerm#27439",
        r#"could not configure AzureCli Authorizer: the provided subscription ID "aaaa0a0a-bb1b-cc2c-dd3d-eeeeee4e4e4e" is not known by Azure CLI"#,
        "wrong-subscription",
        &["az account list --all", "az login"],
        &[],
    ),
    (
        "external-secrets#4972",
        r#"{"level":"error","controller":"externalsecret","error":"adal: Failed to execute the refresh request. Error = 'Get http://169.254.169.254/metadata/identity/oauth2/token: dial tcp 169.254.169.254:80: connect: connection refused'"}"#,
        "store-auth-type",
        &["WorkloadIdentity"],
        &["identity assign"],
    ),
    (
        "external-secrets#4974",
        r#"{"level":"error","controller":"externalsecret","error":"adal: Failed to execute the refresh request. Error = 'Get http://169.254.169.254/metadata/identity/oauth2/token: context deadline exceeded'"}"#,
        "store-auth-type",
        &["WorkloadIdentity"],
        &["identity assign"],
    ),
    (
        "azure-cli#21744",
        r"[Errno 13] Permission denied: 'C:\x\azure-cli\msal_token_cache.bin.lockfile'",
        "developer-tool-locked",
        &["lockfile"],
        &["az login", "ign in again"],
    ),
    (
        "azure-cli#24397",
        "ERROR: The command failed with an unexpected error. Here is the traceback:\nERROR: [Errno 13] Permission denied: '/app/.azure/versionCheck.json'\nTraceback (most recent call last):",
        "developer-tool-config",
        &["AZURE_CONFIG_DIR", "versionCheck.json"],
        &["az login"],
    ),
    (
        "azure-sdk-for-net#39574",
        "ManagedIdentityCredential authentication failed: Service request failed.\nStatus: 429 ( )\n\nContent:\n{\"error\":\"invalid_request\",\"error_description\":\"Temporarily throttled, too many requests\"}\n\nHeaders:\nServer: IMDS/150.870.65.1103",
        "identity-endpoint-throttled",
        &["Entra ID received no request", "AZFOB_TOKEN_CACHE=1"],
        &["restart"],
    ),
    (
        "azure-cli#28117",
        "az keyvault: [SSL: UNEXPECTED_EOF_WHILE_READING] EOF occurred in violation of protocol (_ssl.c:1006)",
        "tls-cut",
        &["during the TLS handshake"],
        &["login.microsoftonline.com"],
    ),
    (
        "azure-cli#31700",
        "ERROR: AADSTS53003: Access has been blocked by Conditional Access policies.",
        "AADSTS53003",
        &["compliant device"],
        &["--use-device-code"],
    ),
    (
        "azure-cli#25126",
        "ERROR: The command failed with an unexpected error. Here is the traceback:\nERROR: HTTPSConnectionPool(host='login.microsoftonline.com', port=443): Max retries exceeded with url: /t (Caused by ProxyError('Cannot connect to proxy.', OSError('Tunnel connection failed: 407 Proxy Authentication Required')))",
        "proxy-refused",
        &["host: login.microsoftonline.com", "NO_PROXY"],
        &["vault.azure.net"],
    ),
    (
        "App Service, azure-identity for Python",
        "ManagedIdentityCredential.get_token failed: (None) No User Assigned or Delegated Managed Identity found for specified ClientId/ResourceId/PrincipalId.",
        "identity-not-selected",
        &["only user-assigned identities and none selected"],
        &["az login"],
    ),
    (
        "azure-sdk-for-python#26328",
        "ManagedIdentityCredential: Unexpected content type \"text/plain; charset=utf-8\"\nContent: InternalError - :{ Info: Request failure status code: 404 }",
        "azure-ml-identity",
        &["requested client ID"],
        &["az login"],
    ),
    (
        "a Go error that names two hosts",
        "reading https://kv-shop.vault.azure.net: Get \"https://login.microsoftonline.com/common/.well-known\": dial tcp 203.0.113.9:443: connect: connection refused",
        "unreachable",
        &["host: login.microsoftonline.com", "https://login.microsoftonline.com/"],
        &["kv-shop"],
    ),
    (
        "a Go error of Key Vault",
        "GET https://my-vault.vault.azure.net/secrets/db-password/\n--------------------------------------------------------------------------------\nRESPONSE 404: 404 Not Found\nERROR CODE: SecretNotFound\n",
        "secret-not-found",
        &["secret: db-password", "my-vault"],
        &[],
    ),
    (
        "an old vault",
        "The specified version (7.3) is not recognized. Consider using the latest supported version (7.2).",
        "api-version",
        &[],
        &["az login"],
    ),
];

#[test]
fn texts_of_public_reports_get_their_row() {
    for (report, text, code, parts, never) in CASES {
        let found = explained(&on(Host::Nothing), text.as_bytes(), "json").succeeds().json();
        let findings = found["findings"].as_array().expect("a list");
        assert_eq!(findings.len(), 1, "{report}: {found:#}");
        assert_eq!(findings[0]["code"], *code, "{report}: {found:#}");
        let first = findings[0].to_string();
        parts.iter().for_each(|part| assert!(first.contains(part), "{report}: {part} is not in {first}"));
        never.iter().for_each(|words| assert!(!first.contains(words), "{report}: {words} is in {first}"));
    }
}

/// A log of a virtual machine, read on a function app, is not about the function app.
#[test]
fn log_of_another_host_names_nothing_of_this_one() {
    let text = "ManagedIdentityCredential authentication unavailable, no response from the IMDS endpoint.";
    let app = on(Host::Functions).var("WEBSITE_SITE_NAME", "orders-function");
    let found = explained(&app, text.as_bytes(), "json").succeeds().json().to_string();
    assert!(found.contains("managed-identity-unavailable") && !found.contains("orders-function"), "{found}");
}

/// A network failure of a host that the text does not name is not about the vault of these settings.
#[test]
fn failure_of_an_unnamed_host_probes_no_guessed_host() {
    for text in [
        "azure.core.exceptions.ServiceRequestError: EOF occurred in violation of protocol (_ssl.c:1006)",
        "azure-identity: connection timed out",
        "KeyVaultSecretClient: The challenge resource 'x' does not match the requested domain",
    ] {
        // A vault's answer is about the vault of these settings, unless it names another one.
        let is_answer = text.contains("challenge");
        let here = || on(Host::Nothing);
        let here = if is_answer { here().without("AZFOB_VAULT").without("AZURE_KEYVAULT_URL") } else { here() };
        let found = explained(&here, text.as_bytes(), "json").succeeds().json();
        let commands = found["findings"][0]["commands"].to_string();
        assert!(commands.contains("azfob diagnose"), "{text}: {found:#}");
        for host in ["my-vault", "login.microsoftonline.com"] {
            assert!(!commands.contains(host), "{text}: {commands}");
        }
    }
}

/// A firewall that resets the connection after the ClientHello (azure-cli#21710), on the way to the vault.
#[test]
fn reset_during_the_handshake_is_no_broken_answer() {
    in_parallel([Host::AppService, Host::ServicePrincipal], |host| {
        let firewall = ResettingProxy::new();
        let report = super::Report::of(&on(host).var("https_proxy", firewall.url())).exits_with(7);
        let report = report.has_cause("tls-cut");
        assert!(!report.json["findings"][0].to_string().contains("broke off"), "{:#}", report.json["findings"]);
    });
}
