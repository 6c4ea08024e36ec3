//! Files that are not regular: they block nothing, and no device is replaced.

use std::fs;
use std::io::{Read, Write};
use std::os::unix::fs::{FileTypeExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use wait_timeout::ChildExt;

use crate::support::{Host, Isolated, Scenario, Terminal, in_parallel};

fn pipe(folder: &Path) -> PathBuf {
    let path = folder.join("pipe");
    assert!(Command::new("mkfifo").arg(&path).status().unwrap().success());
    path
}

const SOON: Duration = Duration::from_secs(5);

#[test]
fn pipe_in_setting_is_refused_at_once() {
    let cases = [
        (Host::WorkloadIdentity, "AZURE_FEDERATED_TOKEN_FILE", 4),
        (Host::ServicePrincipal, "AZURE_CLIENT_CERTIFICATE_PATH", 4),
        (Host::AppService, "AZFOB_CONFIG", 2),
        (Host::AppService, "SSL_CERT_FILE", 2),
        (Host::AppService, "GITHUB_ENV", 2),
    ];
    in_parallel(cases, |(host, variable, code)| {
        let scenario = Scenario::on(host).without("AZURE_CLIENT_SECRET");
        for path in [pipe(&scenario.home()), "/dev/zero".into(), scenario.work()] {
            let scenario = Scenario::on(host).without("AZURE_CLIENT_SECRET").var(variable, &path);
            let output = if variable == "GITHUB_ENV" { "github" } else { "text" };
            let outcome = scenario.azfob(["get", "ApiKey", "-o", output]).fails(code).within(SOON);
            outcome.shows(&path.display().to_string());
        }
    });
}

#[test]
fn endless_file_in_setting_is_refused() {
    for (host, variable, code) in [
        (Host::WorkloadIdentity, "AZURE_FEDERATED_TOKEN_FILE", 4),
        (Host::ServicePrincipal, "AZURE_CLIENT_CERTIFICATE_PATH", 4),
        (Host::AppService, "AZFOB_CONFIG", 2),
        (Host::AppService, "SSL_CERT_FILE", 2),
    ] {
        let scenario = Scenario::on(host).without("AZURE_CLIENT_SECRET");
        let file = scenario.home().join("large");
        fs::File::create(&file).unwrap().set_len(1 << 40).unwrap();
        scenario.var(variable, &file).azfob(["get", "ApiKey"]).fails(code).within(SOON).shows("larger than ");
    }
}

#[test]
fn pipe_argument_is_read_until_time_limit() {
    let isolated = Isolated::new();
    let silent = pipe(&isolated.work());
    let outcome =
        isolated.azfob(["diagnose", "--timeout", "1", "--log", silent.to_str().unwrap()]).fails(2).within(SOON);
    let _ = outcome.shows("the pipe did not end within 1 s");
    let azfob = env!("CARGO_BIN_EXE_azfob");
    for script in [
        format!("{azfob} diagnose --log <(echo AADSTS7000215)"),
        format!("{azfob} sandbox --secrets <(echo '{{\"A\": \"1\"}}') -- {azfob} get A"),
    ] {
        let mut bash = Command::new("/bin/bash");
        bash.args(["-c", &script]).env_clear().env("PATH", "/usr/bin:/bin").env("HOME", isolated.work());
        let output = bash.output().unwrap();
        assert!(output.status.success() && !output.stdout.is_empty(), "{script}: {output:?}");
    }
}

#[test]
fn force_replaces_only_regular_files() {
    let scenario = Scenario::on(Host::AppService);
    let queue = pipe(&scenario.work());
    symlink("/dev/null", scenario.work().join("device")).unwrap();
    for (name, reason) in [("pipe", "it is not a regular file"), ("device", "it is a stream or a device, not a file")] {
        let outcome = scenario.azfob(["get", "ApiKey", "--out-file", name, "--force"]).fails(1).sends_no_request();
        let _ = outcome.shows(reason);
    }
    assert!(fs::metadata(&queue).unwrap().file_type().is_fifo());
    assert!(fs::metadata("/dev/null").unwrap().file_type().is_char_device());
    fs::write(scenario.work().join("file"), "old").unwrap();
    symlink("file", scenario.work().join("link")).unwrap();
    scenario.azfob(["get", "ApiKey", "--out-file", "link", "--force"]).succeeds();
}

/// Silent input with references blocks no command.
#[test]
fn silent_input_ends_at_time_limit() {
    let scenario = Scenario::on(Host::AppService);
    let silent = pipe(&scenario.home()).display().to_string();
    let inject = ["inject", &silent];
    let run = ["run", "--env-file", &silent, "--", "true"];
    // The only test that waits for the default limit: the sandbox has no other one.
    let sandbox = ["sandbox", "--secrets", &silent, "--", "true"];
    in_parallel([&inject[..], &run, &sandbox], |arguments| {
        let outcome = scenario.azfob(arguments).within(Duration::from_secs(25)).fails(2);
        let _ = outcome.shows("the pipe did not end within 10 s");
    });
    in_parallel([&inject[..], &run], |arguments| {
        let arguments = [&["--timeout", "1"], arguments].concat();
        let outcome = scenario.azfob(arguments).within(SOON).fails(2);
        let _ = outcome.shows("the pipe did not end within 1 s");
    });
}

/// Stdin that stays open blocks no command either.
#[test]
fn silent_stdin_ends_at_time_limit() {
    let scenario = Scenario::on(Host::AppService);
    let sandbox = scenario.sandbox();
    for arguments in [&["inject", "-"][..], &["diagnose", "--log", "-"], &["run", "--env-file", "-", "--", "true"]] {
        let mut azfob = scenario.command(&sandbox, env!("CARGO_BIN_EXE_azfob").as_ref());
        azfob
            .args(["--timeout", "1"])
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        let mut child = azfob.spawn().unwrap();
        // Kept apart: the wait for a child closes its stdin.
        let mut stdin = child.stdin.take().unwrap();
        stdin.write_all(b"AADSTS700016\n").unwrap();
        let Some(status) = child.wait_timeout(Duration::from_secs(30)).unwrap() else {
            let _ = child.kill();
            panic!("{arguments:?} still runs");
        };
        let mut stderr = String::new();
        child.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
        assert_eq!(status.code(), Some(2), "{stderr}");
        assert!(stderr.contains("the pipe did not end within 1 s"), "{stderr}");
    }
}

/// A user who types has no limit, and sees how the input ends.
#[test]
fn terminal_is_read_with_a_note() {
    let scenario = Scenario::on(Host::AppService).secret("A", "value");
    let sandbox = scenario.sandbox();
    for (arguments, shows_note) in [(&["inject", "-"][..], true), (&["-q", "inject", "-"], false)] {
        let (mut terminal, stdin) = Terminal::new();
        let mut azfob = scenario.command(&sandbox, env!("CARGO_BIN_EXE_azfob").as_ref());
        azfob.args(arguments).stdin(stdin).stdout(Stdio::piped()).stderr(Stdio::piped());
        let child = azfob.spawn().unwrap();
        drop(azfob);
        terminal.type_text("{{ A }}\n\u{4}");
        let output = child.wait_with_output().unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stdout), "value\n");
        let note = "note: reading from the terminal; Ctrl-D ends the input\n";
        assert_eq!(String::from_utf8_lossy(&output.stderr), if shows_note { note } else { "" });
    }
}

/// A file in the place of a stream would take it from every program. A link leads there too.
#[test]
#[cfg(target_os = "linux")]
fn stream_is_never_replaced() {
    let scenario = Scenario::on(Host::AppService);
    symlink("/dev/stdout", scenario.work().join("link")).unwrap();
    let names = ["/dev/stdout", "/dev/stderr", "/dev/fd/1", "/proc/self/fd/1", "/dev/fd/../fd/2", "/dev/new", "link"];
    for name in names {
        for force in [&["--force"][..], &[]] {
            // As a file, stdout looks like one that may be replaced.
            let log = fs::File::create(scenario.work().join("log")).unwrap();
            let arguments = [&["get", "ApiKey", "--out-file", name], force].concat();
            let outcome = scenario.azfob_to(arguments, Stdio::from(log)).fails(1).sends_no_request();
            let _ = outcome.shows(&format!("{name} could not be written: it is a stream or a device, not a file"));
        }
    }
    assert!(fs::symlink_metadata("/dev/stdout").unwrap().is_symlink());
}
