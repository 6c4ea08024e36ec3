//! The CONNECT proxy through which the emulated Azure is reached under its real host names.
//!
//! It never connects to anything. A tunnel to a host of Azure's ends here, TLS included. What else is asked for:
//! - a host that is not Azure's, another port than 443, or plain HTTP: `403`, as the sandbox lets nothing leave;
//! - a vault that is neither the planned one nor a rule's: `502` and `Could not resolve host`, since a vault that does
//!   not exist has no DNS name. A proxy of a real network says the same of such a name, in its own words.

use std::{
    io::{self, Write},
    net::TcpStream,
    sync::Arc,
    thread,
};

use rustls::{ServerConfig, ServerConnection, StreamOwned};

use super::{
    azure::Azure,
    cloud::Site,
    message::HttpReply,
    rule::Action,
    serve::{ConnectionEnd, apply_fault, serve},
    wire::{Connection, Head},
};

/// What becomes of a request to the proxy.
#[derive(Debug, PartialEq, Eq)]
enum ConnectDecision {
    /// A tunnel to this host.
    Tunnel(String),
    /// Refused: the name stands for nothing in the emulated Azure.
    Refused(String),
    /// A vault's name that does not exist.
    Unresolved(String),
}

/// Serves one client of the proxy.
///
/// # Errors
/// What reading or writing ended with.
pub(super) fn answer(azure: &Azure, stream: TcpStream) -> io::Result<()> {
    let mut connection = Connection::new(stream);
    let Some(head) = connection.read_head()? else {
        return Ok(());
    };
    let host = match judge(&head, azure.plan.cloud.vault_suffix(), |host| azure.has_vault(host)) {
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
    match azure.staged_connect(&host) {
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
    // The TCP connection to the host, which the proxy makes.
    thread::sleep(azure.plan.round_trip);
    stream.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n")?;
    azure.record.tunnel(&host);
    if !azure.plan.round_trip.is_zero() {
        // The TLS handshake: its first message is there, and the answer to it is what takes the time.
        stream.peek(&mut [0])?;
        thread::sleep(azure.plan.round_trip);
    }
    end_tls(azure, &host, authority.server_config(&host)?, stream)
}

/// Ends TLS and serves what comes through it.
pub(super) fn end_tls(azure: &Azure, host: &str, config: Arc<ServerConfig>, stream: TcpStream) -> io::Result<()> {
    let connection = ServerConnection::new(config).map_err(io::Error::other)?;
    let mut stream = StreamOwned::new(connection, stream);
    if serve(azure, host, &mut stream)? == ConnectionEnd::Orderly {
        stream.conn.send_close_notify();
        stream.flush()?;
    }
    Ok(())
}

/// Decides by the name alone: no name is ever looked up.
fn judge(head: &Head, vault_suffix: &str, is_there: impl Fn(&str) -> bool) -> ConnectDecision {
    if head.method != "CONNECT" {
        return ConnectDecision::Refused(head.target.split('?').next().unwrap_or_default().to_owned());
    }
    let target = head.target.to_ascii_lowercase();
    let Some(host) = target.strip_suffix(":443").map(|host| host.strip_suffix('.').unwrap_or(host)) else {
        return ConnectDecision::Refused(target);
    };
    match Site::from_host(host) {
        None => ConnectDecision::Refused(host.to_owned()),
        Some(Site::Vault(cloud)) if cloud.vault_suffix() != vault_suffix || !is_there(host) => {
            ConnectDecision::Unresolved(host.to_owned())
        }
        Some(_) => ConnectDecision::Tunnel(host.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(method: &str, target: &str) -> ConnectDecision {
        let head = Head { method: method.into(), target: target.into(), headers: Vec::new() };
        judge(&head, ".vault.azure.net", |host| host == "my-vault.vault.azure.net")
    }

    #[test]
    fn only_the_planned_vault_and_azures_own_hosts_are_tunnelled() {
        let tunnel = |host: &str| ConnectDecision::Tunnel(host.into());
        assert_eq!(judged("CONNECT", "My-Vault.vault.azure.net:443"), tunnel("my-vault.vault.azure.net"));
        assert_eq!(judged("CONNECT", "login.microsoftonline.com:443"), tunnel("login.microsoftonline.com"));
        let unresolved = "other.vault.azure.net";
        assert_eq!(judged("CONNECT", "other.vault.azure.net:443"), ConnectDecision::Unresolved(unresolved.into()));
        for refused in ["example.com:443", "my-vault.vault.azure.net:80", "169.254.169.254:80", "nonsense"] {
            assert!(matches!(judged("CONNECT", refused), ConnectDecision::Refused(_)), "{refused}");
        }
        let plain = judged("GET", "http://example.com/a?token=x");
        assert_eq!(plain, ConnectDecision::Refused("http://example.com/a".into()));
    }
}
