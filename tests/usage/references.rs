//! Invalid references.

use crate::support::{Host, Scenario};

fn misuse(reference: &str, parts: &[&str]) {
    let outcome = Scenario::on(Host::AppService).azfob(["get", "--", reference]);
    let _ = outcome.has_usage_error(&["REF"]).has_usage_error(parts).never_shows("pass-w0rd");
}

#[test]
fn secret_name_has_letters_digits_and_dashes() {
    let long = "a".repeat(128);
    for name in ["a_b", "a b", "..", ".", "a.b", "é", "a%2fb", "a?b", "a:b", &long] {
        misuse(name, &["1 to 127 letters, digits and dashes"]);
    }
    let longest = "a".repeat(127);
    Scenario::on(Host::AppService).secret(&longest, "v").azfob(["get", &longest]).succeeds().prints("v");
}

#[test]
fn name_may_begin_with_digit_or_dash() {
    let scenario = Scenario::on(Host::AppService).secret("9", "digit").secret("-a", "dash");
    scenario.azfob(["get", "9"]).succeeds().prints("digit");
    scenario.azfob(["get", "--", "-a"]).succeeds().prints("dash");
}

#[test]
fn version_is_32_hexadecimal_digits() {
    for version in ["latest", "0123", "0123456789abcdef0123456789abcdeg", "0123456789abcdef0123456789abcdef0", ""] {
        misuse(&format!("ApiKey/{version}"), &["32 hexadecimal digits"]);
        misuse(&format!("akvs://sub/my-vault/ApiKey/{version}"), &["32 hexadecimal digits"]);
    }
}

#[test]
fn reference_has_one_vault() {
    for reference in [
        "@Microsoft.KeyVault(SecretUri=https://my-vault.vault.azure.net/secrets/A;VaultName=other)",
        "@Microsoft.KeyVault(VaultName=my-vault;VaultName=other;SecretName=A)",
    ] {
        misuse(reference, &["it names two vaults; a reference names only one"]);
    }
}

#[test]
fn vault_in_reference_is_validated() {
    for (reference, expected) in [
        ("http://my-vault.vault.azure.net/secrets/A", "begins with https://"),
        ("https://user:pass-w0rd@my-vault.vault.azure.net/secrets/A", "no user name or password"),
        ("https://my-vault.vault.azure.net:444/secrets/A", "only port 443"),
        ("https://evil.example/secrets/A", "not under a known vault suffix"),
        ("https://my-vault.vault.azure.net\\@evil.example/secrets/A", "https://VAULT/secrets/NAME"),
        ("akv://a/A", "3 to 24 letters"),
        ("akvs://sub/my--vault/A", "single dashes"),
        ("ref+azurekeyvault://x/A", "3 to 24 letters"),
        ("@Microsoft.KeyVault(VaultName=ö;SecretName=A)", "3 to 24 letters"),
        ("@Microsoft.KeyVault(SecretUri=http://my-vault.vault.azure.net/secrets/A)", "begins with https://"),
    ] {
        misuse(reference, &[expected]);
    }
}

#[test]
fn incomplete_reference_error_shows_full_form() {
    for (reference, expected) in [
        ("https://my-vault.vault.azure.net", "https://VAULT/secrets/NAME"),
        ("https://my-vault.vault.azure.net/keys/A", "'A' is a key, which cannot be read"),
        ("https://my-vault.vault.azure.net/storage/A", "https://VAULT/secrets/NAME"),
        ("https://my-vault.vault.azure.net/secrets/", "https://VAULT/secrets/NAME"),
        ("https://my-vault.vault.azure.net/secrets/../keys", "not a secret name"),
        ("akv://my-vault", "akv://VAULT/NAME"),
        ("akvs://my-vault/A", "akvs://SUBSCRIPTION/VAULT/NAME"),
        ("ref+azurekeyvault://my-vault", "ref+azurekeyvault://VAULT/NAME"),
        ("@Microsoft.KeyVault(VaultName=my-vault)", "VaultName=...;SecretName=..."),
        ("@Microsoft.KeyVault(SecretName=A", "VaultName=...;SecretName=..."),
        ("@Microsoft.KeyVault(Nonsense=A)", "VaultName=...;SecretName=..."),
        ("A/B/C", "NAME or NAME/VERSION"),
        ("DB=", "NAME or NAME/VERSION"),
    ] {
        misuse(reference, &[expected]);
    }
}

#[test]
fn error_suggests_intended_reference() {
    for (reference, meant) in [
        ("COSMOSDB_PRIMARY_KEY", "did you mean COSMOSDB-PRIMARY-KEY?"),
        ("my_secret", "did you mean my-secret?"),
        ("db.password", "did you mean db-password?"),
        ("ConnectionStrings__Default", "did you mean ConnectionStrings--Default?"),
        ("ConnectionStrings:Default", "did you mean ConnectionStrings--Default?"),
        ("my-vault/ApiKey", "did you mean akv://my-vault/ApiKey?"),
        ("https://my-vault.vault.azure.com/secrets/A", "did you mean my-vault.vault.azure.net?"),
        ("https://my-vault.vaults.azure.net/secrets/A", "did you mean my-vault.vault.azure.net?"),
    ] {
        misuse(reference, &[meant]);
    }
    for reference in ["..", "é", "a b!", "_", "ApiKey/latest", "ApiKey/0123"] {
        let outcome = Scenario::on(Host::AppService).azfob(["get", "--", reference]);
        outcome.fails(2).never_shows("did you mean");
    }
}

#[test]
fn one_invalid_reference_prevents_all_requests() {
    let outcome = Scenario::on(Host::AppService).azfob(["get", "ApiKey", "b_d"]);
    outcome.has_usage_error(&["REF 'b_d'"]);
}

#[test]
fn password_in_reference_is_not_printed() {
    for reference in [
        "postgres://user:pass-w0rd@host/db",
        "https:/user:pass-w0rd@my-vault.vault.azure.net/secrets/A",
        "user:pass-w0rd@host",
        "A/user:pass-w0rd@host",
        "DB=https://user:pass-w0rd@my-vault.vault.azure.net/secrets/A",
        "@Microsoft.KeyVault(SecretUri=https://user:pass-w0rd@my-vault.vault.azure.net/secrets/A)",
        "https://my-vault.vault.azure.net/secrets/user:pass-w0rd@host",
    ] {
        misuse(reference, &[]);
    }
}
