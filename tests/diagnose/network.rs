//! The connection to the vault, checked without a credential.

use super::{Report, causes, on};
use crate::support::{Action, Fault, Host, LOGIN, Rule, UnresponsivePort, VAULT, names};

causes! {
    a_proxy_that_wants_a_sign_in: on(Host::AppService).fault(Fault::ProxyRefuses), 7,
        "proxy-refused", "export NO_PROXY=\"$NO_PROXY,my-vault.vault.azure.net\"";
    a_proxy_that_forbids_the_host: on(Host::AppService).rule(Rule::connecting(VAULT, Action::reply(403, ""))), 7,
        "proxy-refused", "curl -sv -o /dev/null https://my-vault.vault.azure.net/";
    a_proxy_that_closes: on(Host::AppService).rule(Rule::connecting(VAULT, Action::Close)), 7,
        "proxy-closed", "curl -sv -o /dev/null https://my-vault.vault.azure.net/";
    a_proxy_that_is_not_there: on(Host::AppService).var("https_proxy", "http://127.0.0.1:1"), 7,
        "proxy-unreachable", "env | grep -i '_proxy='";
    a_vault_that_breaks_off: on(Host::AppService).rule(Rule::new(VAULT, "/", Action::Close)), 7,
        "unreachable", "https://my-vault.vault.azure.net/";
    // The proxy opens the tunnel and closes it after the ClientHello.
    tls_to_the_vault_that_is_cut: on(Host::AppService).rule(Rule::connecting(VAULT, Action::reply(200, ""))), 7,
        "tls-cut", "https://my-vault.vault.azure.net/";
    tls_to_the_authority_that_is_cut: on(Host::ServicePrincipal).rule(Rule::connecting(LOGIN, Action::reply(200, ""))), 7,
        "tls-cut", "https://login.microsoftonline.com/";
    a_web_page_from_the_authority: on(Host::ServicePrincipal).rule(Rule::new(LOGIN, "/", page(200))), 7,
        "web-page", "https://login.microsoftonline.com/";
    an_authority_behind_a_proxy_that_refuses: on(Host::ServicePrincipal)
        .rule(Rule::connecting(LOGIN, Action::reply(403, ""))), 7,
        "proxy-refused", "export NO_PROXY=\"$NO_PROXY,login.microsoftonline.com\"";
}

/// The block page of a filter.
fn page(status: u16) -> Action {
    let body = "<!DOCTYPE html><html><head><title>Access Denied - Contoso Secure Web Gateway</title></head></html>";
    Action::reply(status, body).header("Content-Type", "text/html").header("Server", "squid/5.7")
}

/// A proxy that is overloaded or restarts closes connections.
#[test]
fn closed_connection_to_proxy_is_retried() {
    let scenario = on(Host::AppService).rule(Rule::connecting(VAULT, Action::Close).times(2));
    scenario.azfob(["get", "ApiKey"]).succeeds();
}

/// The page is shown as what it is: the vault did not refuse anything.
#[test]
fn web_page_instead_of_vault_fails_challenge() {
    for status in [200, 403, 503] {
        let scenario = on(Host::AppService).rule(Rule::new(VAULT, "/", page(status)));
        let report = Report::of(&scenario).exits_with(7).has_cause("web-page");
        let report = report.has_command("https://my-vault.vault.azure.net/");
        let shown = format!(
            "my-vault.vault.azure.net was answered by a web page: 'Access Denied - Contoso Secure Web Gateway' (status \
             {status}, Server 'squid/5.7')"
        );
        assert_eq!(report.finding("web-page")["detail"], shown.as_str());
        let challenge = report.check("challenge");
        assert_eq!(
            (challenge["status"].as_str(), challenge["message"].as_str()),
            (Some("failed"), Some(shown.as_str()))
        );
        assert!(!report.text().contains("403 Forbidden"), "{}", report.text());
        let get = scenario.azfob(["get", "ApiKey", "--timeout", "3"]).fails(7);
        assert!(get.stderr.contains("squid/5.7") && !get.stderr.contains("refused"), "{}", get.stderr);
    }
}

#[test]
fn each_check_has_status_and_duration() {
    let report = Report::of(&on(Host::AppService)).exits_with(0);
    let checks = report.json["vault"]["checks"].as_array().unwrap();
    let names: Vec<_> = checks.iter().map(|check| check["check"].as_str().unwrap()).collect();
    assert_eq!(names, ["proxy", "name", "tcp", "tunnel", "tls", "challenge", "tenant", "list", "get"]);
    assert!(checks.iter().all(|check| check["status"] == "ok" && check["durationMs"].is_u64()), "{checks:#?}");
    assert_eq!(report.check("tls")["message"], "TLS 1.3");
    let proxy = report.check("proxy")["message"].as_str().unwrap();
    assert!(proxy.starts_with("127.0.0.1:") && proxy.ends_with("(from https_proxy)"), "{proxy}");
}

