//! A certificate with its private key, read from the bytes of a PEM or a PKCS#12 file.
//!
//! What is read is an application's credential
//! (<https://learn.microsoft.com/entra/identity-platform/certificate-credentials>): an RSA key and the certificate that
//! belongs to it, with those of its issuers where the file has them. The file's own order is not relied on: the leaf is
//! the certificate of the key. Key bytes are wiped once they are read, and no message quotes the file.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, SHA256, digest};
use ring::rand::SystemRandom;
use ring::rsa::KeyPair;
use ring::signature::{KeyPair as _, RSA_PKCS1_SHA256, RSA_PSS_SHA256, RsaEncoding};
use rustls::pki_types::pem::{PemObject, SectionKind};
use zeroize::Zeroizing;

mod pkcs12;

/// A certificate with its private key.
pub struct Certificate {
    key: KeyPair,
    /// The certificates in DER: the key's own first, then the others of the file in their order.
    chain: Vec<Vec<u8>>,
}

/// What a file holds, before it is known to be whole.
#[derive(Default)]
pub(super) struct Parts {
    pub(super) keys: Vec<Key>,
    pub(super) certificates: Vec<Vec<u8>>,
}

/// The bytes of a private key.
pub(super) enum Key {
    Pkcs1(Zeroizing<Vec<u8>>),
    Pkcs8(Zeroizing<Vec<u8>>),
    EllipticCurve,
}

/// Why a file is no certificate that can be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unusable {
    /// It is neither PEM nor PKCS#12.
    UnknownForm,
    /// It begins as PEM and goes on as something else.
    MalformedPem,
    /// There is no certificate in it.
    NoCertificate,
    /// There is no private key in it.
    NoKey,
    /// There are several private keys in it, and nothing says which one is meant.
    SeveralKeys,
    /// Its key cannot sign, for this reason.
    Key(String),
    /// None of its certificates belongs to its key.
    NoMatch,
    /// It is encrypted, and no password was given.
    PasswordMissing,
    /// The password does not open it.
    PasswordWrong,
    /// It is encrypted in a way that is not understood.
    Encryption,
    /// It is encrypted in OpenSSL's own way of before PKCS#8.
    TraditionalEncryption,
    /// This azfob was built without what it takes to open it.
    NotBuiltIn,
}

/// The digest by which Entra ID finds the certificate among those of the application.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Thumbprint {
    /// For Entra ID.
    Sha256,
    /// For AD FS, which knows no other.
    Sha1,
}

/// How the key signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signing {
    /// RSA-PSS with SHA-256.
    Ps256,
    /// RSA PKCS#1 version 1.5 with SHA-256.
    Rs256,
}

impl Certificate {
    /// Reads a file: PEM where it has a PEM header, else PKCS#12.
    ///
    /// # Errors
    /// What is missing in it or wrong with it.
    pub fn read(file: &[u8], password: Option<&str>) -> Result<Self, Unusable> {
        let parts =
            if contains(file, b"-----BEGIN ") { read_pem(file, password)? } else { pkcs12::open(file, password)? };
        parts.assemble()
    }

    /// The certificates in DER, the key's own first.
    pub fn chain(&self) -> &[Vec<u8>] {
        &self.chain
    }

    /// The digest of the certificate.
    pub fn thumbprint(&self, kind: Thumbprint) -> Vec<u8> {
        let algorithm = match kind {
            Thumbprint::Sha256 => &SHA256,
            Thumbprint::Sha1 => &SHA1_FOR_LEGACY_USE_ONLY,
        };
        digest(algorithm, &self.chain[0]).as_ref().to_vec()
    }

    /// The key's public part, as PKCS#1 has it.
    pub fn public_key(&self) -> &[u8] {
        self.key.public_key().as_ref()
    }

    /// Signs a message.
    pub fn sign(&self, signing: Signing, message: &[u8]) -> Vec<u8> {
        let encoding: &dyn RsaEncoding = match signing {
            Signing::Ps256 => &RSA_PSS_SHA256,
            Signing::Rs256 => &RSA_PKCS1_SHA256,
        };
        let mut signature = vec![0; self.key.public().modulus_len()];
        self.key
            .sign(encoding, &SystemRandom::new(), message, &mut signature)
            .expect("the buffer has the modulus's length, and a key that was read can sign");
        signature
    }
}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Certificate").field("certificates", &self.chain.len()).finish_non_exhaustive()
    }
}

impl Parts {
    fn assemble(self) -> Result<Certificate, Unusable> {
        let key = match self.keys.as_slice() {
            [] => return Err(Unusable::NoKey),
            [one] => one.load()?,
            _ => return Err(Unusable::SeveralKeys),
        };
        if self.certificates.is_empty() {
            return Err(Unusable::NoCertificate);
        }
        // A certificate holds its public key as it is, and nothing else of that length can be equal to it. (Reading the
        // certificate instead would refuse those of version 1, which `openssl x509 -req` makes.)
        let (mut chain, others): (Vec<_>, Vec<_>) =
            self.certificates.into_iter().partition(|der| contains(der, key.public_key().as_ref()));
        chain.truncate(1);
        if chain.is_empty() {
            return Err(Unusable::NoMatch);
        }
        chain.extend(others);
        Ok(Certificate { key, chain })
    }
}

