//! Common failures, each with its real cause as the first finding. The quoted sentence is what users see.

use super::{Report, causes, on};
use crate::support::{Action, Fault, Host, IDENTITY, Rule, Scenario, UnresponsivePort, VAULT, names};

const UNASSIGNED: &str = "99999999-0000-1111-2222-333333333333";

/// A program that is no longer signed in.
fn refusing(name: &str, message: &str) -> Scenario {
    on(Host::AzureCli).program(name, &format!("echo '{message}' >&2; exit 1"))
}

/// az with an error of Entra ID.
fn az_fails_with(code: &str) -> Scenario {
    on(Host::Nothing).program("az", &format!("echo 'ERROR: {code}: something has to be done.' >&2; exit 1"))
}

causes! {
    /// "403 from the metadata address of a desktop container runtime"
    other_service_at_metadata_address: on(Host::Imds).fault(Fault::NotImds), 3,
        "metadata-not-imds", "AZURE_TOKEN_CREDENTIALS=dev";
    /// "Incomplete environment configuration. These variables are set: AZURE_CLIENT_ID"
    client_id_only: on(Host::Nothing).var("AZURE_CLIENT_ID", UNASSIGNED), 3,
        "client-id-only", "unset AZURE_CLIENT_ID";
    /// "Multiple user assigned identities exist, please specify the clientId / resourceId of the identity"
    several_identities_on_a_virtual_machine: on(Host::Imds).fault(Fault::MultipleIdentities), 3,
        "multiple-identities", "az vm identity show --name my-vm --resource-group my-group";
    /// "Unable to load the proper Managed Identity" on an app with only user-assigned identities
    several_identities_on_an_app: on(Host::AppService).fault(Fault::MultipleIdentities), 3,
        "identity-not-selected", "az webapp identity show --name my-app --resource-group my-group";
    /// "Identity not found"
    no_identity_on_a_virtual_machine: on(Host::Imds).fault(Fault::NoIdentity), 3,
        "managed-identity-unavailable", "az vm identity assign --name my-vm --resource-group my-group";
    /// "ManagedIdentityCredential authentication unavailable"
    no_identity_on_an_app: on(Host::AppService).fault(Fault::NoIdentity), 3,
        "managed-identity-unavailable", "az webapp identity assign --name my-app --resource-group my-group";
    /// The same on a function app
    no_identity_on_a_function_app: on(Host::Functions).fault(Fault::NoIdentity), 3,
        "managed-identity-unavailable", "az functionapp identity assign --name my-app --resource-group my-group";
    /// The same on a container app, whose resource group is unknown
    no_identity_on_a_container_app: on(Host::ContainerApps).fault(Fault::NoIdentity), 3,
        "managed-identity-unavailable", "az containerapp identity assign --name my-app --resource-group \"$(az ";
    /// "Identity not found" for a requested identity
    unassigned_identity: on(Host::Imds).var("AZURE_CLIENT_ID", UNASSIGNED), 4,
        "identity-not-assigned", UNASSIGNED;
    /// The same on an app
    unassigned_identity_on_an_app: on(Host::AppService).var("AZURE_CLIENT_ID", UNASSIGNED), 4,
        "identity-not-assigned", "az webapp identity assign --name my-app --resource-group my-group --subscription";
    /// "Azure CLI timed out after 10 seconds"
    az_is_too_slow: on(Host::AzureCli).fault(Fault::SlowTool), 3,
        "developer-tool-timed-out", "time az account get-access-token";
    /// "AADSTS700082: The refresh token has expired due to inactivity"
    expired_login: on(Host::AzureCli).fault(Fault::ExpiredLogin), 3,
        "AADSTS700082", &sign_in();
    /// "AADSTS50076: you must use multi-factor authentication"
    mfa_required: on(Host::AzureCli).fault(Fault::Mfa), 3,
        "AADSTS50076", &sign_in();
    /// "AADSTS50078: Presented multi-factor authentication has expired"
    mfa_expired: az_fails_with("AADSTS50078"), 3, "AADSTS50078", &sign_in();
    /// "AADSTS50079: you must enroll in multi-factor authentication"
    mfa_not_enrolled: az_fails_with("AADSTS50079"), 3, "AADSTS50079", &sign_in();
    /// "AADSTS70043: The refresh token has expired or is invalid due to sign-in frequency checks"
    sign_in_frequency_policy: az_fails_with("AADSTS70043"), 3, "AADSTS70043", &sign_in();
    /// "AKV10032: Invalid issuer"
    managed_identity_of_other_tenant: on(Host::AppService).fault(Fault::WrongTenant), 4,
        "identity-of-another-tenant", "az keyvault show --name my-vault";
    /// The same for an application
    application_of_other_tenant: on(Host::ServicePrincipal).fault(Fault::WrongTenant), 4,
        "wrong-tenant", "export AZURE_TENANT_ID=bbbbcccc-1111-dddd-2222-eeee3333ffff";
    /// "AADSTS50020: User account does not exist in tenant", for the vault's tenant
    user_is_not_a_guest: on(Host::AzureCli).fault(Fault::WrongTenant), 3,
        "AADSTS50020", "az login --tenant bbbbcccc-1111-dddd-2222-eeee3333ffff";
    /// "Caller is not authorized to perform action on resource", after a role was assigned
    no_role: on(Host::AppService).fault(Fault::Forbidden), 5, "forbidden-rbac", &assignment();
    /// "I am Owner" and 403
    role_without_read_permission: on(Host::AppService).fault(Fault::Reader), 5, "forbidden-rbac", &assignment();
    /// "does not have secrets get permission on key vault"
    no_access_policy: on(Host::AppService).fault(Fault::AccessPolicy), 5,
        "forbidden-access-policy", "az keyvault set-policy --name my-vault --object-id aaaaaaaa-";
    /// "Client address is not authorized and caller is not a trusted service"
    firewall: on(Host::AppService).fault(Fault::Firewall), 5,
        "forbidden-firewall", "az keyvault network-rule add --name my-vault --ip-address 203.0.113.25";
    /// "Public network access is disabled and request is not from ... an approved private link"
    public_access_disabled: on(Host::AppService).fault(Fault::PrivateLink), 5,
        "forbidden-private-link", "az keyvault show --name my-vault --query \"properties.[publicNetworkAccess,";
    /// "429 Too Many Requests"
    too_many_requests: on(Host::AppService).fault(Fault::Throttled), 8,
        "throttled", "az monitor metrics list --resource \"$(az keyvault show --name my-vault";
    /// "self signed certificate in certificate chain"
    tls_inspection: on(Host::AppService).fault(Fault::TlsIntercepted), 7,
        "certificate-not-trusted", "-connect my-vault.vault.azure.net:443";
    /// "Az.Account module >= 2.2.0 is not installed", or VS Code without a token: az is not installed either
    broker_only_token: visual_studio_code(), 3, "needs-broker", "az login --tenant ";
    /// "AADSTS700024: Client assertion is not within its valid time range"
    expired_assertion: on(Host::WorkloadIdentity).fault(Fault::ExpiredAssertion).var("HOSTNAME", "my-pod-5d8f"), 4,
        "AADSTS700024", "kubectl --namespace my-namespace delete pod my-pod-5d8f";
    /// "SecretNotFound" for a secret that the portal lists as deleted
    deleted_secret: on(Host::AppService).fault(Fault::SoftDeleted), 6,
        "secret-deleted", "az keyvault secret recover --vault-name my-vault --name ApiKey";
    /// "SecretNotFound"
    no_such_secret: on(Host::AppService).fault(Fault::NotFound), 6,
        "secret-not-found", "az keyvault secret list --vault-name my-vault";
    /// "Operation get is not allowed on a disabled secret"
    disabled_secret: on(Host::AppService).fault(Fault::Disabled), 5,
        "secret-disabled", "az keyvault secret set-attributes --vault-name my-vault --name ApiKey --enabled true";
    /// "502 Bad Gateway" of a proxy that cannot resolve the vault
    proxy_cannot_resolve_vault: on(Host::AppService).fault(Fault::Unreachable), 7,
        "proxy-connect-failed", "az keyvault list";
    /// "[TokenExpired]" after the machine slept
    clock_skew: on(Host::AppService).fault(Fault::ClockSkew), 4,
        "clock-skew", "sudo timedatectl set-ntp true";
    /// "Please run 'az login' to setup account"
    az_not_signed_in: on(Host::AzureCli).fault(Fault::NoIdentity), 3,
        "not-signed-in", &sign_in();
    /// "CredentialUnavailableError"
    no_credential: on(Host::Nothing), 3, "credential-unavailable", "az login";
    /// "AADSTS7000215: Invalid client secret provided"
    wrong_client_secret: on(Host::ServicePrincipal).fault(Fault::WrongSecret), 4,
        "AADSTS7000215", "az ad app credential reset --id 33334444-dddd-5555-eeee-6666ffff7777 --append";
}

