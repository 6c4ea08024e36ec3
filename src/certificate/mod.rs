//! Reads private keys and certificates from PEM and PKCS#12 files, and converts one form to the other.
//!
//! Key bytes are wiped after use, and no message quotes a file.

mod chain;
#[cfg(feature = "pkcs12")]
mod key;
mod parts;
mod pem;
mod pkcs12;

pub use chain::{ChainPart, KeyedChain};
pub use parts::{FileContents, PrivateKey, Unusable, contains};

/// Reads a file: PEM if it has a PEM header, otherwise PKCS#12.
///
/// # Errors
/// The file is malformed, or encrypted with another password.
pub fn read(file: &[u8], password: Option<&str>) -> Result<FileContents, Unusable> {
    if is_pem(file) { pem::read(file, password) } else { pkcs12::open(file, password) }
}

/// Returns true if the bytes contain a PEM header.
pub fn is_pem(file: &[u8]) -> bool {
    contains(file, b"-----BEGIN ")
}
