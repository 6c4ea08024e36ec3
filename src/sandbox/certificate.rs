//! A temporary certificate authority that issues a certificate for each host name on demand.
//!
//! Its private key stays in this process. No system certificate store is changed.

use std::{
    collections::HashMap,
    io,
    sync::{Arc, LazyLock, Mutex, PoisonError},
    time::Duration,
};

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    KeyUsagePurpose,
};
use rustls::{
    ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer},
};

use super::clock;

const DAY_SECS: u64 = 24 * 60 * 60;
/// How long before its creation a certificate is valid: the clocks of containers and hosts differ.
const BEFORE_SECS: u64 = DAY_SECS;
/// Lifetime of a certificate. macOS refuses server certificates of more than 825 days
/// (<https://support.apple.com/103769>). A sandbox runs for hours.
const VALID_SECS: u64 = 30 * DAY_SECS;

/// The certificates that a server sends.
#[derive(Clone, Copy)]
pub(super) enum ServedChain {
    /// Its own only: the root is in the client's store.
    Leaf,
    /// Its own and the root, as inspecting proxies do. OpenSSL then reports `self-signed certificate in certificate
    /// chain`.
    LeafAndRoot,
}

/// A certificate authority, created for one run.
pub(super) struct CertificateAuthority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    chain: ServedChain,
    configs: Mutex<HashMap<String, Arc<ServerConfig>>>,
}

impl CertificateAuthority {
    /// Creates an authority with this common name.
    pub(super) fn new(name: &str, chain: ServedChain) -> io::Result<CertificateAuthority> {
        let mut params = params_for(Vec::new())?;
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages =
            vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign, KeyUsagePurpose::DigitalSignature];
        let key = KeyPair::generate().map_err(io::Error::other)?;
        let issuer = CertifiedIssuer::self_signed(params, key).map_err(io::Error::other)?;
        Ok(CertificateAuthority { issuer, chain, configs: Mutex::default() })
    }

    /// Returns the root certificate as PEM.
    pub(super) fn pem(&self) -> String {
        self.issuer.pem()
    }

    /// Returns the TLS configuration for a host name. Creates it once.
    pub(super) fn server_config(&self, host: &str) -> io::Result<Arc<ServerConfig>> {
        let mut configs = self.configs.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(config) = configs.get(host) {
            return Ok(config.clone());
        }
        let config = Arc::new(self.create_config(host)?);
        configs.insert(host.to_owned(), config.clone());
        Ok(config)
    }

    fn create_config(&self, host: &str) -> io::Result<ServerConfig> {
        let mut params = params_for(vec![host.to_owned()])?;
        params.distinguished_name.push(DnType::CommonName, host);
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.use_authority_key_identifier_extension = true;
        let key = KeyPair::generate().map_err(io::Error::other)?;
        let leaf = params.signed_by(&key, &self.issuer).map_err(io::Error::other)?;
        let mut chain: Vec<CertificateDer<'static>> = vec![leaf.der().clone()];
        if let ServedChain::LeafAndRoot = self.chain {
            chain.push(self.issuer.der().clone());
        }
        server_config(chain, &key)
    }
}

/// Returns the PEM of an example: a key, its certificate and that of its issuer, in the order of Key Vault. It is created once,
/// so that a plan and its test have the same one.
pub(super) fn example_pem() -> &'static str {
    static PEM: LazyLock<String> = LazyLock::new(|| create_example().expect("the parameters are valid"));
    &PEM
}

fn create_example() -> io::Result<String> {
    let issuer = CertificateAuthority::new("azfob sandbox example CA", ServedChain::Leaf)?.issuer;
    let mut params = params_for(vec!["app.contoso.example".to_owned()])?;
    params.distinguished_name.push(DnType::CommonName, "app.contoso.example");
    let key = KeyPair::generate().map_err(io::Error::other)?;
    let leaf = params.signed_by(&key, &issuer).map_err(io::Error::other)?;
    Ok(format!("{}{}{}", key.serialize_pem(), leaf.pem(), issuer.pem()))
}

/// A self-signed certificate, like that of Service Fabric's endpoint.
pub(super) struct SelfSigned {
    pub(super) config: Arc<ServerConfig>,
    /// SHA-1 digest in hexadecimal. Clients identify the certificate by it.
    pub(super) thumbprint: String,
}

impl SelfSigned {
    /// Creates one for `localhost`.
    pub(super) fn new() -> io::Result<SelfSigned> {
        let mut params = params_for(vec!["localhost".to_owned()])?;
        params.distinguished_name.push(DnType::CommonName, "localhost");
        let key = KeyPair::generate().map_err(io::Error::other)?;
        let certificate = params.self_signed(&key).map_err(io::Error::other)?;
        let digest = ring::digest::digest(&ring::digest::SHA1_FOR_LEGACY_USE_ONLY, certificate.der());
        let config = server_config(vec![certificate.der().clone()], &key)?;
        let thumbprint = digest.as_ref().iter().map(|byte| format!("{byte:02X}")).collect();
        Ok(SelfSigned { config: Arc::new(config), thumbprint })
    }
}

fn server_config(chain: Vec<CertificateDer<'static>>, key: &KeyPair) -> io::Result<ServerConfig> {
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)?
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .map_err(io::Error::other)
}

/// Returns the parameters of a certificate for these names, valid from yesterday for 30 days.
fn params_for(names: Vec<String>) -> io::Result<CertificateParams> {
    let mut params = CertificateParams::new(names).map_err(io::Error::other)?;
    let start = clock::now().saturating_sub(BEFORE_SECS);
    let epoch = rcgen::date_time_ymd(1970, 1, 1);
    params.not_before = epoch + Duration::from_secs(start);
    params.not_after = epoch + Duration::from_secs(start + VALID_SECS);
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::OrganizationName, "azfob sandbox");
    Ok(params)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn certificate_is_created_once_per_name() {
        let authority = CertificateAuthority::new("test", ServedChain::Leaf).unwrap();
        let first = authority.server_config("a.vault.azure.net").unwrap();
        assert!(Arc::ptr_eq(&first, &authority.server_config("a.vault.azure.net").unwrap()));
        assert!(!Arc::ptr_eq(&first, &authority.server_config("b.vault.azure.net").unwrap()));
        assert!(authority.pem().starts_with("-----BEGIN CERTIFICATE-----"));
    }
}
