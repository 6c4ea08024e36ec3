//! Reads the issuer and the subject from a certificate's DER: to name a TLS-inspecting proxy, and to find the root of a
//! chain.
//!
//! Reads only the names (RFC 5280, section 4.1) and trusts nothing: a malformed certificate has no names.

/// Returns the issuer's common name, or its organisation.
pub(super) fn issuer(der: &[u8]) -> Option<String> {
    let issuer = from_issuer(der)?.enter(SEQUENCE)?.0;
    name_part(issuer, COMMON_NAME).or_else(|| name_part(issuer, ORGANISATION))
}

/// Returns the issuer's encoded name.
pub(super) fn issuer_name(der: &[u8]) -> Option<&[u8]> {
    from_issuer(der)?.whole()
}

/// Returns the beginning of the issuer's encoded name, from a certificate that may be cut off anywhere.
pub(super) fn begin_of_issuer(der: &[u8]) -> Option<&[u8]> {
    Some(from_issuer(der)?.0)
}

/// Returns the subject's encoded name. The certificate may be cut off after it.
pub(super) fn subject_name(der: &[u8]) -> Option<&[u8]> {
    from_issuer(der)?.skip()?.skip()?.whole() // past the issuer and the validity
}

/// Returns the fields from the issuer on.
fn from_issuer(der: &[u8]) -> Option<Der<'_>> {
    let certificate = Der(der).begin(SEQUENCE)?;
    let mut fields = certificate.begin(SEQUENCE)?;
    if fields.0.first() == Some(&VERSION) {
        fields = fields.skip()?;
    }
    fields.skip()?.skip() // past the serial number and the algorithm
}

const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
const OBJECT_ID: u8 = 0x06;
const VERSION: u8 = 0xa0;
/// OID 2.5.4.3.
const COMMON_NAME: &[u8] = &[0x55, 0x04, 0x03];
/// OID 2.5.4.10.
const ORGANISATION: &[u8] = &[0x55, 0x04, 0x0a];
/// The string types that hold ASCII or UTF-8: UTF8String, PrintableString, T61String, IA5String.
const TEXTS: [u8; 4] = [0x0c, 0x13, 0x14, 0x16];

/// Returns the first attribute of this type in a name: SEQUENCE of SET of SEQUENCE { type, text }.
fn name_part(mut name: Der<'_>, kind: &[u8]) -> Option<String> {
    while !name.0.is_empty() {
        let (set, rest) = name.enter(SET)?;
        let (pair, _) = set.enter(SEQUENCE)?;
        let (found, value) = pair.enter(OBJECT_ID)?;
        if found.0 == kind && TEXTS.contains(value.0.first()?) {
            let (text, _) = value.enter(*value.0.first()?)?;
            return Some(String::from_utf8_lossy(text.0).into_owned());
        }
        name = rest;
    }
    None
}

/// A sequence of DER elements.
#[derive(Clone, Copy)]
struct Der<'a>(&'a [u8]);

impl<'a> Der<'a> {
    /// Returns the content of the first element, which must have this type, and the elements after it.
    fn enter(self, kind: u8) -> Option<(Der<'a>, Der<'a>)> {
        let (found, inside, rest) = self.first()?;
        (found == kind).then_some((inside, rest))
    }

    /// Returns the bytes after the header of the first element, which must have this type. Its end may be missing.
    fn begin(self, kind: u8) -> Option<Der<'a>> {
        let (found, _, rest) = self.head()?;
        (found == kind).then_some(Der(rest))
    }

    /// Returns the first element with its header.
    fn whole(self) -> Option<&'a [u8]> {
        let rest = self.skip()?;
        Some(&self.0[..self.0.len() - rest.0.len()])
    }

    /// Returns the elements after the first.
    fn skip(self) -> Option<Der<'a>> {
        self.first().map(|(_, _, rest)| rest)
    }

    fn first(self) -> Option<(u8, Der<'a>, Der<'a>)> {
        let (kind, length, rest) = self.head()?;
        let (inside, rest) = rest.split_at_checked(length)?;
        Some((kind, Der(inside), Der(rest)))
    }

    /// Returns the first element's type and length, and the bytes after its header.
    fn head(self) -> Option<(u8, usize, &'a [u8])> {
        let (&kind, rest) = self.0.split_first()?;
        let (&first, rest) = rest.split_first()?;
        let (length, rest) = match first {
            0..=0x7f => (usize::from(first), rest),
            0x81..=0x84 => {
                let (bytes, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
                (bytes.iter().fold(0_usize, |sum, byte| sum << 8 | usize::from(*byte)), rest)
            }
            _ => return None,
        };
        Some((kind, length, rest))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(feature = "sandbox")]
    #[test]
    fn issuer_is_read_from_certificate() {
        let mut parameters = rcgen::CertificateParams::new(["a.example".to_owned()]).unwrap();
        parameters.distinguished_name.push(rcgen::DnType::OrganizationName, "Contoso");
        parameters.distinguished_name.push(rcgen::DnType::CommonName, "Contoso Inspection CA");
        let key = rcgen::KeyPair::generate().unwrap();
        let certificate = parameters.self_signed(&key).unwrap();
        assert_eq!(issuer(certificate.der()).as_deref(), Some("Contoso Inspection CA"));
        for end in 0..certificate.der().len() {
            let _ = issuer(&certificate.der()[..end]); // no length panics
        }
    }

    #[test]
    fn malformed_certificate_has_no_issuer() {
        for bytes in [&[][..], &[0x30], &[0x30, 0x84, 0xff, 0xff, 0xff, 0xff], &[0x30, 0x80, 0, 0]] {
            assert_eq!(issuer(bytes), None);
        }
    }
}
