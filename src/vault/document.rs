//! Finds one value in a secret that is a document: `REF#/KEY/KEY`, as vals writes it
//! (<https://github.com/helmfile/vals#expression-syntax>).
//!
//! The secret is read as YAML, of which JSON is a part. Only mappings are searched: there are no list indices, and no escapes
//! as in JSON Pointer. No error shows a value.

use std::fmt;

use percent_encoding::percent_decode_str;
use saphyr_parser::{Event, Parser, ScalarStyle, StrInput};
use serde_json::Value;
use zeroize::Zeroizing;

/// The most keys that an error names.
const SHOWN_KEYS: usize = 20;
/// The longest key that an error names.
const LONGEST_KEY: usize = 64;

/// A reference to a value that its document does not have.
#[derive(Clone, Debug, thiserror::Error)]
#[error("'{name}{path}': {reason}")]
pub struct NotInDocument {
    pub name: String,
    pub path: DocumentPath,
    pub reason: String,
}

/// The keys that lead to a value, at least one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentPath(Vec<String>);

impl DocumentPath {
    /// Parses the text behind `#`. The first `/` is optional. Returns `None` if a key is empty.
    pub fn parse(text: &str) -> Option<Self> {
        let text = percent_decode_str(text.strip_prefix('/').unwrap_or(text)).decode_utf8().ok()?;
        let keys: Vec<_> = text.split('/').map(str::to_owned).collect();
        keys.iter().all(|key| !key.is_empty()).then_some(DocumentPath(keys))
    }

    /// Returns the value that the path leads to: a text as it is, and a number, true or false as it is written.
    ///
    /// # Errors
    /// The document is malformed or ends before the path, with the keys that it has.
    pub fn find(&self, document: &str) -> Result<Zeroizing<String>, String> {
        // JSON has escapes that YAML lacks: two \u for one character.
        let json = serde_json::from_str::<Value>(document).ok().filter(Value::is_object);
        match json.map(|json| self.find_in_json(&json)) {
            Some(Ok(None)) | None => self.find_in_yaml(document),
            Some(Ok(Some(text))) => Ok(text),
            Some(Err(reason)) => Err(reason),
        }
    }

    /// Returns `None` for a number with a fraction, which could be written differently.
    fn find_in_json(&self, json: &Value) -> Result<Option<Zeroizing<String>>, String> {
        let mut at = json;
        for (depth, key) in self.0.iter().enumerate() {
            let Value::Object(fields) = at else { return Err(self.no_mapping(depth, kind(at))) };
            at = fields.get(key).ok_or_else(|| self.no_key(depth, fields.keys().map(String::as_str)))?;
        }
        match at {
            Value::String(text) => Ok(Some(Zeroizing::new(text.clone()))),
            Value::Bool(_) => Ok(Some(Zeroizing::new(at.to_string()))),
            Value::Number(number) if number.is_f64() => Ok(None),
            Value::Number(number) => Ok(Some(Zeroizing::new(number.to_string()))),
            Value::Null | Value::Array(_) | Value::Object(_) => Err(self.no_text(kind(at))),
        }
    }

    fn find_in_yaml(&self, document: &str) -> Result<Zeroizing<String>, String> {
        let mut events = Events(Parser::new_from_str(document));
        let mut at = events.next()?;
        for (depth, key) in self.0.iter().enumerate() {
            if !matches!(at, Event::MappingStart(..)) {
                return Err(self.no_mapping(depth, kind_of_event(&at)));
            }
            let mut keys = Vec::new();
            at = loop {
                match events.next()? {
                    Event::MappingEnd => return Err(self.no_key(depth, keys.iter().map(String::as_str))),
                    Event::Scalar(found, ..) => {
                        let value = events.next()?;
                        if found == key.as_str() {
                            break value;
                        }
                        events.skip(&value)?;
                        keys.push(found.into_owned());
                    }
                    // A key that is no text.
                    start => {
                        events.skip(&start)?;
                        let value = events.next()?;
                        events.skip(&value)?;
                    }
                }
            };
        }
        let found = match &at {
            Event::Scalar(text, style, ..) if *style != ScalarStyle::Plain || !is_null(text) => {
                Zeroizing::new(text.to_string())
            }
            other => return Err(self.no_text(kind_of_event(other))),
        };
        // The rest of the document is read too: a malformed one has no value.
        while !matches!(events.next()?, Event::StreamEnd) {}
        Ok(found)
    }

