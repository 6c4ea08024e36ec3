//! Malformed settings: each error names the option or variable.

use crate::support::{Host, Scenario};

#[test]
fn an_option_with_an_empty_value_is_refused() {
    let scenario = Scenario::on(Host::AppService);
    for option in [
        "--vault",
        "--vault-suffix",
        "--credential",
        "--client-id",
        "--object-id",
        "--resource-id",
        "--tenant",
        "--timeout",
    ] {
        scenario.azfob(["get", "ApiKey", &format!("{option}=")]).fails(2).asks_nobody().tells(option);
    }
    scenario.azfob(["get", ""]).fails(2).asks_nobody().tells("REF");
    scenario.azfob(["get", "ApiKey", "--out-file="]).fails(2).asks_nobody().tells("--out-file");
}

#[test]
fn a_tenant_is_an_id_or_a_domain() {
    let scenario = Scenario::on(Host::AppService);
    for tenant in ["a b", "a/b", "..", "é", "a;b", "a'b", "a\"b", "$(x)", "a&b", "-x", "a\nb"] {
        let option = format!("--tenant={tenant}");
        scenario.azfob(["get", "ApiKey", &option]).misused(&["--tenant", "letters, digits, dots and dashes"]);
    }
}

#[test]
fn a_malformed_tenant_variable_is_told_before_anybody_is_asked() {
    for host in [Host::ServicePrincipal, Host::AppService] {
        let scenario = Scenario::on(host).var("AZURE_TENANT_ID", "a/b");
        scenario.azfob(["get", "ApiKey"]).misused(&["AZURE_TENANT_ID 'a/b'", "letters, digits, dots and dashes"]);
    }
}

#[test]
fn an_identitys_id_has_the_form_of_its_kind() {
    let scenario = Scenario::on(Host::AppService);
    for (option, expected) in [
        ("--client-id", "a GUID, for example 00000000-0000-0000-0000-000000000000"),
        ("--object-id", "a GUID, for example 00000000-0000-0000-0000-000000000000"),
        ("--resource-id", "/subscriptions/ID/resourceGroups/GROUP/"),
    ] {
        for value in ["x", "my-identity", "11112222-bbbb-3333-cccc-4444dddd555g", "11112222bbbb3333cccc4444dddd5555"] {
            scenario.azfob(["get", "ApiKey", option, value]).misused(&[option, value, expected]);
        }
    }
    let scenario = scenario.var("AZURE_CLIENT_ID", "not an id");
    scenario.azfob(["get", "ApiKey"]).misused(&["AZURE_CLIENT_ID 'not an id'", "a GUID, for example"]);
}

#[test]
fn an_unknown_credential_is_told_the_known_ones() {
    let all = "EnvironmentCredential, WorkloadIdentityCredential, ManagedIdentityCredential";
    let scenario = Scenario::on(Host::AppService);
    for name in ["nobody", "dev", "prod", "managed identity", "DefaultAzureCredential"] {
        scenario.azfob(["get", "ApiKey", "--credential", name]).misused(&["--credential", name, all]);
    }
    let scenario = Scenario::on(Host::AppService).var("AZURE_TOKEN_CREDENTIALS", "production");
    scenario.azfob(["get", "ApiKey"]).misused(&["AZURE_TOKEN_CREDENTIALS 'production'", "expected dev, prod", all]);
}

#[test]
fn an_authority_is_an_https_address_of_the_vaults_cloud() {
    for (value, expected) in [
        ("http://login.microsoftonline.com", "https://login.microsoftonline.com"),
        ("https://login.microsoftonline.com/tenant", "https://login.microsoftonline.com"),
        ("https://user:pass-w0rd@login.microsoftonline.com", "https://login.microsoftonline.com"),
        ("https://login.microsoftonline.us", "AzureUSGovernment"),
    ] {
        let scenario = Scenario::on(Host::AppService).var("AZURE_AUTHORITY_HOST", value);
        // The whole address: the authority of the cloud would complete a bare name.
        let vault = ["--vault", "https://my-vault.vault.azure.net"];
        let outcome = scenario.azfob(["get", "ApiKey", vault[0], vault[1]]);
        outcome.misused(&["AZURE_AUTHORITY_HOST", expected]).never_tells("pass-w0rd");
    }
}

