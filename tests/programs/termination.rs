//! Programs that azfob started end before azfob does.

use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use wait_timeout::ChildExt;

use crate::support::{Action, Host, IDENTITY, Rule, Scenario, in_some_try, wait_until_ended, with_longer_limits};

/// A long-running az with a child process; both record their process IDs.
const LONG_RUNNING: &str = "sleep 600 & echo $! >\"$HOME/child\"; echo $$ >\"$HOME/az\"; wait";

fn assert_no_process_left(scenario: &Scenario) {
    for name in ["az", "child"] {
        wait_until_ended(&scenario.recorded(name), name);
    }
}

#[test]
fn managed_identity_with_token_starts_no_tool() {
    let scenario = Scenario::on(Host::Imds).program("az", LONG_RUNNING);
    scenario.azfob(["get", "ApiKey"]).succeeds();
    assert!(scenario.has_no_record("az"), "az was started although the managed identity had a token");
}

#[test]
fn az_started_early_ends_with_azfob() {
    let late = Rule::new(IDENTITY, "/", Action::Late(Duration::from_millis(2500))).skip(1);
    let scenario = Scenario::on(Host::Imds).rule(late).program("az", LONG_RUNNING);
    scenario.azfob(["get", "ApiKey"]).succeeds();
    assert_no_process_left(&scenario);
}

#[test]
fn hanging_az_ends_at_time_limit() {
    let scenario = Scenario::on(Host::Nothing).program("az", &format!("trap '' TERM; {LONG_RUNNING}"));
    with_longer_limits(|limit| {
        scenario.azfob(["get", "ApiKey", "--credential", "azure-cli", "--timeout", limit]).fails(4);
        scenario.finished_record("az")
    });
    assert_no_process_left(&scenario);
}

#[test]
fn children_of_finished_az_end() {
    let script =
        "sleep 600 >/dev/null 2>&1 & echo $! >\"$HOME/child\"; echo $$ >\"$HOME/az\"; exec \"${outer##*:}/az\" \"$@\"";
    let scenario = Scenario::on(Host::AzureCli).program("az", script);
    scenario.azfob(["get", "ApiKey"]).succeeds();
    assert_no_process_left(&scenario);
}

fn started(scenario: &Scenario, sandbox: &azfob::testing::sandbox::Sandbox, arguments: &[&str]) -> Child {
    let mut command = scenario.command(sandbox, env!("CARGO_BIN_EXE_azfob").as_ref());
    command.args(arguments).process_group(0).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().unwrap()
}

/// Ends azfob with a signal while az runs, and asserts that az has ended.
fn ended_by(signal: i32, arguments: &[&str]) -> std::process::ExitStatus {
    let scenario = Scenario::on(Host::Nothing).program("az", LONG_RUNNING);
    let sandbox = scenario.sandbox();
    let mut child = started(&scenario, &sandbox, arguments);
    scenario.recorded("az");
    scenario.recorded("child");
    kill(&child, signal);
    let status = child.wait_timeout(Duration::from_secs(10)).unwrap().expect("it ends");
    assert_no_process_left(&scenario);
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.stdout.len(), String::from_utf8_lossy(&output.stderr).as_ref()), (0, ""));
    status
}

/// Sends a signal by number: rustix has no real-time signals.
fn kill(child: &Child, signal: i32) {
    let mut command = Command::new("/bin/kill");
    assert!(command.arg(format!("-{signal}")).arg(child.id().to_string()).status().unwrap().success());
}

#[test]
fn signal_ends_tools_then_azfob() {
    for signal in [Signal::INT, Signal::TERM, Signal::HUP, Signal::QUIT] {
        for arguments in [&["get", "ApiKey", "--credential", "azure-cli"][..], &["diagnose"]] {
            assert_eq!(ended_by(signal.as_raw(), arguments).signal(), Some(signal.as_raw()), "{arguments:?}");
        }
    }
}

/// `alarm` sends SIGALRM after a time; `ulimit -t` sends SIGXCPU.
#[test]
fn other_terminating_signals_end_tools() {
    let signals = [Signal::USR1, Signal::USR2, Signal::ALARM, Signal::XCPU, Signal::VTALARM, Signal::ABORT];
    for signal in signals.into_iter().chain([Signal::SYS, Signal::TRAP, Signal::PROF]).map(Signal::as_raw) {
        assert_eq!(ended_by(signal, &["get", "ApiKey", "--credential", "azure-cli"]).signal(), Some(signal));
    }
}

/// The signal library cannot end azfob with these signals, so azfob exits with the code that a shell shows.
#[test]
#[cfg(target_os = "linux")]
fn linux_only_signals_end_tools() {
    const REAL_TIME: i32 = 40;
    for signal in [Signal::IO.as_raw(), Signal::POWER.as_raw(), Signal::STKFLT.as_raw(), REAL_TIME] {
        let status = ended_by(signal, &["get", "ApiKey", "--credential", "azure-cli"]);
        assert_eq!(status.code(), Some(128 + signal));
    }
}

