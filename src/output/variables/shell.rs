//! Formats `export` lines for a POSIX shell: `eval "$(azfob get ... -o shell)"`.
//!
//! Inside single quotes only the quote itself is special (POSIX, section 2.2.2).

use zeroize::Zeroizing;

use super::variable::SecretVariable;

/// Formats a variable as an `export` line, with its value in single quotes.
pub fn line(variable: &SecretVariable<'_>) -> Zeroizing<Vec<u8>> {
    let mut text = Zeroizing::new(Vec::with_capacity(variable.name.len() + 4 * variable.value.len() + 12));
    text.extend_from_slice(format!("export {}='", variable.name).as_bytes());
    for (place, part) in variable.value.split('\'').enumerate() {
        if place > 0 {
            text.extend_from_slice(br"'\''");
        }
        text.extend_from_slice(part.as_bytes());
    }
    text.extend_from_slice(b"'\n");
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_are_escaped() {
        let text = |value| String::from_utf8(line(&SecretVariable { name: "A", value }).to_vec()).unwrap();
        assert_eq!(text("it's $(x) `y` \\ \"z\"\n'"), "export A='it'\\''s $(x) `y` \\ \"z\"\n'\\'''\n");
        assert_eq!(text(""), "export A=''\n");
    }
}
