//! The contents of a certificate file before validation, and the reasons why it cannot be used.

use zeroize::Zeroizing;

/// The contents of a file before validation.
#[derive(Default)]
pub struct FileContents {
    pub keys: Vec<PrivateKey>,
    /// DER, in the file's order.
    pub certificates: Vec<Vec<u8>>,
}

/// A private key as DER.
pub enum PrivateKey {
    Pkcs1(Zeroizing<Vec<u8>>),
    Pkcs8(Zeroizing<Vec<u8>>),
    /// A key of an elliptic curve (RFC 5915).
    #[cfg_attr(not(feature = "pkcs12"), allow(dead_code, reason = "only a conversion reads it"))]
    Sec1(Zeroizing<Vec<u8>>),
}

/// The reason why a file cannot be used as a certificate with its private key.
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
    #[error("its private key is malformed")]
    MalformedKey,
    #[error("one of its certificates is malformed")]
    MalformedCertificate,
    #[error("its private key is not an RSA key of 2048 to 4096 bits: {0}")]
    Key(String),
    #[error("none of its certificates matches its private key")]
    NoMatch,
    #[error("more than one of its certificates can be the leaf")]
    SeveralLeaves,
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
    #[cfg(not(feature = "pkcs12"))]
    #[error("this azfob was built without the feature 'pkcs12'")]
    ConversionNotBuiltIn,
}

/// Returns true if the bytes contain the part.
pub fn contains(bytes: &[u8], part: &[u8]) -> bool {
    position(bytes, part).is_some()
}

pub(super) fn position(bytes: &[u8], part: &[u8]) -> Option<usize> {
    bytes.windows(part.len()).position(|window| window == part)
}
