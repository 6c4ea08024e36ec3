//! Reports of real failures, each as it is shown on the smallest terminal. Review a changed snapshot as a user in an
//! incident would: `INSTA_UPDATE=always cargo test diagnose::cases` accepts it.

use super::on;
use super::screen::{COLUMNS, ROWS, plain, rows, shown};
use crate::support::{
    Action, Fault, Host, IDENTITY, Rule, Scenario, in_parallel, normalized, without_unconfigured_credentials,
};

const UNASSIGNED: &str = "99999999-0000-1111-2222-333333333333";

/// The reports that need more than a screen: they have two causes, each with its own commands. az uses another cloud,
/// and the sandbox has no vault in that cloud.
const OF_TWO_CAUSES: [&str; 2] = ["vault-in-china", "vault-of-the-us"];

/// Asserts the screen of a case, and that it fits.
fn assert_screen(name: &str, text: &str) {
    assert_eq!(rows(text) > ROWS, OF_TWO_CAUSES.contains(&name), "{} rows for {name}:\n{text}", rows(text));
    insta::with_settings!({
        omit_expression => true, prepend_module_to_snapshot => false, snapshot_path => "../snapshots/diagnose/cases"
    }, {
        insta::assert_snapshot!(name, without_unconfigured_credentials(&normalized(text)));
    });
}

/// Machine Learning's endpoint with this plain-text response.
fn machine_learning(status: u16, words: &str) -> Scenario {
    on(Host::AzureMl).rule(Rule::new(IDENTITY, "/", Action::reply(status, words)))
}

#[test]
fn hosts_and_identities() {
    let no_identity = "InternalError - :{ Info: Request failure status code: 404 }";
    let pod = on(Host::Imds).fault(Fault::MultipleIdentities).var("KUBERNETES_SERVICE_HOST", "10.0.0.1");
    let not_enabled = on(Host::Nothing).var("MSI_ENDPOINT", "identity-responder-not-enabled").var("MSI_SECRET", "x");
    let pull_request = on(Host::Nothing)
        .var("GITHUB_ACTIONS", "true")
        .var("GITHUB_EVENT_NAME", "pull_request")
        .var("GITHUB_HEAD_REF", "patch-1")
        .var("AZURE_CLIENT_ID", "")
        .var("AZURE_TENANT_ID", "");
    let cases: [(&str, Scenario, &[&str]); 10] = [
        ("pod-without-label", pod, &[]),
        ("ml-no-identity", machine_learning(404, no_identity), &[]),
        ("ml-unknown-identity", machine_learning(404, no_identity), &["--client-id", UNASSIGNED]),
        ("ml-sign-on-gone", on(Host::AzureMl).fault(Fault::ExpiredLogin), &[]),
        ("ml-not-enabled", not_enabled, &[]),
        ("ml-not-enabled-fault", on(Host::AzureMl).fault(Fault::NoIdentity), &[]),
        ("vault-in-china", on(Host::AzureCli), &["--vault", "https://my-vault.vault.azure.cn"]),
        ("vault-of-the-us", on(Host::AzureCli), &["--vault", "https://my-vault.vault.usgovcloudapi.net"]),
        ("pull-request-of-a-fork", pull_request, &[]),
        ("metadata-by-name", on(Host::Nothing), &["--credential", "managed-identity"]),
    ];
    let mut cases = Vec::from(cases);
    // Three at a time: if all run at once on a busy machine, a probe of 200 ms is too late.
    while !cases.is_empty() {
        in_parallel(cases.drain(..cases.len().min(3)), |(name, scenario, arguments)| {
            let text = plain(&shown(COLUMNS, scenario, &[&["diagnose"], arguments].concat()));
            assert!(text.starts_with("FAIL   "), "{text}");
            assert_screen(name, &text);
        });
    }
}

/// Errors that are found before any request are one line.
#[test]
fn networks() {
    let private = ["diagnose", "--vault", "https://my-vault.privatelink.vaultcore.azure.net"];
    assert_screen("private-link-name", &on(Host::AppService).azfob(private).fails(2).stderr);
    let proxied = on(Host::AppService).var("HTTPS_PROXY", r"CONTOSO\svc:p@ss@127.0.0.1:9").without("https_proxy");
    let printed = proxied.azfob(["diagnose"]).fails(2).never_shows("p@ss").never_shows("svc").stderr;
    assert_screen("proxy-with-a-password", &printed);
}

