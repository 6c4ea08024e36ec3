//! Words that no text for users contains, because Azure's own pages use other terms.

use std::fs;
use std::path::{Path, PathBuf};

/// Words with no meaning that the terms of Microsoft's pages do not say better.
const WORDS: &[&str] = &[
    "anew",
    "foreign",
    "lapsed",
    "mend",
    "mended",
    "mends",
    "nobody",
    "somebody",
    "tell",
    "tells",
    "told",
    "who",
    "whom",
    "person",
    "persons",
    "vouches",
    "beforehand",
];
const PHRASES: &[&str] = &[
    "is asked",
    "are asked",
    "asked for",
    "in trouble",
    "redirect address",
    "second factor",
    "stands in the way",
    "handed out",
    "handed on",
    "hand over",
    "has none",
    "is given none",
    "may not be run",
    "name service",
    "line ends of windows",
    "authority of its own",
];
/// Literal texts of other programs that contain a word of the lists.
const QUOTES: &[&str] = &["the application asked for"];

#[test]
fn texts_for_users_use_the_terms_of_azure() {
    let top = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut pages = vec![top.join("README.md"), top.join("CHANGELOG.md")];
    for folder in ["docs", ".github", "man", "tests/snapshots"] {
        collect(&top.join(folder), &mut pages);
    }
    assert!(pages.len() > 100, "{pages:?}");
    let found: Vec<_> = pages.iter().filter_map(|page| found(page)).collect();
    assert!(found.is_empty(), "old words:\n{}", found.join("\n"));
}

/// Adds the texts below a folder.
fn collect(folder: &Path, pages: &mut Vec<PathBuf>) {
    for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        let ending = path.extension().and_then(|ending| ending.to_str());
        if path.is_dir() {
            collect(&path, pages);
        } else if ending.is_some_and(|ending| ["md", "1", "snap"].contains(&ending)) {
            pages.push(path);
        }
    }
}

/// Returns a page with the words of the lists that it contains.
fn found(page: &Path) -> Option<String> {
    let text = fs::read_to_string(page).unwrap().to_lowercase();
    let mut text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    for quote in QUOTES {
        text = text.replace(quote, "");
    }
    let words =
        text.split(|letter: char| !(letter.is_alphanumeric() || letter == '_')).filter(|word| WORDS.contains(word));
    let phrases = PHRASES.iter().copied().filter(|phrase| text.contains(phrase));
    let all: Vec<_> = words.chain(phrases).collect();
    (!all.is_empty()).then(|| format!("{}: {}", page.display(), all.join(", ")))
}
