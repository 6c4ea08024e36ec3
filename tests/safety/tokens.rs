//! A token is sent only to its vault.

use crate::support::{Action, Fault, Host, IDENTITY, LOGIN, Outcome, Rule, Scenario, VAULT, names};

const REDIRECTS: [u16; 5] = [301, 302, 303, 307, 308];

/// Redirects to a host of the sandbox, so that a followed redirect would succeed and be recorded.
fn redirect(status: u16, to: &str) -> Action {
    Action::reply(status, "moved").header("Location", &format!("https://{to}/secrets/ApiKey"))
}

fn tokens_sent_to(outcome: &Outcome, host: &str) -> usize {
    outcome.requests_to(host).iter().filter(|r| r.header("authorization").is_some()).count()
}

#[test]
fn vault_redirect_is_not_followed() {
    for status in REDIRECTS {
        let rule = Rule::new(VAULT, "/secrets/ApiKey", redirect(status, LOGIN));
        let outcome = Scenario::on(Host::AppService).rule(rule).azfob(["get", "ApiKey"]).fails(1);
        assert_eq!(tokens_sent_to(&outcome, VAULT), 1, "{status}");
        assert_eq!(outcome.requests_to(LOGIN).len(), 0, "{status}");
        outcome.shows(&format!("my-vault answered {status}"));
    }
}

#[test]
fn challenge_redirect_is_not_followed() {
    for status in REDIRECTS {
        let rule = Rule::new(VAULT, "/", redirect(status, LOGIN)).without_credential();
        let outcome = Scenario::on(Host::AzureCli).rule(rule).azfob(["get", "ApiKey"]).succeeds();
        assert_eq!(outcome.requests_to(LOGIN).len(), 0, "{status}");
    }
}

#[test]
fn entra_redirect_gets_no_secret() {
    for status in REDIRECTS {
        let rule = Rule::new(LOGIN, "/", redirect(status, VAULT));
        let outcome = Scenario::on(Host::ServicePrincipal).rule(rule).azfob(["get", "ApiKey"]).fails(4);
        assert_eq!(outcome.requests_to(LOGIN).len(), 1, "{status}");
        assert!(outcome.requests_to(VAULT).iter().all(|r| r.form.is_empty() && r.body.is_empty()), "{status}");
    }
}

#[test]
fn identity_endpoint_redirect_gets_no_header() {
    for status in REDIRECTS {
        let rule = Rule::new(IDENTITY, "/", Action::reply(status, "").header("Location", "/MSI/token?elsewhere=1"));
        let outcome = Scenario::on(Host::AppService).rule(rule).azfob(["get", "ApiKey"]).fails(4);
        assert_eq!(outcome.requests_to(IDENTITY).len(), 1, "{status}");
        assert!(outcome.requests_to(VAULT).iter().all(|r| r.header("x-identity-header").is_none()));
    }
}

#[test]
fn challenge_for_other_resource_gets_no_token() {
    for resource in [
        "https://management.azure.com",
        "https://evil.example",
        "https://azure.net.evil.example",
        "https://vault.azure.net@evil.example",
        "https://net",
        "bad value é",
    ] {
        let header = format!("Bearer authorization=\"https://{LOGIN}/{}\", resource=\"{resource}\"", names::TENANT_ID);
        let rule =
            Rule::new(VAULT, "/", Action::reply(401, "").header("WWW-Authenticate", &header)).without_credential();
        let outcome = Scenario::on(Host::AzureCli).rule(rule).azfob(["get", "ApiKey"]).fails(4);
        assert_eq!(tokens_sent_to(&outcome, VAULT), 0, "{resource}");
        let outcome = outcome.shows("error: The challenge resource does not match the requested domain");
        outcome.shows(&format!("requested a token for a different resource, {resource}")).shows("no token was sent");
    }
}

