//! The shape of src/ itself: files import in one direction, and what has one home stands nowhere else.

mod imports;
mod source;
mod variables;

use std::collections::BTreeMap;

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

#[test]
fn the_root_is_calm() {
    let loose = source::all().keys().filter(|module| module.len() == 1).count();
    let folders = source::folders();
    assert!(loose - folders <= 6, "{} files lie beside lib.rs and main.rs", loose - folders);
}

/// Every file of src/ that is part of the program, without its tests.
type Sources = BTreeMap<Module, Source>;
