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
    let mut continued = false;
    for (number, line) in text.split_inclusive('\n').enumerate() {
        let is_comment = !continued && line.trim_start().starts_with(['#', '!']);
        let content = line.trim_end_matches(['\n', '\r']);
        let begins_property = !continued;
        continued = !is_comment && (content.len() - content.trim_end_matches('\\').len()) % 2 == 1;
        if is_comment {
            pieces.push(TemplatePiece::Verbatim(line));
            continue;
        }
        let mut found = only_references(line, number + 1, ScalarStyle::Property { needs_text: false });
        mark_beginning(&mut found, begins_property);
        for piece in found {
            if let (Some(TemplatePiece::Verbatim(before)), TemplatePiece::Scalar(..)) = (pieces.last(), &piece)
                && ends_in_escape(before)
            {
                let reason = "a backslash before a reference escapes the first character of the value";
                return Err(TemplateError { line: number + 1, reason: reason.to_owned() });
            }
            pieces.push(piece);
        }
    }
    Ok(pieces)
}

const BLANKS: [char; 3] = [' ', '\t', '\u{c}'];

/// Marks the references that begin a line or the value of a property, if a blank or the first separator follows them.
fn mark_beginning(pieces: &mut [TemplatePiece<'_>], begins_property: bool) {
    let Some(first) = pieces.iter().position(|piece| matches!(piece, TemplatePiece::Scalar(..))) else { return };
    let (before, rest) = pieces.split_at_mut(first);
    let before = if let Some(TemplatePiece::Verbatim(before)) = before.last() { before } else { "" };
    let before = if begins_property { after_key(before.trim_start_matches(BLANKS)) } else { before };
    let before = before.trim_start_matches(BLANKS);
    let is_separated = !begins_property || before.starts_with(['=', ':']);
    let is_dropped = |text: &str| text.starts_with(BLANKS) || !is_separated && text.starts_with(['=', ':']);
    let after =
        rest.iter().find_map(|piece| if let TemplatePiece::Verbatim(text) = piece { Some(*text) } else { None });
    let begins = before.strip_prefix(['=', ':']).unwrap_or(before).trim_start_matches(BLANKS).is_empty();
    if !begins || !after.is_some_and(is_dropped) {
        return;
    }
    for piece in rest {
        let TemplatePiece::Scalar(_, style) = piece else { return };
        *style = ScalarStyle::Property { needs_text: true };
    }
}

/// Returns what follows the key of a property: the separator, or nothing yet.
fn after_key(text: &str) -> &str {
    let mut is_escaped = false;
    let end = text.find(|letter| {
        let ends = !is_escaped && (BLANKS.contains(&letter) || ['=', ':'].contains(&letter));
        is_escaped = letter == '\\' && !is_escaped;
        ends
    });
    &text[end.unwrap_or(text.len())..]
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

    /// An empty value would be followed by a blank or a separator that Java drops.
    #[test]
    fn empty_value_needs_text_where_java_drops_what_follows() {
        let needs_text = |text| {
            let is_marked = |piece: &TemplatePiece<'_>| {
                matches!(piece, TemplatePiece::Scalar(_, ScalarStyle::Property { needs_text: true }))
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
