//! `azfob list`: formats, filters, pages and their failures.

mod certificates;

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::Stdio;

use azfob::testing::sandbox::numbered_secrets;

use crate::support::{Action, Fault, Host, Rule, Scenario, SecretSpec, VAULT};

const YEAR_2100: u64 = 4_102_444_800;
const JANUARY_2025: u64 = 1_735_689_600;

/// A vault with a secret of each kind.
fn scenario() -> Scenario {
    let secrets = vec![
        SecretSpec::new("plain", "the-value-1"),
        SecretSpec::new("Bold", "the-value-2").content_type("text/plain").tag("owner", "me").tag("stage", "test"),
        SecretSpec::new("old", "the-value-3").expires(JANUARY_2025),
        SecretSpec::new("fresh", "the-value-4").expires(YEAR_2100),
        SecretSpec::new("later", "the-value-5").not_before(YEAR_2100),
        SecretSpec::new("off", "the-value-6").disabled(),
        SecretSpec::new("cert", "AAECAw==").content_type("application/x-pkcs12").managed(),
        SecretSpec::new("gone", "the-value-7").deleted(),
        SecretSpec::new("many", "the-value-8").then("the-value-9").then("the-value-10"),
    ];
    Scenario::on(Host::AppService).plan(|plan| azfob::testing::sandbox::SandboxPlan { secrets, ..plan })
}

/// A vault with this many secrets.
fn large(count: usize) -> Scenario {
    Scenario::on(Host::AppService)
        .plan(|plan| azfob::testing::sandbox::SandboxPlan { secrets: numbered_secrets(count), ..plan })
}

fn names(text: &str) -> Vec<&str> {
    text.lines().collect()
}

#[test]
fn table_is_plain_in_a_pipe() {
    let outcome = scenario().azfob(["list"]).succeeds();
    let text = outcome.text();
    assert!(!text.contains('\u{1b}') && !text.contains("the-value"), "{text}");
    let lines: Vec<_> = text.lines().collect();
    let words =
        |line: &str| line.split("  ").filter(|w| !w.trim().is_empty()).map(|w| w.trim().to_owned()).collect::<Vec<_>>();
    assert_eq!(words(lines[0]), ["NAME", "ENABLED", "UPDATED", "EXPIRES", "CONTENT TYPE", "TAGS"]);
    let first: Vec<_> = lines[1..].iter().map(|line| line.split(' ').next().unwrap()).collect();
    assert_eq!(first, ["Bold", "cert", "fresh", "later", "many", "off", "old", "plain"], "sorted without case");
    let row = |name: &str| words(lines.iter().find(|line| line.starts_with(name)).unwrap());
    assert_eq!(row("Bold")[3..], ["text/plain", "owner=me, stage=test"]);
    assert_eq!(row("off")[1], "no");
    assert!(row("old")[3].starts_with("expired ") && row("old")[3].ends_with(" d ago"), "{text}");
    assert!(row("fresh")[3].starts_with("in ") && row("fresh")[3].ends_with(" y"), "{text}");
    assert!(row("later")[1].starts_with("yes, valid in "), "{text}");
    assert_eq!(row("cert")[3], "application/x-pkcs12 (certificate)");
}

#[test]
fn json_matches_az() {
    let shown = scenario().azfob(["list", "-o", "json"]).succeeds().json();
    let items = shown.as_array().unwrap();
    assert_eq!(items.len(), 8);
    let bold = items.iter().find(|item| item["name"] == "Bold").unwrap();
    let keys: Vec<_> = bold.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(keys, ["attributes", "contentType", "id", "managed", "name", "tags"]);
    let keys: Vec<_> = bold["attributes"].as_object().unwrap().keys().map(String::as_str).collect();
    let expected = ["created", "enabled", "expires", "notBefore", "recoverableDays", "recoveryLevel", "updated"];
    assert_eq!(keys, expected);
    assert_eq!(bold["id"], "https://my-vault.vault.azure.net/secrets/Bold");
    assert_eq!(bold["tags"]["stage"], "test");
    let old = items.iter().find(|item| item["name"] == "old").unwrap();
    assert_eq!(old["attributes"]["expires"], "2025-01-01T00:00:00+00:00");
    assert_eq!(items.iter().find(|item| item["name"] == "cert").unwrap()["managed"], true);
}

