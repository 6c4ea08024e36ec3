//! A machine that allows no more threads: fewer threads do the work, or there is an error, and never a panic.
//!
//! The process limit does not apply to root, so root runs azfob as another user.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Output, Stdio};

use crate::support::{Host, Scenario};

/// Runs azfob without any further process or thread. An ordinary user already has some.
const NO_MORE_PROCESSES: &str = "if [ \"$(id -u)\" = 0 ]; then exec setpriv --reuid=65534 --regid=65534 --clear-groups \
    bash -c 'ulimit -u 1; exec \"$@\"' bash \"$@\"; fi; ulimit -u 1; exec \"$@\"";
/// Runs azfob with little memory.
const LITTLE_MEMORY: &str = "ulimit -v 150000; exec \"$@\"";

fn azfob(scenario: &Scenario, limited: &str, arguments: &[&str]) -> Output {
    let sandbox = scenario.sandbox();
    let mut command = scenario.command(&sandbox, Path::new("/bin/bash"));
    let readable = |path: &Path| std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
    readable(scenario.home().parent().unwrap());
    let trust = sandbox.variables().iter().find(|(name, _)| name == "SSL_CERT_FILE").unwrap().1.clone();
    readable(Path::new(&trust).parent().unwrap());
    std::fs::set_permissions(&trust, std::fs::Permissions::from_mode(0o644)).unwrap();
    let azfob = scenario.home().join("azfob");
    // Copied by a program, because a child of another test could hold a file open that this process writes.
    let copied = std::process::Command::new("/bin/cp").arg(env!("CARGO_BIN_EXE_azfob")).arg(&azfob).status().unwrap();
    assert!(copied.success());
    let path =
        format!("/usr/bin:/bin:{}", sandbox.path_entries().iter().map(|p| p.display().to_string()).collect::<String>());
    command.env("PATH", path).args(["-c", limited, "bash"]).arg(&azfob).args(arguments);
    command.stdin(Stdio::null()).output().unwrap()
}

fn printed(output: &Output) -> String {
    let printed = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        !printed.contains("panicked") && output.status.code().is_some_and(|code| code < 100),
        "{:?}: {printed}",
        output.status
    );
    printed
}

const MANY: [&str; 8] = ["get", "ApiKey", "DatabaseConnectionString", "TlsCertificate", "A1", "A2", "A3", "A4"];

fn many(host: Host) -> Scenario {
    ["A1", "A2", "A3", "A4"].iter().fold(Scenario::on(host), |scenario, name| scenario.secret(name, "value"))
}

#[test]
fn work_is_done_without_more_threads() {
    for host in [Host::AppService, Host::Imds, Host::ServicePrincipal] {
        let scenario = many(host);
        for arguments in [&MANY[..], &["list"], &["whoami"], &["diagnose"]] {
            let output = azfob(&scenario, NO_MORE_PROCESSES, arguments);
            let printed = printed(&output);
            assert_eq!(output.status.code(), Some(0), "{arguments:?}: {printed}");
        }
    }
}

#[test]
fn missing_required_thread_is_an_error() {
    let output = azfob(&many(Host::AzureCli), NO_MORE_PROCESSES, &["get", "ApiKey", "--credential", "azure-cli"]);
    assert!(printed(&output).contains("az could not be started: "), "{}", printed(&output));
    let arguments = ["run", "--mask", "--env", "A=ApiKey", "--", "/bin/echo", "x"];
    let output = azfob(&many(Host::AppService), NO_MORE_PROCESSES, &arguments);
    assert_eq!(output.status.code(), Some(1));
    assert!(printed(&output).contains("azfob cannot start threads to monitor it"), "{}", printed(&output));
}

#[test]
fn little_memory_is_enough() {
    for arguments in [&MANY[..], &["diagnose"], &["run", "--mask", "--env", "A=ApiKey", "--", "/bin/true"]] {
        let output = azfob(&many(Host::AppService), LITTLE_MEMORY, arguments);
        assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}", printed(&output));
    }
}

#[test]
fn a_stack_that_is_too_small_is_an_error() {
    let scenario = Scenario::on(Host::AppService);
    for (stack, code) in [(64, 1), (256, 1), (512, 0)] {
        let limited = format!("ulimit -s {stack}; exec \"$@\"");
        for arguments in [&["get", "ApiKey"][..], &["diagnose"], &["--help"]] {
            let output = azfob(&scenario, &limited, arguments);
            assert_eq!(output.status.code(), Some(code), "{stack} {arguments:?}: {}", printed(&output));
            let message =
                format!("error: the stack limit is {stack} KiB, and azfob needs 512 KiB: raise it with 'ulimit -s'\n");
            assert!(code == 0 || printed(&output) == message, "{}", printed(&output));
        }
    }
}
