//! `azfob run`: the command's variables, process and masking.

use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use azfob::testing::sandbox::Sandbox;
use rustix::process::{Pid, Signal, kill_process};

use crate::support::{Action, Fault, Host, Outcome, Rule, Scenario, SecretSpec, Terminal, VAULT};

const SECRET: &str = "s3cret-of-the-test";

fn scenario() -> Scenario {
    Scenario::on(Host::AppService).secret("A", SECRET).secret("B", "line one\nline two")
}

/// Runs a script with `sh`, which has the system's programs.
fn run(scenario: &Scenario, options: &[&str], script: &str) -> Outcome {
    let script = format!("PATH=/usr/bin:/bin\n{script}");
    let arguments = [&["run"], options, &["--", "/bin/sh", "-c", &script]].concat();
    scenario.azfob(arguments)
}

fn start(scenario: &Scenario, sandbox: &Sandbox, options: &[&str], script: &str) -> Child {
    let script = format!("PATH=/usr/bin:/bin\n{script}");
    let mut command: Command = scenario.command(sandbox, Path::new(env!("CARGO_BIN_EXE_azfob")));
    command.arg("run").args(options).args(["--", "/bin/sh", "-c", &script]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

#[test]
fn command_gets_named_secrets() {
    let script = "printf '%s|%s|%s' \"$ONE\" \"$TWO\" \"$KEPT\"";
    let scenario = scenario().var("KEPT", "as it was");
    let outcome = run(&scenario, &["--env", "ONE=A", "-e", "TWO=https://my-vault.vault.azure.net/secrets/B"], script);
    outcome.succeeds().prints(format!("{SECRET}|line one\nline two|as it was"));
}

#[test]
fn environment_references_are_resolved_as_in_app_service() {
    let scenario = scenario()
        .without("AZFOB_VAULT")
        .without("AZURE_KEYVAULT_URL")
        .var("ONE", "@Microsoft.KeyVault(VaultName=my-vault;SecretName=A)")
        .var("TWO", "@Microsoft.KeyVault(SecretUri=https://my-vault.vault.azure.net/secrets/B/)")
        .var("THREE", "akvs://aaaa0a0a-bb1b-cc2c-dd3d-eeeeee4e4e4e/my-vault/A")
        .var("SIX", "akv://my-vault/A")
        .var("SEVEN", "ref+azurekeyvault://my-vault/A")
        .var("FOUR", "see @Microsoft.KeyVault(...)")
        .var("Settings__Five", "@microsoft.keyvault( secretname = a ; vaultname = My-Vault )");
    let script = "printf '%s|' \"$ONE\" \"$TWO\" \"$THREE\" \"$FOUR\" \"$Settings__Five\" \"$SIX\" \"$SEVEN\"";
    let outcome = run(&scenario, &[], script).succeeds();
    assert_eq!(outcome.requests_to("identity").len(), 1, "one token");
    let fetched = outcome.requests_to(VAULT).iter().filter(|r| r.authorized).count();
    assert_eq!(fetched, 2, "each secret once");
    outcome.prints(format!(
        "{SECRET}|line one\nline two|{SECRET}|see @Microsoft.KeyVault(...)|{SECRET}|{SECRET}|{SECRET}|"
    ));
}

#[test]
fn env_file_sets_variables_and_resolves_references() {
    let scenario = scenario().var("FOUR", "inherited").var("ONE", "inherited");
    let file = "# what the server needs\nexport ONE='@Microsoft.KeyVault(VaultName=my-vault;SecretName=A)'\nTWO=plain # as it is\n\
                THREE=\"akv://my-vault/B\"\nFOUR='two\nlines'\nFIVE=hidden\n";
    std::fs::write(scenario.work().join("app.env"), file).unwrap();
    std::fs::write(scenario.work().join("more.env"), "TWO=later\n").unwrap();
    let script = "printf '%s|' \"$ONE\" \"$TWO\" \"$THREE\" \"$FOUR\" \"$FIVE\"";
    let files = ["--env-file", "app.env", "--env-file", "more.env", "-e", "FIVE=A"];
    let outcome = run(&scenario, &files, script).succeeds();
    outcome.prints(format!("{SECRET}|later|line one\nline two|two\nlines|{SECRET}|"));
    // As Windows PowerShell writes it.
    let marked = "\u{feff}TWO=büro\r\n".encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    std::fs::write(scenario.work().join("more.env"), marked).unwrap();
    run(&scenario, &files, "printf %s \"$TWO\"").succeeds().prints("büro");
    // Only named files are read.
    std::fs::write(scenario.work().join(".env"), "TWO=found\n").unwrap();
    run(&scenario, &[], "printf '%s' \"$TWO\"").succeeds().prints("");
}

#[test]
fn malformed_env_file_error_names_line_without_value() {
    let scenario = scenario();
    for (text, reason) in [
        ("A=1\nhunter2\n", "line 2: expected NAME=value"),
        ("A='hunter2\n", "line 1: the closing quote is missing"),
        ("A=akv://my-vault/b_d\n", "'b_d' is not a secret name"),
    ] {
        std::fs::write(scenario.work().join("app.env"), text).unwrap();
        let outcome = scenario.azfob(["run", "--env-file", "app.env", "--", "true"]);
        outcome.has_usage_error(&["--env-file app.env: ", reason]).never_shows("hunter2");
    }
    scenario
        .azfob(["run", "--env-file", "none.env", "--", "true"])
        .has_usage_error(&["--env-file none.env: No such file"]);
}

#[test]
fn env_option_overrides_inherited_variable() {
    let scenario = scenario().var("ONE", "@Microsoft.KeyVault(VaultName=my-vault;SecretName=Missing)");
    run(&scenario, &["-e", "ONE=A"], "printf %s \"$ONE\"").succeeds().prints(SECRET);
}

#[test]
fn without_references_no_request_is_sent() {
    let scenario = Scenario::on(Host::Nothing).without("AZFOB_VAULT").without("AZURE_KEYVAULT_URL");
    run(&scenario, &[], "printf here").succeeds().prints("here").sends_no_request();
}

#[test]
fn command_starts_only_with_all_secrets() {
    let scenario = scenario().var("TWO", "akvs://sub/my-vault/Missing-2");
    let outcome = run(&scenario, &["-e", "ONE=A", "-e", "THREE=Missing-1"], "echo started; echo started > started");
    outcome.fails(6).shows("'Missing-1'").shows("'Missing-2'");
    assert!(!scenario.work().join("started").exists());
    run(&Scenario::on(Host::Nothing), &["-e", "ONE=A"], "echo started").fails(3);
    run(&scenario.secret("nul", "a\0b"), &["-e", "N=nul"], "echo started").fails(6);
    let nul = Scenario::on(Host::AppService).secret("nul", "a\0b");
    run(&nul, &["-e", "N=nul"], "echo started").fails(1).shows("the value of N cannot be written: it contains a NUL");
}

#[test]
fn malformed_names_and_references_are_usage_errors() {
    for (option, parts) in [
        ("a_b", ["--env 'a_b'", "not a secret name"]),
        ("MY-VAR=A", ["'MY-VAR' is not a variable name", "MY_VAR=A"]),
        ("X=a_b", ["--env 'X=a_b'", "not a secret name"]),
        ("X=https://evil.example/secrets/a", ["--env", "suffix"]),
    ] {
        run(&scenario(), &["--env", option], "echo started").has_usage_error(&parts);
    }
    run(&scenario(), &["-e", "X=A", "-e", "X=B"], "echo started").has_usage_error(&["X is set twice"]);
    let inherited = scenario().var("MINE", "@Microsoft.KeyVault(VaultName=my-vault)");
    run(&inherited, &[], "echo started").has_usage_error(&["MINE", "SecretName"]);
    let no_text: std::ffi::OsString = std::os::unix::ffi::OsStringExt::from_vec(b"akvs://s/my-vault/\xff".to_vec());
    let inherited = scenario().var("MINE", no_text);
    run(&inherited, &[], "echo started").has_usage_error(&["MINE: the value is not UTF-8"]);
    scenario().azfob(["run", "--env", "X=A"]).fails(2);
    scenario().azfob(["run", "--"]).fails(2);
}

#[test]
fn exit_code_is_that_of_command() {
    for code in [0, 1, 3, 42, 255] {
        for options in [&["-e", "X=A"][..], &["-e", "X=A", "--mask"]] {
            let outcome = run(&scenario(), options, &format!("exit {code}"));
            assert_eq!((outcome.code, outcome.stderr.as_str()), (Some(code), ""), "{options:?}");
        }
    }
}

#[test]
fn start_failure_has_exit_code_of_a_shell() {
    let scenario = scenario();
    std::fs::write(scenario.work().join("text"), "no program").unwrap();
    std::fs::write(scenario.bin().join("on-path"), "no program").unwrap();
    for options in [&[][..], &["--mask"]] {
        let run = |command: &str| scenario.azfob([&["run"], options, &["--", command]].concat());
        run("no-such-command").fails(127).shows("error: no-such-command: command not found\n");
        run("./no-such-file").fails(127).shows("./no-such-file: no such file");
        run("./text").fails(126).shows("./text: ");
        run("on-path").fails(126).shows("on-path: found on PATH, but permission denied");
        run("/").fails(126).shows("it is a folder");
    }
    scenario.azfob(["run", "-e", "X=A", "--", "no-such-command"]).fails(127);
}

#[test]
fn command_replaces_azfob_process() {
    let scenario = scenario();
    let sandbox = scenario.sandbox();
    let child = start(&scenario, &sandbox, &["-e", "X=A"], "echo $$; kill -TERM $$");
    let id = child.id();
    let output = child.wait_with_output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), id.to_string());
    assert_eq!(output.status.signal(), Some(15), "signals are not caught");
}

