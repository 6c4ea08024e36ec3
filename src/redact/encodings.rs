//! Decodes text from URLs, JSON and base64, because a quoted secret can be encoded.

use std::ops::Range;

use base64::Engine;
use base64::alphabet;
use base64::engine::general_purpose::{GeneralPurpose, NO_PAD};
use zeroize::Zeroizing;

/// A text without the escapes of URLs and JSON, or as it is.
pub(super) struct DecodedText {
    pub(super) bytes: Zeroizing<Vec<u8>>,
    /// The offset of each byte in the original text, then its end. `None` if nothing was decoded.
    offsets: Option<Vec<usize>>,
}

impl DecodedText {
    /// A quoted text can quote another: escapes are decoded up to this depth.
    const MAX_DEPTH: usize = 3;

    /// Returns the text itself and each further decoding of it.
    pub(super) fn all(text: &str) -> impl Iterator<Item = DecodedText> {
        let verbatim = DecodedText { bytes: Zeroizing::new(text.as_bytes().to_vec()), offsets: None };
        std::iter::successors(Some(verbatim), DecodedText::unescaped).take(1 + Self::MAX_DEPTH)
    }

    /// Decodes one level. Returns `None` if there is no escape.
    fn unescaped(&self) -> Option<DecodedText> {
        memchr::memchr2(b'%', b'\\', &self.bytes)?;
        let mut bytes = Zeroizing::new(Vec::with_capacity(self.bytes.len()));
        let mut offsets = Vec::with_capacity(self.bytes.len() + 1);
        let mut at = 0;
        while at < self.bytes.len() {
            let offset = self.offset(at);
            at += unescape(&self.bytes[at..], &mut bytes);
            offsets.resize(bytes.len(), offset);
        }
        offsets.push(self.offset(at));
        (bytes.len() < self.bytes.len()).then_some(DecodedText { bytes, offsets: Some(offsets) })
    }

    fn offset(&self, at: usize) -> usize {
        self.offsets.as_ref().map_or(at, |offsets| offsets[at])
    }

    /// Returns the range of the original text that these bytes were decoded from.
    pub(super) fn source_range(&self, bytes: &Range<usize>) -> Range<usize> {
        self.offset(bytes.start)..self.offset(bytes.end)
    }

    /// Returns each run of base64 characters that can encode at least this number of bytes.
    pub(super) fn base64_runs(&self, bytes: usize) -> impl Iterator<Item = Range<usize>> {
        let is_base64 = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/-_".contains(byte);
        let mut end = 0;
        let runs = std::iter::from_fn(move || {
            let start = end + self.bytes[end..].iter().position(is_base64)?;
            end = start + self.bytes[start..].iter().take_while(|byte| is_base64(byte)).count();
            Some(start..end)
        });
        runs.filter(move |run| run.len() >= bytes / 3 * 4)
    }

    /// Decodes a run of base64 from each of its first four characters: the secret can begin anywhere in it.
    pub(super) fn decode_base64(&self, run: &Range<usize>) -> impl Iterator<Item = Zeroizing<Vec<u8>>> {
        (0..4).filter_map(|skip| from_base64(&self.bytes[run.start + skip..run.end]))
    }
}

/// Accepts a run that ends within a group.
const BASE64: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, NO_PAD.with_decode_allow_trailing_bits(true));

/// Decodes the standard and the URL-safe alphabet.
fn from_base64(text: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let standard = |byte: &u8| match byte {
        b'-' => b'+',
        b'_' => b'/',
        byte => *byte,
    };
    // A single last character encodes no whole byte.
    let length = if text.len() % 4 == 1 { text.len() - 1 } else { text.len() };
    let text: Vec<u8> = text[..length].iter().map(standard).collect();
    BASE64.decode(text).ok().map(Zeroizing::new)
}

/// Decodes the escape (`%2F`, `\/`, `\u002f`) or the byte that the text begins with, and returns its length in the text.
fn unescape(text: &[u8], to: &mut Vec<u8>) -> usize {
    let number = |digits: Option<&[u8]>| {
        let digits = std::str::from_utf8(digits?).ok().filter(|text| text.bytes().all(|b| b.is_ascii_hexdigit()))?;
        u32::from_str_radix(digits, 16).ok()
    };
    if let [b'%', rest @ ..] = text
        && let Some(byte) = number(rest.get(..2)).and_then(|number| u8::try_from(number).ok())
    {
        to.push(byte);
        return 3;
    }
    if let [b'\\', b'u', rest @ ..] = text
        && let Some(c) = number(rest.get(..4)).and_then(char::from_u32)
    {
        to.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
        return 6;
    }
    let (byte, length) = match text {
        [b'\\', escaped, ..] if escaped.is_ascii_punctuation() => (*escaped, 2),
        _ => (text[0], 1),
    };
    to.push(byte);
    length
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decodings(text: &str) -> Vec<String> {
        DecodedText::all(text).map(|decoding| String::from_utf8_lossy(&decoding.bytes).into_owned()).collect()
    }

    #[test]
    fn escapes_are_decoded_up_to_three_levels() {
        assert_eq!(decodings("a b+c"), ["a b+c"]);
        assert_eq!(decodings("a%2fb%2Fc+%20"), ["a%2fb%2Fc+%20", "a/b/c+ "]);
        assert_eq!(decodings(r#"\"\u002b\/\u00e9"#), [r#"\"\u002b\/\u00e9"#, "\"+/é"]);
        assert_eq!(decodings("%252f"), ["%252f", "%2f", "/"]);
        assert_eq!(decodings("%2525252f").len(), 4);
        for plain in ["%", "%2", "%+1", "%zz", "\\", "\\u12", "\\ud83d", "\\n"] {
            assert_eq!(decodings(plain).len(), 1, "{plain}");
        }
    }

    #[test]
    fn source_range_covers_the_escapes() {
        let text = r"x %C3%A9\u0041 y";
        let last = DecodedText::all(text).last().unwrap();
        assert_eq!(&*last.bytes, "x éA y".as_bytes());
        assert_eq!(&text[last.source_range(&(2..5))], r"%C3%A9\u0041");
        assert_eq!(last.source_range(&(0..last.bytes.len())), 0..text.len());
    }

    #[test]
    fn base64_is_decoded_from_any_offset() {
        let decoding =
            DecodedText::all("Basic dXNlcjpxdWl0ZS1zZWNyZXQ= or zdXNlcjpxdWl0ZS1zZWNyZXQ, short").next().unwrap();
        let runs: Vec<_> = decoding.base64_runs(12).collect();
        assert_eq!(runs.len(), 2);
        for run in runs {
            assert!(decoding.decode_base64(&run).any(|bytes| bytes.starts_with(b"user:quite-secret")));
        }
    }
}
