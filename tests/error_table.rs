//! The complete error of each row that `get` can reach, on the hosts on which it occurs. Review a changed snapshot as a
//! user in an incident would: `INSTA_UPDATE=always cargo test error_table` accepts it.

use azfob::testing::rows;

use crate::support::{
    Action, Fault, Host, IDENTITY, LOGIN, Outcome, Rule, Scenario, VAULT, names, without_unconfigured_credentials,
};

/// Declares a test for each case: runs `azfob get ApiKey` in its scenario.
macro_rules! cases {
    ($($case:ident: $scenario:expr;)*) => {
        $(#[test]
        fn $case() {
            assert_error(stringify!($case), &$scenario.azfob(["get", "ApiKey", "--timeout", "1"]));
        })*
    };
}

/// The only case whose snapshot contains the whole chain.
const WHOLE_CHAIN: &str = "no_credential";

fn assert_error(case: &str, outcome: &Outcome) {
    assert_eq!(outcome.text(), "", "an error prints nothing on stdout");
    let code = outcome.code.expect("an exit code");
    let printed = outcome.normalized_stderr();
    let printed = if case == WHOLE_CHAIN { printed } else { without_unconfigured_credentials(&printed) };
    let whole = format!("{printed}exit code {code}");
    insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!(case, whole);
    });
}

fn on(host: Host) -> Scenario {
    Scenario::on(host)
}

fn refusing(body: &'static str, status: u16) -> Scenario {
    on(Host::AppService).rule(Rule::new(VAULT, "/secrets/ApiKey", Action::json(status, body)))
}

const UNASSIGNED: &str = "99999999-0000-1111-2222-333333333333";

