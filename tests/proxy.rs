//! Connections through a proxy: its selection and its failures.

use std::process::Stdio;
use std::time::Duration;

use azfob::testing::sandbox::Sandbox;

use crate::support::{Action, Host, IDENTITY, LOGIN, Outcome, Rule, Scenario, Socks, SocksProxy, Trickle, VAULT};

const VARIABLES: [&str; 6] = ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "NO_PROXY", "no_proxy"];

/// Returns the address of the sandbox's proxy.
fn proxy_of(sandbox: &Sandbox) -> String {
    let (_, proxy) = sandbox.variables().iter().find(|(name, _)| name == "HTTPS_PROXY").expect("a proxy");
    proxy.to_str().expect("text").to_owned()
}

/// A scenario with the sandbox's proxy in only this variable.
fn with_only_proxy_variable(name: &str) -> Outcome {
    let scenario = Scenario::on(Host::ServicePrincipal);
    let sandbox = scenario.sandbox();
    let scenario = VARIABLES.into_iter().fold(scenario, Scenario::without).var(name, proxy_of(&sandbox));
    scenario.azfob_in(&sandbox, ["get", "ApiKey"], Stdio::piped())
}

/// Runs azfob with a SOCKS proxy, whose address follows `before`, as in `socks5h://`. Returns also the proxy's requests.
fn through_socks(answers: Socks, before: &str, arguments: &[&str]) -> (Outcome, Vec<String>) {
    let scenario = Scenario::on(Host::ServicePrincipal);
    let sandbox = scenario.sandbox();
    let proxy = SocksProxy::new(&proxy_of(&sandbox), answers);
    let scenario = VARIABLES.into_iter().fold(scenario, Scenario::without);
    let scenario = scenario.var("https_proxy", format!("{before}{}", proxy.address()));
    let outcome = scenario.azfob_in(&sandbox, arguments, Stdio::piped());
    (outcome, proxy.requests())
}

#[test]
fn both_spellings_and_all_proxy_set_proxy() {
    for name in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"] {
        let outcome = with_only_proxy_variable(name).succeeds();
        let mut hosts = outcome.tunnels;
        hosts.sort();
        hosts.dedup();
        assert_eq!(hosts, [LOGIN, VAULT], "{name}");
    }
}

#[test]
fn lower_case_variable_takes_precedence() {
    let scenario = Scenario::on(Host::AppService).var("HTTPS_PROXY", "http://127.0.0.1:1");
    scenario.azfob(["get", "ApiKey"]).succeeds();
}

#[test]
fn address_without_scheme_is_a_proxy() {
    let scenario = Scenario::on(Host::AppService);
    let sandbox = scenario.sandbox();
    let bare = proxy_of(&sandbox).trim_start_matches("http://").to_owned();
    let scenario = scenario.var("https_proxy", format!(" {bare} "));
    scenario.azfob_in(&sandbox, ["get", "ApiKey"], Stdio::piped()).succeeds();
}

/// Directly means that the name is resolved locally; `.invalid` names never resolve (RFC 6761).
#[test]
fn no_proxy_connects_directly() {
    for list in ["*", "vault.invalid", ".vault.invalid", "example.com, my-vault.vault.invalid"] {
        let scenario = Scenario::on(Host::AppService).var("no_proxy", list).var("NO_PROXY", list);
        let vault = "https://my-vault.vault.invalid/secrets/A";
        let outcome = scenario.azfob(["get", vault, "--vault-suffix", "vault.invalid", "--timeout", "5"]);
        assert_eq!(outcome.tunnels, [""; 0], "{list}");
        outcome.fails(7).shows("my-vault.vault.invalid").never_shows("proxy 127.0.0.1");
    }
}

#[test]
fn proxy_refusal_shows_status() {
    for (status, message) in [(407, "407"), (403, "403")] {
        let rule = Rule::connecting(VAULT, Action::reply(status, "<html>no</html>"));
        let outcome = Scenario::on(Host::AppService).rule(rule).azfob(["get", "ApiKey"]).fails(7);
        let outcome = outcome.shows("error: The proxy refused the connection: the proxy 127.0.0.1:").shows(message);
        let _ = outcome.never_shows("html");
    }
}

