//! What is checked in equals what the program generates: man/ and the tables of the README.
//!
//! `AZFOB_REFRESH=1 cargo test freshness` writes the files anew.

use std::fs;
use std::path::{Path, PathBuf};

use azfob::door::{DOCUMENTED, Purpose, VARIABLES, command_line};
use clap::Command;
use roff::{Roff, bold, roman};

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
    page(&command, "azfob", &mut files);
    is_fresh("man", &files);
}

fn page(command: &Command, name: &str, files: &mut Vec<(String, Vec<u8>)>) {
    let mut text = Vec::new();
    let named = command.clone().display_name(name.to_owned());
    clap_mangen::Man::new(named).source("azfob").manual("azfob manual").render(&mut text).unwrap();
    if name == "azfob" {
        let end = text.windows(10).position(|part| part == b"\n.SH EXTRA").expect("the exit codes come last") + 1;
        text.splice(end..end, environment().into_bytes());
    }
    files.push((format!("{name}.1"), text));
    for sub in command.get_subcommands().filter(|sub| !sub.is_hide_set()) {
        page(sub, &format!("{name}-{}", sub.get_name()), files);
    }
}

/// What azfob reads of its environment.
fn environment() -> String {
    let mut page = Roff::new();
    page.control("SH", ["ENVIRONMENT"]);
    page.text([roman("A variable that is set to nothing counts as unset. An option comes before its variable.")]);
    for purpose in Purpose::ALL {
        page.control("SS", [purpose.heading()]);
        for variable in VARIABLES.iter().filter(|variable| variable.purpose == purpose) {
            page.control("TP", []).text([bold(variable.name)]).text([roman(variable.meaning)]);
        }
    }
    page.to_roff()
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
