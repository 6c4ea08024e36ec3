//! Which file uses what of which other. A module's own `pub use` of its children hands names on without using them, so
//! that it counts only where the file names them again; whoever uses the name uses the file that defines it.

use std::collections::{BTreeMap, BTreeSet};

use super::{Module, Sources};

/// A path as it is written, `["super", "url", "VaultUrl"]`, with the name that it is known by.
struct Path {
    parts: Vec<String>,
    name: String,
    is_handed_on: bool,
}

/// The files that each file uses, with the paths by which it does.
pub struct Imports(BTreeMap<Module, BTreeMap<Module, BTreeSet<String>>>);

impl Imports {
    pub fn new(sources: &Sources) -> Self {
        let paths: BTreeMap<&Module, Vec<Path>> =
            sources.keys().map(|module| (module, paths(module, sources))).collect();
        let mut imports = BTreeMap::new();
        for (module, found) in &paths {
            let used: &mut BTreeMap<Module, BTreeSet<String>> = imports.entry((*module).clone()).or_default();
            for path in found.iter().filter(|path| !path.is_handed_on) {
                let Some(target) = resolve(module, &path.parts, &paths, 0) else { continue };
                if target != **module && !target.is_empty() {
                    used.entry(target).or_default().insert(path.parts.join("::"));
                }
            }
        }
        Imports(imports)
    }

    /// Each circle as a line: `a -> b (super::b::B) -> a (super::A)`; of the circles through one file the shortest.
    pub fn circles(&self) -> Vec<String> {
        let mut told: BTreeSet<&Module> = BTreeSet::new();
        let mut lines = Vec::new();
        for start in self.0.keys() {
            let Some(circle) = self.way_back(start).filter(|way| !way.iter().any(|module| told.contains(module)))
            else {
                continue;
            };
            told.extend(circle.iter().copied());
            let mut line = circle[0].join("::");
            for (from, to) in circle.iter().zip(circle.iter().cycle().skip(1)) {
                let by = self.0[*from][*to].iter().cloned().collect::<Vec<_>>().join(", ");
                line += &format!(" -> {} ({by})", to.join("::"));
            }
            lines.push(line);
        }
        lines
    }

    /// The shortest way from a file to itself.
    fn way_back<'a>(&'a self, start: &'a Module) -> Option<Vec<&'a Module>> {
        let mut ways = vec![vec![start]];
        let mut seen = BTreeSet::new();
        while !ways.is_empty() {
            let mut longer = Vec::new();
            for way in ways {
                for next in self.0.get(way[way.len() - 1]).into_iter().flat_map(BTreeMap::keys) {
                    if next == start {
                        return Some(way);
                    }
                    if seen.insert(next) {
                        longer.push([&way[..], &[next]].concat());
                    }
                }
            }
            ways = longer;
        }
        None
    }
}

/// Every path of a file that can lead to another one.
fn paths(module: &Module, sources: &Sources) -> Vec<Path> {
    let words = &sources[module].0;
    let mut found = Vec::new();
    let mut body: BTreeSet<&str> = BTreeSet::new();
    let mut at = 0;
    while at < words.len() {
        if words[at] == "use" {
            let end = at + words[at..].iter().position(|word| word == ";").expect("a use ends");
            let is_public = at > 0 && (words[at - 1] == "pub" || words[at - 1] == ")");
            tree(&words[at + 1..end], &[], is_public, &mut found);
            at = end + 1;
        } else {
            let end = path_end(words, at);
            // `pub(in crate::x)` names a place without using it.
            let is_place = at > 1 && words[at - 1] == "in" && words[at - 2] == "(";
            let begins = at == 0 || !is_place && !matches!(words[at - 1].as_str(), "::" | ".");
            if end > at && begins {
                let parts: Vec<_> = words[at..=end].iter().step_by(2).cloned().collect();
                found.push(Path { name: String::new(), is_handed_on: false, parts });
            }
            body.insert(&words[at]);
            at += 1;
        }
    }
    for path in &mut found {
        path.is_handed_on = path.is_handed_on && !body.contains(path.name.as_str());
    }
    found.retain(|path| {
        let first = path.parts[0].as_str();
        matches!(first, "crate" | "super" | "self")
            || sources.contains_key(&[&module[..], &[first.to_owned()]].concat())
    });
    found
}

/// Where the path ends that begins at a word: at the word itself where it is none.
fn path_end(words: &[String], at: usize) -> usize {
    let is_name = |place: usize| {
        words.get(place).and_then(|word| word.chars().next()).is_some_and(|c| c.is_alphabetic() || c == '_')
    };
    let mut end = at;
    while is_name(end) && words.get(end + 1).is_some_and(|word| word == "::") && is_name(end + 2) {
        end += 2;
    }
    end
}

/// The paths of a use tree.
fn tree(words: &[String], before: &[String], is_public: bool, found: &mut Vec<Path>) {
    let mut depth = 0;
    let branches = words.split(|word| {
        depth += i32::from(word == "{") - i32::from(word == "}");
        word == "," && depth == 0
    });
    for branch in branches.filter(|branch| !branch.is_empty()) {
        let names = branch.iter().take_while(|word| !matches!(word.as_str(), "{" | "as" | "*"));
        let parts: Vec<String> = before.iter().chain(names.filter(|word| *word != "::")).cloned().collect();
        match branch.iter().position(|word| word == "{") {
            Some(open) => tree(&branch[open + 1..branch.len() - 1], &parts, is_public, found),
            None => {
                let name = branch[branch.len() - 1].clone();
                found.push(Path { parts, name, is_handed_on: is_public });
            }
        }
    }
}

/// The file that defines what a path names.
fn resolve(from: &Module, parts: &[String], paths: &BTreeMap<&Module, Vec<Path>>, depth: usize) -> Option<Module> {
    assert!(depth < 9, "{parts:?} leads nowhere");
    let mut at = from.clone();
    let mut rest = parts;
    if rest[0] == "crate" {
        at.clear();
        rest = &rest[1..];
    }
    while rest.first().is_some_and(|word| word == "super" || word == "self") {
        if rest[0] == "super" {
            at.pop()?;
        }
        rest = &rest[1..];
    }
    while let Some(first) = rest.first() {
        let deeper = [&at[..], std::slice::from_ref(first)].concat();
        if !paths.contains_key(&deeper) {
            break;
        }
        at = deeper;
        rest = &rest[1..];
    }
    // A name that the module only hands on.
    if let (Some(name), Some(found)) = (rest.first(), paths.get(&at))
        && let Some(path) =
            found.iter().find(|path| path.name == *name && path.parts.last() != Some(&String::from("self")))
    {
        return resolve(&at, &path.parts, paths, depth + 1);
    }
    Some(at)
}
