//! Starts the two listeners of a sandbox: the proxy and the managed identity endpoint.

use std::{io, sync::Arc};

use super::{azure::Azure, proxy, rule::IDENTITY, serve, server::Server};

/// Starts the CONNECT proxy.
///
/// # Errors
/// No port is available.
pub(super) fn start_proxy(azure: &Arc<Azure>) -> io::Result<Server> {
    let azure = Arc::clone(azure);
    // A client may end a connection at any time: that is not an error.
    Server::start(Arc::new(move |stream| drop(proxy::answer(&azure, stream))))
}

/// Starts the managed identity endpoint: HTTP on loopback, or HTTPS for Service Fabric.
///
/// # Errors
/// No port is available.
pub(super) fn start_identity(azure: &Arc<Azure>) -> io::Result<Server> {
    let azure = Arc::clone(azure);
    Server::start(Arc::new(move |stream| {
        drop(match &azure.endpoint {
            Some(certificate) => proxy::serve_tls(&azure, IDENTITY, Arc::clone(&certificate.config), stream),
            None => serve::serve(&azure, IDENTITY, stream).map(drop),
        });
    }))
}