#[test]
fn command_has_default_signals_and_no_inherited_file() {
    // SIGPIPE, which Rust programs ignore, ends `yes` at once.
    let script = "PATH=/usr/bin:/bin\nyes | head -1; ls /proc/self/fd | wc -l";
    let scenario = scenario();
    let sandbox = scenario.sandbox();
    let mut without = scenario.command(&sandbox, Path::new("/bin/sh"));
    let without = without.args(["-c", script]).stdin(Stdio::null()).stderr(Stdio::piped()).output().unwrap();
    let with = run(&scenario, &["-e", "X=A"], script).succeeds();
    assert_eq!(with.text(), String::from_utf8_lossy(&without.stdout));
    assert!(with.text().starts_with("y\n"));
}

#[test]
fn values_are_never_in_arguments() {
    let script = "tr '\\0' ' ' < /proc/$$/cmdline; test -n \"$X\"";
    let text = run(&scenario(), &["-e", "X=A"], script).succeeds().text();
    assert!(!text.contains(SECRET), "{text}");
    run(&scenario(), &["-e", "X=A", "--mask"], "tr '\\0' ' ' < /proc/$PPID/cmdline").succeeds();
}

#[test]
fn credentials_can_be_removed_from_command() {
    let script = "printf '%s|%s|%s|%s' \"$AZURE_CLIENT_SECRET\" \"$AZURE_CLIENT_ID\" \"$AZURE_TENANT_ID\" \"$X\"";
    let host = || Scenario::on(Host::ServicePrincipal).secret("A", SECRET);
    run(&host(), &["--clean-env", "-e", "X=A"], script).succeeds().prints(format!("|||{SECRET}"));
    run(&host(), &["--clean-env", "--mask", "-e", "X=A"], script).succeeds().prints("|||***");
    // A variable that is set explicitly is kept.
    let text = run(&host(), &["--clean-env", "-e", "AZURE_CLIENT_SECRET=A"], script).succeeds().text();
    assert_eq!(text, format!("{SECRET}|||"));
    let script = "printf '%s|%s' \"$IDENTITY_ENDPOINT\" \"$IDENTITY_HEADER\"";
    run(&scenario(), &["--clean-env", "-e", "X=A"], script).succeeds().prints("|");
}

