//! The command of a sandbox: its exit code, environment and streams.
#![cfg(unix)]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::Stdio;
use std::time::Duration;

use crate::support::Isolated;

fn shell(script: &str) -> [&str; 5] {
    ["sandbox", "--", "sh", "-c", script]
}

#[test]
fn exit_code_is_that_of_command() {
    for code in [0, 1, 2, 3, 42, 255] {
        let outcome = Isolated::new().azfob(shell(&format!("exit {code}")));
        assert_eq!((outcome.code, outcome.stderr.as_str()), (Some(code), ""));
    }
    assert_eq!(Isolated::new().azfob(shell("kill -9 $$")).code, Some(137));
}

#[test]
fn arc_without_agent_folder_is_noted() {
    let outcome = Isolated::new().azfob(["sandbox", "--as", "arc", "--", "true"]);
    let expected = if std::path::Path::new("/var/opt/azcmagent/tokens").exists() {
        ""
    } else {
        "note: no write access to /var/opt/azcmagent/tokens: clients refuse the agent's key\n"
    };
    assert_eq!((outcome.code, outcome.stderr.as_str()), (Some(0), expected));
}

#[test]
fn missing_command_is_127_and_not_executable_is_126() {
    let isolated = Isolated::new();
    isolated.azfob(["sandbox", "--", "no-such-command"]).fails(127).shows("error: no-such-command: command not found");
    std::fs::write(isolated.work().join("file"), "").unwrap();
    isolated.azfob(["sandbox", "--", "./file"]).fails(126).shows("error: ./file: ");
    assert_eq!(isolated.leftovers(), [""; 0]);
}

#[test]
fn command_in_current_folder_needs_path() {
    let isolated = Isolated::new();
    crate::support::install(&isolated.work(), "here", "echo run");
    isolated.azfob(["sandbox", "--", "here"]).fails(127);
    isolated.azfob(["sandbox", "--", "./here"]).succeeds().prints("run\n");
}

#[test]
fn command_uses_streams_of_sandbox() {
    let isolated = Isolated::new();
    let mut command = isolated.command(["sandbox", "--", "sh", "-c", "cat; echo told >&2"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(b"from \0 outside").unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.stdout.as_slice(), output.stderr.as_slice()), (&b"from \0 outside"[..], &b"told\n"[..]));
}

#[test]
fn real_identity_vault_and_proxy_are_not_inherited() {
    let names =
        ["AZURE_CLIENT_SECRET", "AZFOB_VAULT_SUFFIX", "ALL_PROXY", "MSI_SECRET", "SSL_CERT_DIR", "KEY_VAULT_NAME"];
    let isolated = Isolated::new();
    let script = names.map(|name| format!("echo \"${name}\"")).join(";");
    let mut command = isolated.command(["sandbox", "--as", "imds", "--", "sh", "-c", &script]);
    let output = command.envs(names.map(|name| (name, "real"))).output().unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap(), "\n".repeat(names.len()));
}

#[test]
fn other_variables_are_inherited() {
    let isolated = Isolated::new();
    let output = isolated.command(shell("echo $MINE; pwd")).env("MINE", "kept").output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let (first, second) = text.trim_end().split_once('\n').unwrap();
    assert_eq!((first, second.ends_with("/work")), ("kept", true), "{text}");
}

#[test]
fn az_is_on_path_if_host_has_it() {
    let script = "az account show --query x -o json";
    let outcome = Isolated::new().azfob(["sandbox", "--as", "azure-cli", "--", "sh", "-c", script]).succeeds();
    assert_eq!(outcome.json()["user"]["name"], azfob::testing::sandbox::names::USER_PRINCIPAL_NAME);
}

#[test]
fn temporary_files_are_removed() {
    for host in azfob::testing::sandbox::HOSTS {
        let isolated = Isolated::new();
        assert_eq!(isolated.azfob(["sandbox", "--as", host.name, "--", "true"]).code, Some(0), "{}", host.name);
        assert_eq!(isolated.leftovers(), [""; 0], "{}", host.name);
        assert_eq!(std::fs::read_dir(isolated.work()).unwrap().count(), 0);
    }
}

#[test]
fn nested_sandbox_works() {
    let outcome =
        Isolated::new().azfob(["sandbox", "--as", "nothing", "--", "azfob", "sandbox", "--", "azfob", "get", "ApiKey"]);
    outcome.succeeds().prints("sandbox-api-key-of-february");
}

/// With any umask, the owner can use the sandbox, and no other user can replace its programs.
#[test]
fn sandbox_ignores_umask() {
    let azfob = env!("CARGO_BIN_EXE_azfob");
    // Root can use files without permissions, so they are listed too.
    let listed =
        "find \"${SSL_CERT_FILE%/*}\" -not -type l \\( -perm /022 -o -not -perm -600 -o -type d -not -perm -700 \\)";
    for host in
        ["app-service", "azure-cli", "azure-powershell", "azure-developer-cli", "visual-studio", "workload-identity"]
    {
        for umask in ["000", "777"] {
            let script = format!(
                "umask {umask}; exec \"$0\" sandbox --as {host} --secret A=value -- sh -c '\"$0\" get A; {listed}' \"$0\""
            );
            let mut shell = std::process::Command::new("/bin/sh");
            shell
                .args(["-c", &script, azfob])
                .env_clear()
                .env("PATH", "/usr/bin:/bin")
                .env("HOME", Isolated::new().work());
            let output = shell.output().unwrap();
            assert_eq!(String::from_utf8_lossy(&output.stdout), "value", "{host}, {umask}: {output:?}");
        }
    }
}

/// More clients than the sandbox has file descriptors for: the later ones wait until earlier ones end.
#[test]
fn clients_wait_if_files_run_out() {
    let script = "ulimit -Sn 40; exec \"$0\" sandbox -- sh -c 'echo $IDENTITY_ENDPOINT; cat'";
    let isolated = Isolated::new();
    let mut shell = std::process::Command::new("/bin/sh");
    shell.args(["-c", script, env!("CARGO_BIN_EXE_azfob")]).env_clear().env("PATH", "/usr/bin:/bin");
    shell.env("HOME", isolated.work()).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut sandbox = shell.spawn().unwrap();
    let mut endpoint = String::new();
    BufReader::new(sandbox.stdout.take().unwrap()).read_line(&mut endpoint).unwrap();
    let address = endpoint.strip_prefix("http://").and_then(|rest| rest.split('/').next()).unwrap();
    let clients = Vec::from_iter((0..80).map(|_| {
        let mut client = TcpStream::connect(address).unwrap();
        client.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        client.write_all(b"GET /msi/token HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
        client
    }));
    for (number, mut client) in clients.into_iter().enumerate() {
        let mut start = [0; 9];
        client.read_exact(&mut start).unwrap_or_else(|error| panic!("client {number}: {error}"));
        assert_eq!(&start, b"HTTP/1.1 ");
    }
    drop(sandbox.stdin.take());
    assert!(sandbox.wait().unwrap().success());
}