/// A credential with a single tenant does not need the vault's tenant, and the vault's suffix implies the resource. A
/// developer's sign-in needs the tenant.
#[test]
fn challenge_is_requested_only_if_needed() {
    let fixed = [
        Host::AppService,
        Host::Imds,
        Host::ServiceFabric,
        Host::WorkloadIdentity,
        Host::GithubActions,
        Host::ServicePrincipal,
    ];
    for (host, before) in fixed.map(|host| (host, 0)).into_iter().chain([(Host::AzureCli, 1)]) {
        let outcome = Scenario::on(host).azfob(["get", "ApiKey"]).succeeds();
        let with_token: Vec<_> = outcome.requests_to(VAULT).iter().map(|r| r.authorized).collect();
        assert_eq!(with_token, [vec![false; before], vec![true]].concat(), "{host}");
        assert_eq!(outcome.tunnels.iter().filter(|host| *host == VAULT).count(), 1, "{host}: one connection");
    }
}

#[test]
fn challenge_sets_tenant_but_not_authority() {
    let header = format!("Bearer authorization=\"https://evil.example/{}\"", names::OTHER_TENANT_ID);
    let rule = Rule::new(VAULT, "/", Action::reply(401, "").header("WWW-Authenticate", &header)).without_credential();
    let scenario = Scenario::on(Host::ServicePrincipal).fault(Fault::Guest).rule(rule);
    let outcome = scenario.var("AZURE_ADDITIONALLY_ALLOWED_TENANTS", "*").azfob(["get", "ApiKey"]).succeeds();
    assert!(outcome.requests_to(LOGIN)[0].path.starts_with(&format!("/{}/", names::OTHER_TENANT_ID)));
}

#[test]
fn malformed_challenge_tenant_reaches_no_program() {
    for tenant in ["$(id)", "a;b", "--debug", "a b", "..", "%00", "é"] {
        let header = format!("Bearer authorization=\"https://{LOGIN}/{tenant}\", resource=\"https://vault.azure.net\"");
        let rule =
            Rule::new(VAULT, "/", Action::reply(401, "").header("WWW-Authenticate", &header)).without_credential();
        let scenario = Scenario::on(Host::AzureCli).rule(rule);
        #[cfg(unix)]
        let scenario =
            scenario.program("az", "printf '%s\\n' \"$@\" >\"$HOME/arguments\"; exec \"${outer##*:}/az\" \"$@\"");
        let outcome = scenario.azfob(["get", "ApiKey"]).succeeds();
        assert_eq!(tokens_sent_to(&outcome, VAULT), 1);
        #[cfg(unix)]
        assert!(!scenario.recorded("arguments").contains("--tenant"), "{tenant}");
    }
}

#[test]
fn token_is_sent_once_per_secret_and_only_to_vault() {
    let outcome = Scenario::on(Host::AppService).azfob(["get", "ApiKey", "DatabaseConnectionString"]).succeeds();
    assert_eq!(tokens_sent_to(&outcome, VAULT), 2);
    assert_eq!(outcome.requests.iter().filter(|r| r.host != VAULT && r.header("authorization").is_some()).count(), 0);
    assert!(
        outcome.requests.iter().all(|r| !r.path.contains("eyJ") && r.query.iter().all(|(_, v)| !v.contains("eyJ")))
    );
}

#[test]
fn untrusted_certificate_gets_no_request() {
    for host in [Host::AppService, Host::ServicePrincipal, Host::AzureCli] {
        let outcome = Scenario::on(host).fault(Fault::TlsIntercepted).azfob(["get", "ApiKey"]).fails(7);
        assert_eq!(outcome.requests_to(VAULT).len(), 0);
        // One request without a token and one with it: after a rejected token no second secret is requested.
        assert!(outcome.tunnels.iter().filter(|host| *host == VAULT).count() <= 2, "{:?}", outcome.tunnels);
        outcome.shows("error: The TLS certificate is not trusted: ").shows("SSL_CERT_FILE");
    }
}

#[test]
fn only_configured_store_is_trusted() {
    let scenario = Scenario::on(Host::AppService);
    let other = scenario.home().join("other.pem");
    std::fs::write(&other, include_bytes!("../keys/ca.crt")).unwrap();
    let outcome = scenario.var("SSL_CERT_FILE", other).azfob(["get", "ApiKey"]).fails(7);
    assert_eq!(outcome.requests_to(VAULT).len(), 0);
}

