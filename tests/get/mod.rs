//! `azfob get`: the value to the byte, the references, the formats, the file.

use crate::support::{Host, Scenario, SecretSpec, VAULT};

#[test]
fn one_secret_is_printed_to_the_byte() {
    for value in ["plain", "ends in a newline\n", " blanks ", "a\r\nb\0c\u{7f}", "Grüße 世界 🗝", "-n", "%s"] {
        Scenario::on(Host::AppService).secret("A", value).azfob(["get", "A"]).succeeds().prints(value);
    }
}

#[test]
fn several_secrets_come_one_a_line_in_the_order_asked() {
    let scenario = Scenario::on(Host::AppService).secret("A", "first").secret("B", "second");
    scenario.azfob(["get", "B", "A", "B"]).succeeds().prints("second\nfirst\nsecond\n");
    scenario.azfob(["get", "-n", "B", "A"]).succeeds().prints("second\nfirst");
}

#[test]
fn one_token_and_one_connection_serve_several_secrets() {
    let outcome = Scenario::on(Host::AppService).secret("A", "1").secret("B", "2").azfob(["get", "A", "B"]).succeeds();
    assert_eq!(outcome.requests_to("identity").len(), 1);
    assert_eq!(outcome.tunnels, [VAULT]);
}

#[test]
fn json_has_the_shape_of_az() {
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
