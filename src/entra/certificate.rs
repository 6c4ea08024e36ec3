//! Reads a client certificate and its private key from a PEM or PKCS#12 file.
//!
//! The file holds an application's credential
//! (<https://learn.microsoft.com/entra/identity-platform/certificate-credentials>): an RSA key, its certificate, and
//! optionally the certificates of its issuers, in any order. The leaf is the certificate of the key. Key bytes are
//! wiped after reading, and no message quotes the file.

use std::fmt;

use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, SHA256, digest};
use ring::rand::SystemRandom;
use ring::rsa::KeyPair;
use ring::signature::{KeyPair as _, RSA_PKCS1_SHA256, RSA_PSS_SHA256, RsaEncoding};

use crate::certificate::{self, FileContents, PrivateKey, Unusable, contains};

/// A certificate with its private key.
pub struct Certificate {
    key: KeyPair,
    /// DER. The key's certificate first, then the others in the file's order.
    chain: Vec<Vec<u8>>,
}

/// The digest by which Entra ID finds the certificate of an application.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Thumbprint {
    /// For Entra ID.
    Sha256,
    /// For AD FS, which supports no other.
    Sha1,
}

/// The signature algorithm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signing {
    /// RSA-PSS with SHA-256.
    Ps256,
    /// RSA PKCS#1 version 1.5 with SHA-256.
    Rs256,
}

impl Certificate {
    /// Reads a file: PEM if it has a PEM header, otherwise PKCS#12.
    ///
    /// # Errors
    /// The file is malformed, encrypted with another password, or lacks a key or its certificate.
    pub fn read(file: &[u8], password: Option<&str>) -> Result<Self, Unusable> {
        Self::assemble(certificate::read(file, password)?)
    }

    fn assemble(parts: FileContents) -> Result<Self, Unusable> {
        let key = match parts.keys.as_slice() {
            [] => return Err(Unusable::NoKey),
            [one] => load(one)?,
            _ => return Err(Unusable::SeveralKeys),
        };
        if parts.certificates.is_empty() {
            return Err(Unusable::NoCertificate);
        }
        // A certificate contains its public key unchanged, and no other content of that length is equal. Parsing would
        // refuse certificates of version 1, which `openssl x509 -req` creates.
        let (mut chain, others): (Vec<_>, Vec<_>) =
            parts.certificates.into_iter().partition(|der| contains(der, key.public_key().as_ref()));
        chain.truncate(1);
        if chain.is_empty() {
            return Err(Unusable::NoMatch);
        }
        chain.extend(others);
        Ok(Certificate { key, chain })
    }

    /// Returns the certificates (DER), the key's own first.
    pub fn chain(&self) -> &[Vec<u8>] {
        &self.chain
    }

    /// Returns the digest of the certificate.
    pub fn thumbprint(&self, kind: Thumbprint) -> Vec<u8> {
        let algorithm = match kind {
            Thumbprint::Sha256 => &SHA256,
            Thumbprint::Sha1 => &SHA1_FOR_LEGACY_USE_ONLY,
        };
        digest(algorithm, &self.chain[0]).as_ref().to_vec()
    }

    /// Returns the public key (PKCS#1).
    #[cfg(test)]
    pub fn public_key(&self) -> &[u8] {
        self.key.public_key().as_ref()
    }

    /// Signs a message.
    ///
    /// # Errors
    /// The key's numbers contradict each other, which only signing detects.
    pub fn sign(&self, signing: Signing, message: &[u8]) -> Result<Vec<u8>, Unusable> {
        let encoding: &dyn RsaEncoding = match signing {
            Signing::Ps256 => &RSA_PSS_SHA256,
            Signing::Rs256 => &RSA_PKCS1_SHA256,
        };
        let mut signature = vec![0; self.key.public().modulus_len()];
        self.key
            .sign(encoding, &SystemRandom::new(), message, &mut signature)
            .map_err(|_| Unusable::Key("its numbers contradict each other, so the file is damaged".to_owned()))?;
        Ok(signature)
    }
}