#[test]
fn unreachable_vault_differs_from_proxy_refusal() {
    for status in [502, 503, 504] {
        let rule = Rule::connecting(VAULT, Action::reply(status, ""));
        let outcome = Scenario::on(Host::AppService).rule(rule).azfob(["get", "ApiKey", "--timeout", "2"]).fails(7);
        outcome.shows("error: The proxy cannot reach the host: ").shows(&format!("it answered {status}"));
    }
}

#[test]
fn unreachable_proxy_error_omits_password() {
    let scenario = Scenario::on(Host::AppService).var("https_proxy", "http://user:pass-w0rd@127.0.0.1:1");
    let outcome = scenario.azfob(["get", "ApiKey", "-v"]).fails(7).within(Duration::from_secs(5));
    outcome.shows("the proxy 127.0.0.1:1 could not be reached: connection refused").never_shows("pass-w0rd");
}

#[test]
fn unresolvable_proxy_is_reported() {
    let scenario = Scenario::on(Host::AppService).var("https_proxy", "http://proxy.invalid:3128");
    let outcome = scenario.azfob(["get", "ApiKey", "--timeout", "5"]).fails(7);
    outcome.shows("proxy.invalid:3128");
}

#[test]
fn proxy_credentials_are_sent_only_to_proxy() {
    let scenario = Scenario::on(Host::AppService);
    let sandbox = scenario.sandbox();
    let with_user = proxy_of(&sandbox).replace("http://", "http://user:pass-w0rd@");
    let scenario = scenario.var("https_proxy", with_user);
    let outcome = scenario.azfob_in(&sandbox, ["get", "ApiKey"], Stdio::piped()).succeeds();
    assert!(outcome.requests.iter().all(|r| r.header("proxy-authorization").is_none()));
}

#[test]
fn silent_proxy_ends_at_time_limit() {
    let scenario = Scenario::on(Host::AppService).rule(Rule::connecting(VAULT, Action::Hang));
    let outcome = scenario.azfob(["get", "ApiKey", "--timeout", "1"]).fails(7).within(Duration::from_secs(4));
    outcome.shows("my-vault.vault.azure.net within ");
}

/// A response that arrives byte by byte does not extend the time limit: neither the proxy's nor the TLS handshake.
#[test]
#[cfg(unix)]
fn slow_proxy_ends_at_time_limit() {
    use wait_timeout::ChildExt;

    let head = Trickle::new(b"HTTP/1.1 200 OK\r\n", b"X: a\r\n");
    let tls = Trickle::new(b"HTTP/1.1 200 OK\r\n\r\n\x16\x03\x03\x40\x00", b"\0");
    let scenario = Scenario::on(Host::ServicePrincipal);
    let sandbox = scenario.sandbox();
    let commands: [&[&str]; 5] =
        [&["get", "ApiKey"], &["list"], &["whoami"], &["diagnose"], &["run", "-e", "X=ApiKey", "--", "true"]];
    let started: Vec<_> = [&head, &tls]
        .iter()
        .flat_map(|proxy| commands.map(|command| (proxy.url(), command)))
        .map(|(url, command)| {
            let mut azfob = scenario.command(&sandbox, env!("CARGO_BIN_EXE_azfob").as_ref());
            let azfob = azfob.env("HTTPS_PROXY", &url).env("https_proxy", &url).args(["--timeout", "1"]).args(command);
            azfob.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
            (azfob.spawn().unwrap(), command)
        })
        .collect();
    for (mut child, command) in started {
        match child.wait_timeout(Duration::from_secs(30)).unwrap() {
            Some(status) => assert_eq!(status.code(), Some(7), "{command:?}"),
            None => {
                let _ = child.kill();
                panic!("{command:?} still runs");
            }
        }
    }
}

#[test]
fn non_http_proxy_is_reported() {
    for bytes in [&b"SSH-2.0-x\r\n"[..], b"", b"HTTP/1.1 200 OK\r\n\r\nnot TLS at all"] {
        let rule = Rule::connecting(VAULT, Action::Raw(bytes.to_vec()));
        let outcome = Scenario::on(Host::AppService).rule(rule).azfob(["get", "ApiKey", "--timeout", "2"]);
        assert!(matches!(outcome.code, Some(7)), "{bytes:?} {:?}\n{}", outcome.code, outcome.stderr);
        outcome.shows("127.0.0.1:");
    }
}

