//! Writes JSON, indented like `az`, without invisible characters and pipeline commands.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::ser::Formatter;
use zeroize::Zeroizing;

use crate::redact::{COMMAND_MARKER, is_invisible};

/// Writes a value, indented like `az`, and a newline.
///
/// # Errors
/// Returns the error of `to`.
pub fn write(to: &mut dyn Write, value: &impl Serialize) -> io::Result<()> {
    let mut writer = EscapingWriter { to, lines: Zeroizing::new(Vec::with_capacity(MANY_LINES + (4 << 10))) };
    value.serialize(&mut serde_json::Serializer::with_formatter(&mut writer, IndentingFormatter::default()))?;
    writer.write_all(b"\n")?;
    writer.flush()
}

/// Formats a value, indented like `az`, and a newline.
pub fn to_bytes(value: &impl Serialize) -> Zeroizing<Vec<u8>> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(64 << 10));
    write(&mut *bytes, value).expect("the values are JSON, and memory does not fail");
    bytes
}

/// Escapes invisible characters and pipeline commands in JSON. It means the same. Outside of strings, JSON has only line
/// breaks of these. Collects the small pieces that serde_json writes into lines, and writes many lines at once.
struct EscapingWriter<'a> {
    to: &'a mut dyn Write,
    lines: Zeroizing<Vec<u8>>,
}

/// The size from which the lines are written.
const MANY_LINES: usize = 32 << 10;

impl EscapingWriter<'_> {
    fn write_lines(&mut self) -> io::Result<()> {
        let lines = &*self.lines;
        // serde_json escapes all control characters of ASCII but DEL.
        let is_plain = lines.is_ascii() && memchr::memchr(0x7f, lines).is_none();
        if is_plain && memchr::memmem::find(lines, COMMAND_MARKER.as_bytes()).is_none() {
            self.to.write_all(lines)?;
        } else {
            write_escaped(self.to, std::str::from_utf8(lines).expect("serde_json writes whole characters"))?;
        }
        self.lines.clear();
        Ok(())
    }
}

fn write_escaped(to: &mut dyn Write, mut text: &str) -> io::Result<()> {
    let is_escaped = |text: &str, at: usize, c: char| {
        is_invisible(c) && c != '\n' || text.as_bytes()[..=at].ends_with(COMMAND_MARKER.as_bytes())
    };
    while let Some((at, c)) = text.char_indices().find(|(at, c)| is_escaped(text, *at, *c)) {
        to.write_all(&text.as_bytes()[..at])?;
        for unit in c.encode_utf16(&mut [0; 2]) {
            write!(to, "\\u{unit:04x}")?;
        }
        text = &text[at + c.len_utf8()..];
    }
    to.write_all(text.as_bytes())
}

impl Write for EscapingWriter<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.write_all(bytes).map(|()| bytes.len())
    }

    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.lines.extend_from_slice(bytes);
        // No string of JSON has a line break, so no character and no command is cut.
        if self.lines.len() >= MANY_LINES && bytes.ends_with(b"\n") { self.write_lines() } else { Ok(()) }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.write_lines()?;
        self.to.flush()
    }
}

/// Indents by two spaces, with the same bytes as serde_json's `PrettyFormatter`. A key reaches the writer in three pieces, not in
/// eight: a list of secrets has very many.
#[derive(Default)]
struct IndentingFormatter {
    depth: usize,
    /// True if the array or object that ends next has a value.
    has_value: bool,
    /// True between the first quote of a key and its last.
    in_key: bool,
}

impl IndentingFormatter {
    fn begin<W: ?Sized + Write>(&mut self, bracket: &[u8], writer: &mut W) -> io::Result<()> {
        self.depth += 1;
        self.has_value = false;
        writer.write_all(bracket)
    }

    fn end<W: ?Sized + Write>(&mut self, bracket: &[u8], writer: &mut W) -> io::Result<()> {
        self.depth -= 1;
        if self.has_value {
            self.begin_line(true, false, writer)?;
        }
        writer.write_all(bracket)
    }

    /// Ends a line, with a comma if another value is on it, and indents the next one. A key begins with its quote.
    fn begin_line<W: ?Sized + Write>(&self, first: bool, is_key: bool, writer: &mut W) -> io::Result<()> {
        const LINES: [&[u8]; 5] = [b",\n\"", b",\n  \"", b",\n    \"", b",\n      \"", b",\n        \""];
        let begin = usize::from(first);
        if let (Some(line), true) = (LINES.get(self.depth), is_key) {
            return writer.write_all(&line[begin..]);
        }
        writer.write_all(&b",\n"[begin..])?;
        for _ in 0..self.depth {
            writer.write_all(b"  ")?;
        }
        writer.write_all(if is_key { b"\"" } else { b"" })
    }
}

impl Formatter for IndentingFormatter {
    fn begin_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.begin(b"[", writer)
    }

    fn end_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.end(b"]", writer)
    }

    fn begin_array_value<W: ?Sized + Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.begin_line(first, false, writer)
    }

    fn end_array_value<W: ?Sized + Write>(&mut self, _: &mut W) -> io::Result<()> {
        self.has_value = true;
        Ok(())
    }

    fn begin_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.begin(b"{", writer)
    }

    fn end_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.end(b"}", writer)
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.in_key = true;
        self.begin_line(first, true, writer)
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, _: &mut W) -> io::Result<()> {
        Ok(())
    }

    fn end_object_value<W: ?Sized + Write>(&mut self, _: &mut W) -> io::Result<()> {
        self.has_value = true;
        Ok(())
    }

    fn begin_string<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        if self.in_key { Ok(()) } else { writer.write_all(b"\"") }
    }

    fn end_string<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        let is_key = std::mem::take(&mut self.in_key);
        writer.write_all(if is_key { b"\": " } else { b"\"" })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::json;

    use super::*;

    #[test]
    fn large_json_is_escaped_and_means_the_same() {
        let odd = |n: usize| format!("{}##vso[x]\u{7f}é\u{200b}###{n}\n", "x".repeat(n % 50));
        let odd: Vec<String> = (0..3_000).map(odd).collect();
        let bytes = to_bytes(&odd);
        assert_eq!(serde_json::from_slice::<Vec<String>>(&bytes).unwrap(), odd);
        let text = std::str::from_utf8(&bytes).unwrap();
        assert!(!text.contains(COMMAND_MARKER) && !text.chars().any(|c| c != '\n' && is_invisible(c)));
        let plain = vec!["a # b"; 10_000];
        assert_eq!(*to_bytes(&plain), *(serde_json::to_string_pretty(&plain).unwrap() + "\n").into_bytes());
    }

    #[test]
    fn every_shape_has_the_bytes_of_serde_json() {
        let mut deep = json!([]);
        for depth in 0..7 {
            deep =
                json!({ "a": [], "b": {}, "deep": [deep, { "n": depth }], "": ["x", 1, null, true, { "\"": "\\" }] });
        }
        for value in [json!(1), json!("x"), json!([]), json!({}), deep] {
            assert_eq!(*to_bytes(&value), *(serde_json::to_string_pretty(&value).unwrap() + "\n").into_bytes());
        }
        let keys_are_numbers = BTreeMap::from([(1, "a"), (2, "b")]);
        assert_eq!(*to_bytes(&keys_are_numbers), *b"{\n  \"1\": \"a\",\n  \"2\": \"b\"\n}\n");
    }
}
