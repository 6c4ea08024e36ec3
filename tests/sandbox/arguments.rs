//! The arguments of `azfob sandbox`: hosts, faults and secrets.

use std::fs;

use crate::support::Isolated;

fn get(arguments: &[&str], name: &str) -> crate::support::Outcome {
    Isolated::new().azfob([&["sandbox"], arguments, &["--", "azfob", "get", name]].concat())
}

#[test]
fn unknown_host_or_fault_error_lists_valid_names() {
    for (option, names) in [
        ("--as", azfob::testing::sandbox::HOSTS.iter().map(|row| row.name).collect::<Vec<_>>()),
        ("--fault", azfob::testing::sandbox::FAULTS.iter().map(|row| row.name).collect()),
    ] {
        let outcome = Isolated::new().azfob(["sandbox", option, "moon", "--", "true"]).fails(2).shows(option);
        for name in names {
            assert!(outcome.stderr.contains(name), "{name} is not in:\n{}", outcome.stderr);
        }
    }
}

#[test]
fn fault_that_is_impossible_on_the_host_is_refused() {
    let outcome = Isolated::new().azfob(["sandbox", "--as", "imds", "--fault", "mfa", "--", "true"]).fails(2);
    let tools = "azure-cli or azure-powershell or azure-developer-cli or visual-studio";
    outcome.shows(&format!("error: --fault mfa is possible only with --as {tools}, not with --as imds"));
    let outcome =
        Isolated::new().azfob(["sandbox", "--fault", "mfa", "--fault", "wrong-secret", "--", "true"]).fails(2);
    outcome.shows(&format!("error: --fault mfa is possible only with --as {tools}, not with --as app-service"));
}

#[test]
fn fault_without_a_host_selects_one_on_which_it_is_possible() {
    for row in azfob::testing::sandbox::FAULTS {
        let outcome = Isolated::new().azfob(["sandbox", "--fault", row.name, "--", "true"]).succeeds_with_messages();
        match row.hosts.first() {
            Some(host) if !row.hosts.iter().any(|other| other.name() == "app-service") => {
                let note = format!("note: emulating {}: {} is not possible on app-service", host.name(), row.name);
                outcome.shows(&note);
            }
            _ => assert_eq!(outcome.stderr, "", "{}", row.name),
        }
    }
}

#[test]
fn secret_option_sets_name_and_value() {
    get(&["--secret", "A=the value"], "A").succeeds().prints("the value");
    get(&["--secret", "A=k=v=", "--secret", "B="], "A").succeeds().prints("k=v=");
    get(&["--secret", "ApiKey=mine"], "ApiKey").succeeds().prints("mine");
    get(&["--secret", "A=1", "--secret", "a=2"], "A").succeeds().prints("2");
}

#[test]
fn malformed_secret_error_omits_value() {
    for (secret, reason) in
        [("a_b=the-value", "not a secret name"), ("=the-value", "not a secret name"), ("A", "NAME=VALUE")]
    {
        let outcome = Isolated::new().azfob(["sandbox", "--secret", secret, "--", "true"]).fails(2);
        outcome.shows("--secret").shows(reason).never_shows("the-value");
    }
}

#[test]
fn secrets_are_read_from_file() {
    let isolated = Isolated::new();
    let text = r#"{"A": "plain", "B": {"value": "old", "expires": "2020-01-01T00:00:00Z", "contentType": "x/y"},
                   "C": {"versions": ["one", {"value": "two"}]}, "D": {"value": "off", "enabled": false}}"#;
    fs::write(isolated.work().join("secrets.json"), text).unwrap();
    let get = |name: &str| isolated.azfob(["sandbox", "--secrets", "secrets.json", "--", "azfob", "get", name]);
    get("A").succeeds().prints("plain");
    get("B").succeeds_with_messages().prints("old").shows("expired on 2020-01-01");
    get("C").succeeds().prints("two");
    get("D").fails(5);
}

#[test]
fn invalid_secrets_file_error_omits_values() {
    let isolated = Isolated::new();
    let file = isolated.work().join("secrets.json");
    for (text, reason) in [
        ("", "too early"),
        ("{\"A\": \"the-value\"", "too early"),
        ("{\"A\": the-value}", "line 1"),
        ("[\"the-value\"]", "JSON object of names to values"),
        ("{\"a_b\": \"the-value\"}", "'a_b' is not a secret name"),
        ("{\"A\": \"the-value\", \"a\": \"the-value\"}", "the same name"),
        ("{\"A\": {\"value\": \"the-value\", \"colour\": \"the-value\"}}", "colour"),
        ("{\"A\": {\"value\": \"the-value\", \"expires\": \"soon\"}}", "expires"),
        ("{\"A\": 7}", "A"),
    ] {
        fs::write(&file, text).unwrap();
        let outcome = isolated.azfob(["sandbox", "--secrets", "secrets.json", "--", "true"]).fails(2);
        outcome.shows("error: --secrets secrets.json: ").shows(reason).never_shows("the-value");
    }
    let outcome = isolated.azfob(["sandbox", "--secrets", "no-such-file", "--", "true"]).fails(2);
    outcome.shows("error: --secrets no-such-file: ");
}

#[test]
fn count_adds_numbered_secrets() {
    get(&["--count", "30"], "secret-00030").succeeds().prints("sandbox-value-00030");
    get(&["--count", "30"], "secret-00031").fails(6);
    get(&["--count", "0"], "A").fails(2).shows("--count");
    get(&["--count", "many"], "A").fails(2).shows("--count");
}

#[test]
fn vault_name_can_be_set() {
    get(&["--vault", "their-vault"], "https://their-vault.vault.azure.net/secrets/ApiKey").succeeds();
    get(&["--vault", "their-vault"], "ApiKey").succeeds();
    get(&["--vault", "a--b"], "ApiKey").fails(2).shows("'a--b' is not a vault name");
    get(&["--vault", ""], "ApiKey").fails(2);
}

/// Variables that describe the sandbox's own platform also apply to the command.
#[cfg(unix)]
#[test]
fn a_pod_stays_a_pod() {
    let printed = |host: &str| {
        let isolated = Isolated::new();
        let script = ["sandbox", "--as", host, "--", "/bin/sh", "-c", "echo pod=$KUBERNETES_SERVICE_HOST"];
        let output = isolated.command(script).env("KUBERNETES_SERVICE_HOST", "10.0.0.1").output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    assert_eq!(printed("imds"), "pod=10.0.0.1\n");
    assert_eq!(printed("app-service"), "pod=10.0.0.1\n");
}
