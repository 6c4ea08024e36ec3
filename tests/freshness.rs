//! What is checked in equals what the program generates: man/ and the tables of the README.
//!
//! `AZFOB_REFRESH=1 cargo test freshness` writes the files anew.

mod manual;

use std::fs;
use std::path::{Path, PathBuf};

use azfob::door::{DOCUMENTED, command_line};
use clap::Command;

fn top() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Compares each file with what it should hold, or writes it where that was asked for; knows no file in the folder
/// that is not generated.
fn is_fresh(folder: &str, files: &[(String, Vec<u8>)]) {
    let folder = top().join(folder);
    if std::env::var_os("AZFOB_REFRESH").is_some() {
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        files.iter().for_each(|(name, bytes)| fs::write(folder.join(name), bytes).unwrap());
    }
    for (name, expected) in files {
        let found = fs::read(folder.join(name)).unwrap_or_default();
        assert!(found == *expected, "{name} is stale: run AZFOB_REFRESH=1 cargo test freshness");
    }
    let mut found: Vec<_> =
        fs::read_dir(&folder).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    let mut known: Vec<_> = files.iter().map(|(name, _)| name.clone()).collect();
    found.sort();
    known.sort();
    assert_eq!(found, known);
}

#[test]
fn manual_pages_are_fresh() {
    let mut files = Vec::new();
    let mut command = command_line();
    command.build();
    let shown = command.get_subcommands().filter(|sub| !sub.is_hide_set());
    let subs = shown.map(|sub| format!("azfob-{}", sub.get_name()));
    let names: Vec<_> = std::iter::once("azfob".to_owned()).chain(subs).collect();
    page(&command, "azfob", &names, &mut files);
    is_fresh("man", &files);
}

fn page(command: &Command, name: &str, names: &[String], files: &mut Vec<(String, Vec<u8>)>) {
    files.push((format!("{name}.1"), manual::page(command, name, names).into_bytes()));
    for sub in command.get_subcommands().filter(|sub| !sub.is_hide_set()) {
        page(sub, &format!("{name}-{}", sub.get_name()), names, files);
    }
}

/// Where mandoc is not installed that is told, and nothing more.
#[test]
#[allow(clippy::print_stderr, reason = "who reads the test's output learns what was not tried")]
fn manual_pages_are_read_without_a_complaint() {
    let mut pages: Vec<_> = fs::read_dir(top().join("man")).unwrap().map(|entry| entry.unwrap().path()).collect();
    pages.sort();
    match std::process::Command::new("mandoc").arg("-Tlint").args(&pages).output() {
        Err(_) => eprintln!("mandoc is not installed: the manual pages were not read by it"),
        Ok(read) => assert_eq!(String::from_utf8_lossy(&read.stdout), "", "mandoc -Tlint"),
    }
}

#[test]
fn the_readme_has_the_error_table_and_names_every_command() {
    let mut readme = fs::read_to_string(Path::new(&top()).join("README.md")).unwrap();
    readme += &fs::read_to_string(Path::new(&top()).join("README.pipes.md")).unwrap_or_default();
    for row in DOCUMENTED {
        let line = format!("| {} | {} | {} |", row.error, row.cause, row.fix);
        assert!(readme.contains(&line), "{line}");
    }
    for command in command_line().get_subcommands().filter(|command| !command.is_hide_set()) {
        assert!(readme.contains(&format!("azfob {}", command.get_name())), "{}", command.get_name());
    }
}
