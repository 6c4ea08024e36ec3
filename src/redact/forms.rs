//! The encoded forms of a value that a command can print: base64, URL and JSON. `run --mask` masks them too.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use zeroize::Zeroizing;

/// The shortest base64 that is masked. Fewer characters are in other text by chance. Five bytes have as many at each position.
const SHORTEST_BASE64: usize = 6;
/// The line lengths of base64 in MIME and in PEM, where a line can end within a value.
const BASE64_LINES: [usize; 2] = [76, 64];

/// RFC 3986, as curl and .NET encode.
const STRICT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
/// `encodeURIComponent` of JavaScript.
const COMPONENT: &AsciiSet = &STRICT.remove(b'!').remove(b'*').remove(b'\'').remove(b'(').remove(b')');
/// `quote` of Python.
const WITH_SLASH: &AsciiSet = &STRICT.remove(b'/');
/// `application/x-www-form-urlencoded`, which also has `+` for a space.
const FORM: &AsciiSet = &NON_ALPHANUMERIC.remove(b'*').remove(b'-').remove(b'.').remove(b'_');

/// A longer text is only expected in base64. Its shorter lines are masked in every form.
const LONGEST_ESCAPED: usize = 8 << 10;

/// Returns the forms that differ from the text.
pub(super) fn encoded(text: &str) -> Vec<Zeroizing<String>> {
    let mut forms = base64(text);
    if text.len() <= LONGEST_ESCAPED {
        forms.extend(percent_encoded(text));
        forms.extend(json(text));
    }
    forms.retain(|form| form.as_str() != text && !form.is_empty());
    forms
}

/// Encodes in both alphabets, at each of the three positions in a group. Only the characters that depend on nothing else are
/// included, and for a text of its own the rest with the padding.
fn base64(text: &str) -> Vec<Zeroizing<String>> {
    let mut forms = Vec::new();
    for engine in [STANDARD_NO_PAD, URL_SAFE_NO_PAD] {
        // The first character after 0, 1 or 2 bytes that holds no bit of them.
        for (before, first) in [0, 2, 3].into_iter().enumerate() {
            let mut bytes = Zeroizing::new(vec![0; before]);
            bytes.extend_from_slice(text.as_bytes());
            let encoded = Zeroizing::new(engine.encode(&*bytes));
            let own = &encoded[first.min(encoded.len())..bytes.len() * 8 / 6];
            forms.push(Zeroizing::new(own.to_owned()));
            if before == 0 {
                forms.extend(lines(own));
            }
        }
    }
    for engine in [&STANDARD, &STANDARD_NO_PAD, &URL_SAFE, &URL_SAFE_NO_PAD] {
        let whole = Zeroizing::new(engine.encode(text));
        forms.extend(lines(&whole));
        forms.push(whole);
    }
    forms.retain(|form| form.len() >= SHORTEST_BASE64);
    forms
}

/// Returns the lines of base64 that is longer than a line.
fn lines(encoded: &str) -> impl Iterator<Item = Zeroizing<String>> {
    let lengths = BASE64_LINES.into_iter().filter(|length| encoded.len() > *length);
    let lines = lengths.flat_map(|length| encoded.as_bytes().chunks(length));
    lines.map(|line| Zeroizing::new(String::from_utf8_lossy(line).into_owned()))
}

fn percent_encoded(text: &str) -> Vec<Zeroizing<String>> {
    let mut forms: Vec<_> = [STRICT, COMPONENT, WITH_SLASH, FORM]
        .map(|set| Zeroizing::new(utf8_percent_encode(text, set).to_string()))
        .into();
    forms.push(Zeroizing::new(forms[3].replace("%20", "+")));
    // Some encoders write the digits in lower case.
    let lower = |form: &Zeroizing<String>| {
        let mut parts = form.split('%');
        let mut lower = Zeroizing::new(parts.next().unwrap_or_default().to_owned());
        for part in parts {
            lower.push('%');
            lower.push_str(&part[..2].to_ascii_lowercase());
            lower.push_str(&part[2..]);
        }
        lower
    };
    let lower: Vec<_> = forms.iter().map(lower).collect();
    forms.extend(lower);
    forms
}

