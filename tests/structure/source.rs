//! Reads the files of src/ with `syn`, following the `mod` items from lib.rs and main.rs.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use syn::visit::{self, Visit};
use syn::{Attribute, ImplItemFn, ItemFn, ItemMod, ItemUse, LitStr, Macro, UseTree, VisRestricted, Visibility};

/// A file's module path: `["vault", "url"]` for src/vault/url.rs and for src/vault/url/mod.rs.
pub type Module = Vec<String>;

/// The program's files by module, without unit tests.
pub static PROGRAM: LazyLock<BTreeMap<Module, Source>> = LazyLock::new(|| {
    let files: BTreeMap<_, _> = FILES.values().flatten().cloned().collect();
    assert!(files.len() > 100, "{} files", files.len());
    files
});

/// Every file of a `mod` item. A file of unit tests has no contents.
pub static FILES: LazyLock<BTreeMap<PathBuf, Option<(Module, Source)>>> = LazyLock::new(|| {
    let mut files = BTreeMap::new();
    read(&root().join("lib.rs"), Vec::new(), false, &mut files);
    files.insert(root().join("main.rs"), None);
    files
});

/// The names that a file uses.
#[derive(Clone, Default)]
pub struct Source {
    /// Paths in code and, a path for each name, in `use` items.
    pub paths: Vec<Import>,
    /// Identifiers outside `use` items.
    pub identifiers: BTreeSet<String>,
    /// String literals.
    pub strings: BTreeSet<String>,
    modules: Vec<(String, bool)>,
    /// The number of nested modules around the visited item: as many `super` lead only to the file itself.
    depth: usize,
}

/// A path such as `["super", "url", "VaultUrl"]`.
#[derive(Clone)]
pub struct Import {
    pub parts: Vec<String>,
    /// The name that a `use` item gives it.
    pub name: Option<String>,
    /// True for a `pub use`.
    pub is_public: bool,
}

pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

fn read(file: &Path, module: Module, is_test: bool, files: &mut BTreeMap<PathBuf, Option<(Module, Source)>>) {
    let text = fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    let mut source = Source::default();
    source.visit_file(&syn::parse_file(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display())));
    let folder = match file.file_stem().and_then(|stem| stem.to_str()) {
        Some("lib" | "mod") => file.parent().expect("a folder").to_owned(),
        _ => file.with_extension(""),
    };
    for (name, of_tests) in &source.modules {
        let [beside, below] = [folder.join(format!("{name}.rs")), folder.join(name).join("mod.rs")];
        let path = if beside.exists() { beside } else { below };
        read(&path, [&module[..], std::slice::from_ref(name)].concat(), is_test || *of_tests, files);
    }
    files.insert(file.to_owned(), (!is_test).then_some((module, source)));
}

fn is_test(attributes: &[Attribute]) -> bool {
    let mut conditions = attributes.iter().filter_map(|attribute| attribute.meta.require_list().ok());
    conditions.any(|list| {
        let condition = list.tokens.to_string();
        list.path.is_ident("cfg") && (condition == "test" || condition.starts_with("all (test"))
    })
}

impl<'ast> Visit<'ast> for Source {
    fn visit_item_fn(&mut self, item: &'ast ItemFn) {
        if !is_test(&item.attrs) {
            visit::visit_item_fn(self, item);
        }
    }

    fn visit_item_mod(&mut self, item: &'ast ItemMod) {
        let is_test = is_test(&item.attrs);
        if item.content.is_none() {
            self.modules.push((item.ident.to_string(), is_test));
        } else if !is_test {
            self.depth += 1;
            visit::visit_item_mod(self, item);
            self.depth -= 1;
        }
    }

    fn visit_impl_item_fn(&mut self, item: &'ast ImplItemFn) {
        if !is_test(&item.attrs) {
            visit::visit_impl_item_fn(self, item);
        }
    }

    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        let is_public = !matches!(item.vis, Visibility::Inherited);
        self.add_names(&item.tree, &[], is_public);
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        self.add_path(path.segments.iter().map(|segment| segment.ident.to_string()).collect());
        visit::visit_path(self, path);
    }

    /// Finds paths in a macro's arguments, which are only tokens.
    fn visit_macro(&mut self, item: &'ast Macro) {
        visit::visit_macro(self, item);
        let text = item.tokens.to_string().replace(" :: ", "::");
        let is_part = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
        for path in text.split(|c| !is_part(c)).filter(|path| !path.starts_with(':')) {
            let parts: Vec<_> = path.split("::").map(str::to_owned).collect();
            self.identifiers.extend(parts.iter().cloned());
            self.add_path(parts);
        }
        self.strings.extend(text.split('"').map(str::to_owned));
    }

    fn visit_ident(&mut self, name: &'ast syn::Ident) {
        self.identifiers.insert(name.to_string());
    }

    fn visit_lit_str(&mut self, text: &'ast LitStr) {
        self.strings.insert(text.value());
    }

    /// Ignores the path of `pub(in crate::x)`, which uses nothing.
    fn visit_vis_restricted(&mut self, _: &'ast VisRestricted) {}

    /// Ignores attributes and documentation.
    fn visit_attribute(&mut self, _: &'ast Attribute) {}
}

impl Source {
    fn add(&mut self, mut parts: Vec<String>, name: Option<String>, is_public: bool) {
        let inner = parts.iter().take(self.depth).take_while(|part| *part == "super").count();
        parts.drain(..inner);
        if !parts.is_empty() {
            self.paths.push(Import { parts, name, is_public });
        }
    }

    fn add_path(&mut self, parts: Vec<String>) {
        if parts.len() > 1 {
            self.add(parts, None, false);
        }
    }

    fn add_names(&mut self, tree: &UseTree, before: &[String], is_public: bool) {
        let with = |name: &syn::Ident| [before, &[name.to_string()]].concat();
        let (parts, name) = match tree {
            UseTree::Path(path) => return self.add_names(&path.tree, &with(&path.ident), is_public),
            UseTree::Group(group) => {
                return group.items.iter().for_each(|tree| self.add_names(tree, before, is_public));
            }
            UseTree::Name(name) if name.ident == "self" => (before.to_vec(), before.last().cloned()),
            UseTree::Name(name) => (with(&name.ident), Some(name.ident.to_string())),
            UseTree::Rename(name) => (with(&name.ident), Some(name.rename.to_string())),
            UseTree::Glob(_) => (before.to_vec(), None),
        };
        self.add(parts, name, is_public);
    }
}