/// The sign-in to the vault's tenant for Key Vault.
fn sign_in() -> String {
    format!("az login --tenant {} --scope https://vault.azure.net/.default", names::TENANT_ID)
}

fn assignment() -> String {
    format!(
        "az role assignment create --role \"Key Vault Secrets User\" --assignee-object-id {} \
         --assignee-principal-type ServicePrincipal --scope /subscriptions/",
        names::SYSTEM_OBJECT_ID
    )
}

/// A Visual Studio Code sign-in, whose token only a broker returns.
fn visual_studio_code() -> Scenario {
    let record = serde_json::json!({
        "authority": "login.microsoftonline.com", "clientId": "aebc6443-996d-45c2-90f0-388ff96faa56",
        "homeAccountId": "x.y", "tenantId": names::TENANT_ID, "username": names::USER_PRINCIPAL_NAME, "version": "1.0",
    });
    on(Host::Nothing).visual_studio_code(".azure", &record.to_string())
}

/// The chain is slow because the metadata address accepts no connection.
#[test]
fn slow_chain_names_slow_credential() {
    let silent = UnresponsivePort::new();
    let scenario = on(Host::AzureCli).var("AZURE_POD_IDENTITY_AUTHORITY_HOST", silent.url());
    let report = Report::of(&scenario).exits_with(0).has_cause("metadata-slow");
    assert_eq!(report.json["findings"][0]["severity"], "note");
    let report = report.has_command("export AZURE_TOKEN_CREDENTIALS=dev");
    let took = &report.credential("ManagedIdentityCredential")["durationMs"];
    assert!((150..2_000).contains(&took.as_u64().expect("a number")), "{took}");
}