#[test]
fn az_gets_time_to_clean_up_after_signal() {
    let script =
        "trap 'sleep 0.05; echo tidy >\"$HOME/tidy\"; exit' TERM; echo $$ >\"$HOME/az\"; while :; do sleep 0.01; done";
    in_some_try(|| {
        let scenario = Scenario::on(Host::Nothing).program("az", script);
        let sandbox = scenario.sandbox();
        let mut child = started(&scenario, &sandbox, &["get", "ApiKey", "--credential", "azure-cli"]);
        scenario.recorded("az");
        kill_process(Pid::from_child(&child), Signal::TERM).unwrap();
        assert_eq!(child.wait().unwrap().signal(), Some(Signal::TERM.as_raw()));
        scenario.finished_record("tidy").as_deref() == Some("tidy\n")
    });
}

#[test]
fn ignored_signal_stays_ignored() {
    let scenario = Scenario::on(Host::Nothing).program("az", LONG_RUNNING);
    let sandbox = scenario.sandbox();
    let mut command = scenario.command(&sandbox, "/bin/sh".as_ref());
    let script = format!("trap '' HUP; exec {} get ApiKey --credential azure-cli", env!("CARGO_BIN_EXE_azfob"));
    let mut child = command.args(["-c", &script]).stderr(Stdio::null()).spawn().unwrap();
    scenario.recorded("child");
    kill_process(Pid::from_child(&child), Signal::HUP).unwrap();
    assert_eq!(child.wait_timeout(Duration::from_millis(500)).unwrap(), None, "an ignored signal ended it");
    kill_process(Pid::from_child(&child), Signal::TERM).unwrap();
    assert_eq!(child.wait().unwrap().signal(), Some(Signal::TERM.as_raw()));
    assert_no_process_left(&scenario);
}

/// Some supervisors ignore SIGCHLD, and their programs inherit that.
#[test]
#[cfg(target_os = "linux")]
fn ignored_sigchld_hides_no_exit_status() {
    let can = Command::new("/usr/bin/env").args(["--ignore-signal=CHLD", "true"]).stderr(Stdio::null()).status();
    if !can.is_ok_and(|status| status.success()) {
        crate::support::report_missing("env --ignore-signal", "azfob with SIGCHLD ignored");
        return;
    }
    let scenario = Scenario::on(Host::AzureCli).secret("A", "value");
    let sandbox = scenario.sandbox();
    let exits = ["--", "/bin/sh", "-c", "exit 7"];
    let run = [&["run", "--mask", "--env", "A=A"][..], &exits].concat();
    let nested = [&["sandbox"][..], &exits].concat();
    for (arguments, code) in [(&["get", "A"][..], 0), (&run, 7), (&nested, 7)] {
        let mut command = scenario.command(&sandbox, "/usr/bin/env".as_ref());
        command.arg("--ignore-signal=CHLD").arg(env!("CARGO_BIN_EXE_azfob")).args(arguments).stdin(Stdio::null());
        let output = command.output().unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {stderr}");
    }
}

#[test]
fn masked_command_gets_signal_after_az_ran() {
    let scenario = Scenario::on(Host::AzureCli);
    let sandbox = scenario.sandbox();
    let script = "trap 'exit 7' TERM; echo >\"$HOME/ready\"; while :; do /bin/sleep 0.02; done";
    let arguments = ["run", "--mask", "--env", "A=ApiKey", "--", "/bin/sh", "-c", script];
    let mut child = started(&scenario, &sandbox, &arguments);
    scenario.recorded("ready");
    kill_process(Pid::from_child(&child), Signal::TERM).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(7));
}

/// As the entry point of a container: Linux ignores signals to process 1 unless it catches them.
#[test]
#[cfg(target_os = "linux")]
fn signal_ends_process_1() {
    const MOUNT_NAMESPACE: [&str; 4] = ["-r", "--pid", "--fork", "--kill-child"];
    let unshare = std::path::Path::new("/usr/bin/unshare");
    let can = Command::new(unshare).args(MOUNT_NAMESPACE).arg("/bin/true").stderr(Stdio::null()).status();
    if !can.is_ok_and(|status| status.success()) {
        crate::support::report_missing("a process namespace", "azfob as process 1");
        return;
    }
    let endpoint = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", endpoint.local_addr().unwrap());
    let mut waiting = Vec::new();
    for program in [None, Some(LONG_RUNNING)] {
        let mut scenario = Scenario::on(Host::Nothing);
        if let Some(script) = program {
            scenario = scenario.program("az", script);
        } else {
            scenario = scenario.var("IDENTITY_ENDPOINT", &url).var("IDENTITY_HEADER", "header");
        }
        let sandbox = scenario.sandbox();
        let mut command = scenario.command(&sandbox, unshare);
        command.args(MOUNT_NAMESPACE).arg(env!("CARGO_BIN_EXE_azfob")).args(["get", "ApiKey", "--timeout", "60"]);
        let mut outer = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        match program {
            Some(_) => drop((scenario.recorded("az"), scenario.recorded("child"))),
            // It waits for a response that never arrives.
            None => waiting.push(endpoint.accept().unwrap()),
        }
        let children = format!("/proc/{0}/task/{0}/children", outer.id());
        let inner = std::fs::read_to_string(children).unwrap().trim().parse().unwrap();
        kill_process(Pid::from_raw(inner).unwrap(), Signal::TERM).unwrap();
        let status = outer.wait_timeout(Duration::from_secs(30)).unwrap().expect("it ends");
        assert_eq!(status.code(), Some(143), "{program:?}");
    }
}
