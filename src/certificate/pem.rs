//! Reads a certificate and its key from a PEM file, and writes them.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rustls::pki_types::pem::{PemObject, SectionKind};
use zeroize::Zeroizing;

use super::parts::{FileContents, PrivateKey, Unusable, contains, position};
use super::pkcs12;

/// Reads the key and the certificates. Decrypts an encrypted key.
pub(super) fn read(file: &[u8], password: Option<&str>) -> Result<FileContents, Unusable> {
    if contains(file, b"Proc-Type: 4,ENCRYPTED") {
        return Err(Unusable::TraditionalEncryption);
    }
    let mut parts = FileContents::default();
    for section in <(SectionKind, Vec<u8>)>::pem_slice_iter(file) {
        let (kind, der) = section.map_err(|_| Unusable::MalformedPem)?;
        match kind {
            SectionKind::Certificate => parts.certificates.push(der),
            SectionKind::RsaPrivateKey => parts.keys.push(PrivateKey::Pkcs1(Zeroizing::new(der))),
            SectionKind::PrivateKey => parts.keys.push(PrivateKey::Pkcs8(Zeroizing::new(der))),
            SectionKind::EcPrivateKey => parts.keys.push(PrivateKey::Sec1(Zeroizing::new(der))),
            _ => {}
        }
    }
    if let Some(encrypted) = encrypted_key(file) {
        let der = encrypted.ok_or(Unusable::MalformedPem)?;
        parts.keys.push(PrivateKey::Pkcs8(pkcs12::decrypt_key(&der, password)?));
    }
    Ok(parts)
}

/// Returns the encrypted key, which the PEM reader skips. The inner `None` means that it is not base64.
fn encrypted_key(file: &[u8]) -> Option<Option<Vec<u8>>> {
    const BEGIN: &[u8] = b"-----BEGIN ENCRYPTED PRIVATE KEY-----";
    let start = position(file, BEGIN)? + BEGIN.len();
    let body = file[start..].split(|b| *b == b'-').next().unwrap_or_default();
    let text: Vec<u8> = body.iter().copied().filter(|b| !b.is_ascii_whitespace()).collect();
    Some(STANDARD.decode(text).ok())
}

/// Appends DER in the form of PEM (RFC 7468): base64 in lines of 64 characters.
#[cfg(feature = "pkcs12")]
pub(super) fn write(text: &mut Vec<u8>, label: &str, der: &[u8]) {
    const BYTES_OF_LINE: usize = 48;
    text.extend_from_slice(format!("-----BEGIN {label}-----\n").as_bytes());
    for bytes in der.chunks(BYTES_OF_LINE) {
        text.extend_from_slice(Zeroizing::new(STANDARD.encode(bytes)).as_bytes());
        text.push(b'\n');
    }
    text.extend_from_slice(format!("-----END {label}-----\n").as_bytes());
}