#[test]
fn tsv_has_one_line_per_secret_and_timestamps() {
    let text = scenario().azfob(["list", "-o", "tsv"]).succeeds().text();
    let rows: Vec<Vec<_>> = text.lines().map(|line| line.split('\t').collect()).collect();
    assert!(rows.len() == 8 && rows.iter().all(|row| row.len() == 6), "{text}");
    let old = rows.iter().find(|row| row[0] == "old").unwrap();
    assert_eq!(old[1..], ["true", "2025-01-01T00:00:00+00:00", "2025-01-01T00:00:00+00:00", "", ""]);
}

#[test]
fn filters_select_matching_secrets() {
    let list = |arguments: &[&str]| {
        let arguments = [&["list", "-o", "name"], arguments].concat();
        scenario().azfob(arguments).succeeds().text()
    };
    assert_eq!(names(&list(&["--match", "*L*"])), ["Bold", "later", "old", "plain"]);
    assert_eq!(names(&list(&["--match", "OFF"])), ["off"]);
    assert_eq!(names(&list(&["--disabled"])), ["off"]);
    assert_eq!(names(&list(&["--expiring", "30d"])), ["old"]);
    assert_eq!(names(&list(&["--expiring", "30d", "--match", "f*"])), [""; 0]);
    assert_eq!(names(&list(&["--no-expiry", "--match", "[fop]*"])), ["off", "plain"]);
    assert_eq!(names(&list(&["--tag", "owner"])), ["Bold"]);
    assert_eq!(names(&list(&["--tag", "owner=me", "--tag", "stage=test"])), ["Bold"]);
    for other in ["owner=you", "Owner", "owner=", "me", "owner=ME"] {
        assert_eq!(names(&list(&["--tag", other])), [""; 0], "{other}");
    }
    assert_eq!(names(&list(&["--tag", "owner", "--tag", "none"])), [""; 0], "all tags are needed");
    scenario().azfob(["list", "--match", "[a"]).fails(2).shows("expected a pattern");
    scenario().azfob(["list", "--expiring", "soon"]).fails(2).shows("expected a time");
    // 30 would be 30 seconds, and a monitor with it would never report anything.
    for bare in ["30", "1.5"] {
        let outcome = scenario().azfob(["list", "--expiring", bare]).fails(2).sends_no_request();
        outcome.shows(&format!("expected a time with a unit, for example {bare}d for days"));
    }
    scenario().azfob(["list", "--expiring", "30d", "--no-expiry"]).fails(2).sends_no_request();
    scenario().azfob(["list", "--tag", "=me"]).fails(2).sends_no_request().shows("expected a tag");
}

#[test]
fn fail_exits_with_9_if_a_secret_is_listed() {
    for format in ["table", "json", "tsv", "name"] {
        let list = |filter: &str, value: &str| scenario().azfob(["list", filter, value, "--fail", "-o", format]);
        let outcome = list("--expiring", "30d");
        assert_eq!((outcome.code, outcome.stderr.as_str()), (Some(9), ""), "{format}");
        assert!(outcome.text().contains("old"), "{format}");
        list("--tag", "none").succeeds();
    }
    assert_eq!(scenario().azfob(["list", "--versions", "many", "--fail"]).code, Some(9));
    scenario().azfob(["list", "--expiring", "30d"]).succeeds();
    // An error has its own code.
    Scenario::on(Host::AppService).fault(Fault::Forbidden).azfob(["list", "--fail"]).fails(5);
}

