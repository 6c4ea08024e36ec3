//! Opens encrypted files: PKCS#12 (RFC 7292) and encrypted PKCS#8 keys (RFC 5958). Writes PKCS#12.
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

/// Writes a key and its certificates, the key's own first: encrypted with AES-256, authenticated with HMAC-SHA-256.
#[cfg(feature = "pkcs12")]
pub(super) fn write(
    key: &[u8],
    certificates: &[p12_keystore::Certificate],
    name: &str,
    password: &str,
) -> Result<Zeroizing<Vec<u8>>, Unusable> {
    use p12_keystore::{KeyStore, KeyStoreEntry, PrivateKey, PrivateKeyChain};
    use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};

    // Programs match the key and the certificate by any equal ID. OpenSSL uses this digest too.
    let id = digest(&SHA1_FOR_LEGACY_USE_ONLY, certificates[0].as_der());
    let key = PrivateKey::from_der(key).map_err(|_| Unusable::MalformedKey)?;
    let chain = PrivateKeyChain::new(id.as_ref(), key, certificates.iter().cloned());
    let mut store = KeyStore::new();
    store.add_entry(name, KeyStoreEntry::PrivateKeyChain(chain));
    store.writer(password).write().map(Zeroizing::new).map_err(|_| Unusable::MalformedCertificate)
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
