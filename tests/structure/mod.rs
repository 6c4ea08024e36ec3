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
    let imports = Imports::of(&sources);
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

/// Every file of src/ that is part of the program, without its tests.
type Sources = BTreeMap<Module, Source>;
