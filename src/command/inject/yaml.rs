//! Finds the scalars with references in YAML (<https://yaml.org/spec/1.2.2/>). Comments stay as they are.
//!
//! A scalar that is only a reference, and a plain scalar with `{{ REF }}`, is replaced by a string in double quotes. Inside
//! quotes and block scalars only the reference is replaced. What a reader of single lines cannot decide is an error.

use crate::vault::reference::SecretRef;

use super::data::{Scan, end_of_double_quotes};
use super::template::{BlockLine, ScalarPart, ScalarStyle, TemplateError, TemplatePiece, TemplateReference, parts};

/// Splits a YAML file into pieces.
pub(super) fn pieces(text: &str) -> Result<Vec<TemplatePiece<'_>>, TemplateError> {
    let mut scan = Scan::new(text);
    // The parent of a value without a dash or key on its line, and the plain scalar that the next lines may continue.
    let (mut parent, mut open) = (None, None);
    while let Some(rest) = scan.rest() {
        let line = rest.split_inclusive('\n').next().unwrap_or(rest);
        let end = scan.at + line.len();
        let indent = line.len() - line.trim_start_matches(' ').len();
        let content = line.trim();
        let begins_document = indent == 0 && content.starts_with("--- ");
        if begins_document || indent == 0 && ["---", "..."].contains(&content) {
            (parent, open) = (None, None);
        }
        let has_no_value = content.starts_with("---") && !begins_document || indent == 0 && content == "...";
        if content.is_empty() || content.starts_with(['#', '%']) || has_no_value {
            scan.at = end;
            continue;
        }
        if let Some(scalar) = open.take_if(|scalar: &mut PlainScalar| scalar.parent.is_none_or(|own| indent > own)) {
            if scalar.has_reference || has_reference(&mut scan, line) {
                let at = if scalar.has_reference { scalar.at } else { scan.at };
                return Err(scan.error(at, SEVERAL_LINES));
            }
            open = Some(scalar);
            scan.at = end;
            continue;
        }
        let line_start = scan.at;
        scan.at += if begins_document { "---".len() } else { indent };
        let (after_marks, mark) = value_start(line, scan.at - line_start);
        scan.at = line_start + after_marks;
        if mark.is_none() && parent.is_none() && text[scan.at..].starts_with(['|', '>']) {
            only_block(&mut scan)?;
            continue;
        }
        let position = ValuePosition { indent: mark.unwrap_or(indent), has_mark: mark.is_some() || begins_document };
        let at = scan.at;
        let found = value(&mut scan, position)?;
        parent = mark.or(parent);
        open = match found {
            Found::Plain { has_reference } => Some(PlainScalar { parent, at, has_reference }),
            Found::Other => None,
        };
    }
    Ok(scan.finish())
}

const SEVERAL_LINES: &str = "a reference in a plain scalar of several lines; put the scalar in \"double quotes\"";

/// Returns true if a line that continues a plain scalar has a reference, or looks as if its value were one.
fn has_reference(scan: &mut Scan<'_>, line: &str) -> bool {
    let indent = line.len() - line.trim_start_matches(' ').len();
    let until = |line: &str| line.find(" #").unwrap_or(line.len());
    let end = scan.at + until(line);
    let value = &line[value_start(line, indent).0..];
    SecretRef::is_setting_reference(value[..until(value)].trim())
        || scan.finder.braces(scan.at, end).is_some_and(|found| found.1 <= end)
}

/// A plain scalar, which lines with more indentation continue.
struct PlainScalar {
    /// The indentation of its dash or key. None for the only value of a document.
    parent: Option<usize>,
    /// The offset of its text.
    at: usize,
    has_reference: bool,
}

/// What a line has after its dashes and keys.
enum Found {
    Plain { has_reference: bool },
    Other,
}

/// The position of a value.
struct ValuePosition {
    /// The indentation of the dash or key before the value.
    indent: usize,
    /// True if that is on the same line.
    has_mark: bool,
}

