//! Percent-encoding: queries, forms and path segments, decoded as the WHATWG URL standard does it.
//! Never fails: what is not an escape stays as it is.

/// The pairs of a query or a form body (`a=1&b=x+y`), decoded, in their order.
pub(super) fn pairs(text: &str) -> Vec<(String, String)> {
    text.split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decoded(&name.replace('+', " ")), decoded(&value.replace('+', " ")))
        })
        .collect()
}

/// A text with its `%41` escapes replaced.
pub(super) fn decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut plain = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let escape = (bytes[at] == b'%').then(|| text.get(at + 1..at + 3)).flatten();
        let byte = escape
            .filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()))
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        plain.push(byte.unwrap_or(bytes[at]));
        at += if byte.is_some() { 3 } else { 1 };
    }
    String::from_utf8_lossy(&plain).into_owned()
}

#[cfg(test)]
/// A text as a query's value may hold it.
pub(super) fn encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
            other => format!("%{other:02X}"),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_decoded() {
        let form = pairs("scope=https%3A%2F%2Fvault.azure.net%2F.default&a=x+y&empty=&&flag&bad=%zz%4");
        let form: Vec<_> = form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(
            form,
            [
                ("scope", "https://vault.azure.net/.default"),
                ("a", "x y"),
                ("empty", ""),
                ("flag", ""),
                ("bad", "%zz%4")
            ]
        );
    }

    #[test]
    fn what_is_encoded_decodes_to_itself() {
        for text in ["a b/c?&=+%", "ü€", ""] {
            assert_eq!(decoded(&encoded(text)), text);
        }
    }
}
