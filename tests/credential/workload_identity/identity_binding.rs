//! A pod with an AKS identity binding: the request to the token proxy over TLS, and every way in which that fails.

use std::ffi::OsString;
use std::fs;
use std::process::Stdio;
use std::time::Duration;

use azfob::testing::sandbox::{API_SERVER, Sandbox};

use crate::support::{Action, Fault, Host, IDENTITY, LOGIN, Outcome, Rule, Scenario, names};

const USE: &str = "AZFOB_IDENTITY_BINDING";
const PROXY: &str = "AZURE_KUBERNETES_TOKEN_PROXY";
const CA_FILE: &str = "AZURE_KUBERNETES_CA_FILE";
const CA_DATA: &str = "AZURE_KUBERNETES_CA_DATA";
const SNI_NAME: &str = "AZURE_KUBERNETES_SNI_NAME";
const GET: [&str; 2] = ["get", "ApiKey"];
const BY_NAME: [&str; 4] = ["get", "ApiKey", "--credential", "workload-identity"];

fn pod() -> Scenario {
    Scenario::on(Host::IdentityBinding)
}

fn variable(sandbox: &Sandbox, name: &str) -> OsString {
    sandbox.variables().iter().find(|(known, _)| known == name).map(|(_, value)| value.clone()).expect(name)
}

/// Returns the token requests to the proxy, after asserting that none was sent to Entra ID.
fn exchanges(outcome: &Outcome) -> Vec<String> {
    assert!(!outcome.tunnels.iter().any(|tunnel| tunnel == LOGIN), "{:?}", outcome.tunnels);
    outcome.requests_to(IDENTITY).iter().map(|request| request.path.clone()).collect()
}

#[test]
fn token_is_exchanged_at_the_proxy() {
    let scenario = pod();
    let sandbox = scenario.sandbox();
    let outcome = scenario.azfob_in(&sandbox, GET, Stdio::piped()).succeeds();
    let path = format!("/{}/oauth2/v2.0/token", names::TENANT_ID);
    assert_eq!(exchanges(&outcome), [path]);
    let request = outcome.requests_to(IDENTITY)[0];
    assert_eq!((request.method.as_str(), request.query.len()), ("POST", 0));
    let host = variable(&sandbox, PROXY).into_string().unwrap();
    assert_eq!(request.header("host"), host.strip_prefix("https://"));
    let fields: Vec<_> = request.form.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(fields, ["client_id", "client_assertion", "client_assertion_type", "grant_type", "scope"]);
    assert_eq!(request.field("scope"), Some("https://vault.azure.net/.default"));
}

#[test]
fn chain_uses_the_proxy_only_if_told_to() {
    let exchanged_at = |scenario: Scenario, arguments: &[&str]| {
        let outcome = scenario.azfob(arguments);
        (outcome.requests_to(IDENTITY).len(), outcome.requests_to(LOGIN).len())
    };
    assert_eq!(exchanged_at(pod(), &GET), (1, 0));
    assert_eq!(exchanged_at(pod().without(USE), &GET), (0, 1));
    assert_eq!(exchanged_at(pod().without(USE), &BY_NAME), (1, 0));
    assert_eq!(exchanged_at(pod().without(USE).var("AZURE_TOKEN_CREDENTIALS", "workload-identity"), &GET), (1, 0));
    assert_eq!(exchanged_at(pod().without(USE).var("AZURE_TOKEN_CREDENTIALS", "prod"), &GET), (0, 1));
    assert_eq!(exchanged_at(pod().var(USE, "0"), &BY_NAME), (0, 1));
    // A pod without a binding has nothing to use.
    let unbound = Scenario::on(Host::WorkloadIdentity).var(USE, "1");
    assert_eq!(exchanged_at(unbound, &GET), (0, 1));
    pod().var(USE, "yes").azfob(GET).has_usage_error(&["AZFOB_IDENTITY_BINDING 'yes': expected 1 or 0"]);
}

