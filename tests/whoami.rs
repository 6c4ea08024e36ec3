//! `azfob whoami`: the selected credential and its identity, never the token.

use crate::support::{Fault, Host, Scenario, names};

#[test]
fn identity_is_read_from_token_claims() {
    for (host, credential, kind, object) in [
        (Host::AppService, "ManagedIdentityCredential", "systemAssignedManagedIdentity", names::SYSTEM_OBJECT_ID),
        (Host::Imds, "ManagedIdentityCredential", "systemAssignedManagedIdentity", names::SYSTEM_OBJECT_ID),
        (Host::ServicePrincipal, "EnvironmentCredential", "servicePrincipal", names::SERVICE_PRINCIPAL_OBJECT_ID),
        (Host::AzureCli, "AzureCliCredential", "user", names::USER_OBJECT_ID),
    ] {
        let me = Scenario::on(host).azfob(["whoami", "-o", "json"]).succeeds().json();
        assert_eq!(
            (&me["credential"], &me["identityType"], &me["objectId"]),
            (&credential.into(), &kind.into(), &object.into()),
            "{host:?}"
        );
        assert_eq!(me["tenantId"], names::TENANT_ID);
        assert_eq!(me["audience"], "https://vault.azure.net");
        assert!(me["expiresOn"].as_str().unwrap().ends_with("+00:00"));
    }
}

#[test]
fn user_and_system_assigned_identities_differ() {
    let scenario = Scenario::on(Host::AppService).var("AZURE_CLIENT_ID", names::USER_ASSIGNED_CLIENT_ID);
    let me = scenario.azfob(["whoami", "-o", "json"]).succeeds().json();
    assert_eq!(me["identityType"], "userAssignedManagedIdentity");
    assert_eq!(me["managedIdentityResourceId"], names::USER_ASSIGNED_RESOURCE_ID);
    assert_eq!(me["skipped"][0]["credential"], "EnvironmentCredential");
    assert!(me["skipped"][0]["message"].as_str().unwrap().contains("selects the user-assigned identity"));
}

#[test]
fn lifetime_of_a_managed_identity_is_shown() {
    let text = Scenario::on(Host::AppService).azfob(["whoami"]).succeeds().text();
    assert!(text.contains("system-assigned managed identity (same lifecycle as its resource)\n"), "{text}");
    let named = Scenario::on(Host::AppService).var("AZURE_CLIENT_ID", names::USER_ASSIGNED_CLIENT_ID);
    let text = named.azfob(["whoami"]).succeeds().text();
    assert!(text.contains("user-assigned managed identity (can be shared by resources)\n"), "{text}");
    let text = Scenario::on(Host::ServicePrincipal).azfob(["whoami"]).succeeds().text();
    assert!(text.contains("identity      service principal\n"), "{text}");
}

#[cfg(unix)]
#[test]
fn active_account_of_az_is_shown_from_its_file() {
    let scenario = Scenario::on(Host::AzureCli);
    let text = scenario.azfob(["whoami"]).succeeds().text();
    for line in [
        "  az account    alex@contoso.example (user)\n".to_owned(),
        format!("  az tenant     {} (contoso.example)\n", names::TENANT_ID),
        format!("  subscription  {} ({})\n", names::SUBSCRIPTION_NAME, names::SUBSCRIPTION_ID),
    ] {
        assert!(text.contains(&line), "{line} is not in {text}");
    }
    // As `az account show` prints it.
    let sandbox = scenario.sandbox();
    let az = scenario.command(&sandbox, std::path::Path::new("az")).args(["account", "show"]).output().unwrap();
    let shown: serde_json::Value = serde_json::from_slice(&az.stdout).unwrap();
    let me = scenario.azfob(["whoami", "-o", "json"]).succeeds().json();
    for (name, value) in me["azAccount"].as_object().unwrap() {
        assert_eq!(value, &shown[name], "{name}");
    }
    assert_eq!(me["azAccount"].as_object().unwrap().len(), 5);

    // az runs once, for the token. A file that is missing or malformed shows no account.
    let count = "echo \"$*\" >>\"$HOME/az-calls\"; PATH=${outer#*:}; exec az \"$@\"";
    let counted = Scenario::on(Host::AzureCli).program("az", count);
    counted.azfob(["whoami"]).succeeds();
    assert_eq!(std::fs::read_to_string(counted.home().join("az-calls")).unwrap().lines().count(), 1);
    for content in ["", "{", "{\"subscriptions\":[]}"] {
        let scenario = Scenario::on(Host::AzureCli);
        let folder = scenario.home().join("az");
        std::fs::create_dir(&folder).unwrap();
        std::fs::write(folder.join("azureProfile.json"), content).unwrap();
        let me = scenario.var("AZURE_CONFIG_DIR", folder).azfob(["whoami", "-o", "json"]).succeeds().json();
        assert_eq!(me["azAccount"], serde_json::Value::Null, "{content}");
    }
    let me = Scenario::on(Host::AppService).azfob(["whoami", "-o", "json"]).succeeds().json();
    assert_eq!(me["azAccount"], serde_json::Value::Null);
}

