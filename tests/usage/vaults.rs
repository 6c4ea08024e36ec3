//! Invalid vaults, from every source.

use crate::support::{Host, Scenario, VAULT};

/// Texts that are not a vault, each with the expected explanation.
const INVALID_VAULTS: [(&str, &str); 24] = [
    ("http://my-vault.vault.azure.net", "a vault URL begins with https://"),
    ("ftp://my-vault.vault.azure.net", "a vault URL begins with https://"),
    ("https://user@my-vault.vault.azure.net", "no user name or password"),
    ("https://user:pass-w0rd@my-vault.vault.azure.net", "no user name or password"),
    ("user:pass-w0rd@my-vault.vault.azure.net", "no user name or password"),
    ("https://my-vault.vault.azure.net:8443", "only port 443"),
    ("https://my-vault.vault.azure.net:", "only port 443"),
    ("https://my-vault.vault.azure.net:443:443", "only port 443"),
    ("https://my-vault.vault.evil.example", "not under a known vault suffix"),
    ("https://my-vault.vault.azure.net.evil.example", "not under a known vault suffix"),
    ("https://vault.azure.net", "not under a known vault suffix"),
    ("https://127.0.0.1", "not under a known vault suffix"),
    ("https://my-vault.vault.azure.net/secrets", "expected only a vault URL"),
    ("https://my-vault.vault.azure.net/..", "expected only a vault URL"),
    ("https://my-vault.vault.azure.net#x", "expected only a vault URL"),
    ("https://my-vault.managedhsm.azure.net", "a managed HSM contains keys, not secrets"),
    ("..", "is not under a known vault suffix"),
    ("ab", "3 to 24 letters, digits and single dashes"),
    ("1-vault", "beginning with a letter"),
    ("my--vault", "single dashes"),
    ("my-vault-", "ending with a letter or digit"),
    ("my_vault", "letters, digits and single dashes"),
    ("a-name-of-25-letters-long", "3 to 24 letters"),
    ("https://xn--tresr-kua.vault.azure.net", "single dashes"),
];

#[test]
fn invalid_vault_is_refused_from_every_source() {
    let scenario = Scenario::on(Host::AppService);
    for (text, expected) in INVALID_VAULTS {
        scenario
            .azfob(["get", "ApiKey", "--vault", text])
            .has_usage_error(&["--vault", expected])
            .never_shows("pass-w0rd");
    }
    for name in VARIABLES {
        let scenario = without_vault();
        scenario.var(name, "http://my-vault").azfob(["get", "ApiKey"]).has_usage_error(&[name, "begins with https://"]);
    }
}

/// The variables that name a vault, in their order of precedence.
const VARIABLES: [&str; 7] = [
    "AZFOB_VAULT",
    "AZURE_KEYVAULT_URL",
    "AZURE_KEY_VAULT_URL",
    "AZURE_KEY_VAULT_ENDPOINT",
    "AZURE_KEY_VAULT_NAME",
    "AZURE_KEYVAULT_NAME",
    "KEY_VAULT_NAME",
];

fn without_vault() -> Scenario {
    Scenario::on(Host::AppService).without("AZFOB_VAULT").without("AZURE_KEYVAULT_URL")
}

#[test]
fn first_variable_names_the_vault() {
    for (index, name) in VARIABLES.into_iter().enumerate() {
        let later = VARIABLES[index + 1..].iter();
        let scenario =
            later.fold(without_vault().var(name, "my-vault"), |scenario, other| scenario.var(other, "other"));
        scenario.azfob(["get", "ApiKey"]).succeeds();
        let verbose = scenario.azfob(["get", "ApiKey", "-v"]).succeeds_with_messages();
        let unused = VARIABLES[index + 1..].iter().all(|other| verbose.stderr.contains(other));
        let is_named = verbose.stderr.contains(&format!("vault: my-vault from {name}; not used: "));
        assert!(unused && is_named == (index < 6), "{name}: {}", verbose.stderr);
        let settings = scenario.azfob(["whoami", "-o", "json"]).succeeds().json();
        assert_eq!(settings["settings"][0]["source"], name, "{settings}");
    }
}

