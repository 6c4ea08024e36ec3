//! Every form of a reference, end to end.

use crate::support::{Host, Scenario, SecretSpec, VAULT};

const OLD: &str = "sandbox-api-key-of-january";
const NEW: &str = "sandbox-api-key-of-february";

/// The ID of ApiKey's first version.
fn old_version() -> String {
    let secrets = azfob::testing::sandbox::default_secrets();
    secrets.iter().find(|secret| secret.name == "ApiKey").expect("ApiKey").versions[0].id.clone()
}

/// A scenario whose default vault is another one, so that the reference's vault is used.
fn elsewhere() -> Scenario {
    Scenario::on(Host::AppService).var("AZFOB_VAULT", "another-vault")
}

#[test]
fn every_reference_form_gets_same_secret() {
    for reference in [
        "https://my-vault.vault.azure.net/secrets/ApiKey",
        "https://my-vault.vault.azure.net:443/secrets/ApiKey/",
        "@Microsoft.KeyVault(SecretUri=https://my-vault.vault.azure.net/secrets/ApiKey/)",
        "@Microsoft.KeyVault(VaultName=my-vault;SecretName=ApiKey)",
        "@microsoft.keyvault(secretname=apikey; vaultname=MY-VAULT)",
        "akvs://aaaa0a0a-bb1b-cc2c-dd3d-eeeeee4e4e4e/my-vault/ApiKey",
        "akv://my-vault/ApiKey",
        "ref+azurekeyvault://my-vault/ApiKey",
    ] {
        let outcome = elsewhere().azfob(["get", reference]).succeeds().prints(NEW);
        assert_eq!(outcome.tunnels, [VAULT], "{reference}");
    }
    let aliased = Scenario::on(Host::AppService).azfob(["get", "DB=akv://my-vault/ApiKey", "-o", "dotenv"]).succeeds();
    aliased.prints(format!("DB={NEW}\n"));
}

#[test]
fn alias_is_accepted_only_for_variables() {
    for reference in ["https://my-vault.vault.azure.net/secrets/ApiKey", "akv://my-vault/ApiKey"] {
        let alias = format!("DB={reference}");
        elsewhere().azfob(["get", &alias]).has_usage_error(&["REF 'DB=", "ALIAS= works only with"]);
    }
    let outcome = elsewhere().azfob(["get", "DB=akv://my-vault/ApiKey", "-o", "shell"]);
    outcome.succeeds().prints(format!("export DB='{NEW}'\n"));
    elsewhere().azfob(["get", "DB=akv://my-vault/ApiKey", "-o", "json"]).has_usage_error(&["use -o env-json"]);
}

#[test]
fn every_reference_form_accepts_version() {
    let version = old_version();
    for reference in [
        format!("https://my-vault.vault.azure.net/secrets/ApiKey/{version}"),
        format!("https://my-vault.vault.azure.net/secrets/ApiKey/{}", version.to_uppercase()),
        format!("@Microsoft.KeyVault(SecretUri=https://my-vault.vault.azure.net/secrets/ApiKey/{version})"),
        format!("@Microsoft.KeyVault(VaultName=my-vault;SecretName=ApiKey;SecretVersion={version})"),
        format!("akvs://sub/my-vault/ApiKey/{version}"),
        format!("ref+azurekeyvault://my-vault/ApiKey/{version}"),
    ] {
        elsewhere().azfob(["get", &reference]).succeeds().prints(OLD);
    }
    Scenario::on(Host::AppService).azfob(["get", &format!("ApiKey/{version}")]).succeeds().prints(OLD);
}

#[test]
fn missing_version_is_not_found() {
    let outcome = Scenario::on(Host::AppService).azfob(["get", "ApiKey/00000000000000000000000000000000"]).fails(6);
    outcome.shows("'ApiKey/00000000000000000000000000000000'");
}

#[test]
fn older_version_is_readable_if_latest_is_disabled() {
    let secret = SecretSpec::new("A", "old").then("new").disabled();
    let version = secret.versions[0].id.clone();
    let scenario = Scenario::on(Host::AppService).secret_spec(secret);
    scenario.azfob(["get", "A"]).fails(5).shows("The secret or this version is disabled");
    scenario.azfob(["get", &format!("A/{version}")]).succeeds().prints("old");
}

#[test]
fn request_has_typed_name_and_api_version() {
    let outcome = Scenario::on(Host::AppService).azfob(["get", "apiKEY"]).succeeds();
    let request = *outcome.requests_to(VAULT).last().unwrap();
    assert_eq!((request.method.as_str(), request.path.trim_end_matches('/')), ("GET", "/secrets/apiKEY"));
    assert_eq!((request.query.len(), request.parameter("api-version")), (1, Some("7.4")));
    assert!(request.header("authorization").is_some_and(|value| value.starts_with("Bearer ")));
    assert!(request.header("x-ms-client-request-id").is_some_and(|id| id.len() == 36));
    assert!(request.header("user-agent").is_some_and(|agent| agent.starts_with("azfob/")));
}

#[test]
fn missing_vault_is_unreachable() {
    let outcome = Scenario::on(Host::AppService).azfob(["get", "akv://no-such-vault/A"]).fails(7);
    outcome.shows("no-such-vault.vault.azure.net").shows("The host does not exist");
}