    /// Returns the part of the path before a key, as `/db`; for the whole document a word.
    fn place(&self, depth: usize) -> String {
        if depth == 0 { "the value".to_owned() } else { format!("/{}", self.0[..depth].join("/")) }
    }

    fn no_mapping(&self, depth: usize, kind: &str) -> String {
        format!("{} is {kind}, not a mapping with the key '{}'", self.place(depth), self.0[depth])
    }

    fn no_text(&self, kind: &str) -> String {
        format!("{} is {kind}, not a single value", self.place(self.0.len()))
    }

    /// Names the keys that exist. One with unusual characters could be a part of a secret that is no document.
    fn no_key<'a>(&self, depth: usize, keys: impl Iterator<Item = &'a str>) -> String {
        let is_name = |key: &&str| {
            key.len() <= LONGEST_KEY && key.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
        };
        let (names, others): (Vec<_>, Vec<_>) = keys.partition(is_name);
        let shown = names.iter().take(SHOWN_KEYS).copied().collect::<Vec<_>>().join(", ");
        let have = match (shown.as_str(), names.len().saturating_sub(SHOWN_KEYS) + others.len()) {
            ("", 0) => "it has no keys".to_owned(),
            ("", 1) => "it has 1 other key".to_owned(),
            ("", more) => format!("it has {more} other keys"),
            (shown, 0) => format!("it has {shown}"),
            (shown, more) => format!("it has {shown} and {more} more"),
        };
        format!("{} has no key '{}'; {have}", self.place(depth), self.0[depth])
    }
}

impl fmt::Display for DocumentPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#/{}", self.0.join("/"))
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Object(_) => "a mapping",
        Value::Array(_) => "a list",
        Value::Null => "null",
        Value::String(_) | Value::Number(_) | Value::Bool(_) => "a single value",
    }
}

