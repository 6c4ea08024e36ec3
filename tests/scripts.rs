//! What scripts need: secrets that can be missing, one value of a document, one JSON object, and the variables of `azfob run`.
#![cfg(unix)]

use crate::support::{Action, Fault, Host, Outcome, Rule, Scenario, SecretSpec, VAULT};

const SECRET: &str = "s3cret-of-the-test";
const DOCUMENT: &str = r#"{"db": {"user": "me", "password": "p4ss-of-the-test", "port": 5432}}"#;

fn scenario() -> Scenario {
    Scenario::on(Host::AppService).plan(|plan| azfob::testing::sandbox::SandboxPlan {
        secrets: vec![
            SecretSpec::new("app-key", SECRET),
            SecretSpec::new("app-user", "user-of-the-test"),
            SecretSpec::new("app-off", "x").disabled(),
            SecretSpec::new("other-key", "other-value"),
            SecretSpec::new("Config", DOCUMENT),
        ],
        ..plan
    })
}

/// Runs a script with `sh` that prints these variables, each with `|` behind it.
fn run(scenario: &Scenario, options: &[&str], variables: &[&str]) -> Outcome {
    let script: String = variables.iter().map(|name| format!("printf '%s|' \"${{{name}-unset}}\"\n")).collect();
    scenario.azfob([&["run"], options, &["--", "/bin/sh", "-c", &script]].concat())
}

#[test]
fn env_json_is_one_object_of_strings() {
    let outcome = scenario().azfob(["get", "other-key", "key=app-key", "a--B=other-key", "-o", "env-json"]);
    outcome.has_usage_error(&["'a--B' is not a variable name"]);
    let shown = scenario().azfob(["get", "other-key", "key=app-key", "-o", "env-json"]).succeeds().json();
    assert_eq!(shown, serde_json::json!({ "OTHER_KEY": "other-value", "key": SECRET }));
    let one = scenario().azfob(["get", "app-key", "-o", "env-json"]).succeeds().json();
    assert_eq!(one, serde_json::json!({ "APP_KEY": SECRET }), "an object for one secret too");
    let matching = scenario().azfob(["get", "--match", "app-*", "-o", "env-json"]).succeeds_with_messages().json();
    assert_eq!(matching, serde_json::json!({ "APP_KEY": SECRET, "APP_USER": "user-of-the-test" }));
    let odd = Scenario::on(Host::AppService).secret("A", "a\"\\\n\u{7}\u{202e}é");
    assert_eq!(odd.azfob(["get", "A", "-o", "env-json"]).succeeds().json()["A"], "a\"\\\n\u{7}\u{202e}é");
    scenario().azfob(["get", "PATH=app-key", "path", "-o", "env-json"]).has_usage_error(&["must be named explicitly"]);
}

#[test]
fn alias_with_json_points_to_env_json() {
    let outcome = scenario().azfob(["get", "KEY=app-key", "-o", "json"]);
    outcome.has_usage_error(&["-o json prints secrets as az does, without ALIAS; use -o env-json"]);
    scenario().azfob(["get", "KEY=app-key"]).has_usage_error(&["works only with -o dotenv", "env-json"]);
}

#[test]
fn missing_secret_is_left_out_with_a_note() {
    let get = |arguments: &[&str]| {
        let outcome = scenario().azfob([&["get", "--allow-missing"], arguments].concat()).succeeds_with_messages();
        outcome.shows("note: my-vault has no secret 'none'; left out")
    };
    get(&["app-key", "none", "other-key"]).prints(format!("{SECRET}\nother-value\n"));
    get(&["app-key", "none"]).prints(format!("{SECRET}\n"));
    get(&["none"]).prints("");
    get(&["none", "-n"]).prints("");
    get(&["none", "-o", "json"]).prints("null\n");
    assert_eq!(get(&["none", "app-key", "-o", "json"]).json().as_array().map(Vec::len), Some(1));
    get(&["X=none", "app-key", "-o", "shell"]).shows("(X)").prints(format!("export APP_KEY='{SECRET}'\n"));
    get(&["X=none", "-o", "env-json"]).prints("{}\n");
    scenario().azfob(["get", "-q", "--allow-missing", "none"]).succeeds().prints("");
    scenario().azfob(["get", "none", "app-key"]).fails(6);
    let outcome = scenario().azfob(["get", "--allow-missing", "--match", "none*"]).succeeds_with_messages();
    outcome.prints("").shows("my-vault has no secret 'none*'");
}

