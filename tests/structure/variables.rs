//! The names of environment variables have one home.

use azfob::testing::VARIABLES;

use super::source;

#[test]
fn a_variables_name_stands_in_the_table_alone() {
    // PATH is also what a report calls it, and what an option calls a file.
    let known: Vec<_> = VARIABLES.iter().map(|v| v.name).filter(|name| *name != "PATH").collect();
    let is_name = |word: &String| known.iter().any(|name| *word == format!("\"{name}\""));
    let found: Vec<_> = source::all()
        .iter()
        .filter(|(module, _)| module.first().is_none_or(|first| first != "env"))
        .flat_map(|(module, source)| {
            source.0.iter().filter(|word| is_name(word)).map(move |word| format!("{module:?}: {word}"))
        })
        .collect();
    assert!(found.is_empty(), "take the constants of env:\n{}", found.join("\n"));
}
