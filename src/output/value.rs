//! Values as `get` prints them, to the byte, and what is good to know of them.

use base64::Engine;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use zeroize::Zeroizing;

use crate::args::Encoding;
use crate::error::Error;
use crate::time::timestamp::Timestamp;
use crate::vault::secret_bundle::{Properties, SecretBundle};

use super::{Newline, json};

/// One value to the byte; several on a line each.
///
/// # Errors
/// The one value is not in the encoding that is to be undone.
pub fn text(bundles: &[SecretBundle], newline: Newline, decode: Option<Encoding>) -> Result<Zeroizing<Vec<u8>>, Error> {
    if let ([bundle], Some(Encoding::Base64)) = (bundles, decode) {
        return decode_base64(bundle);
    }
    let room = bundles.iter().map(|bundle| bundle.value.expose().len() + 1).sum();
    let mut bytes = Zeroizing::new(Vec::with_capacity(room));
    for (place, bundle) in bundles.iter().enumerate() {
        if place > 0 {
            bytes.push(b'\n');
        }
        bytes.extend_from_slice(bundle.value.expose().as_bytes());
    }
    if bundles.len() > 1 && newline != Newline::Never {
        bytes.push(b'\n');
    }
    Ok(bytes)
}

/// One secret as az shows it, or a list of several.
pub fn json(bundles: &[SecretBundle]) -> Zeroizing<Vec<u8>> {
    match bundles {
        [one] => json::to_bytes(&json::Secret::new(one)),
        several => json::to_bytes(&several.iter().map(json::Secret::new).collect::<Vec<_>>()),
    }
}

/// What is good to know about a value that is a file: a certificate, or what az encoded.
pub fn notes(secret: &Properties, decode: Option<Encoding>) -> Vec<String> {
    let name = secret.name();
    let mut notes = Vec::new();
    match (secret.content_type.as_deref(), decode) {
        (Some("application/x-pkcs12"), None) => notes.push(format!(
            "'{name}' is a certificate (application/x-pkcs12), a PFX in base64: --decode base64 --out-file {name}.pfx \
             makes the file"
        )),
        (Some("application/x-pem-file"), _) => {
            notes.push(format!("'{name}' is a certificate or key (application/x-pem-file), in PEM as it is stored"));
        }
        _ => {}
    }
    // `az keyvault secret set --file --encoding` leaves this tag; text is stored as it is.
    let encoding =
        secret.tags.iter().flatten().find(|(tag, _)| *tag == "file-encoding").map(|(_, value)| value.as_str());
    match (encoding, decode) {
        (None | Some("utf-8" | "ascii"), _) | (Some("base64"), Some(_)) => {}
        (Some("base64"), None) => {
            notes.push(format!(
                "'{name}' has the tag file-encoding=base64, a file in base64: --decode base64 undoes it"
            ));
        }
        (Some(other), _) => notes.push(format!("'{name}' has the tag file-encoding={other}, a file in that encoding")),
    }
    notes
}

/// A vault hands out secrets that are past their time, or ahead of it, as if they were good.
pub fn dates(secret: &Properties, now: Timestamp) -> Option<String> {
    let name = secret.name();
    let expired = secret.expired(now).map(|t| format!("the secret '{name}' expired on {}", t.date()));
    expired.or_else(|| {
        secret.not_yet_valid(now).map(|t| format!("the secret '{name}' is not meant to be used before {}", t.date()))
    })
}

/// Base64 as anybody writes it: with or without padding, on one line or on many.
fn decode_base64(bundle: &SecretBundle) -> Result<Zeroizing<Vec<u8>>, Error> {
    let compact: Zeroizing<Vec<u8>> =
        Zeroizing::new(bundle.value.expose().bytes().filter(|b| !b.is_ascii_whitespace()).collect());
    let alphabet = if compact.contains(&b'-') || compact.contains(&b'_') {
        base64::alphabet::URL_SAFE
    } else {
        base64::alphabet::STANDARD
    };
    let config = GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    let decoded = GeneralPurpose::new(&alphabet, config).decode(&*compact);
    decoded.map(Zeroizing::new).map_err(|error| Error::Decode {
        name: bundle.properties.name().to_owned(),
        // The library's words quote the byte at fault; its place says enough.
        reason: match error {
            base64::DecodeError::InvalidByte(at, _) => format!("the character at {at} is not of its alphabet"),
            _ => "its length is not that of base64".to_owned(),
        },
    })
}