#[test]
fn challenge_describes_vault() {
    let report = Report::of(&on(Host::AppService));
    let vault = &report.json["vault"];
    assert_eq!(vault["url"], "https://my-vault.vault.azure.net");
    assert_eq!((&vault["tenantId"], &vault["region"]), (&names::TENANT_ID.into(), &names::REGION.into()));
    assert_eq!((&vault["clientAddress"], &vault["cloud"]), (&names::CLIENT_ADDRESS.into(), &"AzureCloud".into()));
    let challenge = report.check("challenge")["message"].as_str().unwrap();
    assert!(challenge.ends_with("client address 203.0.113.25 over the public network"), "{challenge}");
}

/// The issuer of a TLS-inspecting proxy is named.
#[test]
fn tls_interceptor_is_named() {
    let report = Report::of(&on(Host::AppService).fault(Fault::TlsIntercepted));
    assert_eq!(report.check("tls")["status"], "failed");
    assert!(report.check("tls")["message"].as_str().unwrap().contains("'Contoso Inspection CA'"));
    assert!(report.json["findings"][0]["detail"].as_str().unwrap().contains("'Contoso Inspection CA'"));
    assert_eq!(report.json["vault"]["region"], serde_json::Value::Null);
}

/// A server at the vault's address that is not Key Vault is reported with its status and name.
#[test]
fn other_server_at_vault_address_is_reported() {
    let other = Action::reply(200, "Sign in to the guest network").header("Server", "captive");
    let report = Report::of(&on(Host::AppService).rule(Rule::new(VAULT, "/", other))).exits_with(1);
    assert_eq!(report.check("challenge")["message"], "no challenge: status 200, Server 'captive'");
    assert_eq!(report.check("challenge")["status"], "warning");
    let _ = report.has_cause("unexpected-answer");
}

/// The chain is reported even if the vault is unreachable.
#[test]
fn chain_is_shown_if_vault_is_unreachable() {
    let silent = UnresponsivePort::new();
    let scenario = on(Host::AppService).var("https_proxy", silent.url());
    let report = Report::with(&scenario, &["--timeout", "2"]).exits_with(7).has_cause("unreachable");
    assert_eq!(report.check("tcp")["status"], "failed");
    assert_eq!(report.json["selected"], "ManagedIdentityCredential");
}

#[test]
fn unreachable_socks_proxy_is_reported() {
    let scenario = on(Host::AppService).without("https_proxy").without("HTTPS_PROXY");
    let report = Report::with(&scenario.var("https_proxy", "socks5://127.0.0.1:1"), &[]).exits_with(7);
    assert_eq!(report.check("name")["message"], "127.0.0.1 (the proxy)");
    assert_eq!(report.check("tcp")["status"], "failed");
    let _ = report.has_cause("proxy-unreachable");
}

/// A private endpoint's own name is not a vault address; the error names the right one.
#[test]
fn private_endpoint_name_error_suggests_vault_name() {
    for (name, instead) in [
        ("my-vault.privatelink.vaultcore.azure.net", "https://my-vault.vault.azure.net"),
        ("my-vault.privatelink.vaultcore.azure.cn", "https://my-vault.vault.azure.cn"),
    ] {
        let printed = on(Host::Nothing).azfob(["get", "A", "--vault", &format!("https://{name}")]).fails(2);
        assert!(printed.stderr.contains(&format!("use {instead}, which resolves to")), "{}", printed.stderr);
        assert!(!printed.stderr.contains("--vault-suffix"), "{}", printed.stderr);
    }
}

/// az is signed in to one cloud at a time: first select the vault's cloud.
#[test]
fn vault_in_other_cloud_suggests_az_cloud_set() {
    for (vault, cloud) in [
        ("https://v-1.vault.azure.cn", "AzureChinaCloud"),
        ("https://v-1.vault.usgovcloudapi.net", "AzureUSGovernment"),
    ] {
        let arguments = ["diagnose", "--explain", "not-signed-in", "--vault", vault];
        let text = on(Host::Nothing).azfob(arguments).succeeds().text();
        let in_order = |text: &str| {
            let (first, then) = (text.find(&format!("az cloud set --name {cloud}")), text.find("az login --scope"));
            assert!(first.is_some() && first < then, "{text}");
        };
        in_order(&text);
        // az in the public cloud has no token for vaults of this cloud.
        let refused = on(Host::AzureCli).azfob(["diagnose", "--vault", vault]);
        let audience = refused.text();
        in_order(audience.split("AADSTS500011").nth(1).unwrap_or_default());
        in_order(&on(Host::AzureCli).azfob(["get", "A", "--vault", vault]).stderr);
    }
}
