//! Formats `NAME=value` lines for a `.env` file.
//!
//! These files have no common grammar. The dotenv package of npm, python-dotenv and Docker Compose read these lines alike:
//! plain if no character is special, in single quotes if they keep all of it, in double quotes for a quote or a carriage
//! return. Any other value is refused.

use zeroize::Zeroizing;

use crate::error::Error;

use super::variable::{SecretVariable, refuse};

pub(crate) const NOT_ALIKE: &str = ".env parsers disagree about its quotes, backslashes or ${}; use -o shell, -o json \
                                    or azfob run";

/// Checks that all readers read the values alike.
///
/// # Errors
/// Returns an error that names all other values.
pub fn check(variables: &[SecretVariable<'_>]) -> Result<(), Error> {
    refuse(variables, |value| !write(value, &mut Zeroizing::new(Vec::new())), NOT_ALIKE)
}

/// Formats a variable that passed [`check`], with its value in the simplest form that all readers read alike.
pub fn line(variable: &SecretVariable<'_>) -> Zeroizing<Vec<u8>> {
    let mut text = Zeroizing::new(Vec::with_capacity(variable.name.len() + 2 * variable.value.len() + 5));
    text.extend_from_slice(variable.name.as_bytes());
    text.push(b'=');
    write(variable.value, &mut text);
    text.push(b'\n');
    text
}

/// Formats a value, or returns `None` if readers would disagree.
pub(crate) fn value(value: &str) -> Option<Zeroizing<Vec<u8>>> {
    let mut text = Zeroizing::new(Vec::with_capacity(2 * value.len() + 2));
    write(value, &mut text).then_some(text)
}

/// Writes a value, or returns false if readers would disagree.
fn write(value: &str, text: &mut Vec<u8>) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"_.,:/@%+=-".contains(&b);
    // python-dotenv expands variables inside any quotes.
    if value.contains("${") {
        return false;
    }
    if value.bytes().all(plain) {
        text.extend_from_slice(value.as_bytes());
        return true;
    }
    // Readers normalize line endings first, so a carriage return needs an escape.
    if !value.contains(['\'', '\r']) && !value.contains(r"\\") && !value.ends_with('\\') {
        text.push(b'\'');
        text.extend_from_slice(value.as_bytes());
        text.push(b'\'');
        return true;
    }
    if !value.contains(['"', '\\', '$', '`']) {
        text.push(b'"');
        for byte in value.bytes() {
            match byte {
                b'\r' => text.extend_from_slice(br"\r"),
                b'\n' => text.extend_from_slice(br"\n"),
                byte => text.push(byte),
            }
        }
        text.push(b'"');
        return true;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(value: &str) -> Option<String> {
        let mut text = Vec::new();
        write(value, &mut text).then(|| String::from_utf8(text).unwrap())
    }

    #[test]
    fn values_have_the_simplest_form() {
        for (value, form) in [
            ("", ""),
            ("plain-1.2:3/4", "plain-1.2:3/4"),
            ("a b", "'a b'"),
            ("#", "'#'"),
            ("a\nb\n", "'a\nb\n'"),
            (r#"{"a":"b\n$c"}"#, r#"'{"a":"b\n$c"}'"#),
            ("it's", "\"it's\""),
            ("a\r\nb", r#""a\r\nb""#),
            ("Grüße", "'Grüße'"),
        ] {
            assert_eq!(written(value).as_deref(), Some(form));
        }
    }

    #[test]
    fn values_that_readers_disagree_about_are_refused() {
        for value in [r"a\\b", "ends\\", "it's \"quoted\"", "it's $5", "${HOME}", "a\\\r", "'`'"] {
            assert_eq!(written(value), None, "{value}");
        }
        let variables =
            [("A", "x"), ("B", "${x}"), ("C", "ends\\")].map(|(name, value)| SecretVariable { name, value });
        let reason = check(&variables).unwrap_err().to_string();
        assert!(reason.starts_with("the values of B, C cannot be written: "), "{reason}");
    }
}