#[test]
fn a_malformed_proxy_is_told_by_its_variable_and_never_shown() {
    // On Windows names of variables ignore case, and the error has the upper-case name.
    for name in ["HTTPS_PROXY", if cfg!(windows) { "ALL_PROXY" } else { "https_proxy" }] {
        for value in ["http://", "http://user:pass-w0rd@", "gopher://user:pass-w0rd@p:1", "user:pass-w0rd@p q:1"] {
            let scenario = Scenario::on(Host::AppService).without("HTTPS_PROXY").without("https_proxy");
            let outcome = scenario.var(name, value).azfob(["get", "ApiKey"]);
            outcome.misused(&[name, "expected a proxy like"]).never_tells("pass-w0rd");
        }
    }
}

#[test]
fn a_time_limit_is_a_length_of_time() {
    let scenario = Scenario::on(Host::AppService);
    for value in ["0", "0s", "-1", "soon", "5w", "1e9", "5 m"] {
        let option = format!("--timeout={value}");
        scenario
            .azfob(["get", "ApiKey", &option])
            .fails(2)
            .asks_nobody()
            .tells("expected a time, for example 20, 90s or 5m");
    }
    for value in ["20", "90s", "5m", "1500ms"] {
        scenario.azfob(["get", "ApiKey", "--timeout", value]).succeeds();
    }
}

#[cfg(unix)]
#[test]
fn a_setting_that_is_no_text_is_told_and_not_taken_for_unset() {
    use std::ffi::OsString;
    use std::os::unix::ffi::OsStringExt;
    let value = || OsString::from_vec(b"other-vault\xff".to_vec());
    for variable in [
        "AZFOB_VAULT",
        "AZURE_KEYVAULT_URL",
        "KEY_VAULT_NAME",
        "AZURE_TOKEN_CREDENTIALS",
        "AZURE_CLIENT_ID",
        "AZURE_TENANT_ID",
        "AZURE_CLIENT_SECRET",
        "IDENTITY_HEADER",
        "AZFOB_PROFILE",
        "HTTPS_PROXY",
        "NO_PROXY",
    ] {
        let scenario = Scenario::on(Host::AppService).var(variable, value());
        for command in [&["get", "ApiKey"][..], &["list"], &["whoami"], &["diagnose"], &["run", "--", "/bin/true"]] {
            scenario.azfob(command).fails(2).asks_nobody().tells(variable);
        }
    }
}

#[test]
fn a_store_of_certificates_that_is_set_to_nothing_is_not_set() {
    let scenario = Scenario::on(Host::AppService).var("SSL_CERT_FILE", "").var("SSL_CERT_DIR", "");
    // The system's own store is used, which does not trust the emulated Azure.
    scenario.azfob(["get", "ApiKey"]).fails(7).tells("The TLS certificate is not trusted");
}

#[test]
fn a_store_without_a_certificate_is_named() {
    let scenario = Scenario::on(Host::AppService);
    let file = scenario.home().join("store.pem");
    let (begin, end) = ("-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----");
    for (text, told) in [
        ("", "it contains no PEM certificate"),
        ("no certificate", "it contains no PEM certificate"),
        (&format!("{begin}\nnonsense"), "it contains no PEM certificate"),
        (&format!("{begin}\nAAAA\n{end}\n{begin}\n***\n{end}\n"), "none of its certificates can be read"),
    ] {
        std::fs::write(&file, text).unwrap();
        let scenario = Scenario::on(Host::AppService).var("SSL_CERT_FILE", &file);
        scenario.azfob(["get", "ApiKey"]).misused(&["SSL_CERT_FILE ", &format!("store.pem: {told}")]);
    }
    let scenario = Scenario::on(Host::AppService).var("SSL_CERT_FILE", "/nonexistent/store.pem");
    scenario.azfob(["get", "ApiKey"]).misused(&["SSL_CERT_FILE /nonexistent/store.pem: "]);
}
