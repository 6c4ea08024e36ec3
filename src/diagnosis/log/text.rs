//! Unwraps a log into one text without line breaks, boxes, colors and escapes, and keeps the line numbers.
//!
//! Programs wrap messages, draw boxes around them, and quote each other's lines as JSON, so that a line break can be the four
//! characters `\r\n`. Each line break, real or quoted, becomes one space.

use std::ops::Range;

use super::line::{self, LineKind, LineReader};
use crate::redact;

/// The unwrapped text and the offsets of its lines.
pub(super) struct Text {
    text: String,
    /// Start of each line of the file.
    lines: Vec<u32>,
    /// Start of each line, including quoted ones.
    breaks: Vec<u32>,
    /// What each of them begins.
    kinds: Vec<LineKind>,
}

/// Bytes before or after an offset that belong to its lines.
const REACH: usize = 8_000;
/// Maximum characters of a quote.
const QUOTE: usize = 240;
/// Bytes of a quote before the match.
const LEAD: usize = 80;

impl Text {
    /// Unwraps a log.
    pub(super) fn unwrapped(raw: &str) -> Self {
        let (text, lines) = (String::with_capacity(raw.len()), Vec::new());
        let mut out = Text { text, lines, breaks: Vec::new(), kinds: Vec::new() };
        let mut reader = LineReader::default();
        for line in raw.split('\n') {
            let own = line::without_prefix(line);
            out.begin_line(reader.kind(own));
            out.take(own);
        }
        out
    }

    /// Returns the lines, including quoted ones: the offset of each, and what it begins.
    pub(super) fn lines(&self) -> impl ExactSizeIterator<Item = (usize, LineKind)> {
        self.breaks.iter().map(|at| *at as usize).zip(self.kinds.iter().copied())
    }

    pub(super) fn as_str(&self) -> &str {
        &self.text
    }

    /// Returns the line of the file at an offset, from 1.
    pub(super) fn line(&self, at: usize) -> usize {
        self.lines.partition_point(|begin| *begin as usize <= at)
    }

    /// Returns the text before an offset, from this number of lines before it.
    pub(super) fn before(&self, at: usize, lines: usize) -> &str {
        let here = self.breaks.partition_point(|begin| *begin as usize <= at);
        let begin = self.breaks.get(here.saturating_sub(lines + 1)).map_or(0, |begin| *begin as usize);
        &self.text[self.char_start(begin.max(at.saturating_sub(REACH)))..at]
    }

    /// Returns the text after an offset, to the end of its line and this number of further lines.
    pub(super) fn after(&self, at: usize, lines: usize) -> &str {
        let here = self.breaks.partition_point(|begin| *begin as usize <= at);
        let end = self.breaks.get(here + lines).map_or(self.text.len(), |end| *end as usize);
        &self.text[at..self.char_start(end.min(at + REACH))]
    }

    /// Returns the number of lines that begin after one offset, up to another.
    pub(super) fn lines_between(&self, from: usize, to: usize) -> usize {
        let line = |at: usize| self.breaks.partition_point(|begin| *begin as usize <= at);
        line(to).saturating_sub(line(from))
    }

    /// Returns the start of the next line that is not empty.
    pub(super) fn next_line(&self, at: usize) -> Option<usize> {
        let next = self.breaks.partition_point(|begin| (*begin as usize) < at);
        self.breaks.get(next).map(|begin| *begin as usize).filter(|begin| *begin < self.text.len())
    }

    /// Returns the line at an offset, without the next one.
    pub(super) fn line_around(&self, at: usize) -> Range<usize> {
        let next = self.breaks.partition_point(|begin| *begin as usize <= at);
        let begin = next.checked_sub(1).map_or(0, |line| self.breaks[line] as usize);
        begin..self.breaks.get(next).map_or(self.text.len(), |end| *end as usize)
    }

    /// Returns true for a line of source code, which Node and Python print above an uncaught error.
    pub(super) fn is_source_code(&self, at: usize) -> bool {
        let line = self.text[self.line_around(at)].trim_start();
        ["const ", "let ", "throw ", "raise "].iter().any(|word| line.starts_with(word))
    }

    /// Returns the end of the line at an offset with its continuations, at most `longest` bytes away.
    pub(super) fn end_of_unit(&self, at: usize, longest: usize) -> usize {
        let next = self.breaks.partition_point(|begin| *begin as usize <= at);
        let ends = |line: &usize| self.kinds[*line] != LineKind::Continuation;
        let near = |line: &usize| (self.breaks[*line] as usize) < at + longest;
        let end = (next..self.breaks.len()).take_while(near).find(ends);
        let end = end.map_or(self.text.len().min(at + longest), |line| self.breaks[line] as usize);
        self.char_start(end)
    }

