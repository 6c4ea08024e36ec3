//! `azfob get`: exact values, references, formats and files.

mod bytes;
mod certificates;
mod multiple_secrets;
mod multiple_vaults;
mod references;

use crate::support::{EmulatedCloud, Host, IDENTITY, SandboxPlan, Scenario, SecretSpec, VAULT};

#[test]
fn get_prints_exact_bytes() {
    for value in ["plain", "ends in a newline\n", " blanks ", "a\r\nb\0c\u{7f}", "Grüße 世界 🗝", "-n", "%s"] {
        Scenario::on(Host::AppService).secret("A", value).azfob(["get", "A"]).succeeds().prints(value);
    }
}

#[test]
fn multiple_secrets_print_one_per_line_in_order() {
    let scenario = Scenario::on(Host::AppService).secret("A", "first").secret("B", "second");
    scenario.azfob(["get", "B", "A", "B"]).succeeds().prints("second\nfirst\nsecond\n");
    scenario.azfob(["get", "-n", "B", "A"]).succeeds().prints("second\nfirst");
}

#[test]
fn one_token_serves_multiple_secrets() {
    let outcome = Scenario::on(Host::AppService).secret("A", "1").secret("B", "2").azfob(["get", "A", "B"]).succeeds();
    assert_eq!(outcome.requests_to("identity").len(), 1);
    assert!((1..=2).contains(&outcome.tunnels.len()) && outcome.tunnels.iter().all(|host| host == VAULT));
}

#[test]
fn json_matches_az() {
    let secret = SecretSpec::new("A", "the-value").content_type("text/plain").tag("owner", "me").expires(4_102_444_800);
    let scenario = Scenario::on(Host::AppService).secret_spec(secret).secret("B", "2");
    let shown = scenario.azfob(["get", "A", "-o", "json"]).succeeds().json();
    assert_eq!(shown["value"], "the-value");
    assert_eq!(shown["name"], "A");
    assert_eq!(shown["contentType"], "text/plain");
    assert_eq!(shown["attributes"]["enabled"], true);
    assert_eq!(shown["attributes"]["expires"], "2100-01-01T00:00:00+00:00");
    assert_eq!(shown["tags"]["owner"], "me");
    assert!(shown["id"].as_str().unwrap().starts_with("https://my-vault.vault.azure.net/secrets/A/"));
    let keys: Vec<_> = shown.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(keys, ["attributes", "contentType", "id", "kid", "managed", "name", "tags", "value"]);

    let several = scenario.azfob(["get", "B", "A", "-o", "json"]).succeeds().json();
    assert_eq!((&several[0]["value"], &several[1]["value"]), (&"2".into(), &"the-value".into()));
}

#[test]
fn json_of_one_secret_is_object_with_nulls() {
    let scenario = Scenario::on(Host::AppService).secret("A", "v");
    let outcome = scenario.azfob(["get", "A", "-o", "json"]).succeeds();
    let shown = outcome.json();
    for field in ["contentType", "kid", "managed"] {
        assert_eq!(shown[field], serde_json::Value::Null, "{field}");
    }
    assert_eq!(shown["attributes"]["expires"], serde_json::Value::Null);
    assert_eq!(shown["attributes"]["created"], "2025-01-01T00:00:00+00:00");
    assert!(outcome.text().ends_with("}\n"));
}

#[test]
fn json_works_in_program_written_for_az() {
    let scenario = Scenario::on(Host::AppService).secret("A", "line one\nline \"two\"\u{1}");
    let shown = scenario.azfob(["get", "A", "-o", "json"]).succeeds().json();
    assert_eq!(shown["value"], "line one\nline \"two\"\u{1}");
    assert_eq!(shown["id"].as_str().and_then(|id| id.split('/').nth(4)), Some("A"));
}

#[test]
fn expired_secret_is_printed_with_warning() {
    for (secret, words) in [
        (SecretSpec::new("A", "v").expires(1_577_836_800), "warning: the secret 'A' expired on 2020-01-01"),
        (SecretSpec::new("A", "v").not_before(4_102_444_800), "warning: the secret 'A' is not valid before 2100-01-01"),
    ] {
        let scenario = Scenario::on(Host::AppService).secret_spec(secret);
        let outcome = scenario.azfob(["get", "A"]).succeeds_with_messages().prints("v");
        assert_eq!(outcome.stderr, format!("{words}\n"));
        scenario.azfob(["get", "A", "-q"]).succeeds().prints("v");
        scenario.azfob(["get", "A", "-o", "json"]).succeeds_with_messages().shows(words);
    }
    let scenario = Scenario::on(Host::AppService).secret_spec(SecretSpec::new("A", "v").expires(4_102_444_800));
    scenario.azfob(["get", "A"]).succeeds();
}

#[test]
fn each_cloud_uses_its_hosts_and_audience() {
    for cloud in [EmulatedCloud::UsGovernment, EmulatedCloud::China] {
        let scenario = Scenario::on(Host::AppService).plan(|plan| SandboxPlan { cloud, ..plan });
        let outcome = scenario.azfob(["get", "ApiKey"]).succeeds();
        assert!(outcome.tunnels.iter().all(|host| *host != VAULT));
        let resource = outcome.requests_to(IDENTITY)[0].parameter("resource").unwrap().to_owned();
        assert!(outcome.tunnels[0].ends_with(resource.trim_start_matches("https://")), "{resource}");
    }
}
