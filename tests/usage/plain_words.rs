//! No text for users contains a word that Azure's own pages do not use for its meaning.

use std::fs;
use std::path::{Path, PathBuf};

use azfob::testing::rows;

/// Words that an Azure term or a plainer word replaces.
const WORDS: &[&str] = &[
    "alone",
    "anew",
    "ask",
    "asked",
    "asking",
    "asks",
    "beforehand",
    "elsewhere",
    "foreign",
    "held",
    "hold",
    "holds",
    "kept",
    "lapsed",
    "mend",
    "mended",
    "mends",
    "nobody",
    "person",
    "persons",
    "somebody",
    "stale",
    "takes",
    "tell",
    "tells",
    "told",
    "vouches",
    "walk",
    "walks",
    "where",
    "who",
    "whom",
    "whose",
];
const PHRASES: &[&str] = &[
    "authority of its own",
    "hand out",
    "hand over",
    "handed on",
    "handed out",
    "has none",
    "in trouble",
    "is given none",
    "line ends of windows",
    "may not be run",
    "name service",
    "past its time",
    "proof of itself",
    "redirect address",
    "second factor",
    "stands in the way",
    "way to the vault",
    "what others say",
];
/// Phrases in which a word of the lists is the right one: a duration, a place, a request to an administrator, or the
/// literal text of Entra ID or PowerShell.
const ALLOWED: &[&str] = &[
    "ask the administrator",
    "ask the tenant administrator",
    "ask whether to stay signed in",
    "the application asked for",
    "takes 0.5 s",
    "takes 6 %",
    "takes a second",
    "takes at most",
    "takes longer",
    "takes minutes",
    "takes precedence",
    "takes some minutes",
    "takes that time",
    "where each setting came from",
    "where it is used",
    "where to find",
    "where-object",
];

#[test]
fn texts_for_users_use_the_terms_of_azure() {
    let top = Path::new(env!("CARGO_MANIFEST_DIR"));
    let github = ["ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md"].map(|name| top.join(".github").join(name));
    let mut pages = [vec![top.join("README.md"), top.join("CHANGELOG.md")], github.to_vec()].concat();
    for folder in ["docs", ".github/actions", "completions", "man", "packaging/azure-pipelines", "tests/snapshots"] {
        collect(&top.join(folder), &mut pages);
    }
    assert!(pages.len() > 100, "{pages:?}");
    let found: Vec<_> = pages.iter().filter_map(|page| found(page)).collect();
    assert!(found.is_empty(), "old words:\n{}", found.join("\n"));
}

/// A sentence of a page has at most this many words; code counts as one.
const LONGEST: usize = 20;

#[test]
fn sentences_of_pages_are_short() {
    let top = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut pages = vec![top.join("README.md"), top.join("CHANGELOG.md")];
    collect(&top.join("docs"), &mut pages);
    let mut long = Vec::new();
    for page in &pages {
        for sentence in sentences(&fs::read_to_string(page).unwrap()) {
            let words = sentence.split_whitespace().filter(|word| word.contains(char::is_alphanumeric)).count();
            if words > LONGEST {
                long.push(format!("{}: {words} words: {sentence}", page.display()));
            }
        }
    }
    assert!(long.is_empty(), "{}", long.join("\n"));
}

/// The sentences of a page's paragraphs, list items and table cells, with `x` for code.
fn sentences(page: &str) -> Vec<String> {
    let mut units = vec![String::new()];
    let mut in_code = false;
    for line in page.lines().map(str::trim) {
        in_code ^= line.starts_with("```");
        let is_text = !in_code && !["```", "#", "<!--"].iter().any(|mark| line.starts_with(mark));
        match line {
            _ if !is_text || line.is_empty() => units.push(String::new()),
            _ if line.starts_with('|') => units.extend(line.split('|').map(str::to_owned)),
            _ if line.starts_with("- ") => units.push(line[2..].to_owned()),
            _ => units.last_mut().unwrap().push_str(&format!(" {line}")),
        }
    }
    let plain = |unit: String| {
        let code = unit.split('`').enumerate().map(|(index, part)| if index % 2 == 1 { "x" } else { part });
        // The address of a link is no text.
        let mut links = code.collect::<String>();
        while let Some((begin, rest)) = links.split_once("](") {
            links = format!("{begin}{}", rest.split_once(')').map_or("", |(_, rest)| rest));
        }
        links
    };
    let marks = [". ", ": ", "? ", "; "];
    let text = units.into_iter().map(plain).map(|unit| marks.iter().fold(unit, |text, mark| text.replace(mark, "\n")));
    text.flat_map(|text| text.lines().map(str::to_owned).collect::<Vec<_>>()).collect()
}

/// One line per row: its code, and the term by which a user or a search engine finds it.
const SEARCH_TERMS: &str = include_str!("search_terms.txt");

#[test]
fn each_row_has_its_search_term_in_error_or_cause() {
    let terms: Vec<_> = SEARCH_TERMS.lines().map(|line| line.split_once(": ").expect("CODE: TERM")).collect();
    for row in rows() {
        let known: Vec<_> = terms.iter().filter(|(code, _)| *code == row.code).collect();
        let [(_, term)] = known[..] else { panic!("{}: one line in tests/usage/search_terms.txt", row.code) };
        let text = format!("{}\n{}", row.error, row.cause).replace(row.code, "").to_lowercase();
        assert!(term.len() > 2 && text.contains(&term.to_lowercase()), "{}: {term} is not in:\n{text}", row.code);
    }
    assert_eq!(terms.len(), rows().count(), "a line of tests/usage/search_terms.txt has no row");
}

/// Adds the texts below a folder.
fn collect(folder: &Path, pages: &mut Vec<PathBuf>) {
    for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        let ending = path.extension().and_then(|ending| ending.to_str());
        if path.is_dir() {
            collect(&path, pages);
        } else if !ending.is_some_and(|ending| ["svg", "py"].contains(&ending)) {
            pages.push(path);
        }
    }
}

/// Returns a page with the words of the lists that it contains.
fn found(page: &Path) -> Option<String> {
    let text = fs::read_to_string(page).unwrap_or_else(|error| panic!("{}: {error}", page.display())).to_lowercase();
    let mut text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    for phrase in ALLOWED {
        text = text.replace(phrase, "");
    }
    let words =
        text.split(|letter: char| !(letter.is_alphanumeric() || letter == '_')).filter(|word| WORDS.contains(word));
    let phrases = PHRASES.iter().copied().filter(|phrase| text.contains(phrase));
    let all: Vec<_> = words.chain(phrases).collect();
    (!all.is_empty()).then(|| format!("{}: {}", page.display(), all.join(", ")))
}
