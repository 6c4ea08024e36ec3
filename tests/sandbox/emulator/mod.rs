//! Tests that use the sandbox like a client: through its proxy, with certificates verified.

mod authorize;
mod azure_cli;
#[cfg(unix)]
mod developer_tools;
mod entra;
mod fault;
mod identity;
mod proxy;
mod rule;
mod vault;

use std::{
    io::{Read, Write},
    net::TcpStream,
    sync::Arc,
    time::Duration,
};

use rustls::{
    ClientConfig, ClientConnection, RootCertStore, StreamOwned,
    pki_types::{CertificateDer, ServerName, pem::PemObject},
};
use serde_json::Value;

use azfob::testing::sandbox::*;

const VAULT: &str = "my-vault.vault.azure.net";
const LOGIN: &str = "login.microsoftonline.com";

/// A reply, with its head as it is and in lower case.
struct Response {
    status: u16,
    raw_head: String,
    head: String,
    body: String,
}

impl Response {
    fn read(mut stream: impl Read) -> Response {
        let mut bytes = Vec::new();
        // A rule may close the connection in the middle, without close_notify.
        let _ = stream.read_to_end(&mut bytes);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
        Response { status, raw_head: head.to_owned(), head: head.to_ascii_lowercase(), body: body.to_owned() }
    }

    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("{}\n{}", self.head, self.body))
    }
}

fn variable(sandbox: &Sandbox, name: &str) -> String {
    let found = sandbox.variables().iter().find(|(other, _)| other == name);
    found.unwrap_or_else(|| panic!("{name} is not set")).1.to_str().unwrap().to_owned()
}

/// Sends a request without TLS and returns the reply.
fn plain(address: &str, request: &str) -> Response {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    Response::read(stream)
}

fn proxy(sandbox: &Sandbox) -> String {
    variable(sandbox, "HTTPS_PROXY").strip_prefix("http://").unwrap().to_owned()
}

/// Opens a TLS connection to a host through the proxy. Trusts only the sandbox's authority.
fn connect(sandbox: &Sandbox, host: &'static str) -> Result<StreamOwned<ClientConnection, TcpStream>, std::io::Error> {
    let mut stream = TcpStream::connect(proxy(sandbox)).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    // write! sends several pieces. Each would wait for a delayed acknowledgement.
    stream.set_nodelay(true).unwrap();
    write!(stream, "CONNECT {host}:443 HTTP/1.1\r\nHost: {host}:443\r\n\r\n").unwrap();
    let mut established = [0; 39];
    stream.read_exact(&mut established).unwrap();
    assert_eq!(&established, b"HTTP/1.1 200 Connection established\r\n\r\n");
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(sandbox.authority_file()).unwrap()).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let mut connection = ClientConnection::new(Arc::new(config), ServerName::try_from(host).unwrap()).unwrap();
    connection.complete_io(&mut stream)?;
    Ok(StreamOwned::new(connection, stream))
}

fn get(sandbox: &Sandbox, host: &'static str, target: &str, headers: &str) -> Response {
    let mut stream = connect(sandbox, host).unwrap();
    write!(stream, "GET {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{headers}\r\n").unwrap();
    Response::read(stream)
}

fn post(sandbox: &Sandbox, target: &str, form: &[(&str, &str)]) -> Response {
    let form = form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
    let mut stream = connect(sandbox, LOGIN).unwrap();
    let kind = "application/x-www-form-urlencoded";
    let length = form.len();
    write!(
        stream,
        "POST {target} HTTP/1.1\r\nHost: {LOGIN}\r\nConnection: close\r\nContent-Type: {kind}\r\n\
         Content-Length: {length}\r\n\r\n{form}"
    )
    .unwrap();
    Response::read(stream)
}

/// Requests a token from the managed identity endpoint of App Service.
fn identity_answer(sandbox: &Sandbox, more: &str) -> Response {
    let endpoint = variable(sandbox, "IDENTITY_ENDPOINT");
    let (address, path) = endpoint.strip_prefix("http://").unwrap().split_once('/').unwrap();
    let header = variable(sandbox, "IDENTITY_HEADER");
    let request = format!(
        "GET /{path}?api-version=2019-08-01&resource=https://vault.azure.net{more} HTTP/1.1\r\nHost: {address}\r\n\
         Connection: close\r\nX-IDENTITY-HEADER: {header}\r\n\r\n"
    );
    plain(address, &request)
}

fn bearer(sandbox: &Sandbox) -> String {
    let answer = identity_answer(sandbox, "").json();
    format!("Authorization: Bearer {}\r\n", answer["access_token"].as_str().unwrap())
}

fn secret(sandbox: &Sandbox, target: &str) -> Response {
    get(sandbox, VAULT, target, &bearer(sandbox))
}

fn on_app_service() -> SandboxPlan {
    SandboxPlan::new(EmulatedHost::AppService)
}

/// Sends a token request of the service principal with some fields changed.
fn sign_in(sandbox: &Sandbox, tenant: &str, changed: &[(&str, &str)]) -> Response {
    let secret = variable(sandbox, "AZURE_CLIENT_SECRET");
    let mut form = vec![
        ("client_id", names::SERVICE_PRINCIPAL_CLIENT_ID),
        ("client_secret", secret.as_str()),
        ("grant_type", "client_credentials"),
        ("scope", "https://vault.azure.net/.default"),
    ];
    for (name, value) in changed {
        form.retain(|(other, _)| other != name);
        form.push((name, value));
    }
    post(sandbox, &format!("/{tenant}/oauth2/v2.0/token"), &form)
}