    /// Returns the sanitized line around a match, shortened to the relevant part.
    pub(super) fn quote(&self, at: usize, end: usize) -> String {
        // Masked before it is shortened: a part of a token may not look like one.
        let before = self.before(at, 0);
        let whole_words = before.find(' ').filter(|_| before.len() >= REACH - 4).map_or(before, |at| &before[at..]);
        let before = redact::sanitize_log_quote(whole_words);
        let of_json = before.rfind("\":\"").map(|at| at + 3);
        let begin = of_json.or_else(|| before.rfind("=\"").map(|at| at + 2));
        let mut begin = begin.unwrap_or(0).max(before.len().saturating_sub(LEAD));
        while !before.is_char_boundary(begin) {
            begin += 1;
        }
        // A shortened quote begins after a label or at a word.
        if begin > 0 && before.len() - begin == LEAD {
            let lead = &before[begin..];
            begin += lead.rfind(": ").map(|at| at + 2).or_else(|| lead.find(' ')).unwrap_or(0);
        }
        let after = redact::sanitize_log_quote(self.after(end, 0));
        let after = after.find("\",\"").map_or(after.as_str(), |end| &after[..end]);
        let after = of_json.and_then(|_| after.find("\"}")).map_or(after, |end| &after[..end]);
        let quote = format!("{}{}{after}", before[begin..].trim_start(), &self.text[at..end]);
        let quote = without_time(&quote).trim_start_matches(['-', '*', '│', '|', ' ']).trim_end();
        // The mark of an error line of Azure Pipelines and GitHub Actions.
        let quote = quote.strip_prefix("# #[error]").unwrap_or(quote);
        match quote.char_indices().nth(QUOTE) {
            None => quote.to_owned(),
            Some((cut, _)) => format!("{} …", quote[..cut].rsplit_once(' ').map_or(&quote[..cut], |(whole, _)| whole)),
        }
    }

    /// Returns the start of the character at an offset.
    fn char_start(&self, mut at: usize) -> usize {
        while !self.text.is_char_boundary(at) {
            at -= 1;
        }
        at
    }
}

/// Unwrapping, line by line.
impl Text {
    fn begin_line(&mut self, kind: LineKind) {
        self.space();
        self.lines.push(self.offset());
        self.breaks.push(self.offset());
        self.kinds.push(kind);
    }

    /// Returns the offset of the next character. A text is never longer than `u32`.
    fn offset(&self) -> u32 {
        u32::try_from(self.text.len()).unwrap_or(u32::MAX)
    }

    /// Adds a space, unless the text ends with one.
    fn space(&mut self) {
        if !self.text.is_empty() && !self.text.ends_with(' ') {
            self.text.push(' ');
        }
    }

    fn take(&mut self, line: &str) {
        let mut rest = line;
        while let Some(at) = rest.bytes().position(is_special) {
            self.text.push_str(&rest[..at]);
            rest = match rest.as_bytes()[at] {
                b'\\' => self.unescape(&rest[at..]),
                b'&' => self.entity(&rest[at..]),
                0x1b => after_sequence(&rest[at + 1..]),
                0xe2 => self.box_character(&rest[at..]),
                b' ' | b'\t' | b'\r' => {
                    self.space();
                    &rest[at + 1..]
                }
                _ => &rest[at + 1..],
            };
        }
        self.text.push_str(rest);
    }

    /// Decodes an escape with any number of backslashes, as in quoted JSON.
    fn unescape<'a>(&mut self, text: &'a str) -> &'a str {
        let escaped = text.trim_start_matches('\\');
        let rest = escaped.get(1..).unwrap_or_default();
        match escaped.bytes().next() {
            Some(b'n' | b'r' | b't') if rest.starts_with(|c: char| c.is_ascii_lowercase()) && self.is_in_path() => {
                self.text.push('\\');
                escaped
            }
            Some(b'n' | b'r') => {
                self.space();
                if self.breaks.last() != Some(&self.offset()) {
                    self.breaks.push(self.offset());
                    self.kinds.push(LineKind::Continuation);
                }
                line::without_bar(rest)
            }
            Some(b't') => {
                self.space();
                rest
            }
            Some(b'"' | b'\'' | b'/') => {
                self.text.push_str(&escaped[..1]);
                rest
            }
            Some(b'u') => {
                match rest.get(..4).and_then(|hex| u32::from_str_radix(hex, 16).ok()).and_then(char::from_u32) {
                    Some('\u{1b}') => after_sequence(&rest[4..]),
                    Some(c) => {
                        if !c.is_control() {
                            self.text.push(c);
                        }
                        &rest[4..]
                    }
                    None => escaped,
                }
            }
            _ => {
                self.text.push('\\');
                escaped
            }
        }
    }

    /// Returns true after the beginning of a Windows path: `C:` or `C:\folder`.
    fn is_in_path(&self) -> bool {
        let bytes = self.text.as_bytes();
        let begin = bytes.iter().rposition(|b| b" \"'(=,".contains(b)).map_or(0, |at| at + 1);
        matches!(&bytes[begin..], [drive, b':'] | [drive, b':', b'\\' | b'/', ..] if drive.is_ascii_alphabetic())
    }

    /// Decodes an HTML entity.
    fn entity<'a>(&mut self, text: &'a str) -> &'a str {
        const ENTITIES: [(&str, char); 8] = [
            ("&quot;", '"'),
            ("&#34;", '"'),
            ("&#39;", '\''),
            ("&#x27;", '\''),
            ("&apos;", '\''),
            ("&amp;", '&'),
            ("&lt;", '<'),
            ("&gt;", '>'),
        ];
        for (entity, c) in ENTITIES {
            if let Some(rest) = text.strip_prefix(entity) {
                self.text.push(c);
                return rest;
            }
        }
        self.text.push('&');
        &text[1..]
    }

    /// Removes the vertical lines of a box.
    fn box_character<'a>(&mut self, text: &'a str) -> &'a str {
        let length = text.chars().next().map_or(1, char::len_utf8);
        match text.starts_with(['│', '╷', '╵', '┃']) {
            true => self.space(),
            false => self.text.push_str(&text[..length]),
        }
        &text[length..]
    }
}