cases! {
    no_identity_on_app_service: on(Host::AppService).fault(Fault::NoIdentity);
    no_identity_on_functions: on(Host::Functions).fault(Fault::NoIdentity);
    no_identity_on_container_apps: on(Host::ContainerApps).fault(Fault::NoIdentity);
    no_identity_on_a_virtual_machine: on(Host::Imds).fault(Fault::NoIdentity);
    no_identity_on_a_pod: on(Host::WorkloadIdentity).fault(Fault::NoIdentity);
    no_role_on_app_service: on(Host::AppService).fault(Fault::Forbidden);
    no_role_for_a_user: on(Host::AzureCli).fault(Fault::Forbidden);
    no_role_for_a_workload: on(Host::WorkloadIdentity).fault(Fault::Forbidden);
    no_role_for_a_service_principal: on(Host::ServicePrincipal).fault(Fault::Forbidden);
    no_secret: on(Host::AppService).fault(Fault::NotFound);
    secret_soft_deleted: on(Host::AppService).fault(Fault::SoftDeleted);
    no_credential: on(Host::Nothing);
    az_not_signed_in: on(Host::AzureCli).fault(Fault::NoIdentity);

    forbidden_by_access_policy: on(Host::AppService).fault(Fault::AccessPolicy);
    forbidden_by_access_policy_for_a_user: on(Host::AzureCli).fault(Fault::AccessPolicy);
    forbidden_by_firewall: on(Host::AppService).fault(Fault::Firewall);
    forbidden_by_private_link: on(Host::AppService).fault(Fault::PrivateLink);
    secret_disabled: on(Host::AppService).fault(Fault::Disabled);
    forbidden_for_unknown_reason: refusing(
        r#"{"error":{"code":"Forbidden","message":"The moon is full.\r\nVault: my-vault","innererror":{"code":"FullMoon"}}}"#,
        403
    );

    identity_not_assigned_on_app_service: on(Host::AppService).var("AZURE_CLIENT_ID", UNASSIGNED);
    identity_not_assigned_on_container_apps: on(Host::ContainerApps).var("AZURE_CLIENT_ID", UNASSIGNED);
    identity_not_assigned_on_a_virtual_machine: on(Host::Imds).var("AZURE_CLIENT_ID", UNASSIGNED);
    several_identities_on_a_virtual_machine: on(Host::Imds).fault(Fault::MultipleIdentities);
    several_identities_on_app_service: on(Host::AppService).fault(Fault::MultipleIdentities);
    identity_endpoint_unavailable: on(Host::AppService).rule(Rule::new(
        IDENTITY,
        "/",
        Action::json(500, r#"{"statusCode":500,"message":"An unexpected error"}"#).header("Retry-After", "0")
    ));
    metadata_impostor: on(Host::Imds).fault(Fault::NotImds);

    wrong_client_secret: on(Host::ServicePrincipal).fault(Fault::WrongSecret);
    wrong_tenant_of_a_service_principal: on(Host::ServicePrincipal).var("AZURE_TENANT_ID", "other.example");
    malformed_tenant: on(Host::ServicePrincipal).var("AZURE_TENANT_ID", "a/b");
    expired_assertion: on(Host::WorkloadIdentity).fault(Fault::ExpiredAssertion);
    token_file_missing: on(Host::WorkloadIdentity).var("AZURE_FEDERATED_TOKEN_FILE", "/no/such/file");
    identity_binding_not_used: on(Host::IdentityBinding).fault(Fault::BindingNotUsed);
    identity_binding_refused: on(Host::IdentityBinding).fault(Fault::BindingRefused);
    identity_binding_ca: on(Host::IdentityBinding).fault(Fault::BindingCa);
    identity_binding_sni: on(Host::IdentityBinding).fault(Fault::BindingSni);
    identity_binding_two_cas: on(Host::IdentityBinding).fault(Fault::BindingTwoCas);
    unknown_refusal: on(Host::ServicePrincipal).rule(Rule::new(
        LOGIN,
        "/",
        Action::json(400, r#"{"error":"invalid_request","error_description":"AADSTS9999999: Something new.\r\nTrace ID: x"}"#)
    ));
    expired_login: on(Host::AzureCli).fault(Fault::ExpiredLogin);
    mfa_required: on(Host::AzureCli).fault(Fault::Mfa);
    az_too_slow: on(Host::AzureCli).fault(Fault::SlowTool);
    az_selected_by_name_too_slow: on(Host::AzureCli).fault(Fault::SlowTool).var("AZURE_TOKEN_CREDENTIALS", "AzureCliCredential");

    tenant_of_a_managed_identity: on(Host::AppService).fault(Fault::WrongTenant);
    tenant_of_a_user: on(Host::AzureCli).fault(Fault::WrongTenant);
    tenant_not_allowed: on(Host::ServicePrincipal).fault(Fault::Guest).var("AZURE_ADDITIONALLY_ALLOWED_TENANTS", "x");
    clock_behind: on(Host::AppService).fault(Fault::ClockSkew);
    wrong_audience: refusing(
        r#"{"error":{"code":"Unauthorized","message":"AKV10022: Invalid audience. Expected https://vault.azure.net, found: https://management.azure.com/."}}"#,
        401
    );
    unauthorized: refusing(r#"{"error":{"code":"Unauthorized","message":"AKV10000: Error validating token: 'S2S17001'."}}"#, 401);
    challenge_mismatch: on(Host::AzureCli).rule(
        Rule::new(
            VAULT,
            "/",
            Action::reply(401, "").header("WWW-Authenticate", "Bearer resource=\"https://management.azure.com\"")
        )
        .without_credential()
    );

    throttled: on(Host::AppService).fault(Fault::Throttled);
    unreachable_beyond_proxy: on(Host::AppService).fault(Fault::Unreachable);
    proxy_refuses: on(Host::AppService).rule(Rule::connecting(VAULT, Action::reply(407, "")));
    proxy_unreachable: on(Host::AppService).var("https_proxy", "http://127.0.0.1:1");
    certificate_not_trusted: on(Host::AppService).fault(Fault::TlsIntercepted);
    silent_authority: on(Host::ServicePrincipal).rule(Rule::new(LOGIN, "/", Action::Hang));
    silent_vault: on(Host::AppService).rule(Rule::new(VAULT, "/secrets/ApiKey", Action::Hang));
    vault_unavailable: on(Host::AppService).rule(Rule::new(
        VAULT,
        "/secrets/ApiKey",
        Action::json(500, r#"{"error":{"code":"InternalError","message":"oops"}}"#).header("Retry-After", "0")
    ));
    not_a_vault: on(Host::AppService).rule(Rule::new(VAULT, "/secrets/ApiKey", Action::reply(200, "hi")));
}

#[test]
fn several_secrets() {
    let outcome = on(Host::AppService).azfob(["get", "Missing", "ApiKey", "AlsoMissing"]);
    assert_error("several_secrets", &outcome);
}

/// Commands contain the names of host, vault and identity. If one is unknown, a command finds it.
#[test]
fn commands_contain_no_placeholder() {
    for (host, fault) in [
        (Host::AppService, Fault::NoIdentity),
        (Host::AppService, Fault::Forbidden),
        (Host::AppService, Fault::NotFound),
        (Host::AzureCli, Fault::NoIdentity),
        (Host::AppService, Fault::AccessPolicy),
        (Host::AppService, Fault::Firewall),
    ] {
        let outcome = on(host).fault(fault).azfob(["get", "ApiKey"]);
        for line in outcome.stderr.lines().filter(|line| line.starts_with("       az ")) {
            assert!(!line.contains(['<', '{', '…']) && !line.contains("..."), "{line}");
        }
    }
}

#[test]
fn documented_rows_are_printed_word_for_word() {
    let role = format!("--assignee-object-id {} --assignee-principal-type ServicePrincipal", names::SYSTEM_OBJECT_ID);
    for (host, fault, error, cause, fix, command) in [
        (
            Host::AppService,
            Fault::NoIdentity,
            "ManagedIdentityCredential authentication unavailable",
            "Identity not enabled",
            "Enable managed identity on the resource",
            "az webapp identity assign --name my-app --resource-group my-group",
        ),
        (
            Host::AppService,
            Fault::Forbidden,
            "403 Forbidden",
            "Missing RBAC role",
            "Assign Key Vault Secrets User role",
            role.as_str(),
        ),
        (
            Host::AppService,
            Fault::NotFound,
            "SecretNotFound",
            "Wrong vault URL or secret name",
            "Verify vault URL and secret name",
            "az keyvault secret list --vault-name my-vault",
        ),
        (
            Host::Nothing,
            Fault::NoIdentity,
            "CredentialUnavailableError",
            "No valid credential in chain",
            "Ensure az login locally or identity enabled in Azure",
            "az login",
        ),
    ] {
        let outcome = on(host).fault(fault).azfob(["get", "ApiKey"]);
        let lines: Vec<_> = outcome.stderr.lines().collect();
        let position = |test: &dyn Fn(&str) -> bool| lines.iter().position(|line| test(line));
        let places = [
            position(&|line| line.starts_with(&format!("error: {error}: "))),
            position(&|line| line == format!("cause: {cause}") || line.starts_with(&format!("cause: {cause} ("))),
            position(&|line| line == format!("fix:   {fix}")),
            lines.iter().rposition(|line| line.starts_with("       ") && line.contains(command)),
            position(&|line| line.starts_with("more:  ")),
        ];
        assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{places:?}:\n{}", outcome.stderr);
        let page = lines.last().expect("a line").trim();
        let row = rows().find(|row| row.page() == page).unwrap_or_else(|| panic!("{page} is no row's"));
        assert_eq!((row.error, row.cause, row.fix), (error, cause, fix));
    }
}

/// Review new and renamed codes here: scripts and tickets refer to them.
#[test]
fn all_codes() {
    let rows = rows().filter(|row| !row.code.starts_with("AADSTS"));
    let rows: Vec<_> = rows.map(|row| format!("{:32} {}", row.code, row.error)).collect();
    insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!("all_codes", rows.join("\n"));
    });
}
