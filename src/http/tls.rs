//! Trust: the system's roots, and the TLS layer that every agent shares.
//!
//! There is no way to switch verification off. A private authority is trusted through the system's store or
//! `SSL_CERT_FILE` / `SSL_CERT_DIR`. One `ClientConfig` serves all agents, so that roots are read once and sessions are
//! resumed.

use std::fmt;
use std::io::{Read, Write};
use std::sync::Arc;

use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use ureq::Error;
use ureq::unversioned::transport::{
    Buffers, ConnectionDetails, Connector, Either, LazyBuffers, NextTimeout, Transport, TransportAdapter,
};

/// The cryptography that azfob uses everywhere: ring.
pub fn provider() -> Arc<CryptoProvider> {
    Arc::new(ring::default_provider())
}

/// A client that trusts what the system trusts. Where the system has no store at all and none was named, the roots of
/// Mozilla's programme stand in.
pub fn trusting_the_system(store_was_named: bool) -> Arc<ClientConfig> {
    let mut roots = RootCertStore::empty();
    let found = rustls_native_certs::load_native_certs();
    for problem in &found.errors {
        log::warn!(target: "azfob", "reading the trusted certificates: {problem}");
    }
    roots.add_parsable_certificates(found.certs);
    if roots.is_empty() && !store_was_named {
        roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    }
    let config = ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .expect("ring offers TLS 1.2 and 1.3")
        .with_root_certificates(roots)
        .with_no_client_auth();
    Arc::new(config)
}

/// The TLS layer of a connection, over TCP or over a proxy's tunnel.
#[derive(Debug)]
pub(super) struct SharedTls(pub(super) Arc<ClientConfig>);

pub(super) struct TlsPipe {
    buffers: LazyBuffers,
    tls: StreamOwned<ClientConnection, TransportAdapter>,
}

impl<In: Transport> Connector<In> for SharedTls {
    type Out = Either<In, TlsPipe>;

    fn connect(&self, details: &ConnectionDetails, below: Option<In>) -> Result<Option<Self::Out>, Error> {
        let below = below.ok_or(Error::ConnectionFailed)?;
        if !details.needs_tls() || below.is_tls() {
            return Ok(Some(Either::A(below)));
        }
        let host = details.uri.host().unwrap_or("").trim_matches(['[', ']']).to_owned();
        let name = ServerName::try_from(host).map_err(|_| Error::Tls("not a host name"))?;
        let mut conn = ClientConnection::new(self.0.clone(), name).map_err(std::io::Error::other)?;
        let mut sock = TransportAdapter::new(below.boxed(), details.current_time.clone());
        sock.set_timeout(details.timeout);
        conn.complete_io(&mut sock)?; // the handshake, so that its failure is told as one and the time limit holds
        let buffers = LazyBuffers::new(details.config.input_buffer_size(), details.config.output_buffer_size());
        Ok(Some(Either::B(TlsPipe { buffers, tls: StreamOwned { conn, sock } })))
    }
}

impl Transport for TlsPipe {
    fn buffers(&mut self) -> &mut dyn Buffers {
        &mut self.buffers
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        self.tls.get_mut().set_timeout(timeout);
        Ok(self.tls.write_all(&self.buffers.output()[..amount])?)
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        self.tls.get_mut().set_timeout(timeout);
        let amount = self.tls.read(self.buffers.input_append_buf())?;
        self.buffers.input_appended(amount);
        Ok(amount > 0)
    }

    fn is_open(&mut self) -> bool {
        self.tls.get_mut().get_mut().is_open()
    }

    fn is_tls(&self) -> bool {
        true
    }
}

impl fmt::Debug for TlsPipe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TlsPipe")
    }
}
