//! Malformed settings: each error names the option or variable.

use crate::support::{Host, Scenario};

#[test]
fn empty_option_value_is_refused() {
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
        scenario.azfob(["get", "ApiKey", &format!("{option}=")]).fails(2).sends_no_request().shows(option);
    }
    scenario.azfob(["get", ""]).fails(2).sends_no_request().shows("REF");
    scenario.azfob(["get", "ApiKey", "--out-file="]).fails(2).sends_no_request().shows("--out-file");
}

#[test]
fn tenant_is_id_or_domain() {
    let scenario = Scenario::on(Host::AppService);
    for tenant in ["a b", "a/b", "..", "é", "a;b", "a'b", "a\"b", "$(x)", "a&b", "-x", "a\nb"] {
        let option = format!("--tenant={tenant}");
        scenario.azfob(["get", "ApiKey", &option]).has_usage_error(&["--tenant", "letters, digits, dots and dashes"]);
    }
}

#[test]
fn malformed_tenant_is_reported_before_any_request() {
    for host in [Host::ServicePrincipal, Host::AppService] {
        let scenario = Scenario::on(host).var("AZURE_TENANT_ID", "a/b");
        scenario
            .azfob(["get", "ApiKey"])
            .has_usage_error(&["AZURE_TENANT_ID 'a/b'", "letters, digits, dots and dashes"]);
    }
}

#[test]
fn identity_id_must_match_its_kind() {
    let scenario = Scenario::on(Host::AppService);
    for (option, expected) in [
        ("--client-id", "a GUID, for example 00000000-0000-0000-0000-000000000000"),
        ("--object-id", "a GUID, for example 00000000-0000-0000-0000-000000000000"),
        ("--resource-id", "/subscriptions/ID/resourceGroups/GROUP/"),
    ] {
        for value in ["x", "my-identity", "11112222-bbbb-3333-cccc-4444dddd555g", "11112222bbbb3333cccc4444dddd5555"] {
            scenario.azfob(["get", "ApiKey", option, value]).has_usage_error(&[option, value, expected]);
        }
    }
    let scenario = scenario.var("AZURE_CLIENT_ID", "not an id");
    scenario.azfob(["get", "ApiKey"]).has_usage_error(&["AZURE_CLIENT_ID 'not an id'", "a GUID, for example"]);
}

#[test]
fn unknown_credential_error_lists_known_ones() {
    let all = "EnvironmentCredential, WorkloadIdentityCredential, ManagedIdentityCredential";
    let scenario = Scenario::on(Host::AppService);
    for name in ["nobody", "dev", "prod", "managed identity", "DefaultAzureCredential"] {
        scenario.azfob(["get", "ApiKey", "--credential", name]).has_usage_error(&["--credential", name, all]);
    }
    let scenario = Scenario::on(Host::AppService).var("AZURE_TOKEN_CREDENTIALS", "production");
    scenario.azfob(["get", "ApiKey"]).has_usage_error(&[
        "AZURE_TOKEN_CREDENTIALS 'production'",
        "expected dev, prod",
        all,
    ]);
}

#[test]
fn authority_is_https_address_of_vault_cloud() {
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
        outcome.has_usage_error(&["AZURE_AUTHORITY_HOST", expected]).never_shows("pass-w0rd");
    }
}

#[test]
fn malformed_proxy_error_names_variable_without_value() {
    // On Windows names of variables ignore case, and the error has the upper-case name.
    for name in ["HTTPS_PROXY", if cfg!(windows) { "ALL_PROXY" } else { "https_proxy" }] {
        for value in ["http://", "http://user:pass-w0rd@", "gopher://user:pass-w0rd@p:1", "user:pass-w0rd@p q:1"] {
            let scenario = Scenario::on(Host::AppService).without("HTTPS_PROXY").without("https_proxy");
            let outcome = scenario.var(name, value).azfob(["get", "ApiKey"]);
            outcome.has_usage_error(&[name, "expected a proxy like"]).never_shows("pass-w0rd");
        }
    }
}

#[test]
fn timeout_is_a_duration() {
    let scenario = Scenario::on(Host::AppService);
    for value in ["0", "0s", "-1", "soon", "5w", "1e9", "5 m"] {
        let option = format!("--timeout={value}");
        scenario
            .azfob(["get", "ApiKey", &option])
            .fails(2)
            .sends_no_request()
            .shows("expected a time, for example 20, 90s or 5m");
    }
    for value in ["20", "90s", "5m", "1500ms"] {
        scenario.azfob(["get", "ApiKey", "--timeout", value]).succeeds();
    }
}

#[cfg(unix)]
#[test]
fn setting_that_is_not_text_is_refused() {
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
            scenario.azfob(command).fails(2).sends_no_request().shows(variable);
        }
    }
}

#[test]
fn empty_certificate_store_variable_is_ignored() {
    let scenario = Scenario::on(Host::AppService).var("SSL_CERT_FILE", "").var("SSL_CERT_DIR", "");
    // The system's own store is used, which does not trust the emulated Azure.
    scenario.azfob(["get", "ApiKey"]).fails(7).shows("The TLS certificate is not trusted");
}

#[test]
fn store_without_certificate_is_refused() {
    let scenario = Scenario::on(Host::AppService);
    let file = scenario.home().join("store.pem");
    let (begin, end) = ("-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----");
    for (text, printed) in [
        ("", "it contains no PEM certificate"),
        ("no certificate", "it contains no PEM certificate"),
        (&format!("{begin}\nnonsense"), "it contains no PEM certificate"),
        (&format!("{begin}\nAAAA\n{end}\n{begin}\n***\n{end}\n"), "none of its certificates can be read"),
    ] {
        std::fs::write(&file, text).unwrap();
        let scenario = Scenario::on(Host::AppService).var("SSL_CERT_FILE", &file);
        scenario.azfob(["get", "ApiKey"]).has_usage_error(&["SSL_CERT_FILE ", &format!("store.pem: {printed}")]);
    }
    let scenario = Scenario::on(Host::AppService).var("SSL_CERT_FILE", "/nonexistent/store.pem");
    scenario.azfob(["get", "ApiKey"]).has_usage_error(&["SSL_CERT_FILE /nonexistent/store.pem: "]);
}
