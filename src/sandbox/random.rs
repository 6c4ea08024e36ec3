//! Random text: request IDs, and the temporary credentials of the sandbox.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::rand::{SecureRandom, SystemRandom};

fn bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    SystemRandom::new().fill(&mut bytes).expect("the operating system has randomness");
    bytes
}

/// Returns a random GUID (RFC 9562, version 4).
pub(super) fn guid() -> String {
    let mut b: [u8; 16] = bytes();
    b[6] = b[6] & 0x0f | 0x40;
    b[8] = b[8] & 0x3f | 0x80;
    let hex = hex(&b);
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}

/// Returns a GUID in upper case, like `IDENTITY_HEADER`.
pub(super) fn identity_header() -> String {
    guid().to_uppercase()
}

/// Returns 40 characters of the alphabet of Entra ID's client secrets.
pub(super) fn client_secret() -> String {
    let text = URL_SAFE_NO_PAD.encode(bytes::<30>());
    format!("{}~{}", &text[..3], &text[4..])
}

/// Returns an authorization code. Real ones have up to 2 KB.
pub(super) fn authorization_code() -> String {
    format!("1.{}", URL_SAFE_NO_PAD.encode(bytes::<192>()))
}

/// Returns 256 random bytes as base64url, in place of an RS256 signature.
pub(super) fn signature() -> String {
    URL_SAFE_NO_PAD.encode(bytes::<256>())
}

/// Returns a random value for the claim `uti`, 22 characters long.
pub(super) fn unique_token_id() -> String {
    URL_SAFE_NO_PAD.encode(bytes::<16>())
}

/// Returns the first 32 hexadecimal digits of a text's SHA-256: a secret's version, the same in each run.
pub(super) fn version_of(text: &str) -> String {
    let mut hex = hex(ring::digest::digest(&ring::digest::SHA256, text.as_bytes()).as_ref());
    hex.truncate(32);
    hex
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guid_has_the_format_of_version_4() {
        let guid = guid();
        assert_eq!(guid.len(), 36);
        assert_eq!(guid.split('-').map(str::len).collect::<Vec<_>>(), [8, 4, 4, 4, 12]);
        assert_eq!(&guid[14..15], "4");
        assert_ne!(guid, super::guid());
    }

    #[test]
    fn version_depends_only_on_the_text() {
        assert_eq!(version_of("a").len(), 32);
        assert_eq!(version_of("a"), version_of("a"));
        assert_ne!(version_of("a"), version_of("b"));
    }
}
