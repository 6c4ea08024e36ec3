//! Starts the two listeners of a sandbox: the proxy and the managed identity endpoint.

use std::{io, sync::Arc};

use rustls::server::Acceptor;

use super::{
    azure::Azure,
    certificate::CertificateAuthority,
    names, proxy,
    rule::{API_SERVER, IDENTITY},
    serve,
    server::{Server, ServerStream},
};

/// Address of a cluster's API server, which is in its certificate.
const ADDRESS: &str = "127.0.0.1";

/// Starts the CONNECT proxy.
///
/// # Errors
/// No port is available.
pub(super) fn start_proxy(azure: &Arc<Azure>) -> io::Result<Server> {
    let azure = Arc::clone(azure);
    // A client may end a connection at any time: that is not an error.
    Server::start(Arc::new(move |stream| drop(proxy::answer(&azure, stream))))
}

/// Starts the managed identity endpoint: HTTP on loopback, or HTTPS for Service Fabric and the token proxy of a cluster.
///
/// # Errors
/// No port is available.
pub(super) fn start_identity(azure: &Arc<Azure>) -> io::Result<Server> {
    let azure = Arc::clone(azure);
    Server::start(Arc::new(move |stream| {
        drop(match (&azure.endpoint, &azure.cluster) {
            (Some(certificate), _) => proxy::serve_tls(&azure, IDENTITY, Arc::clone(&certificate.config), stream),
            (_, Some(cluster)) => serve_cluster(&azure, cluster, stream),
            _ => serve::serve(&azure, IDENTITY, stream).map(drop),
        });
    }))
}

/// Serves a connection to the cluster: as the token proxy to clients that name it, else as the API server.
fn serve_cluster(azure: &Azure, cluster: &CertificateAuthority, mut stream: ServerStream) -> io::Result<()> {
    let mut acceptor = Acceptor::default();
    let accepted = loop {
        if acceptor.read_tls(&mut stream)? == 0 {
            return Ok(());
        }
        if let Some(accepted) = acceptor.accept().map_err(|(error, _)| io::Error::other(error))? {
            break accepted;
        }
    };
    let is_proxy = accepted.client_hello().server_name() == Some(names::TOKEN_PROXY_NAME);
    let (name, host) = if is_proxy { (names::TOKEN_PROXY_NAME, IDENTITY) } else { (ADDRESS, API_SERVER) };
    let config = cluster.server_config(name)?;
    let connection = accepted.into_connection(Arc::clone(&config)).map_err(|(error, _)| io::Error::other(error))?;
    proxy::serve_in(azure, host, connection, stream)
}
