//! Tests of the proxy, and of a sandbox's end.

use std::time::Instant;

use super::*;

#[test]
fn proxy_refuses_other_hosts() {
    let sandbox = Sandbox::start(on_app_service()).unwrap();
    let address = proxy(&sandbox);
    let connect = |host: &str| plain(&address, &format!("CONNECT {host} HTTP/1.1\r\nHost: {host}\r\n\r\n"));
    let refused = connect("example.com:443");
    assert_eq!(refused.status, 403);
    assert!(refused.body.contains("lets nothing leave"));
    assert_eq!(plain(&address, "GET http://example.com/ HTTP/1.1\r\nHost: example.com\r\n\r\n").status, 403);
    let unresolved = connect("other.vault.azure.net:443");
    assert_eq!((unresolved.status, unresolved.body.as_str()), (502, "Could not resolve host: other.vault.azure.net\n"));
    assert_eq!(sandbox.refused(), ["example.com", "http://example.com/"]);
}

#[test]
fn dropped_sandbox_removes_files_and_closes_connections() {
    let sandbox = Sandbox::start(on_app_service().rule(Rule::new(VAULT, "/", Action::Hang))).unwrap();
    let folder = sandbox.authority_file().parent().unwrap().to_owned();
    let address = proxy(&sandbox);
    let mut hanging = connect(&sandbox, VAULT).unwrap();
    write!(hanging, "GET / HTTP/1.1\r\nHost: {VAULT}\r\n\r\n").unwrap();
    drop(sandbox);
    assert_eq!(Response::read(hanging).head, "");
    assert!(!folder.exists());
    assert!(TcpStream::connect(address).is_err());
}

#[test]
fn round_trip_delays_connection_tls_and_replies() {
    // The identity endpoint is local. A minute's delay of it would show on a busy machine too.
    let far = Duration::from_secs(60);
    let started = Instant::now();
    bearer(&Sandbox::start(SandboxPlan { round_trip: far, ..on_app_service() }).unwrap());
    assert!(started.elapsed() < far);
    let trip = Duration::from_millis(60);
    let sandbox = Sandbox::start(SandboxPlan { round_trip: trip, ..on_app_service() }).unwrap();
    let authorization = bearer(&sandbox);
    let started = Instant::now();
    let mut stream = connect(&sandbox, VAULT).unwrap();
    assert!(started.elapsed() >= trip * 2, "connecting and TLS");
    for _ in 0..2 {
        let started = Instant::now();
        let target = "/secrets/ApiKey?api-version=7.4";
        write!(stream, "GET {target} HTTP/1.1\r\nHost: {VAULT}\r\n{authorization}\r\n").unwrap();
        stream.flush().unwrap();
        assert!(stream.read(&mut [0; 16 << 10]).unwrap() > 0);
        assert!(started.elapsed() >= trip);
    }
}
