//! The CONNECT proxy, through which clients reach the emulated Azure by its real host names.
//!
//! It never connects to anything. A tunnel to a host of Azure ends here, TLS included. Other requests get:
//!
//! - `403` for a host that is not part of Azure, for a port other than 443, and for plain HTTP;
//! - `502` and `Could not resolve host` for a vault that neither the plan nor a rule names: such a vault has no DNS name.
//!   Real proxies answer the same in their own words.

use std::{
    io::{self, Write},
    sync::Arc,
    thread,
};

use rustls::{ServerConfig, ServerConnection, StreamOwned};

use super::{
    azure::Azure,
    cloud::AzureService,
    message::HttpReply,
    rule::Action,
    serve::{ConnectionEnd, apply_fault, serve},
    server::ServerStream,
    wire::{Connection, Head},
};

/// The decision about a request to the proxy.
#[derive(Debug, PartialEq, Eq)]
enum ConnectDecision {
    Tunnel(String),
    /// The host is not part of Azure.
    Refused(String),
    /// The host is a vault that does not exist.
    Unresolved(String),
}

/// Serves a connection to the proxy.
///
/// # Errors
/// Reading or writing failed.
pub(super) fn answer(azure: &Azure, stream: ServerStream) -> io::Result<()> {
    let mut connection = Connection::new(stream);
    let Some(head) = connection.read_head()? else {
        return Ok(());
    };
    let host = match decide(&head, azure.plan.cloud.vault_suffix(), |host| azure.has_vault(host)) {
        ConnectDecision::Tunnel(host) => host,
        ConnectDecision::Refused(host) => {
            azure.record.refusal(&host);
            let text = format!("The azfob sandbox lets nothing leave this machine, and {host} is not part of it.\n");
            return connection.write_reply(&HttpReply::text(403, text).with("Connection", "close"));
        }
        ConnectDecision::Unresolved(host) => {
            let text = format!("Could not resolve host: {host}\n");
            return connection.write_reply(&HttpReply::text(502, text).with("Connection", "close"));
        }
    };
    let mut authority = azure.authority();
    match azure.action_for_connection(&host) {
        None => {}
        Some(Action::Late(delay)) => thread::sleep(*delay),
        Some(Action::Intercept) => authority = azure.interceptor(),
        Some(Action::Reply { status, headers, body }) => {
            let reply = HttpReply { status: *status, headers: headers.clone(), body: body.clone() };
            return connection.write_reply(&reply.with("Connection", "close"));
        }
        Some(action) => return apply_fault(action, connection.stream()),
    }
    let mut stream = connection.into_stream();
    // Simulates the TCP handshake between the proxy and the host.
    thread::sleep(azure.plan.round_trip);
    stream.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n")?;
    azure.record.tunnel(&host);
    if !azure.plan.round_trip.is_zero() {
        // Simulates the TLS handshake: the reply to its first message takes a round trip.
        stream.wait_for_data()?;
        thread::sleep(azure.plan.round_trip);
    }
    serve_tls(azure, &host, authority.server_config(&host)?, stream)
}

/// Terminates TLS and serves the requests inside it.
pub(super) fn serve_tls(azure: &Azure, host: &str, config: Arc<ServerConfig>, stream: ServerStream) -> io::Result<()> {
    serve_in(azure, host, ServerConnection::new(config).map_err(io::Error::other)?, stream)
}

/// Serves the requests inside a TLS connection. Its handshake may not have ended.
pub(super) fn serve_in(
    azure: &Azure,
    host: &str,
    connection: ServerConnection,
    stream: ServerStream,
) -> io::Result<()> {
    let mut stream = StreamOwned::new(connection, stream);
    if serve(azure, host, &mut stream)? == ConnectionEnd::Orderly {
        stream.conn.send_close_notify();
        stream.flush()?;
    }
    Ok(())
}

/// Decides by the name only, without DNS.
fn decide(head: &Head, vault_suffix: &str, is_there: impl Fn(&str) -> bool) -> ConnectDecision {
    if head.method != "CONNECT" {
        return ConnectDecision::Refused(head.target.split('?').next().unwrap_or_default().to_owned());
    }
    let target = head.target.to_ascii_lowercase();
    let Some(host) = target.strip_suffix(":443").map(|host| host.strip_suffix('.').unwrap_or(host)) else {
        return ConnectDecision::Refused(target);
    };
    match AzureService::from_host(host) {
        None => ConnectDecision::Refused(host.to_owned()),
        Some(AzureService::Vault(cloud)) if cloud.vault_suffix() != vault_suffix || !is_there(host) => {
            ConnectDecision::Unresolved(host.to_owned())
        }
        Some(_) => ConnectDecision::Tunnel(host.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decided(method: &str, target: &str) -> ConnectDecision {
        let head = Head { method: method.into(), target: target.into(), headers: Vec::new() };
        decide(&head, ".vault.azure.net", |host| host == "my-vault.vault.azure.net")
    }

    #[test]
    fn only_planned_vault_and_azure_hosts_are_tunnelled() {
        let tunnel = |host: &str| ConnectDecision::Tunnel(host.into());
        assert_eq!(decided("CONNECT", "My-Vault.vault.azure.net:443"), tunnel("my-vault.vault.azure.net"));
        assert_eq!(decided("CONNECT", "login.microsoftonline.com:443"), tunnel("login.microsoftonline.com"));
        let unresolved = "other.vault.azure.net";
        assert_eq!(decided("CONNECT", "other.vault.azure.net:443"), ConnectDecision::Unresolved(unresolved.into()));
        for refused in ["example.com:443", "my-vault.vault.azure.net:80", "169.254.169.254:80", "nonsense"] {
            assert!(matches!(decided("CONNECT", refused), ConnectDecision::Refused(_)), "{refused}");
        }
        let plain = decided("GET", "http://example.com/a?token=x");
        assert_eq!(plain, ConnectDecision::Refused("http://example.com/a".into()));
    }
}
