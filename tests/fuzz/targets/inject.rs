//! A file of any format with a value in the places of its references: the format's parser reads the value there, and all
//! else as before.
#![no_main]

#[path = "../../outputs/dotenv_readers.rs"]
mod dotenv_readers;
#[path = "../properties_reader.rs"]
mod properties_reader;

use azfob::testing::inject;
use saphyr::{LoadableYamlNode, Yaml};

/// The value of the file that the other is compared with.
const MARK: &str = "Zq0Mark";
/// The readers of `.env` files accept only what is well-formed.
const ENV_FILES: [&str; 3] = ["A={{ V }}\n", "A={{ V }} # x\nB=\"x{{ V }}\"\nC=y\n", "A='{{ V }}'\nB={{ V }}\n"];

type Read = fn(&str) -> Option<Vec<String>>;

const FORMATS: [(&str, Read); 6] = [
    ("a.json", |text| {
        let mut found = Vec::new();
        walk_json(&serde_json::from_str(text).ok()?, &mut found).then_some(found)
    }),
    ("a.yaml", |text| {
        let mut found = Vec::new();
        Yaml::load_from_str(text).ok()?.iter().all(|document| walk_yaml(document, &mut found)).then_some(found)
    }),
    ("a.toml", |text| {
        let mut found = Vec::new();
        walk_toml(&toml::Value::Table(toml::from_str(text).ok()?), &mut found).then_some(found)
    }),
    ("a.properties", |text| {
        let (pairs, mut found) = (properties_reader::pairs(text)?, Vec::new());
        let mut walk = |(key, value): &(String, String)| {
            let is_kept = push_key(key, &mut found);
            found.push(value.clone());
            is_kept
        };
        pairs.iter().all(&mut walk).then_some(found)
    }),
    ("a.env", |text| {
        let read = dotenv_readers::READERS.iter().flat_map(|(_, read)| read(text));
        Some(read.flat_map(|(name, value)| [name, value]).collect())
    }),
    ("a.conf", |text| Some(vec![text.to_owned()])),
];

/// Adds the texts of a document in order, each list and map with its end. Returns false if a key holds the mark: keys are no
/// places for values.
fn walk_json(node: &serde_json::Value, found: &mut Vec<String>) -> bool {
    use serde_json::Value::{Array, Object, String};
    match node {
        String(text) => found.push(text.clone()),
        Array(items) => return items.iter().all(|item| walk_json(item, found)) && end(found),
        Object(fields) => {
            return fields.iter().all(|(key, value)| push_key(key, found) && walk_json(value, found)) && end(found);
        }
        other => found.push(format!("{other}")),
    }
    true
}

fn walk_yaml(node: &Yaml<'_>, found: &mut Vec<String>) -> bool {
    match node {
        Yaml::Sequence(items) => items.iter().all(|item| walk_yaml(item, found)) && end(found),
        Yaml::Mapping(fields) => {
            fields.iter().all(|(key, value)| push_key(&format!("{key:?}"), found) && walk_yaml(value, found))
                && end(found)
        }
        Yaml::Tagged(tag, node) => push_key(&format!("{tag:?}"), found) && walk_yaml(node, found),
        other => {
            found.push(other.as_str().map_or_else(|| format!("{other:?}"), str::to_owned));
            true
        }
    }
}

fn walk_toml(node: &toml::Value, found: &mut Vec<String>) -> bool {
    match node {
        toml::Value::String(text) => found.push(text.clone()),
        toml::Value::Array(items) => return items.iter().all(|item| walk_toml(item, found)) && end(found),
        toml::Value::Table(fields) => {
            return fields.iter().all(|(key, value)| push_key(key, found) && walk_toml(value, found)) && end(found);
        }
        other => found.push(format!("{other:?}")),
    }
    true
}

fn push_key(key: &str, found: &mut Vec<String>) -> bool {
    found.push(key.to_owned());
    !key.contains(MARK)
}

fn end(found: &mut Vec<String>) -> bool {
    found.push("end".to_owned());
    true
}

libfuzzer_sys::fuzz_target!(|file: (u8, &str, &str)| {
    let (format, text, value) = file;
    let (name, read) = FORMATS[usize::from(format) % FORMATS.len()];
    let text = if name == "a.env" { ENV_FILES[text.len() % ENV_FILES.len()] } else { text };
    if text.contains(MARK) || value.contains(['\0', '\u{feff}']) {
        return;
    }
    let (Ok(marked), Ok(filled)) = (inject(name, text, MARK), inject(name, text, value)) else { return };
    let Some(expected) = read(&marked) else { return };
    // The chomping indicator of a YAML block decides about the line breaks at its end.
    let chomped = |text: &str| if name == "a.yaml" { text.trim_end_matches('\n') } else { text }.to_owned();
    let expected: Vec<_> = expected.iter().map(|text| chomped(&text.replace(MARK, value))).collect();
    let found = read(&filled).map(|found| found.iter().map(|text| chomped(text)).collect::<Vec<_>>());
    assert_eq!(found, Some(expected), "{name}: {text:?} with {value:?} is {filled:?}");
});