/// Encodes as the inside of a JSON string: as short as possible; in ASCII; with `\/` (PHP); for HTML as Go and as .NET do.
fn json(text: &str) -> Vec<Zeroizing<String>> {
    let escaped = |is_escaped: fn(char) -> bool, digits: Digits| {
        let quoted = Zeroizing::new(serde_json::Value::from(text).to_string());
        let inside = quoted.get(1..quoted.len() - 1).unwrap_or_default();
        let mut form = Zeroizing::new(String::with_capacity(6 * inside.len()));
        for c in inside.chars() {
            match is_escaped(c) {
                true => c.encode_utf16(&mut [0; 2]).iter().for_each(|unit| {
                    form.push_str(&match digits {
                        Digits::Lower => format!("\\u{unit:04x}"),
                        Digits::Upper => format!("\\u{unit:04X}"),
                    });
                }),
                false => form.push(c),
            }
        }
        form
    };
    let short = escaped(|_| false, Digits::Lower);
    let ascii = escaped(|c| !c.is_ascii(), Digits::Lower);
    // .NET also writes the quote as a number.
    let net = |c: char| !c.is_ascii() || "&<>'+`".contains(c);
    let net = Zeroizing::new(escaped(net, Digits::Upper).replace("\\\"", "\\u0022"));
    let slashes = [&short, &ascii].map(|form| Zeroizing::new(form.replace('/', "\\/")));
    let html = escaped(|c| "&<>".contains(c), Digits::Lower);
    [short, ascii, net, html].into_iter().chain(slashes).collect()
}

#[derive(Clone, Copy)]
enum Digits {
    Lower,
    Upper,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn has(text: &str, form: &str) -> bool {
        encoded(text).iter().any(|one| one.as_str() == form)
    }

    #[test]
    fn base64_has_own_characters_at_each_position() {
        // base64 of "secret-1", "xsecret-1x" and "xxsecret-1x".
        for form in ["c2VjcmV0LTE=", "c2VjcmV0LTE", "NlY3JldC0x", "c2VjcmV0LT", "zZWNyZXQtM"] {
            assert!(has("secret-1", form), "{form}");
        }
        let around = |before: &str, after: &str| STANDARD.encode(format!("{before}secret-1{after}"));
        let forms = encoded("secret-1");
        for before in ["", "x", "xy", "xyz", "a:b"] {
            for after in ["", "z", "yz", "xyz"] {
                let text = around(before, after);
                assert!(forms.iter().any(|form| text.contains(form.as_str())), "{text}");
            }
        }
        assert!(has("~~~???~~~", "fn5-Pz8_fn5-") && has("~~~???~~~", "fn5+Pz8/fn5+"));
        assert!(encoded("abc").is_empty(), "too short");
    }

    #[test]
    fn long_base64_has_its_lines() {
        let text = "0123456789".repeat(12);
        let whole = STANDARD.encode(&text);
        for length in BASE64_LINES {
            assert!(whole.as_bytes().chunks(length).all(|line| has(&text, std::str::from_utf8(line).unwrap())));
        }
    }

    #[test]
    fn urls_and_json_are_encoded_as_by_common_tools() {
        let text = "a b/+\"'&ü\n";
        for form in [
            "a%20b%2F%2B%22%27%26%C3%BC%0A",
            "a%20b%2f%2b%22%27%26%c3%bc%0a",
            "a%20b%2F%2B%22'%26%C3%BC%0A",
            "a%20b/%2B%22%27%26%C3%BC%0A",
            "a+b%2F%2B%22%27%26%C3%BC%0A",
            "a b/+\\\"'&ü\\n",
            "a b/+\\\"'&\\u00fc\\n",
            "a b\\/+\\\"'&\\u00fc\\n",
            "a b/+\\\"'\\u0026ü\\n",
            "a b/\\u002B\\u0022\\u0027\\u0026\\u00FC\\n",
        ] {
            assert!(has(text, form), "{form}");
        }
        assert!(!has("plain", "plain"));
    }
}
