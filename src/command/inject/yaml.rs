//! YAML, read as far as to know where a scalar begins and ends (<https://yaml.org/spec/1.2.2/>). Comments stay as they are.
//!
//! A scalar that is wholly a reference, and a plain one with `{{ REF }}` in it, is written anew in double quotes; inside of
//! quotes and of blocks only the reference is replaced. What cannot be told line by line is refused, never guessed.

use crate::vault::reference::SecretRef;

use super::data::Scan;
use super::template::{BlockLine, Encoding, Malformed, Part, Piece, Reference, line_of, next_braces, parts};

/// The pieces of a file.
pub(super) fn pieces(text: &str) -> Result<Vec<Piece<'_>>, Malformed> {
    let mut scan = Scan { text, at: 0, kept: 0, pieces: Vec::new() };
    while let Some(rest) = scan.rest() {
        let line = rest.split_inclusive('\n').next().unwrap_or(rest);
        let end = scan.at + line.len();
        let indent = line.len() - line.trim_start_matches(' ').len();
        let content = line.trim();
        let begins_document = indent == 0 && content.starts_with("--- ");
        if content.is_empty() || content.starts_with(['#', '%']) || content.starts_with("---") && !begins_document {
            scan.at = end;
            continue;
        }
        scan.at += if begins_document { "---".len() } else { indent };
        let (after_marks, has_mark) = value_start(text, scan.at);
        scan.at = after_marks;
        value(&mut scan, indent, has_mark || begins_document)?;
    }
    Ok(scan.finish())
}

/// Where the value of a line begins, behind its dashes, its key and its tags; and whether there was a dash or a key.
fn value_start(text: &str, mut at: usize) -> (usize, bool) {
    let mut has_mark = false;
    let blanks = |at: usize| text[at..].len() - text[at..].trim_start_matches([' ', '\t']).len();
    loop {
        at += blanks(at);
        let rest = &text[at..];
        if rest.starts_with("- ") || rest.starts_with("? ") || rest.starts_with("-\n") {
            (at, has_mark) = (at + 1, true);
        } else if let Some(colon) = key(rest) {
            (at, has_mark) = (at + colon + 1, true);
        } else if rest.starts_with(['!', '&']) {
            at += rest.find([' ', '\n']).unwrap_or(rest.len());
        } else {
            return (at, has_mark);
        }
    }
}

/// Where the colon behind a key is, where the line begins with one.
fn key(rest: &str) -> Option<usize> {
    let line = rest.lines().next().unwrap_or_default();
    let from = match line.chars().next()? {
        quote @ ('"' | '\'') => 1 + line[1..].find(quote)? + 1,
        '[' | '{' | '|' | '>' | '#' | '@' | '`' => return None,
        _ => {
            let colon = line.match_indices(':').find(|(at, _)| ends_key(line, *at))?.0;
            let comment = line.find(" #").unwrap_or(line.len());
            let braces = line.find("{{").unwrap_or(line.len());
            return (colon < comment && colon < braces).then_some(colon);
        }
    };
    let colon = from + line[from..].len() - line[from..].trim_start().len();
    (line[colon..].starts_with(':') && ends_key(line, colon)).then_some(colon)
}

fn ends_key(line: &str, colon: usize) -> bool {
    line[colon + 1..].chars().next().is_none_or(|next| next == ' ' || next == '\t')
}

fn value(scan: &mut Scan<'_>, indent: usize, has_mark: bool) -> Result<(), Malformed> {
    let text = scan.text;
    let rest = &text[scan.at..];
    match rest.chars().next() {
        None => {}
        Some('|' | '>') => {
            block(scan, indent);
            return Ok(());
        }
        Some(quote @ ('"' | '\'')) => quoted(scan, quote)?,
        Some('[') => flow(scan)?,
        Some('{') if !rest.starts_with("{{") => flow(scan)?,
        Some(_) => {
            let line = rest.split('\n').next().unwrap_or(rest).trim_end();
            let plain = line.find(" #").map_or(line, |comment| line[..comment].trim_end());
            let end = scan.at + plain.len();
            if SecretRef::is_setting_reference(plain) || next_braces(plain, 0).is_some() {
                if !has_mark && scan.at > 0 && !text[..scan.at].trim().is_empty() {
                    let reason = "a reference in a scalar of several lines; put the whole of it in \"double quotes\"";
                    return Err(Malformed { line: line_of(text, scan.at), reason: reason.to_owned() });
                }
                plain_scalar(scan, plain, end);
            }
        }
    }
    // What follows the value on its line is a comment at most.
    scan.at = text[scan.at..].find('\n').map_or(text.len(), |end| scan.at + end + 1);
    Ok(())
}

