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
    use pkcs8::pkcs5::pbes2::Kdf;

    /// As in PKCS#12 files. OpenSSL's default is 2,048.
    const MOST_ITERATIONS: u32 = 1_000_000;
    /// OpenSSL's default is 16 MB.
    const MOST_SCRYPT_BYTES: u64 = 256 << 20;

    let info = EncryptedPrivateKeyInfoRef::try_from(der).map_err(|_| Unusable::Encryption)?;
    // The file chooses how long a password is hashed.
    let is_feasible = match &info.encryption_algorithm {
        EncryptionScheme::Pbes2(scheme) => match &scheme.kdf {
            Kdf::Pbkdf2(hash) => hash.iteration_count <= MOST_ITERATIONS,
            Kdf::Scrypt(hash) => {
                let factors = [128, u64::from(hash.block_size), u64::from(hash.parallelization)];
                let bytes = factors.iter().try_fold(hash.cost_parameter, |bytes, factor| bytes.checked_mul(*factor));
                bytes.is_some_and(|bytes| bytes <= MOST_SCRYPT_BYTES)
            }
            _ => false,
        },
        _ => false,
    };
    if !is_feasible {
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

#[cfg(all(test, feature = "pkcs12"))]
mod tests {
    use pkcs8::EncryptedPrivateKeyInfoRef;
    use pkcs8::der::{Encode, SecretDocument};
    use pkcs8::pkcs5::EncryptionScheme;
    use pkcs8::pkcs5::pbes2::{Kdf, Pbkdf2Params, ScryptParams};

    use super::*;

    /// Each would take hours, or more memory than there is.
    #[test]
    fn endless_hash_of_a_password_is_refused() {
        let file = include_str!("../../tests/keys/encrypted.pem");
        let key = &file[file.find("-----BEGIN ENCRYPTED").unwrap()..];
        let (_, der) = SecretDocument::from_pem(key).unwrap();
        let with = |kdf: Kdf| {
            let mut info = EncryptedPrivateKeyInfoRef::try_from(der.as_bytes()).unwrap();
            let EncryptionScheme::Pbes2(scheme) = &mut info.encryption_algorithm else { panic!("not PBES2") };
            scheme.kdf = kdf;
            info.to_der().unwrap()
        };
        let rounds = |count| {
            let hash = Pbkdf2Params::hmac_sha256(1, b"salt-of-the-key.").unwrap();
            Kdf::Pbkdf2(Pbkdf2Params { iteration_count: count, ..hash })
        };
        let scrypt = |cost, block_size, parallelization| {
            let salt = b"salt-of-the-key.".as_slice().try_into().unwrap();
            Kdf::Scrypt(ScryptParams { salt, cost_parameter: cost, block_size, parallelization, key_length: None })
        };
        for kdf in
            [rounds(u32::MAX), rounds(1_000_001), scrypt(1 << 40, 8, 1), scrypt(1 << 14, 8, 999), scrypt(1 << 62, 9, 9)]
        {
            assert_eq!(decrypt_key(&with(kdf), Some("opensesame")).err(), Some(Unusable::Encryption));
        }
        for kdf in [rounds(9), scrypt(16, 8, 1)] {
            assert_eq!(decrypt_key(&with(kdf), Some("opensesame")).err(), Some(Unusable::PasswordWrong));
        }
    }
}