#[test]
fn first_to_expire_is_first() {
    let soon = SecretSpec::new("a-later", "v").expires(YEAR_2100).clone();
    let scenario = Scenario::on(Host::AppService).plan(|plan| azfob::testing::sandbox::SandboxPlan {
        secrets: vec![soon, SecretSpec::new("b-sooner", "v").expires(JANUARY_2025)],
        ..plan
    });
    let text = scenario.azfob(["list", "--expiring", "3649d"]).succeeds().text();
    assert!(text.lines().nth(1).unwrap().starts_with("b-sooner"), "{text}");
    let shown = scenario.azfob(["list", "--expiring", "3649d", "-o", "json"]).succeeds().json();
    assert_eq!(shown.as_array().unwrap().len(), 1, "secrets that expire later are not listed");
}

#[test]
fn versions_are_newest_first_and_readable() {
    let scenario = scenario();
    let text = scenario.azfob(["list", "--versions", "many", "-o", "name"]).succeeds().text();
    let versions = names(&text);
    assert_eq!(versions.len(), 3);
    for (version, value) in versions.iter().zip(["the-value-10", "the-value-9", "the-value-8"]) {
        scenario.azfob(["get", version]).succeeds().prints(value);
    }
    let table = scenario.azfob(["list", "--versions", "MANY"]).succeeds().text();
    assert!(table.starts_with("VERSION") && table.lines().count() == 4, "{table}");
    let shown = scenario.azfob(["list", "--versions", "many", "-o", "json"]).succeeds().json();
    assert!(shown[0]["id"].as_str().unwrap().ends_with(versions[0]), "{shown}");
    scenario.azfob(["list", "--versions", "none"]).fails(6).shows("SecretNotFound").shows("'none'");
    scenario.azfob(["list", "--versions", "a_b"]).has_usage_error(&["--versions 'a_b'"]);
    scenario.azfob(["list", "--versions", "many", "--deleted"]).fails(2);
}

#[test]
fn deleted_secrets_are_listed_with_purge_date() {
    let scenario = scenario();
    scenario.azfob(["list", "--deleted", "-o", "name"]).succeeds().prints("gone\n");
    let shown = scenario.azfob(["list", "--deleted", "-o", "json"]).succeeds().json();
    assert_eq!(shown[0]["deletedDate"], "2025-06-01T00:00:00+00:00");
    assert_eq!(shown[0]["scheduledPurgeDate"], "2025-08-30T00:00:00+00:00");
    assert_eq!(shown[0]["recoveryId"], "https://my-vault.vault.azure.net/deletedsecrets/gone");
    let table = scenario.azfob(["list", "--deleted"]).succeeds().text();
    assert!(table.starts_with("NAME") && table.contains("DELETED"), "{table}");
}

#[test]
fn all_pages_are_read() {
    let outcome = large(120).azfob(["list", "-o", "name"]).succeeds();
    let text = outcome.text();
    assert_eq!(names(&text).len(), 120);
    let pages = outcome.requests_to(VAULT).iter().filter(|r| r.authorized).count();
    assert_eq!(pages, 6, "one of them is empty");
    assert_eq!(outcome.tunnels, [VAULT], "over one connection");
}

#[test]
fn empty_vault_is_an_empty_list() {
    let empty = Scenario::on(Host::AppService).fault(Fault::NotFound);
    empty.azfob(["list", "-o", "name"]).succeeds().prints("");
    empty.azfob(["list", "-o", "json"]).succeeds().prints("[]\n");
}

