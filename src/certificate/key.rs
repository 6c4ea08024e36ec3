//! Gives a private key the form of PKCS#8, and finds its public key.

use pkcs8::der::asn1::{AnyRef, OctetStringRef};
use pkcs8::der::{self, Decode, Encode, Reader, SliceReader, Tag, TagNumber};
use pkcs8::spki::AlgorithmIdentifier;
use pkcs8::{ObjectIdentifier, PrivateKeyInfoRef};
use zeroize::Zeroizing;

use super::parts::{PrivateKey, Unusable};

/// RFC 8017, appendix C.
const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
/// RFC 5480, section 2.1.1.
const ELLIPTIC_CURVE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");

/// A private key in the form of PKCS#8 (RFC 5958).
pub(super) struct Pkcs8Key {
    pub(super) der: Zeroizing<Vec<u8>>,
    /// The DER of the public key, which its certificate contains unchanged. `None` if the key has none.
    public: Option<Vec<u8>>,
}

impl Pkcs8Key {
    /// Converts a key of any form.
    pub(super) fn of(key: &PrivateKey) -> Result<Self, Unusable> {
        Self::converted(key).map_err(|_| Unusable::MalformedKey)
    }

    fn converted(key: &PrivateKey) -> der::Result<Self> {
        let der = match key {
            PrivateKey::Pkcs8(der) => der.clone(),
            PrivateKey::Pkcs1(der) => wrap(RSA, AnyRef::NULL, der)?,
            PrivateKey::Sec1(der) => from_sec1(der)?,
        };
        let info = PrivateKeyInfoRef::from_der(&der)?;
        let inner = info.private_key.as_bytes();
        let public = match info.algorithm.oid {
            RSA => Some(rsa_public(inner)?),
            ELLIPTIC_CURVE => explicit(&fields(inner)?, 1).map(<[u8]>::to_vec),
            _ => info.public_key.map(|bits| bits.raw_bytes().to_vec()),
        };
        Ok(Pkcs8Key { der, public })
    }

    pub(super) fn public(&self) -> Option<&[u8]> {
        self.public.as_deref()
    }
}

/// Returns the modulus and the exponent as the certificate has them: fields 2 and 3 of `RSAPrivateKey` (RFC 8017, A.1.2).
fn rsa_public(key: &[u8]) -> der::Result<Vec<u8>> {
    let fields = fields(key)?;
    let numbers = fields.get(1..3).ok_or(Tag::Integer.value_error())?;
    Ok([numbers[0].to_der()?, numbers[1].to_der()?].concat())
}

/// Converts `ECPrivateKey` (RFC 5915, section 3). In PKCS#8, the curve is outside of it.
fn from_sec1(key: &[u8]) -> der::Result<Zeroizing<Vec<u8>>> {
    let fields = fields(key)?;
    let curve = AnyRef::from_der(explicit(&fields, 0).ok_or(Tag::ObjectIdentifier.value_error())?)?;
    let mut inner = Zeroizing::new(Vec::with_capacity(key.len()));
    for field in fields.iter().filter(|field| field.header().tag() != context(0)) {
        inner.extend_from_slice(&Zeroizing::new(field.to_der()?));
    }
    wrap(ELLIPTIC_CURVE, curve, &Zeroizing::new(AnyRef::new(Tag::Sequence, &inner)?.to_der()?))
}

fn wrap(algorithm: ObjectIdentifier, parameters: AnyRef<'_>, key: &[u8]) -> der::Result<Zeroizing<Vec<u8>>> {
    let algorithm = AlgorithmIdentifier { oid: algorithm, parameters: Some(parameters) };
    PrivateKeyInfoRef::new(algorithm, OctetStringRef::new(key)?).to_der().map(Zeroizing::new)
}

/// Returns the fields of a sequence.
fn fields(sequence: &[u8]) -> der::Result<Vec<AnyRef<'_>>> {
    let mut reader = SliceReader::new(AnyRef::from_der(sequence)?.value())?;
    let mut fields = Vec::new();
    while !reader.is_finished() {
        fields.push(AnyRef::decode(&mut reader)?);
    }
    Ok(fields)
}

/// Returns the content of the field with this explicit tag.
fn explicit<'a>(fields: &[AnyRef<'a>], number: u32) -> Option<&'a [u8]> {
    fields.iter().find(|field| field.header().tag() == context(number)).map(|field| field.value())
}

fn context(number: u32) -> Tag {
    Tag::ContextSpecific { constructed: true, number: TagNumber(number) }
}