#[test]
fn whoami_works_without_vault_and_shows_sources() {
    let scenario = Scenario::on(Host::AzureCli).without("AZFOB_VAULT").without("AZURE_KEYVAULT_URL");
    let outcome = scenario.azfob(["whoami", "--credential", "azure-cli"]).succeeds();
    let text = outcome.text();
    let first = text.lines().next().unwrap();
    assert!(first.starts_with("alex@contoso.example (user) from AzureCliCredential, tenant "), "{first}");
    assert!(text.contains("credential    AzureCliCredential (from --credential)"), "{text}");
    assert!(outcome.tunnels.is_empty());
}

#[test]
fn stored_secret_on_host_with_identity_prints_warning() {
    let scenario = Scenario::on(Host::ServicePrincipal)
        .var("IDENTITY_ENDPOINT", "http://127.0.0.1:1/MSI/token")
        .var("IDENTITY_HEADER", "x")
        .var("WEBSITE_SITE_NAME", "my-app");
    scenario.azfob(["whoami"]).succeeds_with_messages().shows("warning: EnvironmentCredential used a client secret");
    scenario.azfob(["whoami", "-q"]).succeeds();
    // get, run and the others show it with -v.
    let note = "EnvironmentCredential used a client secret, but this host can use a managed identity";
    scenario.azfob(["get", "ApiKey"]).succeeds();
    scenario.azfob(["get", "ApiKey", "-v"]).succeeds_with_messages().shows(note).shows("unset AZURE_CLIENT_SECRET");
    #[cfg(unix)]
    scenario.azfob(["run", "-v", "--env", "A=ApiKey", "--", "/bin/true"]).succeeds_with_messages().shows(note);
    Scenario::on(Host::ServicePrincipal).azfob(["get", "ApiKey", "-v"]).succeeds_with_messages().never_shows(note);
    Scenario::on(Host::AppService).azfob(["get", "ApiKey", "-v"]).succeeds_with_messages().never_shows(note);
}

#[test]
fn vault_tenant_is_requested() {
    let me = Scenario::on(Host::AzureCli).fault(Fault::Guest).azfob(["whoami", "-o", "json"]).succeeds().json();
    assert_eq!(me["tenantId"], names::OTHER_TENANT_ID);
}

#[test]
fn no_credential_is_3_with_every_reason() {
    let outcome = Scenario::on(Host::Nothing).azfob(["whoami", "-v"]).fails(3);
    outcome.shows("EnvironmentCredential").shows("AzureCliCredential");
}

/// The first line is still visible above the prompt.
#[cfg(unix)]
#[test]
fn output_fits_on_a_screen_for_every_host() {
    use crate::support::{Terminal, in_parallel};
    use azfob::testing::sandbox::HOSTS;

    // A key file of Arc's agent is valid only in the agent's folder, and `whoami` opens no browser.
    let has_identity = |host: &Host| !matches!(host, Host::Arc | Host::Browser | Host::Nothing);
    let hosts: Vec<_> = HOSTS.iter().map(|row| row.host).filter(has_identity).collect();
    hosts.chunks(4).for_each(|few| {
        in_parallel(few, |host| {
            let (terminal, theirs) = Terminal::with_columns(80);
            let code = Scenario::on(*host).var("NO_COLOR", "1").azfob_to(["whoami"], theirs).code;
            let shown = terminal.shown();
            assert_eq!(code, Some(0), "{host:?}: {shown}");
            assert!((1..=23).contains(&shown.lines().count()), "{host:?}: {shown}");
            assert!(shown.lines().all(|line| line.chars().count() <= 80), "{host:?}: {shown}");
        });
    });
}
