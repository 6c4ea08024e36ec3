//! What a certificate file holds, before it is known to be whole, and why it cannot be used.

use std::fmt;

use ring::rsa::KeyPair;
use zeroize::Zeroizing;

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
#[cfg_attr(not(feature = "pkcs12"), allow(dead_code, reason = "what is under a password is not opened"))]
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
    #[cfg_attr(feature = "pkcs12", allow(dead_code, reason = "it was built with it"))]
    NotBuiltIn,
}

impl Key {
    pub(super) fn load(&self) -> Result<KeyPair, Unusable> {
        match self {
            Key::Pkcs1(der) => KeyPair::from_der(der),
            Key::Pkcs8(der) => KeyPair::from_pkcs8(der),
            Key::EllipticCurve => return Err(Unusable::Key("it is an elliptic-curve key".to_owned())),
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