fn load(key: &PrivateKey) -> Result<KeyPair, Unusable> {
    match key {
        PrivateKey::Pkcs1(der) => KeyPair::from_der(der),
        PrivateKey::Pkcs8(der) => KeyPair::from_pkcs8(der),
        PrivateKey::Sec1(_) => return Err(Unusable::Key("it is an elliptic-curve key".to_owned())),
    }
    .map_err(|rejected| Unusable::Key(rejected.to_string()))
}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Certificate").field("certificates", &self.chain.len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use rustls::pki_types::pem::{PemObject, SectionKind};

    use super::*;

    macro_rules! key {
        ($name:literal) => {
            include_bytes!(concat!("../../tests/keys/", $name)).as_slice()
        };
    }
    const CLIENT: &[u8] = key!("client.crt");

    fn leaf() -> Vec<u8> {
        <(SectionKind, Vec<u8>)>::from_pem_slice(CLIENT).unwrap().1
    }

    #[test]
    fn leaf_is_certificate_of_key_in_any_order() {
        let certificate = Certificate::read(key!("chain-first.pem"), None).unwrap();
        assert_eq!(certificate.chain().len(), 2);
        assert_eq!(certificate.chain()[0], leaf());
        let pkcs1 = Certificate::read(key!("pkcs1.pem"), Some("a password that nothing needs")).unwrap();
        assert_eq!(pkcs1.chain(), [leaf()]);
    }

    #[test]
    #[cfg(feature = "pkcs12")]
    fn common_pkcs12_and_encrypted_pem_files_open() {
        for (file, password) in [
            (key!("modern.pfx"), Some("opensesame")),
            (key!("legacy.pfx"), Some("opensesame")),
            (key!("no-password.pfx"), None),
            (key!("plain.pfx"), None),
            (key!("encrypted.pem"), Some("opensesame")),
            (key!("encrypted-3des.pem"), Some("opensesame")),
        ] {
            let certificate = Certificate::read(file, password).unwrap();
            assert_eq!(certificate.chain()[0], leaf());
        }
        assert_eq!(Certificate::read(key!("modern.pfx"), Some("opensesame")).unwrap().chain().len(), 2);
    }

    #[test]
    #[cfg(feature = "pkcs12")]
    fn wrong_password_is_distinguished_from_missing_one() {
        for file in [key!("modern.pfx"), key!("legacy.pfx"), key!("encrypted.pem"), key!("encrypted-3des.pem")] {
            assert_eq!(Certificate::read(file, Some("sesame")).unwrap_err(), Unusable::PasswordWrong);
            assert_eq!(Certificate::read(file, None).unwrap_err(), Unusable::PasswordMissing);
        }
    }

    /// Returns the position of the `nth` number of a PKCS#1 key. Lengths have one to three bytes.
    fn number(der: &[u8], nth: usize) -> std::ops::Range<usize> {
        let content = |at: usize| match der[at + 1] {
            0x81 => (at + 3, usize::from(der[at + 2])),
            0x82 => (at + 4, usize::from(der[at + 2]) << 8 | usize::from(der[at + 3])),
            short => (at + 2, usize::from(short)),
        };
        let (mut at, _) = content(0);
        for _ in 0..nth {
            let (start, length) = content(at);
            at = start + length;
        }
        let (start, length) = content(at);
        start..start + length
    }

    #[test]
    fn damaged_key_is_an_error() {
        let (kind, mut der) = <(SectionKind, Vec<u8>)>::from_pem_slice(key!("pkcs1.pem")).unwrap();
        assert_eq!(kind, SectionKind::RsaPrivateKey);
        // An exponent of the first prime (RFC 8017, A.1.2), which reading the key does not check.
        let exponent = number(&der, 6);
        der[exponent.start + exponent.len() / 2] ^= 1;
        let file = FileContents { keys: vec![PrivateKey::Pkcs1(der.into())], certificates: vec![leaf()] };
        let certificate = Certificate::assemble(file).unwrap();
        for signing in [Signing::Ps256, Signing::Rs256] {
            assert!(matches!(certificate.sign(signing, b"message"), Err(Unusable::Key(_))));
        }
    }

    #[test]
    #[cfg(not(feature = "pkcs12"))]
    fn missing_feature_is_reported() {
        for file in [key!("modern.pfx"), key!("encrypted.pem")] {
            assert_eq!(Certificate::read(file, Some("opensesame")).unwrap_err(), Unusable::NotBuiltIn);
        }
    }

    #[test]
    fn unusable_files_are_explained() {
        let read = |file: &[u8]| Certificate::read(file, None).unwrap_err();
        assert_eq!(read(CLIENT), Unusable::NoKey);
        assert_eq!(read(key!("encrypted-traditional.pem")), Unusable::TraditionalEncryption);
        assert!(matches!(read(key!("ec.pem")), Unusable::Key(_)));
        let text = String::from_utf8(key!("pkcs1.pem").to_vec()).unwrap();
        let (key, certificate) = text.split_once("-----BEGIN CERTIFICATE").unwrap();
        assert_eq!(read(key.as_bytes()), Unusable::NoCertificate);
        assert_eq!(read(format!("{key}{text}").as_bytes()), Unusable::SeveralKeys);
        let stranger = [key.as_bytes(), key!("ca.crt")].concat();
        assert_eq!(read(&stranger), Unusable::NoMatch);
        assert_eq!(read(&text.as_bytes()[..text.len() - certificate.len() / 2]), Unusable::MalformedPem);
        #[cfg(feature = "pkcs12")]
        assert_eq!(read(b"not a certificate"), Unusable::UnknownForm);
    }

    #[test]
    fn debug_shows_no_key() {
        let certificate = Certificate::read(key!("pkcs1.pem"), None).unwrap();
        assert_eq!(format!("{certificate:?}"), "Certificate { certificates: 1, .. }");
    }
}