/// Returns where the value of a line begins, after dashes, key and tags, and where the last dash or key begins.
fn value_start(line: &str, mut at: usize) -> (usize, Option<usize>) {
    let line = line.lines().next().unwrap_or_default();
    let blanks = |at: usize| line[at..].len() - line[at..].trim_start_matches([' ', '\t']).len();
    let mut mark = None;
    at += blanks(at);
    let mut start = at;
    loop {
        let rest = &line[at..];
        if rest.starts_with("- ") || rest.starts_with("? ") || rest == "-" {
            (mark, at) = (Some(start), at + 1);
            at += blanks(at);
            start = at;
        } else if rest.starts_with(['!', '&']) {
            // A tag or an anchor, which can end in a colon.
            at += rest.find([' ', '\t']).unwrap_or(rest.len());
            at += blanks(at);
        } else if let Some(colon) = key(rest) {
            (mark, at) = (Some(start), at + colon + 1);
            at += blanks(at);
            start = at;
        } else {
            return (at, mark);
        }
    }
}

/// Returns the offset of the colon if the rest of a line begins with a key.
fn key(line: &str) -> Option<usize> {
    let from = match line.chars().next()? {
        '"' => end_of_double_quotes(line)?,
        '\'' => end_of_single_quotes(line)?,
        '[' | '{' | '|' | '>' | '#' | '@' | '`' => return None,
        _ => {
            let colon = line.match_indices(':').find(|(at, _)| ends_key(line, *at))?.0;
            return (![" #", "{{"].iter().any(|mark| line[..colon].contains(mark))).then_some(colon);
        }
    };
    let colon = from + line[from..].len() - line[from..].trim_start().len();
    (line[colon..].starts_with(':') && ends_key(line, colon)).then_some(colon)
}

fn ends_key(line: &str, colon: usize) -> bool {
    line[colon + 1..].chars().next().is_none_or(|next| next == ' ' || next == '\t')
}

fn value(scan: &mut Scan<'_>, position: ValuePosition) -> Result<Found, TemplateError> {
    let text = scan.text;
    let rest = &text[scan.at..];
    let mut found = Found::Other;
    match rest.chars().next() {
        None | Some('#' | '\r' | '\n') => {}
        Some('|' | '>') => {
            block(scan, position.indent);
            return Ok(Found::Other);
        }
        Some(quote @ ('"' | '\'')) => quoted(scan, quote)?,
        Some('[') => flow(scan)?,
        Some('{') if !rest.starts_with("{{") => flow(scan)?,
        Some(_) => {
            let line = rest.split('\n').next().unwrap_or(rest).trim_end();
            let plain = line.find(" #").map_or(line, |comment| line[..comment].trim_end());
            let end = scan.at + plain.len();
            let has_reference = SecretRef::is_setting_reference(plain)
                || scan.finder.braces(scan.at, end).is_some_and(|found| found.1 <= end);
            if has_reference {
                if plain.match_indices(':').any(|(at, _)| ends_key(plain, at)) {
                    return Err(scan
                        .error(scan.at, "a reference in a key, or a colon in a plain scalar; use \"double quotes\""));
                }
                if !position.has_mark && scan.at > 0 && !text[..scan.at].trim().is_empty() {
                    return Err(scan.error(scan.at, SEVERAL_LINES));
                }
                plain_scalar(scan, plain, end);
            }
            found = Found::Plain { has_reference };
        }
    }
    // Only a comment can follow the value.
    scan.at = text[scan.at..].find('\n').map_or(text.len(), |end| scan.at + end + 1);
    Ok(found)
}

fn plain_scalar<'a>(scan: &mut Scan<'a>, plain: &'a str, end: usize) {
    let line = scan.finder.line_of(scan.at);
    let whole = SecretRef::is_setting_reference(plain);
    let parts = if whole {
        vec![ScalarPart::Reference(TemplateReference { text: plain.into(), line })]
    } else {
        parts(plain, line)
    };
    scan.push(scan.at, TemplatePiece::Scalar(parts, ScalarStyle::Quoted), end);
}

