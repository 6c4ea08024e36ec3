//! `azfob sandbox`: a command in an emulated Azure.

mod arguments;
mod command;
mod emulator;
mod faults;
#[cfg(unix)]
mod signals;

use std::io::{Read, Write};
use std::net::TcpStream;

use crate::support::{Host, Isolated, Scenario, report_missing};

#[test]
fn every_host_except_arc_fetches_secret() {
    for row in azfob::testing::sandbox::HOSTS {
        // Only the browser needs the option, and only if nothing else signs in.
        let interactive: &[&str] = if row.host == Host::Browser { &["--interactive"] } else { &[] };
        let get = ["sandbox", "--as", row.name, "--", "azfob", "get", "ApiKey"];
        let outcome = Isolated::new().azfob([&get[..], interactive].concat());
        match row.host {
            Host::Browser if outcome.code != Some(0) && !has_curl() => report_missing("curl", "the sandbox's browser"),
            Host::Browser => drop(outcome.succeeds_with_messages().prints("sandbox-api-key-of-february")),
            Host::Nothing => drop(outcome.fails(3)),
            // Only the agent can write to the folder of its key.
            Host::Arc => assert!(matches!(outcome.code, Some(0 | 4)), "{}", outcome.stderr),
            _ => drop(outcome.succeeds().prints("sandbox-api-key-of-february")),
        }
    }
}

/// The sandbox's browser runs it.
fn has_curl() -> bool {
    cfg!(windows) || std::path::Path::new("/usr/bin/curl").exists()
}

#[test]
fn first_readme_command_fetches_secret() {
    let outcome = Isolated::new().azfob(["sandbox", "--", "azfob", "get", "DatabaseConnectionString"]);
    outcome
        .succeeds()
        .prints("Server=tcp:my-sql.database.windows.net;Database=orders;User ID=app;Password=sandbox-Pa55w0rd;");
}

#[test]
fn other_hosts_are_unreachable() {
    let scenario = Scenario::on(Host::AppService);
    let sandbox = scenario.sandbox();
    let (_, proxy) = sandbox.variables().iter().find(|(name, _)| name == "HTTPS_PROXY").expect("a proxy");
    let address = proxy.to_str().unwrap().trim_start_matches("http://").to_owned();
    for (request, host) in [
        ("CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\n\r\n", "example.com"),
        ("CONNECT my-vault.vault.azure.net:22 HTTP/1.1\r\n\r\n", "my-vault.vault.azure.net:22"),
        ("GET http://example.com/ HTTP/1.1\r\nHost: example.com\r\n\r\n", "http://example.com/"),
    ] {
        let mut stream = TcpStream::connect(&address).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        let _ = stream.read_to_string(&mut answer);
        assert!(answer.starts_with("HTTP/1.1 403 "), "{answer}");
        assert!(sandbox.refused().iter().any(|refused| refused == host), "{:?}", sandbox.refused());
    }
    assert_eq!(sandbox.tunnels(), [""; 0]);
}

#[test]
fn other_vaults_do_not_exist() {
    let outcome = Isolated::new().azfob(["sandbox", "--", "azfob", "get", "akv://other-vault/ApiKey"]).fails(7);
    outcome.shows("other-vault.vault.azure.net");
}
