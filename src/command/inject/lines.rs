//! Finds the references in plain text, Java properties and `.env` files. Comments stay as they are.

use super::template::{Finder, ScalarStyle, TemplateError, TemplatePiece, only_references, parts};

/// Splits any text into pieces.
pub(super) fn raw(text: &str) -> Result<Vec<TemplatePiece<'_>>, TemplateError> {
    Ok(only_references(text, 1, ScalarStyle::Raw))
}

/// Splits Java properties into pieces. A line after one that ends with a backslash continues it, also if it begins as a
/// comment does
/// (<https://docs.oracle.com/en/java/javase/21/docs/api/java.base/java/util/Properties.html#load(java.io.Reader)>).
pub(super) fn properties(text: &str) -> Result<Vec<TemplatePiece<'_>>, TemplateError> {
    let mut pieces = Vec::new();
    let (mut continued, mut number, mut place) = (false, 1, Place::Key);
    for line in property_lines(text) {
        let is_comment = !continued && line.trim_start_matches(BLANKS).starts_with(['#', '!']);
        let content = line.trim_end_matches(['\n', '\r']);
        place = if continued { place } else { Place::Key };
        continued = !is_comment && (content.len() - content.trim_end_matches('\\').len()) % 2 == 1;
        let line_number = number;
        number += usize::from(line.ends_with('\n'));
        if is_comment {
            pieces.push(TemplatePiece::Verbatim(line));
            continue;
        }
        let mut found = only_references(line, line_number, ScalarStyle::Property { needs_text: false, in_key: false });
        place = mark_needed(&mut found, place);
        for piece in found {
            if let (Some(TemplatePiece::Verbatim(before)), TemplatePiece::Scalar(..)) = (pieces.last(), &piece)
                && ends_in_escape(before)
            {
                let reason = "a backslash before a reference escapes the first character of the value";
                return Err(TemplateError { line: line_number, reason: reason.to_owned() });
            }
            pieces.push(piece);
        }
    }
    Ok(pieces)
}

/// Splits a text after each line end of Java: `\n`, `\r` or both.
fn property_lines(text: &str) -> impl Iterator<Item = &str> {
    text.split_inclusive('\n').flat_map(|line| {
        let content = line.strip_suffix("\r\n").or(line.strip_suffix('\n')).unwrap_or(line);
        let last = content.rfind('\r').map_or(0, |at| at + 1);
        // An empty last line is there only for the line end that follows it.
        let last = if last == line.len() { None } else { Some(&line[last..]) };
        line[..line.len() - last.map_or(0, str::len)].split_inclusive('\r').chain(last)
    })
}

const BLANKS: [char; 3] = [' ', '\t', '\u{c}'];

/// A place in a property, which may have several lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Key,
    /// After the key and a blank: a separator may follow.
    Gap,
    /// After the separator, before the value.
    Separated,
    Value,
}

impl Place {
    /// Returns the place after a text.
    fn after(self, text: &str) -> Self {
        let (mut place, mut is_escaped) = (self, false);
        for letter in text.trim_end_matches(['\n', '\r']).chars() {
            let (is_blank, is_separator) = (BLANKS.contains(&letter), ['=', ':'].contains(&letter));
            place = match place {
                Place::Key if !is_escaped && is_blank => Place::Gap,
                Place::Key | Place::Gap if !is_escaped && is_separator => Place::Separated,
                Place::Gap | Place::Separated if !is_blank && letter != '\\' || is_escaped => Place::Value,
                place => place,
            };
            is_escaped = letter == '\\' && !is_escaped;
        }
        place
    }
}

