//! A log as one running text: wrappings taken off, lines joined, and every place in it known by its line.
//!
//! Programs break an error's words where their window ends, put boxes and colours around them, and quote one another's
//! lines as JSON, so that a line's end can stand as the four characters `\r\n`. Here each line's end, written or quoted, is
//! one blank, whatever stood around it.

use crate::redact;

/// The running text, and where its lines begin.
pub(super) struct Text {
    text: String,
    /// Where each line of the file begins.
    lines: Vec<u32>,
    /// Where each line begins that the file has or quotes.
    breaks: Vec<u32>,
}

/// Before or behind a place so much is looked at for the words around it.
const REACH: usize = 8_000;
/// No longer is what is quoted.
const QUOTE: usize = 240;
/// So much of it can stand before the match.
const LEAD: usize = 80;
/// What the JSON driver of `docker` puts around each line.
const DOCKER: (&str, &str) = ("{\"log\":\"", "\",\"stream\":");

impl Text {
    /// Takes the wrappings off.
    pub(super) fn unwrapped(raw: &str) -> Self {
        let mut out = Unwrapped { text: String::with_capacity(raw.len()), lines: Vec::new(), breaks: Vec::new() };
        for line in raw.split('\n') {
            out.begin_line();
            let own = line.strip_prefix(DOCKER.0).and_then(|rest| rest.rsplit_once(DOCKER.1));
            out.take(own.map_or(line, |(own, _)| own));
        }
        Text { text: out.text, lines: out.lines, breaks: out.breaks }
    }

    /// All of it.
    pub(super) fn as_str(&self) -> &str {
        &self.text
    }

    /// The line of the file that a place is on, from 1.
    pub(super) fn line(&self, at: usize) -> usize {
        self.lines.partition_point(|begin| *begin as usize <= at)
    }

    /// From so many lines before a place to it.
    pub(super) fn before(&self, at: usize, lines: usize) -> &str {
        let here = self.breaks.partition_point(|begin| *begin as usize <= at);
        let begin = self.breaks.get(here.saturating_sub(lines + 1)).map_or(0, |begin| *begin as usize);
        &self.text[self.character(begin.max(at.saturating_sub(REACH)))..at]
    }

    /// From a place over so many lines.
    pub(super) fn after(&self, at: usize, lines: usize) -> &str {
        let here = self.breaks.partition_point(|begin| *begin as usize <= at);
        let end = self.breaks.get(here + lines).map_or(self.text.len(), |end| *end as usize);
        &self.text[at..self.character(end.min(at + REACH))]
    }

    /// The sanitized line around a match, cut to the part that matters.
    pub(super) fn quote(&self, at: usize, end: usize) -> String {
        // What looks like a token is cut out before anything is cut off, which could hide that it is one.
        let before = self.before(at, 0);
        let whole_words = before.find(' ').filter(|_| before.len() >= REACH - 4).map_or(before, |at| &before[at..]);
        let before = redact::sanitize_log_quote(whole_words);
        let of_json = before.rfind("\":\"").map(|at| at + 3);
        let begin = of_json.or_else(|| before.rfind("=\"").map(|at| at + 2));
        let mut begin = begin.unwrap_or(0).max(before.len().saturating_sub(LEAD));
        while !before.is_char_boundary(begin) {
            begin += 1;
        }
        // What was cut off begins with what it is about, and not in the middle of a word.
        if begin > 0 && before.len() - begin == LEAD {
            let lead = &before[begin..];
            begin += lead.rfind(": ").map(|at| at + 2).or_else(|| lead.find(' ')).unwrap_or(0);
        }
        let after = redact::sanitize_log_quote(self.after(end, 0));
        let after = after.find("\",\"").map_or(after.as_str(), |end| &after[..end]);
        let after = of_json.and_then(|_| after.find("\"}")).map_or(after, |end| &after[..end]);
        let quote = format!("{}{}{after}", before[begin..].trim_start(), &self.text[at..end]);
        let quote = without_time(&quote).trim_start_matches(['-', '*', '│', '|', ' ']).trim_end();
        match quote.char_indices().nth(QUOTE) {
            None => quote.to_owned(),
            Some((cut, _)) => format!("{} …", quote[..cut].rsplit_once(' ').map_or(&quote[..cut], |(whole, _)| whole)),
        }
    }

