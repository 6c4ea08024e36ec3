//! Verifies servers, and adds the TLS layer to connections.
//!
//! Verification cannot be switched off. A private CA is trusted through the system's store or `SSL_CERT_FILE` /
//! `SSL_CERT_DIR`. Only Service Fabric's endpoint is identified by its certificate's thumbprint, and only a cluster's token
//! proxy has a CA of its own. All other agents share one `ClientConfig`, so that roots are read once and sessions are
//! resumed.

use std::fmt;
use std::io::{Read, Write};
use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, ClientConfig, ClientConnection, DigitallySignedStruct, SignatureScheme, StreamOwned};
use ureq::Error;
use ureq::unversioned::transport::{
    Buffers, ConnectionDetails, Connector, Either, LazyBuffers, NextTimeout, Transport, TransportAdapter,
};

use crate::env::Env;

use super::certificate;
use super::handshake::HandshakeCut;
use super::limited_stream::time_left;
use super::root_store::{self, Roots, UnusableStore};

/// Returns the cryptography provider: ring.
pub fn provider() -> Arc<CryptoProvider> {
    Arc::new(ring::default_provider())
}

/// Returns a client configuration that trusts the system's roots, or those of `SSL_CERT_FILE` and `SSL_CERT_DIR`.
///
/// # Errors
/// The named file cannot be used.
pub(super) fn trusting_the_system(env: &Env) -> Result<Arc<ClientConfig>, UnusableStore> {
    Ok(client_config(Trust::Roots(Roots::new(env, provider())?)))
}

/// Returns a client configuration that trusts only the server with this certificate.
pub(super) fn trusting_one(thumbprint: Sha1Thumbprint) -> Arc<ClientConfig> {
    client_config(Trust::Pinned(thumbprint))
}

/// Returns a client configuration that trusts only the CAs in a PEM text, or nothing if it has none.
pub(super) fn trusting_only(authority: &[u8]) -> Option<Arc<ClientConfig>> {
    root_store::only(authority, &provider()).map(|verifier| client_config(Trust::Only(verifier)))
}

fn client_config(trust: Trust) -> Arc<ClientConfig> {
    let config = ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .expect("ring offers TLS 1.2 and 1.3")
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(ServerVerifier { trust, provider: provider() }))
        .with_no_client_auth();
    Arc::new(config)
}

#[derive(Debug)]
struct ServerVerifier {
    trust: Trust,
    provider: Arc<CryptoProvider>,
}

#[derive(Debug)]
enum Trust {
    /// Verifies as rustls does, and adds the issuer's name to the error.
    Roots(Roots),
    /// Verifies with the CAs of one server.
    Only(Arc<WebPkiServerVerifier>),
    /// Compares only the certificate; the handshake proves that the server has its key.
    Pinned(Sha1Thumbprint),
}

/// A certificate with an issuer that is not trusted.
#[derive(Clone, Debug, thiserror::Error)]
#[error(
    "its issuer {}is {}",
    .name.as_ref().map(|name| format!("'{name}' ")).unwrap_or_default(),
    match .searched {
        Searched::System => "not trusted on this machine",
        Searched::Bundled => "not among azfob's built-in roots, and this machine has no certificate store",
        Searched::Named => "not the specified CA",
    }
)]
pub(super) struct UntrustedIssuer {
    name: Option<String>,
    searched: Searched,
}

/// The roots that were searched for an issuer.
#[derive(Clone, Copy, Debug)]
enum Searched {
    System,
    /// Only those in the binary.
    Bundled,
    /// Only those of one server.
    Named,
}

impl ServerCertVerifier for ServerVerifier {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        chain: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let by = |verifier: &WebPkiServerVerifier| verifier.verify_server_cert(certificate, chain, name, ocsp, now);
        let with_issuer = |error, searched| match error {
            rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer) => {
                let name = certificate::issuer(chain.last().unwrap_or(certificate));
                rustls::Error::Other(rustls::OtherError(Arc::new(UntrustedIssuer { name, searched })))
            }
            other => other,
        };
        let roots = match &self.trust {
            Trust::Pinned(thumbprint) if thumbprint.is_of(certificate) => return Ok(ServerCertVerified::assertion()),
            Trust::Pinned(_) => return Err(CertificateError::ApplicationVerificationFailure.into()),
            Trust::Only(verifier) => return by(verifier).map_err(|error| with_issuer(error, Searched::Named)),
            Trust::Roots(roots) => roots,
        };
        let named = roots.named_by(std::iter::once(certificate).chain(chain));
        if let Some(Ok(verified)) = named.as_deref().map(by) {
            return Ok(verified);
        }
        let unknown = || Err(CertificateError::UnknownIssuer.into());
        let all_roots = roots.all_roots();
        let searched = if all_roots.is_bundled { Searched::Bundled } else { Searched::System };
        all_roots.verifier.as_deref().map_or_else(unknown, by).map_err(|error| with_issuer(error, searched))
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, certificate, signature, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, certificate, signature, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