/// Texts that users paste into `diagnose --log`.
#[test]
fn pasted_texts() {
    let in_json = format!(
        "{{\"level\":\"error\",\"msg\":\"{}AADSTS70021: No matching federated identity record found for presented assertion. \
         Assertion Issuer: 'https://i/'. Assertion Subject: 'system:serviceaccount:a:b'. Assertion Audience: \
         'api://AzureADTokenExchange'. Trace ID: x\"}}",
        "reconcile of the external secret failed: ".repeat(8)
    );
    let cases = [
        (
            "log-chain-of-python",
            "DefaultAzureCredential failed to retrieve a token from the included credentials.\nAttempted credentials:\n\
             \tEnvironmentCredential: EnvironmentCredential authentication unavailable. Environment variables are not \
             fully configured.\n\tManagedIdentityCredential: ManagedIdentityCredential authentication unavailable, no \
             response from the IMDS endpoint.\n\tAzureCliCredential: Azure CLI not found on path\n",
        ),
        (
            "log-chain-of-dotnet",
            "Azure.Identity.CredentialUnavailableException: DefaultAzureCredential failed to retrieve a token from the \
             included credentials.\n- EnvironmentCredential authentication unavailable. Environment variables are not fully \
             configured.\n- WorkloadIdentityCredential authentication unavailable. The workload options are not fully \
             configured.\n- ManagedIdentityCredential authentication unavailable. No response received from the managed \
             identity endpoint.\n- Azure CLI not installed\n- PowerShell is not installed.\n",
        ),
        (
            "log-chain-of-go",
            "DefaultAzureCredential: failed to acquire a token.\nAttempted credentials:\n\tEnvironmentCredential: missing \
             environment variable AZURE_TENANT_ID\n\tManagedIdentityCredential: failed to authenticate a system assigned \
             identity. The endpoint responded with {\"error\":\"invalid_request\",\"error_description\":\"Identity not \
             found\"}\n\tAzureCLICredential: Azure CLI not found on path\n",
        ),
        (
            "log-metadata-forbidden",
            "Retry failed after 6 tries. (An attempt was made to access a socket in a way forbidden by its access \
             permissions. (169.254.169.254:80))",
        ),
        (
            "log-csi-several-identities",
            "rpc error: code = Unknown desc = azure.BearerAuthorizer#WithAuthorization: Failed to refresh the Token: \
             StatusCode=400 -- Original Error: adal: Refresh request failed. Response body: \
             {\"error\":\"invalid_request\",\"error_description\":\"Multiple user assigned identities exist, please specify \
             the clientId / resourceId of the identity in the token request\"}",
        ),
        ("log-assertion-in-json", &in_json),
        (
            "log-assertion-too-long-lived",
            "(invalid_client) AADSTS70023: External OIDC Provider token must have a lifetime of less than or equal to \
             1.01:00:00.",
        ),
        (
            "log-audience-of-no-cloud",
            "AADSTS500011: The resource principal named https://vault.microsoftazure.us was not found in the tenant named T. \
             This can happen if the application has not been installed by the administrator of the tenant.",
        ),
        (
            "log-private-link-name",
            "Get \"https://my-kv.privatelink.vaultcore.azure.net/secrets/a\": tls: failed to verify certificate: x509: \
             certificate is valid for vault.azure.net, *.vault.azure.net, not my-kv.privatelink.vaultcore.azure.net",
        ),
        (
            "log-no-id-taken",
            "ManagedIdentityCredential authentication failed: User assigned managed identity is not supported by the \
             detected managed identity environment.",
        ),
        ("log-cloud-shell-audience", "Audience https://vault.usgovcloudapi.net is not a supported MSI token audience."),
        (
            "log-authority-unreachable",
            "HTTPSConnectionPool(host='login.microsoftonline.com', port=443): Max retries exceeded with url: /t/oauth2 \
             (Caused by ConnectTimeoutError(<HTTPSConnection>, 'Connection to login.microsoftonline.com timed out.'))",
        ),
        ("log-no-msi", "Failed to connect to MSI. Please make sure MSI is configured correctly."),
        (
            "log-no-token-file",
            "failed to read the service account token from the filesystem: open : no such file or directory",
        ),
        (
            "log-ml-plain-text",
            "ManagedIdentityCredential: Unexpected content type \"text/plain; charset=utf-8\"\nContent: InternalError - :{ \
             Info: Request failure status code: 404 }",
        ),
        ("log-invalid-name", "Code: BadParameter Message: The request URI contains an invalid name: UAT_AuthContext"),
        (
            "log-firewall-of-terraform",
            "Error: checking for presence of existing Secret \"a\": Service returned an error. Status=403 \
             Code=\"Forbidden\" Message=\"Client address is not authorized and caller is not a trusted service.\\r\\nClient \
             address: 203.0.113.9\\r\\nCaller: appid=a;oid=b;iss=x\\r\\nVault: my-kv;location=westeurope\" \
             InnerError={\"code\":\"ForbiddenByFirewall\"}",
        ),
        (
            "log-perimeter",
            "Request was not allowed by NSP rules and the client address is not authorized and caller is not a trusted \
             service.\\r\\nClient address: 203.0.113.9\\r\\nCaller: appid=a;oid=b\\r\\nVault: my-kv;location=westeurope",
        ),
        ("log-csi-pem-as-pfx", "failed to decode the object: illegal base64 data at input byte 0"),
    ];
    in_parallel(cases, |(name, text)| {
        let scenario = on(Host::Nothing).without("AZFOB_VAULT").without("AZURE_KEYVAULT_URL");
        std::fs::write(scenario.work().join("log"), text).expect("a log");
        assert_screen(name, &plain(&shown(COLUMNS, scenario, &["diagnose", "--log", "log"])));
    });
}
