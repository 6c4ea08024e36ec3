//! `--log` and `--explain`: the errors in another program's words, with nothing asked of anybody.

use std::path::PathBuf;
use std::process::Stdio;

use azfob::door::{codes as codes_of_entra_id, rows};

use super::on;
use crate::support::{Fault, Host, Outcome, Scenario, names};

/// A log as some program wrote it.
fn log(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/replies/logs").join(name)
}

fn read(path: &std::path::Path) -> Outcome {
    let path = path.display().to_string();
    on(Host::Nothing).azfob(["diagnose", "--log", &path, "-o", "json"]).asks_nobody()
}

/// The code of each error in a log, with its line.
fn codes(name: &str) -> Vec<(String, u64)> {
    let found = read(&log(name)).succeeds().json();
    let items = found.as_array().expect("a list").iter();
    items.map(|item| (item["code"].as_str().unwrap().to_owned(), item["line"].as_u64().unwrap())).collect()
}

/// A text in a file of the scenario's.
fn explained(scenario: &Scenario, text: &[u8], output: &str) -> Outcome {
    let path = scenario.work().join("log");
    std::fs::write(&path, text).expect("a log");
    scenario.azfob(["diagnose", "--log", "log", "-o", output]).asks_nobody()
}

#[test]
fn the_errors_of_each_program_are_recognised_with_their_lines() {
    for (name, expected) in [
        (
            "dotnet.log",
            &[
                ("client-id-alone", 5),
                ("workload-identity-incomplete", 6),
                ("managed-identity-unavailable", 7),
                ("developer-tool-not-on-path", 8),
                ("powershell-module-missing", 9),
                ("credential-unavailable", 4),
            ][..],
        ),
        ("dotnet-forbidden.log", &[("forbidden-rbac", 2), ("forbidden", 11)]),
        ("java.log", &[("vault-name-unknown", 4)]),
        ("python.log", &[("forbidden-firewall", 5)]),
        ("javascript.log", &[("AADSTS700213", 3)]),
        ("az.log", &[("AADSTS50076", 2)]),
        ("csi-driver.log", &[("secret-not-found", 4)]),
        ("azure-pipelines.log", &[("forbidden-access-policy", 4)]),
    ] {
        let found = codes(name);
        for (code, line) in expected {
            assert!(found.contains(&((*code).to_owned(), *line)), "{code} on {line} is not in {name}: {found:?}");
        }
    }
    let go = codes("go.log");
    for code in ["workload-identity-incomplete", "managed-identity-unavailable", "developer-tool-not-on-path"] {
        assert!(go.iter().any(|(found, _)| found == code), "{code}: {go:?}");
    }
    // Several of them on one line: each is told.
    let rust = codes("rust.log");
    for code in ["several-identities", "developer-tool-not-on-path"] {
        assert!(rust.iter().any(|(found, line)| found == code && *line == 2), "{code}: {rust:?}");
    }
}

/// The names in a log fill its commands.
#[test]
fn commands_are_filled_in_from_the_log() {
    for (name, command) in [
        (
            "dotnet-forbidden.log",
            "az role assignment create --role \"Key Vault Secrets User\" --assignee-object-id \
             aaaaaaaa-0000-1111-2222-bbbbbbbbbbbb --assignee-principal-type ServicePrincipal --scope \
             /subscriptions/aaaa0a0a-bb1b-cc2c-dd3d-eeeeee4e4e4e/resourcegroups/my-group/providers/\
             microsoft.keyvault/vaults/my-vault",
        ),
        ("python.log", "az keyvault network-rule add --name my-vault --ip-address 203.0.113.25"),
        ("az.log", "az login --scope https://vault.azure.net/.default"),
        ("csi-driver.log", "az keyvault secret list --vault-name my-vault --query '[].name' -o tsv"),
        (
            "azure-pipelines.log",
            "az keyvault set-policy --name my-vault --object-id dddddddd-3333-4444-5555-eeeeeeeeeeee \
             --secret-permissions get list",
        ),
    ] {
        let found = read(&log(name)).succeeds().json();
        let commands = found[0]["commands"].as_array().expect("a list");
        assert!(commands.iter().any(|offered| offered == command), "{name}: {commands:#?}");
        for key in ["code", "error", "cause", "fix", "detail", "line", "times"] {
            assert!(!found[0][key].is_null(), "{name}: {key}");
        }
    }
}

