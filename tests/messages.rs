//! Messages on stderr: verbose, quiet, timings and wrapping. Also Ctrl-C, the wait for a role and throttling.

use std::time::Duration;

use azfob::testing::sandbox::numbered_secrets;

use crate::support::{Action, Fault, Host, Rule, Scenario, SecretSpec, VAULT};

const RBAC: &str = r#"{"error":{"code":"Forbidden","message":"Caller is not authorized to perform action on resource.",
    "innererror":{"code":"ForbiddenByRbac"}}}"#;

fn role_after(times: usize) -> Scenario {
    let rule = Rule::new(VAULT, "/", Action::json(403, RBAC)).with_credential().times(times);
    Scenario::on(Host::AppService).rule(rule)
}

#[test]
fn verbose_shows_each_request_with_time_and_attempt() {
    let busy = Action::json(503, "{}");
    let scenario = Scenario::on(Host::AppService).rule(Rule::new(VAULT, "/secrets", busy).with_credential().times(1));
    let outcome = scenario.azfob(["get", "-v", "ApiKey"]).succeeds_with_messages();
    let line = |parts: &[&str]| {
        let found = outcome.stderr.lines().any(|line| parts.iter().all(|part| line.contains(part)));
        assert!(found, "{parts:?} in\n{}", outcome.stderr);
    };
    line(&["GET 127.0.0.1", "200 in", "ms"]);
    line(&["GET my-vault.vault.azure.net/secrets/ApiKey", " 503 in", "ms"]);
    line(&["GET my-vault.vault.azure.net/secrets/ApiKey", " 200 in", "ms, attempt 2"]);
    assert!(!outcome.stderr.contains("api-version") && !outcome.stderr.to_lowercase().contains("bearer"));
    outcome.prints("sandbox-api-key-of-february");
}

#[test]
fn quiet_prints_only_failures() {
    let old = SecretSpec::new("old", "v").expires(1_735_689_600).content_type("application/x-pem-file");
    let scenario = Scenario::on(Host::AppService).secret_spec(old);
    scenario.azfob(["get", "-q", "old"]).succeeds().prints("v");
    scenario.azfob(["get", "-q", "none"]).fails(6).shows("SecretNotFound");
    scenario.azfob(["get", "-q", "-v", "old"]).fails(2);
}

#[test]
fn timings_are_printed_after_success_and_failure() {
    for (arguments, code) in
        [(&["get", "ApiKey"][..], 0), (&["list", "-o", "name"], 0), (&["get", "none"], 6), (&["whoami"], 0)]
    {
        let outcome = Scenario::on(Host::AppService).azfob([arguments, &["--timings"]].concat());
        assert_eq!(outcome.code, Some(code), "{}", outcome.stderr);
        let steps = ["timings:\n", "  request ", "  connection ", "  total "];
        let chain = ["  chain ", "ManagedIdentityCredential: token", "  token "];
        let chain = if arguments[0] == "whoami" { &[][..] } else { &chain };
        steps.iter().chain(chain).for_each(|step| assert!(outcome.stderr.contains(step), "{step} {}", outcome.stderr));
    }
    #[cfg(unix)]
    {
        let outcome =
            Scenario::on(Host::AppService).azfob(["run", "--timings", "-e", "X=ApiKey", "--", "/bin/sh", "-c", "echo"]);
        outcome.succeeds_with_messages().prints("\n").shows("  total ");
    }
}

#[test]
fn missing_role_is_waited_for_and_noted() {
    for arguments in
        [&["get", "ApiKey"][..], &["list", "-o", "name", "--match", "ApiKey"], &["get", "--match", "ApiKey"]]
    {
        let outcome = role_after(1).azfob([arguments, &["--wait-for-access", "30s", "--timeout", "1s"]].concat());
        let outcome =
            outcome.succeeds_with_messages().shows("note: my-vault refused secrets/").shows("waiting up to 30s");
        let outcome = outcome.takes(Duration::from_secs(1));
        assert!(!outcome.text().is_empty());
    }
    role_after(1).azfob(["get", "-q", "ApiKey", "--wait-for-access", "30s"]).succeeds();
}

#[test]
fn role_wait_ends_at_limit() {
    let outcome =
        Scenario::on(Host::AppService).fault(Fault::Forbidden).azfob(["get", "ApiKey", "--wait-for-access", "2s"]);
    let outcome = outcome.fails(5).shows("403 Forbidden").within(Duration::from_secs(8));
    assert!(outcome.requests_to(VAULT).iter().filter(|r| r.authorized).count() >= 2);
}

#[test]
fn only_missing_role_is_waited_for() {
    for (fault, code) in [
        (Fault::Firewall, 5),
        (Fault::PrivateLink, 5),
        (Fault::AccessPolicy, 5),
        (Fault::Disabled, 5),
        (Fault::NotFound, 6),
    ] {
        let outcome = Scenario::on(Host::AppService).fault(fault).azfob(["get", "ApiKey", "--wait-for-access", "60s"]);
        outcome.fails(code).never_shows("waiting").within(Duration::from_secs(10));
    }
    // A role does not help if the secret does not exist.
    let outcome = role_after(1).azfob(["get", "none", "ApiKey", "--wait-for-access", "60s"]);
    assert!(matches!(outcome.code, Some(5 | 6)), "{}", outcome.stderr);
}