fn quoted(scan: &mut Scan<'_>, quote: char) -> Result<(), TemplateError> {
    let length = match quote {
        '"' => end_of_double_quotes(&scan.text[scan.at..]),
        _ => end_of_single_quotes(&scan.text[scan.at..]),
    };
    let end = scan.at + length.ok_or_else(|| scan.open_quote())?;
    let inner = &scan.text[scan.at + 1..end - 1];
    let is_plain = !inner.contains(['\\', '\n']) && !inner.contains("''");
    let is_key = scan.text[end..].trim_start().starts_with(':');
    if is_plain && !is_key && SecretRef::is_setting_reference(inner) {
        scan.replace(end, inner.trim().to_owned());
    } else {
        let folded = inner.contains('\n');
        let start = scan.at + 1;
        let mut at = start;
        for line in inner.split_inclusive('\n') {
            let needs_text = folded && needs_text(line, at == start, !line.ends_with('\n'));
            let style = match quote {
                '"' => ScalarStyle::InFoldedQuotes { needs_text },
                _ => ScalarStyle::InYamlQuotes { folded, needs_text },
            };
            scan.inside(at, at + line.len(), style);
            at += line.len();
        }
        scan.at = end;
    }
    Ok(())
}

/// Returns true if YAML would read a line of a quoted scalar in another way without the values of its references: it drops the
/// blanks around a line end, and an empty line is a line break.
fn needs_text(line: &str, is_first: bool, is_last: bool) -> bool {
    let parts = parts(line, 1);
    let is_reference = |part: &ScalarPart<'_>| matches!(part, ScalarPart::Reference(_));
    let (Some(first), Some(last)) = (parts.iter().position(is_reference), parts.iter().rposition(is_reference)) else {
        return false;
    };
    let text = |parts: &[ScalarPart<'_>]| -> String {
        parts
            .iter()
            .filter_map(|part| if let ScalarPart::Text(text) = part { Some(text.as_ref()) } else { None })
            .collect()
    };
    let (before, after) = (text(&parts[..last]), text(&parts[last + 1..]));
    let ends = before.ends_with([' ', '\t']) || !is_first && before.trim().is_empty();
    let is_at_end = !is_last && after.trim().is_empty() && ends;
    let (before, after) = (text(&parts[..first]), text(&parts[first + 1..]));
    let begins = after.starts_with([' ', '\t']) || !is_last && after.trim().is_empty();
    is_at_end || !is_first && before.trim().is_empty() && begins
}

/// Returns the end of the single-quoted string at the start of a text. Two quotes in it mean one.
fn end_of_single_quotes(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = 1;
    while at < bytes.len() {
        match (bytes[at], bytes.get(at + 1)) {
            (b'\'', Some(b'\'')) => at += 2,
            (b'\'', _) => return Some(at + 1),
            _ => at += 1,
        }
    }
    None
}

/// Skips a block scalar that is the only value of a document: its text need not be indented.
fn only_block(scan: &mut Scan<'_>) -> Result<(), TemplateError> {
    let body = &scan.text[scan.at..];
    let mut lines = body.split_inclusive('\n');
    let header = lines.next().unwrap_or_default().len();
    let is_text = |line: &&str| !["---", "..."].contains(&line.trim_end()) && !line.starts_with("--- ");
    let end = header + lines.take_while(is_text).map(str::len).sum::<usize>();
    let has_braces = scan.finder.braces(scan.at, scan.at + end).is_some_and(|found| found.1 <= scan.at + end);
    if has_braces || SecretRef::is_setting_reference(body[header..end].trim()) {
        return Err(scan.error(scan.at, "a reference in a block scalar without a key; give it a key"));
    }
    scan.at += end;
    Ok(())
}

