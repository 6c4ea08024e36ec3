//! Malformed responses: endless, incomplete, one byte at a time, or of the wrong kind.

use std::time::Duration;

use crate::support::{Action, Host, IDENTITY, LOGIN, Rule, Scenario, VAULT, in_parallel};

/// Every service that gets requests, with a host that uses it.
const SERVICES: [(Host, &str, &str); 3] = [
    (Host::AppService, VAULT, "/secrets/ApiKey"),
    (Host::ServicePrincipal, LOGIN, "/"),
    (Host::AppService, IDENTITY, "/"),
];

fn failing(action: &Action, limit: &str, then: impl Fn(&str) + Sync) {
    in_parallel(SERVICES, |(host, service, path)| {
        let scenario = Scenario::on(host).rule(Rule::new(service, path, action.clone()));
        let outcome = scenario.azfob(["get", "ApiKey", "--timeout", limit]);
        assert!(matches!(outcome.code, Some(1 | 4 | 7)), "{service}: {:?}\n{}", outcome.code, outcome.stderr);
        assert_eq!(outcome.text(), "", "{service}");
        then(&outcome.within(Duration::from_secs(8)).stderr);
    });
}

#[test]
fn endless_body_is_cut_off() {
    failing(&Action::Endless { status: 200 }, "20", |printed| {
        assert!(printed.contains("is larger than 4194304 bytes"), "{printed}");
    });
}

#[test]
fn endless_error_body_is_cut_off() {
    failing(&Action::Endless { status: 403 }, "20", |_| {});
}

#[test]
fn incomplete_body_is_an_error() {
    let whole = br#"{"value":"half-a-value","id":"https://my-vault.vault.azure.net/secrets/ApiKey/0"}"#.to_vec();
    failing(&Action::CutOff { status: 200, body: whole, after: 20 }, "1", |printed| {
        assert!(!printed.contains("half-a-value"), "{printed}");
    });
}

#[test]
fn slow_body_ends_at_deadline() {
    let pause = Duration::from_millis(50);
    failing(&Action::Trickle { status: 200, body: vec![b' '; 10_000], pause }, "1", |printed| {
        assert!(printed.contains("no answer from"), "{printed}");
    });
}

#[test]
fn non_http_response_is_an_error() {
    for bytes in [&b"220 mail.example ESMTP\r\n"[..], b"\x16\x03\x01\0\0", b"HTTP/1.1 two hundred\r\n\r\n"] {
        failing(&Action::Raw(bytes.to_vec()), "1", |_| {});
    }
}

#[test]
fn endless_head_is_cut_off() {
    let mut head = b"HTTP/1.1 200 OK\r\n".to_vec();
    head.extend(std::iter::repeat_n(b"X-Padding: 0123456789012345678901234567890123456789\r\n", 40_000).flatten());
    failing(&Action::Raw(head), "1", |_| {});
}

#[test]
fn unexpected_vault_response_is_reported() {
    for body in ["", "{}", "[]", "null", "<xml>", r#"{"value":null,"id":"x"}"#, r#"{"id":"x"}"#, r#"{"value":"v"}"#] {
        let rule = Rule::new(VAULT, "/secrets/ApiKey", Action::reply(200, body));
        let outcome = Scenario::on(Host::AppService).rule(rule).azfob(["get", "ApiKey"]).fails(1);
        outcome.shows("the response from my-vault to secrets/get on 'ApiKey' is not JSON with a value and an id");
    }
}

#[test]
fn response_for_other_secret_is_refused() {
    let version = "0123456789abcdef0123456789abcdef";
    let requested = format!("A/{version}");
    for (requested, id) in [
        ("A", "https://my-vault.vault.azure.net/secrets/B/0".to_owned()),
        ("A", "https://other.vault.azure.net/secrets/A/0".to_owned()),
        ("A", "https://my-vault.vault.azure.net.evil.example/secrets/A/0".to_owned()),
        ("A", "http://my-vault.vault.azure.net/secrets/A/0".to_owned()),
        ("A", "https://my-vault.vault.azure.net/keys/A/0".to_owned()),
        (&requested, format!("https://my-vault.vault.azure.net/secrets/A/f{}", &version[1..])),
        (&requested, "https://my-vault.vault.azure.net/secrets/A".to_owned()),
    ] {
        let body = serde_json::json!({ "value": "not-yours", "id": id }).to_string();
        let scenario = Scenario::on(Host::AppService).rule(Rule::new(VAULT, "/secrets/A", Action::json(200, body)));
        let outcome = scenario.azfob(["get", requested]).fails(1).never_shows("not-yours");
        outcome.shows("is not the requested secret");
    }
    let id = format!("https://MY-VAULT.vault.azure.net:443/secrets/a/{}", version.to_uppercase());
    let body = serde_json::json!({ "value": "mine", "id": id }).to_string();
    let scenario = Scenario::on(Host::AppService).rule(Rule::new(VAULT, "/secrets/A", Action::json(200, body)));
    scenario.azfob(["get", &requested]).succeeds().prints("mine");
}

#[test]
fn page_of_other_vault_is_refused() {
    let mine = "https://my-vault.vault.azure.net";
    let version = "0123456789abcdef0123456789abcdef";
    for (arguments, id) in [
        (&["list"][..], "https://other.vault.azure.net/secrets/A".to_owned()),
        (&["list", "--deleted"], "https://other.vault.azure.net/secrets/A".to_owned()),
        (&["list"], format!("{mine}/keys/A")),
        (&["list", "-o", "name"], format!("{mine}/secrets/A\nB")),
        (&["get", "--match", "*"], format!("{mine}/secrets/..")),
        (&["list", "--versions", "A"], format!("{mine}/secrets/B/{version}")),
        (&["list", "--versions", "A"], format!("{mine}/secrets/A")),
    ] {
        let body = serde_json::json!({ "value": [{ "id": id }] }).to_string();
        let page = Rule::new(VAULT, "/", Action::json(200, body)).with_credential();
        let outcome = Scenario::on(Host::AppService).rule(page).azfob(arguments).fails(1);
        outcome.shows("the response from my-vault to secrets/list is not a page of this ");
    }
}

#[test]
fn unknown_fields_are_ignored() {
    let body =
        r#"{"value":"v","id":"https://my-vault.vault.azure.net/secrets/A/0","new":{"a":[1]},"attributes":{"x":1}}"#;
    let rule = Rule::new(VAULT, "/secrets/A", Action::json(200, body));
    Scenario::on(Host::AppService).rule(rule).azfob(["get", "A"]).succeeds().prints("v");
}

#[test]
fn error_body_of_any_shape_keeps_exit_code() {
    for body in
        ["", "null", "[]", "<xml>", "{\"error\":\"x\"}", "{\"error\":{\"code\":7}}", "{\"error\":{\"innererror\":[]}}"]
    {
        for (status, code) in [(401, 4), (403, 5), (404, 6), (418, 1)] {
            let rule = Rule::new(VAULT, "/secrets/ApiKey", Action::json(status, body));
            Scenario::on(Host::AppService).rule(rule).azfob(["get", "ApiKey"]).fails(code);
        }
    }
}