/// AKS makes the federated credential of a binding itself: another one would not help.
#[test]
fn direct_exchange_of_a_bound_pod_is_explained() {
    for arguments in [&GET[..], &["diagnose"]] {
        let outcome = pod().fault(Fault::BindingNotUsed).azfob(arguments);
        assert_eq!(outcome.code, Some(4));
        let shown = outcome.stderr.clone() + &outcome.text();
        for part in [
            "AADSTS700212",
            "this pod has an identity binding, and azfob did not use its token proxy",
            "use-managed-identity",
            "AZFOB_IDENTITY_BINDING=1",
            "--credential workload-identity",
        ] {
            assert!(shown.split_whitespace().collect::<Vec<_>>().join(" ").contains(part), "{part}: {shown}");
        }
        assert!(!shown.contains("federated-credential"), "{shown}");
    }
    // Without the proxy's variable there is nothing to turn on.
    let outcome = pod().fault(Fault::BindingNotUsed).without(PROXY).azfob(GET).fails(4);
    outcome.shows("AZURE_KUBERNETES_TOKEN_PROXY is not set").never_shows("federated-credential");
}

#[test]
fn proxy_path_precedes_the_token_path() {
    for end in ["/p", "/p/"] {
        let scenario = pod();
        let sandbox = scenario.sandbox();
        let mut proxy = variable(&sandbox, PROXY);
        proxy.push(end);
        let outcome = scenario.var(PROXY, proxy).azfob_in(&sandbox, GET, Stdio::piped()).fails(4);
        assert_eq!(exchanges(&outcome), [format!("/p/{}/oauth2/v2.0/token", names::TENANT_ID)]);
    }
}

#[test]
fn only_the_specified_ca_is_trusted() {
    let scenario = pod();
    let sandbox = scenario.sandbox();
    let cluster = variable(&sandbox, CA_FILE);
    // The system trusts the cluster's CA here.
    let both = scenario.home().join("both.pem");
    let pem = |path| fs::read_to_string(path).unwrap();
    fs::write(&both, pem(sandbox.authority_file().into()) + &pem(std::path::PathBuf::from(&cluster))).unwrap();
    let scenario = scenario.var("SSL_CERT_FILE", &both);
    let run = |scenario: &Scenario| scenario.azfob_in(&sandbox, GET, Stdio::piped());
    let scenario = scenario.var(CA_FILE, sandbox.authority_file());
    let outcome = run(&scenario).fails(7).shows("is not the specified CA");
    assert_eq!(outcome.requests_to(IDENTITY).len(), 0);
    let scenario = scenario.without(CA_FILE);
    run(&scenario).succeeds();
    let scenario = scenario.var(CA_DATA, pem(cluster.into()));
    run(&scenario).succeeds();
}

#[test]
fn wrong_ca_is_named() {
    let outcome = pod().fault(Fault::BindingCa).azfob(GET).fails(7);
    assert_eq!(exchanges(&outcome), [""; 0]);
    outcome.shows("cause: The token proxy's certificate is not signed by a CA that the pod trusts").shows(CA_FILE);
}

#[test]
fn wrong_sni_is_named() {
    let outcome = pod().fault(Fault::BindingSni).azfob(GET).fails(7);
    assert_eq!(exchanges(&outcome), [""; 0]);
    outcome.shows("cause: AZURE_KUBERNETES_SNI_NAME does not name the cluster's token proxy");
}

/// The API server answers at the same address, with a certificate for it.
#[test]
fn api_server_answers_without_sni() {
    let outcome = pod().without(SNI_NAME).azfob(GET).fails(4);
    assert_eq!(outcome.requests_to(API_SERVER).len(), 1);
    outcome.shows("answered 403: forbidden: User \"system:anonymous\" cannot post path").shows("use-managed-identity");
}

#[test]
fn both_ca_variables_are_refused() {
    let outcome = pod().fault(Fault::BindingTwoCas).azfob(GET).fails(4);
    assert_eq!(exchanges(&outcome), [""; 0]);
    outcome
        .shows("AZURE_KUBERNETES_CA_FILE and AZURE_KUBERNETES_CA_DATA are both set")
        .shows("unset AZURE_KUBERNETES_CA_DATA");
}

