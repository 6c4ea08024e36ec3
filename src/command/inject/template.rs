//! A template as pieces: text that stays as it is, and references with the style in which their values are written.

use std::borrow::Cow;

use zeroize::Zeroizing;

use crate::output::variables::dotenv;

/// A piece of a template.
pub(super) enum TemplatePiece<'a> {
    Verbatim(&'a str),
    /// A scalar with references, which is written again as a whole.
    Scalar(Vec<ScalarPart<'a>>, ScalarStyle),
}

/// A part of a scalar.
pub(super) enum ScalarPart<'a> {
    /// Text without the escapes of its place.
    Text(Cow<'a, str>),
    Reference(TemplateReference<'a>),
}

/// A reference and its line.
pub(super) struct TemplateReference<'a> {
    pub text: Cow<'a, str>,
    pub line: usize,
}

/// The style in which a value is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ScalarStyle {
    /// Unchanged.
    Raw,
    /// A JSON string with its quotes, which YAML and TOML accept too.
    Quoted,
    /// Inside double quotes.
    InQuotes,
    /// Inside double quotes of YAML, which folds lines and drops the blanks around a fold.
    InFoldedQuotes {
        /// True if YAML would drop the blank or the line beside an empty value.
        needs_text: bool,
    },
    /// Inside a literal string of TOML, with one or three quotes.
    InTomlLiteral,
    /// Inside single quotes of YAML.
    InYamlQuotes {
        /// True for several lines: YAML drops the blanks around each line end.
        folded: bool,
        /// True if YAML would drop the blank or the line beside an empty value.
        needs_text: bool,
    },
    /// In a block scalar of YAML.
    InYamlBlock(BlockLine),
    /// The key or the value of a Java property.
    Property {
        /// True if Java would drop the blank or separator that follows an empty value.
        needs_text: bool,
        /// True if the text is part of the key.
        in_key: bool,
    },
    /// The value of a variable in a `.env` file.
    Env,
}

/// A line of a block scalar of YAML.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct BlockLine {
    /// The indentation of the line, and of the further lines of a value in it.
    pub indent: usize,
    /// True if that is more than the indentation of the block: the block keeps the rest as text.
    pub deeper: bool,
    /// True if the line begins with a reference.
    pub begins: bool,
    /// True if this line sets the indentation of the block.
    pub sets_indent: bool,
    /// True if this is the last line with text, and it ends with a reference.
    pub ends: bool,
    /// True if lines are joined (`>`).
    pub folded: bool,
}

impl BlockLine {
    fn write(self, value: &str, out: &mut Zeroizing<String>) -> Result<(), &'static str> {
        if value.chars().any(|c| c.is_control() && c != '\n' && c != '\t') || has_unprintable_in_yaml(value) {
            return Err("a YAML block cannot contain a carriage return or a control character; use \"double quotes\"");
        }
        if self.folded && (value.contains('\n') || self.begins && (value.is_empty() || value.starts_with([' ', '\t'])))
        {
            return Err("a folded YAML block (>) joins lines, except indented ones; use | or \"double quotes\"");
        }
        if self.deeper && value.contains('\n') {
            return Err(
                "a YAML block keeps the indentation of lines that have more than the first; use \"double quotes\"",
            );
        }
        if self.begins && self.sets_indent && value.trim_start_matches('\n').starts_with(' ') {
            return Err("a YAML block reads leading spaces as its indentation; use \"double quotes\"");
        }
        let is_blank = value.bytes().all(|b| b == b'\n');
        let is_first = self.begins && self.sets_indent;
        let is_last = self.ends && (self.begins || !value.is_empty());
        if is_blank && (is_first || is_last) {
            return Err("a YAML block can drop empty lines at its ends; use \"double quotes\"");
        }
        for (place, line) in value.split('\n').enumerate() {
            if place > 0 {
                out.push('\n');
                out.push_str(&" ".repeat(self.indent));
            }
            out.push_str(line);
        }
        Ok(())
    }
}

/// The characters that YAML has only as escapes, although they are no control characters: line ends of YAML 1.1, and what it
/// does not call printable (<https://yaml.org/spec/1.2.2/#51-character-set>).
const UNPRINTABLE_IN_YAML: [char; 4] = ['\u{2028}', '\u{2029}', '\u{fffe}', '\u{ffff}'];

fn has_unprintable_in_yaml(value: &str) -> bool {
    value.contains(UNPRINTABLE_IN_YAML)
}

/// A malformed template.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct TemplateError {
    pub line: usize,
    pub reason: String,
}