#[test]
fn every_other_failure_fails_with_allow_missing() {
    let outcome = scenario().azfob(["get", "--allow-missing", "none", "app-off", "app-key"]).fails(5);
    outcome.shows("app-off").shows("has no secret 'none'");
    Scenario::on(Host::AppService).fault(Fault::Unreachable).azfob(["get", "--allow-missing", "A"]).fails(7);
    // Not every 404 is the vault's.
    for (body, code) in [("<html>", 7), ("{}", 6), (r#"{"error":{"code":"NotFound","message":"no page"}}"#, 6)] {
        let gateway = scenario().rule(Rule::new(VAULT, "/secrets/app-key", Action::reply(404, body)).with_credential());
        gateway.azfob(["get", "--allow-missing", "app-key"]).fails(code);
    }
    // A moment's failure of another secret is retried, without a second request for the missing one.
    let moment = Rule::new(VAULT, "/secrets/app-key", Action::json(503, "{}")).with_credential().times(1);
    let outcome = scenario().rule(moment).azfob(["get", "--allow-missing", "none", "app-key"]).succeeds_with_messages();
    assert_eq!(outcome.requests_to(VAULT).iter().filter(|r| r.authorized).count(), 3);
}

#[test]
fn command_starts_without_missing_variables() {
    let scenario = scenario().var("INHERITED", "akv://my-vault/none").var("SET", "before");
    let options = ["--allow-missing", "-e", "SET=none", "-e", "KEY=app-key"];
    let outcome = run(&scenario, &options, &["INHERITED", "SET", "KEY"]).succeeds_with_messages();
    outcome.prints(format!("unset|unset|{SECRET}|")).shows("left out (SET)").shows("left out (INHERITED)");
    run(&scenario, &options[1..], &["KEY"]).fails(6);
}

#[test]
fn injected_value_of_missing_secret_is_empty() {
    for (name, text, expected) in [
        (
            "a.json",
            r#"{"a": "{{ none }}", "b": "akv://my-vault/none", "c": "{{ other-key }}"}"#,
            r#"{"a": "", "b": "", "c": "other-value"}"#,
        ),
        ("a.yaml", "a: {{ none }}\nb: '{{ none }}'\n", "a: \"\"\nb: ''\n"),
        ("a.env", "A={{ none }}\n", "A=\n"),
    ] {
        let scenario = scenario();
        std::fs::write(scenario.work().join(name), text).unwrap();
        let outcome = scenario.azfob(["inject", "--allow-missing", name]).succeeds_with_messages();
        outcome.prints(expected).shows(&format!("left out ({name}, line 1)"));
        scenario.azfob(["inject", name]).fails(6);
    }
}

#[test]
fn path_reads_one_value_of_a_document() {
    let scenario = scenario();
    for reference in [
        "Config#/db/password",
        "Config#db/password",
        "config#/db/password",
        "akv://my-vault/Config#/db/password",
        "ref+azurekeyvault://my-vault/Config#/db/password",
        "https://my-vault.vault.azure.net/secrets/Config#/db/password",
        "@Microsoft.KeyVault(VaultName=my-vault;SecretName=Config)#/db/password",
    ] {
        scenario.azfob(["get", reference]).succeeds().prints("p4ss-of-the-test");
    }
    let both = scenario.azfob(["get", "U=Config#/db/user", "P=Config#/db/port", "-o", "dotenv"]).succeeds();
    assert_eq!(both.requests_to(VAULT).iter().filter(|r| r.authorized).count(), 1, "one request");
    both.prints("U=me\nP=5432\n");
    let shown = scenario.azfob(["get", "Config#/db/user", "-o", "json"]).succeeds().json();
    assert_eq!((&shown["value"], &shown["name"]), (&"me".into(), &"Config".into()));
    let with = scenario.var("P", "ref+azurekeyvault://my-vault/Config#/db/password");
    run(&with, &["-e", "U=Config#/db/user"], &["P", "U"]).succeeds().prints("p4ss-of-the-test|me|");
    std::fs::write(
        with.work().join("a.yaml"),
        "a: ref+azurekeyvault://my-vault/Config#/db/user\nb: {{ Config#/db/port }}\n",
    )
    .unwrap();
    with.azfob(["inject", "a.yaml"]).succeeds().prints("a: \"me\"\nb: \"5432\"\n");
}

#[test]
fn missing_path_names_keys_and_no_value() {
    let scenario = scenario();
    for (reference, reason) in [
        ("Config#/db/pass", "'Config#/db/pass': /db has no key 'pass'; it has password, port, user"),
        ("Config#/db", "'Config#/db': /db is a mapping, not a single value"),
        ("app-key#/a", "'app-key#/a': the value is a single value, not a mapping with the key 'a'"),
    ] {
        let outcome = scenario.azfob(["get", reference]).fails(1).shows(reason);
        outcome.never_shows("p4ss").never_shows(SECRET).never_shows("5432");
    }
    let outcome = scenario.azfob(["get", "Config#/x", "Config#/y", "--allow-missing"]).fails(1);
    outcome.shows("no key 'x'").shows("no key 'y'");
    scenario.azfob(["get", "Config#"]).has_usage_error(&["expected REF#/KEY"]);
    scenario.azfob(["list", "--versions", "Config#/db"]).has_usage_error(&["expected only the name"]);
}

#[test]
fn env_option_has_several_secrets_and_derives_names() {
    let scenario = scenario().secret("ConnectionStrings--Main", "main");
    let options = ["--env", "app-key", "X=other-key", "ConnectionStrings--Main", "-e", "app-user"];
    let variables = ["APP_KEY", "X", "ConnectionStrings__Main", "APP_USER"];
    run(&scenario, &options, &variables).succeeds().prints(format!("{SECRET}|other-value|main|user-of-the-test|"));
    let whole = "https://my-vault.vault.azure.net/secrets/app-key";
    run(&scenario, &["-e", whole], &["APP_KEY"]).succeeds().prints(format!("{SECRET}|"));
    run(&scenario, &["-e", "app-key", "APP_KEY=other-key"], &[]).has_usage_error(&["APP_KEY is set twice"]);
    run(&scenario, &["-e", "path"], &[]).has_usage_error(&["PATH", "must be named explicitly", "PATH=path"]);
}

#[test]
fn matching_secrets_become_variables() {
    let scenario = scenario().var("APP_KEY", "inherited").var("APP_USER", "akv://my-vault/other-key");
    std::fs::write(scenario.work().join("app.env"), "APP_KEY=plain\nMORE=1\n").unwrap();
    let options = ["--match", "app-*", "--env-file", "app.env"];
    let outcome = run(&scenario, &options, &["APP_KEY", "APP_USER", "MORE", "OTHER"]).succeeds_with_messages();
    outcome.prints(format!("{SECRET}|user-of-the-test|1|unset|")).shows("skipped disabled secrets: app-off");
    // --env takes precedence, and names the secret by itself.
    let outcome =
        run(&scenario, &["--match", "APP-*", "-e", "APP_USER=other-key", "K=app-key"], &["APP_USER", "K", "APP_KEY"]);
    outcome.succeeds_with_messages().prints(format!("other-value|{SECRET}|inherited|"));
    run(&scenario, &["--match", "none*"], &["X"]).fails(6);
    run(&scenario, &["--match", "none*", "--allow-missing"], &["X"]).succeeds_with_messages().prints("unset|");
    let same = Scenario::on(Host::AppService).secret("a-b", "1").secret("path", "2");
    run(&same, &["--match", "p*"], &["X"]).fails(2).shows("PATH").shows("must be named explicitly");
    let nowhere = scenario.without("AZFOB_VAULT").without("AZURE_KEYVAULT_URL");
    run(&nowhere, &["--match", "*"], &["X"]).has_usage_error(&["--match: no vault is configured"]);
}

/// The user chose the first word of `shop-*`. The vault chooses the names that match `[os]*`.
#[test]
fn matching_names_need_an_alias_unless_the_user_chose_their_first_word() {
    let scenario =
        Scenario::on(Host::AppService).secret("shop-color", "1").secret("shop-size", "2").secret("orders", "3");
    let get = |arguments: &[&str]| scenario.azfob([&["get", "-o", "shell"], arguments].concat());
    let shop = "export SHOP_COLOR='1'\nexport SHOP_SIZE='2'\n";
    get(&["--match", "shop-*"]).succeeds().prints(shop);
    get(&["shop-color", "shop-size"]).succeeds().prints(shop);
    let all = "orders: 'ORDERS' is not formed as the name of a value (API_KEY, DB_PASSWORD, REDIS_URL), so it must be named \
               explicitly; choose a name: ORDERS=orders; others too: SHOP_COLOR=shop-color SHOP_SIZE=shop-size\n";
    get(&["--match", "[os]*"]).fails(2).prints("").shows(all);
    run(&scenario, &["--match", "[os]*"], &["X"]).fails(2).shows(&format!("--match: {all}"));
    let named = get(&["--match", "[os]*", "ORDERS=orders", "SHOP_COLOR=shop-color", "SHOP_SIZE=shop-size"]);
    named.succeeds().prints(format!("export ORDERS='3'\n{shop}"));
    let missing = get(&["no-color", "shop-color", "--allow-missing"]).succeeds_with_messages();
    missing.prints("export SHOP_COLOR='1'\n");
}

#[test]
fn env_file_can_be_json_or_settings_of_functions() {
    let scenario = scenario();
    let file = |text: &str| std::fs::write(scenario.work().join("settings.json"), text).unwrap();
    let read = |variables: &[&str]| run(&scenario, &["--env-file", "settings.json"], variables);
    file(r#"{"A": "plain text", "B": 8080, "C": "akv://my-vault/app-key"}"#);
    read(&["A", "B", "C"]).succeeds().prints(format!("plain text|8080|{SECRET}|"));
    file(
        r#"{"IsEncrypted": false, "Values": {"KEY": "@Microsoft.KeyVault(VaultName=my-vault;SecretName=app-key)",
            "FUNCTIONS_WORKER_RUNTIME": "node"}, "Host": {"LocalHttpPort": 7071}}"#,
    );
    read(&["KEY", "FUNCTIONS_WORKER_RUNTIME", "Host"]).succeeds().prints(format!("{SECRET}|node|unset|"));
    for (text, reason) in [
        (r#"{"IsEncrypted": true, "Values": {"KEY": "hunter2"}}"#, "the settings are encrypted"),
        (r#"{"Values": {"KEY": "hunter2"}}"#, "the settings are encrypted, because IsEncrypted is not false"),
        ("{\n\"KEY\": \"hunter2\"\n", "line 3: not valid JSON"),
        (r#"{"KEY": {"hunter2": 1}}"#, "the value of KEY is not a string"),
        (r#"{"KEY": "akv://my-vault/b_d"}"#, "KEY 'akv://my-vault/b_d': 'b_d' is not a secret name"),
    ] {
        file(text);
        read(&[]).has_usage_error(&["--env-file settings.json: ", reason]).never_shows("hunter2");
    }
}

#[test]
fn urls_are_resolved_only_on_request() {
    let url = "https://my-vault.vault.azure.net/secrets/app-key";
    let scenario =
        scenario().var("ONE", url).var("OTHER", "https://my-vault.vault.azure.net").var("TEXT", format!("{url} x"));
    std::fs::write(scenario.work().join("app.env"), format!("TWO={url}/\nTHREE=https://example.com/secrets/app-key\n"))
        .unwrap();
    let variables = ["ONE", "TWO", "THREE", "OTHER", "TEXT"];
    let left = format!("https://example.com/secrets/app-key|https://my-vault.vault.azure.net|{url} x|");
    let outcome = run(&scenario, &["--env-file", "app.env"], &variables).sends_no_request();
    outcome.succeeds().prints(format!("{url}|{url}/|{left}"));
    let outcome = run(&scenario, &["--resolve-urls", "--env-file", "app.env"], &variables);
    outcome.succeeds().prints(format!("{SECRET}|{SECRET}|{left}"));
    let malformed = scenario.var("BAD", "https://my-vault.vault.azure.net/secrets/a_b");
    run(&malformed, &["--resolve-urls"], &[]).has_usage_error(&["BAD", "not a secret name"]);
}

#[test]
fn reference_in_quotes_is_resolved_as_by_azd() {
    let reference = "akvs://aaaa0a0a-bb1b-cc2c-dd3d-eeeeee4e4e4e/my-vault/app-key";
    let scenario = scenario()
        .var("ONE", format!("\"{reference}\""))
        .var("TWO", format!(" '{reference}' "))
        .var("THREE", "\"text\"");
    let outcome = run(&scenario, &[], &["ONE", "TWO", "THREE"]).succeeds();
    outcome.prints(format!("{SECRET}|{SECRET}|\"text\"|"));
    scenario.azfob(["get", &format!("\"{reference}\"")]).succeeds().prints(SECRET);
    let unbalanced = scenario.var("ONE", format!("\"{reference}"));
    run(&unbalanced, &[], &["ONE"]).succeeds().prints(format!("\"{reference}|"));
}
