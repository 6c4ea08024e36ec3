//! The configuration file: its location, its keys and its permissions.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use crate::support::{Host, Scenario};

/// Only the file sets the vault.
fn scenario() -> Scenario {
    Scenario::on(Host::AppService).without("AZFOB_VAULT").without("AZURE_KEYVAULT_URL").secret("A", "1")
}

/// With this file in the platform's configuration folder.
fn with_file(text: &str) -> Scenario {
    let scenario = scenario().without("AZFOB_CONFIG");
    let folder = if cfg!(target_os = "macos") { "Library/Application Support" } else { ".config" };
    write(scenario.home().join(folder).join("azfob"), text);
    scenario
}

fn write(folder: PathBuf, text: &str) {
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("config.toml"), text).unwrap();
    fs::set_permissions(folder.join("config.toml"), fs::Permissions::from_mode(0o644)).unwrap();
}

#[test]
fn configuration_file_sets_vault() {
    with_file("vault = \"my-vault\"\n").azfob(["get", "A"]).succeeds().prints("1");
    with_file("").azfob(["get", "A"]).has_usage_error(&["no vault is configured"]);
    scenario().without("AZFOB_CONFIG").azfob(["get", "A"]).has_usage_error(&["no vault is configured"]);
}

/// A cloned repository must not redirect the vault or the identity.
#[test]
fn nothing_is_read_from_the_current_folder() {
    let other = "other-vault";
    let scenario = scenario().without("AZFOB_CONFIG");
    let work = scenario.work();
    for folder in ["", ".config", "azfob", ".azfob", ".config/azfob", "Library/Application Support/azfob"] {
        write(work.join(folder), &format!("vault = \"{other}\"\n"));
        fs::copy(work.join(folder).join("config.toml"), work.join(folder).join("azfob.toml")).unwrap();
    }
    fs::copy(work.join("config.toml"), work.join(".azfob.toml")).unwrap();
    for name in [".env", ".env.local", ".envrc"] {
        fs::write(
            work.join(name),
            format!("AZFOB_VAULT={other}\nAZURE_KEYVAULT_URL=https://{other}.vault.azure.net\n"),
        )
        .unwrap();
    }
    let settings = format!("{{\"Values\": {{\"AZFOB_VAULT\": \"{other}\"}}}}");
    fs::write(work.join("local.settings.json"), settings).unwrap();
    for arguments in [&["get", "A"][..], &["list"], &["run", "-e", "X=A", "--", "true"]] {
        let outcome = scenario.azfob(arguments).has_usage_error(&["no vault is configured"]);
        let _ = outcome.sends_no_request();
    }
}

#[test]
fn named_configuration_file_must_exist() {
    let scenario = scenario();
    write(scenario.work(), "vault = \"my-vault\"\n");
    let file = scenario.work().join("config.toml");
    let scenario = scenario.var("AZFOB_CONFIG", &file);
    scenario.azfob(["get", "A"]).succeeds().prints("1");
    fs::remove_file(&file).unwrap();
    scenario.azfob(["get", "A"]).has_usage_error(&["the file does not exist"]);
}

/// As Windows PowerShell writes it with `>` and `Set-Content`.
#[test]
fn utf_16_file_is_read() {
    let scenario = with_file("");
    let file = scenario.work().join("config.toml");
    let text = "\u{feff}vault = \"my-vault\"\r\n";
    for bytes in [text.as_bytes().to_vec(), text.encode_utf16().flat_map(u16::to_le_bytes).collect()] {
        fs::write(&file, bytes).unwrap();
        let scenario = self::scenario().var("AZFOB_CONFIG", &file);
        scenario.azfob(["get", "A"]).succeeds().prints("1");
    }
    fs::write(&file, b"vault = 'b\xfccher'").unwrap();
    let outcome = self::scenario().var("AZFOB_CONFIG", &file).azfob(["get", "A"]);
    outcome.has_usage_error(&["config.toml: it is not UTF-8"]);
}