impl<'a> TemplatePiece<'a> {
    /// Returns the references in this piece.
    pub fn references(&self) -> impl Iterator<Item = &TemplateReference<'a>> {
        let parts = match self {
            TemplatePiece::Verbatim(_) => &[][..],
            TemplatePiece::Scalar(parts, _) => parts,
        };
        parts.iter().filter_map(|part| match part {
            ScalarPart::Reference(reference) => Some(reference),
            ScalarPart::Text(_) => None,
        })
    }

    /// Writes the piece, with the next value for each reference.
    ///
    /// # Errors
    /// A value cannot be written in its place: the line and the reason.
    pub fn write<'v>(
        &self,
        values: &mut impl Iterator<Item = &'v str>,
        out: &mut Zeroizing<String>,
    ) -> Result<(), (usize, &'static str)> {
        let (parts, encoding) = match self {
            TemplatePiece::Verbatim(text) => {
                out.push_str(text);
                return Ok(());
            }
            TemplatePiece::Scalar(parts, encoding) => (parts, encoding),
        };
        let mut whole = Zeroizing::new(String::new());
        let mut line = 0;
        for part in parts {
            match part {
                ScalarPart::Text(text) => whole.push_str(text),
                ScalarPart::Reference(reference) => {
                    line = reference.line;
                    whole.push_str(values.next().expect("a value for each reference"));
                }
            }
        }
        encoding.write(&whole, out).map_err(|reason| (line, reason))
    }
}

impl ScalarStyle {
    fn write(self, value: &str, out: &mut Zeroizing<String>) -> Result<(), &'static str> {
        match self {
            ScalarStyle::Raw => out.push_str(value),
            ScalarStyle::Quoted => {
                out.push('"');
                escape(value, out);
                out.push('"');
            }
            ScalarStyle::InQuotes => escape(value, out),
            ScalarStyle::InFoldedQuotes { needs_text: true } | ScalarStyle::InYamlQuotes { needs_text: true, .. }
                if value.is_empty() =>
            {
                return Err("YAML drops the blank or the line beside an empty value; put the text on one line");
            }
            ScalarStyle::InFoldedQuotes { .. } => {
                let blanks = |out: &mut Zeroizing<String>, count: usize| out.push_str(&"\\u0020".repeat(count));
                let rest = value.trim_start_matches(' ');
                let inner = rest.trim_end_matches(' ');
                blanks(out, value.len() - rest.len());
                escape(inner, out);
                blanks(out, rest.len() - inner.len());
            }
            ScalarStyle::InTomlLiteral => {
                if value.contains('\'') || value.chars().any(char::is_control) {
                    return Err("a TOML literal string cannot escape a quote or a line break; use \"double quotes\"");
                }
                out.push_str(value);
            }
            ScalarStyle::InYamlQuotes { folded, .. } => {
                if value.chars().any(char::is_control) || has_unprintable_in_yaml(value) {
                    return Err(
                        "YAML single quotes cannot contain a line break or an unprintable character; use \"double quotes\"",
                    );
                }
                if folded && (value.starts_with(' ') || value.ends_with(' ')) {
                    return Err("YAML single quotes drop spaces at the ends of lines; use \"double quotes\"");
                }
                value.split('\'').enumerate().for_each(|(place, part)| {
                    out.push_str(if place > 0 { "''" } else { "" });
                    out.push_str(part);
                });
            }
            ScalarStyle::InYamlBlock(line) => line.write(value, out)?,
            ScalarStyle::Property { needs_text: true, .. } if value.is_empty() => {
                return Err("a Java property drops the blank or separator that follows an empty value");
            }
            ScalarStyle::Property { in_key, .. } => property(value, in_key, out),
            ScalarStyle::Env => {
                if value.contains('\0') {
                    return Err("it contains a NUL character, which ends a variable");
                }
                let written = dotenv::value(value).ok_or(dotenv::NOT_ALIKE)?;
                out.push_str(&String::from_utf8_lossy(&written));
            }
        }
        Ok(())
    }
}

/// Writes with the escapes that JSON, YAML and TOML share. YAML and TOML need DEL escaped too, and YAML its own line ends.
fn escape(value: &str, out: &mut Zeroizing<String>) {
    for letter in value.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c.is_control() || c == '\u{feff}' || UNPRINTABLE_IN_YAML.contains(&c) => {
                out.push_str(&format!("\\u{:04x}", u32::from(c)));
            }
            c => out.push(c),
        }
    }
}