    fn character(&self, mut at: usize) -> usize {
        while !self.text.is_char_boundary(at) {
            at -= 1;
        }
        at
    }
}

struct Unwrapped {
    text: String,
    lines: Vec<u32>,
    breaks: Vec<u32>,
}

impl Unwrapped {
    fn begin_line(&mut self) {
        self.blank();
        self.lines.push(self.place());
        self.breaks.push(self.place());
    }

    /// Where the next character comes to stand; what is longer than this can tell is never read.
    fn place(&self) -> u32 {
        u32::try_from(self.text.len()).unwrap_or(u32::MAX)
    }

    /// One blank, however many were asked for.
    fn blank(&mut self) {
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
                    self.blank();
                    &rest[at + 1..]
                }
                _ => &rest[at + 1..],
            };
        }
        self.text.push_str(rest);
    }

    /// What JSON, and programs that quote one another's JSON, write with any number of backslashes.
    fn unescape<'a>(&mut self, text: &'a str) -> &'a str {
        let escaped = text.trim_start_matches('\\');
        let rest = escaped.get(1..).unwrap_or_default();
        match escaped.bytes().next() {
            // `C:\new\table` has no lines.
            Some(b'n' | b'r' | b't')
                if rest.starts_with(|c: char| c.is_ascii_lowercase())
                    && self.text.ends_with(|c: char| c == ':' || c.is_ascii_alphanumeric()) =>
            {
                self.text.push('\\');
                escaped
            }
            Some(b'n' | b'r') => {
                self.blank();
                if self.breaks.last() != Some(&self.place()) {
                    self.breaks.push(self.place());
                }
                rest
            }
            Some(b't') => {
                self.blank();
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

    /// The entities of HTML that stand in what a web page showed.
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

    /// The lines of a box are nobody's words.
    fn box_character<'a>(&mut self, text: &'a str) -> &'a str {
        let length = text.chars().next().map_or(1, char::len_utf8);
        match text.starts_with(['│', '╷', '╵', '┃']) {
            true => self.blank(),
            false => self.text.push_str(&text[..length]),
        }
        &text[length..]
    }
}

fn is_special(byte: u8) -> bool {
    byte < 0x20 || matches!(byte, b' ' | b'\\' | b'&' | 0xe2)
}

/// A line without the time that its keeper put before it, `2026-01-31T12:00:00.000000001Z`.
fn without_time(line: &str) -> &str {
    let is_time = |word: &str| {
        let is_part = |b: u8| b.is_ascii_digit() || b"-T:.Z+".contains(&b);
        word.len() >= 19 && word.bytes().all(is_part) && word.as_bytes()[10] == b'T'
    };
    line.split_once(' ').filter(|(word, _)| is_time(word)).map_or(line, |(_, rest)| rest)
}

/// What follows a terminal's colour, `ESC [ ... m`.
fn after_sequence(text: &str) -> &str {
    let Some(rest) = text.strip_prefix('[') else { return text };
    let end = rest.find(|c: char| c.is_ascii_alphabetic()).map_or(rest.len(), |at| at + 1);
    &rest[end..]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrappings_are_taken_off() {
        for (raw, text) in [
            ("a\r\nb", "a b"),
            (r"resource.\r\nCaller: x", "resource. Caller: x"),
            (r#"{\"message\":\"it\u0027s \\\"so\\\"\\r\\nx\"}"#, r#"{"message":"it's "so" x"}"#),
            ("│ Error: not authorized to\n│ perform  action\n╵", "Error: not authorized to perform action "),
            ("\u{1b}[31mred\u{1b}[0m", "red"),
            (r"\u001b[31mred\u001b[0m", "red"),
            ("please run &#39;az login&#39; &amp; go", "please run 'az login' & go"),
            (r"C:\new\table and D:\\temp", r"C:\new\table and D:\temp"),
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
    fn a_place_is_known_by_its_line_and_quoted_by_its_words() {
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
    fn the_time_before_a_line_is_not_quoted() {
        let text = Text::unwrapped("2026-01-31T12:00:00.000000009Z \tAzureCliCredential: match");
        assert_eq!(text.quote(51, 56), "AzureCliCredential: match");
        assert_eq!(without_time("2026-01-31 x"), "2026-01-31 x");
    }

    #[test]
    fn what_looks_secret_is_cut_out_of_a_quote() {
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