#[test]
fn malformed_variables_are_named() {
    for (variable, value, part) in [
        (PROXY, "http://127.0.0.1:1", "expected an https:// URL without user name, query or fragment"),
        (PROXY, "https://user:hunter22@127.0.0.1:1", "expected an https:// URL without user name, query or fragment"),
        (SNI_NAME, "not a name", "expected a DNS name"),
        (CA_FILE, "/nowhere/ca.crt", "which cannot be read"),
    ] {
        let outcome = pod().var(variable, value).azfob(GET).fails(4).shows(variable).shows(part);
        assert_eq!(exchanges(&outcome), [""; 0]);
        outcome.never_shows("hunter22");
    }
    let outcome = pod().without(PROXY).azfob(BY_NAME).fails(4);
    outcome.shows("AZURE_KUBERNETES_CA_FILE is set, but AZURE_KUBERNETES_TOKEN_PROXY is not");
}

#[test]
fn refusal_with_any_body_is_one_of_the_proxy() {
    let html = Action::reply(403, "<html><title>Denied</title></html>").header("Server", "nginx");
    for (action, part) in [
        (Action::json(403, r#"{"kind":"Status","message":"no access","code":403}"#), "answered 403: no access"),
        (Action::reply(401, "go away\nnow"), "answered 401: go away"),
        (html, "answered 403: 'Denied' (status 403, Server 'nginx')"),
        (Action::json(403, ""), "answered 403"),
        (Action::json(400, r#"{"error":"invalid_request"}"#), "answered 400: invalid_request"),
        (Action::json(403, "[1]"), "answered 403"),
        (Action::reply(302, "").header("Location", "https://login.microsoftonline.com/"), "answered 302"),
        (Action::reply(200, "<html><body></body></html>"), "answered 200: (status 200)"),
    ] {
        let outcome = pod().rule(Rule::new(IDENTITY, "/", action)).azfob(GET).fails(4);
        assert_eq!(exchanges(&outcome).len(), 1);
        let outcome = outcome.shows(&format!("the token proxy of the cluster {part}"));
        outcome.shows("cause: The token proxy of the AKS identity binding refused").never_shows("federated-credential");
    }
    let outcome = pod().fault(Fault::BindingRefused).azfob(GET).fails(4);
    let account = format!("auth can-i --list --as {}", names::FEDERATED_SUBJECT);
    outcome.shows("the token proxy of the cluster answered 403: forbidden").shows(&account);
}

#[test]
fn answer_without_token_is_malformed() {
    let outcome = pod().rule(Rule::new(IDENTITY, "/", Action::json(200, "[]"))).azfob(GET).fails(4);
    outcome.shows("the response from the token proxy of the cluster is not JSON with an access_token");
}

/// The proxy passes on what Entra ID answers.
#[test]
fn entra_refusal_through_the_proxy_adds_no_federated_credential() {
    let refusal = |code: u32| {
        let body = format!(
            r#"{{"error":"invalid_client","error_description":"AADSTS{code}: No. Trace ID: t","error_codes":[{code}]}}"#
        );
        pod().rule(Rule::new(IDENTITY, "/", Action::json(401, body))).azfob(GET).fails(4)
    };
    for code in [70_021, 70_025, 700_211, 700_212, 700_213] {
        let outcome = refusal(code).shows(&format!("token proxy: AADSTS{code}")).shows("use-managed-identity");
        outcome.shows("azfob uses its token proxy").never_shows("federated-credential");
    }
    refusal(90_002).shows("AADSTS90002").never_shows("use-managed-identity");
}

#[test]
fn silent_proxy_ends_at_the_time_limit() {
    let scenario = pod().rule(Rule::new(IDENTITY, "/", Action::Hang));
    let outcome = scenario.azfob(["get", "ApiKey", "--timeout", "1"]).fails(7).within(Duration::from_secs(5));
    outcome.shows("token proxy: no answer from 127.0.0.1:").shows("azfob uses its token proxy");
}

#[test]
fn binding_is_a_setting_of_the_report() {
    let text = pod().azfob(["whoami"]).succeeds().text();
    assert!(text.contains("AKS binding") && text.contains("on (from AZFOB_IDENTITY_BINDING)"), "{text}");
}