#[test]
fn unread_variable_is_named_if_no_vault_is_configured() {
    let scenario = without_vault().var("KEYVAULT_URI", "https://p.vault.azure.net").var("AZURE_KEYVAULT_ID", "x");
    for command in [&["get", "ApiKey"][..], &["list"], &["get", "--match", "a*"], &["diagnose", "--secret", "ApiKey"]] {
        let outcome = scenario.azfob(command).has_usage_error(&["no vault is configured: use --vault"]);
        outcome.shows("(KEYVAULT_URI is set, but azfob does not read it)").never_shows("p.vault.azure.net");
    }
    let scenario = without_vault().var("Vault__KeyVaultName", "a").var("KEY_VAULT_URL", "b");
    scenario.azfob(["list"]).has_usage_error(&["KEY_VAULT_URL", "Vault__KeyVaultName", "are set"]);
    without_vault().azfob(["list"]).has_usage_error(&["no vault is"]).never_shows("does not read");
}

#[test]
fn vault_name_is_ascii() {
    let scenario = Scenario::on(Host::AppService);
    for text in ["tresör", "https://tresör.vault.azure.net", "https://my-vault.vault.azure.nеt", "my\u{200b}vault"] {
        scenario.azfob(["get", "ApiKey", "--vault", text]).has_usage_error(&["--vault"]);
    }
}

#[test]
fn vault_name_ignores_case() {
    let scenario = Scenario::on(Host::AppService);
    for text in ["MY-VAULT", "My-Vault.Vault.Azure.NET", "HTTPS://MY-VAULT.VAULT.AZURE.NET/"] {
        let outcome = scenario.azfob(["get", "apikey", "--vault", text]).succeeds();
        assert_eq!(outcome.tunnels, [VAULT], "{text}");
    }
    let whole = "https://MY-VAULT.vault.AZURE.net/SECRETS/APIKEY";
    scenario.azfob(["get", whole]).succeeds().prints("sandbox-api-key-of-february");
}

#[test]
fn port_443_and_trailing_slash_are_accepted() {
    let scenario = Scenario::on(Host::AppService);
    for text in
        ["https://my-vault.vault.azure.net:443", "https://my-vault.vault.azure.net/", "my-vault.vault.azure.net"]
    {
        scenario.azfob(["get", "ApiKey", "--vault", text]).succeeds();
    }
}

#[test]
fn missing_vault_error_lists_ways_to_set_it() {
    let scenario = Scenario::on(Host::AppService).without("AZFOB_VAULT").without("AZURE_KEYVAULT_URL");
    scenario.azfob(["get", "ApiKey"]).has_usage_error(&["REF 'ApiKey'", "--vault", "AZFOB_VAULT"]);
    scenario.azfob(["get", "https://my-vault.vault.azure.net/secrets/ApiKey"]).succeeds();
}

#[test]
fn empty_variable_counts_as_unset() {
    let scenario = Scenario::on(Host::AppService).var("AZFOB_VAULT", "").var("AZURE_CLIENT_ID", "");
    // On Windows the two spellings are one variable, which is that of the sandbox.
    let other = if cfg!(windows) { "ALL_PROXY" } else { "https_proxy" };
    let scenario = scenario.var("AZURE_TOKEN_CREDENTIALS", "").var("AZURE_AUTHORITY_HOST", "").var(other, "");
    scenario.azfob(["get", "ApiKey"]).succeeds();
}

#[test]
fn unknown_suffix_must_be_allowed() {
    let scenario = Scenario::on(Host::AppService);
    for text in ["example", "1.2", "a..b", "vault.example/x", "-a.example"] {
        let option = format!("--vault-suffix={text}");
        scenario.azfob(["get", "ApiKey", &option]).has_usage_error(&["--vault-suffix", "expected a domain"]);
    }
    let scenario = scenario.var("AZFOB_VAULT_SUFFIX", "x y");
    scenario.azfob(["get", "ApiKey"]).has_usage_error(&["AZFOB_VAULT_SUFFIX", "expected a domain"]);
}