#[test]
fn profile_is_selected_by_option_or_variable() {
    let text = "vault = \"other-vault\"\n[profiles.dev]\nvault = \"my-vault\"\n[profiles.bad]\nvault = \"!\"\n";
    let chosen = |scenario: Scenario, arguments: &[&str]| scenario.azfob([&["get", "A"], arguments].concat());
    chosen(with_file(text), &["--profile", "dev"]).succeeds().prints("1");
    chosen(with_file(text).var("AZFOB_PROFILE", "dev"), &[]).succeeds().prints("1");
    chosen(with_file(text).var("AZFOB_PROFILE", "bad"), &["--profile", "dev"]).succeeds().prints("1");
    chosen(with_file(text), &["--profile", "bad"]).has_usage_error(&["vault in the configuration file '!'"]);
    chosen(with_file(text), &["--profile", "prod"]).has_usage_error(&["--profile 'prod'", "has bad, dev"]);
    chosen(scenario().without("AZFOB_CONFIG"), &["--profile", "prod"])
        .has_usage_error(&["there is no configuration file"]);
    // The environment takes precedence; an explicitly selected profile notes that.
    let outcome = chosen(with_file(text).var("AZFOB_VAULT", "my-vault"), &["--profile", "bad"]);
    outcome
        .succeeds_with_messages()
        .prints("1")
        .shows("warning: AZFOB_VAULT takes precedence over the vault of the profile");
    chosen(with_file(text).var("AZFOB_VAULT", "my-vault"), &[]).succeeds().prints("1");
}

#[test]
fn file_sets_credential_and_tenant() {
    let text = "vault = \"my-vault\"\ncredential = \"azure-cli\"\n";
    with_file(text).azfob(["get", "A"]).fails(3).shows("AzureCliCredential").never_shows("ManagedIdentityCredential");
    let text = "vault = \"my-vault\"\ncredential = \"nobody\"\n";
    with_file(text).azfob(["get", "A"]).has_usage_error(&["credential in the configuration file 'nobody'"]);
    let text = "vault = \"my-vault\"\ntenant = \"not a tenant\"\n";
    with_file(text).azfob(["get", "A"]).has_usage_error(&["tenant in the configuration file 'not a tenant'"]);
}

#[test]
fn unknown_key_error_names_line() {
    for (text, parts) in [
        (
            "vault = \"my-vault\"\n\nclient_secret = \"hush-hush-hush\"\n",
            ["config.toml, line 3", "unknown field `client_secret`"],
        ),
        ("vault = \"my-vault\"\n[profiles.a]\nvalut = \"x\"\n", ["config.toml, line 3", "unknown field `valut`"]),
        ("vault = my-vault\n", ["config.toml, line 1", ""]),
    ] {
        let outcome = with_file(text).azfob(["get", "A"]).has_usage_error(&parts);
        outcome.never_shows("hush-hush-hush");
    }
}

#[cfg(not(target_os = "macos"))] // it is in another folder there
#[test]
fn file_writable_by_others_is_refused() {
    for (mode, good) in [(0o600, true), (0o640, true), (0o660, false), (0o602, false)] {
        let scenario = with_file("vault = \"my-vault\"\n");
        let file = scenario.home().join(".config/azfob/config.toml");
        fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
        let outcome = scenario.azfob(["get", "A"]);
        if good {
            outcome.succeeds();
        } else {
            outcome.has_usage_error(&["other users can write this file", "chmod go-w"]);
        }
    }
}

#[test]
fn commands_without_requests_do_not_read_file() {
    with_file("nonsense\n").azfob(["completions", "bash"]).succeeds();
    with_file("nonsense\n").azfob(["--version"]).succeeds();
}

#[test]
fn whoami_shows_settings_from_file() {
    let outcome =
        with_file("vault = \"my-vault\"\ncredential = \"managed-identity\"\n").azfob(["whoami", "-o", "json"]);
    let shown = outcome.succeeds().json();
    let settings = shown["settings"].as_array().unwrap();
    for key in ["vault", "credential"] {
        let setting = settings.iter().find(|setting| setting["name"] == key).unwrap();
        assert_eq!(setting["source"], format!("{key} in the configuration file"), "{shown}");
    }
}
