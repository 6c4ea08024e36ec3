//! Every link between pages resolves.

use std::fs;
use std::path::{Path, PathBuf};

use super::top;

fn pages() -> Vec<PathBuf> {
    let mut pages = vec![top().join("README.md")];
    for folder in ["docs", "docs/recipes", ".github"] {
        let files = fs::read_dir(top().join(folder)).unwrap().map(|entry| entry.unwrap().path());
        pages.extend(files.filter(|path| path.extension().is_some_and(|ending| ending == "md")));
    }
    pages
}

/// Returns the relative link targets of a text.
fn links(text: &str) -> impl Iterator<Item = &str> {
    let links = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    links.filter(|link| !link.contains("://"))
}

/// Returns the anchors of a page: its headings in lower case, with dashes for spaces and without punctuation.
fn anchors(page: &Path) -> Vec<String> {
    let text = fs::read_to_string(page).unwrap();
    let headings = text.lines().filter(|line| line.starts_with('#'));
    let kept = |letter: &char| letter.is_alphanumeric() || "-_ ".contains(*letter);
    headings
        .map(|line| line.trim_start_matches('#').trim().to_lowercase())
        .map(|line| line.chars().filter(kept).collect::<String>().replace(' ', "-"))
        .collect()
}

#[test]
fn every_link_resolves() {
    for page in pages() {
        let text = fs::read_to_string(&page).unwrap();
        for link in links(&text) {
            let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
            let target = if file.is_empty() { page.clone() } else { page.parent().unwrap().join(file) };
            assert!(target.exists(), "{} links to {link}", page.display());
            assert!(anchor.is_empty() || anchors(&target).iter().any(|known| known == anchor), "{link}");
        }
    }
}

/// The files that the contributor pages name, relative to the top level or to src/. `AREA.rs` stands for several.
#[test]
fn every_named_file_exists() {
    let mut named = 0;
    for page in ["ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md"] {
        let text = fs::read_to_string(top().join(".github").join(page)).unwrap();
        let quoted = text.split('`').skip(1).step_by(2);
        let is_file = |name: &&str| name.ends_with(".rs") && name.contains('/') && !name.contains(char::is_uppercase);
        for name in quoted.filter(is_file) {
            named += 1;
            assert!(top().join(name).is_file() || top().join("src").join(name).is_file(), "{page} names {name}");
        }
    }
    assert!(named > 10, "{named}");
}
