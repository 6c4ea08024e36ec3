//! `--decode`: the bytes of a file that is stored as text.

use base64::Engine;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use zeroize::Zeroizing;

use crate::args::Encoding;
use crate::error::Error;
use crate::vault::secret_bundle::{Properties, SecretBundle};

/// The encoding that `az keyvault secret set --file --encoding` noted down
/// (<https://learn.microsoft.com/cli/azure/keyvault/secret#az-keyvault-secret-set>).
pub(super) fn file_encoding(secret: &Properties) -> Option<&str> {
    secret.tags.iter().flatten().find(|(tag, _)| *tag == "file-encoding").map(|(_, value)| value.as_str())
}

/// The bytes of the file.
///
/// # Errors
/// The value is not in that encoding; with `auto`, nothing known is what the tag says.
pub(super) fn decoded(secret: &SecretBundle, encoding: Encoding) -> Result<Zeroizing<Vec<u8>>, Error> {
    let value = secret.value.expose();
    let big_endian = file_encoding(&secret.properties) == Some("utf-16be");
    let not = |encoding, reason| Err(Error::Decode { name: secret.properties.name().to_owned(), encoding, reason });
    let (encoding, read): (_, fn(&str) -> _) = match stored(&secret.properties, encoding) {
        Stored::AsIs => return Ok(Zeroizing::new(value.as_bytes().to_vec())),
        Stored::Utf16 => return Ok(utf16(value, if big_endian { u16::to_be_bytes } else { u16::to_le_bytes })),
        Stored::Unknown => return not("in an encoding that is known", KNOWN.to_owned()),
        Stored::Base64 => ("base64", base64),
        Stored::Hex => ("hexadecimal", hex),
    };
    // Asked first: the marks of PEM are letters and dashes, which base64 for URLs has too.
    if value.contains("-----BEGIN ") {
        return not(encoding, PEM.to_owned());
    }
    read(value).or_else(|reason| not(encoding, reason))
}

/// What the tag can say.
const KNOWN: &str = "its tag file-encoding is none of utf-8, ascii, base64, hex, utf-16le and utf-16be";

/// What to do with PEM instead.
const PEM: &str = "it is PEM, which is a file as it stands: leave --decode away. Where a PFX is wanted, \
                   `openssl pkcs12 -export -in FILE.pem -out FILE.pfx` makes one of it";

/// How a value is stored.
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

/// The value without the blanks and line ends that files have.
fn compact(value: &str) -> Zeroizing<Vec<u8>> {
    Zeroizing::new(value.bytes().filter(|b| !b.is_ascii_whitespace()).collect())
}

/// Base64 as anybody writes it: with or without padding, on one line or on many.
fn base64(value: &str) -> Result<Zeroizing<Vec<u8>>, String> {
    let compact = compact(value);
    let alphabet = if compact.contains(&b'-') || compact.contains(&b'_') {
        base64::alphabet::URL_SAFE
    } else {
        base64::alphabet::STANDARD
    };
    let config = GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    // The library's words quote the byte at fault; its place says enough.
    GeneralPurpose::new(&alphabet, config).decode(&*compact).map(Zeroizing::new).map_err(|error| match error {
        base64::DecodeError::InvalidByte(at, _) => format!("the character at {at} is not of its alphabet"),
        _ => "its length is not that of base64".to_owned(),
    })
}

/// Two digits a byte, on one line or on many.
fn hex(value: &str) -> Result<Zeroizing<Vec<u8>>, String> {
    let digits = compact(value);
    if let Some(at) = digits.iter().position(|digit| !digit.is_ascii_hexdigit()) {
        return Err(format!("the character at {at} is no such digit"));
    }
    if digits.len() % 2 == 1 {
        return Err("a digit is missing: two make a byte".to_owned());
    }
    let half = |digit: u8| char::from(digit).to_digit(16).map_or(0, |value| value as u8);
    Ok(Zeroizing::new(digits.chunks_exact(2).map(|pair| half(pair[0]) << 4 | half(pair[1])).collect()))
}

/// A byte order mark is written only where the value has one.
fn utf16(value: &str, order: impl Fn(u16) -> [u8; 2]) -> Zeroizing<Vec<u8>> {
    Zeroizing::new(value.encode_utf16().flat_map(order).collect())
}
