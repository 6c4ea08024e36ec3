//! Reads the entries of the catalogue.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

/// A text that another program prints.
pub struct Entry {
    /// The names of the file and the text: `azure-cli/not-signed-in`.
    pub id: String,
    pub project: String,
    pub text: String,
    pub row: Row,
    /// What identifies the text. A text that is cut off after it is still recognized.
    pub pattern: Option<String>,
    /// The row of a text that is cut off before its pattern.
    pub cut: Option<String>,
    /// What must be in the details or the commands.
    pub facts: BTreeMap<String, String>,
    /// What must not be in the details or the commands.
    pub never: Vec<String>,
    /// The component that gives the same text to azfob itself.
    pub live: Option<String>,
}

/// The expected answer.
pub enum Row {
    /// The row with this code.
    Code(String),
    /// No row: the text is not an error of Azure.
    None,
    /// No row yet: nothing, or that it is not recognized.
    Missing,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    project: String,
    version: String,
    texts: BTreeMap<String, Text>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Text {
    text: String,
    row: String,
    /// The component that prints the text.
    component: String,
    /// The file in the project's sources.
    source: String,
    version: Option<String>,
    pattern: Option<String>,
    cut: Option<String>,
    /// What the table lacks.
    needs: Option<String>,
    /// Why the row is another one than a first look suggests.
    why: Option<String>,
    /// The component from which azfob itself receives the same text.
    live: Option<String>,
    #[serde(default)]
    facts: BTreeMap<String, String>,
    #[serde(default)]
    never: Vec<String>,
}

const COMPONENTS: [&str; 9] = [
    "ci system",
    "developer tool",
    "entra id",
    "identity endpoint",
    "key vault",
    "library",
    "local machine",
    "other service",
    "proxy",
];

/// Reads every file of the catalogue.
pub fn all(folder: &Path) -> Vec<Entry> {
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "toml"));
    files.sort();
    files.iter().flat_map(|file| read(file)).collect()
}

fn read(path: &Path) -> Vec<Entry> {
    let stem = path.file_stem().unwrap().to_str().unwrap();
    let file: File = toml::from_str(&std::fs::read_to_string(path).unwrap())
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let entry = |(name, text): (String, Text)| {
        let id = format!("{stem}/{name}");
        let row = match text.row.as_str() {
            "none" => Row::None,
            "?" => Row::Missing,
            code => Row::Code(code.to_owned()),
        };
        assert!(COMPONENTS.contains(&text.component.as_str()), "{id}: {} is not a known component", text.component);
        assert!(!file.version.is_empty() && !text.source.is_empty(), "{id}: source and version are required");
        assert!(text.why.as_ref().is_none_or(|why| why.len() > 20), "{id}: `why` is a sentence");
        assert!(text.version.is_none_or(|version| version != file.version), "{id}: the version is that of the file");
        assert_eq!(text.needs.is_some(), matches!(row, Row::Missing), "{id}: `needs` belongs to row = \"?\"");
        assert!(
            text.live.as_ref().is_none_or(|live| COMPONENTS.contains(&live.as_str())),
            "{id}: unknown component in `live`"
        );
        let mut pattern = text.pattern.iter();
        assert!(pattern.all(|part| text.text.contains(part.as_str())), "{id}: the pattern is not in the text");
        let Text { text, pattern, cut, live, facts, never, .. } = text;
        Entry { id, project: file.project.clone(), text, row, pattern, cut, live, facts, never }
    };
    file.texts.into_iter().map(entry).collect()
}
