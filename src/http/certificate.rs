//! Whose a certificate is and who issued it, read out of its DER: to name whoever re-signs the traffic of a network, and
//! to find the root that a chain names.
//!
//! Reads just the names (RFC 5280, section 4.1) and trusts nothing: what does not parse has none.

/// The issuer's common name, or else its organisation.
pub(super) fn issuer(der: &[u8]) -> Option<String> {
    let issuer = from_issuer(der)?.enter(SEQUENCE)?.0;
    name_part(issuer, COMMON_NAME).or_else(|| name_part(issuer, ORGANISATION))
}

/// The issuer's whole name, byte for byte.
pub(super) fn issuer_name(der: &[u8]) -> Option<&[u8]> {
    from_issuer(der)?.whole()
}

/// What there is of the issuer's name in a certificate that is cut off somewhere.
pub(super) fn begin_of_issuer(der: &[u8]) -> Option<&[u8]> {
    Some(from_issuer(der)?.0)
}

/// The whole name of whom it is for, byte for byte. The certificate may be cut off behind it.
pub(super) fn subject_name(der: &[u8]) -> Option<&[u8]> {
    from_issuer(der)?.skip()?.skip()?.whole() // behind the issuer and the time that it is good for
}

/// The fields from the issuer on.
fn from_issuer(der: &[u8]) -> Option<Der<'_>> {
    let certificate = Der(der).begin(SEQUENCE)?;
    let mut fields = certificate.begin(SEQUENCE)?;
    if fields.0.first() == Some(&VERSION) {
        fields = fields.skip()?;
    }
    fields.skip()?.skip() // behind the serial number and the algorithm
}

const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
const OBJECT_ID: u8 = 0x06;
const VERSION: u8 = 0xa0;
/// The object identifier 2.5.4.3.
const COMMON_NAME: &[u8] = &[0x55, 0x04, 0x03];
/// The object identifier 2.5.4.10.
const ORGANISATION: &[u8] = &[0x55, 0x04, 0x0a];
/// The kinds of text that are ASCII or UTF-8: UTF8String, PrintableString, T61String, IA5String.
const TEXTS: [u8; 4] = [0x0c, 0x13, 0x14, 0x16];

/// The first attribute of this kind in a name: SEQUENCE of SET of SEQUENCE { kind, text }.
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

/// A run of DER elements.
#[derive(Clone, Copy)]
struct Der<'a>(&'a [u8]);

impl<'a> Der<'a> {
    /// The inside of the first element, which has to be of this kind, and what follows it.
    fn enter(self, kind: u8) -> Option<(Der<'a>, Der<'a>)> {
        let (found, inside, rest) = self.first()?;
        (found == kind).then_some((inside, rest))
    }

    /// What follows the head of the first element, which has to be of this kind; its end may be missing.
    fn begin(self, kind: u8) -> Option<Der<'a>> {
        let (found, _, rest) = self.head()?;
        (found == kind).then_some(Der(rest))
    }

    /// The first element with its head.
    fn whole(self) -> Option<&'a [u8]> {
        let rest = self.skip()?;
        Some(&self.0[..self.0.len() - rest.0.len()])
    }

    /// What follows the first element.
    fn skip(self) -> Option<Der<'a>> {
        self.first().map(|(_, _, rest)| rest)
    }

    fn first(self) -> Option<(u8, Der<'a>, Der<'a>)> {
        let (kind, length, rest) = self.head()?;
        let (inside, rest) = rest.split_at_checked(length)?;
        Some((kind, Der(inside), Der(rest)))
    }

    /// The first element's kind and length, and what follows its head.
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
    fn the_issuer_is_read_from_a_certificate() {
        let mut parameters = rcgen::CertificateParams::new(["a.example".to_owned()]).unwrap();
        parameters.distinguished_name.push(rcgen::DnType::OrganizationName, "Contoso");
        parameters.distinguished_name.push(rcgen::DnType::CommonName, "Contoso Inspection CA");
        let key = rcgen::KeyPair::generate().unwrap();
        let certificate = parameters.self_signed(&key).unwrap();
        assert_eq!(issuer(certificate.der()).as_deref(), Some("Contoso Inspection CA"));
        for end in 0..certificate.der().len() {
            let _ = issuer(&certificate.der()[..end]); // whatever it is cut down to, it is no panic
        }
    }

    #[test]
    fn what_is_no_certificate_has_no_issuer() {
        for bytes in [&[][..], &[0x30], &[0x30, 0x84, 0xff, 0xff, 0xff, 0xff], &[0x30, 0x80, 0, 0]] {
            assert_eq!(issuer(bytes), None);
        }
    }
}