/// Writes the key or the value of a Java property in ASCII, which is the same in ISO 8859-1 and UTF-8
/// (<https://docs.oracle.com/en/java/javase/21/docs/api/java.base/java/util/Properties.html#load(java.io.Reader)>).
fn property(value: &str, in_key: bool, out: &mut Zeroizing<String>) {
    for (place, letter) in value.chars().enumerate() {
        match letter {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            // These end a key, or begin a comment.
            ' ' | '=' | ':' | '#' | '!' if in_key => out.extend(['\\', letter]),
            ' ' if place == 0 => out.push_str("\\ "),
            // After a key and blanks, the first of these would count as the separator.
            '=' | ':' if place == 0 => out.extend(['\\', letter]),
            c if (' '..='~').contains(&c) => out.push(c),
            c => {
                let mut units = [0; 2];
                c.encode_utf16(&mut units).iter().for_each(|unit| out.push_str(&format!("\\u{unit:04x}")));
            }
        }
    }
}

/// Finds braces and lines in a text. It remembers what it found: a reader that only moves forward searches the text once.
pub(super) struct Finder<'a> {
    text: &'a str,
    opening: Next,
    closing: Next,
    line_end: Next,
    /// An offset, and the number of line ends before it.
    counted: (usize, usize),
}

/// The next occurrence of a pattern.
struct Next {
    pattern: &'static str,
    /// The pattern does not occur between these offsets.
    from: usize,
    found: usize,
}

impl Next {
    fn new(pattern: &'static str) -> Self {
        Next { pattern, from: usize::MAX, found: 0 }
    }

    /// Returns the first occurrence at or after an offset, or the end of the text.
    fn after(&mut self, text: &str, at: usize) -> usize {
        if at < self.from || at > self.found {
            self.from = at;
            self.found = text[at..].find(self.pattern).map_or(text.len(), |found| at + found);
        }
        self.found
    }
}

impl<'a> Finder<'a> {
    pub fn new(text: &'a str) -> Self {
        let [opening, closing, line_end] = ["{{", "}}", "\n"].map(Next::new);
        Finder { text, opening, closing, line_end, counted: (0, 0) }
    }

    /// Returns the line number of an offset.
    pub fn line_of(&mut self, at: usize) -> usize {
        let (from, lines) = if self.counted.0 <= at { self.counted } else { (0, 0) };
        let lines = lines + self.text[from..at].bytes().filter(|b| *b == b'\n').count();
        self.counted = (at, lines);
        1 + lines
    }

    /// Returns the end of the line of an offset, without its line break.
    pub fn line_end(&mut self, at: usize) -> usize {
        self.line_end.after(self.text, at)
    }

    /// Finds the next `{{ REF }}` that begins between two offsets. Returns its start, its end and the reference, which are
    /// on one line.
    pub fn braces(&mut self, at: usize, until: usize) -> Option<(usize, usize, &'a str)> {
        let mut from = at;
        loop {
            let start = self.opening.after(self.text, from);
            if start >= until.min(self.text.len()) {
                return None;
            }
            let line_end = self.line_end(start);
            let end = self.closing.after(self.text, start + 2);
            if end < line_end {
                return Some((start, end + 2, self.text[start + 2..end].trim()));
            }
            from = line_end;
        }
    }

    /// Returns the end of the `{{ REF }}` that begins at an offset, and the reference.
    pub fn braces_at(&mut self, at: usize) -> Option<(usize, &'a str)> {
        self.braces(at, at + 1).map(|(_, end, reference)| (end, reference))
    }
}

/// Splits a text at each `{{ REF }}`. `first_line` is its line number.
pub(super) fn parts(text: &str, first_line: usize) -> Vec<ScalarPart<'_>> {
    let mut parts = Vec::new();
    let mut finder = Finder::new(text);
    let mut at = 0;
    while let Some((start, end, reference)) = finder.braces(at, text.len()) {
        if start > at {
            parts.push(ScalarPart::Text(text[at..start].into()));
        }
        let line = first_line + finder.line_of(start) - 1;
        parts.push(ScalarPart::Reference(TemplateReference { text: reference.into(), line }));
        at = end;
    }
    if at < text.len() {
        parts.push(ScalarPart::Text(text[at..].into()));
    }
    parts
}

/// Splits a text into pieces of which only the references are replaced.
pub(super) fn only_references(text: &str, first_line: usize, encoding: ScalarStyle) -> Vec<TemplatePiece<'_>> {
    let pieces = parts(text, first_line).into_iter().map(|part| match part {
        ScalarPart::Text(Cow::Borrowed(text)) => TemplatePiece::Verbatim(text),
        part => TemplatePiece::Scalar(vec![part], encoding),
    });
    pieces.collect()
}