/// Marks the references that cannot be empty, because Java would drop the blank or separator that follows. Returns the place
/// after the line.
fn mark_needed(pieces: &mut [TemplatePiece<'_>], mut place: Place) -> Place {
    let mut is_line_start = true;
    for at in 0..pieces.len() {
        if let TemplatePiece::Verbatim(text) = pieces[at] {
            let text = if is_line_start { text.trim_start_matches(BLANKS) } else { text };
            place = place.after(text);
            is_line_start &= text.is_empty();
            continue;
        }
        let following = pieces[at..]
            .iter()
            .find_map(|piece| if let TemplatePiece::Verbatim(text) = piece { Some(*text) } else { None });
        let following = following.unwrap_or_default();
        let is_blank_dropped = is_line_start || matches!(place, Place::Gap | Place::Separated);
        // The next line may begin with a separator.
        let is_separator_dropped = place == Place::Gap
            && (following.starts_with(['=', ':']) || following.trim_end_matches(['\n', '\r']) == "\\");
        if let TemplatePiece::Scalar(_, style) = &mut pieces[at] {
            let needs_text = is_separator_dropped || is_blank_dropped && following.starts_with(BLANKS);
            *style = ScalarStyle::Property { needs_text, in_key: place == Place::Key };
        }
    }
    place
}

/// Returns true if a text ends in a part of an escape: `\`, or `\u` with fewer than four digits.
fn ends_in_escape(text: &str) -> bool {
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        let escaped = if letter == '\\' { letters.next() } else { Some(letter) };
        let is_unicode = letter == '\\' && escaped == Some('u');
        if escaped.is_none() || is_unicode && letters.by_ref().take(4).count() < 4 {
            return true;
        }
    }
    false
}

/// Splits a `.env` file into pieces. A value with references is written again as a whole, in the quotes that it needs.
pub(super) fn env(text: &str) -> Result<Vec<TemplatePiece<'_>>, TemplateError> {
    let mut pieces = Vec::new();
    for (number, line) in text.split_inclusive('\n').enumerate() {
        let number = number + 1;
        let malformed = |reason: &str| TemplateError { line: number, reason: reason.to_owned() };
        let is_comment = line.trim_start().starts_with('#');
        let Some((start, ..)) = Finder::new(line).braces(0, line.len()).filter(|_| !is_comment) else {
            pieces.push(TemplatePiece::Verbatim(line));
            continue;
        };
        let sign = line.find('=').filter(|sign| *sign < start);
        let sign = sign.ok_or_else(|| malformed("expected NAME= before a reference"))?;
        let (before, value) = line.split_at(sign + 1);
        let content = value.trim_end();
        let end = &value[content.len()..];
        let content = content.trim_start();
        let (content, comment) = match content.chars().next().filter(|c| ['\'', '"'].contains(c)) {
            Some(quote) => {
                let close = content[1..].find(quote).map(|at| at + 1);
                let close = close.ok_or_else(|| malformed("the closing quote is missing on this line"))?;
                let inner = &content[1..close];
                if quote == '"' && inner.contains('\\') {
                    return Err(malformed("a value with escapes and a reference is ambiguous; use 'single quotes'"));
                }
                (inner, &content[close + 1..])
            }
            None => content.find(" #").map_or((content, ""), |at| content.split_at(at)),
        };
        pieces.push(TemplatePiece::Verbatim(before));
        pieces.push(TemplatePiece::Scalar(parts(content.trim_end(), number), ScalarStyle::Env));
        pieces.push(TemplatePiece::Verbatim(comment));
        pieces.push(TemplatePiece::Verbatim(end));
    }
    Ok(pieces)
}

#[cfg(test)]
mod tests {
    use super::super::template::ScalarPart;
    use super::*;

    fn is_one(piece: &TemplatePiece<'_>) -> bool {
        matches!(piece, TemplatePiece::Scalar(parts, _) if matches!(parts.as_slice(), [ScalarPart::Reference(_)]))
    }

    #[test]
    fn comments_and_other_text_stay() {
        let texts = ["no braces", "{{ open", "# {{ A }}\n", "}} {{\n}}"];
        for text in texts {
            assert!(
                properties(text).unwrap().iter().all(|piece| matches!(piece, TemplatePiece::Verbatim(_))),
                "{text}"
            );
        }
        assert_eq!(raw("a {{A}} b {{ akv://v/b }}").unwrap().iter().filter(|piece| is_one(piece)).count(), 2);
        assert!(env("{{ A }}\n").is_err() && env("A=\"{{ A }}\\n\"\n").is_err() && env("A='{{ A }}\n'\n").is_err());
    }

