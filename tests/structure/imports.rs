//! Which file imports which other. A `pub use` of a child only passes a name on: it is an import only if the file uses
//! the name itself. A file that uses the passed name imports the file that defines it.

use std::collections::{BTreeMap, BTreeSet};

use super::source::{Import, Module, PROGRAM};

/// The paths by which the first file of a pair imports the second one.
pub type Imports = BTreeMap<(Module, Module), BTreeSet<String>>;

pub fn all() -> Imports {
    let mut imports = Imports::new();
    for (module, source) in PROGRAM.iter() {
        let passed_on = |path: &&Import| {
            path.is_public && path.name.as_ref().is_some_and(|name| !source.identifiers.contains(name))
        };
        for path in source.paths.iter().filter(|path| !passed_on(path)) {
            let target = resolve(module, &path.parts, 0).filter(|target| target != module && !target.is_empty());
            if let Some(target) = target {
                imports.entry((module.clone(), target)).or_default().insert(path.parts.join("::"));
            }
        }
    }
    imports
}

/// Returns the imports within and between cycles: files without imports and files that no file imports are removed
/// repeatedly.
pub fn cycles(mut imports: Imports) -> Imports {
    loop {
        let importing: BTreeSet<_> = imports.keys().map(|(from, _)| from.clone()).collect();
        let imported: BTreeSet<_> = imports.keys().map(|(_, to)| to.clone()).collect();
        let before = imports.len();
        imports.retain(|(from, to), _| imported.contains(from) && importing.contains(to));
        if imports.len() == before {
            return imports;
        }
    }
}

/// A line for each import: `args::get -> output::variables (super::…::Dialect)`.
pub fn lines(imports: &Imports) -> String {
    let line = |((from, to), paths): (&(Module, Module), &BTreeSet<String>)| {
        let paths: Vec<_> = paths.iter().map(String::as_str).collect();
        format!("{} -> {} ({})\n", from.join("::"), to.join("::"), paths.join(", "))
    };
    imports.iter().map(line).collect()
}

/// Returns the file that defines the name at the end of a path, or `None` outside the crate.
fn resolve(from: &Module, parts: &[String], depth: usize) -> Option<Module> {
    assert!(depth < 9, "{parts:?} leads nowhere");
    let mut module = from.clone();
    let mut rest = parts.iter().peekable();
    let is_child = |module: &Module, name: &str| PROGRAM.contains_key(&[&module[..], &[name.to_owned()]].concat());
    match parts.first()?.as_str() {
        "crate" => module.clear(),
        "super" | "self" => {}
        first if is_child(from, first) => {}
        _ => return None,
    }
    while let Some(word) = rest.next_if(|word| matches!(word.as_str(), "crate" | "super" | "self")) {
        if word == "super" {
            module.pop()?;
        }
    }
    while let Some(child) = rest.next_if(|name| is_child(&module, name)) {
        module.push(child.clone());
    }
    // The module passes the name on.
    let passed_on = rest.next().and_then(|name| {
        let mut paths = PROGRAM[&module].paths.iter();
        paths.find(|path| path.name.as_ref() == Some(name))
    });
    match passed_on.and_then(|path| resolve(&module, &path.parts, depth + 1)) {
        Some(definition) => Some(definition),
        None => Some(module),
    }
}