#[test]
fn throttling_slows_all_requests() {
    let secrets = numbered_secrets(120);
    let throttled = Action::json(429, "{}").header("Retry-After", "1");
    let scenario = Scenario::on(Host::AppService)
        .plan(|plan| azfob::testing::sandbox::SandboxPlan { secrets, ..plan })
        .rule(Rule::new(VAULT, "/secrets/", throttled).with_credential().skip(20).times(1));
    let names: Vec<_> = (1..=120).map(|n| format!("secret-{n:05}")).collect();
    let outcome = scenario.azfob(["get"].into_iter().chain(names.iter().map(String::as_str))).succeeds();
    let outcome = outcome.takes(Duration::from_secs(1));
    let requested: Vec<_> = outcome.requests_to(VAULT).into_iter().filter(|r| r.authorized).collect();
    assert_eq!(requested.len(), 121, "only the refused one is retried");
    // After a 429 no thread starts another request. Only those already sent arrive.
    let refused = requested.iter().position(|r| r.status == Some(429)).unwrap();
    assert!(refused <= 40, "{refused}");
}

#[test]
fn failures_of_many_secrets_are_grouped() {
    let secrets = numbered_secrets(60);
    let scenario = Scenario::on(Host::AppService).plan(|plan| azfob::testing::sandbox::SandboxPlan { secrets, ..plan });
    let names: Vec<_> = (41..=80).map(|n| format!("secret-{n:05}")).collect();
    let outcome = scenario.azfob(["get"].into_iter().chain(names.iter().map(String::as_str))).fails(6);
    for number in 61..=80 {
        assert!(outcome.stderr.contains(&format!("'secret-{number:05}'")), "{}", outcome.stderr);
    }
    assert!(!outcome.stderr.contains("'secret-00060'"));
}

#[test]
fn unreachable_vault_is_reported_once() {
    let scenario = Scenario::on(Host::AppService).fault(Fault::Unreachable);
    let names: Vec<_> = (0..40).map(|n| format!("n-{n}")).collect();
    let outcome =
        scenario.azfob(["get", "--timeout", "5"].into_iter().chain(names.iter().map(String::as_str))).fails(7);
    assert_eq!(outcome.stderr.matches("error:").count(), 1, "{}", outcome.stderr);
}

#[test]
fn largest_names_and_values_are_fetched() {
    let name = "n".repeat(127);
    let value: String = (0..25_600).map(|n| char::from(b'a' + (n % 26) as u8)).collect();
    let every_byte: String = (0..=0x7f_u8).map(char::from).chain("é世🗝".chars()).collect();
    let scenario = Scenario::on(Host::AppService).secret(&name, &value).secret("bytes", &every_byte);
    scenario.azfob(["get", &name]).succeeds().prints(&value);
    scenario.azfob(["get", "bytes"]).succeeds().prints(&every_byte);
    scenario.azfob(["list", "-o", "name", "--match", "nnn*"]).succeeds().prints(format!("{name}\n"));
}

#[cfg(unix)]
#[test]
fn ctrl_c_exits_130_and_leaves_no_file() {
    use rustix::process::{Pid, Signal, kill_process};
    use std::io::{BufRead, BufReader};
    use std::os::unix::process::ExitStatusExt;
    use std::path::Path;
    use std::process::Stdio;

    let scenario = Scenario::on(Host::AppService).rule(Rule::new(VAULT, "/secrets/", Action::Hang).with_credential());
    let sandbox = scenario.sandbox();
    let mut command = scenario.command(&sandbox, Path::new(env!("CARGO_BIN_EXE_azfob")));
    let mut child = command
        .args(["get", "-v", "ApiKey", "--out-file", "f"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A token was issued, so the secret is being requested.
    let mut printed = BufReader::new(child.stderr.take().unwrap()).lines();
    assert!(printed.any(|line| line.unwrap().contains(" 200 in ")));
    kill_process(Pid::from_child(&child), Signal::INT).unwrap();
    // A shell reports an end by signal 2 as 130.
    assert_eq!(child.wait().unwrap().signal(), Some(2));
    assert_eq!(std::fs::read_dir(scenario.work()).unwrap().count(), 0);
}

/// On a terminal, text wraps between words, and commands continue after a backslash. Only an argument that is wider than the
/// terminal overflows. Piped text does not wrap.
#[cfg(unix)]
#[test]
fn errors_wrap_on_terminal() {
    use std::process::Stdio;

    use crate::support::Terminal;

    let scenario = Scenario::on(Host::AppService).fault(Fault::Forbidden);
    let sandbox = scenario.sandbox();
    let (terminal, theirs) = Terminal::with_columns(80);
    let mut command = scenario.command(&sandbox, std::path::Path::new(env!("CARGO_BIN_EXE_azfob")));
    let child = command.args(["--color", "never", "get", "ApiKey"]).stdin(Stdio::null()).stdout(Stdio::null());
    let _ = child.stderr(theirs).status().expect("azfob runs");
    drop(command);
    let text = terminal.shown().replace("\r\n", "\n");
    let wide: Vec<&str> = text.lines().filter(|line| line.chars().count() > 80).collect();
    assert!(wide.len() == 1 && wide[0].contains(" --scope /subscriptions/"), "{text}");
    let command =
        "       az role assignment create --role \"Key Vault Secrets User\" \\\n         --assignee-object-id ";
    assert!(text.contains(command), "{text}");
    assert!(text.contains("-bbbbbbbbbbbb, tenant\n       aaaabbbb-0000-cccc-1111-dddd2222eeee, "), "{text}");
    scenario.azfob(["get", "ApiKey"]).fails(5).shows("(identity aaaaaaaa-0000-1111-2222-bbbbbbbbbbbb, tenant ");
}