fn plain_scalar<'a>(scan: &mut Scan<'a>, plain: &'a str, end: usize) {
    let line = line_of(scan.text, scan.at);
    let whole = SecretRef::is_setting_reference(plain);
    let parts = if whole { vec![Part::Reference(Reference { text: plain.into(), line })] } else { parts(plain, line) };
    scan.push(scan.at, Piece::Scalar(parts, Encoding::Quoted), end);
}

fn quoted(scan: &mut Scan<'_>, quote: char) -> Result<(), Malformed> {
    let end = match quote {
        '"' => scan.closing('"')?,
        _ => single_quotes(scan)?,
    };
    let inner = &scan.text[scan.at + 1..end - 1];
    let is_plain = !inner.contains(['\\', '\n']) && !inner.contains("''");
    if is_plain && SecretRef::is_setting_reference(inner) {
        scan.replace(end, inner.trim().to_owned());
    } else {
        let folded = inner.contains('\n');
        let encoding = if quote == '"' { Encoding::InFoldedQuotes } else { Encoding::InYamlQuotes { folded } };
        scan.inside(scan.at + 1, end - 1, encoding);
        scan.at = end;
    }
    Ok(())
}

/// The end of a string of single quotes, in which two of them are one.
fn single_quotes(scan: &Scan<'_>) -> Result<usize, Malformed> {
    let bytes = scan.text.as_bytes();
    let mut at = scan.at + 1;
    while at < bytes.len() {
        match (bytes[at], bytes.get(at + 1)) {
            (b'\'', Some(b'\'')) => at += 2,
            (b'\'', _) => return Ok(at + 1),
            _ => at += 1,
        }
    }
    Err(Malformed { line: line_of(scan.text, scan.at), reason: "a quote here has no end".to_owned() })
}

/// A block of lines that are indented further: only the references in it are replaced.
fn block(scan: &mut Scan<'_>, indent: usize) {
    let text = scan.text;
    let header = text[scan.at..].lines().next().unwrap_or_default();
    let header = header.find(" #").map_or(header, |comment| &header[..comment]);
    let folded = header.starts_with('>');
    let mut sets_indent = !header.contains(|c: char| c.is_ascii_digit());
    scan.at = text[scan.at..].find('\n').map_or(text.len(), |end| scan.at + end + 1);
    for line in text[scan.at..].split_inclusive('\n') {
        let content = line.trim_start_matches(' ');
        let own = line.len() - content.len();
        let is_blank = line.trim().is_empty();
        if own <= indent && !is_blank {
            break;
        }
        let begins = next_braces(content, 0).is_some_and(|(start, ..)| start == 0);
        let here = BlockLine { indent: own, begins, sets_indent, folded };
        scan.inside(scan.at, scan.at + line.len(), Encoding::InYamlBlock(here));
        sets_indent &= is_blank;
    }
}

/// `[a, "b"]` and `{a: b}`, on one line or on many.
fn flow(scan: &mut Scan<'_>) -> Result<(), Malformed> {
    let start = scan.at;
    let mut depth = 0;
    while let Some(rest) = scan.rest() {
        match rest.chars().next() {
            Some('{') if rest.starts_with("{{") && next_braces(scan.text, scan.at).is_some_and(|b| b.0 == scan.at) => {
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
                let end = rest.find([',', ']', '}', '\n']).unwrap_or(rest.len());
                let plain = rest[..end].trim_end();
                // A key of `{a: b}` is followed by its value.
                let plain = plain.find(": ").map_or(plain, |colon| &plain[..colon]);
                if SecretRef::is_setting_reference(plain) {
                    scan.replace(scan.at + plain.len(), plain.to_owned());
                } else if plain.contains("{{") {
                    let reason = "a reference inside of a plain scalar of [...] or {...}; put it in \"double quotes\"";
                    return Err(Malformed { line: line_of(scan.text, scan.at), reason: reason.to_owned() });
                } else {
                    scan.at += plain.len().max(1);
                }
            }
            None => break,
        }
    }
    Err(Malformed { line: line_of(scan.text, start), reason: "a bracket here has no end".to_owned() })
}
