//! Converts the certificate in a secret (`--decode pem`, `--decode pfx`).
//!
//! azfob converts it itself: the service only converts PFX to PEM, in no promised order
//! (<https://github.com/Azure/azure-rest-api-specs/issues/10638>).

use zeroize::Zeroizing;

use crate::args::CertificatePart;
use crate::certificate::ChainPart::{self, Issuers, Key, Leaf};
use crate::certificate::{KeyedChain, Unusable, is_pem};
use crate::error::Error;
use crate::vault::secret_bundle::SecretBundle;

use super::decode::base64;

/// The form to convert a certificate to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CertificateForm {
    /// The parts, each of which can go to its own file.
    Pem(Vec<CertificatePart>),
    Pfx,
}

/// Returns the certificate of a secret, or each of its parts. The password opens a PFX or a PEM key that needs one, and
/// encrypts a new PFX.
///
/// # Errors
/// The secret is not a certificate, or lacks a part.
pub fn convert(
    secret: &SecretBundle,
    form: &CertificateForm,
    password: Option<&str>,
) -> Result<Vec<Zeroizing<Vec<u8>>>, Error> {
    let name = secret.properties.name();
    let converted = read(secret.value.expose(), password).and_then(|chain| match form {
        CertificateForm::Pem(parts) => parts.iter().map(|part| chain.pem(chain_parts(*part))).collect(),
        CertificateForm::Pfx => Ok(vec![chain.pfx(name, password.unwrap_or_default())?]),
    });
    converted.map_err(|reason| Error::Certificate { name: name.to_owned(), reason })
}

/// Returns a note if the part with the issuers is empty, as for a self-signed certificate.
pub fn empty_chain(secret: &SecretBundle, form: &CertificateForm, parts: &[Zeroizing<Vec<u8>>]) -> Option<String> {
    let CertificateForm::Pem(requested) = form else { return None };
    let is_empty = requested.iter().zip(parts).any(|(_, part)| part.is_empty());
    is_empty.then(|| format!("'{}' has no certificates of issuers: the chain is empty", secret.properties.name()))
}

fn read(value: &str, password: Option<&str>) -> Result<KeyedChain, Unusable> {
    if is_pem(value.as_bytes()) {
        return KeyedChain::read(value.as_bytes(), password);
    }
    KeyedChain::read(&base64(value).map_err(|_| Unusable::UnknownForm)?, password)
}

fn chain_parts(part: CertificatePart) -> &'static [ChainPart] {
    match part {
        CertificatePart::Key => &[Key],
        CertificatePart::Cert => &[Leaf],
        CertificatePart::Chain => &[Issuers],
        CertificatePart::Fullchain => &[Leaf, Issuers],
        CertificatePart::All => &[Key, Leaf, Issuers],
    }
}
