//! Decodes a file that is stored as text (`--decode`).

use base64::Engine;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use zeroize::Zeroizing;

use crate::args::Encoding;
use crate::error::Error;
use crate::vault::secret_bundle::{Properties, SecretBundle};

/// Returns the encoding that `az keyvault secret set --file --encoding` recorded as a tag
/// (<https://learn.microsoft.com/cli/azure/keyvault/secret#az-keyvault-secret-set>).
pub(super) fn file_encoding(secret: &Properties) -> Option<&str> {
    secret.tags.iter().flatten().find(|(tag, _)| *tag == "file-encoding").map(|(_, value)| value.as_str())
}

/// Returns the bytes of the file.
///
/// # Errors
/// Returns an error if the value is not in that encoding or, with `auto`, if the encoding in the tag is unknown.
pub(super) fn decoded(secret: &SecretBundle, encoding: Encoding) -> Result<Zeroizing<Vec<u8>>, Error> {
    let value = secret.value.expose();
    let big_endian = file_encoding(&secret.properties) == Some("utf-16be");
    let not = |encoding, reason| Err(Error::Decode { name: secret.properties.name().to_owned(), encoding, reason });
    let (encoding, read): (_, fn(&str) -> _) = match stored(&secret.properties, encoding) {
        Stored::AsIs => return Ok(Zeroizing::new(value.as_bytes().to_vec())),
        Stored::Utf16 => return Ok(utf16(value, if big_endian { u16::to_be_bytes } else { u16::to_le_bytes })),
        Stored::Unknown => return not("in a supported encoding", KNOWN.to_owned()),
        Stored::Base64 => ("base64", base64),
        Stored::Hex => ("hexadecimal", hex),
    };
    // Checked first: the delimiters of PEM are letters and dashes, which URL-safe base64 accepts.
    if value.contains("-----BEGIN ") {
        return not(encoding, PEM.to_owned());
    }
    read(value).or_else(|reason| not(encoding, reason))
}

const KNOWN: &str = "the tag file-encoding must be utf-8, ascii, base64, hex, utf-16le or utf-16be";

const PEM: &str = "it is PEM text: omit --decode, or use --decode pfx for a PFX file";

enum Stored {
    AsIs,
    Base64,
    Hex,
    Utf16,
    Unknown,
}

fn stored(secret: &Properties, encoding: Encoding) -> Stored {
    match encoding {
        Encoding::Base64 => Stored::Base64,
        Encoding::Hex => Stored::Hex,
        Encoding::Utf16 => Stored::Utf16,
        Encoding::Auto => match (file_encoding(secret), secret.content_type.as_deref()) {
            (Some("base64"), _) | (None, Some("application/x-pkcs12")) => Stored::Base64,
            (Some("hex"), _) => Stored::Hex,
            (Some("utf-16le" | "utf-16be"), _) => Stored::Utf16,
            (None | Some("utf-8" | "ascii"), _) => Stored::AsIs,
            (Some(_), _) => Stored::Unknown,
        },
    }
}

/// Removes spaces and line endings.
fn compact(value: &str) -> Zeroizing<Vec<u8>> {
    Zeroizing::new(value.bytes().filter(|b| !b.is_ascii_whitespace()).collect())
}

/// Decodes base64 of either alphabet, with or without padding and line breaks.
pub(super) fn base64(value: &str) -> Result<Zeroizing<Vec<u8>>, String> {
    let compact = compact(value);
    let alphabet = if compact.contains(&b'-') || compact.contains(&b'_') {
        base64::alphabet::URL_SAFE
    } else {
        base64::alphabet::STANDARD
    };
    let config = GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    // The library's message quotes a byte of the value; its position is enough.
    GeneralPurpose::new(&alphabet, config).decode(&*compact).map(Zeroizing::new).map_err(|error| match error {
        base64::DecodeError::InvalidByte(at, _) => format!("the character at position {at} is not a base64 character"),
        _ => "its length is not a valid base64 length".to_owned(),
    })
}

/// Decodes two digits per byte, with or without line breaks.
fn hex(value: &str) -> Result<Zeroizing<Vec<u8>>, String> {
    let digits = compact(value);
    if let Some(at) = digits.iter().position(|digit| !digit.is_ascii_hexdigit()) {
        return Err(format!("the character at position {at} is not a hexadecimal digit"));
    }
    if digits.len() % 2 == 1 {
        return Err("the number of digits is odd".to_owned());
    }
    let half = |digit: u8| char::from(digit).to_digit(16).map_or(0, |value| value as u8);
    Ok(Zeroizing::new(digits.chunks_exact(2).map(|pair| half(pair[0]) << 4 | half(pair[1])).collect()))
}

/// Encodes UTF-16. Adds no byte order mark.
fn utf16(value: &str, order: impl Fn(u16) -> [u8; 2]) -> Zeroizing<Vec<u8>> {
    Zeroizing::new(value.encode_utf16().flat_map(order).collect())
}