fn is_special(byte: u8) -> bool {
    byte < 0x20 || matches!(byte, b' ' | b'\\' | b'&' | 0xe2)
}

/// Removes the timestamp of a log at the start of a line.
fn without_time(line: &str) -> &str {
    line.split_once(' ').filter(|(word, _)| line::is_time(word)).map_or(line, |(_, rest)| rest)
}

/// Returns the text after a terminal's escape sequence, `ESC [ ... m`.
fn after_sequence(text: &str) -> &str {
    let Some(rest) = text.strip_prefix('[') else { return text };
    let end = rest.find(|c: char| c.is_ascii_alphabetic()).map_or(rest.len(), |at| at + 1);
    &rest[end..]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logs_are_unwrapped() {
        for (raw, text) in [
            ("a\r\nb", "a b"),
            (r"resource.\r\nCaller: x", "resource. Caller: x"),
            (r#"{\"message\":\"it\u0027s \\\"so\\\"\\r\\nx\"}"#, r#"{"message":"it's "so" x"}"#),
            ("│ Error: not authorized to\n│ perform  action\n╵", "Error: not authorized to perform action "),
            ("\u{1b}[31mred\u{1b}[0m", "red"),
            (r"\u001b[31mred\u001b[0m", "red"),
            ("please run &#39;az login&#39; &amp; go", "please run 'az login' & go"),
            (r"C:\new\table and D:\\temp", r"C:\new\table and D:\temp"),
            (r"Content:\nno identity\nto note", "Content: no identity to note"),
            (r"- | not allowed to\n      | perform it", "- | not allowed to perform it"),
            (
                "{\"log\":\"one\\n\",\"stream\":\"stderr\",\"time\":\"t\"}\n{\"log\":\"two\\n\",\"stream\":\"x\"}",
                "one two ",
            ),
            ("für – ∑", "für – ∑"),
        ] {
            assert_eq!(Text::unwrapped(raw).as_str(), text, "{raw}");
        }
    }

    #[test]
    fn offsets_have_lines_and_quotes() {
        let text = Text::unwrapped("one\ntwo\n{\"level\":\"error\",\"msg\":\"it failed: here it is\",\"n\":1}");
        let at = text.as_str().find("here").unwrap();
        assert_eq!((text.line(0), text.line(at)), (1, 3));
        assert_eq!(text.quote(at, at + 4), "it failed: here it is");
        assert_eq!(
            (text.before(at, 1).trim_end().starts_with("two"), text.after(at, 0)),
            (true, "here it is\",\"n\":1}")
        );
    }

    #[test]
    fn timestamps_are_not_quoted() {
        let text = Text::unwrapped("2026-01-31T12:00:00.123Z \tAzureCliCredential: match");
        assert_eq!(text.quote(45, 50), "AzureCliCredential: match");
        assert_eq!(without_time("2026-01-31 x"), "2026-01-31 x");
    }

    #[test]
    fn likely_secrets_are_masked_in_quotes() {
        for raw in [
            "x eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.c2ln match",
            "x match client_secret=hunter2&y=1",
            "x match Authorization: Bearer Abcdefgh0123456789 z",
            "x match Ab0Ab0Ab0Ab0Ab0Ab0Ab0Ab0Ab0Ab0Ab0Ab0 z",
            "x match pwd=hunter2;",
        ] {
            let text = Text::unwrapped(raw);
            let at = text.as_str().find("match").unwrap();
            let quote = text.quote(at, at + 5);
            assert!(
                quote.contains("***") && !["eyJ", "hunter2", "Ab0", "Abcd"].iter().any(|s| quote.contains(s)),
                "{quote}"
            );
        }
    }
}
