//! The structure of src/: imports have one direction, every file is compiled, and a variable's name is written once.

mod imports;
mod source;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use azfob::testing::VARIABLES;
use imports::Imports;
use source::{FILES, PROGRAM};

/// The top level of src/, from the lowest to the highest: each module imports only itself and modules before it.
const ORDER: &[&str] = &[
    "env",
    "redact",
    "time",
    "background",
    "bounded_file",
    "certificate",
    "host",
    "http",
    "process",
    "kubernetes",
    "token",
    "entra",
    "vault",
    "azure_resource_manager",
    "sandbox",
    "credential",
    "error",
    "args",
    "settings",
    "diagnosis",
    "output",
    "fetch",
    "command",
    "testing",
];

#[test]
fn imports_have_no_cycle() {
    let cycles = imports::cycles(imports::all());
    assert!(cycles.is_empty(), "imports in a cycle:\n{}", imports::lines(&cycles));
}

#[test]
fn top_level_modules_import_only_lower_ones() {
    let level = |name: &String| ORDER.iter().position(|known| known == name);
    let names: BTreeSet<_> = PROGRAM.keys().filter_map(|module| module.first()).collect();
    let unlisted: Vec<_> = names.iter().filter(|name| level(name).is_none()).collect();
    assert!(unlisted.is_empty(), "not in ORDER: {unlisted:?}");

    // lib.rs is above all of them.
    let upward = imports_between_top_level_modules(|from, to| level(from) < level(to));
    assert!(upward.is_empty(), "upward imports:\n{}", imports::lines(&upward));
}

/// The sandbox shares no code with the client that it tests.
#[test]
fn sandbox_imports_only_env() {
    let others = imports_between_top_level_modules(|from, to| from == "sandbox" && to != "env");
    assert!(others.is_empty(), "the sandbox imports:\n{}", imports::lines(&others));
}

/// Returns the imports between top-level modules that meet a condition.
fn imports_between_top_level_modules(condition: impl Fn(&String, &String) -> bool) -> Imports {
    let mut imports = imports::all();
    imports.retain(|(from, to), _| from.first().is_some_and(|from| *from != to[0] && condition(from, &to[0])));
    imports
}

#[test]
fn every_file_is_compiled() {
    let unused: Vec<_> = rust_files(&source::root()).into_iter().filter(|file| !FILES.contains_key(file)).collect();
    assert!(unused.is_empty(), "{unused:?}");
}

#[test]
fn few_files_are_at_top_level() {
    let files = fs::read_dir(source::root()).unwrap().filter(|entry| entry.as_ref().unwrap().path().is_file());
    assert!(files.count() <= 8);
}

#[test]
fn variable_names_are_written_only_in_env() {
    // PATH is also a name in a report and in the help of options.
    let names: BTreeSet<_> = VARIABLES.iter().map(|variable| variable.name).filter(|name| *name != "PATH").collect();
    let found: Vec<_> = PROGRAM
        .iter()
        .filter(|(module, _)| module.first().is_none_or(|first| first != "env"))
        .flat_map(|(module, source)| source.strings.iter().map(move |text| (module.join("::"), text)))
        .filter(|(_, text)| names.contains(text.as_str()))
        .collect();
    assert!(found.is_empty(), "use the constants of env: {found:?}");
}

/// The crate is not a library: it exports `run` and `Env` to main.rs, and `testing` to the tests and fuzzers.
#[test]
fn crate_exports_only_used_names() {
    let library = fs::read_to_string(source::root().join("lib.rs")).unwrap();
    let exported: Vec<_> = library.lines().filter_map(|line| line.strip_prefix("pub ")).collect();
    let is_known =
        |item: &&str| ["mod testing;", "use env::Env;", "fn run("].iter().any(|known| item.starts_with(known));
    assert!(exported.len() == 3 && exported.iter().all(is_known), "{exported:?}");

    let testing = source::root().join("testing.rs");
    let functions = fs::read_to_string(&testing).unwrap();
    let functions = functions.lines().filter_map(|line| line.strip_prefix("pub fn ")?.split(['(', '<']).next());
    let paths = PROGRAM[&["testing".to_owned()][..]].paths.iter();
    let names = paths.filter(|path| path.is_public).filter_map(|path| path.name.as_deref());
    let names: BTreeSet<_> = names.chain(functions).collect();
    assert!(names.len() > 50, "{names:?}");
    let tests = rust_files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests"));
    let tests: String = tests.iter().map(|file| fs::read_to_string(file).unwrap()).collect();
    let used: BTreeSet<_> = tests.split(|c: char| !(c.is_alphanumeric() || c == '_')).collect();
    let unused: Vec<_> = names.difference(&used).collect();
    assert!(unused.is_empty(), "no test uses {unused:?} of src/testing.rs");
}

/// Returns every Rust file below a folder.
fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let files = paths.filter(|path| !path.ends_with("target")).flat_map(|path| match path.is_dir() {
        true => rust_files(&path),
        false => vec![path],
    });
    files.filter(|path| path.extension().is_some_and(|extension| extension == "rs")).collect()
}
