//! What may leave, and what is left when a sandbox ends.

use super::*;

#[test]
fn nothing_else_leaves() {
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
fn a_dropped_sandbox_leaves_nothing_and_ends_what_hangs() {
    let sandbox = Sandbox::start(on_app_service().rule(Rule::new(VAULT, "/", Act::Hang))).unwrap();
    let folder = sandbox.authority_file().parent().unwrap().to_owned();
    let address = proxy(&sandbox);
    let mut hanging = connect(&sandbox, VAULT).unwrap();
    write!(hanging, "GET / HTTP/1.1\r\nHost: {VAULT}\r\n\r\n").unwrap();
    drop(sandbox);
    assert_eq!(Answer::read(hanging).head, "");
    assert!(!folder.exists());
    assert!(TcpStream::connect(address).is_err());
}
