//! The shape of src/ itself: files import in one direction, and what has one home stands nowhere else.

mod imports;
mod source;
mod variables;

use std::collections::BTreeMap;
use std::fs;

use imports::Imports;
use source::Source;

/// A file's place among the modules: `["vault", "url"]` for src/vault/url.rs and for src/vault/url/mod.rs.
type Module = Vec<String>;

#[test]
fn no_file_imports_one_that_imports_it() {
    let sources = source::all();
    let imports = Imports::new(&sources);
    let circles = imports.circles();
    assert!(circles.is_empty(), "files that import each other in a circle:\n{}", circles.join("\n"));
}

/// A file that no module names is not compiled, and nobody says so.
#[test]
fn every_file_is_part_of_the_program() {
    let stray: Vec<_> = source::files()
        .into_iter()
        .filter(|file| {
            let name = file.file_stem().expect("a name").to_str().expect("text");
            let folder = file.parent().expect("a folder");
            let (parent, name) = match name {
                "lib" | "main" => return false,
                // A folder's own file is named beside the folder.
                "mod" => {
                    (folder.parent().expect("a folder"), folder.file_name().expect("a name").to_str().expect("text"))
                }
                name => (folder, name),
            };
            let declared = format!("mod {name};");
            let names_it =
                |file: &str| fs::read_to_string(parent.join(file)).is_ok_and(|text| text.contains(&declared));
            !names_it("mod.rs") && !names_it("lib.rs")
        })
        .collect();
    assert!(stray.is_empty(), "{stray:?}");
}

#[test]
fn the_root_is_calm() {
    let loose = source::all().keys().filter(|module| module.len() == 1).count();
    let folders = source::folders();
    assert!(loose - folders <= 6, "{} files lie beside lib.rs and main.rs", loose - folders);
}

/// azfob is a program: its crate shows what main uses, and the door what the tests and the fuzzers use.
#[test]
fn the_crate_shows_nothing_that_nobody_uses() {
    let top = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let library = fs::read_to_string(top.join("src/lib.rs")).expect("the library");
    let shown: Vec<_> = library.lines().filter_map(|line| line.strip_prefix("pub ")).collect();
    assert_eq!(shown.len(), 3, "{shown:?}");
    assert!(
        shown
            .iter()
            .all(|item| ["mod testing;", "use env::Env;", "fn run("].iter().any(|known| item.starts_with(known)))
    );

    let door = fs::read_to_string(top.join("src/testing.rs")).expect("the door");
    let is_part = |letter: char| letter.is_alphanumeric() || letter == '_';
    let words = |text: &str| text.split(|c: char| !is_part(c)).map(str::to_owned).collect::<Vec<_>>();
    let used: std::collections::BTreeSet<_> = tests(&top.join("tests")).iter().flat_map(|text| words(text)).collect();
    let mut names = Vec::new();
    for (_, tree) in door.split(';').filter_map(handed_on) {
        names.extend(words(tree).into_iter().filter(|word| !word.is_empty()));
    }
    names.extend(door.lines().filter_map(|line| line.strip_prefix("pub fn ")).map(|rest| words(rest).remove(0)));
    assert!(names.len() > 50, "{names:?}");
    let idle: Vec<_> = names.iter().filter(|name| !used.contains(*name)).collect();
    assert!(idle.is_empty(), "src/testing.rs shows what no test uses: {idle:?}");
}

/// The path and the names of a `pub use`, which `text` ends with.
fn handed_on(text: &str) -> Option<(&str, &str)> {
    let (_, path) = text.rsplit_once("pub use ")?;
    let path = path.trim_end_matches('}');
    path.split_once('{').or_else(|| path.rsplit_once("::"))
}

/// The text of every Rust file below a folder.
fn tests(folder: &std::path::Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    let files = entries.flat_map(|path| match path.is_dir() {
        true if path.ends_with("target") => Vec::new(),
        true => tests(&path),
        false if path.extension().is_some_and(|ending| ending == "rs") => vec![fs::read_to_string(path).expect("text")],
        false => Vec::new(),
    });
    files.collect()
}

/// Every file of src/ that is part of the program, without its tests.
type Sources = BTreeMap<Module, Source>;
