//! The contents of a certificate file before validation, and the reasons why it cannot be used.

use ring::rsa::KeyPair;
use zeroize::Zeroizing;

/// The contents of a file before validation.
#[derive(Default)]
pub(super) struct FileContents {
    pub(super) keys: Vec<PrivateKey>,
    pub(super) certificates: Vec<Vec<u8>>,
}

pub(super) enum PrivateKey {
    Pkcs1(Zeroizing<Vec<u8>>),
    Pkcs8(Zeroizing<Vec<u8>>),
    EllipticCurve,
}

/// The reason why a file cannot be used as a client certificate.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(not(feature = "pkcs12"), allow(dead_code, reason = "encrypted files are not opened"))]
pub enum Unusable {
    #[error("it is neither PEM nor PKCS#12")]
    UnknownForm,
    #[error("its PEM is malformed")]
    MalformedPem,
    #[error("it contains no certificate")]
    NoCertificate,
    #[error("it contains no private key")]
    NoKey,
    #[error("it contains several private keys")]
    SeveralKeys,
    #[error("its private key is not an RSA key of 2048 to 4096 bits: {0}")]
    Key(String),
    #[error("none of its certificates matches its private key")]
    NoMatch,
    #[error("it is encrypted, and no password is set")]
    PasswordMissing,
    #[error("the password is wrong")]
    PasswordWrong,
    #[error("it uses an unsupported encryption")]
    Encryption,
    /// OpenSSL's own encryption from before PKCS#8.
    #[error("its key uses OpenSSL's legacy encryption; convert it with 'openssl pkcs8 -topk8'")]
    TraditionalEncryption,
    #[cfg_attr(feature = "pkcs12", allow(dead_code, reason = "used in builds without the feature"))]
    #[error("it is PKCS#12 or encrypted, and this azfob was built without the feature 'pkcs12'")]
    NotBuiltIn,
}

impl PrivateKey {
    pub(super) fn load(&self) -> Result<KeyPair, Unusable> {
        match self {
            PrivateKey::Pkcs1(der) => KeyPair::from_der(der),
            PrivateKey::Pkcs8(der) => KeyPair::from_pkcs8(der),
            PrivateKey::EllipticCurve => return Err(Unusable::Key("it is an elliptic-curve key".to_owned())),
        }
        .map_err(|rejected| Unusable::Key(rejected.to_string()))
    }
}

pub(super) fn contains(bytes: &[u8], part: &[u8]) -> bool {
    position(bytes, part).is_some()
}

pub(super) fn position(bytes: &[u8], part: &[u8]) -> Option<usize> {
    bytes.windows(part.len()).position(|window| window == part)
}