#[test]
fn expired_secret_prints_warning() {
    let old = Scenario::on(Host::AppService).secret_spec(SecretSpec::new("A", SECRET).expires(1_735_689_600));
    let outcome = run(&old, &["-e", "X=A"], "true");
    outcome.succeeds_with_messages().shows("warning: the secret 'A' expired on 2025-01-01");
    run(&old, &["-q", "-e", "X=A"], "true").succeeds();
}

#[test]
fn every_line_of_every_value_is_masked_on_both_streams() {
    let script =
        "printf 'a %s b' \"$X\"; printf '%s\\n' \"$Y\"; echo \"$Y\" >&2; echo \"x${X}x${X}\" >&2; echo 'line three'";
    let outcome = run(&scenario(), &["--mask", "-e", "X=A", "-e", "Y=B"], script);
    let outcome = outcome.succeeds_with_messages().prints("a *** b***\n***\nline three\n");
    assert_eq!(outcome.stderr, "***\n***\nx***x***\n");
}

#[test]
fn value_in_pieces_is_masked() {
    let script = "for c in s3c ret- of -the- test; do printf %s \"$c\"; sleep 0.05; done; echo; printf s3cret";
    run(&scenario(), &["--mask", "-e", "X=A"], script).succeeds().prints("***\ns3cret");
}

