//! What each listener of a sandbox does with a connection: the proxy's, and that of the managed identity endpoint.

use std::{io, sync::Arc};

use super::{azure::Azure, proxy, rule::IDENTITY, serve, server::Server};

/// Starts the CONNECT proxy.
///
/// # Errors
/// No port could be listened on.
pub(super) fn start_proxy(azure: &Arc<Azure>) -> io::Result<Server> {
    let azure = Arc::clone(azure);
    // How a client ends a connection is no error of the sandbox.
    Server::start(Arc::new(move |stream| drop(proxy::answer(&azure, stream))))
}

/// Starts the managed identity endpoint: HTTP on loopback, plain but for Service Fabric's.
///
/// # Errors
/// No port could be listened on.
pub(super) fn start_identity(azure: &Arc<Azure>) -> io::Result<Server> {
    let azure = Arc::clone(azure);
    Server::start(Arc::new(move |stream| {
        drop(match &azure.endpoint {
            Some(certificate) => proxy::end_tls(&azure, IDENTITY, Arc::clone(&certificate.config), stream),
            None => serve::serve(&azure, IDENTITY, stream).map(drop),
        });
    }))
}