fn page(next: &str) -> Action {
    let item = r#"{"id":"https://my-vault.vault.azure.net/secrets/one","attributes":{"enabled":true}}"#;
    Action::json(200, format!(r#"{{"value":[{item}],"nextLink":{next}}}"#))
}

fn answering(actions: impl IntoIterator<Item = Action>) -> Scenario {
    actions.into_iter().enumerate().fold(Scenario::on(Host::AppService), |scenario, (number, action)| {
        let _ = number;
        scenario.rule(Rule::new(VAULT, "/secrets", action).with_credential().times(1))
    })
}

#[test]
fn empty_page_with_next_link_continues() {
    let next = format!(r#""https://{VAULT}/secrets?api-version=7.4&$skiptoken=a""#);
    let empty = Action::json(200, format!(r#"{{"value":[],"nextLink":{next}}}"#));
    answering([empty, page("null")]).azfob(["list", "-o", "name"]).succeeds().prints("one\n");
}

#[test]
fn next_link_to_other_host_is_an_error_and_gets_no_token() {
    for link in [
        "https://evil.example/secrets?a",
        "http://my-vault.vault.azure.net/secrets?a",
        "https://my-vault.vault.azure.net:8443/secrets?a",
        "https://other-vault.vault.azure.net/secrets?a",
        "https://my-vault.vault.azure.net@evil.example/secrets",
        "/secrets?a",
        "https://my-vault.vault.azure.net/keys?a",
        "https://my-vault.vault.azure.net/secrets/Other?a",
    ] {
        let outcome = answering([page(&format!("\"{link}\""))]).azfob(["list"]).fails(1);
        let outcome = outcome.shows("is not a page with a next link to the same list over https");
        assert_eq!(outcome.tunnels, [VAULT], "{link}");
    }
}

#[test]
fn circular_next_link_is_an_error() {
    let a = format!(r#""https://{VAULT}/secrets?a""#);
    let b = format!(r#""https://{VAULT}/secrets?b""#);
    let scenario = answering([page(&a), page(&b), page(&a)]);
    scenario.azfob(["list"]).fails(1).shows("the list repeats");
}

#[test]
fn incomplete_list_is_an_error() {
    for (status, code) in [(403, 5), (400, 1)] {
        let scenario =
            large(60).rule(Rule::new(VAULT, "/secrets", Action::json(status, "{}")).with_credential().skip(3));
        let outcome = scenario.azfob(["list", "-o", "name"]);
        assert_eq!((outcome.code, outcome.text().lines().count()), (Some(code), 50), "{}", outcome.stderr);
        scenario.azfob(["list", "-o", "json"]).fails(code);
        scenario.azfob(["list"]).fails(code);
    }
    let cut = Action::CutOff { status: 200, body: vec![b' '; 100], after: 10 };
    let scenario = large(60).rule(Rule::new(VAULT, "/secrets", cut).with_credential().skip(1));
    let outcome = scenario.azfob(["list", "-o", "name", "--timeout", "3"]);
    assert_eq!((outcome.code, outcome.text().lines().count()), (Some(7), 25), "{}", outcome.stderr);
    let scenario =
        large(60).rule(Rule::new(VAULT, "/secrets", Action::reply(200, "no JSON")).with_credential().skip(1));
    scenario.azfob(["list"]).fails(1).shows("is not JSON with a page of secrets");
}

#[test]
fn started_list_is_not_restarted() {
    let rbac = r#"{"error":{"code":"Forbidden","message":"","innererror":{"code":"ForbiddenByRbac"}}}"#;
    let scenario =
        large(60).rule(Rule::new(VAULT, "/secrets", Action::json(403, rbac)).with_credential().skip(1).times(1));
    let outcome = scenario.azfob(["list", "-o", "name", "--wait-for-access", "30s"]);
    assert_eq!((outcome.code, outcome.text().lines().count()), (Some(5), 25), "{}", outcome.stderr);
}

#[test]
fn failed_page_is_retried() {
    let moment = Action::json(503, "{}");
    let scenario = large(60).rule(Rule::new(VAULT, "/secrets", moment).with_credential().skip(1).times(1));
    assert_eq!(scenario.azfob(["list", "-o", "name"]).succeeds().text().lines().count(), 60);
}

#[test]
fn listed_text_has_no_control_chars() {
    let evil = SecretSpec::new("evil", "v").content_type("a\u{1b}[2Jb\tc\nd").tag("k\u{202e}", "\r\nforged\tline");
    let scenario = Scenario::on(Host::AppService)
        .plan(|plan| azfob::testing::sandbox::SandboxPlan { secrets: vec![evil], ..plan });
    for format in ["table", "tsv"] {
        let text = scenario.azfob(["list", "-o", format]).succeeds().text();
        assert!(!text.contains(['\u{1b}', '\u{202e}', '\r']), "{text:?}");
        assert_eq!(text.lines().count(), if format == "tsv" { 1 } else { 2 }, "{text:?}");
        assert!(format != "tsv" || text.matches('\t').count() == 5, "{text:?}");
    }
}

#[test]
fn missing_vault_is_usage_error_and_forbidden_is_reported() {
    let nowhere = scenario().without("AZFOB_VAULT").without("AZURE_KEYVAULT_URL");
    nowhere.azfob(["list"]).has_usage_error(&["no vault is configured"]);
    Scenario::on(Host::AppService).fault(Fault::Forbidden).azfob(["list"]).fails(5).shows("refused secrets/list");
}

#[test]
fn first_lines_print_before_last_page() {
    // The fourth page never arrives; the first lines are printed anyway.
    let scenario = large(200).rule(Rule::new(VAULT, "/secrets", Action::Hang).with_credential().skip(3));
    let sandbox = scenario.sandbox();
    let mut command = scenario.command(&sandbox, Path::new(env!("CARGO_BIN_EXE_azfob")));
    let mut child = command.args(["list", "-o", "name"]).stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    for number in 1..=50 {
        assert_eq!(lines.next().unwrap().unwrap(), format!("secret-{number:05}"));
    }
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn closed_pipe_is_success() {
    let scenario = large(500);
    let sandbox = scenario.sandbox();
    let mut command = scenario.command(&sandbox, Path::new(env!("CARGO_BIN_EXE_azfob")));
    let mut child = command.args(["list", "-o", "name"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut first = [0; 13];
    let mut stdout = child.stdout.take().unwrap();
    stdout.read_exact(&mut first).unwrap();
    drop(stdout);
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), String::from_utf8_lossy(&output.stderr).as_ref()), (Some(0), ""));
    assert!(sandbox.requests().len() < 20, "no more requests");
}

#[cfg(target_os = "linux")]
#[test]
fn line_formats_use_constant_memory() {
    crate::support::in_parallel(["name", "tsv"], |format| {
        // The last page never arrives, so that azfob is still running when it is measured.
        let scenario = large(10_000).rule(Rule::new(VAULT, "/secrets", Action::Hang).with_credential().skip(400));
        let sandbox = scenario.sandbox();
        let mut command = scenario.command(&sandbox, Path::new(env!("CARGO_BIN_EXE_azfob")));
        let mut child = command.args(["list", "-o", format]).stdout(Stdio::piped()).spawn().unwrap();
        let status = format!("/proc/{}/status", child.id());
        let peak = || {
            let status = std::fs::read_to_string(&status).unwrap();
            let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap().to_owned();
            line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap()
        };
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        assert_eq!(lines.by_ref().take(250).filter(|line| line.is_ok()).count(), 250);
        let early = peak();
        assert_eq!(lines.take(9_725).filter(|line| line.is_ok()).count(), 9_725);
        let late = peak();
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(late < early + 2_000, "{format}: {early} KB, then {late} KB");
    });
}

#[cfg(unix)]
#[test]
fn terminal_shows_list_progress() {
    use crate::support::Terminal;
    let slow = || {
        Rule::new(VAULT, "/secrets", Action::Late(std::time::Duration::from_millis(1200))).with_credential().times(1)
    };
    let shown = |options: &[&str], scenario: &Scenario| {
        let sandbox = scenario.sandbox();
        let (terminal, stderr) = Terminal::new();
        let mut command = scenario.command(&sandbox, Path::new(env!("CARGO_BIN_EXE_azfob")));
        let mut child = command
            .arg("list")
            .args(options)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(stderr)
            .spawn()
            .unwrap();
        drop(command); // closes the terminal's other end
        assert!(child.wait().unwrap().success());
        terminal.shown()
    };
    let waited = large(60).rule(slow());
    assert_eq!(
        shown(&[], &waited),
        "\r25 secrets so far\u{1b}[K\r25 secrets so far\u{1b}[K\r50 secrets so far\u{1b}[K\r60 secrets so far\u{1b}[K\r\u{1b}[K"
    );
    assert_eq!(shown(&["-q"], &waited), "");
    assert_eq!(shown(&[], &large(60)), "", "no progress line within a second");
    waited.azfob(["list", "-o", "name"]).succeeds();
}

#[cfg(unix)]
mod on_a_terminal {
    use super::*;
    use crate::support::Terminal;

    fn shown(scenario: &Scenario, arguments: &[&str], columns: u16) -> (String, String) {
        let (terminal, stdout) = Terminal::with_columns(columns);
        // A terminal buffers a few kilobytes.
        let screen = std::thread::spawn(move || terminal.shown());
        let outcome = scenario.azfob_to(arguments, stdout);
        assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
        (screen.join().unwrap(), outcome.stderr)
    }

    #[test]
    fn table_has_one_line_per_secret() {
        let secret = |n: usize| {
            let spec =
                SecretSpec::new(format!("database-password-{n:03}"), "v").content_type("text/plain; charset=utf-8");
            spec.tag("owner", "team-with-a-long-name").tag("stage", "production").expires(4_102_444_800)
        };
        let secrets = (0..200).map(secret).collect();
        let scenario =
            Scenario::on(Host::AppService).plan(|plan| azfob::testing::sandbox::SandboxPlan { secrets, ..plan });
        let (table, _) = shown(&scenario, &["list", "--color", "never"], 80);
        let lines: Vec<_> = table.lines().collect();
        assert_eq!(lines.len(), 201, "{table}");
        assert!(lines.iter().all(|line| line.trim_end().chars().count() <= 80), "{table}");
        for (n, line) in lines[1..].iter().enumerate() {
            assert!(line.starts_with(&format!("database-password-{n:03}  ")) && line.contains("  in 7"), "{line}");
        }
        assert!(lines[1].contains("text/p") && lines[1].contains('…'), "{table}");
        let (wide, _) = shown(&scenario, &["list", "--wide", "--color", "never"], 80);
        assert!(wide.lines().nth(1).unwrap().contains("owner=team-with-a-long-name, stage=production"), "{wide}");
        let piped = scenario.azfob(["list"]).succeeds().text();
        assert_eq!(piped.lines().collect::<Vec<_>>(), wide.lines().collect::<Vec<_>>());
    }

    #[test]
    fn empty_list_is_noted() {
        let empty = Scenario::on(Host::AppService)
            .plan(|plan| azfob::testing::sandbox::SandboxPlan { secrets: Vec::new(), ..plan });
        for format in ["table", "name", "tsv"] {
            let (out, printed) = shown(&empty, &["list", "-o", format], 80);
            assert_eq!((out.as_str(), printed.contains("note: my-vault has no secrets")), ("", true), "{printed}");
        }
        let (_, printed) = shown(&Scenario::on(Host::AppService), &["list", "--match", "zzz*"], 80);
        assert!(printed.contains("no matching ") && printed.contains("(my-vault has "), "{printed}");
        let (_, printed) = shown(&empty, &["list", "--deleted"], 80);
        assert!(printed.contains("my-vault has no deleted secrets"), "{printed}");
        let (_, printed) = shown(&empty, &["list", "-q"], 80);
        assert_eq!(printed, "");
        let (out, _) = shown(&empty, &["list", "-o", "json"], 80);
        assert_eq!(out.trim(), "[]");
        assert_eq!(empty.azfob(["list"]).succeeds().text().lines().count(), 1, "only the header in a pipe");
    }
}