#[test]
fn other_authority_of_the_same_name_is_not_trusted() {
    let other = Scenario::on(Host::AppService).sandbox();
    let scenario = Scenario::on(Host::AppService).var("SSL_CERT_FILE", other.authority_file());
    let outcome = scenario.azfob(["get", "ApiKey"]).fails(7);
    assert_eq!(outcome.requests_to(VAULT).len(), 0);
    outcome.shows("is not accepted: its issuer has the name of a trusted CA, but another key\n");
}

/// As in an image that contains only azfob.
#[test]
#[cfg(target_os = "linux")]
fn bundled_roots_are_trusted_if_system_has_no_store() {
    let unshared = |command: &str| {
        let hide =
            "for folder in /etc/ssl /etc/pki; do [ ! -d $folder ] || mount -t tmpfs none $folder || exit 77; done";
        ["-rm", "/bin/sh", "-c", &format!("PATH=/usr/bin:/bin; {hide}; {command}")].map(str::to_owned)
    };
    let unshare = std::path::Path::new("/usr/bin/unshare");
    let mut tried = std::process::Command::new(unshare);
    if !crate::support::can_unshare(tried.args(unshared("true")), "a system without certificates") {
        return;
    }
    let scenario = Scenario::on(Host::AppService).without("SSL_CERT_FILE").without("SSL_CERT_DIR");
    let sandbox = scenario.sandbox();
    let mut command = scenario.command(&sandbox, unshare);
    let get = format!("exec {} get ApiKey -v", env!("CARGO_BIN_EXE_azfob"));
    let output = command.args(unshared(&get)).output().unwrap();
    let printed = String::from_utf8(output.stderr).unwrap();
    assert_eq!((output.status.code(), output.stdout.len()), (Some(7), 0), "{printed}");
    for part in [
        "azfob: this machine has no trusted root certificates: azfob uses its built-in roots",
        "is not among azfob's built-in roots, and this machine has no certificate store",
    ] {
        assert!(printed.contains(part), "{printed}");
    }
    assert!(sandbox.requests().iter().all(|request| request.host != VAULT), "{printed}");
}

/// The store may have any format, and the root any position in it.
#[test]
fn root_is_found_in_every_store_format() {
    let scenario = Scenario::on(Host::AppService);
    let sandbox = scenario.sandbox();
    let (_, store) = sandbox.variables().iter().find(|(name, _)| name == "SSL_CERT_FILE").expect("a store");
    let one = std::fs::read_to_string(store).unwrap();
    let body: String = one.lines().filter(|line| !line.starts_with("-----")).collect();
    let (begin, end) = ("-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----");
    for (name, text) in [
        ("one-line.pem", format!("{begin}\n{body}\n{end}\n")),
        ("crlf.pem", one.replace('\n', "\r\n")),
        ("words.pem", format!("# a root\nsubject=CN\n{one}")),
        ("behind-garbage.pem", format!("{begin}\nAAAA\n{end}\n{begin}\n***\n{end}\n{one}")),
    ] {
        let path = scenario.home().join(name);
        std::fs::write(&path, text).unwrap();
        for variable in ["SSL_CERT_FILE", "SSL_CERT_DIR"] {
            let folder = scenario.home().join(format!("{name}.folder"));
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::copy(&path, folder.join("store")).unwrap();
            let value = if variable == "SSL_CERT_DIR" { &folder } else { &path };
            let mut command = scenario.command(&sandbox, std::path::Path::new(env!("CARGO_BIN_EXE_azfob")));
            let command = command.args(["get", "ApiKey"]).env_remove("SSL_CERT_FILE").env(variable, value);
            let output = command.output().expect("azfob runs");
            assert!(output.status.success(), "{name} {variable}: {}", String::from_utf8_lossy(&output.stderr));
        }
    }
}
