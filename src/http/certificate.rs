//! Who issued a certificate, read out of its DER: to name whoever re-signs the traffic of a network.
//!
//! Reads just the issuer's name (RFC 5280, section 4.1) and trusts nothing: what does not parse has no issuer.

/// The issuer's common name, or else its organisation.
pub(super) fn issuer(der: &[u8]) -> Option<String> {
    let certificate = Der(der).enter(SEQUENCE)?.0;
    let mut fields = certificate.enter(SEQUENCE)?.0;
    if fields.0.first() == Some(&VERSION) {
        fields = fields.skip()?;
    }
    let issuer = fields.skip()?.skip()?.enter(SEQUENCE)?.0; // behind the serial number and the algorithm
    name_part(issuer, COMMON_NAME).or_else(|| name_part(issuer, ORGANISATION))
}

const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
const OBJECT_ID: u8 = 0x06;
const VERSION: u8 = 0xa0;
/// 2.5.4.3
const COMMON_NAME: &[u8] = &[0x55, 0x04, 0x03];
/// 2.5.4.10
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

    /// What follows the first element.
    fn skip(self) -> Option<Der<'a>> {
        self.first().map(|(_, _, rest)| rest)
    }

    fn first(self) -> Option<(u8, Der<'a>, Der<'a>)> {
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
        let (inside, rest) = rest.split_at_checked(length)?;
        Some((kind, Der(inside), Der(rest)))
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