#[test]
fn output_without_secret_is_unchanged() {
    let script = "head -c 300000 /dev/zero; printf '\\377\\376\\033[31mred\\033[0m'";
    let outcome = run(&scenario(), &["--mask", "-e", "X=A"], script).succeeds();
    assert_eq!(outcome.stdout.len(), 300_000 + 2 + 12);
    assert!(outcome.stdout.ends_with(b"\xff\xfe\x1b[31mred\x1b[0m"));
}

#[test]
fn short_line_is_noted_and_not_masked() {
    let scenario = Scenario::on(Host::AppService).secret("pin", "42").secret("json", "{\n\"a\": 1\n}");
    let outcome =
        run(&scenario, &["--mask", "-e", "PIN=pin", "-e", "J=json"], "echo \"$J\" $PIN").succeeds_with_messages();
    outcome.prints("{\n***\n} 42\n").shows("a line of the value of PIN").shows("2 lines of the value of J");
}

#[test]
fn masked_command_keeps_terminal_and_colors() {
    let (terminal, stdout) = Terminal::new();
    let script = "test -t 1 && printf tty; test -t 2 || printf ' pipe'; printf ' \\033[31m%s\\033[0m\\n' \"$X\"";
    let scenario = scenario();
    let script = format!("PATH=/usr/bin:/bin\n{script}");
    let arguments = ["run", "--mask", "-e", "X=A", "--", "/bin/sh", "-c", &script];
    let outcome = scenario.azfob_to(arguments, stdout);
    assert_eq!((outcome.code, outcome.stderr.as_str()), (Some(0), ""));
    assert_eq!(terminal.shown(), "tty pipe \u{1b}[31m***\u{1b}[0m\r\n");
}

#[test]
fn masked_command_gets_stdin_and_signals() {
    let scenario = scenario();
    let sandbox = scenario.sandbox();
    let script =
        "read line; trap 'echo \"caught $X\"; exit 5' TERM USR1 INT; echo \"$line\"; while :; do sleep 0.01; done";
    for signal in [Signal::TERM, Signal::USR1, Signal::INT] {
        let mut child = start(&scenario, &sandbox, &["--mask", "-e", "X=A"], script);
        child.stdin.take().unwrap().write_all(b"hello\n").unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        assert_eq!(line, "hello\n");
        kill_process(Pid::from_child(&child), signal).unwrap();
        let mut rest = String::new();
        stdout.read_to_string(&mut rest).unwrap();
        assert_eq!((rest.as_str(), child.wait().unwrap().code()), ("caught ***\n", Some(5)), "{signal:?}");
    }
}

#[test]
fn signal_of_masked_command_has_exit_code_of_a_shell() {
    let outcome = run(&scenario(), &["--mask", "-e", "X=A"], "echo \"$X\"; kill -KILL $$");
    assert_eq!((outcome.code, outcome.text().as_str()), (Some(137), "***\n"));
}

#[test]
fn background_process_of_masked_command_is_not_waited_for() {
    let outcome = run(&scenario(), &["--mask", "-e", "X=A"], "sleep 20 & echo done");
    outcome.succeeds().prints("done\n").within(std::time::Duration::from_secs(10));
}

#[test]
fn masked_command_gets_error_if_reader_is_gone() {
    let scenario = scenario();
    let sandbox = scenario.sandbox();
    let mut child = start(&scenario, &sandbox, &["--mask", "-e", "X=A"], "yes; echo \"yes: $?\" >&2");
    let mut first = [0; 2];
    let mut stdout = child.stdout.take().unwrap();
    stdout.read_exact(&mut first).unwrap();
    drop(stdout);
    let output = child.wait_with_output().unwrap();
    assert!(String::from_utf8_lossy(&output.stderr).starts_with("yes: "), "{output:?}");
}

#[test]
fn command_starts_after_role_wait() {
    let refusal = Action::json(
        403,
        r#"{"error":{"code":"Forbidden","message":"Caller is not authorized","innererror":{"code":"ForbiddenByRbac"}}}"#,
    );
    let scenario = scenario().rule(Rule::new(VAULT, "/secrets", refusal).with_credential().times(1));
    let outcome = run(&scenario, &["--wait-for-access", "20s", "-e", "X=A"], "printf %s \"$X\"");
    outcome.succeeds_with_messages().prints(SECRET).shows("waiting up to 20s");
    let firewall = Scenario::on(Host::AppService).fault(Fault::Firewall);
    run(&firewall, &["--wait-for-access", "20s", "-e", "X=ApiKey"], "true").fails(5).never_shows("waiting");
}
