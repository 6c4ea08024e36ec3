//! Three parsers of `.env` files: the dotenv package of npm, python-dotenv and Docker Compose.

type Pairs = Vec<(String, String)>;
/// A reader and its name.
pub(crate) type Reader = (&'static str, fn(&str) -> Pairs);

/// All parsers.
pub(crate) const READERS: [Reader; 3] =
    [("dotenv of npm", npm), ("python-dotenv", python), ("Docker Compose", compose)];

/// motdotla/dotenv, `lib/main.js`: one regular expression over the text, after line endings are changed to `\n`.
fn npm(text: &str) -> Pairs {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let mut pairs = Pairs::new();
    let mut rest = text.as_str();
    while let Some((name, value)) = rest.split_once('=') {
        // `'(?:\\'|[^'])*'`: a backslash before the quote counts as an escape if another quote follows later.
        let quote = value.chars().next().filter(|c| ['\'', '"', '`'].contains(c));
        let end = quote
            .and_then(|quote| greedy_end(value, quote))
            .unwrap_or_else(|| value.find(['\n', '#']).unwrap_or(value.len()));
        let raw = value[..end].trim();
        let stripped = quote.and_then(|quote| raw.strip_prefix(quote)?.strip_suffix(quote)).unwrap_or(raw);
        let read =
            if quote == Some('"') { stripped.replace("\\n", "\n").replace("\\r", "\r") } else { stripped.to_owned() };
        pairs.push((name.trim().to_owned(), read));
        rest = value[end..].trim_start_matches(|c| c != '\n').trim_start_matches('\n');
    }
    pairs
}

/// Returns where a quoted text ends for an expression that prefers to read `\'` as an escape.
fn greedy_end(text: &str, quote: char) -> Option<usize> {
    let bytes = text.as_bytes();
    let (mut at, mut fallback) = (1, None);
    while at < bytes.len() {
        if bytes[at] == b'\\' && bytes.get(at + 1) == Some(&(quote as u8)) {
            fallback = Some(at + 2);
            at += 2;
        } else if bytes[at] == quote as u8 {
            return Some(at + 1);
        } else {
            at += 1;
        }
    }
    fallback
}

/// theskumar/python-dotenv, `parser.py` and `variables.py`. Line endings are changed to `\n`.
fn python(text: &str) -> Pairs {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let mut pairs = Pairs::new();
    let mut rest = text.as_str();
    while let Some((name, value)) = rest.split_once('=') {
        let (read, after) = match value.chars().next() {
            Some(quote @ ('\'' | '"')) => {
                let end = greedy_end(value, quote).expect("a quoted value ends");
                let escapes: &[(&str, &str)] = if quote == '\'' {
                    &[("\\\\", "\\"), ("\\'", "'")]
                } else {
                    &[
                        ("\\\\", "\\"),
                        ("\\'", "'"),
                        ("\\\"", "\""),
                        ("\\n", "\n"),
                        ("\\r", "\r"),
                        ("\\t", "\t"),
                        ("\\a", "\u{7}"),
                        ("\\b", "\u{8}"),
                        ("\\f", "\u{c}"),
                        ("\\v", "\u{b}"),
                    ]
                };
                (decode(&value[1..end - 1], escapes), &value[end..])
            }
            _ => {
                let end = value.find('\n').unwrap_or(value.len());
                let line = value[..end].split(" #").next().unwrap_or_default();
                (line.trim_end().to_owned(), &value[end..])
            }
        };
        // `${...}` is expanded in every kind of quotes.
        assert!(!read.contains("${"), "a variable would be put in: {read}");
        pairs.push((name.trim().to_owned(), read));
        rest = after.trim_start_matches(|c| c != '\n').trim_start_matches('\n');
    }
    pairs
}

/// compose-spec/compose-go, `dotenv/parser.go`.
fn compose(text: &str) -> Pairs {
    let text = text.replace("\r\n", "\n");
    let mut pairs = Pairs::new();
    let mut rest = text.as_str();
    while let Some((name, value)) = rest.split_once('=') {
        let (read, after) = match value.chars().next() {
            Some(quote @ ('\'' | '"')) => {
                let bytes = value.as_bytes();
                let mut end = 1;
                while bytes[end] != quote as u8 || bytes[end - 1] == b'\\' {
                    end += 1;
                }
                let inner = &value[1..end];
                let read = if quote == '"' {
                    assert!(!inner.contains('$'), "a variable would be put in: {inner}");
                    decode(inner, &[("\\n", "\n"), ("\\r", "\r"), ("\\\\", "\\"), ("\\\"", "\"")])
                } else {
                    inner.to_owned()
                };
                (read, &value[end + 1..])
            }
            _ => {
                let end = value.find('\n').unwrap_or(value.len());
                assert!(!value[..end].contains('$'));
                (value[..end].split(" #").next().unwrap_or_default().trim().to_owned(), &value[end..])
            }
        };
        pairs.push((name.trim().to_owned(), read));
        rest = after.trim_start_matches(|c| c != '\n').trim_start_matches('\n');
    }
    pairs
}

fn decode(text: &str, escapes: &[(&str, &str)]) -> String {
    let mut decoded = String::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        match escapes.iter().find(|(escape, _)| rest.starts_with(escape)) {
            Some((escape, plain)) => {
                decoded.push_str(plain);
                rest = &rest[escape.len()..];
            }
            None => {
                decoded.push(c);
                rest = &rest[c.len_utf8()..];
            }
        }
    }
    decoded
}