impl Key {
    fn load(&self) -> Result<KeyPair, Unusable> {
        match self {
            Key::Pkcs1(der) => KeyPair::from_der(der),
            Key::Pkcs8(der) => KeyPair::from_pkcs8(der),
            Key::EllipticCurve => return Err(Unusable::Key("it is an elliptic-curve key".to_owned())),
        }
        .map_err(|rejected| Unusable::Key(rejected.to_string()))
    }
}

fn read_pem(file: &[u8], password: Option<&str>) -> Result<Parts, Unusable> {
    if contains(file, b"Proc-Type: 4,ENCRYPTED") {
        return Err(Unusable::TraditionalEncryption);
    }
    let mut parts = Parts::default();
    for section in <(SectionKind, Vec<u8>)>::pem_slice_iter(file) {
        let (kind, der) = section.map_err(|_| Unusable::MalformedPem)?;
        match kind {
            SectionKind::Certificate => parts.certificates.push(der),
            SectionKind::RsaPrivateKey => parts.keys.push(Key::Pkcs1(Zeroizing::new(der))),
            SectionKind::PrivateKey => parts.keys.push(Key::Pkcs8(Zeroizing::new(der))),
            SectionKind::EcPrivateKey => parts.keys.push(Key::EllipticCurve),
            _ => {}
        }
    }
    if let Some(encrypted) = encrypted_key(file) {
        let der = encrypted.ok_or(Unusable::MalformedPem)?;
        parts.keys.push(Key::Pkcs8(pkcs12::decrypt_key(&der, password)?));
    }
    Ok(parts)
}

/// The encrypted key of a PEM file, which the PEM reader passes over; inside, none where it is not base64.
fn encrypted_key(file: &[u8]) -> Option<Option<Vec<u8>>> {
    const BEGIN: &[u8] = b"-----BEGIN ENCRYPTED PRIVATE KEY-----";
    let start = position(file, BEGIN)? + BEGIN.len();
    let body = file[start..].split(|b| *b == b'-').next().unwrap_or_default();
    let text: Vec<u8> = body.iter().copied().filter(|b| !b.is_ascii_whitespace()).collect();
    Some(STANDARD.decode(text).ok())
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    position(bytes, part).is_some()
}

fn position(bytes: &[u8], part: &[u8]) -> Option<usize> {
    bytes.windows(part.len()).position(|window| window == part)
}

impl fmt::Display for Unusable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Unusable::UnknownForm => "it is neither PEM nor PKCS#12",
            Unusable::MalformedPem => "its PEM is malformed",
            Unusable::NoCertificate => "it holds no certificate",
            Unusable::NoKey => "it holds no private key",
            Unusable::SeveralKeys => "it holds several private keys",
            Unusable::Key(detail) => {
                return write!(f, "its private key is not an RSA key of 2048 to 4096 bits: {detail}");
            }
            Unusable::NoMatch => "none of its certificates belongs to its private key",
            Unusable::PasswordMissing => "it is encrypted, and no password is set",
            Unusable::PasswordWrong => "the password does not open it",
            Unusable::Encryption => "it is encrypted in a way that azfob does not know",
            Unusable::TraditionalEncryption => {
                "its key is encrypted in OpenSSL's old form; 'openssl pkcs8 -topk8' writes it anew"
            }
            Unusable::NotBuiltIn => "it is PKCS#12 or encrypted, and this azfob was built without the feature 'pkcs12'",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    macro_rules! key {
        ($name:literal) => {
            include_bytes!(concat!("../../../tests/keys/", $name)).as_slice()
        };
    }
    const CLIENT: &[u8] = key!("client.crt");

    fn leaf() -> Vec<u8> {
        <(SectionKind, Vec<u8>)>::from_pem_slice(CLIENT).unwrap().1
    }

    #[test]
    fn the_leaf_is_the_certificate_of_the_key_wherever_it_stands() {
        let certificate = Certificate::read(key!("chain-first.pem"), None).unwrap();
        assert_eq!(certificate.chain().len(), 2);
        assert_eq!(certificate.chain()[0], leaf());
        let pkcs1 = Certificate::read(key!("pkcs1.pem"), Some("a password that nothing needs")).unwrap();
        assert_eq!(pkcs1.chain(), [leaf()]);
    }

    #[test]
    #[cfg(feature = "pkcs12")]
    fn every_common_form_of_pkcs12_and_of_encrypted_pem_opens() {
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
    fn a_wrong_password_is_told_from_a_missing_one() {
        for file in [key!("modern.pfx"), key!("legacy.pfx"), key!("encrypted.pem"), key!("encrypted-3des.pem")] {
            assert_eq!(Certificate::read(file, Some("sesame")).unwrap_err(), Unusable::PasswordWrong);
            assert_eq!(Certificate::read(file, None).unwrap_err(), Unusable::PasswordMissing);
        }
    }

    #[test]
    #[cfg(not(feature = "pkcs12"))]
    fn what_was_not_built_in_says_so() {
        for file in [key!("modern.pfx"), key!("encrypted.pem")] {
            assert_eq!(Certificate::read(file, Some("opensesame")).unwrap_err(), Unusable::NotBuiltIn);
        }
    }

    #[test]
    fn what_cannot_be_used_says_why() {
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
