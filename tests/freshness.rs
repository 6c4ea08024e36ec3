//! The generated files equal what the program generates: man/, `docs/errors.md`, the exit codes in
//! `docs/troubleshooting.md`, and the picture of a report.
//!
//! `AZFOB_REFRESH=1 cargo test freshness` writes them.

mod errors;
mod exit_codes;
mod links;
mod manual;
#[cfg(unix)]
mod report_image;
mod security_policy;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use azfob::testing::command_line;
use clap::Command;

use crate::support::report_missing;

fn top() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Compares each file with its expected content, or writes it if requested. The folder contains no other file.
fn assert_up_to_date(folder: &str, files: &[(String, Vec<u8>)]) {
    let folder = top().join(folder);
    if std::env::var_os("AZFOB_REFRESH").is_some() {
        let known = |name: &std::ffi::OsStr| files.iter().any(|(known, _)| name == known.as_str());
        let stale = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap()).filter(|e| !known(&e.file_name()));
        stale.for_each(|entry| fs::remove_file(entry.path()).unwrap());
        files.iter().for_each(|(name, bytes)| replace(&folder.join(name), bytes));
    }
    for (name, expected) in files {
        let found = fs::read(folder.join(name)).unwrap_or_default();
        assert!(found == *expected, "{name} is out of date: run AZFOB_REFRESH=1 cargo test freshness");
    }
    let mut found: Vec<_> =
        fs::read_dir(&folder).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    let mut known: Vec<_> = files.iter().map(|(name, _)| name.clone()).collect();
    found.sort();
    known.sort();
    assert_eq!(found, known);
}

/// Replaces a file at once: another test may be reading it.
fn replace(path: &Path, bytes: &[u8]) {
    let mut file = tempfile::NamedTempFile::new_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    file.write_all(bytes).unwrap();
    fs::set_permissions(file.path(), fs::metadata("Cargo.toml").unwrap().permissions()).unwrap();
    file.persist(path).unwrap();
}

/// The manual pages that the program generates.
fn manual_pages() -> Vec<(String, Vec<u8>)> {
    let mut files = Vec::new();
    let command = command_line();
    let shown = command.get_subcommands().filter(|sub| !sub.is_hide_set());
    let subs = shown.map(|sub| format!("azfob-{}", sub.get_name()));
    let names: Vec<_> = std::iter::once("azfob".to_owned()).chain(subs).collect();
    page(&command, "azfob", &names, &mut files);
    files
}

fn page(command: &Command, name: &str, names: &[String], files: &mut Vec<(String, Vec<u8>)>) {
    files.push((format!("{name}.1"), manual::page(command, name, names).into_bytes()));
    for sub in command.get_subcommands().filter(|sub| !sub.is_hide_set()) {
        page(sub, &format!("{name}-{}", sub.get_name()), names, files);
    }
}

#[test]
fn manual_pages_are_up_to_date() {
    assert_up_to_date("man", &manual_pages());
}

/// Reads no file in man/, which another test may be writing.
#[test]
fn mandoc_accepts_manual_pages() {
    let folder = tempfile::tempdir().unwrap();
    let mut lint = std::process::Command::new("mandoc");
    lint.arg("-Tlint").current_dir(&folder);
    for (name, text) in manual_pages() {
        fs::write(folder.path().join(&name), text).unwrap();
        lint.arg(name);
    }
    match lint.output() {
        Err(_) => report_missing("mandoc", "the form of the manual pages"),
        Ok(read) => assert_eq!(String::from_utf8_lossy(&read.stdout), "", "mandoc -Tlint"),
    }
}

/// Compares one file, or writes it if requested.
fn assert_file_up_to_date(name: &str, expected: &str) {
    let mut found = fs::read_to_string(top().join(name)).unwrap_or_default();
    if found != expected && std::env::var_os("AZFOB_REFRESH").is_some() {
        replace(&top().join(name), expected.as_bytes());
        found = expected.to_owned();
    }
    assert!(found == *expected, "{name} is out of date: run AZFOB_REFRESH=1 cargo test freshness");
}

#[test]
fn errors_page_is_up_to_date() {
    assert_file_up_to_date("docs/errors.md", &errors::page());
}

/// The section is between two comments. The rest of the page is written by hand.
#[test]
fn the_section_on_exit_codes_is_fresh() {
    const PAGE: &str = "docs/troubleshooting.md";
    let page = fs::read_to_string(top().join(PAGE)).unwrap();
    let (before, rest) = page.split_once("<!-- exit codes: begin -->\n").expect("a begin comment");
    let (_, after) = rest.split_once("<!-- exit codes: end -->\n").expect("an end comment");
    let section = exit_codes::section();
    let expected = format!("{before}<!-- exit codes: begin -->\n{section}<!-- exit codes: end -->\n{after}");
    assert_file_up_to_date(PAGE, &expected);
}

#[test]
fn performance_chart_matches_its_table() {
    let mut chart = std::process::Command::new("python3");
    match chart.args(["-B", "tests/bench/chart.py", "--print"]).current_dir(top()).output() {
        Err(_) => report_missing("python3", "the chart of docs/performance.svg"),
        Ok(drawn) => {
            let chart = String::from_utf8(drawn.stdout).unwrap();
            assert!(drawn.status.success() && chart == fs::read_to_string(top().join("docs/performance.svg")).unwrap());
        }
    }
}

#[cfg(unix)]
#[test]
fn report_image_is_up_to_date() {
    assert_file_up_to_date("docs/diagnose.svg", &report_image::diagnose());
}

#[test]
fn readme_names_every_command() {
    let readme = fs::read_to_string(top().join("README.md")).unwrap();
    for command in command_line().get_subcommands().filter(|command| !command.is_hide_set()) {
        assert!(readme.contains(&format!("azfob {}", command.get_name())), "{}", command.get_name());
    }
}
