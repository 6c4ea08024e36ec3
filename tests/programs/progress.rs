//! Progress messages on a terminal during long waits.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use crate::support::{Action, Host, IDENTITY, Rule, Scenario, Terminal, VAULT};

/// Returns the terminal output of a successful run.
fn shown(scenario: &Scenario, arguments: &[&str]) -> String {
    let sandbox = scenario.sandbox();
    let (terminal, stderr) = Terminal::new();
    let mut command = scenario.command(&sandbox, Path::new(env!("CARGO_BIN_EXE_azfob")));
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(stderr);
    let mut child = command.spawn().unwrap();
    drop(command); // closes the terminal's other end
    assert!(child.wait().unwrap().success());
    terminal.shown()
}

/// Returns true if the output has progress lines about this, each replaced by the next and the last one cleared.
fn shows(shown: &str, what: &str) -> bool {
    counts_after(&format!("waiting for {what}: "), shown)
}

fn counts_after(words: &str, shown: &str) -> bool {
    let mut lines: Vec<&str> = shown.split('\r').skip(1).map(|line| line.trim_end_matches("\u{1b}[K")).collect();
    let wiped = lines.pop_if(|line| line.is_empty()).is_some();
    let counts = |line: &&str| {
        let rest = line.strip_prefix(words)?.strip_suffix(" s")?;
        let (so_far, of) = rest.split_once(" of ")?;
        Some(so_far.parse::<u32>().ok()? >= 2 && of.parse::<u32>().ok()? >= 25)
    };
    wiped && !lines.is_empty() && lines.iter().all(|line| counts(line) == Some(true))
}

#[test]
fn slow_az_shows_progress_and_clears_it() {
    let scenario =
        Scenario::on(Host::AzureCli).program("az", "/bin/sleep 2.6; exec \"${outer##*:}/az\" \"$@\"").secret("A", "1");
    let printed = shown(&scenario, &["get", "A", "--credential", "azure-cli", "--timeout", "40"]);
    assert!(shows(&printed, "az"), "{printed:?}");
    assert_eq!(shown(&scenario, &["get", "A", "-q", "--credential", "azure-cli"]), "");
    let verbose = shown(&scenario, &["get", "A", "-v", "--credential", "azure-cli"]);
    assert!(!verbose.contains("waiting"), "the log says it: {verbose:?}");
    // Without a terminal there are only errors.
    assert_eq!(scenario.azfob(["get", "A"]).succeeds().stderr, "");
}

#[test]
fn slow_vault_shows_progress() {
    let late = Rule::new(VAULT, "/secrets", Action::Late(Duration::from_millis(2600))).with_credential();
    let scenario = Scenario::on(Host::AppService).secret("A", "1").rule(late);
    let printed = shown(&scenario, &["get", "A", "--timeout", "40"]);
    assert!(shows(&printed, VAULT), "{printed:?}");
}

#[test]
fn slow_connection_shows_progress() {
    let late = Rule::connecting(VAULT, Action::Late(Duration::from_millis(2600))).times(1);
    let printed = shown(&Scenario::on(Host::AppService).rule(late), &["diagnose", "--timeout", "40"]);
    assert!(shows(&printed, VAULT), "{printed:?}");
}

#[test]
fn slow_pipe_shows_progress() {
    let scenario = Scenario::on(Host::AppService);
    let pipe = scenario.home().join("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let script = "exec >\"$0\"; /bin/sleep 2.6; echo '{{ ApiKey }}'";
    let mut writer = std::process::Command::new("/bin/sh").args(["-c", script]).arg(&pipe).spawn().unwrap();
    let name = pipe.to_str().unwrap();
    let printed = shown(&scenario, &["inject", name, "--timeout", "40"]);
    assert!(writer.wait().unwrap().success());
    assert!(shows(&printed, name), "{printed:?}");
}

#[test]
fn throttling_shows_progress() {
    let body = r#"{"error":{"code":"Throttled","message":"slow down"}}"#;
    let full = Action::Reply {
        status: 429,
        headers: vec![("Retry-After".to_owned(), "3".to_owned())],
        body: body.as_bytes().to_vec(),
    };
    let rule = Rule::new(VAULT, "/secrets", full).with_credential().times(1);
    let printed = shown(&Scenario::on(Host::AppService).secret("A", "1").rule(rule), &["get", "A", "--timeout", "40"]);
    assert!(counts_after("my-vault.vault.azure.net is throttling requests (429): retrying, ", &printed), "{printed:?}");
}

#[test]
fn slow_identity_endpoint_shows_progress() {
    let late = Rule::new(IDENTITY, "/", Action::Late(Duration::from_millis(2600))).times(1);
    let scenario = Scenario::on(Host::AppService).secret("A", "1").rule(late);
    let printed = shown(&scenario, &["get", "A", "--timeout", "40"]);
    assert!(shows(&printed, "127.0.0.1"), "{printed:?}");
}

/// The role is assigned after this many refusals.
fn role_after(refusals: usize) -> Scenario {
    let refused = r#"{"error":{"code":"Forbidden","message":"","innererror":{"code":"ForbiddenByRbac"}}}"#;
    let rule = Rule::new(VAULT, "/secrets/A", Action::json(403, refused)).with_credential().times(refusals);
    Scenario::on(Host::AppService).secret("A", "1").rule(rule)
}

#[test]
fn role_wait_shows_progress() {
    let printed = shown(&role_after(2), &["get", "A", "--wait-for-access", "40s"]);
    let (note, printed) =
        printed.split_once('\r').and_then(|(note, rest)| Some((note, rest.strip_prefix('\n')?))).unwrap();
    assert!(note.contains("(missing role)") && shows(printed, "the role assignment"), "{printed:?}");
}

#[test]
fn role_wait_is_not_shown_while_command_runs() {
    let command = ["run", "--mask", "--wait-for-access", "40s", "-e", "X=A", "--", "/bin/sleep", "3"];
    let printed = shown(&role_after(1), &command);
    assert!(printed.contains("(missing role)") && !printed.contains("waiting for the role"), "{printed:?}");
}
