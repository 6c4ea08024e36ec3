//! The ways in which a text can be read: whoever quotes something may have encoded it for a URL, for JSON or as base64.

use std::ops::Range;

use base64::Engine;
use base64::alphabet;
use base64::engine::general_purpose::{GeneralPurpose, NO_PAD};
use zeroize::Zeroizing;

/// A text as it may be read: as it stands, or without the escapes of URLs and JSON.
pub(super) struct Reading {
    /// What it then is.
    pub(super) bytes: Zeroizing<Vec<u8>>,
    /// Where in the text each byte begins, and where the last one ends; none where each stands in its own place.
    places: Option<Vec<usize>>,
}

impl Reading {
    /// What is quoted may quote in its turn: escapes are undone so often.
    const DEEPEST: usize = 3;

    /// All readings of a text.
    pub(super) fn all(text: &str) -> impl Iterator<Item = Reading> {
        let verbatim = Reading { bytes: Zeroizing::new(text.as_bytes().to_vec()), places: None };
        std::iter::successors(Some(verbatim), Reading::unescaped).take(1 + Self::DEEPEST)
    }

    /// The same without its escapes, where there are any.
    fn unescaped(&self) -> Option<Reading> {
        memchr::memchr2(b'%', b'\\', &self.bytes)?;
        let mut bytes = Zeroizing::new(Vec::with_capacity(self.bytes.len()));
        let mut places = Vec::with_capacity(self.bytes.len() + 1);
        let mut at = 0;
        while at < self.bytes.len() {
            let place = self.place(at);
            at += unescape(&self.bytes[at..], &mut bytes);
            places.resize(bytes.len(), place);
        }
        places.push(self.place(at));
        (bytes.len() < self.bytes.len()).then_some(Reading { bytes, places: Some(places) })
    }

    /// Where in the text a byte begins.
    fn place(&self, at: usize) -> usize {
        self.places.as_ref().map_or(at, |places| places[at])
    }

    /// Where in the text these bytes stand.
    pub(super) fn stretch(&self, bytes: &Range<usize>) -> Range<usize> {
        self.place(bytes.start)..self.place(bytes.end)
    }

    /// What is long enough to be base64 of so many bytes.
    pub(super) fn runs_of_base64(&self, bytes: usize) -> impl Iterator<Item = Range<usize>> {
        let is_of_it = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/-_".contains(byte);
        let mut end = 0;
        let runs = std::iter::from_fn(move || {
            let start = end + self.bytes[end..].iter().position(is_of_it)?;
            end = start + self.bytes[start..].iter().take_while(|byte| is_of_it(byte)).count();
            Some(start..end)
        });
        runs.filter(move |run| run.len() >= bytes / 3 * 4)
    }

    /// What such a run decodes to: what is looked for may begin with any character of a group.
    pub(super) fn decoded(&self, run: &Range<usize>) -> impl Iterator<Item = Zeroizing<Vec<u8>>> {
        (0..4).filter_map(|skip| from_base64(&self.bytes[run.start + skip..run.end]))
    }
}

/// Takes what ends in the middle of a group, too.
const BASE64: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, NO_PAD.with_decode_allow_trailing_bits(true));

/// Reads base64 in either alphabet.
fn from_base64(text: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let standard = |byte: &u8| match byte {
        b'-' => b'+',
        b'_' => b'/',
        byte => *byte,
    };
    // One character alone is no byte.
    let length = if text.len() % 4 == 1 { text.len() - 1 } else { text.len() };
    let text: Vec<u8> = text[..length].iter().map(standard).collect();
    BASE64.decode(text).ok().map(Zeroizing::new)
}

/// Adds what a text begins with, where that is an escape (`%2F`, `\/`, `\u002f`) what it stands for, and answers with its
/// length.
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
        [b'\\', sign, ..] if sign.is_ascii_punctuation() => (*sign, 2),
        _ => (text[0], 1),
    };
    to.push(byte);
    length
}

#[cfg(test)]
mod tests {
    use super::*;

    fn readings(text: &str) -> Vec<String> {
        Reading::all(text).map(|reading| String::from_utf8_lossy(&reading.bytes).into_owned()).collect()
    }

    #[test]
    fn escapes_are_undone_as_often_as_they_were_made() {
        assert_eq!(readings("a b+c"), ["a b+c"]);
        assert_eq!(readings("a%2fb%2Fc+%20"), ["a%2fb%2Fc+%20", "a/b/c+ "]);
        assert_eq!(readings(r#"\"\u002b\/\u00e9"#), [r#"\"\u002b\/\u00e9"#, "\"+/é"]);
        assert_eq!(readings("%252f"), ["%252f", "%2f", "/"]);
        assert_eq!(readings("%2525252f").len(), 4, "and no oftener");
        for plain in ["%", "%2", "%+1", "%zz", "\\", "\\u12", "\\ud83d", "\\n"] {
            assert_eq!(readings(plain).len(), 1, "{plain}");
        }
    }

    #[test]
    fn what_is_found_in_a_reading_is_found_in_the_text() {
        let text = r"x %C3%A9\u0041 y";
        let last = Reading::all(text).last().unwrap();
        assert_eq!(&*last.bytes, "x éA y".as_bytes());
        assert_eq!(&text[last.stretch(&(2..5))], r"%C3%A9\u0041");
        assert_eq!(last.stretch(&(0..last.bytes.len())), 0..text.len());
    }

    #[test]
    fn base64_is_read_from_wherever_it_begins() {
        let reading = Reading::all("Basic dXNlcjpxdWl0ZS1zZWNyZXQ= or zdXNlcjpxdWl0ZS1zZWNyZXQ, short").next().unwrap();
        let runs: Vec<_> = reading.runs_of_base64(12).collect();
        assert_eq!(runs.len(), 2);
        for run in runs {
            assert!(reading.decoded(&run).any(|bytes| bytes.starts_with(b"user:quite-secret")));
        }
    }
}
