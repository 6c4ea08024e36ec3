//! A file of src/ as words: identifiers, `::`, literals and single marks; comments and unit tests are left out.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::{Module, Sources};

/// The words of a file.
pub struct Source(pub Vec<String>);

pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// Every file, by its module.
pub fn all() -> Sources {
    let mut found = BTreeMap::new();
    collect(&root(), &mut Vec::new(), &mut found);
    assert!(found.len() > 100, "{} files", found.len());
    found
}

/// Every file of src/, unit tests included.
pub fn files() -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![root()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { folders.push(path) } else { found.push(path) }
        }
    }
    found.retain(|path| path.extension().is_some_and(|ending| ending == "rs"));
    found
}

/// How many folders lie in src/.
pub fn folders() -> usize {
    fs::read_dir(root()).unwrap().filter(|entry| entry.as_ref().unwrap().path().is_dir()).count()
}

fn collect(folder: &Path, module: &mut Module, found: &mut Sources) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        if path.is_dir() && name != "tests" {
            module.push(name);
            collect(&path, module, found);
            module.pop();
        } else if path.extension().is_some_and(|ending| ending == "rs") && name != "main" {
            let mut at = module.clone();
            at.extend((name != "mod" && name != "lib").then_some(name));
            found.insert(at, Source::parse(&fs::read_to_string(&path).unwrap()));
        }
    }
}

impl Source {
    fn parse(text: &str) -> Self {
        Source(without_tests(words(text)))
    }
}

fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = match first {
            c if c.is_whitespace() => {
                rest = &rest[c.len_utf8()..];
                continue;
            }
            '/' if rest.starts_with("//") => {
                rest = &rest[rest.find('\n').unwrap_or(rest.len())..];
                continue;
            }
            '"' => string(rest),
            'r' if rest.starts_with("r\"") || rest.starts_with("r#\"") => raw_string(rest),
            'b' if rest.starts_with("b\"") => 1 + string(&rest[1..]),
            'b' if rest.starts_with("b'") => 1 + character(&rest[1..]).unwrap_or(1),
            '\'' => character(rest).unwrap_or(1),
            ':' if rest.starts_with("::") => 2,
            c if c.is_alphanumeric() || c == '_' => {
                rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len())
            }
            c => c.len_utf8(),
        };
        words.push(rest[..length].to_owned());
        rest = &rest[length..];
    }
    words
}

fn string(text: &str) -> usize {
    let mut escaped = false;
    let end = text[1..].find(|c| {
        let ends = c == '"' && !escaped;
        escaped = c == '\\' && !escaped;
        ends
    });
    end.expect("a string has an end") + 2
}

fn raw_string(text: &str) -> usize {
    let marks = text[1..].bytes().take_while(|b| *b == b'#').count();
    let end = format!("\"{}", "#".repeat(marks));
    let start = 2 + marks;
    start + text[start..].find(&end).expect("a raw string has an end") + end.len()
}

/// The length of a character; none where the mark begins a lifetime.
fn character(text: &str) -> Option<usize> {
    let inner = text[1..].chars().next()?;
    if inner == '\\' {
        return text[3..].find('\'').map(|end| 3 + end + 1);
    }
    let length = 1 + inner.len_utf8();
    text[length..].starts_with('\'').then_some(length + 1)
}

/// Leaves out every item under `#[cfg(test)]`, or `#[cfg(all(test, ...))]`, that has a body.
fn without_tests(words: Vec<String>) -> Vec<String> {
    let mut kept = Vec::with_capacity(words.len());
    let mut at = 0;
    while at < words.len() {
        let attribute = words[at] == "#" && words.get(at + 1).is_some_and(|w| w == "[");
        let end = if attribute { closing(&words, at + 1) } else { at };
        let condition = &words[at..=end];
        let is_test = condition.iter().any(|w| w == "cfg")
            && condition.iter().any(|w| w == "test")
            && !condition.iter().any(|w| w == "not");
        if is_test {
            let body = (end..words.len()).find(|place| matches!(words[*place].as_str(), "{" | ";"));
            let body = body.expect("an attribute has an item");
            at = if words[body] == "{" { closing(&words, body) + 1 } else { body + 1 };
        } else {
            kept.extend(condition.iter().cloned());
            at = end + 1;
        }
    }
    kept
}

/// The place of the bracket that closes the one at `open`.
pub fn closing(words: &[String], open: usize) -> usize {
    let mut depth = 0;
    for (place, word) in words.iter().enumerate().skip(open) {
        match word.as_str() {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return place;
        }
    }
    panic!("a bracket is not closed")
}

#[test]
fn a_file_is_read_as_words() {
    let text = "use a::{b, c}; // d\nfn f<'a>(x: char) { g('\\'', 'y', \"z \\\" ::\", b'{', r#\"\"\"#) }\n#[cfg(test)]\nmod t { x }";
    let expected =
        "use a :: { b , c } ; fn f < ' a > ( x : char ) { g ( '\\'' , 'y' , \"z \\\" ::\" , b'{' , r#\"\"\"# ) }";
    assert_eq!(Source::parse(text).0.join(" "), expected);
}
