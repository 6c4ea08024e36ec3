//! `export` lines for a POSIX shell, made for `eval "$(azfob get ... -o shell)"`.
//!
//! Between single quotes nothing has a meaning but the quote itself (POSIX, section 2.2.2).

use zeroize::Zeroizing;

use super::variable::Variable;

/// Variables as `export` lines, each value in single quotes.
pub fn lines(variables: &[Variable<'_>]) -> Zeroizing<Vec<u8>> {
    let room = variables.iter().map(|v| v.name.len() + 4 * v.value.len() + 12).sum();
    let mut text = Zeroizing::new(Vec::with_capacity(room));
    for variable in variables {
        text.extend_from_slice(format!("export {}='", variable.name).as_bytes());
        for (place, part) in variable.value.split('\'').enumerate() {
            if place > 0 {
                text.extend_from_slice(br"'\''");
            }
            text.extend_from_slice(part.as_bytes());
        }
        text.extend_from_slice(b"'\n");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quote_ends_nothing() {
        let text =
            lines(&[Variable { name: "A", value: "it's $(x) `y` \\ \"z\"\n'" }, Variable { name: "B", value: "" }]);
        assert_eq!(String::from_utf8_lossy(&text), "export A='it'\\''s $(x) `y` \\ \"z\"\n'\\'''\nexport B=''\n");
    }
}