/// The SHA-1 thumbprint that identifies a self-signed server certificate. A different certificate with the same
/// thumbprint needs a second preimage, which SHA-1 still resists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sha1Thumbprint([u8; 20]);

impl Sha1Thumbprint {
    /// Parses 40 hex digits, with or without blanks and colons between them.
    pub fn parse(text: &str) -> Option<Self> {
        let digits: Vec<u8> = text
            .chars()
            .filter(|c| !c.is_whitespace() && *c != ':')
            .map(|c| c.to_digit(16).and_then(|digit| u8::try_from(digit).ok()))
            .collect::<Option<_>>()?;
        let bytes: Vec<u8> =
            digits.chunks(2).map(|pair| pair.iter().fold(0, |byte, digit| byte << 4 | digit)).collect();
        if digits.len() == 40 { bytes.try_into().ok().map(Sha1Thumbprint) } else { None }
    }

    fn is_of(self, certificate: &[u8]) -> bool {
        let digest = ::ring::digest::digest(&::ring::digest::SHA1_FOR_LEGACY_USE_ONLY, certificate);
        digest.as_ref() == self.0
    }
}

/// A server with its own CA, or with another name than its host's.
#[derive(Debug)]
pub struct PrivateServer {
    trust: Arc<ClientConfig>,
    name: Option<ServerName<'static>>,
}

/// The reason why a private server cannot be verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotAServer {
    NoCertificate,
    NoName,
}

impl PrivateServer {
    pub(super) fn new(trust: Arc<ClientConfig>, name: Option<&str>) -> Result<Self, NotAServer> {
        let name =
            name.map(|name| ServerName::try_from(name.to_owned())).transpose().map_err(|_| NotAServer::NoName)?;
        Ok(PrivateServer { trust, name })
    }

    pub(super) fn tls(&self) -> SharedTls {
        SharedTls { trust: Arc::clone(&self.trust), name: self.name.clone() }
    }
}

/// Adds TLS to a connection, over TCP or a proxy's tunnel.
#[derive(Debug)]
pub(super) struct SharedTls {
    trust: Arc<ClientConfig>,
    /// The server's name, if it is not that of the host.
    name: Option<ServerName<'static>>,
}

impl SharedTls {
    pub(super) fn new(trust: Arc<ClientConfig>) -> Self {
        SharedTls { trust, name: None }
    }
}

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
        let host = || details.uri.host().unwrap_or("").trim_matches(['[', ']']).to_owned();
        let name = self.name.clone().map_or_else(|| ServerName::try_from(host()), Ok);
        let name = name.map_err(|_| Error::Tls("not a host name"))?;
        let mut conn = ClientConnection::new(self.trust.clone(), name).map_err(std::io::Error::other)?;
        let mut sock = TransportAdapter::new(below.boxed(), details.current_time.clone());
        sock.set_timeout(time_left(details));
        // The handshake, within the time limit and with its own error.
        conn.complete_io(&mut sock).map_err(HandshakeCut::mark)?;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thumbprint_has_40_hex_digits_in_any_grouping() {
        let plain = Sha1Thumbprint::parse("a9993e364706816aba3e25717850c26c9cd0d89d").unwrap();
        assert!(plain.is_of(b"abc") && !plain.is_of(b"abd"));
        let grouped = "A9:99:3E:36:47:06:81:6A:BA:3E:25:71:78:50:C2:6C:9C:D0:D8:9D ";
        assert_eq!(Sha1Thumbprint::parse(grouped), Some(plain));
        for bad in ["", "a9", &"a".repeat(41), &"g".repeat(40), &"é".repeat(40)] {
            assert_eq!(Sha1Thumbprint::parse(bad), None, "{bad}");
        }
    }
}