#[test]
fn people_read_the_line_the_cause_and_the_fix() {
    let path = log("python.log").display().to_string();
    let text = on(Host::Nothing).azfob(["diagnose", "--log", &path]).succeeds().text();
    assert!(text.starts_with("403 Forbidden: ") && text.contains("(line 5, 2 times)"), "{text}");
    for part in ["cause  The vault's firewall does not let this address in", "fix    Allow the address"] {
        assert!(text.contains(part), "{text}");
    }
}

#[test]
fn stdin_is_read_too() {
    let scenario = on(Host::Nothing);
    let sandbox = scenario.sandbox();
    let mut command = scenario.command(&sandbox, std::path::Path::new(env!("CARGO_BIN_EXE_azfob")));
    let input = std::fs::File::open(log("az.log")).expect("the log");
    let output = command.args(["diagnose", "--log", "-"]).stdin(Stdio::from(input)).output().expect("azfob runs");
    assert!(output.status.success() && String::from_utf8_lossy(&output.stdout).contains("AADSTS50076"));
}

/// What holds no error of Azure's is told so in a sentence, be it text, garbage or nothing.
#[test]
fn nothing_recognised_is_1_with_a_sentence() {
    let scenario = on(Host::Nothing);
    let garbage: Vec<u8> = (0..200_000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    for text in [&b"GET /health 200\n"[..], b"", &garbage] {
        let outcome = explained(&scenario, text, "table").fails(1);
        let _ = outcome.tells("log: no error of Azure Identity or Key Vault is recognised in it");
    }
    let _ = scenario.azfob(["diagnose", "--log", "nowhere"]).fails(2).tells("--log nowhere: ");
}

#[test]
fn a_line_without_end_and_control_characters_do_no_harm() {
    let scenario = on(Host::Nothing);
    let mut text = b"\x1b[2J\x1b]0;owned\x07AADSTS50076: \x1b[31m".to_vec();
    text.resize(5 << 20, b'x');
    let outcome = explained(&scenario, &text, "table").succeeds();
    assert!(outcome.text().len() < 4_000 && !outcome.text().contains(['\u{1b}', '\u{7}']), "{}", outcome.text());
}

#[test]
fn a_token_in_a_log_is_never_quoted() {
    let scenario = on(Host::Nothing);
    let token = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJl";
    let text = format!("AADSTS700024 for client_assertion={token}\nAuthorization: Bearer {token} status code 403\n");
    for output in ["table", "json", "markdown"] {
        let told = explained(&scenario, text.as_bytes(), output).succeeds().text();
        assert!(told.contains("AADSTS700024") && !told.contains("eyJhbGci"), "{told}");
    }
}

fn is_explained(text: &str) -> serde_json::Value {
    let outcome = on(Host::Nothing).azfob(["diagnose", "--explain", text, "-o", "json"]).asks_nobody();
    outcome.succeeds().json()[0].clone()
}

#[test]
fn the_codes_of_the_contract_are_explained() {
    for (text, code) in [
        ("AADSTS700213", "AADSTS700213"),
        ("700213", "AADSTS700213"),
        ("AKV10032", "wrong-tenant"),
        ("ForbiddenByFirewall", "forbidden-firewall"),
        ("CredentialUnavailableError", "credential-unavailable"),
        ("SecretNotFound", "secret-not-found"),
        ("forbidden-rbac", "forbidden-rbac"),
        ("  VaultRequestTypeLimitReached ", "throttled"),
    ] {
        assert_eq!(is_explained(text)["code"], code, "{text}");
    }
    let _ = on(Host::Nothing).azfob(["diagnose", "--explain", "AADSTS1"]).fails(1).tells("error?code=1");
    let _ = on(Host::Nothing).azfob(["diagnose", "--explain", "hello"]).fails(1).tells("is no code that azfob knows");
}

/// A code without a row has that of its range, with the page that explains the number; one of no range is an error.
#[test]
fn a_code_without_a_row_is_explained_by_its_range() {
    for (code, row) in [
        (50_999, "entra-sign-in"),
        (530_099, "entra-conditional-access"),
        (65_099, "entra-consent"),
        (700_299, "entra-federation"),
        (7_000_999, "entra-application"),
        (9_009_999, "entra-request"),
    ] {
        let link = format!("https://login.microsoftonline.com/error?code={code}");
        for text in [format!("AADSTS{code}"), code.to_string(), format!("invalid_grant: AADSTS{code}: No.")] {
            let explained = is_explained(&text);
            assert_eq!(explained["code"], row, "{text}");
            assert!(explained["detail"].as_str().unwrap().contains(&link), "{explained:#}");
            assert_ne!(explained["commands"][0], serde_json::Value::Null, "{explained:#}");
        }
        let text = format!("ERROR: AADSTS{code}: No. Trace ID: x\n");
        let found = explained(&on(Host::Nothing), text.as_bytes(), "json").succeeds().json();
        assert_eq!(found[0]["code"], row);
        assert!(found[0]["detail"].as_str().unwrap().contains(&link), "{found:#}");
    }
    let _ = on(Host::Nothing).azfob(["diagnose", "--explain", "AADSTS9999999"]).fails(1).tells("error?code=9999999");
}

/// A token of the pod's own service account, as Entra ID refuses it (<https://github.com/MicrosoftDocs/azure-docs/issues/116275>).
#[test]
fn an_assertion_that_lives_too_long_is_the_pods_own_token() {
    let text = "(invalid_client) AADSTS70023: External OIDC Provider token must have a lifetime of less than or equal \
                to 1.01:00:00.\n";
    let outcome = explained(&on(Host::Nothing), text.as_bytes(), "table").succeeds();
    assert!(outcome.text().lines().next().unwrap().contains("AADSTS70023: "), "{}", outcome.text());
    for part in [
        "cause  The assertion lives longer than a day: on Kubernetes it is the pod's own service-account token",
        "fix    Use the projected token, /var/run/secrets/azure/tokens/azure-identity-token",
        "echo \"$AZURE_FEDERATED_TOKEN_FILE\"",
        "kubectl get pods -o ",
    ] {
        assert!(outcome.text().contains(part), "{part} is not in {}", outcome.text());
    }
}

/// Every row is found by its code, and by each of its signs.
#[test]
fn every_code_and_every_sign_is_explained() {
    use azfob::door::{Case, Suffixes, explain_code};

    let here = Case::detect(&azfob::Env::default());
    let suffixes = Suffixes { cloud: azfob::door::PUBLIC, extra: None };
    for row in rows() {
        let found = explain_code(row.code, &here, &suffixes).expect("a code is explained");
        assert_eq!(found.row.code, row.code);
        for sign in row.signs {
            let found = explain_code(&format!("it said: {sign}"), &here, &suffixes).expect("a sign is explained");
            assert_eq!(found.row.code, row.code, "{sign}");
        }
    }
}

/// Adding, renaming or removing a code of Entra ID is seen in review.
#[test]
fn the_codes_of_entra_id() {
    let set: String = codes_of_entra_id().map(|row| format!("{}\n", row.error)).collect();
    insta::with_settings!({
        omit_expression => true, prepend_module_to_snapshot => false, snapshot_path => "../snapshots/diagnose"
    }, {
        insta::assert_snapshot!("the_codes_of_entra_id", set);
    });
}

/// A code that is explained and a failure that is met come to the same commands, where the same is known of both.
#[test]
fn a_code_with_the_facts_of_a_failure_has_its_commands() {
    for (host, fault, code) in [
        (Host::AppService, Fault::NotFound, "SecretNotFound"),
        (Host::AppService, Fault::Disabled, "SecretDisabled"),
        (Host::AppService, Fault::Throttled, "429 Too Many Requests"),
        (Host::AppService, Fault::NoIdentity, "managed-identity-unavailable"),
        (Host::AzureCli, Fault::ExpiredLogin, "AADSTS700082"),
    ] {
        let scenario = on(host).fault(fault);
        let live = super::Report::of(&scenario);
        let arguments = ["diagnose", "--explain", code, "--secret", super::SECRET, "--tenant", names::TENANT_ID];
        let explained = scenario.azfob(arguments.into_iter().chain(["-o", "json"])).succeeds().json();
        assert_eq!(live.json["findings"][0]["code"], explained[0]["code"]);
        assert_eq!(live.json["findings"][0]["commands"], explained[0]["commands"], "{code}");
    }
}

/// Every cause has something to paste, whatever is known of the vault.
#[test]
fn every_cause_is_explained_with_a_command_for_the_vault_that_is_named() {
    let explained = |code: &str| {
        let arguments = ["diagnose", "--explain", code, "--vault", "my-vault", "-o", "json"];
        on(Host::Nothing).azfob(arguments).succeeds().json()[0]["commands"].clone()
    };
    assert!(explained("forbidden-rbac")[0].as_str().unwrap().contains("az keyvault show --name my-vault --query id"));
    assert!(explained("secret-not-found")[0].as_str().unwrap().contains("--vault-name my-vault"));
    assert!(explained("forbidden-firewall")[0].as_str().unwrap().contains("--name my-vault"));
}