#[test]
fn socks_proxy_resolves_names_and_opens_tunnels() {
    for (before, version) in [("socks5h://", 5), ("socks4a://", 4)] {
        let (outcome, mut requests) = through_socks(Socks::Open, before, &["get", "ApiKey"]);
        outcome.succeeds().prints("sandbox-api-key-of-february");
        requests.sort();
        assert_eq!(requests, [LOGIN, VAULT].map(|host| format!("{version} {host}:443")));

        let (outcome, requests) = through_socks(Socks::Open, before, &["diagnose", "-o", "json"]);
        let report: serde_json::Value = serde_json::from_str(&outcome.succeeds().text()).unwrap();
        let checks = report["vault"]["checks"].as_array().unwrap().iter();
        let checks: Vec<_> = checks.map(|check| (&check["check"], &check["status"])).collect();
        let tunnel = (&serde_json::json!("tunnel"), &serde_json::json!("ok"));
        assert!(checks.contains(&tunnel) && checks.iter().all(|(_, status)| *status == "ok"), "{checks:?}");
        assert!(requests.contains(&format!("{version} {VAULT}:443")), "{requests:?}");
    }
}

/// The names of the vault and the authority have addresses on loopback in a mount namespace with another `/etc/hosts`.
#[test]
#[cfg(target_os = "linux")]
fn names_are_resolved_here_for_socks_4_and_5() {
    use crate::support::{SOCKS_ADDRESSES, can_unshare};

    let scenario = Scenario::on(Host::ServicePrincipal);
    let hosts: String = SOCKS_ADDRESSES.iter().map(|(address, name)| format!("{address} {name}\n")).collect();
    std::fs::write(scenario.home().join("hosts"), format!("127.0.0.1 localhost\n{hosts}")).unwrap();
    std::fs::write(scenario.home().join("nsswitch.conf"), "hosts: files\n").unwrap();
    let files = scenario.home().display().to_string();
    let resolving = |command: &str| {
        let replace =
            format!("for file in hosts nsswitch.conf; do mount --bind {files}/$file /etc/$file || exit 77; done");
        ["-rm", "/bin/sh", "-c", &format!("PATH=/usr/bin:/bin; {replace}; {command}")].map(str::to_owned)
    };
    let unshare = std::path::Path::new("/usr/bin/unshare");
    let not_tested = "names resolved for SOCKS 4 and 5";
    if !can_unshare(std::process::Command::new(unshare).args(resolving("true")), not_tested) {
        return;
    }
    let azfob = env!("CARGO_BIN_EXE_azfob");
    let sandbox = scenario.sandbox();
    let scenario = VARIABLES.into_iter().fold(scenario, Scenario::without);
    for (scheme, version) in [("socks5", 5), ("socks4", 4)] {
        let proxy = SocksProxy::new(&proxy_of(&sandbox), Socks::Open);
        for arguments in ["get ApiKey", "run --env A=ApiKey -- /bin/sh -c 'echo \"$A\"'"] {
            let before = proxy.requests().len();
            let mut command = scenario.command(&sandbox, unshare);
            command.env("https_proxy", format!("{scheme}://{}", proxy.address()));
            let output = command.args(resolving(&format!("exec {azfob} {arguments}"))).output().unwrap();
            let printed = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(output.status.success(), "{scheme} {arguments}: {printed}");
            let value = String::from_utf8(output.stdout).unwrap();
            assert_eq!(value.trim_end(), "sandbox-api-key-of-february", "{scheme} {arguments}");
            let mut requests = proxy.requests().split_off(before);
            requests.sort();
            assert_eq!(requests, SOCKS_ADDRESSES.map(|(address, _)| format!("{version} {address}:443")), "{arguments}");
        }
    }
}

#[test]
fn socks_proxy_gets_user_and_password() {
    let get =
        |before| through_socks(Socks::Password("user", "pass-w0rd"), before, &["get", "ApiKey", "--timeout", "5"]);
    let (outcome, _) = get("socks5h://user:pass-w0rd@");
    outcome.succeeds().prints("sandbox-api-key-of-february");
    for (before, reason) in [
        ("socks5h://", "it requires authentication"),
        ("socks5h://user:wr0ng-one@", "it does not accept the user name and password"),
    ] {
        let (outcome, requests) = get(before);
        let outcome = outcome.fails(7).shows(&format!("refused to connect to {LOGIN}: {reason}"));
        let _ = outcome.never_shows("wr0ng-one").never_shows("pass-w0rd");
        assert_eq!(requests, [""; 0], "{before}");
    }
}