/// Reads a block scalar. One that is only a reference is replaced by a quoted value; in another, only the references are.
fn block(scan: &mut Scan<'_>, indent: usize) {
    let text = scan.text;
    let header = text[scan.at..].lines().next().unwrap_or_default();
    let header_end = scan.at + header.len();
    let header = header.find(" #").map_or(header, |comment| &header[..comment]).trim_end();
    let start = text[header_end..].find('\n').map_or(text.len(), |end| header_end + end + 1);
    let own_indent = |line: &str| line.len() - line.trim_start_matches(' ').len();
    let lines = || {
        let below = text[start..].split_inclusive('\n');
        below.take_while(|line| own_indent(line) > indent || line.trim().is_empty())
    };
    let body = &text[start..start + lines().map(str::len).sum::<usize>()];
    if SecretRef::is_setting_reference(body) && !body.trim().contains('\n') {
        let line = scan.finder.line_of(start + body.len() - body.trim_start().len());
        let indicator_end = scan.at + header.len();
        let reference = ScalarPart::Reference(TemplateReference { text: body.trim().into(), line });
        scan.push(scan.at, TemplatePiece::Scalar(vec![reference], ScalarStyle::Quoted), indicator_end);
        scan.push(header_end, TemplatePiece::Verbatim(""), start + body.trim_end().len());
        return;
    }
    let content_end = start + body.trim_end().len();
    // The indentation of the text: from the header, or else from the first line with text.
    let mut block_indent = header.chars().find_map(|c| c.to_digit(10)).map(|digit| indent + digit as usize);
    scan.at = start;
    for line in lines() {
        let indent = own_indent(line);
        let begins = scan.finder.braces_at(scan.at + indent).is_some();
        let ends = scan.at + line.len() >= content_end && line.trim_end().ends_with("}}");
        let (sets_indent, deeper) = (block_indent.is_none(), block_indent.is_some_and(|own| indent > own));
        let here = BlockLine { indent, deeper, begins, sets_indent, ends, folded: header.starts_with('>') };
        scan.inside(scan.at, scan.at + line.len(), ScalarStyle::InYamlBlock(here));
        if !line.trim().is_empty() {
            block_indent = block_indent.or(Some(indent));
        }
    }
}

/// Reads `[a, "b"]` or `{a: b}`, on one or several lines.
fn flow(scan: &mut Scan<'_>) -> Result<(), TemplateError> {
    let start = scan.at;
    let mut depth = 0;
    while let Some(rest) = scan.rest() {
        match rest.chars().next() {
            Some('{') if rest.starts_with("{{") && scan.finder.braces_at(scan.at).is_some() => {
                scan.braces();
            }
            Some('[' | '{') => (depth, scan.at) = (depth + 1, scan.at + 1),
            Some(']' | '}') => {
                (depth, scan.at) = (depth - 1, scan.at + 1);
                if depth == 0 {
                    return Ok(());
                }
            }
            Some(quote @ ('"' | '\'')) => quoted(scan, quote)?,
            Some('#') => scan.skip_to("\n"),
            Some(c) if c.is_whitespace() || [',', ':'].contains(&c) => scan.at += c.len_utf8(),
            Some(_) => {
                // In `{a: b}`, a key comes before the value.
                let ends = |&(at, c): &(usize, char)| match c {
                    ':' => rest[at..].starts_with(": "),
                    c => [',', ']', '}', '\n'].contains(&c),
                };
                let end = rest.char_indices().find(ends).map_or(rest.len(), |(at, _)| at);
                let plain = rest[..end].trim_end();
                if SecretRef::is_setting_reference(plain) {
                    scan.replace(scan.at + plain.len(), plain.to_owned());
                } else if plain.contains("{{") {
                    let reason =
                        "a reference inside a plain scalar in [...] or {...}; put the scalar in \"double quotes\"";
                    return Err(scan.error(scan.at, reason));
                } else {
                    scan.at += plain.len().max(1);
                }
            }
            None => break,
        }
    }
    Err(scan.error(start, "the closing bracket is missing"))
}
