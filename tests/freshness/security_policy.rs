//! The tests that `.github/SECURITY.md` names exist.

use std::fs;
use std::path::Path;

use super::top;

/// Appends the text of every Rust file below a folder.
fn code(folder: &Path, all: &mut String) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            code(&path, all);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            all.push_str(&fs::read_to_string(path).unwrap());
        }
    }
}

#[test]
fn tests_named_in_security_policy_exist() {
    let mut all = String::new();
    ["src", "tests"].iter().for_each(|folder| code(&top().join(folder), &mut all));
    let page = fs::read_to_string(top().join(".github/SECURITY.md")).unwrap();
    let promised = page.split("## What is promised").nth(1).and_then(|rest| rest.split("\n## ").next()).unwrap();
    let rows: Vec<_> = promised.lines().filter(|line| line.starts_with("| ")).skip(1).collect();
    assert!(rows.len() > 15, "{}", rows.len());
    for row in rows {
        let tests = row.rsplit(" | ").next().unwrap();
        assert!(tests.contains('`'), "no test: {row}");
        for name in tests.split('`').skip(1).step_by(2).filter(|name| name.contains('_')) {
            assert!(all.contains(&format!("fn {name}(")), "there is no {name}");
        }
    }
}
