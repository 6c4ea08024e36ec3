//! Connects to a name with two addresses, one of which does not answer: the other is used after 250 ms.
//!
//! The name is defined in an `/etc/hosts` file in a mount namespace. Without the right to create one, the test reports
//! that it is missing; `src/http/happy_eyeballs.rs` has unit tests.

use std::io;
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use crate::support::{Host, Outcome, Scenario, UnresponsivePort, Watch, can_unshare};

/// The proxy's name.
const PROXY: &str = "proxy.test";
/// The address that answers. 127.0.0.1 does not.
const LIVE: &str = "127.0.0.2";

/// Runs a program with another `/etc/hosts`.
const MOUNT_NAMESPACE: [&str; 5] =
    ["--map-root-user", "--mount", "/bin/sh", "-c", "/bin/mount --bind \"$0\" /etc/hosts && exec \"$@\""];

#[test]
fn dead_address_adds_a_quarter_of_a_second() {
    let scenario = Scenario::on(Host::AppService);
    let hosts = scenario.work().join("hosts");
    std::fs::write(&hosts, format!("127.0.0.1 {PROXY}\n{LIVE} {PROXY}\n")).unwrap();
    let mut tried = Command::new("/usr/bin/unshare");
    if !can_unshare(tried.args(MOUNT_NAMESPACE).arg(&hosts).arg("/bin/true"), "a name with a dead address") {
        return;
    }
    let sandbox = scenario.sandbox();
    let dead = UnresponsivePort::new();
    let live = TcpListener::bind((LIVE, dead.port())).unwrap();
    let (_, proxy) = sandbox.variables().iter().find(|(name, _)| name == "HTTPS_PROXY").expect("a proxy");
    let behind = proxy.to_str().unwrap().trim_start_matches("http://").parse().unwrap();
    thread::spawn(move || relay(&live, behind));

    let scenario = scenario.var("https_proxy", format!("http://{PROXY}:{}", dead.port()));
    let azfob = |arguments: &[&str]| {
        let mut command = scenario.command(&sandbox, Path::new("/usr/bin/unshare"));
        command.args(MOUNT_NAMESPACE).arg(&hosts).arg(env!("CARGO_BIN_EXE_azfob")).args(arguments);
        let watch = Watch::start();
        Outcome::without_sandbox(command.stdin(Stdio::null()).output().unwrap(), watch.took())
    };
    // The system itself gives up after two minutes.
    azfob(&["get", "ApiKey"]).succeeds().prints("sandbox-api-key-of-february").within(Duration::from_secs(4));
    let report = azfob(&["diagnose", "-o", "json"]).succeeds().json();
    let tcp = report["vault"]["checks"].as_array().unwrap().iter().find(|check| check["check"] == "tcp").unwrap();
    let (status, message) = (tcp["status"].as_str().unwrap(), tcp["message"].as_str().unwrap());
    assert_eq!(status, "warning", "{message}");
    assert!(message.ends_with(" is open at 127.0.0.2; 127.0.0.1 did not answer within 250 ms"), "{message}");
}

/// Copies each connection in both directions.
fn relay(listener: &TcpListener, behind: SocketAddr) {
    for front in listener.incoming().flatten() {
        let back = TcpStream::connect(behind).expect("the sandbox's proxy");
        let there = (front.try_clone().expect("a second handle"), back.try_clone().expect("a second handle"));
        for (mut from, mut to) in [there, (back, front)] {
            thread::spawn(move || {
                let _ = io::copy(&mut from, &mut to);
                let _ = to.shutdown(Shutdown::Write);
            });
        }
    }
}
