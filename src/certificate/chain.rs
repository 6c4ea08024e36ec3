//! A private key with its certificate and those of the issuers: put in order, and written as PEM or PKCS#12.
//!
//! The order in a file is arbitrary. Key Vault promises none
//! (<https://github.com/Azure/azure-rest-api-specs/issues/10637>).

use zeroize::Zeroizing;

use super::parts::Unusable;

/// A part of the PEM form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChainPart {
    /// The private key, as PKCS#8 without encryption.
    Key,
    /// The certificate of the key.
    Leaf,
    /// The certificates of the issuers, each after the one that it signed.
    Issuers,
}

#[cfg(feature = "pkcs12")]
pub use with_pkcs12::KeyedChain;

#[cfg(feature = "pkcs12")]
mod with_pkcs12 {
    use p12_keystore::Certificate;

    use super::super::key::Pkcs8Key;
    use super::super::parts::{FileContents, contains};
    use super::super::{pem, pkcs12, read};
    use super::{ChainPart, Unusable, Zeroizing};

    /// A private key, its certificate, and the certificates of the issuers.
    pub struct KeyedChain {
        key: Option<Pkcs8Key>,
        /// The leaf first, then its issuers, then unrelated certificates in the file's order.
        certificates: Vec<Certificate>,
    }

    impl KeyedChain {
        /// Reads a PEM or PKCS#12 file. The password is used only if the file needs one.
        ///
        /// # Errors
        /// The file is malformed, encrypted with another password, or its certificates have no unique leaf.
        pub fn read(file: &[u8], password: Option<&str>) -> Result<Self, Unusable> {
            let contents = match read(file, None) {
                Err(Unusable::PasswordMissing) if password.is_some() => read(file, password),
                contents => contents,
            }?;
            Self::assemble(contents)
        }

        fn assemble(contents: FileContents) -> Result<Self, Unusable> {
            let key = match contents.keys.as_slice() {
                [] => None,
                [one] => Some(Pkcs8Key::of(one)?),
                _ => return Err(Unusable::SeveralKeys),
            };
            let mut certificates: Vec<Certificate> = Vec::with_capacity(contents.certificates.len());
            for der in &contents.certificates {
                let certificate = Certificate::from_der(der).map_err(|_| Unusable::MalformedCertificate)?;
                if !certificates.contains(&certificate) {
                    certificates.push(certificate);
                }
            }
            if !certificates.is_empty() {
                let leaf = leaf(&certificates, key.as_ref().and_then(Pkcs8Key::public))?;
                certificates[..=leaf].rotate_right(1);
                sort_issuers(&mut certificates);
            }
            Ok(KeyedChain { key, certificates })
        }

        /// Returns PEM text of these parts.
        ///
        /// # Errors
        /// The file lacks the key or the certificate.
        pub fn pem(&self, parts: &[ChainPart]) -> Result<Zeroizing<Vec<u8>>, Unusable> {
            let mut text = Zeroizing::new(Vec::new());
            for part in parts {
                match part {
                    ChainPart::Key => pem::write(&mut text, "PRIVATE KEY", &self.key()?.der),
                    ChainPart::Leaf => write_certificates(&mut text, &self.certificates()?[..1]),
                    ChainPart::Issuers => write_certificates(&mut text, &self.certificates()?[1..]),
                }
            }
            Ok(text)
        }

        /// Returns PKCS#12 with the key and all certificates.
        ///
        /// # Errors
        /// The file lacks the key or the certificate.
        pub fn pfx(&self, name: &str, password: &str) -> Result<Zeroizing<Vec<u8>>, Unusable> {
            pkcs12::write(&self.key()?.der, self.certificates()?, name, password)
        }

        fn key(&self) -> Result<&Pkcs8Key, Unusable> {
            self.key.as_ref().ok_or(Unusable::NoKey)
        }

        fn certificates(&self) -> Result<&[Certificate], Unusable> {
            if self.certificates.is_empty() { Err(Unusable::NoCertificate) } else { Ok(&self.certificates) }
        }
    }

    fn write_certificates(text: &mut Zeroizing<Vec<u8>>, certificates: &[Certificate]) {
        certificates.iter().for_each(|certificate| pem::write(text, "CERTIFICATE", certificate.as_der()));
    }

    /// Returns the place of the certificate with the public key. Without a public key it is the only certificate that
    /// signed no other one.
    fn leaf(certificates: &[Certificate], public: Option<&[u8]>) -> Result<usize, Unusable> {
        let signed_none = |at: usize| {
            let others = certificates.iter().enumerate().filter(|(other, _)| *other != at);
            !others.map(|(_, other)| other.issuer()).any(|issuer| issuer == certificates[at].subject())
        };
        let is_leaf =
            |at: &usize| public.map_or_else(|| signed_none(*at), |key| contains(certificates[*at].as_der(), key));
        let mut leaves = (0..certificates.len()).filter(is_leaf);
        match (leaves.next(), leaves.next()) {
            (Some(one), None) => Ok(one),
            (None, _) if public.is_some() => Err(Unusable::NoMatch),
            _ => Err(Unusable::SeveralLeaves),
        }
    }

    /// Moves each issuer behind the certificate that it signed, beginning with the leaf, which is first.
    fn sort_issuers(certificates: &mut [Certificate]) {
        for at in 1..certificates.len() {
            let (sorted, rest) = certificates.split_at_mut(at);
            let last = &sorted[at - 1];
            match rest.iter().position(|other| other.subject() == last.issuer()) {
                Some(issuer) => rest[..=issuer].rotate_right(1),
                None => return,
            }
        }
    }
}

/// Certificates are not converted in this build.
#[cfg(not(feature = "pkcs12"))]
pub enum KeyedChain {}

#[cfg(not(feature = "pkcs12"))]
#[allow(missing_docs, clippy::missing_errors_doc, reason = "the other build has the documentation")]
impl KeyedChain {
    pub fn read(_: &[u8], _: Option<&str>) -> Result<Self, Unusable> {
        Err(Unusable::ConversionNotBuiltIn)
    }

    pub fn pem(&self, _: &[ChainPart]) -> Result<Zeroizing<Vec<u8>>, Unusable> {
        match *self {}
    }

    pub fn pfx(&self, _: &str, _: &str) -> Result<Zeroizing<Vec<u8>>, Unusable> {
        match *self {}
    }
}