    #[test]
    fn continued_property_may_begin_like_a_comment() {
        for (text, references) in [
            ("a = x,\\\n  # {{ A }}\n", 1),
            ("a = x,\\\r\n! {{ A }}\\\r\n# {{ B }}\r\n# {{ C }}\r\n", 2),
            ("a = x\\\\\n# {{ A }}\n", 0),
            ("# x\\\n# {{ A }}\n", 0),
        ] {
            assert_eq!(properties(text).unwrap().iter().filter(|piece| is_one(piece)).count(), references, "{text}");
        }
    }

    #[test]
    fn property_lines_end_as_in_java() {
        for (text, expected) in [
            ("", vec![]),
            ("a", vec!["a"]),
            ("a\nb", vec!["a\n", "b"]),
            ("a\r\n\r\nb\r\n", vec!["a\r\n", "\r\n", "b\r\n"]),
            ("a\rb\r\rc\r\r\n", vec!["a\r", "b\r", "\r", "c\r", "\r\n"]),
            ("\ra\r", vec!["\r", "a\r"]),
        ] {
            assert_eq!(property_lines(text).collect::<Vec<_>>(), expected, "{text:?}");
        }
        assert_eq!(properties("# x\ra={{ A }}\r# {{ B }}").unwrap().iter().filter(|piece| is_one(piece)).count(), 1);
    }

    /// An empty value would be followed by a blank or a separator that Java drops.
    #[test]
    fn empty_value_needs_text_where_java_drops_what_follows() {
        let needs_text = |text| {
            let is_marked = |piece: &TemplatePiece<'_>| {
                matches!(piece, TemplatePiece::Scalar(_, ScalarStyle::Property { needs_text: true, .. }))
            };
            properties(text).unwrap().iter().any(is_marked)
        };
        for text in [
            "a={{ A }} x",
            "a : {{ A }}\tx",
            "a {{ A }}=x",
            "a {{ A }} x",
            "a={{ A }} \\\n x",
            "a=x,\\\n  {{ A }} y",
            "a={{ A }}{{ B }} x",
            "a\\:b={{ A }} x",
            "\\\na {{ A }} x",
            "\\\na{{ B }} {{ A }} x",
            "a\\\n{{ A }} x",
            "a {{ A }}\\\n=x",
            "a=1\r{{ A }} x",
        ] {
            assert!(needs_text(text), "{text}");
        }
        for text in [
            "a={{ A }}",
            "a={{ A }}:80",
            "a = {{ A }}=x",
            "a={{ A }}\\\n  x",
            "a=x {{ A }} y",
            "a=x,\\\n{{ A }},y",
            "a={{ A }},{{ B }} x",
            "# {{ A }} x",
            "a{{ A }} = x",
            "\\\na=x {{ A }} y",
            "a={{ A }}\\\n=x",
        ] {
            assert!(!needs_text(text), "{text}");
        }
    }

    #[test]
    fn escape_before_a_reference_in_properties_is_refused() {
        for text in ["a=\\{{ A }}", "a=\\\\\\{{ A }}", "a=\\u00e{{ A }}", "a={{ A }}\\{{ A }}", "a=1\\\n\\u{{ A }}"] {
            let error = properties(text).err().expect(text);
            assert_eq!(error.line, text.lines().count(), "{text}");
            assert!(error.reason.starts_with("a backslash before a reference escapes the first"), "{text}");
        }
        for text in ["a=\\\\{{ A }}", "a=\\u00e4{{ A }}", "a=\\n{{ A }}\\\\", "a=x\\\n{{ A }}", "# \\{{ A }}"] {
            assert!(properties(text).is_ok(), "{text}");
        }
    }
}
