//! Finds the strings with references in JSON and TOML. Comments stay as they are.

use crate::vault::reference::SecretRef;

use super::template::{Finder, ScalarPart, ScalarStyle, TemplateError, TemplatePiece, TemplateReference};

/// Splits JSON with comments into pieces. Replaces strings that are only a reference, except keys, and each `{{ REF }}`:
/// inside a string, or outside with quotes around the value.
pub(super) fn json(text: &str) -> Result<Vec<TemplatePiece<'_>>, TemplateError> {
    let mut scan = Scan::new(text);
    while let Some(rest) = scan.rest() {
        if rest.starts_with("//") {
            scan.skip_to("\n");
        } else if rest.starts_with("/*") {
            scan.skip_to("*/");
        } else if rest.starts_with("{{") {
            scan.braces();
        } else if rest.starts_with('"') {
            let end = scan.closing()?;
            let literal = &text[scan.at..end];
            let is_key = text[end..].trim_start().starts_with(':');
            let whole =
                serde_json::from_str::<String>(literal).ok().filter(|text| SecretRef::is_setting_reference(text));
            match whole.filter(|_| !is_key) {
                Some(reference) => scan.replace(end, reference.trim().to_owned()),
                None => {
                    scan.inside(scan.at + 1, end - 1, ScalarStyle::InQuotes);
                    scan.at = end;
                }
            }
        } else {
            scan.at += rest.chars().next().map_or(1, char::len_utf8);
        }
    }
    Ok(scan.finish())
}

/// Splits TOML into pieces. Replaces each `{{ REF }}`: inside a string, or outside with quotes around the value.
pub(super) fn toml(text: &str) -> Result<Vec<TemplatePiece<'_>>, TemplateError> {
    let mut scan = Scan::new(text);
    while let Some(rest) = scan.rest() {
        if rest.starts_with('#') {
            scan.skip_to("\n");
        } else if rest.starts_with("{{") {
            scan.braces();
        } else if let Some((mark, encoding)) = [
            ("\"\"\"", ScalarStyle::InQuotes),
            ("'''", ScalarStyle::InTomlLiteral),
            ("\"", ScalarStyle::InQuotes),
            ("'", ScalarStyle::InTomlLiteral),
        ]
        .into_iter()
        .find(|(mark, _)| rest.starts_with(mark))
        {
            let end = match mark {
                "\"" => scan.closing()?,
                mark => scan.closing_mark(mark)?,
            };
            scan.inside(scan.at + mark.len(), end - mark.len(), encoding);
            scan.at = end;
        } else {
            scan.at += rest.chars().next().map_or(1, char::len_utf8);
        }
    }
    Ok(scan.finish())
}

/// Returns the end of the double-quoted string at the start of a text.
pub(super) fn end_of_double_quotes(text: &str) -> Option<usize> {
    let mut escaped = false;
    let end = text.get(1..)?.find(|c| {
        let ends = c == '"' && !escaped;
        escaped = c == '\\' && !escaped;
        ends
    });
    end.map(|end| 1 + end + 1)
}

/// A position in a text, and the pieces before it.
pub(super) struct Scan<'a> {
    pub text: &'a str,
    pub at: usize,
    /// The end of the text that is in `pieces`.
    pub kept: usize,
    pub pieces: Vec<TemplatePiece<'a>>,
    pub finder: Finder<'a>,
}

impl<'a> Scan<'a> {
    pub fn new(text: &'a str) -> Self {
        Scan { text, at: 0, kept: 0, pieces: Vec::new(), finder: Finder::new(text) }
    }

    /// Returns the text from here on, or `None` at the end.
    pub fn rest(&self) -> Option<&'a str> {
        self.text.get(self.at..).filter(|rest| !rest.is_empty())
    }

    pub fn skip_to(&mut self, end: &str) {
        self.at = self.text[self.at..].find(end).map_or(self.text.len(), |found| self.at + found + end.len());
    }

    /// Returns the end of the double-quoted string that begins here.
    fn closing(&mut self) -> Result<usize, TemplateError> {
        let length = end_of_double_quotes(&self.text[self.at..]);
        length.map(|length| self.at + length).ok_or_else(|| self.open_quote())
    }

    /// Returns the end of the string that begins here with `mark` and ends with it. A backslash escapes in double quotes.
    fn closing_mark(&mut self, mark: &str) -> Result<usize, TemplateError> {
        let inner = self.at + mark.len();
        let mut from = inner;
        loop {
            let found = self.text[from..].find(mark).ok_or_else(|| self.open_quote())?;
            let place = from + found;
            let backslashes = self.text[inner..place].bytes().rev().take_while(|b| *b == b'\\').count();
            if mark.starts_with('"') && backslashes % 2 == 1 {
                from = place + 1;
                continue;
            }
            return Ok(place + mark.len());
        }
    }

    pub fn open_quote(&mut self) -> TemplateError {
        self.error(self.at, "the closing quote is missing")
    }

    pub fn error(&mut self, at: usize, reason: &str) -> TemplateError {
        TemplateError { line: self.finder.line_of(at), reason: reason.to_owned() }
    }

    /// Replaces a `{{ REF }}` outside a string by a string.
    pub fn braces(&mut self) {
        match self.finder.braces_at(self.at) {
            Some((end, reference)) => self.replace(end, reference.to_owned()),
            None => self.at += 2,
        }
    }

    /// Replaces the text from here to `end` by the value of a reference, in quotes.
    pub fn replace(&mut self, end: usize, reference: String) {
        let reference = TemplateReference { text: reference.into(), line: self.finder.line_of(self.at) };
        self.push(self.at, TemplatePiece::Scalar(vec![ScalarPart::Reference(reference)], ScalarStyle::Quoted), end);
    }

    /// Replaces the references between two offsets, and moves to the second.
    pub fn inside(&mut self, start: usize, end: usize, encoding: ScalarStyle) {
        self.at = start;
        while let Some((from, to, reference)) = self.finder.braces(self.at, end).filter(|(_, to, _)| *to <= end) {
            let reference = TemplateReference { text: reference.into(), line: self.finder.line_of(from) };
            self.push(from, TemplatePiece::Scalar(vec![ScalarPart::Reference(reference)], encoding), to);
        }
        self.at = end;
    }

    /// Keeps the text before `start`, adds a piece, and moves to `end`.
    pub fn push(&mut self, start: usize, piece: TemplatePiece<'a>, end: usize) {
        self.pieces.push(TemplatePiece::Verbatim(&self.text[self.kept..start]));
        self.pieces.push(piece);
        (self.at, self.kept) = (end, end);
    }

    pub fn finish(mut self) -> Vec<TemplatePiece<'a>> {
        self.pieces.push(TemplatePiece::Verbatim(&self.text[self.kept..]));
        self.pieces
    }
}