/// "IMDS token request timed out" if selected by name: the finding notes the retries.
#[test]
fn slow_metadata_service_is_no_missing_identity() {
    let scenario = on(Host::Imds).rule(Rule::new(IDENTITY, "/", Action::Hang));
    let report = Report::with(&scenario, &["--credential", "managed-identity"]).exits_with(3);
    let report = report.has_cause("metadata-timed-out").has_command("curl -s --noproxy '*' -H Metadata:true");
    let detail = report.json["findings"][0]["detail"].as_str().expect("text").to_owned();
    assert!(detail.contains("selected by name") && detail.contains("after retries"), "{detail}");
    assert!(!report.has("metadata-slow"), "{}", report.text());
}

/// The same in the chain: the finding notes the single short attempt, and how to wait longer.
#[test]
fn short_metadata_attempt_suggests_longer_wait() {
    let silent = UnresponsivePort::new();
    let scenario = on(Host::Nothing).var("AZURE_POD_IDENTITY_AUTHORITY_HOST", silent.url());
    let report = Report::of(&scenario).exits_with(3).has_cause("credential-unavailable");
    let attempt = report.credential("ManagedIdentityCredential")["message"].as_str().expect("text");
    assert!(attempt.ends_with("(one short attempt)"), "{attempt}");
    let detail = report.json["findings"][0]["detail"].as_str().expect("text");
    assert!(detail.contains("--credential managed-identity"), "{detail}");
    // A codespace is not in Azure.
    let report = Report::of(&scenario.var("CODESPACES", "true")).exits_with(3);
    assert!(!report.text().contains("--credential managed-identity"), "{}", report.text());
}

/// An earlier credential is used although a later one would be accepted.
#[test]
fn shadowing_identity_is_the_cause() {
    let report = Report::of(&on(Host::AzureCli).fault(Fault::Shadowed)).exits_with(5);
    let report =
        report.has_cause("credential-precedence").has_command("export AZURE_TOKEN_CREDENTIALS=AzureCliCredential");
    let detail = report.json["findings"][0]["detail"].as_str().expect("text");
    assert!(detail.contains(names::USER_PRINCIPAL_NAME) && detail.contains("EnvironmentCredential"), "{detail}");
    assert_eq!(report.json["findings"][1]["code"], "forbidden-rbac");
    assert_eq!(report.json["findings"][1]["severity"], "warning");
}