fn kind_of_event(event: &Event<'_>) -> &'static str {
    match event {
        Event::MappingStart(..) => "a mapping",
        Event::SequenceStart(..) => "a list",
        Event::Alias(_) => "an alias (*), which azfob does not resolve",
        Event::Scalar(text, ScalarStyle::Plain, ..) if is_null(text) => "null",
        Event::Scalar(..) => "a single value",
        _ => "empty",
    }
}

/// <https://yaml.org/spec/1.2.2/#10211-null>
fn is_null(text: &str) -> bool {
    ["", "~", "null", "Null", "NULL"].contains(&text)
}

/// The parts of a YAML document. Aliases are not expanded, so that a small document stays small.
struct Events<'a>(Parser<'a, StrInput<'a>>);

impl<'a> Events<'a> {
    /// Returns the next part, without the starts of stream and document.
    fn next(&mut self) -> Result<Event<'a>, String> {
        loop {
            match self.0.next_event() {
                Some(Ok((Event::StreamStart | Event::DocumentStart(_) | Event::Nothing, _))) => {}
                Some(Ok((event, _))) => return Ok(event),
                // The scanner's message can quote the value.
                Some(Err(error)) => {
                    return Err(format!("the value is not YAML or JSON: line {}", error.marker().line()));
                }
                None => return Ok(Event::StreamEnd),
            }
        }
    }

    /// Skips the rest of a list or mapping after its start; any other part is skipped already.
    fn skip(&mut self, start: &Event<'_>) -> Result<(), String> {
        let mut depth = usize::from(matches!(start, Event::MappingStart(..) | Event::SequenceStart(..)));
        while depth > 0 {
            match self.next()? {
                Event::MappingStart(..) | Event::SequenceStart(..) => depth += 1,
                Event::MappingEnd | Event::SequenceEnd => depth -= 1,
                Event::StreamEnd => return Err("the value is not YAML or JSON: it ends too early".to_owned()),
                _ => {}
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(path: &str, document: &str) -> Result<String, String> {
        DocumentPath::parse(path).expect("a path").find(document).map(|found| found.to_string())
    }

    const JSON: &str = r#"{"db": {"password": "p\u00e4ss\ud83d\udd11", "port": 5432, "ratio": 1.10, "on": true, "none": null,
        "hosts": ["a"], "a/b": "slash"}, "user": "me"}"#;
    const YAML: &str = "# comment\ndb:\n  ? [complex]\n  : x\n  password: \"p\\u00e4ss\"\n  pin: &other 0042\n  ratio: 1.10\n  empty:\n  \
                        quoted: 'null'\n  text: |\n    two\n    lines\n  again: *other\nuser: me\n";

    #[test]
    fn path_leads_through_mappings() {
        for (path, document, value) in [
            ("/db/password", JSON, "päss🔑"),
            ("db/port", JSON, "5432"),
            ("/db/on", JSON, "true"),
            ("/user", JSON, "me"),
            ("/db/password", YAML, "päss"),
            ("/db/pin", YAML, "0042"),
            ("/db/ratio", YAML, "1.10"),
            ("/db/quoted", YAML, "null"),
            ("/db/text", YAML, "two\nlines\n"),
            ("/user", YAML, "me"),
            ("/db/ratio", r#"{"db": {"ratio": 1.10}}"#, "1.10"),
            ("/a%20b", "a b: 1", "1"),
            ("/k", "{k: v, l: [1, {m: 2}]}", "v"),
        ] {
            assert_eq!(find(path, document).as_deref(), Ok(value), "{path}");
        }
    }

    #[test]
    fn error_names_keys_and_no_value() {
        for (path, document, reason) in [
            ("/db/pasword", JSON, "/db has no key 'pasword'; it has hosts, none, on, password, port, ratio and 1 more"),
            ("/x", JSON, "the value has no key 'x'; it has db, user"),
            ("/user/name", JSON, "/user is a single value, not a mapping with the key 'name'"),
            ("/db/hosts/0", JSON, "/db/hosts is a list, not a mapping with the key '0'"),
            ("/db/hosts", JSON, "/db/hosts is a list, not a single value"),
            ("/db", YAML, "/db is a mapping, not a single value"),
            ("/db/none", JSON, "/db/none is null, not a single value"),
            ("/db/empty", YAML, "/db/empty is null, not a single value"),
            ("/db/a~1b", JSON, "/db has no key 'a~1b'"),
            ("/db/x", YAML, "/db has no key 'x'; it has password, pin, ratio, empty, quoted, text, again"),
            ("/db/again", YAML, "/db/again is an alias (*), which azfob does not resolve, not a single value"),
            ("/a", "hunter2", "the value is a single value, not a mapping with the key 'a'"),
            ("/a", "", "the value is empty"),
            ("/a", "p@ss word: x", "the value has no key 'a'; it has 1 other key"),
            ("/a", "{}", "the value has no key 'a'; it has no keys"),
            ("/a", "a: b\nc: {hunter2", "the value is not YAML or JSON: line "),
            ("/b", "a: 'hunter2\nb: 1", "the value is not YAML or JSON: line "),
        ] {
            let found = find(path, document).unwrap_err();
            assert!(found.starts_with(reason) && !found.contains("hunter2"), "{path}: {found}");
        }
    }

    #[test]
    fn empty_keys_are_no_path() {
        for text in ["", "/", "//a", "a/", "a//b", "/%ff"] {
            assert_eq!(DocumentPath::parse(text), None, "{text}");
        }
        assert_eq!(DocumentPath::parse("a/b").map(|path| path.to_string()).as_deref(), Some("#/a/b"));
    }

    #[test]
    fn deep_and_recursive_documents_end_in_an_error() {
        let deep = format!("a: {}", "[".repeat(20_000));
        assert!(find("/b", &deep).is_err());
        assert!(find("/b", "a: &a [*a, *a]\nb: *a").unwrap_err().contains("alias"));
    }
}
