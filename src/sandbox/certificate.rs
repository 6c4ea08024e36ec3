//! A throw-away certificate authority, and a certificate for each host name that is asked for.
//! Its private key never leaves this process; nothing is added to any system's store.

use std::{
    collections::HashMap,
    io,
    sync::{Arc, Mutex, PoisonError},
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
/// How long before now a certificate begins: clocks of containers and hosts differ.
const BEFORE_SECS: u64 = DAY_SECS;
/// How long a certificate is valid. macOS refuses server certificates of more than 825 days
/// (<https://support.apple.com/103769>); a sandbox lives for hours.
const VALID_SECS: u64 = 30 * DAY_SECS;

/// What a server shows beside its own certificate.
#[derive(Clone, Copy)]
pub(super) enum ServedChain {
    /// Nothing, as the root is in the client's store.
    Leaf,
    /// The root too, as inspecting proxies do; OpenSSL then says `self-signed certificate in certificate chain`.
    LeafAndRoot,
}

/// A certificate authority that was made for this run.
pub(super) struct CertificateAuthority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    chain: ServedChain,
    configs: Mutex<HashMap<String, Arc<ServerConfig>>>,
}

impl CertificateAuthority {
    /// An authority of this name.
    pub(super) fn new(name: &str, chain: ServedChain) -> io::Result<CertificateAuthority> {
        let mut params = dated(Vec::new())?;
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages =
            vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign, KeyUsagePurpose::DigitalSignature];
        let key = KeyPair::generate().map_err(io::Error::other)?;
        let issuer = CertifiedIssuer::self_signed(params, key).map_err(io::Error::other)?;
        Ok(CertificateAuthority { issuer, chain, configs: Mutex::default() })
    }

    /// The root certificate, PEM.
    pub(super) fn pem(&self) -> String {
        self.issuer.pem()
    }

    /// How to end the TLS of this host name: minted once, then the same.
    pub(super) fn server_config(&self, host: &str) -> io::Result<Arc<ServerConfig>> {
        let mut configs = self.configs.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(config) = configs.get(host) {
            return Ok(config.clone());
        }
        let config = Arc::new(self.mint(host)?);
        configs.insert(host.to_owned(), config.clone());
        Ok(config)
    }

    fn mint(&self, host: &str) -> io::Result<ServerConfig> {
        let mut params = dated(vec![host.to_owned()])?;
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

/// A certificate that nobody issued, as Service Fabric's endpoint has.
pub(super) struct SelfSigned {
    /// How to end TLS with it.
    pub(super) config: Arc<ServerConfig>,
    /// Its SHA-1 digest in hexadecimal, by which clients know it.
    pub(super) thumbprint: String,
}

impl SelfSigned {
    /// A new one for `localhost`.
    pub(super) fn new() -> io::Result<SelfSigned> {
        let mut params = dated(vec!["localhost".to_owned()])?;
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

/// A certificate for these names, valid from yesterday on for a month.
fn dated(names: Vec<String>) -> io::Result<CertificateParams> {
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
    fn a_name_is_minted_once() {
        let authority = CertificateAuthority::new("test", ServedChain::Leaf).unwrap();
        let first = authority.server_config("a.vault.azure.net").unwrap();
        assert!(Arc::ptr_eq(&first, &authority.server_config("a.vault.azure.net").unwrap()));
        assert!(!Arc::ptr_eq(&first, &authority.server_config("b.vault.azure.net").unwrap()));
        assert!(authority.pem().starts_with("-----BEGIN CERTIFICATE-----"));
    }
}