/// A failing tool hides no other credential, and is reported with its own fix.
#[test]
fn broken_tool_is_a_warning_if_another_works() {
    let scenario = refusing("azd", "ERROR: AADSTS700082: The refresh token has expired due to inactivity.");
    let report = Report::of(&scenario).exits_with(0).has_cause("AADSTS700082");
    assert_eq!(report.json["findings"][0]["severity"], "warning");
    assert_eq!(report.json["selected"], "AzureCliCredential");
    report.has_command("azd auth login --tenant-id aaaabbbb-0000-cccc-1111-dddd2222eeee");
}

/// "Azure CLI not found on path" although it is installed.
#[test]
fn tool_outside_path_is_found() {
    let scenario = on(Host::Nothing);
    let folder = scenario.home().join(".local/bin");
    crate::support::install(&folder, "az", "exit 1");
    let report = Report::of(&scenario).exits_with(3).has_cause("developer-tool-not-on-path");
    report.has_command(&format!("export PATH=\"$PATH:{}\"", folder.display()));
}

/// A mounted `~/.azure` in an image without az.
#[test]
fn login_without_az_is_reported() {
    let scenario = on(Host::Nothing).without("AZURE_CONFIG_DIR");
    std::fs::create_dir(scenario.home().join(".azure")).expect("a folder");
    std::fs::write(scenario.home().join(".azure/azureProfile.json"), "{}").expect("a login");
    Report::of(&scenario).exits_with(3).has_cause("az-login-without-az").has_command("azure-cli");
}

/// Git Bash converts `/subscriptions/...` to a Windows path.
#[test]
fn commands_with_paths_disable_git_bash_conversion() {
    let scenario = on(Host::AppService).fault(Fault::Forbidden).var("MSYSTEM", "MINGW64");
    Report::of(&scenario).has_command("MSYS_NO_PATHCONV=1 az role assignment create");
    let scenario = on(Host::AppService).fault(Fault::Throttled).var("MSYSTEM", "MINGW64");
    Report::of(&scenario).has_command("MSYS_NO_PATHCONV=1 az monitor metrics list");
}

/// The vault returns an expired secret.
#[test]
fn expired_secret_is_a_warning() {
    let report = Report::of(&on(Host::AppService).fault(Fault::Expired)).exits_with(0);
    let report = report.has_cause("secret-expired");
    assert_eq!(report.json["findings"][0]["severity"], "warning");
    report.has_command("az keyvault secret list-versions --vault-name my-vault --name ApiKey");
}

/// A change of group membership can take a day, because the token is older.
#[test]
fn old_managed_identity_token_shows_issue_time() {
    let body = serde_json::json!({ "error": { "code": "Forbidden", "message": "Caller is not authorized.",
        "innererror": { "code": "ForbiddenByRbac" } } });
    let claims = serde_json::json!({ "iat": 1_700_000_000, "oid": names::SYSTEM_OBJECT_ID, "tid": names::TENANT_ID,
        "idtyp": "app", "xms_mirid": "/subscriptions/s/resourcegroups/g/providers/Microsoft.Web/sites/my-app" });
    let part = |json: &serde_json::Value| {
        use base64::Engine;
        base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(json.to_string())
    };
    let token = format!("{}.{}.c2ln", part(&serde_json::json!({ "alg": "none" })), part(&claims));
    let granted = serde_json::json!({ "access_token": token, "expires_on": "4102444800", "token_type": "Bearer" });
    let scenario = on(Host::AppService)
        .rule(Rule::new(IDENTITY, "/", Action::json(200, granted.to_string())))
        .rule(Rule::new(VAULT, "/secrets", Action::json(403, body.to_string())).with_credential());
    let report = Report::of(&scenario).exits_with(5).has_cause("forbidden-rbac");
    assert!(report.finding("token-age")["detail"].as_str().expect("text").contains("2023-11-14"), "{}", report.text());
}
