//! Formats values for `get`, and the warnings and notes about them.

use crate::args::{Decoding, Encoding};
use crate::error::Error;
use crate::time::timestamp::Timestamp;
use crate::vault::secret_bundle::{Properties, SecretBundle};

use super::decode::{decoded, file_encoding};
use super::variables::{ForStdout, SecretVariable};
use super::{Body, Newline, json};

/// How many secrets were requested. With `--allow-missing`, fewer can be printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Requested {
    One,
    Several,
}

/// Returns the exact bytes of one value, or several values on a line each.
///
/// # Errors
/// Returns an error if the value is not in the encoding to decode.
pub fn text(
    bundles: Vec<SecretBundle>,
    requested: Requested,
    newline: Newline,
    decode: Option<Encoding>,
) -> Result<Body, Error> {
    if let ([bundle], Some(encoding)) = (bundles.as_slice(), decode) {
        return decoded(bundle, encoding).map(Body::Whole);
    }
    Ok(Body::streamed(move |to| {
        for (place, bundle) in bundles.iter().enumerate() {
            if place > 0 {
                to.write_all(b"\n")?;
            }
            to.write_all(bundle.value.expose().as_bytes())?;
        }
        if requested == Requested::Several && !bundles.is_empty() && newline != Newline::Never {
            to.write_all(b"\n")?;
        }
        Ok(())
    }))
}

/// Formats one secret, or null if it is missing, or an array of secrets in the shape of `az`.
pub fn json(bundles: Vec<SecretBundle>, requested: Requested) -> Body {
    Body::streamed(move |to| {
        let mut views = bundles.iter().map(json::SecretView::new);
        match requested {
            Requested::One => json::write(to, &views.next()),
            Requested::Several => json::write(to, &views.collect::<Vec<_>>()),
        }
    })
}

/// Formats variables while they are written.
pub fn variables(names: Vec<String>, bundles: Vec<SecretBundle>, stdout: ForStdout) -> Body {
    match stdout {
        ForStdout::Whole(bytes) => Body::Whole(bytes),
        ForStdout::Lines(line) => Body::streamed(move |to| {
            for (name, bundle) in names.iter().zip(&bundles) {
                to.write_all(&line(&SecretVariable { name, value: bundle.value.expose() }))?;
            }
            Ok(())
        }),
        ForStdout::JsonObject => Body::streamed(move |to| {
            let values = bundles.iter().map(|bundle| bundle.value.expose());
            json::write(to, &json::Variables(names.iter().map(String::as_str).zip(values).collect()))
        }),
    }
}

/// Returns notes about a value that is a file: a certificate, or a file that `az` encoded.
pub fn notes(secret: &Properties, decode: Option<Decoding>) -> Vec<String> {
    let name = secret.name();
    let mut notes = Vec::new();
    match (secret.content_type.as_deref(), decode) {
        (Some("application/x-pkcs12"), None) => notes.push(format!(
            "'{name}' is a PFX certificate in base64 (application/x-pkcs12); use --decode pem for PEM, or --decode base64 \
             --out-file {name}.pfx to save the file"
        )),
        (Some("application/x-pem-file"), None | Some(Decoding::Stored(_))) => {
            notes.push(format!("'{name}' is a certificate or key in PEM format (application/x-pem-file)"));
        }
        _ => {}
    }
    let tagged = |tag: &str, encoded: &str, decode: &str| {
        format!(
            "'{name}' is a file encoded as {encoded} (tag file-encoding={tag}); use --decode {decode} to restore it"
        )
    };
    match (file_encoding(secret), decode) {
        (_, Some(_)) | (None | Some("utf-8" | "ascii"), None) => {}
        (Some("base64"), None) => notes.push(tagged("base64", "base64", "base64")),
        (Some("hex"), None) => notes.push(tagged("hex", "hexadecimal digits", "hex")),
        (Some(utf16 @ ("utf-16le" | "utf-16be")), None) => {
            notes.push(tagged(utf16, "UTF-16", "utf-16"));
        }
        (Some(other), None) => notes.push(format!("'{name}' has the unknown tag file-encoding={other}")),
    }
    notes
}

/// Returns a note about a value that begins with a byte order mark. Most programs treat the mark as part of the text.
pub fn byte_order_mark(secret: &SecretBundle) -> Option<String> {
    secret.value.expose().starts_with('\u{feff}').then(|| {
        let name = secret.properties.name();
        format!(
            "the value of '{name}' begins with a byte order mark (U+FEFF), as in many Windows text files; azfob keeps it"
        )
    })
}

/// Returns a warning about an expired or not yet valid secret. The vault returns both like any other.
pub fn dates(secret: &Properties, now: Timestamp) -> Option<String> {
    let name = secret.name();
    let expired = secret.expired(now).map(|t| format!("the secret '{name}' expired on {}", t.date()));
    expired
        .or_else(|| secret.not_yet_valid(now).map(|t| format!("the secret '{name}' is not valid before {}", t.date())))
}