#[test]
fn socks_proxy_refusal_shows_reason() {
    for (code, error, reason) in [
        (2, "The proxy refused the connection", "its rules do not allow the connection"),
        (4, "The proxy cannot reach the host", "host unreachable"),
    ] {
        let (outcome, _) = through_socks(Socks::Refuses(code), "socks5h://", &["get", "ApiKey", "--timeout", "2"]);
        outcome.fails(7).shows(&format!("error: {error}: ")).shows(&format!("{LOGIN}: {reason}"));
    }
}

/// `.invalid` names never resolve (RFC 6761).
#[test]
fn unresolved_name_is_that_of_the_host_or_of_the_socks_proxy() {
    let vault =
        ["get", "https://my-vault.vault.invalid/secrets/A", "--vault-suffix", "vault.invalid", "--timeout", "5"];
    for (proxy, unresolved) in [
        ("socks5://127.0.0.1:1", "my-vault.vault.invalid"),
        ("socks4://127.0.0.1:1", "my-vault.vault.invalid"),
        ("socks5h://proxy.invalid:1080", "the proxy proxy.invalid:1080"),
    ] {
        let outcome = Scenario::on(Host::AppService).var("https_proxy", proxy).azfob(vault).fails(7);
        outcome.shows(&format!("DNS has no address for {unresolved}"));
    }
}

#[test]
fn slow_socks_proxy_ends_at_time_limit() {
    // The proxy's address has a name of 255 bytes.
    let slow = Trickle::new(b"\x05\0\x05\0\0\x03\xff", b"a");
    let scenario = Scenario::on(Host::AppService).var("https_proxy", slow.url().replace("http", "socks5h"));
    let outcome = scenario.azfob(["get", "ApiKey", "--timeout", "1"]).fails(7).within(Duration::from_secs(4));
    outcome.shows("no connection to my-vault.vault.azure.net within ");
}

#[test]
fn identity_endpoint_uses_no_proxy() {
    for host in [Host::AppService, Host::ContainerApps, Host::Imds] {
        // A proxy for everything without exceptions: the host's own endpoint still gets direct requests.
        let scenario = ["NO_PROXY", "no_proxy"].into_iter().fold(Scenario::on(host), Scenario::without);
        let scenario = ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"]
            .into_iter()
            .fold(scenario, |scenario, name| scenario.var(name, "http://127.0.0.1:1"));
        let outcome = scenario.azfob(["get", "ApiKey"]).succeeds();
        assert!(!outcome.requests_to(IDENTITY).is_empty());
    }
}

#[test]
fn invalid_proxy_is_usage_error_without_value() {
    for (value, printed) in [
        ("#", "expected a proxy like http://proxy.example:3128"),
        ("http://127.0.0.1:99999", "expected a port"),
        ("https://user:pass-w0rd@127.0.0.1:9", "https:// proxies are not supported"),
        ("ftp://127.0.0.1:9", "expected a proxy like http://"),
        (r"CONTOSO\svc:pass-w0rd@ss@127.0.0.1:9", r"write %5C for \, %40 for @"),
    ] {
        // On Windows names of variables ignore case, and the error has the upper-case name.
        for name in [if cfg!(windows) { "HTTPS_PROXY" } else { "https_proxy" }, "ALL_PROXY"] {
            let scenario = VARIABLES.into_iter().fold(Scenario::on(Host::AppService), Scenario::without);
            let scenario = scenario.var(name, value);
            for command in ["whoami", "diagnose"] {
                scenario.azfob([command]).has_usage_error(&[name, printed]).never_shows("pass-w0rd").never_shows("svc");
            }
        }
    }
}

#[test]
fn no_proxy_may_include_port() {
    let list = "vault.invalid:443,vault.azure.net:8443";
    let scenario = Scenario::on(Host::AppService).var("no_proxy", list).var("NO_PROXY", list);
    let vault = "https://my-vault.vault.invalid/secrets/A";
    let outcome = scenario.azfob(["get", vault, "--vault-suffix", "vault.invalid", "--timeout", "5"]).fails(7);
    assert_eq!(outcome.tunnels, [""; 0]);
    outcome.shows("DNS has no address for my-vault.vault.invalid");
    assert!(!scenario.azfob(["get", "ApiKey"]).succeeds().tunnels.is_empty());
}
