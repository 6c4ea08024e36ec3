//! Signals: the command receives them, and the sandbox outlives it and cleans up.

use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStdout, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use wait_timeout::ChildExt;

use crate::support::{Isolated, Terminal};

/// A sandbox in a process group of its own that has printed its first line.
struct Started {
    child: Child,
    first_line: String,
    stdout: BufReader<ChildStdout>,
}

impl Started {
    fn new(isolated: &Isolated, arguments: &[&str]) -> Self {
        let mut command = isolated.command(arguments);
        let mut child =
            command.process_group(0).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut first_line = String::new();
        stdout.read_line(&mut first_line).unwrap();
        Started { child, first_line: first_line.trim_end().to_owned(), stdout }
    }

    fn pid(&self) -> Pid {
        Pid::from_child(&self.child)
    }

    /// Returns the exit code, or panics if the process does not end soon.
    fn code(&mut self) -> Option<i32> {
        match self.child.wait_timeout(Duration::from_secs(20)).unwrap() {
            Some(status) => status.code(),
            None => {
                let _ = kill_process_group(self.pid(), Signal::KILL);
                panic!("it still runs");
            }
        }
    }
}

/// Prints its process ID and stays.
const LONG_RUNNING: [&str; 5] = ["sandbox", "--", "sh", "-c", "echo $$; exec sleep 600"];

/// Without a terminal, SIGINT too: a container engine sends it only to the first process.
#[test]
fn signal_to_sandbox_is_forwarded_to_command() {
    let signals =
        [(Signal::TERM, 143), (Signal::HUP, 129), (Signal::USR1, 138), (Signal::ALARM, 142), (Signal::INT, 130)];
    for (signal, code) in signals {
        let isolated = Isolated::new();
        let mut started = Started::new(&isolated, &LONG_RUNNING);
        let command = Pid::from_raw(started.first_line.parse().unwrap()).unwrap();
        assert_eq!(isolated.leftovers().len(), 1, "the folder of the sandbox");
        kill_process(started.pid(), signal).unwrap();
        assert_eq!(started.code(), Some(code));
        assert!(rustix::process::test_kill_process(command).is_err(), "the command still runs");
        assert_eq!(isolated.leftovers(), [""; 0]);
    }
}

#[test]
fn command_sets_exit_code_after_signal() {
    let isolated = Isolated::new();
    let script = "trap 'exit 7' TERM; echo ready; while :; do sleep 0.02; done";
    let mut started = Started::new(&isolated, &["sandbox", "--", "sh", "-c", script]);
    kill_process(started.pid(), Signal::TERM).unwrap();
    assert_eq!(started.code(), Some(7));
    assert_eq!(isolated.leftovers(), [""; 0]);
}

#[test]
fn ctrl_c_reaches_both_and_command_sets_exit_code() {
    for (script, code) in
        [("echo ready; exec sleep 600", 130), ("trap 'exit 7' INT; echo ready; while :; do sleep 0.02; done", 7)]
    {
        let isolated = Isolated::new();
        let mut started = Started::new(&isolated, &["sandbox", "--", "sh", "-c", script]);
        kill_process_group(started.pid(), Signal::INT).unwrap();
        assert_eq!(started.code(), Some(code), "{script}");
        assert_eq!(isolated.leftovers(), [""; 0]);
    }
}

#[test]
fn without_command_prints_variables_and_waits() {
    for (signal, code) in [(Signal::INT, 130), (Signal::TERM, 143), (Signal::ALARM, 142)] {
        let isolated = Isolated::new();
        let mut started = Started::new(&isolated, &["sandbox"]);
        assert!(started.first_line.starts_with("unset "), "{}", started.first_line);
        kill_process(started.pid(), signal).unwrap();
        assert_eq!(started.code(), Some(code));
        assert_eq!(isolated.leftovers(), [""; 0]);
    }
}

#[test]
fn terminal_shows_how_the_sandbox_ends() {
    let isolated = Isolated::new();
    let (terminal, stdout) = Terminal::new();
    let mut command = isolated.command(["sandbox"]);
    let mut child = command.stdin(Stdio::null()).stdout(stdout).stderr(Stdio::piped()).spawn().unwrap();
    drop(command);
    let shown = std::thread::spawn(|| terminal.shown());
    let stderr = child.stderr.take().unwrap();
    let (sender, receiver) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let mut line = String::new();
        BufReader::new(stderr).read_line(&mut line).map(|_| sender.send(line))
    });
    let note = receiver.recv_timeout(Duration::from_secs(20));
    kill_process(Pid::from_child(&child), Signal::INT).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert_eq!(note.as_deref(), Ok("note: paste these lines into another terminal; Ctrl-C ends the sandbox\n"));
    assert!(shown.join().unwrap().contains("export AZFOB_VAULT='my-vault'\r\n"));
}

#[test]
fn printed_shell_script_selects_sandbox() {
    let isolated = Isolated::new();
    let mut started = Started::new(&isolated, &["sandbox", "--as", "azure-cli"]);
    let mut script = format!("{}\n", started.first_line);
    while !script.contains("export PATH=") {
        assert!(started.stdout.read_line(&mut script).unwrap() > 0, "PATH comes last:\n{script}");
    }
    let mut shell = std::process::Command::new("/bin/sh");
    shell.args(["-c", &format!("{script}\"$0\" get ApiKey"), env!("CARGO_BIN_EXE_azfob")]).env_clear();
    let output = shell.env("PATH", "/usr/bin:/bin").env("HOME", isolated.work()).output().unwrap();
    kill_process(started.pid(), Signal::TERM).unwrap();
    let printed = String::from_utf8_lossy(&output.stderr);
    assert_eq!(String::from_utf8_lossy(&output.stdout), "sandbox-api-key-of-february", "{printed}");
    assert_eq!(started.code(), Some(143));
}
