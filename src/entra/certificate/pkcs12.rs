//! Opens encrypted files: PKCS#12 (RFC 7292) and encrypted PKCS#8 keys (RFC 5958).
//!
//! Both need some seventy crates. Without the feature `pkcs12` these functions return an error.

use zeroize::Zeroizing;

use super::parts::{FileContents, Unusable};

/// Opens a PKCS#12 file. Without a password it tries the empty one, as in files created without a password.
#[cfg(feature = "pkcs12")]
pub(super) fn open(file: &[u8], password: Option<&str>) -> Result<FileContents, Unusable> {
    use p12_keystore::Pkcs12Archive;
    use p12_keystore::error::Error;

    use super::parts::PrivateKey;

    let archive = Pkcs12Archive::from_pkcs12(file, password.unwrap_or_default()).map_err(|error| match error {
        Error::MacError(_) | Error::UnpadError | Error::Pkcs5Error(_) => wrong(password),
        Error::UnsupportedEncryptionScheme | Error::UnsupportedMacAlgorithm | Error::InvalidParameters => {
            Unusable::Encryption
        }
        _ => Unusable::UnknownForm,
    })?;
    Ok(FileContents {
        keys: archive.keys.iter().map(|bag| PrivateKey::Pkcs8(Zeroizing::new(bag.key.as_der().to_vec()))).collect(),
        certificates: archive.certs.iter().map(|bag| bag.cert.as_der().to_vec()).collect(),
    })
}

#[cfg(feature = "pkcs12")]
pub(super) fn decrypt_key(der: &[u8], password: Option<&str>) -> Result<Zeroizing<Vec<u8>>, Unusable> {
    use pkcs8::EncryptedPrivateKeyInfoRef;
    use pkcs8::pkcs5::EncryptionScheme;

    let info = EncryptedPrivateKeyInfoRef::try_from(der).map_err(|_| Unusable::Encryption)?;
    if !matches!(info.encryption_algorithm, EncryptionScheme::Pbes2(_)) {
        return Err(Unusable::Encryption);
    }
    let password = password.ok_or(Unusable::PasswordMissing)?;
    let key = info.decrypt(password).map_err(|_| Unusable::PasswordWrong)?;
    Ok(Zeroizing::new(key.as_bytes().to_vec()))
}

#[cfg(feature = "pkcs12")]
fn wrong(password: Option<&str>) -> Unusable {
    if password.is_some() { Unusable::PasswordWrong } else { Unusable::PasswordMissing }
}

#[cfg(not(feature = "pkcs12"))]
pub(super) fn open(_: &[u8], _: Option<&str>) -> Result<FileContents, Unusable> {
    Err(Unusable::NotBuiltIn)
}

#[cfg(not(feature = "pkcs12"))]
pub(super) fn decrypt_key(_: &[u8], _: Option<&str>) -> Result<Zeroizing<Vec<u8>>, Unusable> {
    Err(Unusable::NotBuiltIn)
}
